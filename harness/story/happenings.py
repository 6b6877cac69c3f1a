"""What really happened in a case: rows of ledger and acts that name its lots, consignments, facilities, papers or people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from assay.harness.oracles.reading import moment
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View
from assay.harness.story.words import Names, kilograms, many, shown, stamp
from assay.profiles.contracts.story import Happening

__all__ = ["MOST_ROWS", "happenings"]

Label = Mapping[str, Any]
Row = Mapping[str, Any]

MOST_ROWS = 20
_MOST_URLS = 60
_MOST_NAMED = 4
"""Lots named in one sentence."""
_AROUND = timedelta(days=30)
_ORDINARY = frozenset({"issued", "recorded", "certified", "granted", "credited", "retired"})
"""Acts that follow every paper: of people they are told only where they name a paper of the case."""
_SOURCES = {
    "mined": "won", "pumped": "won", "bought": "bought in", "collected": "collected", "unrecorded": "took in, unrecorded,",
}  # fmt: skip
_OBJECTS = {"of": "", "to": "to ", "facility": "at ", "lot": ""}
"""Members of an act that go on in its sentence, with the word before them; the first that is there does."""
_SKIPPED = frozenset({"act", "time", "by"})
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def happenings(
    view: View, truth: Truth, labels: Sequence[Label], numbers: Mapping[str, int], names: Names
) -> tuple[tuple[Happening, ...], int]:
    """The rows that concern a case in the order of time, and how many more there are."""
    found: dict[bytes, tuple[int, datetime, Happening]] = {}

    def take(rank: int, row: Row, file: str) -> None:
        key = orjson.dumps(row)
        if key not in found or rank < found[key][0]:
            found[key] = (rank, *_told(row, file, truth, numbers, names))

    for label in labels:
        for rank, row in _acts(view, truth, label):
            take(rank, row, "acts")
        for rank, row in _facts(truth, label):
            take(rank, row, "ledger")
    ranked = sorted(found.values(), key=lambda one: (one[0], one[1]))
    chosen = sorted(ranked[:MOST_ROWS], key=lambda one: one[1])
    silent = list(_silent(truth, numbers))
    return (*(one for _, _, one in chosen), *silent), max(0, len(ranked) - MOST_ROWS)


def _acts(view: View, truth: Truth, label: Label) -> Iterator[tuple[int, Row]]:
    """Acts about the papers of a case, and what else its people did that is no ordinary paper work."""
    urls = dict.fromkeys([*label["root"], *label["added"], *label["changed"]])
    for place, url in enumerate(urls):
        if place >= _MOST_URLS:
            break
        for row in truth.about(str(url)):
            yield (0 if url in label["root"] else 2), row
    for url in [*label["root"], *label["absent"]][:_MOST_URLS]:
        for row in truth.about(str(url)):
            yield 1, row
    for did in label["actors"]:
        for row in truth.about(did):
            if row.get("act") not in _ORDINARY:
                yield (1 if row.get("by") != did else 0), row
    for target in label["targets"]:
        for name in filter(None, (target, truth.facility(target))):
            for row in truth.about(name):
                if row.get("act") not in _ORDINARY:
                    yield 0, row


def _facts(truth: Truth, label: Label) -> Iterator[tuple[int, Row]]:
    """Rows of the ledger about the lots and consignments of a case, then those of its facilities around its time."""
    start, end = moment(label["from"]), moment(label["until"])
    lots = dict.fromkeys(lot for url in label["root"] for lot in truth.lots(str(url)))
    for name in dict.fromkeys([*label["targets"], *lots]):
        if "/" in name:
            for row in truth.lot(name):
                yield (2 if row.get("fact") == "stocktake" else 1), row
        elif start is not None and end is not None:
            for row in truth.at(name):
                at = _when(row, truth)
                if start - _AROUND <= at <= end + _AROUND:
                    yield 3, row


def _silent(truth: Truth, numbers: Mapping[str, int]) -> Iterator[Happening]:
    """That no act stands behind a paper is a fact too."""
    missing = [f"({number})" for url, number in numbers.items() if not truth.about(url)]
    if missing:
        papers = "paper" if len(missing) == 1 else "papers"
        yield Happening(
            "", "Nobody", f"is in the acts with what stands in {papers} {', '.join(missing)}", "acts"
        )


def _when(row: Row, truth: Truth) -> datetime:
    at = row.get("time")
    if isinstance(at, int) and not isinstance(at, bool):
        try:
            return truth.moment(at)
        except OverflowError:
            return _EARLIEST
    return moment(at) or _EARLIEST


def _told(
    row: Row, file: str, truth: Truth, numbers: Mapping[str, int], names: Names
) -> tuple[datetime, Happening]:
    at = _when(row, truth)
    who, what, detail = _fact(row, names, truth) if file == "ledger" else _act(row, numbers, names)
    return at, Happening(stamp(at) if at > _EARLIEST else "", shown(who), what, file, detail)


def _fact(row: Row, names: Names, truth: Truth) -> tuple[str, str, str]:
    kind = row.get("fact")
    outputs, inputs, items = (_lots(row.get(key), names) for key in ("outputs", "inputs", "items"))
    if kind in ("departure", "arrival"):
        origin, target = (names.site(str(row.get(key))) for key in ("origin", "destination"))
        if kind == "departure":
            return origin, f"sent {items} to {target}", _consignment(row)
        return target, f"received {items} from {origin}", _consignment(row)
    who = names.site(str(row.get("facility")))
    if kind == "source":
        origin = shown(row.get("origin"))
        return who, f"{_SOURCES.get(origin, origin)} {outputs}", _elements(row.get("outputs"))
    if kind == "conversion":
        return who, f"made {outputs} of {inputs}", _yielded(row)
    if kind == "stocktake":
        return who, f"counted {items}", ""
    return who, f"{shown(kind)} {outputs or items or inputs}", ""


def _act(row: Row, numbers: Mapping[str, int], names: Names) -> tuple[str, str, str]:
    who = names.anything(str(row.get("by") or "somebody"))
    number = numbers.get(str(row.get("url")))
    object_ = next((key for key in _OBJECTS if isinstance(row.get(key), str)), "")
    words = [
        str(row.get("act") or "did something").replace("-", " "),
        *([f"({number})"] if number else []),
        *([f"{_OBJECTS[object_]}{names.anything(str(row[object_]))}"] if object_ else []),
    ]
    details = []
    for key, value in row.items():
        if key in _SKIPPED or key == object_ or value in (None, [], "") or (key == "url" and number):
            continue
        some = value if isinstance(value, list) else [value]
        told = ", ".join(
            names.anything(one) if isinstance(one, str) else shown(one) for one in some[:_MOST_NAMED]
        )
        more = len(some) - _MOST_NAMED
        details.append(f"{key}: {told}{f' and {more} more' if more > 0 else ''}")
    return who, shown(" ".join(words)), shown("; ".join(details)) if details else ""


def _items(value: Any) -> list[Row]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _lots(value: Any, names: Names) -> str:
    """Masses by product, each with the numbers of its lots."""
    groups: dict[str, tuple[int, list[str]]] = {}
    for one in _items(value):
        product, number = names.product(str(one.get("lot")))
        mass, numbers = groups.get(product, (0, []))
        groups[product] = (
            mass + one["mass"] if isinstance(one.get("mass"), int) else mass,
            [*numbers, number],
        )
    told = []
    for product, (mass, numbers) in list(groups.items())[:_MOST_NAMED]:
        more = len(numbers) - _MOST_NAMED
        which = ", ".join(numbers[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        told.append(
            f"{kilograms(mass)} of {product} ({which})" if which else f"{kilograms(mass)} of {product}"
        )
    more = len(groups) - _MOST_NAMED
    return " and ".join([*told, *([many(more, "more product")] if more > 0 else [])])


def _sums(value: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in _items(value):
        elements = one.get("elements")
        for name, mass in elements.items() if isinstance(elements, dict) else ():
            if isinstance(mass, int):
                found[str(name)] = found.get(str(name), 0) + mass
    return found


def _elements(value: Any) -> str:
    return ", ".join(f"{shown(name)} {kilograms(mass)}" for name, mass in _sums(value).items())


def _yielded(row: Row) -> str:
    """Contained elements in and out of a conversion."""
    before, after = _sums(row.get("inputs")), _sums(row.get("outputs"))
    told: Iterable[str] = (
        f"{shown(name)} {kilograms(mass)} in, {kilograms(after.get(name, 0))} out"
        for name, mass in before.items()
    )
    return "; ".join(told)


def _consignment(row: Row) -> str:
    name = row.get("consignment")
    return f"consignment {shown(name)}" if name else ""
