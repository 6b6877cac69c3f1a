"""How to find a case with credentials and registers only, at the smallest scope that can reveal it: steps for a trainee."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assay.harness.oracles.view import View, did_url
from assay.harness.story.words import KINDS, Names, many, shown
from assay.profiles.deceptions.handbook import patterns
from assay.profiles.deceptions.terms import REGISTERS

__all__ = ["steps_of"]

Label = Mapping[str, Any]


def steps_of(
    view: View, names: Names, label: Label, numbers: Mapping[str, int], focus: Sequence[str]
) -> Iterator[str]:
    """Sentences in the order of work."""
    roots = [str(url) for url in label["root"] if view.shows(url)]
    if label["scope"] == "1":
        yield from _alone(view, names, roots, numbers)
    else:
        yield from _along(view, names, roots, focus)
    if label["scope"] == "X":
        whole = sum(1 for _ in view.credentials())
        yield (
            f"One chain does not show it. Hold what you found against the rest of the world ({whole:,} credentials): "
            "look up every identifier of the case wherever else it is mentioned."
        )
    for register in label["registers"]:
        yield f"Ask the {register.replace('-', ' ')}: {REGISTERS[register]}."
    yield patterns()[label["code"]].check


def _alone(view: View, names: Names, roots: Sequence[str], numbers: Mapping[str, int]) -> Iterator[str]:
    papers = ", ".join(f"({numbers[url]})" for url in roots[:6] if url in numbers) or "the root credential"
    yield f"Open {papers}: read the header of the token, the dates and what the subject says. No other paper is needed."
    for did in dict.fromkeys(one.issuer for url in roots if (one := view.get(url)) is not None):
        yield f"Fetch the DID document of {names.party(did)} at {shown(did_url(did) or did)} and check the signature with its key."
    lists = dict.fromkeys(
        place for url in roots if (one := view.get(url)) is not None for _, place, _ in one.status_entries
    )
    if lists:
        yield f"Read its place in {', '.join(shown(place) for place in list(lists)[:2])}."


def _along(view: View, names: Names, roots: Sequence[str], focus: Sequence[str]) -> Iterator[str]:
    if focus:
        yield f"Start at {shown(focus[0])} and ask its resolver for the linkset: it leads to the passport and its papers."
    else:
        facilities = [site for url in roots for site in view.digest(url).facilities]
        start = facilities[0] if facilities else next(iter(roots), "the party")
        yield f"Start at {shown(start)} and ask its resolver for the linkset."
    counted: dict[str, int] = {}
    issuers = set()
    for one in view.chain(*roots).credentials():
        counted[one.kind] = counted.get(one.kind, 0) + 1
        issuers.add(view.digest(one.url).issuer)
    told = ", ".join(many(number, KINDS[kind]) for kind, number in sorted(counted.items()) if kind in KINDS)
    yield (
        "Follow inputs upstream, products downstream, and every certificate, permit and anchor that they name. "
        f"The whole chain is {told}, of {many(len(issuers), 'party')}."
    )
