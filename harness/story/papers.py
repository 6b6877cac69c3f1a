"""The papers of a case: what root credentials say, by JSON pointer, beside what the twin or the honest world says.

Which values are shown: those that differ from the honest world, where it is at hand; those that the label calls claimed;
and those that an investigator reads first in a credential of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.store import Store
from assay.harness.oracles.view import View
from assay.harness.story.words import KINDS, Names, day, shown
from assay.profiles.contracts.story import Line, Paper

__all__ = ["Papers", "flat"]

Label = Mapping[str, Any]

MOST_LINES = 22
MOST_AGAIN = 8
"""Lines of a paper that follows another of its kind."""
MOST_OF_ONE = 3
"""Lines that one pattern of pointers may give."""
_MOST_LEAVES = 5000
_HONEST = "the honest world"
_SHORTEST, _LONG_ENOUGH = 4, 10
"""Characters of a value that is looked for as a whole, and within another."""

_READ_FIRST: Mapping[str, tuple[str, ...]] = {
    "DigitalProductPassport": (
        "/credentialSubject/name", "/credentialSubject/id", "/credentialSubject/productionDate",
        "/credentialSubject/producedAtFacility/name", "/credentialSubject/countryOfProduction/countryCode",
        "/credentialSubject/dimensions/weight/value", "/credentialSubject/characteristics/elementGrades/*",
        "/credentialSubject/characteristics/custody/*", "/credentialSubject/characteristics/footprint/carbon/*/value",
        "/credentialSubject/characteristics/recycledContent/*", "/credentialSubject/performanceClaim/*/name",
        "/credentialSubject/performanceClaim/*/claimedPerformance/*/measure/value",
        "/credentialSubject/performanceClaim/*/claimedPerformance/*/score/code",
        "/credentialSubject/performanceClaim/*/evidence/*/linkURL",
    ),
    "DigitalFacilityRecord": (
        "/credentialSubject/name", "/credentialSubject/registeredId", "/credentialSubject/description",
        "/credentialSubject/countryOfOperation/countryCode", "/credentialSubject/locationInformation/geoLocation/*",
        "/credentialSubject/performanceClaim/*/name", "/credentialSubject/performanceClaim/*/referenceCriteria/*/name",
        "/credentialSubject/performanceClaim/*/claimedPerformance/*/score/code",
        "/credentialSubject/performanceClaim/*/claimedPerformance/*/measure/value",
        "/credentialSubject/performanceClaim/*/evidence/*/linkURL",
        "/credentialSubject/relatedParty/*/party/name", "/credentialSubject/processCategory/*/name",
    ),
    "DigitalConformityCredential": (
        "/credentialSubject/assessorLevel", "/credentialSubject/assessmentLevel", "/credentialSubject/attestationType",
        "/credentialSubject/issuedToParty/name", "/credentialSubject/referenceScheme/name",
        "/credentialSubject/referenceProfile/name", "/credentialSubject/profileScore/code",
        "/credentialSubject/authorisation/*/issuingAuthority/name",
        "/credentialSubject/authorisation/*/endorsementEvidence/linkURL",
        "/credentialSubject/conformityAssessment/*/assessedFacility/*/facility/name",
        "/credentialSubject/conformityAssessment/*/assessedProduct/*/product/id",
        "/credentialSubject/conformityAssessment/*/assessmentCriteria/*/name",
        "/credentialSubject/conformityAssessment/*/assessmentDate",
        "/credentialSubject/conformityAssessment/*/conformance",
        "/credentialSubject/conformityAssessment/*/assessedPerformance/*/measure/value",
        "/credentialSubject/conformityAssessment/*/assessedPerformance/*/score/code",
        "/credentialSubject/conformityAssessment/*/assessedCondition/*/*",
    ),
    "DigitalTraceabilityEvent": (
        "/credentialSubject/*/name", "/credentialSubject/*/eventDate", "/credentialSubject/*/activityType/code",
        "/credentialSubject/*/consignmentId/*", "/credentialSubject/*/madeAtFacility/name",
        "/credentialSubject/*/fromFacility/name", "/credentialSubject/*/toFacility/name",
        "/credentialSubject/*/modifiedAtFacility/name",
        "/credentialSubject/*/inputProduct/*/product/id", "/credentialSubject/*/inputProduct/*/quantity/value",
        "/credentialSubject/*/outputProduct/*/product/id", "/credentialSubject/*/outputProduct/*/quantity/value",
        "/credentialSubject/*/movedProduct/*/product/id", "/credentialSubject/*/movedProduct/*/quantity/value",
        "/credentialSubject/*/modifiedProduct/*/product/id", "/credentialSubject/*/modifiedProduct/*/quantity/value",
        "/credentialSubject/*/relatedParty/*/party/name",
    ),
    "DigitalIdentityAnchor": (
        "/credentialSubject/registeredName", "/credentialSubject/id", "/credentialSubject/registeredId",
        "/credentialSubject/registeredDate", "/credentialSubject/registerType", "/credentialSubject/registrar/name",
        "/credentialSubject/registrationScope/*",
    ),
}  # fmt: skip
_ENVELOPE = ("/issuer/name", "/issuer/id", "/validFrom", "/validUntil")
_NOISE = frozenset({"@context", "type", "renderMethod", "issuingSoftware"})


class Papers:
    """Makes papers of credentials; numbers are given in the order in which roots are first named."""

    def __init__(self, view: View, names: Names, labels: Sequence[Label], honest: Store | None) -> None:
        self._view = view
        self._names = names
        self._labels = labels
        self._honest = honest
        self._replaced = {_tail(url): str(url) for label in labels for url in label["absent"]}
        roots = dict.fromkeys(str(url) for label in labels for url in label["root"])
        self.numbers: dict[str, int] = {
            url: number for number, url in enumerate((url for url in roots if view.shows(url)), 1)
        }

    def root(self, url: str, twins: Mapping[str, str], other: str, most: int = MOST_LINES) -> Paper:
        """A root credential with its lines. ``twins`` says which root of the instance ``other`` stands beside it."""
        credential = self._view.get(url)
        if credential is None:
            raise LookupError(url)
        said = flat(credential.document)
        replaced = self._replaced.get(_tail(url), "") if self._state(url) == "added" else ""
        beside, whose = self._beside(url, replaced, twins, other)
        changed = self._changed(said, beside) if whose == _HONEST else []
        told = self._told(said, url)
        order = dict.fromkeys([*changed, *told, *_first(credential.kind, said)])
        lines = [
            Line(
                pointer,
                shown(said.get(pointer, "(not there)")),
                shown(beside.get(pointer, "(not there)")) if whose else "",
                "changed" if pointer in changed else told.get(pointer, ""),
            )
            for pointer in order
        ]
        return self._paper(credential, self.numbers[url], replaced, whose, lines, most)

    def roots(self, twins: Mapping[str, str], other: str, most: int) -> list[Paper]:
        """The first root credentials; of each kind the first at length, the others in short."""
        found, seen = [], set[str]()
        for url in list(self.numbers)[:most]:
            kind = self._view.kind(url)
            found.append(self.root(url, twins, other, MOST_AGAIN if kind in seen else MOST_LINES))
            seen.add(kind)
        return found

    def touched(self, url: str) -> Paper:
        """Another credential that differs from the honest world: with its differences where that is at hand."""
        credential = self._view.get(url)
        if credential is None:
            raise LookupError(url)
        lines: list[Line] = []
        whose = ""
        if self._honest is not None and url in self._honest.places:
            said, before = flat(credential.document), flat(self._honest.document(url))
            whose = _HONEST
            lines = [
                Line(p, shown(said.get(p, "(not there)")), shown(before.get(p, "(not there)")), "changed")
                for p in self._changed(said, before)
            ]
        return self._paper(credential, 0, "", whose, lines)

    def _paper(
        self,
        one: Credential,
        number: int,
        replaced: str,
        whose: str,
        lines: Sequence[Line],
        most: int = MOST_AGAIN,
    ) -> Paper:
        return Paper(
            number=number,
            url=shown(one.url),
            kind=KINDS.get(one.kind, one.kind),
            title=shown(one.name or KINDS.get(one.kind, one.kind)),
            issuer=shown(one.issuer_name or self._names.party(one.issuer)),
            did=shown(one.issuer),
            dates=f"{day(one.valid_from)} to {day(one.valid_until) if one.valid_until else 'no end'}",
            status=self._status(one),
            state=self._state(one.url),
            instances=tuple(str(label["instance"]) for label in self._labels if one.url in label["root"]),
            stands_for=shown(replaced) if replaced else "",
            beside=whose,
            lines=tuple(lines[:most]),
            more=max(0, len(lines) - most),
        )

    def _state(self, url: str) -> str:
        for state in ("changed", "added"):
            if any(url in label[state] for label in self._labels):
                return state
        return ""

    def _status(self, one: Credential) -> str:
        told = []
        for purpose, bit in self._view.statuses(one):
            if bit:
                since = next((at for at, was in self._view.status_history(one) if was), None)
                word = {"revocation": "revoked", "suspension": "suspended"}.get(purpose, purpose or "marked")
                told.append(f"{word}, first seen {day(since)}" if since else word)
        if told:
            return "; ".join(told)
        return "in force" if one.valid_at(self._view.as_of) else "not within its dates"

    def _beside(
        self, url: str, replaced: str, twins: Mapping[str, str], other: str
    ) -> tuple[dict[str, Any], str]:
        # A root that the honest world has just so says more beside its twin.
        for candidate in (url, replaced) if self._honest is not None and self._state(url) else ():
            if self._honest is not None and candidate in self._honest.places:
                return flat(self._honest.document(candidate)), _HONEST
        twin = twins.get(url, "")
        credential = self._view.get(twin) if twin else None
        return (flat(credential.document), other) if credential is not None else ({}, "")

    @staticmethod
    def _changed(said: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
        """Pointers whose values differ, apart from names that only repeat the credential's own address."""
        here, there = (str(one.get("/id", "?")) for one in (said, before))
        found = [
            pointer
            for pointer in dict.fromkeys([*said, *before])
            if not _noise(pointer) and _moved(said.get(pointer), here, there) != before.get(pointer)
        ]
        return found[:MOST_LINES]

    def _told(self, said: Mapping[str, Any], url: str) -> dict[str, str]:
        """Pointers of the values that labels of a root call claimed or true, with that word."""
        found: dict[str, str] = {}
        for label in self._labels:
            if url in label["root"]:
                for key in ("claimed", "true"):
                    value = label["told"].get(key)
                    hits = [pointer for pointer, one in said.items() if _tells(one, value)]
                    found.update({pointer: key for pointer in hits[:MOST_OF_ONE] if pointer not in found})
        return found


def flat(document: Any) -> dict[str, Any]:
    """Every leaf of a document by JSON pointer, in its order; contexts, types and software apart. Depth-first, without recursion."""
    found: dict[str, Any] = {}
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting and len(found) < _MOST_LEAVES:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            some = [(f"{pointer}/{_escaped(key)}", one) for key, one in value.items() if key not in _NOISE]
            waiting += reversed(some)
        elif isinstance(value, list):
            waiting += reversed([(f"{pointer}/{place}", one) for place, one in enumerate(value)])
        else:
            found[pointer] = value
    return found


def _first(kind: str, said: Mapping[str, Any]) -> Iterator[str]:
    for pattern in (*_ENVELOPE, *_READ_FIRST.get(kind, ("/credentialSubject/*",))):
        left = MOST_OF_ONE
        for pointer in said:
            if left and _matcher(pattern).fullmatch(pointer):
                left -= 1
                yield pointer


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, pattern.split("*"))))


def _tells(one: Any, value: Any) -> bool:
    """Is a leaf the value that a label tells, the word that it begins with, or a longer text that holds it?"""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return False
    if isinstance(value, int | float):
        return isinstance(one, int | float) and not isinstance(one, bool) and one == value
    text = str(value)
    if not isinstance(one, str) or len(one) < _SHORTEST:
        return False
    return one == text or one == text.split(" ", 1)[0] or (len(text) >= _LONG_ENOUGH and text in one)


def _moved(value: Any, here: str, there: str) -> Any:
    """A value as it would be under another address of the credential."""
    return value.replace(here, there) if isinstance(value, str) and value.startswith(here) else value


def _noise(pointer: str) -> bool:
    return pointer.endswith(("/digestMultibase", "/statusListIndex")) or pointer.startswith(
        "/credentialStatus"
    )


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _tail(url: str) -> str:
    """Kind and number of a credential, which stay when it moves to another issuer."""
    return "/".join(url.rsplit("/", 2)[-2:])
