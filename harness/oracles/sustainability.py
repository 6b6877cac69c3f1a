"""Footprints and recycled content that the inputs do not bear out (F29 to F32)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from assay.harness.graph.reading import member, members, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.footprints import CRADLE, GATE, Reckoned, reckoned
from assay.harness.oracles.reading import Claim, Event
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, View

__all__ = [
    "boundary_shift",
    "carbon_cherry_picking",
    "functional_unit_trick",
    "recycled_content_overclaim",
]


def _by_figure(batches: Iterable[Reckoned]) -> dict[tuple[str, str, float], list[Reckoned]]:
    """Batches that fall short, by facility, model and stated figure."""
    found: dict[tuple[str, str, float], list[Reckoned]] = {}
    for one in batches:
        if one.short:
            found.setdefault((one.event.facility, _model(one.passport.product), one.figure), []).append(one)
    return found


def _model(product: str) -> str:
    return product.split("/batch/")[0].split("/item/")[0]


# F29, F30


@oracle("F29")
def carbon_cherry_picking(view: View) -> Iterator[Sighting]:
    """One figure for several batches of a plant, each less than the weighted inputs, their transport and the process."""
    for group in _by_figure(reckoned(view)).values():
        if len(group) > 1:
            for one in group:
                per_kg = (one.brought + one.caused) * one.figure / one.stated if one.stated else 0.0
                why = f"{one.figure:g} on {len(group)} batches; inputs and process make {per_kg:.3f}"
                yield Sighting((one.passport.url, one.event.url), why, (one.passport.issuer,))


@oracle("F30")
def boundary_shift(view: View) -> Iterator[Sighting]:
    """A figure from cradle to gate below what the inputs alone brought, on one batch."""
    for group in _by_figure(reckoned(view)).values():
        if len(group) == 1 and group[0].below_inputs:
            one = group[0]
            why = f"states {one.stated:.0f} kg of CO2e, the inputs brought {one.brought:.0f}"
            yield Sighting((one.passport.url, one.event.url), why, (one.passport.issuer,))


@dataclass(frozen=True, slots=True)
class _True:
    """A stated figure beside the account of its lot, grams per kilogram as weighed."""

    passport: Credential
    made: dict[str, Any]
    """The lot, as the ledger has it."""
    figure: float
    whole: float
    caused: float


def _accounted(truth: Truth, view: View) -> Iterator[_True]:
    for passport in view.credentials(PASSPORT):
        figure, lots = passport.carbon(CRADLE), truth.lots(passport.url)
        made = _made(truth, lots[0]) if len(lots) == 1 else None
        account = _footprint(truth, lots[0]) if made is not None else None
        if figure is None or made is None or account is None or not made["mass"]:
            continue
        weighed, carbon = _weighed(made), account["carbon"]
        yield _True(
            passport, made, figure * 1000, carbon[CRADLE] * 1000 / weighed, carbon[GATE] * 1000 / weighed
        )


def _understated(truth: Truth, view: View) -> dict[tuple[str, str, float], list[_True]]:
    """Passports that state less than the account, by facility, model and stated figure. Rounding is no lie."""
    found: dict[tuple[str, str, float], list[_True]] = {}
    for one in _accounted(truth, view):
        if one.figure < one.whole * 0.999 - 1:
            key = one.passport.facility, _model(one.passport.product), one.figure
            found.setdefault(key, []).append(one)
    return found


@decisive("F29")
def one_figure_for_all(truth: Truth, view: View) -> Iterator[Sighting]:
    """One figure on several batches whose accounts all have more."""
    for group in _understated(truth, view).values():
        if len(group) > 1:
            for one in group:
                why = f"the account has {one.whole / 1000:.3f}"
                yield Sighting((one.passport.url,), why, (one.passport.issuer,))


@decisive("F30")
def inputs_left_out(truth: Truth, view: View) -> Iterator[Sighting]:
    """A figure below what the account has of the inputs, on one batch."""
    for group in _understated(truth, view).values():
        if len(group) == 1 and group[0].figure < group[0].whole - group[0].caused:
            one = group[0]
            why = f"the inputs brought {(one.whole - one.caused) / 1000:.3f} per kilogram"
            yield Sighting((one.passport.url,), why, (one.passport.issuer,))


# F32

_CONTAINED = re.compile(r"\bper kilogram of contained (\w{3,20})\b")
_ENERGY = re.compile(r"\bper kilowatt-hour\b")
_SYMBOLS = {"lithium": "Li", "nickel": "Ni", "cobalt": "Co", "copper": "Cu", "manganese": "Mn"}
_BATTERY = (41.0, 150.0)
"""Kilograms of CO2e per kilowatt-hour of cells and packs: 41 to 89 for cells (Xu 2022); packs add housing and electronics."""
_HYDROXIDE = {"spodumene": (7.9, 22.0), "lithium sulphate": (7.9, 22.0), "brine": (2.3, 17.0)}
"""Kilograms of CO2e per kilogram of LiOH.H2O by route: carbonate of 9 to 20.4 from spodumene (Roskill 2020, Kelly 2021), of
2.7 to 3.1 from brine and six times that with direct extraction (Schenker and Pfister), times 0.88 kg of carbonate per kg."""
_ANY_HYDROXIDE = (2.3, 22.0)


def _flattered(passport: Credential, claim: Claim) -> tuple[float, float, float] | None:
    """Claimed value, how much of the claimed unit is in a kilogram of product, and the least of the route in that unit.

    None where the claim is for a kilogram of product, or no bounds are known.
    """
    values = [one.value for one in claim.performances if one.value is not None and one.unit == "KGM"]
    if len(values) != 1 or "product-carbon-footprint" not in claim.performances[0].metric:
        return None
    if _ENERGY.search(claim.description):
        held = _kwh_per_kg(passport)
        return (values[0], held, _BATTERY[0]) if held else None
    named = _CONTAINED.search(claim.description)
    grades = passport.grades
    if named is None or grades is None or "LiOH" not in str(passport.characteristics.get("composition")):
        return None
    held = grades[0].get(_SYMBOLS.get(named[1], ""), 0.0) * (1 - grades[1])
    bounds = _route(passport)
    return (values[0], held, bounds[0] / held) if held else None


def _most(passport: Credential, held: float) -> float:
    """The most that is known of the route, per kilogram of product."""
    return _BATTERY[1] * held if _kwh_per_kg(passport) else _route(passport)[1]


def _route(passport: Credential) -> tuple[float, float]:
    """Bounds of lithium hydroxide by what it was made of."""
    words = " ".join(
        text(one.get("name")) or "" for _, one in members(passport.subject, "materialProvenance")
    ).lower()
    return next((bounds for route, bounds in _HYDROXIDE.items() if route in words), _ANY_HYDROXIDE)


def _kwh_per_kg(passport: Credential) -> float:
    energy = member(passport.characteristics.get("ratedEnergy"), "value")
    weight = member(member(passport.subject, "dimensions", "weight"), "value")
    good = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (energy, weight))
    return float(energy) / float(weight) if good and weight else 0.0


@oracle("F32")
def functional_unit_trick(view: View) -> Iterator[Sighting]:
    """A figure below all bounds of the route in the unit that is claimed, and inside them as one for a kilogram of product."""
    for passport in view.credentials(PASSPORT):
        for claim in passport.claims:
            found = _flattered(passport, claim)
            if found is None:
                continue
            value, held, least = found
            if value < least and least * held <= value <= _most(passport, held):
                why = f"{value:g} is no figure in the unit that is claimed, and one for a kilogram of product"
                yield Sighting((passport.url,), why, (passport.issuer,))
                break


@decisive("F32")
def figure_of_another_unit(truth: Truth, view: View) -> Iterator[Sighting]:
    """The account has the claimed figure for a kilogram of product; for the claimed unit it has a larger one."""
    for one in _accounted(truth, view):
        per_kg = one.whole / 1000
        for claim in one.passport.claims:
            held = _held(one.made, claim.description)
            values = [found.value for found in claim.performances if found.value is not None]
            if held and any(
                abs(value - per_kg) <= 0.02 * per_kg and value < 0.9 * per_kg / held for value in values
            ):
                why = f"for the claimed unit the account has {per_kg / held:.3f}"
                yield Sighting((one.passport.url,), why, (one.passport.issuer,))


def _held(made: dict[str, Any], words: str) -> float:
    """How much of the unit that a claim names is in a kilogram of a lot as weighed; 0 where it names none."""
    named = _CONTAINED.search(words)
    if named is not None:
        return float(made["elements"].get(_SYMBOLS.get(named[1], ""), 0)) / _weighed(made)
    return float(made["energy"]) * 1000 / _weighed(made) if _ENERGY.search(words) else 0.0


def _weighed(made: dict[str, Any]) -> float:
    """Milligrams of a lot with its moisture."""
    return float(made["mass"]) * 1_000_000 / (1_000_000 - float(made["moisture"]))


# F31

_POINTS = 0.015
"""Recycled part by which a claim may lie above the feed: assays and scales (a claim is wrong from 0.02 on)."""
_WASTE = "39"
"""Division of the Central Product Classification: wastes and scraps."""


def _part(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 <= value <= 1 else 0.0


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
        made = _made(truth, lots[0]) if len(lots) == 1 else None
        account = _footprint(truth, lots[0]) if made is not None else None
        if made is None or account is None:
            continue
        for element, part in stated.items():
            known = account["recycled"].get(element, {"pre": 0, "post": 0})
            held = made["elements"].get(element, 0)
            if held and part > (known["pre"] + known["post"]) / held + 0.001:
                yield Sighting((passport.url,), f"{element}: more than was recycled", (passport.issuer,))
                break


def _made(truth: Truth, lot: str) -> dict[str, Any] | None:
    """A lot as the ledger has it when it was made: dry mass, moisture and elements."""
    for row in truth.lot(lot):
        for out in row.get("outputs", ()) if row["fact"] in ("source", "conversion") else ():
            if out["lot"] == lot:
                return dict(out)
    return None


def _footprint(truth: Truth, lot: str) -> dict[str, Any] | None:
    """The account of a lot's footprint: totals of the lot in milligrams."""
    rows = (row for row in truth.account(lot) if row.get("account") == "footprint" and row.get("lot") == lot)
    return next(rows, None)
