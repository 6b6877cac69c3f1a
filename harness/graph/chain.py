"""The supply chain as a map: sites, flows between them, and how far each site is from the finished product.

Flows are move events added up by origin, destination and product; masses in kilograms. Stages count from the place
where the root product was made (0) back towards the mines.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from assay.harness.graph.load import rows_of
from assay.harness.graph.rows import Rows
from assay.harness.material import CredentialSet
from assay.profiles.contracts.chain import Chain, Flow, Site

__all__ = ["chain"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_UNKNOWN = 50


def chain(credentials: CredentialSet, root: str | None = None) -> Chain:
    """The map of one credential set; empty lists where the set holds no facilities or events.

    ``root`` is the identifier of the product that was asked for; without it, or where the set does not know it, the
    map ends at the product that nothing consumes.
    """
    return _chain(rows_of(credentials), root)


def _chain(rows: Rows, wanted: str | None) -> Chain:
    products = {row["id"]: row for row in rows["product"]}
    root = wanted if wanted in products else _root(rows)
    flows, silent = _flows(rows, products)
    stages = _stages(rows, flows, products.get(root or "", {}).get("produced_at") or _made_at(rows, root))
    result: Chain = {
        "sites": [
            _site(row, rows, stages.get(row["id"])) for row in sorted(rows["facility"], key=lambda r: r["id"])
        ],
        "flows": flows,
        "unknown": silent[:_MOST_UNKNOWN],
    }
    if root is not None:
        result["root"] = root
        result["root_name"] = products[root].get("name") or root
    return result


def _root(rows: Rows) -> str | None:
    """The made (or described) product that nothing consumes and whose lineage is deepest; ties by identifier."""
    used = {line["product"] for line in rows["event_product"] if line["direction"] == "in"}
    depth: dict[str, int] = {}
    for row in rows["lineage"]:
        depth[row["product"]] = max(depth.get(row["product"], 0), row["depth"])
    made = {line["product"] for line in rows["event_product"] if line["direction"] == "out"}
    described = {row["id"] for row in rows["product"] if row["passport"]}
    ends = (made - used) or (described - used) or made | described
    return min(ends, key=lambda product: (-depth.get(product, 0), product), default=None)


def _made_at(rows: Rows, product: str | None) -> str | None:
    for line in rows["event_product"]:
        if line["direction"] == "out" and line["product"] == product:
            facility = rows["event"][line["event"]]["facility"]
            return facility if isinstance(facility, str) else None
    return None


def _flows(rows: Rows, products: dict[str, dict[str, Any]]) -> tuple[list[Flow], list[str]]:
    contents: dict[tuple[int, str], dict[str, float]] = {}
    for row in rows["event_content"]:
        if row["direction"] == "moved" and row["content_mg"] is not None:
            held = contents.setdefault((row["event"], row["product"]), {})
            held[row["element"]] = held.get(row["element"], 0.0) + row["content_mg"] / 1e6
    flows: dict[tuple[str, str, str], Flow] = {}
    silent: dict[str, None] = {}
    for line in rows["event_product"]:
        event = rows["event"][line["event"]]
        if line["direction"] != "moved" or not event["counted"]:
            continue
        source, target = event["from_facility"], event["to_facility"]
        if source is None or target is None:
            continue
        name = products[line["product"]].get("name") or line["product"]
        flow = flows.setdefault(
            (source, target, name),
            {"source": source, "target": target, "product": name, "consignments": 0, "subjects": []},
        )
        _add(flow, line, event, contents.get((line["event"], line["product"])))
        if "mass_kg" not in flow:
            silent[f"mass of {name} from {source} to {target}"] = None
        elif "elements" not in flow:
            silent[f"element content of {name}"] = None
    ordered = [flows[key] for key in sorted(flows)]
    return ordered, sorted(silent)


def _add(flow: Flow, line: dict[str, Any], event: dict[str, Any], content: dict[str, float] | None) -> None:
    flow["consignments"] += 1
    if line["mass_mg"] is not None:
        flow["mass_kg"] = flow.get("mass_kg", 0.0) + line["mass_mg"] / 1e6
    if content is not None:
        elements = flow.setdefault("elements", {})
        for element, mass in sorted(content.items()):
            elements[element] = elements.get(element, 0.0) + mass
    if event["at_s"] is not None:
        date = (_EPOCH + timedelta(seconds=event["at_s"])).strftime("%Y-%m-%d")
        flow["first"] = min(flow.get("first", date), date)
        flow["last"] = max(flow.get("last", date), date)
    if event["doc"] not in flow["subjects"]:
        flow["subjects"].append(event["doc"])


def _stages(rows: Rows, flows: list[Flow], start: str | None) -> dict[str, int]:
    """Distance of each facility from ``start`` against the direction of the flows (the shortest way)."""
    if start is None:
        return {}
    upstream: dict[str, list[str]] = {}
    for flow in flows:
        upstream.setdefault(flow["target"], []).append(flow["source"])
    stages, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        for source in upstream.get(here, ()):
            if source not in stages:
                stages[source] = stages[here] + 1
                waiting.append(source)
    return stages


def _site(row: dict[str, Any], rows: Rows, stage: int | None) -> Site:
    site: Site = {"id": row["id"], "name": row.get("name") or row["id"], "subjects": [row["doc"]]}
    if row.get("country"):
        site["country"] = row["country"]
    if row.get("latitude_e6") is not None and row.get("longitude_e6") is not None:
        site["latitude"], site["longitude"] = row["latitude_e6"] / 1e6, row["longitude_e6"] / 1e6
    codes = [c for c in rows["category"] if c["subject_kind"] == "facility" and c["subject"] == row["id"]]
    if codes:
        site["process"] = codes[0]["name"] or codes[0]["code"]
    names = {party["id"]: party["name"] for party in rows["party"]}
    for wanted in ("operator", "owner"):
        for role in rows["party_role"]:
            if role["subject_kind"] == "facility" and role["subject"] == row["id"] and role["role"] == wanted:
                site.setdefault("operator", names.get(role["party"]) or role["party"])
    if stage is not None:
        site["stage"] = stage
    return site
