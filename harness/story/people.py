"""Who plays a part in a case: those who act, those who issued its papers, and those whom these name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.view import View, host_of
from assay.harness.story.words import Names, shown
from assay.profiles.contracts.story import Person

__all__ = ["people_of"]

Label = Mapping[str, Any]

MOST_PEOPLE = 9
_MOST_ROLES = 4
_MOST_REGISTRATIONS = 3


def people_of(
    view: View, names: Names, labels: Sequence[Label], numbers: Mapping[str, int]
) -> tuple[Person, ...]:
    """Actors first, then the issuers of the papers that the honest world has instead, then by when papers name them."""
    actors = dict.fromkeys(did for label in labels for did in label["actors"])
    roles: dict[str, dict[str, list[int]]] = {did: {} for did in actors}
    for url, number in numbers.items():
        one = view.get(url)
        for role, did in _named(one) if one is not None else ():
            if did.startswith("did:"):
                roles.setdefault(did, {}).setdefault(role, []).append(number)
    honest = all(label["honest"] for label in labels)
    instead = dict.fromkeys(_did(url) for label in labels for url in label["absent"])
    found = []
    for did in dict.fromkeys([*actors, *instead, *roles]):
        told = [f"{role} {_numbers(some)}" for role, some in roles.get(did, {}).items()]
        if did in actors:
            told.insert(0, "does what looks like it" if honest else "deceives")
        elif did in instead:
            told.insert(0, "issues in the honest world")
        found.append(
            Person(
                did=shown(did),
                name=names.party(did),
                part="; ".join(told[:_MOST_ROLES]),
                registered=tuple(names.registrations(did)[:_MOST_REGISTRATIONS]),
                actor=did in actors,
            )
        )
    return tuple(found[:MOST_PEOPLE])


def _named(one: Credential) -> Iterator[tuple[str, str]]:
    """Roles and DIDs of everybody in one credential."""
    yield "issued", one.issuer
    for role, did in one.parties:
        yield f"{role} in", did
    for event in one.events:
        for role, did in event.parties:
            yield f"{role} in", did
    if (attestation := one.attestation) is not None:
        yield "holder of", attestation.issued_to
        for authority, _ in attestation.authorisations:
            yield "named as authority in", authority
    if (identity := one.identity) is not None:
        yield "subject of", identity.subject


def _did(url: str) -> str:
    return f"did:web:{quote(host_of(url), safe='.-')}"


def _numbers(some: Sequence[int]) -> str:
    """Numbers of papers, runs of them as such: 1–5, 7."""
    runs: list[list[int]] = []
    for number in sorted(set(some)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
