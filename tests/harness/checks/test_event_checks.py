"""Make, move and modify events."""

from __future__ import annotations

from typing import Any

import pytest

from assay.harness.checks.event_checks import FITTING
from assay.harness.material import Kind
from assay.profiles.untp_0_7.table import CODE_LISTS
from tests.harness.checks.bench import changed, document, findings, pointers, set_findings

EVENT = "/credentialSubject/0"


def event(kind: str = "MakeEvent", **members: Any) -> Any:
    return document(Kind.DTE, {"credentialSubject": [{"type": [kind, "LifecycleEvent"], **members}]})


def test_no_event_at_all_is_told() -> None:
    assert pointers("DTE-002", document(Kind.DTE, {"credentialSubject": []})) == ["/credentialSubject"]
    for value in ({}, {"credentialSubject": [{}]}, {"credentialSubject": None}, []):
        assert findings("DTE-002", document(Kind.DTE, value)) == []


@pytest.mark.parametrize(
    ("types", "told"),
    [
        (["MakeEvent", "LifecycleEvent"], False),
        (["https://x.example/Smelting", "MakeEvent", "LifecycleEvent"], False),
        (["TransformationEvent"], True),
        (["MakeEvent", "MoveEvent", "LifecycleEvent"], True),
        ([], True),
    ],
)
def test_an_event_is_of_exactly_one_kind(types: list[str], told: bool) -> None:
    assert pointers("DTE-003", changed("make", ["set", f"{EVENT}/type", types])) == (
        [f"{EVENT}/type"] if told else []
    )


def test_a_missing_type_is_told_elsewhere_when_the_members_say_what_it_is() -> None:
    assert findings("DTE-003", changed("make", ["del", f"{EVENT}/type"])) == []
    assert len(findings("DTE-003", document(Kind.DTE, {"credentialSubject": [{"name": "Something"}]}))) == 1


@pytest.mark.parametrize("member", ["inputProduct", "outputProduct"])
def test_an_empty_side_of_a_make_event_is_told(member: str) -> None:
    assert pointers("DTE-012", event(**{member: []})) == [f"{EVENT}/{member}"]
    assert findings("DTE-012", event()) == []


@pytest.mark.parametrize(
    ("product", "told"),
    [
        ({"idGranularity": "batch"}, True),
        ({"idGranularity": "model"}, True),
        ({"idGranularity": "item"}, False),
        ({"idGranularity": "batch", "itemNumber": "7"}, False),
        ({}, True),
    ],
)
def test_only_serialised_products_need_no_quantity(product: dict[str, Any], told: bool) -> None:
    assert bool(findings("DTE-020", event(inputProduct=[{"product": product}]))) is told
    measured = {"product": product, "quantity": {"value": 1, "unit": "KGM"}}
    assert findings("DTE-020", event(inputProduct=[measured])) == []


def test_each_product_needs_its_disposition() -> None:
    subject = event(inputProduct=[{"disposition": "consumed"}, {}], outputProduct=[{"disposition": ""}])
    assert pointers("DTE-021", subject) == [f"{EVENT}/inputProduct/1", f"{EVENT}/outputProduct/0"]


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("MakeEvent", "inputProduct"),
        ("MakeEvent", "outputProduct"),
        ("MoveEvent", "movedProduct"),
        ("ModifyEvent", "modifiedProduct"),
    ],
)
def test_every_status_either_fits_a_part_of_an_event_or_is_told(kind: str, member: str) -> None:
    for status in CODE_LISTS["ProductStatus"]:
        told = findings("DTE-023", event(kind, **{member: [{"disposition": status}]}))
        assert bool(told) == (status not in FITTING[member]), status


def test_the_main_dispositions_of_the_specification_fit() -> None:
    assert "consumed" in FITTING["inputProduct"]
    assert "new" in FITTING["outputProduct"] and "consumed" not in FITTING["outputProduct"]
    assert "inTransit" in FITTING["movedProduct"] and "new" not in FITTING["movedProduct"]


def test_a_disposition_that_is_no_status_is_left_to_the_schema() -> None:
    assert findings("DTE-023", event("MoveEvent", movedProduct=[{"disposition": "in_transit"}])) == []


@pytest.mark.parametrize(
    "parties", [None, [], [{}], [{"role": "carrier", "party": {"name": "No id"}}], "carrier"]
)
def test_parties_without_identifier_are_nobody(parties: Any) -> None:
    assert pointers("DTE-024", event(relatedParty=parties)) == [f"{EVENT}/relatedParty"]


def test_roles_of_page_text_are_told_under_their_own_row() -> None:
    wrong = ["set", f"{EVENT}/relatedParty/0/role", "shipper"]
    assert pointers("DTE-025", changed("move", wrong, schema=True)) == [f"{EVENT}/relatedParty/0/role"]
    other = ["del", f"{EVENT}/relatedParty/0/party/name"]
    assert findings("DTE-025", changed("move", other, schema=True)) == []


@pytest.mark.parametrize(
    ("link_type", "told"), [("dpp", False), ("dcc", False), ("dfr", True), ("describedby", True)]
)
def test_an_event_links_a_passport_or_a_certificate(link_type: str, told: bool) -> None:
    assert bool(findings("DTE-028", event(relatedDocument=[{"linkType": link_type}]))) is told


def using(
    batch: str, granularity: str = "batch", uri: str = "https://id.mine.example/batch/1", source: str = "one"
) -> Any:
    product = {"id": uri, "batchNumber": batch, "idGranularity": granularity}
    return document(
        Kind.DTE,
        {"credentialSubject": [{"type": ["MakeEvent"], "inputProduct": [{"product": product}]}]},
        source,
    )


def test_a_batch_renamed_between_events_is_told_where_it_is_seen_second() -> None:
    told = set_findings("DTE-036", using("A"), using("B", source="two"))
    assert [(finding.at.source, finding.received) for finding in told] == [("two", "B")]


def test_other_identifiers_and_models_may_have_many_batches() -> None:
    assert set_findings("DTE-036", using("A"), using("B", uri="https://id.mine.example/batch/2")) == []
    assert set_findings("DTE-036", using("A", "model"), using("B", "model")) == []
    assert set_findings("DTE-036", using("A"), using("A")) == []


def test_a_move_with_both_records_is_complete() -> None:
    assert set_findings("DTE-037", changed("move"), changed("receipt"), changed("make")) == []


def test_a_side_that_takes_part_without_a_record_is_missed() -> None:
    told = set_findings("DTE-037", changed("move"), changed("make"))
    assert [(finding.at.source, finding.at.pointer) for finding in told] == [
        ("move", f"{EVENT}/consignmentId")
    ]
    assert "saebyeok" in told[0].expected


def test_strangers_to_the_set_may_keep_their_records_elsewhere() -> None:
    assert set_findings("DTE-037", changed("move")) == []
    assert set_findings("DTE-037", changed("move"), changed("dcc")) == []


def test_a_record_of_another_consignment_does_not_count() -> None:
    other = changed(
        "receipt", ["set", f"{EVENT}/consignmentId", "https://id.bluegum-freight.example/consignment/2"]
    )
    assert len(set_findings("DTE-037", changed("move"), other)) == 2


def test_moves_without_consignment_are_not_paired() -> None:
    assert set_findings("DTE-037", changed("move", ["del", f"{EVENT}/consignmentId"]), changed("make")) == []
