"""What a site can make in a year, and whether that fits what it says it uses."""

from __future__ import annotations

from typing import Any

from assay.harness.audit.assumptions import Assumptions
from assay.harness.audit.tally import Tally
from assay.harness.audit.words import Capacity, capacity_in
from assay.harness.graph.reading import day, member, members, text
from assay.harness.graph.units import mass_mg
from assay.profiles.world.materials import family, highest_grade

__all__ = ["judge_capacity", "stated_capacity"]

_ELEMENT_WORDS = {
    "Li": "lithium",
    "Ni": "nickel",
    "Co": "cobalt",
    "Mn": "manganese",
    "Cu": "copper",
    "Al": "aluminium",
    "C": "graphite",
}
_MG_PER_TONNE = 1_000_000_000
_LEAST_USE = 0.05
_YEAR_S = 365.25 * 86_400
_ABOUT = 0.02


def stated_capacity(
    subject: Any, key: str, name: str | None, assumptions: Assumptions
) -> tuple[Capacity | None, bool]:
    """Yearly capacity as assumed, as ``characteristics.annualCapacity`` has it, or in the words of the description.

    The second value says whether the figure was assumed.
    """
    tonnes = assumptions.figure(key, name, "yearly_tonnes")
    if tonnes is not None:
        return Capacity(int(tonnes * _MG_PER_TONNE), assumptions.figure(key, name, "of") or ""), True
    stated = member(subject, "characteristics", "annualCapacity")
    mass = mass_mg(stated)
    if mass is not None:
        of = text(member(stated, "of")) or ""
        return Capacity(mass, of if of in _ELEMENT_WORDS else family(of) or ""), False
    return capacity_in(text(member(subject, "description")) or ""), False


def judge_capacity(tally: Tally, doc: int, subject: Any, capacity: Capacity | None, *, assumed: bool) -> None:
    """W-132: a stated capacity for an element or material of it, against the stated yearly input of the same element.

    The input times the highest grade that occurs in trade is the most that can come out. A site that by its own figures
    runs at under a twentieth of its capacity has mistaken a unit somewhere.
    """
    usage = member(subject, "materialUsage")
    if capacity is None or usage is None:
        return
    years = _years(usage)
    word = _ELEMENT_WORDS.get(capacity.of, capacity.of.split("-")[0])
    most, names = 0.0, []
    for _, material in members(usage, "materialConsumed"):
        name = text(material.get("name")) or ""
        kind, mass = family(name), mass_mg(material.get("mass"))
        if kind is None or mass is None or (word and not kind.startswith(word)):
            continue
        grade = highest_grade(kind) if capacity.of in _ELEMENT_WORDS else 1.0
        most += mass * grade / years
        names.append(f"{mass / years / _MG_PER_TONNE:,.6g} t of {name}")
    if not names:
        tally.undecide("W-132", "the yearly input of what the capacity is for")
        return
    of = capacity.of or "product"
    tally.judge(
        "W-132",
        most >= _LEAST_USE * capacity.mg,
        doc,
        "/credentialSubject/materialUsage",
        f"an input that fits a capacity of {capacity.mg / _MG_PER_TONNE:,.6g} t of {of} a year",
        f"{'; '.join(names)} a year, enough for {most / _MG_PER_TONNE:,.6g} t of {of} at most",
        "Check units: tonnes against kilograms.",
        assumed=assumed,
    )


def _years(usage: Any) -> float:
    start, end = (
        day(member(usage, "applicablePeriod", "startDate")),
        day(member(usage, "applicablePeriod", "endDate")),
    )
    if start is None or end is None or end[1] <= start[0]:
        return 1.0
    years = (end[1] - start[0]) / _YEAR_S
    return float(round(years)) if abs(years - round(years)) < _ABOUT and round(years) else max(years, 1 / 365)
