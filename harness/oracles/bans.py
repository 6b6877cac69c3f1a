"""Goods whose export is banned, under the name of goods that may leave (F14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assay.harness.graph.reading import member, members, text
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import day
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import PASSPORT, View

__all__ = ["ban_evasion"]

_FLOORS = (
    ("spodumene concentrate", "Li", 0.0165),
    ("lithium sulphate", "Li", 0.07),
    ("cobalt hydroxide", "Co", 0.10),
)
"""Parts of dry matter below which goods are not what they are called. Concentrate of spodumene is traded from 5 % Li2O up (2.3 %
Li) and may be half as poor again; the sulphate monohydrate has 10.8 % Li and the hydroxide 63 % Co by formula, crude ones less."""
_RULES = "/registers/export-rules"


@dataclass(frozen=True, slots=True)
class _Ban:
    """A product (in small letters) that may not leave a nation, named as registers write it, from a day until another."""

    nation: str
    product: str
    start: date
    until: date | None

    def covers(self, nation: str, at: date) -> bool:
        return self.nation == nation and self.start <= at and (self.until is None or at <= self.until)


def _bans(view: View) -> list[_Ban]:
    found = []
    for register in view.resources("open-data"):
        title = text(member(register.json, "name")) or ""
        if not register.url.endswith(_RULES) or not title.startswith("Export rules of "):
            continue
        nation = title.removeprefix("Export rules of ").removesuffix(" (example)")
        for _, entry in members(register.json, "entries"):
            start, product = day(entry.get("from")), text(entry.get("product"))
            if entry.get("rule") == "banned" and start is not None and product is not None:
                found.append(_Ban(nation, product.lower(), start, day(entry.get("until"))))
    return found


def _banned(bans: list[_Ban], passport: Credential) -> list[str]:
    """What may not leave the nation in which a batch was made, on the day on which it was."""
    nation = text(member(passport.subject, "countryOfProduction", "countryName")) or ""
    made = day(member(passport.subject, "productionDate"))
    return [one.product for one in bans if made is not None and one.covers(nation, made)]


@oracle("F14")
def ban_evasion(view: View) -> Iterator[Sighting]:
    """A batch with the grade of ore under the name of what is made of ore, in a nation that bans the export of ore."""
    bans = _bans(view)
    for passport in view.credentials(PASSPORT) if bans else ():
        called = text(member(passport.subject, "name")) or ""
        name = called.lower()
        banned = [one for one in _banned(bans, passport) if "ore" in one.split()]
        grades = passport.grades
        if not banned or grades is None or name in banned:
            continue
        for product, element, floor in _FLOORS:
            found = grades[0].get(element)
            if name.startswith(product) and found is not None and found < floor:
                why = f"{called} with {found:.2%} {element}; export of {banned[0]} is banned"
                yield Sighting((passport.url,), why, (passport.issuer,))


@decisive("F14")
def declared_as_something_else(truth: Truth, view: View) -> Iterator[Sighting]:
    """Declared for export as one product, by the acts, and by the ledger another, which may not leave."""
    bans = _bans(view)
    for row in truth.acts("declared"):
        passport = view.get(truth.passport(row["lot"]) or "") if row["purpose"] == "export" else None
        made = _product(truth, row["lot"])
        if passport is not None and made in _banned(bans, passport) and row["named"].lower() != made:
            yield Sighting((passport.url,), f"{row['named']} is {made}", (row["by"],))


def _product(truth: Truth, lot: str) -> str:
    """What a lot is by the ledger, in small letters and as registers name it."""
    for row in truth.lot(lot):
        for out in row.get("outputs", ()):
            if out["lot"] == lot:
                return str(out["product"]).replace("-", " ").lower()
    return ""
