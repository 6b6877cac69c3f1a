"""Overlays: rows that hold only for documents of some nations, and how the nation of a document is found out.

A document is of the nations of what it names: the facility (of a record, an event, an assessment, a product's making), the
subject (country of production, the party a certificate is issued to, the registered party), or its issuer; an overlay says
which of them count. Where the document itself gives no country, what other documents of the run say of the same identifier
is taken, unless they disagree. A single nation of the overlay among them is enough for it to hold. It does not hold where
everything that counts is of other nations. In all other cases nobody can tell, and its rows say so: *inconclusive*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.judge import DocumentJudge
from assay.harness.material import UNTP_KINDS, Credential, Document, Kind
from assay.harness.results import Finding, Outcome, RequirementResult
from assay.harness.row_verdicts import MAXIMUM_FINDINGS
from assay.harness.rulebook import Overlay, Rulebook
from assay.profiles.catalogue import Requirement

__all__ = ["Atlas", "Holding", "OverlaidJudge", "Scope"]

_EVENT_PLACES = ("madeAtFacility", "fromFacility", "toFacility", "modifiedAtFacility", "bizLocation")
_CODE = 2
"""Letters of a country code; anything else is no statement."""


def _code(value: Any) -> str | None:
    """A country code, as 0.7 (an object) or 0.6 (a bare code) writes it."""
    code = text(member(value, "countryCode") if isinstance(value, dict) else value)
    return code.upper() if code is not None and len(code) == _CODE and code.isalpha() else None


def _codes(value: Any, *keys: str) -> frozenset[str]:
    """The countries that an object states for itself: directly, and in its address."""
    found = [_code(member(value, key)) for key in keys]
    found += [_code(member(value, key, "addressCountry")) for key in ("address", "partyAddress")]
    return frozenset(code for code in found if code is not None)


def _facility_codes(value: Any) -> frozenset[str]:
    return _codes(value, "countryOfOperation")


def _party_codes(value: Any) -> frozenset[str]:
    return _codes(value, "registrationCountry")


@dataclass(frozen=True, slots=True)
class _Named:
    """Something that a document names: what it is, its identifiers, and the countries that the document gives it."""

    what: str
    ids: tuple[str, ...]
    stated: frozenset[str] = frozenset()


def _named(what: str, value: Any, stated: frozenset[str]) -> _Named:
    name = identifier(value)
    return _Named(what, (name,) if name else (), stated)


def _subjects(document: Document) -> list[dict[str, Any]]:
    subject = member(document.value, "credentialSubject")
    return [value for _, value in members({"s": subject}, "s")]


def _facilities(document: Document) -> Iterator[_Named]:
    for subject in _subjects(document):
        if document.kind is Kind.DPP:
            product = subject.get("product", subject)
            place = member(product, "producedAtFacility")
            made_in = _code(member(product, "countryOfProduction"))
            stated = _facility_codes(place) | ({made_in} if made_in else frozenset())
            if place is not None or made_in:
                yield _named("place of production", place, stated)
        elif document.kind is Kind.DFR:
            facility = subject.get("facility", subject)
            yield _named("facility", facility, _facility_codes(facility))
        elif document.kind is Kind.DTE:
            for key in _EVENT_PLACES:
                if key in subject:
                    yield _named("facility", subject[key], _facility_codes(subject[key]))
        elif document.kind is Kind.DCC:
            for key in ("conformityAssessment", "assessment"):
                for _, assessment in members(subject, key):
                    for _, entry in members(assessment, "assessedFacility"):
                        place = entry.get("facility")
                        yield _named("assessed facility", place, _facility_codes(place))


def _about(document: Document) -> Iterator[_Named]:
    for subject in _subjects(document):
        if document.kind is Kind.DPP:
            product = subject.get("product", subject)
            code = _code(member(product, "countryOfProduction"))
            place = identifier(member(product, "producedAtFacility"))
            ids = tuple(one for one in (identifier(product), place) if one)
            yield _Named("product", ids, frozenset({code} if code else ()))
        elif document.kind is Kind.DFR:
            facility = subject.get("facility", subject)
            yield _named("facility", facility, _facility_codes(facility))
        elif document.kind is Kind.DCC:
            party = subject.get("issuedToParty")
            yield _named("party that it is issued to", party, _party_codes(party))
        elif document.kind is Kind.DIA:
            yield _named("registered party", subject, _party_codes(subject))


def _issuer(document: Document) -> Iterator[_Named]:
    issuer = member(document.value, "issuer")
    if not isinstance(document, Credential) or issuer is None:
        return
    aliases = [value for _, value in members(issuer, "issuerAlsoKnownAs")] if isinstance(issuer, dict) else []
    ids = [identifier(value) for value in (issuer, *aliases)]
    stated = frozenset[str]().union(*(_party_codes(value) for value in (issuer, *aliases)))
    yield _Named("issuer", tuple(one for one in ids if one), stated)


_FACETS: Mapping[str, Callable[[Document], Iterator[_Named]]] = {
    "facility": _facilities,
    "subject": _about,
    "issuer": _issuer,
}


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether an overlay holds for a document (None: cannot be told), and why."""

    holds: bool | None
    why: str


class Atlas:
    """Countries by identifier of facility, product or party, as the documents of a run state them."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._known: dict[str, set[str]] = {}
        for document in documents:
            if document.kind not in UNTP_KINDS:
                continue
            for named in (*_facilities(document), *_about(document), *_issuer(document)):
                self._learn(named.ids, named.stated)
            for subject in _subjects(document):
                for holder in (subject, subject.get("product"), subject.get("facility")):
                    for _, role in members(holder, "relatedParty"):
                        party = role.get("party")
                        name = identifier(party)
                        self._learn((name,) if name else (), _party_codes(party))

    def _learn(self, ids: Iterable[str], codes: Iterable[str]) -> None:
        found = tuple(codes)
        for name in ids if found else ():
            self._known.setdefault(name, set()).update(found)

    def holding(self, document: Document, overlay: Overlay) -> Holding:
        """Whether an overlay holds for a document."""
        if document.kind not in UNTP_KINDS and "issuer" not in overlay.nation_of:
            return Holding(
                None, f"no {' or '.join(overlay.nation_of)} with a nation is named in a {document.kind.value}"
            )
        elsewhere: set[str] = set()
        unknown: list[str] = []
        things = [named for facet in overlay.nation_of for named in _FACETS[facet](document)]
        for named in things:
            codes, doubt = self._codes(named)
            if not codes:
                unknown.append(doubt)
            for code in sorted(codes & overlay.nations):
                return Holding(True, f"{named.what} in {code}")
            elsewhere |= codes
        if not things:
            return Holding(None, f"no {' or '.join(overlay.nation_of)} is named")
        if unknown:
            return Holding(None, unknown[0])
        return Holding(False, f"of {', '.join(sorted(elsewhere))}")

    def _codes(self, named: _Named) -> tuple[frozenset[str], str]:
        """Countries of something, or why there are none: its document says none, and others none or several."""
        if named.stated:
            return named.stated, ""
        known = [self._known[name] for name in named.ids if name in self._known]
        codes = frozenset[str]().union(*known)
        if len(codes) > 1:
            return (
                frozenset(),
                f"documents disagree on the country of the {named.what}: {', '.join(sorted(codes))}",
            )
        return codes, f"no document says in which country the {named.what} is"


@dataclass
class OverlaidJudge:
    """Judges documents, sets and endpoints by a rulebook with overlays: each by the rows that hold for it.

    Where an overlay holds, a row that it adopts stands in place of the row as the other profile states it.
    """

    book: Rulebook
    _documents: Sequence[Document] = ()
    _atlas: Atlas = field(default_factory=lambda: Atlas(()))
    _judges: dict[frozenset[str], DocumentJudge] = field(default_factory=dict)
    _asked: dict[tuple[frozenset[str], Kind], tuple[Requirement, ...]] = field(default_factory=dict)

    def meet(self, documents: Sequence[Document]) -> None:
        """The documents of the run, before any of them is judged."""
        self._documents = documents
        self._atlas = Atlas(documents)

    def judge(self, document: Document) -> list[RequirementResult]:
        """As :meth:`DocumentJudge.judge`, with the rows of every overlay: judged, not applicable, or inconclusive."""
        holdings = {name: self._atlas.holding(document, one) for name, one in self.book.overlays.items()}
        held = frozenset(name for name, one in holdings.items() if one.holds)
        results = [self._told(result, holdings) for result in self._judge(held).judge(document)]
        results += self._displaced(document, held)
        for name, holding in holdings.items():
            if holding.holds is None:
                rows = self._judge(frozenset({name})).judge(document)
                results += [self._undecided(row, holding) for row in rows if row.requirement.profile == name]
            elif not holding.holds:
                note = f"{self._label(name)}; the document is {holding.why}"
                results += [
                    RequirementResult(row, Outcome.NOT_APPLICABLE, basis=row.basis, note=note)
                    for row in self._rows(frozenset({name}), document.kind)
                    if row.profile == name
                ]
        return results

    def _judge(self, held: frozenset[str]) -> DocumentJudge:
        known = self._judges.get(held)
        if known is None:
            away = {key for name in held for key in self._replaced[name]}
            rows = {
                key: row
                for key, row in self.book.requirements.items()
                if key not in away and (row.profile not in self.book.overlays or row.profile in held)
            }
            known = self._judges[held] = DocumentJudge(rows, self.book.checks)
        return known

    def _rows(self, held: frozenset[str], kind: Kind) -> tuple[Requirement, ...]:
        known = self._asked.get((held, kind))
        if known is None:
            known = self._asked[held, kind] = self._judge(held).rows(kind)
        return known

    @cached_property
    def _replaced(self) -> dict[str, frozenset[str]]:
        """By overlay: keys of the rows that it states anew."""
        return {name: self._stated_anew(name) for name in self.book.overlays}

    def _stated_anew(self, overlay: str) -> frozenset[str]:
        anew = {
            (row.id, row.adopted_from) for row in self.book.requirements.values() if row.profile == overlay
        }
        return frozenset(
            key
            for key, row in self.book.requirements.items()
            if row.profile not in self.book.overlays and (row.id, row.profile) in anew
        )

    def _displaced(self, document: Document, held: frozenset[str]) -> Iterator[RequirementResult]:
        for name in sorted(held):
            replaced = self._replaced[name]
            for row in self._rows(frozenset(), document.kind) if replaced else ():
                if row.key in replaced:
                    note = f"{self._label(name)}, and states this row anew"
                    yield RequirementResult(row, Outcome.NOT_APPLICABLE, basis=row.basis, note=note)

    def _label(self, name: str) -> str:
        return f"overlay {name} holds for {', '.join(sorted(self.book.overlays[name].nations))}"

    def _told(self, result: RequirementResult, holdings: Mapping[str, Holding]) -> RequirementResult:
        """A result of an overlay's row, with what it holds by."""
        name = result.requirement.profile
        if name not in holdings:
            return result
        why = f"{self._label(name)}: {holdings[name].why}"
        return replace(result, note=f"{why}; {result.note}" if result.note else why)

    def _undecided(self, result: RequirementResult, holding: Holding) -> RequirementResult:
        """What nobody can hold against a document, nor say that it passes."""
        if result.outcome is Outcome.NOT_APPLICABLE:
            return result
        would = ", and it would fail this row" if result.outcome is Outcome.FAILED else ""
        note = f"{self._label(result.requirement.profile)}, and whether it is of there cannot be told: {holding.why}{would}"
        return replace(result, outcome=Outcome.INCONCLUSIVE, findings=(), note=note)

    def scope(self, requirement: Requirement, documents: Sequence[Document]) -> Scope | None:
        """Which documents of a set a row speaks of; None where it speaks of all."""
        overlay = self.book.overlays.get(requirement.profile)
        if overlay is not None:
            holdings = [self._atlas.holding(document, overlay) for document in documents]
            label = self._label(overlay.name)
        else:
            names = [name for name in self.book.overlays if requirement.key in self._replaced[name]]
            if not names:
                return None
            holdings = [self._elsewhere(document, names) for document in documents]
            label = f"{' and '.join(self._label(name) for name in names)} in place of this row"
        return Scope(
            label,
            frozenset(index for index, one in enumerate(holdings) if one.holds),
            frozenset(index for index, one in enumerate(holdings) if one.holds is None)
            if overlay is not None
            else frozenset(),
            "no document is of there" if overlay is not None else "every document is of there",
        )

    def _elsewhere(self, document: Document, names: Iterable[str]) -> Holding:
        held = any(self._atlas.holding(document, self.book.overlays[name]).holds for name in names)
        return Holding(not held, "")

    def set_results(
        self, results: Iterable[RequirementResult], documents: Sequence[Document]
    ) -> Iterator[RequirementResult]:
        """Results over a set as a whole, cut down to the documents that their rows hold for."""
        for result in results:
            scope = self.scope(result.requirement, documents)
            yield result if scope is None else _cut(result, scope, documents)

    def trial_results(self, results: Iterable[RequirementResult]) -> Iterator[RequirementResult]:
        """Results on endpoints: no document states of which nation an endpoint is."""
        for result in results:
            name = result.requirement.profile
            if name in self.book.overlays and result.outcome is not Outcome.NOT_APPLICABLE:
                yield self._undecided(result, Holding(None, "no document states the nation of an endpoint"))
            else:
                yield result


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents of a set, by index, that a row speaks of, and those of which nobody can tell."""

    label: str
    held: frozenset[int]
    unknown: frozenset[int]
    none: str = "no document is of there"

    def settled(self, result: RequirementResult, *, in_doubt: int) -> RequirementResult:
        """A result over the documents that are held, with ``in_doubt`` more things that may have to be judged."""
        if result.outcome is Outcome.FAILED or (not in_doubt and self.held):
            return replace(result, note=f"{self.label}. {result.note}" if result.note else self.label)
        if in_doubt:
            note = f"{self.label}, and whether {in_doubt} more are of there cannot be told"
            return replace(result, outcome=Outcome.INCONCLUSIVE, findings=(), note=note)
        return replace(result, outcome=Outcome.NOT_APPLICABLE, findings=(), note=f"{self.label}; {self.none}")


def _cut(result: RequirementResult, scope: Scope, documents: Sequence[Document]) -> RequirementResult:
    """Keep what was found in documents that are held; what no document is named for counts where any is held."""
    held = {documents[index].digest for index in scope.held}

    def belongs(finding: Finding) -> bool:
        return finding.at.artefact in held or (finding.at.artefact is None and bool(held))

    kept = tuple(finding for finding in result.findings if belongs(finding))
    in_doubt = len(scope.unknown)
    if result.outcome is Outcome.FAILED and not kept:
        if len(result.findings) >= MAXIMUM_FINDINGS:
            note = f"{scope.label}, and only the first {MAXIMUM_FINDINGS} findings over all nations are known"
            return replace(result, outcome=Outcome.INCONCLUSIVE, findings=(), note=note)
        result = replace(result, outcome=Outcome.PASSED, note="")
    return scope.settled(replace(result, findings=kept), in_doubt=in_doubt)
