"""Facts of the ledger against their credentials.

Facts and papers share no identifiers. They are matched by what both must know: the minute (after the constant offset
between the ledger's clock and the calendar is found by vote), the masses and the grades, within the error of
instruments. Sources for which no event is published are matched with passports by day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from assay.harness.audit.dates import shown
from assay.harness.audit.meters import mass_slack_mg
from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.graph.reading import instant

__all__ = ["MATCHED", "Fact", "Grade", "match"]

MATCHED = ("W-111", "W-112", "W-113", "W-114")
"""The rules that are decided here."""
_PPM = 1_000_000
_VOTERS = 400
_DAY_MINUTES = 1440


class Grade(NamedTuple):
    """Parts per billion of an element in a lot as weighed, and how far assay, moisture and rounding may move them."""

    element: str
    true: int
    slack: int


class Fact(NamedTuple):
    """Something that must be on paper. ``masses`` as weighed, in milligrams, in order; ``lots`` of what came into being."""

    kind: str
    minute: int
    masses: tuple[int, ...]
    lots: tuple[tuple[Grade, ...], ...]
    """Grades of outputs, one group for each lot."""
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


def _offset(facts: list[Fact], papers: list[_Paper]) -> int | None:
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


def match(store: Store, tally: Tally, facts: list[Fact], as_of: str | None) -> None:
    papers = list(_papers(store))
    offset = _offset(facts, papers)
    if offset is None:
        for rule in MATCHED:
            tally.undecide(rule, "make events or moves on paper and in the ledger")
        return
    limit = instant(as_of)
    last = None if limit is None else limit // 60 - offset
    facts = [fact for fact in facts if fact.kind != "opening"]
    counts = any(fact.kind == "counted" for fact in facts)
    ours: defaultdict[tuple[str, int, int], list[Fact]] = defaultdict(list)
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


def _single(fact: Fact) -> Iterator[Fact]:
    """A source of several lots is several passports."""
    if fact.kind != "source" or len(fact.masses) == 1:
        yield fact
        return
    for mass, grades in zip(fact.masses, fact.lots, strict=True):
        yield fact._replace(masses=(mass,), lots=(grades,))


def _weight(masses: tuple[int | None, ...]) -> tuple[int, ...]:
    return tuple(sorted((mass or 0 for mass in masses), reverse=True))


def _near(fact: Fact, paper: _Paper) -> bool:
    pairs = zip(_weight(fact.masses), _weight(paper.masses), strict=True)
    return all(abs(true - said) <= mass_slack_mg(max(true, said)) for true, said in pairs)


def _fitting(grades: dict[str, dict[str, int]]) -> Callable[[Fact, _Paper], bool]:
    """Fits by mass, and what came into being by its grades: batches of one day often weigh the same."""

    def fits(fact: Fact, paper: _Paper) -> bool:
        if not _near(fact, paper) or len(fact.lots) != len(paper.keys):
            return False
        pairs = _outputs(fact, paper, grades)
        return all(_deviant(lot, grades.get(key, {})) is None for key, lot in pairs)

    return fits


def _outputs(
    fact: Fact, paper: _Paper, grades: dict[str, dict[str, int]]
) -> list[tuple[str, tuple[Grade, ...]]]:
    """Which output on paper is which lot: the first whose grades fit, otherwise the next in order."""
    left = list(fact.lots)
    found = []
    for key in paper.keys:
        stated = grades.get(key, {})
        lot = next((one for one in left if _deviant(one, stated) is None), left[0])
        left.remove(lot)
        found.append((key, lot))
    return found


def _deviant(lot: tuple[Grade, ...], stated: dict[str, int]) -> str | None:
    """The first element whose stated grade is not that of the lot."""
    return next(
        (one.element for one in lot if abs(one.true - stated.get(one.element, 0)) > one.slack),
        None,
    )


def _paired(
    tally: Tally,
    facts: list[Fact],
    papers: list[_Paper],
    grades: dict[str, dict[str, int]],
    fits: Callable[[Fact, _Paper], bool],
) -> tuple[list[Fact], list[_Paper]]:
    """Compare every fact with the first paper that fits it, both sorted by mass; what is left of both."""
    left: list[Fact] = []
    for fact in facts:
        heaviest = max(fact.masses, default=0)
        slack = mass_slack_mg(heaviest)
        lowest = bisect_left(papers, heaviest - 2 * slack, key=_heaviest)
        place = lowest
        while place < len(papers) and _heaviest(papers[place]) <= heaviest + 2 * slack:
            if fits(fact, papers[place]):
                _compare(tally, fact, papers.pop(place), grades)
                break
            place += 1
        else:
            left.append(fact)
    return left, papers


def _heaviest(paper: _Paper) -> int:
    return max((mass or 0 for mass in paper.masses), default=0)


def _pair(
    tally: Tally,
    facts: list[Fact],
    papers: list[_Paper],
    offset: int,
    last: int | None,
    grades: dict[str, dict[str, int]],
) -> None:
    """Facts and papers of one minute and kind: first those that fit by mass and grades, then by mass, then the rest."""
    rest_facts = sorted(facts, key=lambda fact: (_weight(fact.masses), fact.row))
    rest_papers = sorted(papers, key=lambda paper: (_weight(paper.masses), paper.doc))
    for fits in (_fitting(grades), _near):
        rest_facts, rest_papers = _paired(tally, rest_facts, rest_papers, grades, fits)
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


def _compare(tally: Tally, fact: Fact, paper: _Paper, grades: dict[str, dict[str, int]]) -> None:
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
    for key, lot in _outputs(fact, paper, grades):
        stated = grades.get(key)
        if stated is None:
            tally.undecide("W-114", "grades in passports")
            continue
        for element, true, slack in lot:
            said = stated.get(element, 0)
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
