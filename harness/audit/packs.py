"""Energy and chemistry of cells and packs, and bills of materials, from one passport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.harness.audit.assumptions import Assumptions
from assay.harness.audit.tally import Tally
from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.graph.units import mass_mg
from assay.profiles.world.materials import compound, family, never_in_cells, per_kwh

__all__ = ["energy_wh", "judge_pack"]

_BATTERIES = frozenset({"battery-cell", "battery-pack", "accumulator"})
_UNITS = {
    "V": 1.0,
    "VLT": 1.0,
    "KVT": 1000.0,
    "AH": 1.0,
    "AMH": 1.0,
    "MAH": 0.001,
    "KWH": 1.0,
    "WH": 0.001,
    "WHR": 0.001,
    "MWH": 1000.0,
}
_RATED = ("ratedEnergy", "nominalEnergy", "energy")
_SUM_SLACK = 0.002
_SHARE = 0.01
_AT = "/credentialSubject"


def _figure(characteristics: Any, *names: str) -> float | None:
    """A positive number with a unit that is known, in volts, ampere-hours or kilowatt-hours."""
    for name in names:
        value, unit = member(characteristics, name, "value"), text(member(characteristics, name, "unit"))
        factor = _UNITS.get((unit or "").rsplit("#", 1)[-1].upper())
        if (
            factor is None
            or isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 < value < 1e12
        ):
            continue
        return value * factor
    return None


def energy_wh(subject: Any) -> int | None:
    """Rated or usable energy of what a passport describes, in watt-hours."""
    found = _figure(member(subject, "characteristics"), *_RATED, "certifiedUsableEnergy")
    return None if found is None else int(found * 1000)


def judge_pack(
    tally: Tally, doc: int, subject: Any, grades: Mapping[str, float] | None, assumptions: Assumptions
) -> None:
    """W-170 to W-172 and W-174 on a passport's subject; ``grades`` are mass fractions as weighed, where known."""
    weight = mass_mg(member(subject, "dimensions", "weight"))
    _bill(tally, doc, subject, weight)
    key, name = identifier(subject) or "", text(member(subject, "name"))
    characteristics = member(subject, "characteristics")
    said: dict[str, float | None] = {
        "voltage": _figure(characteristics, "nominalVoltage"),
        "capacity": _figure(characteristics, "ratedCapacity", "nominalCapacity"),
        "rated": _figure(characteristics, *_RATED),
        "usable": _figure(characteristics, "certifiedUsableEnergy", "usableEnergy"),
    }
    assumed = False
    for figure, target in (("voltage", "voltage"), ("capacity", "capacity"), ("energy", "rated")):
        found = assumptions.figure(key, name, figure)
        if found is not None and said[target] is None:
            said[target], assumed = float(found), True
    kind = family(name or "")
    if kind not in _BATTERIES and said["voltage"] is None:
        return
    if not (
        text(member(subject, "idGranularity")) == "batch"
        and said["voltage"] is None
        and said["capacity"] is None
    ):
        _energy(tally, doc, said, assumed)  # a batch as a whole has neither voltage nor capacity
    energy = said["rated"] or said["usable"]
    if kind in _BATTERIES:
        _constituents(tally, doc, subject)
        _per_kwh(tally, doc, subject, weight, energy, grades, assumed)


def _energy(tally: Tally, doc: int, said: Mapping[str, float | None], assumed: bool) -> None:
    voltage, capacity, rated, usable = said["voltage"], said["capacity"], said["rated"], said["usable"]
    if voltage is None or capacity is None or (rated is None and usable is None):
        tally.undecide("W-170", "nominal voltage, rated capacity or energy of a pack")
        return
    product = voltage * capacity / 1000
    stated = rated if rated is not None else usable
    assert stated is not None
    ok = (
        abs(stated - product) <= 0.05 * product
        if rated is not None
        else 0.7 * product <= stated <= 1.02 * product
    )
    tally.judge(
        "W-170",
        ok,
        doc,
        _AT + "/characteristics",
        f"{product:,.4g} kWh of energy{'' if rated is not None else ' at most'}, from {voltage:,.4g} V and {capacity:,.4g} Ah",
        f"{stated:,.4g} kWh",
        "Mend voltage, capacity or energy.",
        assumed=assumed,
    )


def _bill(tally: Tally, doc: int, subject: Any, weight: int | None) -> None:
    total, known = 0.0, False
    for path, material in members(subject, "materialProvenance"):
        share = material.get("massFraction")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < 1e6:
            continue
        total, known = total + share, True
        mass = mass_mg(material.get("mass"))
        if mass is not None and weight:
            tally.judge(
                "W-172",
                abs(mass - share * weight) <= max(_SHARE * max(mass, share * weight), 1_000_000),
                doc,
                f"{_AT}/{'/'.join(map(str, path))}/mass",
                f"{share * weight / 1e6:,.6g} kg, {share:.6g} of the weight",
                f"{mass / 1e6:,.6g} kg",
                "Mend the mass, the mass fraction or the weight.",
            )
    if known:
        tally.judge(
            "W-172",
            total <= 1 + _SUM_SLACK,
            doc,
            _AT + "/materialProvenance",
            "mass fractions that add up to at most 1",
            f"{total:.6g}",
            "Name every material once, as a share of the whole product.",
        )


def _constituents(tally: Tally, doc: int, subject: Any) -> None:
    for path, material in members(subject, "materialProvenance"):
        name = text(material.get("name")) or ""
        kind = family(name)
        if kind is None:
            continue
        tally.judge(
            "W-174",
            kind not in never_in_cells(),
            doc,
            f"{_AT}/{'/'.join(map(str, path))}/name",
            "a constituent that a finished cell or pack can have, such as cathode active material",
            f"{name} ({kind.replace('-', ' ')}), which is used up on the way there",
            "Declare what the product consists of; its precursors belong into the make events before it.",
        )


def _per_kwh(
    tally: Tally,
    doc: int,
    subject: Any,
    weight: int | None,
    energy: float | None,
    grades: Mapping[str, float] | None,
    assumed: bool,
) -> None:
    """Kilograms of an element per kilowatt-hour: by stated grades, otherwise by compounds in the bill of materials."""
    held: dict[str, float] = {}
    pointer = _AT + "/characteristics/elementGrades"
    if grades and weight:
        held = {element: share * weight / 1e6 for element, share in grades.items()}
    elif weight:
        pointer = _AT + "/materialProvenance"
        for _, material in members(subject, "materialProvenance"):
            share = material.get("massFraction")
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                continue
            for element, part in (compound(text(material.get("name")) or "") or {}).items():
                held[element] = held.get(element, 0.0) + share * weight / 1e6 * part
    if energy is None or not held:
        tally.undecide("W-171", "energy, weight or composition of a cell or pack")
        return
    by_bill = pointer.endswith("materialProvenance")
    for element, (low, high) in per_kwh().items():
        if element not in held:
            continue
        found = held[element] / energy
        # A bill of materials may leave parts of an element out; grades of the whole product may not.
        tally.judge(
            "W-171",
            (by_bill or found >= low) and found <= high,
            doc,
            pointer,
            f"{low:g} to {high:g} kg of {element} per kWh",
            f"{found:.3f} kg per kWh ({held[element]:,.4g} kg for {energy:,.4g} kWh)",
            "Mend weight, composition or energy.",
            assumed=assumed,
        )
