"""The engine: material in, results out. Documents one by one, then the set, then the graph, then trials of endpoints.

Everything the outcome depends on is passed in: the clock (``as_of``), what was looked up (the shelf), the artefacts
behind the judges, the profiles. Two runs over the same inputs give the same result, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from assay import __version__
from assay.harness.checks import Check
from assay.harness.crashes import told, undone
from assay.harness.credential.linked_data import LinkedDataJudge
from assay.harness.credential.schema import SchemaJudge
from assay.harness.credential.verify import Judges, Shelf, verify
from assay.harness.credential.versions import JUDGED_VERSIONS, LEGACY_VERSIONS
from assay.harness.events import (
    Event,
    Listener,
    Progress,
    ResultReady,
    RunFinished,
    RunStarted,
    SubjectJudged,
)
from assay.harness.judge import DocumentJudge, Judged, judge_set
from assay.harness.material import (
    CREDENTIAL_KINDS,
    UNTP_KINDS,
    Credential,
    CredentialSet,
    Document,
    Kind,
    SignatureState,
)
from assay.harness.results import (
    MatrixCell,
    Outcome,
    RequirementResult,
    RunResult,
    Scope,
    Subject,
    Verdict,
    overall_verdict,
    writable,
)
from assay.harness.rulebook import Rulebook, rulebook
from assay.harness.tally import Tally, judged_subjects
from assay.profiles.artefacts import Artefacts
from assay.profiles.catalogue import CheckKind, Profile, Requirement, load_profile, load_reference

if TYPE_CHECKING:
    from assay.harness.overlays import OverlaidJudge

__all__ = [
    "ADVISORY_PROFILES",
    "COMPANION_PROFILES",
    "DEFAULT_PROFILES",
    "Engine",
    "Settings",
    "format_instant",
]

DEFAULT_PROFILES = ("untp-0.7",)
ADVISORY_PROFILES = ("trust-graph", "custody", "crm", "registers")
"""Judged beside the profiles that were asked for. Design patterns among them are advice; what registers must hold is not."""

COMPANION_PROFILES = ("untp-0.6",)
"""Judged beside the profile of the current version: every credential is held against the version of UNTP that it speaks."""


def format_instant(instant: datetime) -> str:
    """An instant as reports write it: UTC, seconds, ``Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Settings:
    """What a run is to judge by."""

    as_of: datetime
    profiles: tuple[str, ...] = DEFAULT_PROFILES
    advisory: tuple[str, ...] = ADVISORY_PROFILES
    companions: tuple[str, ...] = COMPANION_PROFILES
    """Profiles of other versions that credentials may speak; none where the user asked for one version by name."""
    require_secured: bool = False
    trust_anchors: frozenset[str] = frozenset()
    assumed_grades: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    title: str = ""
    command: str = ""
    chains: bool = True
    """False leaves out the rules over chains of credentials, and the map: documents and their set are judged alone."""


def _ignore(_: Event) -> None:
    """A listener for runs that nobody watches."""


class Engine:
    """Judges material under one set of settings.

    :raises CatalogueError: a profile that does not exist or cannot be read.
    :raises ArtefactError: artefacts that cannot be used.
    """

    def __init__(
        self, settings: Settings, artefacts: Artefacts | None = None, listener: Listener = _ignore
    ) -> None:
        self.settings = settings
        self._listener = listener
        asked = tuple(load_reference(reference) for reference in dict.fromkeys(settings.profiles))
        spoken = (*DEFAULT_PROFILES, *settings.companions)
        self._unasked = frozenset(spoken).difference(settings.profiles, settings.advisory, _own_family(asked))
        self._versions = _versions(asked, settings.companions)
        self.book = rulebook(asked, _beside(asked, settings.advisory, spoken), DEFAULT_PROFILES)
        self.requirements: Mapping[str, Requirement] = self.book.requirements
        self.checks: Mapping[str, Sequence[Check]] = self.book.checks
        self.judges = Judges(SchemaJudge(artefacts), LinkedDataJudge(artefacts))
        self._overlaid = _overlaid(self.book)
        self._everything = DocumentJudge(self.requirements, self.checks)
        self._tally = Tally()
        self._subjects: list[Subject] = []

    def judge(
        self,
        documents: Sequence[Document],
        shelf: Shelf,
        *,
        endpoints: Sequence[Subject] = (),
        trial_results: Callable[[int], Iterable[RequirementResult]] | None = None,
        matrix: tuple[MatrixCell, ...] = (),
        root: str | None = None,
        aside: int = 0,
        exchanges: Callable[[Iterable[str]], Mapping[str, Mapping[str, Any]]] | None = None,
    ) -> RunResult:
        """Judge documents, and results of trials on endpoints whose subjects follow the documents'.

        ``trial_results`` is called with the index of the first endpoint subject. ``exchanges`` shows
        recorded evidence by digest; it is asked for what findings point at. ``root`` is the identifier a map starts from.
        The first ``aside`` documents are judged one by one only, and kept out of set, graph and map.
        """
        self._listener(RunStarted(self.settings.title or "judging", len(documents)))
        if self._overlaid is not None:
            self._overlaid.meet(documents)
        for index, document in enumerate(documents):
            self._judge_one(document, index, shelf)
            self._listener(Progress("judge", index + 1, len(documents), document.source))
        first = len(self._subjects)
        self._subjects.extend(endpoints)
        if trial_results is not None:
            held = trial_results(first)
            self._tally.add(held if self._overlaid is None else self._overlaid.trial_results(held))
        chain = self._judge_together(documents[aside:], root)
        return self._finish(documents, chain, matrix, exchanges)

    def _judge_one(self, document: Document, index: int, shelf: Shelf) -> None:
        judged: Judged | None = None
        results: Iterable[RequirementResult] = ()
        try:
            verify(document, shelf, self.settings.as_of, self.judges)
            if self._overlaid is None:
                judged = self._everything.compared(document)
            else:
                results = self._overlaid.judge(document)
            subject = _subject(document)
        except Exception as error:  # noqa: BLE001 - whatever material does to us, the run goes on
            judged = None
            results = undone(document, self._everything.rows(document.kind), error, "reading the document")
            subject = replace(_subject(document), note="Assay failed over this document; see the errors")
        self._subjects.append(subject)
        if judged is None:
            self._tally.add(results, index)
        else:
            self._tally.add_document(judged, index)

    def _judge_together(self, documents: Sequence[Document], root: str | None) -> dict[str, Any] | None:
        usable = tuple(document for document in documents if document.kind is not Kind.UNKNOWN)
        if not usable:
            return None
        together = CredentialSet(
            documents=tuple(documents),
            as_of=self.settings.as_of,
            trust_anchors=self.settings.trust_anchors,
            assumed_grades=self.settings.assumed_grades,
        )
        self._listener(Progress("join", 0, None, f"{len(usable)} documents"))
        found: Iterable[RequirementResult] = judge_set(together, self.requirements, self.checks)
        if self._overlaid is not None:
            found = self._overlaid.set_results(found, together.documents)
        self._tally.add(found)
        rows = [row for row in self.requirements.values() if row.check is CheckKind.GRAPH]
        joined = [document for document in usable if document.kind in UNTP_KINDS]
        if not rows or not joined or not self.settings.chains:
            return None
        if len(joined) == 1 and joined[0].kind is not Kind.DTE and not any(row.decisive for row in rows):
            # Advice on how one passport joins with nothing would say only that it is alone.
            note = "one credential by itself joins with nothing; give the whole set, or ask for the profile by name"
            self._tally.add(RequirementResult(row, Outcome.NOT_APPLICABLE, note=note) for row in rows)
            return None
        from assay.harness.graph import chain, judge_graph

        overlaid = self._overlaid
        self._tally.add(
            judge_graph(
                together,
                rows,
                own_rules=self.book.rules,
                scope=lambda row: None if overlaid is None else overlaid.scope(row, together.documents),
            )
        )
        try:
            joints = chain(together, root)
        except Exception as error:  # noqa: BLE001 - a map is no verdict; its want must not take the verdicts away
            self._listener(Progress("join", 0, None, f"no map: Assay failed over it ({told(error)})"))
            return None
        return dict(joints) if joints and joints.get("sites") else None

    def _profiles(self, documents: Sequence[Document]) -> tuple[tuple[str, str], ...]:
        """The profiles with their digests, without those that nobody asked for and no document called for."""
        legacy = any(one.kind in UNTP_KINDS and one.untp in LEGACY_VERSIONS for one in documents)
        called = COMPANION_PROFILES if legacy else ()
        return tuple(
            (name, digest)
            for name, digest in self.book.profiles
            if name not in self._unasked or name in called
        )

    def _finish(
        self,
        documents: Sequence[Document],
        chain: dict[str, Any] | None,
        matrix: tuple[MatrixCell, ...],
        exchanges: Callable[[Iterable[str]], Mapping[str, Mapping[str, Any]]] | None,
    ) -> RunResult:
        results = self._tally.results()
        subjects = list(judged_subjects(self._subjects, results))
        for index, document in enumerate(documents):
            subjects[index] = _without_false_comfort(document, subjects[index], self._versions)
        unsecured: tuple[str, ...] = ()
        if self.settings.require_secured:
            unsecured = tuple(one.source for one in subjects if one.verdict is Verdict.DOCUMENT_VALID)
            subjects = [_refused_unsigned(one) for one in subjects]
        verdict = overall_verdict(subjects, results, require_secured=self.settings.require_secured)
        pointed = {digest for result in results for finding in result.findings for digest in finding.evidence}
        run = RunResult(
            assay=__version__,
            as_of=format_instant(self.settings.as_of),
            profiles=self._profiles(documents),
            own_profiles=self.book.own,
            verdict=verdict,
            subjects=tuple(subjects),
            results=results,
            title=writable(self.settings.title),
            command=writable(self.settings.command),
            chain=chain,
            exchanges={digest: dict(shown) for digest, shown in exchanges(sorted(pointed)).items()}
            if exchanges
            else {},
            matrix=matrix,
            unsecured=unsecured,
        )
        for index, subject in enumerate(run.subjects):
            self._listener(SubjectJudged(index, subject))
        for result in run.results:
            if result.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE):
                self._listener(ResultReady(result))
        self._listener(RunFinished(run))
        return run


def _subject(document: Document) -> Subject:
    note = ""
    scope = Scope.DOCUMENT
    if isinstance(document, Credential):
        state = document.signature.state
        if state is SignatureState.VALID:
            scope = Scope.SECURED
        elif state is SignatureState.UNSIGNED:
            note = "unsigned"
        elif state is SignatureState.UNCHECKED:
            note = "signature not checked: the issuer's key could not be looked up"
        elif state is SignatureState.FOREIGN:
            note = "secured by a proof that the UNTP profile does not use"
        else:
            note = "signature invalid"
    elif document.kind not in CREDENTIAL_KINDS:
        # A DID document, linkset, register or vocabulary is not a credential: nothing about it could be signed.
        scope = Scope.SECURED
    return Subject(
        source=document.source,
        kind=document.kind.value,
        untp=document.untp,
        scope=scope,
        via=document.via,
        digest=document.digest,
        note=note,
    )


def _beside(asked: Sequence[Profile], advisory: Sequence[str], spoken: Sequence[str]) -> tuple[str, ...]:
    """Shipped profiles that are judged beside those that were asked for: advice, and versions that documents may speak."""
    own = _own_family(asked)
    names = dict.fromkeys((*(profile.name for profile in asked), *advisory))
    if not {*DEFAULT_PROFILES, *COMPANION_PROFILES}.isdisjoint((*names, *own)):
        # what a user's profile extends is judged as that profile states it, and not once more as it stands
        names |= dict.fromkeys(name for name in spoken if name not in own)
    return tuple(name for name in names if name not in {profile.name for profile in asked})


def _own_family(asked: Sequence[Profile]) -> frozenset[str]:
    """What the user's own profiles consist of."""
    own = (profile for profile in asked if profile.folder is not None)
    return frozenset(one.name for profile in own for one in profile.family())


def _overlaid(book: Rulebook) -> OverlaidJudge | None:
    if not book.overlays:
        return None
    from assay.harness.overlays import OverlaidJudge

    return OverlaidJudge(book)


def _versions(profiles: Sequence[Profile], companions: Sequence[str]) -> frozenset[str]:
    """The versions of UNTP whose credentials can be called conformant."""
    asked = {one.name for profile in profiles for one in profile.family()}
    asked |= {one.name for name in companions for one in load_profile(name).family()}
    legacy = not asked.isdisjoint(COMPANION_PROFILES)
    current = not legacy or not asked.isdisjoint(DEFAULT_PROFILES)
    return (LEGACY_VERSIONS if legacy else frozenset()) | (
        JUDGED_VERSIONS - LEGACY_VERSIONS if current else frozenset()
    )


def _without_false_comfort(document: Document, subject: Subject, versions: frozenset[str]) -> Subject:
    """A version that is not judged cannot be conformant: nothing of it was held against its own rules."""
    if document.kind in UNTP_KINDS and document.untp not in versions:
        told = f"UNTP {document.untp}" if document.untp else "an unknown version of UNTP"
        known = document.untp in JUDGED_VERSIONS
        why = "its profile was not asked for" if known else "not judged in this release"
        note = f"{told} is recognised but {why}" + (f"; {subject.note}" if subject.note else "")
        if subject.verdict in (Verdict.CONFORMANT, Verdict.DOCUMENT_VALID):
            return replace(subject, verdict=Verdict.INCONCLUSIVE, note=note)
        return replace(subject, note=note)
    return subject


def _refused_unsigned(subject: Subject) -> Subject:
    """A gate asked for secured documents: a valid one that nothing secures fails, and the subject says why."""
    if subject.verdict is not Verdict.DOCUMENT_VALID:
        return subject
    why = "a secured document is required"
    note = f"{subject.note}: {why}" if subject.note else why
    return replace(subject, verdict=Verdict.NOT_CONFORMANT, note=note)
