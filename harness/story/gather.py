"""A case told: the instance by name, or all instances of a composite, from a dataset with labels.

::

    cases = Cases.open(Path("world"))
    cases.rows()                      # instances and composites, for a list
    story = cases.story("F18-1")      # raises UnknownCase with the nearest names

A twin is told in the same way as its fraud, with the fraud beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from assay.harness.oracles.reading import moment
from assay.harness.oracles.registry import Sighting, decisives, oracles
from assay.harness.oracles.store import OracleError, Store
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View
from assay.harness.story.chain import chain_of, focus_of
from assay.harness.story.happenings import happenings
from assay.harness.story.papers import Papers
from assay.harness.story.steps import steps_of
from assay.harness.story.words import KINDS, Names, many, shown, span
from assay.profiles.contracts.labels import LABELS, SCHEMA
from assay.profiles.contracts.story import (
    Compared,
    Paper,
    Part,
    Person,
    Reason,
    Register,
    Side,
    Source,
    Story,
    Told,
)
from assay.profiles.deceptions.handbook import LookAlike, Pattern, look_alikes, patterns
from assay.profiles.deceptions.terms import DEPTHS, FAMILIES, REGISTERS, SCOPES

__all__ = ["Cases", "UnknownCase"]

Label = dict[str, Any]

MOST_PAPERS = 6
MOST_TOUCHED = 12
_MOST_LABELS = 100_000
_LONGEST_NAME = 200


class UnknownCase(LookupError):
    """No instance or composite has this name; the message offers the nearest."""

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        short = asked[:_LONGEST_NAME]
        lowered = {name.lower(): name for name in known}
        parts = [name for name in known if len(short) > 2 and short.lower() in name.lower()]
        close = [lowered[name] for name in get_close_matches(short.lower(), lowered, n=3, cutoff=0.4)]
        self.nearest = tuple(dict.fromkeys([*close, *parts]))[:3]
        mend = (
            f"did you mean {', '.join(self.nearest)}?" if self.nearest else "'assay story --list' names all"
        )
        clean = "".join(sign for sign in short if sign.isprintable())
        super().__init__(f"instance '{clean}' is not in the labels; {mend}")


class Cases:
    """The labelled cases of a dataset. ``honest`` is the same world without deceptions, where somebody has it."""

    def __init__(self, folder: Path, honest: Path | None = None) -> None:
        self._labels = _labels(folder)
        self.view = View.open(folder)
        self.truth = Truth.open(folder)
        self.honest = Store(honest) if honest is not None else None
        if self.honest is not None:
            _same_world(self.view.store, self.honest)
        self.names = Names(self.view, self.truth)

    @classmethod
    def open(cls, folder: Path, honest: Path | None = None) -> Cases:
        """The cases of a dataset.

        :raises OracleError: no dataset, no labels, labels that break their schema, or an honest world of another seed.
        """
        return cls(folder, honest)

    @cached_property
    def names_of_all(self) -> list[str]:
        """Every name that a story can be asked by."""
        composites = dict.fromkeys(str(row["composite"]) for row in self._labels if row["composite"])
        return [*(str(row["instance"]) for row in self._labels), *composites]

    def rows(self) -> list[dict[str, Any]]:
        """One row for each instance, as plain data."""
        return listed(self._labels)

    def story(self, name: str) -> Story:
        """The case of that name, in any case of letters.

        :raises UnknownCase: there is none.
        """
        asked = name.strip().lower()
        chosen = [row for row in self._labels if row["instance"].lower() == asked]
        if not chosen:
            chosen = [row for row in self._labels if (row["composite"] or "").lower() == asked]
        if not chosen or not asked:
            raise UnknownCase(name.strip(), self.names_of_all)
        return self._tell(chosen)

    def _tell(self, labels: list[Label]) -> Story:
        first, honest = labels[0], all(row["honest"] for row in labels)
        papers = Papers(self.view, self.names, labels, self.honest)
        rows, more = happenings(self.view, self.truth, labels, papers.numbers, self.names)
        parts = tuple(self._part(row, papers.numbers) for row in labels)
        twins = self._twins(labels)
        roots = list(papers.numbers)
        touched = [
            url
            for url in dict.fromkeys(str(url) for row in labels for url in (*row["changed"], *row["added"]))
            if url not in papers.numbers and self.view.shows(url)
        ]
        dataset = self.view.store.dataset
        composite = first["composite"] if len(labels) > 1 else None
        return Story(
            name=str(composite or first["instance"]),
            title=_title(labels),
            lead=self._lead(labels),
            honest=honest,
            world=shown(dataset.get("scenario") or "a world without a name"),
            seed=shown(dataset.get("seed", "unknown")),
            as_of=f"{self.view.as_of:%Y-%m-%d}",
            people=self._people(labels, papers.numbers),
            chain=chain_of(self.view, self.truth, labels, papers.numbers, self.names),
            papers=tuple(papers.root(url, twins, str(first["twin"] or "")) for url in roots[:MOST_PAPERS]),
            papers_more=max(0, len(roots) - MOST_PAPERS),
            touched=tuple(self._touched(papers, touched)),
            touched_more=max(0, len(touched) - MOST_TOUCHED),
            happenings=rows,
            happenings_more=more,
            parts=parts,
        )

    @staticmethod
    def _touched(papers: Papers, urls: Sequence[str]) -> list[Paper]:
        return [papers.touched(url) for url in urls[:MOST_TOUCHED]]

    def _twins(self, labels: Sequence[Label]) -> dict[str, str]:
        """For each root, the root of the counterpart that corresponds: of the same kind, in the same place of the order."""
        found: dict[str, str] = {}
        for label in labels:
            other = self._named(label["twin"])
            if other is None:
                continue
            left = [url for url in other["root"] if self.view.shows(url)]
            for url in label["root"]:
                match = next((one for one in left if self.view.kind(one) == self.view.kind(url)), None)
                if match is not None:
                    left.remove(match)
                    found[url] = match
        return found

    def _named(self, instance: object) -> Label | None:
        return next((row for row in self._labels if row["instance"] == instance), None)

    def _part(self, label: Label, numbers: Mapping[str, int]) -> Part:
        pattern = patterns()[label["code"]]
        other = self._named(label["twin"])
        kind = label["look_alike"] or (other["look_alike"] if other else None) or pattern.twin
        look_alike = look_alikes()[kind]
        side = self._side(label, numbers)
        counterpart = self._side(other, {}) if other else None
        return Part(
            side=side,
            code=pattern.code,
            pattern=pattern.name,
            family=FAMILIES[pattern.family],
            depth=DEPTHS[pattern.depth],
            scope=label["scope"],
            scope_means=SCOPES[label["scope"]],
            dial=pattern.dial,
            below_tolerance=label["below_tolerance"],
            who=pattern.who,
            how=pattern.how,
            check=pattern.check,
            confused_with=pattern.confused_with,
            twin_how=pattern.twin_how,
            look_alike=f"{look_alike.code} {look_alike.title}",
            why_honest=look_alike.why_honest,
            counterpart=counterpart,
            compared=tuple(_compared(side, counterpart)) if counterpart else (),
            registers=tuple(Register(name, REGISTERS[name]) for name in label["registers"]),
            steps=tuple(
                steps_of(self.view, self.names, label, numbers, focus_of(self.view, self.truth, label))
            ),
            known_deciders=pattern.code in decisives() and pattern.code in oracles(),
            sources=tuple(_sources(pattern, look_alike)),
        )

    def _side(self, label: Label, numbers: Mapping[str, int]) -> Side:
        pattern = patterns()[label["code"]]
        decide, see = decisives().get(pattern.code), oracles().get(pattern.code)
        roots = [str(url) for url in label["root"]]
        view = {"1": self.view.only, "C": self.view.chain}.get(label["scope"])
        decided = list(decide(self.truth, self.view)) if decide else []
        seen = list(see(view(*roots) if view else self.view)) if see else []
        twin = look_alikes()[label["look_alike"]] if label["look_alike"] else None
        kinds: dict[str, int] = {}
        for url in roots:
            kinds[self.view.kind(url)] = kinds.get(self.view.kind(url), 0) + 1
        return Side(
            instance=label["instance"],
            title=twin.title if twin else pattern.title,
            honest=label["honest"],
            severity=float(label["severity"]),
            where=self._where(label),
            who=", ".join(self.names.party(did) for did in label["actors"]) or "nobody by name",
            when=span(label["from"], label["until"]),
            told=told_of(label["told"], self.names),
            papers=", ".join(many(number, KINDS.get(kind, "credential")) for kind, number in kinds.items()),
            tainted=len(label["tainted"]),
            decided=_reasons(decided, roots, numbers),
            seen=_reasons(seen, roots, numbers),
        )

    def _where(self, label: Label) -> str:
        sites = dict.fromkeys(str(target).split("/", 1)[0] for target in label["targets"])
        known = [site for site in sites if self.truth.facility(site)]
        named = [self.names.place(site) for site in known[:3]]
        if not named:
            return shown(", ".join(map(str, label["targets"][:2])))
        return ", ".join(named) + (f" and {len(known) - 3} more" if len(known) > 3 else "")

    def _lead(self, labels: Sequence[Label]) -> str:
        actors = dict.fromkeys(self.names.party(did) for row in labels for did in row["actors"])
        who = " and ".join(list(actors)[:3]) or "Nobody by name"
        first = min(labels, key=lambda row: str(row["from"]))
        last = max(labels, key=lambda row: str(row["until"]))
        return f"{who}, {self._where(labels[0])}, {span(first['from'], last['until'])}"

    def _people(self, labels: Sequence[Label], numbers: Mapping[str, int]) -> tuple[Person, ...]:
        """Actors first, then whoever issued the root credentials, then the parties that those name, by how often."""
        honest = all(row["honest"] for row in labels)
        parts: dict[str, list[str]] = {}
        for row in labels:
            for did in row["actors"]:
                parts[did] = ["does what looks like it" if honest else "deceives"]
        actors = set(parts)
        for url, number in numbers.items():
            one = self.view.get(url)
            if one is None:
                continue
            parts.setdefault(one.issuer, []).append(f"issued ({number})")
            roles = [*one.parties, *((role, did) for event in one.events for role, did in event.parties)]
            if one.attestation is not None:
                roles.append(("certificate holder", one.attestation.issued_to))
                roles += [("named as authority", did) for did, _ in one.attestation.authorisations]
            for role, did in roles:
                if did and f"{role} in ({number})" not in parts.setdefault(did, []):
                    parts[did].append(f"{role} in ({number})")
        chosen = sorted(parts, key=lambda did: (did not in actors, list(parts).index(did)))[:9]
        return tuple(
            Person(
                did=shown(did),
                name=self.names.party(did),
                part=_roles(parts[did]),
                registered=tuple(self.names.registrations(did)[:3]),
                actor=did in actors,
            )
            for did in chosen
            if did
        )


def listed(labels: Sequence[Label]) -> list[dict[str, Any]]:
    """Instances as rows of a list."""
    keys = (
        "instance",
        "code",
        "pattern",
        "honest",
        "look_alike",
        "twin",
        "composite",
        "severity",
        "below_tolerance",
    )
    return [
        {key: row[key] for key in (*keys, "scope", "from", "until", "targets", "actors")} for row in labels
    ]


def told_of(told: Mapping[str, Any], names: Names) -> Told:
    """What a label tells, in words."""
    claimed, true = told.get("claimed"), told.get("true")
    rest = [(key, value) for key, value in told.items() if key not in ("claimed", "true", "unit")][:8]
    return Told(
        claimed=_value(claimed, names) if "claimed" in told else "",
        true=_value(true, names) if "true" in told else "",
        unit=shown(told["unit"]) if told.get("unit") is not None else "",
        apart=_apart(claimed, true),
        more=tuple((shown(key), _value(value, names)) for key, value in rest),
    )


def _value(value: Any, names: Names) -> str:
    if isinstance(value, list):
        return shown(", ".join(_value(one, names) for one in value[:8]))
    if isinstance(value, dict):
        return shown(json.dumps(value, ensure_ascii=False))
    return names.anything(value) if isinstance(value, str) else shown(value)


def _apart(claimed: Any, true: Any) -> str:
    """How far two numbers or moments lie apart; empty where they are neither, or equal."""
    numbers = [one for one in (claimed, true) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == 2:
        rest = claimed - true
        if not rest:
            return ""
        share = f" ({rest / true:+.0%})" if true and abs(rest / true) < 100 else ""
        return f"{rest:+,.6g}{share}".replace("-", "−")
    first, second = moment(claimed), moment(true)
    if first is None or second is None or first == second:
        return ""
    hours = abs((first - second).total_seconds()) / 3600
    return many(round(hours / 24), "day") if hours >= 48 else f"{hours:.0f} hours"


def _reasons(
    sightings: Sequence[Sighting], roots: Sequence[str], numbers: Mapping[str, int]
) -> tuple[Reason, ...]:
    """Sightings of root credentials; those with the same words together."""
    found: dict[str, tuple[set[int], int]] = {}
    for one in sightings:
        if set(roots) & set(one.subjects):
            papers, times = found.get(one.reason, (set(), 0))
            papers |= {numbers[url] for url in one.subjects if url in numbers}
            found[one.reason] = (papers, times + 1)
    return tuple(
        Reason(shown(text), tuple(sorted(papers)), times) for text, (papers, times) in list(found.items())[:6]
    )


def _compared(this: Side, other: Side) -> list[Compared]:
    rows = [
        ("What it is", this.title, other.title),
        ("Where", this.where, other.where),
        ("Who", this.who, other.who),
        ("When", this.when, other.when),
        ("Root papers", this.papers, other.papers),
        (
            "Said",
            _with_unit(this.told.claimed, this.told.unit),
            _with_unit(other.told.claimed, other.told.unit),
        ),
        ("True", _with_unit(this.told.true, this.told.unit), _with_unit(other.told.true, other.told.unit)),
        ("Apart", this.told.apart or "nothing", other.told.apart or "nothing"),
        ("Passports tainted", f"{this.tainted:,}", f"{other.tainted:,}"),
        ("The decisive check", _voice(this.decided), _voice(other.decided)),
        ("The oracle at this scope", _voice(this.seen), _voice(other.seen)),
    ]
    telling = {"True", "Apart", "Passports tainted", "The decisive check", "The oracle at this scope"}
    return [
        Compared(what, left, right, what in telling and left != right)
        for what, left, right in rows
        if (left or right) and not (what == "Apart" and left == right)
    ]


def _with_unit(value: str, unit: str) -> str:
    return f"{value} ({unit})" if value and unit else value


def _voice(reasons: Sequence[Reason]) -> str:
    return "; ".join(one.text for one in reasons) if reasons else "is silent"


def _roles(parts: Sequence[str]) -> str:
    """Roles in a few words: the same role in several papers once, with their numbers."""
    found: dict[str, list[str]] = {}
    for one in parts:
        role, _, number = one.partition(" (")
        found.setdefault(role, []).extend([f"({number}"] if number else [])
    told = [
        f"{role} {', '.join(some[:5])}{' …' if len(some) > 5 else ''}".strip() for role, some in found.items()
    ]
    return "; ".join(told[:4])


def _title(labels: Sequence[Label]) -> str:
    titles = []
    for row in labels:
        entry = look_alikes()[row["look_alike"]] if row["look_alike"] else patterns()[row["code"]]
        titles.append(entry.title)
    return titles[0] if len(titles) == 1 else "; ".join(dict.fromkeys(titles))


def _sources(pattern: Pattern, look_alike: LookAlike) -> list[Source]:
    return [
        *(Source(pattern.code, text) for text in pattern.sources),
        *(Source(look_alike.code, text) for text in look_alike.sources if text not in pattern.sources),
    ]


def _labels(folder: Path) -> list[Label]:
    """The labels of a dataset, held against their schema and the handbook's codes.

    :raises OracleError: none, or one that breaks the schema.
    """
    import jsonschema_rs

    if not folder.is_dir():
        raise OracleError(f"'{folder}' is no folder; name one that 'assay simulate' wrote")
    if not (folder / "dataset.json").is_file():
        raise OracleError(f"'{folder}' is no dataset: dataset.json is missing")
    if not (folder / LABELS).is_file():
        raise OracleError(
            f"'{folder}' has no {LABELS}, so there is no case to tell; simulate a scenario with 'deceptions:'"
        )
    validator = jsonschema_rs.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")), validate_formats=True
    )
    found: list[Label] = []
    # Truth reads rows within limits of size; it asks for a ledger, which every dataset with labels has.
    for number, row in enumerate(Truth.open(folder).labels(), 1):
        error = next(iter(validator.iter_errors(row)), None)
        if error is not None:
            where = "/".join(map(str, error.instance_path)) or "label"
            raise OracleError(f"{LABELS} line {number}: {shown(where)}: {shown(error.message)}")
        if row["code"] not in patterns() or (row["look_alike"] and row["look_alike"] not in look_alikes()):
            raise OracleError(f"{LABELS} line {number}: code or look_alike is not in the handbook")
        found.append(row)
        if number > _MOST_LABELS:
            raise OracleError(f"{LABELS} holds more than {_MOST_LABELS:,} labels")
    if not found:
        raise OracleError(f"'{folder}/{LABELS}' is empty, so there is no case to tell")
    return found


def _same_world(deceptive: Store, honest: Store) -> None:
    for key in ("seed", "start", "untp"):
        if deceptive.dataset.get(key) != honest.dataset.get(key):
            raise OracleError(
                f"the honest world has {key} {shown(honest.dataset.get(key))}, the deceptive one "
                f"{shown(deceptive.dataset.get(key))}; simulate the same scenario and seed without 'deceptions:'"
            )
