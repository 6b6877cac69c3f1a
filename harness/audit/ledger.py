"""The ledger: exact balances, and every fact against its credential.

Facts and papers share no identifiers. They are matched by what both must know: the minute (after the constant offset
between the ledger's clock and the calendar is found by vote) and the masses, within the error of scales. Sources, for
which no event is published, are matched with passports by day and mass.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from assay.harness.audit.dates import shown
from assay.harness.audit.meters import ASSAY_PPM, MOISTURE_PPM, mass_slack_mg
from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.credential.strict_json import MAXIMUM_BYTES
from assay.harness.graph.reading import instant

__all__ = ["judge_ledger"]

_PPM = 1_000_000
_VOTERS = 400
_DAY_MINUTES = 1440
_LONGEST_NAME = 300
_FACTS = frozenset({"source", "conversion", "departure", "arrival", "stocktake"})
_RULES = ("W-110", "W-111", "W-112", "W-113", "W-114")


class _Fact(NamedTuple):
    """Something that must be on paper. ``masses`` as weighed, in milligrams, in order; ``lots`` of what came into being."""

    kind: str
    minute: int
    masses: tuple[int, ...]
    lots: tuple[tuple[tuple[str, int], ...], ...]
    """Grades of outputs as weighed, in parts per billion by element."""
    row: int
    name: str


class _Paper(NamedTuple):
    """An event or passport: its place, masses with their slack, keys of what came into being."""

    kind: str
    minute: int
    masses: tuple[int | None, ...]
    keys: tuple[str, ...]
    doc: int
    pointer: str


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
    _match(store, tally, facts, as_of)


# reading, and exact balance


def _read(store: Store, tally: Tally, ledger: Path) -> tuple[list[_Fact], str | None]:
    lots: dict[str, _Lot] = {}
    facts: list[_Fact] = []
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
    store: Store, tally: Tally, row: dict[str, Any], number: int, lots: dict[str, _Lot], facts: list[_Fact]
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
        facts.append(_Fact("sent" if leaves else "received", minute, masses, (), number, name))
        return
    if row["fact"] == "stocktake":
        _count(store, minute, row["facility"], row["items"], number)
        name = f"stocktake at {str(row['facility'])[:_LONGEST_NAME]}, minute {minute}"
        facts.append(
            _Fact("counted", minute, tuple(_wet(item, lots) for item in row["items"]), (), number, name)
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
    facts.append(_Fact(kind, minute, masses, grades, number, name))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _weighed(lot: _Lot) -> int:
    return lot.mass * _PPM // max(1, _PPM - lot.moisture)


def _wet(item: dict[str, Any], lots: dict[str, _Lot]) -> int:
    lot = lots[item["lot"]]
    return _whole(item["mass"]) * _PPM // max(1, _PPM - lot.moisture)


def _grades(lot: _Lot) -> tuple[tuple[str, int], ...]:
    weighed = max(1, _weighed(lot))
    return tuple(
        (element, amount * 1_000_000_000 // weighed) for element, amount in lot.elements.items() if amount
    )


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


# paper against facts


_EVENTS = """
SELECT e.no, e.kind, e.at_s, e.doc, e.pointer, i.direction, i.key, i.mass_mg
  FROM event e
  JOIN item i ON i.event = e.no
 WHERE e.kind IN ('make', 'sent', 'received', 'counted') AND e.at_s IS NOT NULL
 ORDER BY e.no, i.place
"""
_PASSPORTS = "SELECT key, at_s, mass_mg, doc, pointer FROM made WHERE event IS NULL AND mass_mg IS NOT NULL ORDER BY key"


def _papers(store: Store) -> Iterator[_Paper]:
    cursor = store.connection.cursor()
    cursor.execute(_EVENTS)
    current: list[tuple[Any, ...]] = []
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            if current and current[0][0] != row[0]:
                yield _event(current)
                current = []
            current.append(row)
    if current:
        yield _event(current)
    cursor.execute(_PASSPORTS)
    while rows := cursor.fetchmany(10_000):
        for key, at_s, mass, doc, pointer in rows:
            yield _Paper("source", at_s // 60, (mass,), (key,), doc, pointer)
    cursor.close()


def _event(rows: list[tuple[Any, ...]]) -> _Paper:
    _, kind, at_s, doc, pointer, _, _, _ = rows[0]
    masses = tuple(row[7] for row in rows)
    keys = tuple(row[6] for row in rows if row[5] == "out")
    if kind == "make" and len(keys) == len(rows):
        kind = "source"  # mined, or bought in: nothing that is known went in
    return _Paper(kind, at_s // 60, masses, keys, doc, pointer)


def _offset(facts: list[_Fact], papers: list[_Paper]) -> int | None:
    """Minutes from the ledger's zero to 1970 backwards: the difference that most facts and papers share."""
    votes: Counter[int] = Counter()
    for kind in ("make", "sent"):
        ours = sorted({fact.minute for fact in facts if fact.kind == kind})[:_VOTERS]
        theirs = sorted({paper.minute for paper in papers if paper.kind == kind})[:_VOTERS]
        votes.update(there - here for here in ours for there in theirs)
    if not votes:
        return None
    most = max(votes.values())
    return min(difference for difference, number in votes.items() if number == most)


def _match(store: Store, tally: Tally, facts: list[_Fact], as_of: str | None) -> None:
    papers = list(_papers(store))
    offset = _offset(facts, papers)
    if offset is None:
        for rule in _RULES[1:]:
            tally.undecide(rule, "make events or moves on paper and in the ledger")
        return
    limit = instant(as_of)
    last = None if limit is None else limit // 60 - offset
    facts = [fact for fact in facts if fact.kind != "opening"]
    counts = any(fact.kind == "counted" for fact in facts)
    ours: defaultdict[tuple[str, int, int], list[_Fact]] = defaultdict(list)
    theirs: defaultdict[tuple[str, int, int], list[_Paper]] = defaultdict(list)
    for fact in facts:
        for one in _single(fact):
            ours[_slot(one.kind, one.minute + offset, len(one.masses))].append(one)
    for paper in papers:
        if (paper.kind == "source" and paper.minute < offset) or (paper.kind == "counted" and not counts):
            continue  # opening stock is older than the ledger; a ledger without stocktakes says nothing of them
        theirs[_slot(paper.kind, paper.minute, len(paper.masses))].append(paper)
    grades = _stated_grades(store)
    for slot in sorted(ours.keys() | theirs.keys()):
        _pair(tally, ours.get(slot, []), theirs.get(slot, []), offset, last, grades)


def _slot(kind: str, minute: int, size: int) -> tuple[str, int, int]:
    return kind, minute // _DAY_MINUTES if kind == "source" else minute, size


def _single(fact: _Fact) -> Iterator[_Fact]:
    """A source of several lots is several passports."""
    if fact.kind != "source" or len(fact.masses) == 1:
        yield fact
        return
    for mass, grades in zip(fact.masses, fact.lots, strict=True):
        yield fact._replace(masses=(mass,), lots=(grades,))


def _weight(masses: tuple[int | None, ...]) -> tuple[int, ...]:
    return tuple(sorted((mass or 0 for mass in masses), reverse=True))


def _near(fact: _Fact, paper: _Paper) -> bool:
    pairs = zip(_weight(fact.masses), _weight(paper.masses), strict=True)
    return all(abs(true - said) <= mass_slack_mg(max(true, said)) for true, said in pairs)


def _pair(
    tally: Tally,
    facts: list[_Fact],
    papers: list[_Paper],
    offset: int,
    last: int | None,
    grades: dict[str, dict[str, int]],
) -> None:
    """Facts and papers of one minute and kind: first those that fit by mass, then the rest as they come."""
    facts = sorted(facts, key=lambda fact: (_weight(fact.masses), fact.row))
    papers = sorted(papers, key=lambda paper: (_weight(paper.masses), paper.doc))
    rest_facts: list[_Fact] = []
    waiting = list(reversed(papers))
    rest_papers: list[_Paper] = []
    for fact in facts:
        while waiting and not _near(fact, waiting[-1]) and _weight(waiting[-1].masses) < _weight(fact.masses):
            rest_papers.append(waiting.pop())
        if waiting and _near(fact, waiting[-1]):
            _compare(tally, fact, waiting.pop(), grades)
        else:
            rest_facts.append(fact)
    rest_papers += reversed(waiting)
    for fact, paper in zip(rest_facts, rest_papers, strict=False):
        _compare(tally, fact, paper, grades)
    both = min(len(rest_facts), len(rest_papers))
    for fact in rest_facts[both:]:
        if last is None or fact.minute <= last:
            tally.judge(
                "W-112",
                False,
                None,
                f"/{fact.row - 1}",
                f"a credential for the {_WORDS[fact.kind]} of {shown((fact.minute + offset) * 60)} ({fact.name})",
                "none",
                "Publish the credential, or mend its date.",
            )
    for paper in rest_papers[both:]:
        tally.judge(
            "W-111",
            False,
            paper.doc,
            paper.pointer,
            f"a fact in the ledger: a {_WORDS[paper.kind]} at {shown(paper.minute * 60)} with {len(paper.masses)} product(s)",
            "none",
            "Nothing of the kind happened then: withdraw the credential, or mend its date.",
        )


_WORDS = {
    "make": "conversion",
    "sent": "dispatch",
    "received": "arrival",
    "source": "source",
    "counted": "stocktake",
}


def _compare(tally: Tally, fact: _Fact, paper: _Paper, grades: dict[str, dict[str, int]]) -> None:
    tally.judge("W-111", True, paper.doc, paper.pointer, "", "", "")
    tally.judge("W-112", True, None, "", "", "", "")
    for true, said in zip(_weight(fact.masses), _weight(paper.masses), strict=True):
        slack = mass_slack_mg(max(true, said))
        tally.judge(
            "W-113",
            abs(true - said) <= slack,
            paper.doc,
            paper.pointer,
            f"{true / _PPM:,.6g} kg as the ledger has it, within {slack / _PPM:,.4g} kg ({fact.name})",
            f"{said / _PPM:,.6g} kg",
            "State what was weighed.",
        )
    if len(paper.keys) != len(fact.lots):
        return
    for key, lot in zip(paper.keys, fact.lots, strict=True):
        stated = grades.get(key)
        if stated is None:
            tally.undecide("W-114", "grades in passports")
            continue
        for element, true in lot:
            said = stated.get(element, 0)
            slack = true * (ASSAY_PPM + MOISTURE_PPM + 100) // _PPM + 100
            tally.judge(
                "W-114",
                abs(true - said) <= slack,
                paper.doc,
                paper.pointer,
                f"{true / 1e7:.4f} % of {element} as weighed in {key}, as the ledger has it, within {slack / 1e7:.4f} %",
                f"{said / 1e7:.4f} %",
                "State what was assayed.",
            )


def _stated_grades(store: Store) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    cursor = store.connection.cursor()
    cursor.execute("SELECT key, element, share_e9 FROM content WHERE assumed = 0")
    while rows := cursor.fetchmany(10_000):
        for key, element, share in rows:
            found.setdefault(key, {})[element] = share
    cursor.close()
    return found
