"""What SQL without recursion cannot find: content of quantities, trust chains, lineage, journeys.

All of it is bounded: lineage by depth and by rows, trust chains by depth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assay.harness.graph.extract import Extractor
from assay.harness.graph.grades import Grade, grade_of
from assay.harness.graph.rows import Rows
from assay.harness.graph.transport import distance_km
from assay.harness.graph.units import integer, mass_mg
from assay.harness.material import Document

__all__ = ["DEEPEST", "MOST_LINEAGE", "anchor", "content", "legs", "lineage"]

DEEPEST = 64
"""Generations of make events that lineage follows; links of a trust chain."""
MOST_LINEAGE = 2_000_000
"""Rows of lineage; beyond it the rest is left out and a note says so."""


def content(
    extractor: Extractor, documents: tuple[Document, ...], assumed: Mapping[str, Mapping[str, float]]
) -> None:
    """Grades of products, masses of event lines, and the elements contained in them."""
    rows = extractor.rows
    categories: dict[str, list[str]] = {}
    for row in rows["category"]:
        if row["subject_kind"] == "product":
            categories.setdefault(row["subject"], []).append(row["code"])
    grades: dict[str, Grade] = {}
    for key, product in extractor.products.items():
        value = documents[product["doc"]].value if product["passport"] else None
        grade = grade_of(key, product.get("name"), categories.get(key, []), value, assumed)
        if grade is None:
            continue
        grades[key] = grade
        product["graded"] = 2 if grade.assumed else 1
        for element in sorted(grade.ppm):
            rows.add(
                "product_content",
                product=key,
                element=element,
                grade_ppm=grade.ppm[element],
                assumed=int(grade.assumed),
                doc=product["doc"],
                pointer=product["pointer"] if grade.assumed else extractor.contents[key],
            )
    for line, measure in zip(rows["event_product"], extractor.measures, strict=True):
        product = extractor.products[line["product"]]
        weight = extractor.weights.get(line["product"])
        whole_item = line["quantity"] is None and product.get("granularity") == "item"
        line["mass_mg"] = weight if whole_item else mass_mg(measure, weight)
        grade = grades.get(line["product"])
        if grade is None or line["mass_mg"] is None:
            continue
        for element in sorted(grade.contained):
            rows.add(
                "event_content",
                event=line["event"],
                direction=line["direction"],
                product=line["product"],
                element=element,
                content_mg=integer(Decimal(line["mass_mg"]) * grade.contained[element]),
                assumed=int(grade.assumed),
            )


def anchor(rows: Rows, anchors: frozenset[str], as_of_s: int) -> None:
    """Authorities: the listed anchors, and whoever they accredit, link by link (unbroken and in force at ``as_of_s``).

    Only accreditation makes an authority. A company that a business register vouches for may not accredit others.
    """
    accredited: dict[str, list[str]] = {}
    for identity in rows["identity"]:
        if identity["register_type"] == "accreditation" and _in_force(identity, as_of_s):
            accredited.setdefault(identity["issuer"] or "", []).append(identity["subject"])
    seen = {name: (name, 0) for name in sorted(anchors)}
    waiting = deque(sorted(anchors))
    while waiting:
        issuer = waiting.popleft()
        root, depth = seen[issuer]
        for party in accredited.get(issuer, ()) if depth < DEEPEST else ():
            if party not in seen:
                seen[party] = (root, depth + 1)
                waiting.append(party)
    for name in sorted(anchors):
        rows.add("trust_anchor", id=name)
    for party, (root, depth) in sorted(seen.items()):
        rows.add("anchored", party=party, anchor=root, depth=depth)


def _in_force(row: Mapping[str, Any], at_s: int) -> bool:
    return (
        row["broken"] is None
        and (row["from_s"] is None or row["from_s"] <= at_s)
        and (row["until_s"] is None or row["until_s"] >= at_s)
    )


def lineage(rows: Rows) -> dict[str, set[str]]:
    """Fill ``lineage``; returns the direct inputs of each made product."""
    made: dict[int, tuple[list[str], list[str]]] = {}
    for line in rows["event_product"]:
        if line["direction"] in ("in", "out"):
            made.setdefault(line["event"], ([], []))[line["direction"] == "out"].append(line["product"])
    parents: dict[str, set[str]] = {}
    for inputs, outputs in made.values():
        for output in outputs:
            parents.setdefault(output, set()).update(product for product in inputs if product != output)
    count = 0
    for product in sorted(parents):
        seen = {product}
        level, depth = parents[product], 1
        while level and depth <= DEEPEST and count < MOST_LINEAGE:
            for ancestor in sorted(level):
                rows.add("lineage", product=product, ancestor=ancestor, depth=depth)
            count += len(level)
            seen |= level
            level = {parent for ancestor in level for parent in parents.get(ancestor, ())} - seen
            depth += 1
        if level:
            rows.notes.append(f"lineage of {product} is longer than Assay follows; the rest is left out")
    return parents


def legs(rows: Rows, facilities: Mapping[str, Mapping[str, Any]]) -> None:
    """Each move with the first event that uses the moved product at the destination at or after it was sent off.

    Events give one instant only, so the time until that use is the longest the journey can have taken. Later
    consignments of the same product say nothing: what is used may have come with the first.
    """
    uses = _uses(rows)
    moves = [
        (line, event)
        for line in rows["event_product"]
        if (event := rows["event"][line["event"]])["counted"]
        and line["direction"] == "moved"
        and event["at_s"] is not None
    ]
    first: dict[tuple[str, str | None], int] = {}
    for line, event in moves:
        key = line["product"], event["to_facility"]
        first[key] = min(first.get(key, event["at_s"]), event["at_s"])
    for line, event in moves:
        key = line["product"], event["to_facility"]
        next_s, next_event = (
            _next(uses.get(key, []), event["at_s"]) if first[key] == event["at_s"] else (None, None)
        )
        here, there = (_position(facilities, event[end]) for end in ("from_facility", "to_facility"))
        rows.add(
            "leg",
            event=event["no"],
            product=line["product"],
            mass_mg=line["mass_mg"],
            from_facility=event["from_facility"],
            to_facility=event["to_facility"],
            distance_km=distance_km(here, there) if here and there else None,
            depart_s=event["at_s"],
            next_s=next_s,
            next_event=next_event,
            transport=event["transport"],
            limit_kmh=event["limit_kmh"],
            doc=event["doc"],
            pointer=event["pointer"],
        )


def _uses(rows: Rows) -> dict[tuple[str, str | None], list[tuple[int, int]]]:
    """When, and in which event, each product was used or sent on, by product and facility, in order."""
    ends = {"in": "facility", "modified": "facility", "moved": "from_facility"}
    found: dict[tuple[str, str | None], list[tuple[int, int]]] = {}
    for line in rows["event_product"]:
        event = rows["event"][line["event"]]
        place = event[ends[line["direction"]]] if line["direction"] in ends else None
        if place is not None and event["at_s"] is not None:
            found.setdefault((line["product"], place), []).append((event["at_s"], event["no"]))
    for uses in found.values():
        uses.sort()
    return found


def _next(uses: list[tuple[int, int]], from_s: int) -> tuple[int | None, int | None]:
    place = bisect_left(uses, (from_s, -1))
    return uses[place] if place < len(uses) else (None, None)


def _position(facilities: Mapping[str, Mapping[str, Any]], name: str | None) -> tuple[int, int] | None:
    facility = facilities.get(name or "", {})
    latitude, longitude = facility.get("latitude_e6"), facility.get("longitude_e6")
    return None if latitude is None or longitude is None else (latitude, longitude)
