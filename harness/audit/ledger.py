"""The ledger: every conversion exactly balanced, every coming and going of every lot, and the facts to be matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from assay.harness.audit.matching import MATCHED, Fact, Grade, match
from assay.harness.audit.meters import grade_slack_ppm
from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.credential.strict_json import MAXIMUM_BYTES

__all__ = ["judge_ledger"]

_PPM = 1_000_000
_LONGEST_NAME = 300
_FACTS = frozenset({"source", "conversion", "departure", "arrival", "stocktake"})
_RULES = ("W-110", *MATCHED)


@dataclass(slots=True)
class _Lot:
    mass: int
    moisture: int
    elements: dict[str, int]


def judge_ledger(store: Store, tally: Tally, ledger: Path, as_of: str | None) -> None:
    """W-110 to W-114, and the rows that W-115 reads. ``as_of``: facts after it need no paper."""
    facts, problem = _read(store, tally, ledger)
    if problem is not None:
        for rule in _RULES:
            tally.undecide(rule, problem)
    match(store, tally, facts, as_of)


# reading, and exact balance


def _read(store: Store, tally: Tally, ledger: Path) -> tuple[list[Fact], str | None]:
    lots: dict[str, _Lot] = {}
    facts: list[Fact] = []
    strange: str | None = None
    with ledger.open("rb") as stream:
        number = 0
        while line := stream.readline(MAXIMUM_BYTES + 1):
            number += 1
            row = _row(line)
            kind = row.get("fact") if row is not None else None
            if kind == "footprint":
                continue
            if kind is not None and kind not in _FACTS:
                tally.undecide("W-112", f"credentials for facts of the kind '{str(kind)[:40]}'")
                continue
            if row is None or kind is None:
                strange = strange or f"a ledger row that can be read (row {number})"
                continue
            try:
                _fact(store, tally, row, number, lots, facts)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                strange = (
                    strange or f"a whole ledger row (row {number}: {type(error).__name__} {str(error)[:60]})"
                )
    return facts, strange


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None


def _fact(
    store: Store, tally: Tally, row: dict[str, Any], number: int, lots: dict[str, _Lot], facts: list[Fact]
) -> None:
    minute = _whole(row["time"])
    if row["fact"] in ("departure", "arrival"):
        leaves, items = row["fact"] == "departure", row["items"]
        name = f"{row['fact']} of {str(row['consignment'])[:_LONGEST_NAME]}"
        _hold(
            store,
            minute,
            int(leaves),
            row["origin" if leaves else "destination"],
            items,
            number,
            -1 if leaves else 1,
        )
        masses = tuple(_wet(item, lots) for item in items)
        facts.append(Fact("sent" if leaves else "received", minute, masses, (), number, name))
        return
    if row["fact"] == "stocktake":
        _count(store, minute, row["facility"], row["items"], number)
        name = f"stocktake at {str(row['facility'])[:_LONGEST_NAME]}, minute {minute}"
        facts.append(
            Fact("counted", minute, tuple(_wet(item, lots) for item in row["items"]), (), number, name)
        )
        return
    outputs, inputs = row["outputs"], row.get("inputs", [])
    name = f"{row['fact']} at {str(row['facility'])[:_LONGEST_NAME]}, minute {minute}"
    for lot in outputs:
        elements = {str(element): _whole(amount) for element, amount in lot["elements"].items()}
        lots[lot["lot"]] = _Lot(_whole(lot["mass"]), _whole(lot["moisture"]), elements)
    if row.get("origin") == "opening":
        name = f"opening stock at {str(row['facility'])[:_LONGEST_NAME]}"
    if row["fact"] == "conversion":
        _balance(tally, row, inputs, outputs, number, name)
        _hold(store, _whole(row["started"]), 1, row["facility"], inputs, number, -1)
    _hold(store, minute, 0, row["facility"], outputs, number, 1)
    made = [lots[lot["lot"]] for lot in outputs]
    masses = tuple([_wet(item, lots) for item in inputs] + [_weighed(lot) for lot in made])
    grades = tuple(_grades(lot) for lot in made)
    kind = (
        "make" if row["fact"] == "conversion" else "opening" if row.get("origin") == "opening" else "source"
    )
    facts.append(Fact(kind, minute, masses, grades, number, name))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _weighed(lot: _Lot) -> int:
    return lot.mass * _PPM // max(1, _PPM - lot.moisture)


def _wet(item: dict[str, Any], lots: dict[str, _Lot]) -> int:
    lot = lots[item["lot"]]
    return _whole(item["mass"]) * _PPM // max(1, _PPM - lot.moisture)


def _grades(lot: _Lot) -> tuple[Grade, ...]:
    weighed = max(1, _weighed(lot))
    slack = grade_slack_ppm(lot.moisture)
    shares = (
        (element, amount * 1_000_000_000 // weighed) for element, amount in lot.elements.items() if amount
    )
    return tuple(Grade(element, share, share * slack // _PPM + 100) for element, share in shares)


def _balance(
    tally: Tally, row: dict[str, Any], inputs: list[Any], outputs: list[Any], number: int, name: str
) -> None:
    """Inputs less outputs less losses, element by element: exactly zero."""
    left: Counter[str] = Counter()
    for portion in inputs:
        left.update({element: _whole(amount) for element, amount in portion["elements"].items()})
    for lot in outputs:
        left.subtract({element: _whole(amount) for element, amount in lot["elements"].items()})
    losses = {element: _whole(amount) for element, amount in row["losses"].items()}
    left.subtract(losses)
    for element in sorted(left):
        tally.judge(
            "W-110",
            left[element] == 0 and losses.get(element, 0) >= 0,
            None,
            f"/{number - 1}",
            f"inputs less outputs less losses of {element} exactly zero, and no negative loss ({name})",
            f"{left[element]:,} mg unaccounted for, {losses.get(element, 0):,} mg lost",
            "Mend the ledger.",
        )


def _hold(
    store: Store,
    minute: int,
    phase: int,
    facility: Any,
    portions: Iterable[dict[str, Any]],
    number: int,
    sign: int,
) -> None:
    for portion in portions:
        lot = str(portion["lot"])[:_LONGEST_NAME]
        store.add(
            "holding",
            minute,
            phase,
            str(facility)[:_LONGEST_NAME],
            lot,
            "",
            sign * _whole(portion["mass"]),
            number,
        )
        for element, amount in portion["elements"].items():
            store.add(
                "holding",
                minute,
                phase,
                str(facility)[:_LONGEST_NAME],
                lot,
                element,
                sign * _whole(amount),
                number,
            )


def _count(store: Store, minute: int, facility: Any, portions: list[dict[str, Any]], number: int) -> None:
    site = str(facility)[:_LONGEST_NAME]
    store.add("counted", minute, site, "", "", 0, number)
    for portion in portions:
        lot = str(portion["lot"])[:_LONGEST_NAME]
        store.add("counted", minute, site, lot, "", _whole(portion["mass"]), number)
        for element, amount in portion["elements"].items():
            store.add("counted", minute, site, lot, element, _whole(amount), number)
