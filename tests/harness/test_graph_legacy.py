"""The graph of credentials of UNTP 0.6: the same rows as their sisters in 0.7 give, and pointers into the documents as they are."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assay.harness.checks.by_schema import value_at
from assay.harness.credential.versions import untp_version
from assay.harness.graph.legacy import upgraded
from assay.harness.graph.load import read_set
from assay.harness.graph.rows import Rows
from assay.harness.material import Credential, CredentialSet, Document, Kind
from assay.harness.results import Outcome
from assay.harness.selftest import AS_OF, load_bases
from assay.simulator import load_scenario, simulate, write_dataset
from assay.simulator.scenario import DEFAULT_SCENARIO

from .bending import bend
from .graph_material import judged
from .test_graph_world import schemes

BASES = {name: value for name, value in load_bases().items() if name.endswith("-0.6")}
CARBONATE = "https://id.hanul-lithium.example/product/lico3/batch/C26-031"
CONCENTRATE = "https://id.wattle-mica.example/product/lepidolite/batch/W26-07"
MINE, REFINERY = (
    "https://id.wattle-mica.example/site/wattle-flat",
    "https://id.hanul-lithium.example/site/gunsan",
)


def material(value: Any, source: str = "x") -> Document:
    kind = next(kind for kind in Kind if kind.value in value["type"])
    raw = json.dumps(value).encode()
    return Credential(source=source, raw=raw, value=value, kind=kind, untp=untp_version(value)[0])


def together(*values: Any) -> CredentialSet:
    return CredentialSet(tuple(material(value, f"{n}.json") for n, value in enumerate(values)), AS_OF)


def world(folder: Path, version: str) -> CredentialSet:
    write_dataset(simulate(load_scenario(DEFAULT_SCENARIO), 7), folder, untp=version)
    dataset = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    found: list[Document] = []
    for path in sorted((folder / "credentials").glob("*.jwt")):
        part = path.read_bytes().split(b".")[1]
        value = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
        found.append(material(value, path.name))
    for node in sorted((folder / "nodes").glob("*.json")):
        found += schemes(folder, json.loads(node.read_text(encoding="utf-8")))
    as_of = datetime.fromisoformat(dataset["as_of"])
    return CredentialSet(tuple(found), as_of, frozenset(dataset["trust_anchors"]))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CredentialSet]:
    folder = tmp_path_factory.mktemp("worlds")
    return {version: world(folder / version, version) for version in ("0.7.0", "0.6.1")}


def without_places(rows: list[dict[str, Any]], *names: str) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row.get(name) for name in names) for row in rows)


SAME = {
    "product": (
        "id", "granularity", "produced_at", "produced_from_s", "country", "weight_mg", "issuer", "passport", "graded",
    ),
    "facility": ("id", "country", "latitude_e6", "longitude_e6", "recorded", "issuer"),
    "product_content": ("product", "element", "grade_ppm"),
    "material": ("product", "name", "code", "origin_country", "share_ppm"),
    "claim_criterion": ("criterion",),
    "assessment_criterion": ("criterion",),
    "assessed_subject": ("subject_kind", "subject"),
    "identity": ("subject", "register_type", "issuer"),
    "identity_scope": ("scope",),
    "event": ("kind", "at_s", "facility", "from_facility", "to_facility", "consignment", "counted", "issuer"),
    "event_product": ("direction", "product", "mass_mg", "quantity", "measured"),
    "event_content": ("direction", "product", "element", "content_mg"),
    "lineage": ("product", "ancestor", "depth"),
    "leg": ("product", "mass_mg", "from_facility", "to_facility", "distance_km", "depart_s", "next_s"),
}  # fmt: skip
"""Columns in which the graph of a world must not depend on the version that the world was told in."""


def test_a_world_told_in_0_6_gives_the_same_graph_as_in_0_7(worlds: dict[str, CredentialSet]) -> None:
    new, old = (read_set(worlds[version]) for version in ("0.7.0", "0.6.1"))
    for table, names in SAME.items():
        assert without_places(old[table], *names) == without_places(new[table], *names), table
    assert len(old["event"]) > 40 and len(old["lineage"]) > 40


def test_an_honest_world_told_in_0_6_breaks_no_graph_rule(worlds: dict[str, CredentialSet]) -> None:
    results = judged(worlds["0.6.1"])
    broken = {Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE}
    assert {name: r.findings[:2] for name, r in results.items() if r.outcome in broken} == {}


def assert_pointers_hold(rows: Rows, documents: tuple[Document, ...]) -> int:
    count = 0
    for table in rows.tables.values():
        for row in table:
            if row.get("pointer") is None or row.get("doc") is None:
                continue
            steps = tuple(int(s) if s.isdigit() else s for s in row["pointer"].split("/")[1:])
            found = value_at(documents[row["doc"]].value, steps)
            assert isinstance(found, (dict, list, str)), row
            count += 1
    return count


def test_every_row_points_at_something_in_the_document_as_it_was_received(
    worlds: dict[str, CredentialSet],
) -> None:
    material = worlds["0.6.1"]
    assert assert_pointers_hold(read_set(material), material.documents) > 500
    bases = together(*BASES.values())
    assert assert_pointers_hold(read_set(bases), bases.documents) > 30


def test_the_five_kinds_of_events_become_make_move_and_modify() -> None:
    rows = read_set(together(BASES["dte-0.6"]))
    kinds = [(row["kind"], row["pointer"].rsplit("/", 1)[-1]) for row in rows["event"]]
    assert kinds == [("move", "0"), ("modify", "1"), ("make", "2"), ("modify", "3"), ("modify", "4")]
    (move,) = [row for row in rows["event"] if row["kind"] == "move"]
    assert (move["from_facility"], move["to_facility"]) == (MINE, None)
    lines = {(row["direction"], row["product"], row["mass_mg"]) for row in rows["event_product"]}
    assert ("in", CONCENTRATE, 26_000_000_000) in lines
    assert ("out", CARBONATE, 1_000_000_000) in lines
    assert rows["lineage"] == [{"product": CARBONATE, "ancestor": CONCENTRATE, "depth": 1}]
    outs = [row["pointer"] for row in rows["event_product"] if row["direction"] == "out"]
    assert outs == ["/credentialSubject/2/outputQuantityList/0"]


def event(cls: str, **members: Any) -> dict[str, Any]:
    return {"type": [cls, "Event"], "eventTime": "2026-02-01T00:00:00Z", "bizLocation": REFINERY, **members}


def item(name: str) -> dict[str, Any]:
    return {"type": ["Item"], "id": f"https://id.example/{name}", "name": name}


def quantity(name: str, kilograms: float) -> dict[str, Any]:
    return {
        "productId": f"https://id.example/{name}",
        "productName": name,
        "quantity": kilograms,
        "uom": "KGM",
    }


def record(*events: Any) -> dict[str, Any]:
    return {**BASES["dte-0.6"], "credentialSubject": list(events)}


def test_what_is_built_into_a_new_thing_is_the_input_of_its_making() -> None:
    made = event(
        "ObjectEvent",
        id="urn:x:1",
        action="add",
        epcList=[item("pack")],
        quantityList=[quantity("pack", 300)],
    )
    built = event(
        "AssociationEvent",
        id="urn:x:2",
        action="add",
        parentEPC=item("pack"),
        childQuantityList=[quantity("cell", 200)],
    )
    rows = read_set(together(record(made, built)))
    assert [row["kind"] for row in rows["event"]] == ["make"]
    lines = {(row["direction"], row["product"][-4:], row["pointer"]) for row in rows["event_product"]}
    assert lines == {
        ("in", "cell", "/credentialSubject/1/childQuantityList/0"),
        ("out", "pack", "/credentialSubject/0/quantityList/0"),
    }


def test_both_ends_of_a_journey_come_from_the_records_of_both_parties() -> None:
    about = {"sourceParty": "did:web:a.example", "destinationParty": "did:web:b.example"}
    goods = {"epcList": [item("consignment")], "quantityList": [quantity("ore", 10)]}
    sent = event(
        "TransactionEvent", id="urn:x:1", bizStep="shipping", bizTransaction="desadv", **about, **goods
    )
    received = {
        **event(
            "TransactionEvent", id="urn:x:2", bizStep="receiving", bizTransaction="recadv", **about, **goods
        ),
        "bizLocation": MINE,
    }
    rows = read_set(together(record(sent), record(received)))
    ends = {(row["from_facility"], row["to_facility"], row["consignment"]) for row in rows["event"]}
    assert ends == {(REFINERY, MINE, "https://id.example/consignment")}
    roles = {(row["role"], row["party"], row["pointer"]) for row in rows["party_role"]}
    assert ("consignor", "did:web:a.example", "/credentialSubject/0/sourceParty") in roles


def test_claims_by_the_issuers_own_method_are_values_and_no_claims() -> None:
    value = json.loads(json.dumps(BASES["dpp-0.6"]))
    own = json.loads(json.dumps(value["credentialSubject"]["conformityClaim"][0]))
    own["assessmentCriteria"][0]["id"] = "https://hanul-lithium.example/documents/declared.html#composition"
    own["declaredValue"] = [
        {"metricName": "Li mass fraction, dry basis", "metricValue": {"value": 0.187, "unit": "C62"}}
    ]
    value["credentialSubject"]["conformityClaim"].append(own)
    rows = read_set(together(value))
    assert [row["pointer"] for row in rows["claim"]] == ["/credentialSubject/conformityClaim/0"]
    (content,) = rows["product_content"]
    assert (content["element"], content["grade_ppm"]) == ("Li", 187_000)
    assert content["pointer"] == "/credentialSubject/conformityClaim/1/declaredValue"


@pytest.mark.parametrize("junk", [None, 3, "x", [], {}, [3], [[]], [{"type": 3}], {"product": []}])
@pytest.mark.parametrize("name", sorted(BASES))
def test_junk_for_a_subject_gives_fewer_rows_and_no_error(name: str, junk: Any) -> None:
    found = together({**BASES[name], "credentialSubject": junk}, BASES[name])
    assert len(upgraded(found.documents)) == 2
    rows = read_set(found)
    assert len(rows["credential"]) == 2


@pytest.mark.parametrize("name", sorted(BASES))
def test_bent_documents_of_0_6_are_read_as_far_as_they_go(name: str) -> None:
    for seed in range(60):
        bent = bend(BASES[name], seed)
        if not isinstance(bent, dict) or not isinstance(bent.get("type"), list):
            continue
        kind = next((kind for kind in Kind if kind.value in bent["type"]), Kind.UNKNOWN)
        document = Credential(source="x", raw=json.dumps(bent).encode(), value=bent, kind=kind, untp="0.6.1")
        rows = read_set(CredentialSet((document,), AS_OF))
        assert len(rows["setting"]) == 1
