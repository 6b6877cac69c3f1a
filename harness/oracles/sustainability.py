"""Footprints and recycled content that the inputs do not bear out (F29 to F32)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.graph.reading import member, members, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, View

__all__ = ["recycled_content_overclaim"]


# F31

_POINTS = 0.015
"""Recycled part by which a claim may lie above the feed: assays and scales (a claim is wrong from 0.02 on)."""
_WASTE = "39"
"""Division of the Central Product Classification: wastes and scraps."""


def _part(value: object) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and 0 <= float(value) <= 1 else 0.0  # type: ignore[arg-type]


def _recycled(passport: Credential) -> dict[str, float]:
    """Recycled part of each element that a passport states one for."""
    stated = passport.footprint.get("recycled")
    if not isinstance(stated, dict):
        return {}
    return {
        str(element): _part(member(parts, "preConsumer")) + _part(member(parts, "postConsumer"))
        for element, parts in stated.items()
    }


def _scrap(passport: Credential) -> bool:
    codes = (text(one.get("code")) or "" for _, one in members(passport.subject, "productCategory"))
    return any(code.startswith(_WASTE) for code in codes)


def _feed(view: View, event: Event) -> dict[str, tuple[float, float]] | None:
    """Kilograms of each element that went into a batch, and how many of them were recycled at most; None where unknown.

    Scrap of another site counts in full, a site's own only as far as it was recycled before.
    """
    found: dict[str, tuple[float, float]] = {}
    for line in event.inputs:
        passports = view.passports(line.product)
        if not passports or line.kg is None:
            return None
        grades = passports[-1].grades
        if grades is None:
            continue  # parts and foils of other metals state none and hold none
        for element in grades[0]:
            content = max(one.contained_kg(line.kg, element) or 0.0 for one in passports)
            part = max(
                1.0 if _scrap(one) and one.facility != event.facility else _recycled(one).get(element, 0.0)
                for one in passports
            )
            held, recycled = found.get(element, (0.0, 0.0))
            found[element] = held + content, recycled + content * min(part, 1.0)
    return found


@oracle("F31")
def recycled_content_overclaim(view: View) -> Iterator[Sighting]:
    """A passport states a larger recycled part of an element than the inputs of its make event held."""
    for passport in view.credentials(PASSPORT):
        stated = _recycled(passport)
        made = view.makes(passport.product) if stated else []
        if len(made) != 1:
            continue
        feed = _feed(view, made[0])
        for element, part in stated.items() if feed is not None else ():
            held, recycled = (feed or {}).get(element, (0.0, 0.0))
            if part > _POINTS and (not held or part > recycled / held + _POINTS):
                most = recycled / held if held else 0.0
                why = f"{part:.3f} of {element} recycled, the feed allows {most:.3f}"
                yield Sighting((passport.url, made[0].url), why, (passport.issuer,))
                break


@decisive("F31")
def accounts_hold_less_recycled(truth: Truth, view: View) -> Iterator[Sighting]:
    """A passport states a larger recycled part of an element than the account of its lot has."""
    for passport in view.credentials(PASSPORT):
        stated = _recycled(passport)
        lots = truth.lots(passport.url) if stated else ()
        if len(lots) != 1:
            continue
        content = _content(truth, lots[0])
        account = next((row for row in truth.account(lots[0]) if row["account"] == "footprint"), None)
        for element, part in stated.items() if account is not None and content else ():
            known = (account or {})["recycled"].get(element, {"pre": 0, "post": 0})
            held = content.get(element, 0)
            if held and part > (known["pre"] + known["post"]) / held + 0.001:
                yield Sighting((passport.url,), f"{element}: more than was recycled", (passport.issuer,))
                break


def _content(truth: Truth, lot: str) -> dict[str, int]:
    """Milligrams by element of a lot when it was made."""
    for row in truth.lot(lot):
        for out in row.get("outputs", ()) if row["fact"] in ("source", "conversion") else ():
            if out["lot"] == lot:
                return dict(out["elements"])
    return {}
