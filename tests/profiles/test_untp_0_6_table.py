"""The class table of UNTP 0.6: its two releases, the walk over documents by position, and the places it names."""

from __future__ import annotations

import random

import pytest

from assay.profiles import untp_0_6
from assay.profiles.untp.notation import SCALARS
from assay.profiles.untp_0_6 import CONTEXT_URLS, KINDS, TABLES, VERSIONS, codes, event_class, places, walk
from assay.profiles.untp_0_6.contexts import EXTERNAL_LISTS
from tests.mutations import full_document, mutant

DPP, DTE, DFR = "DigitalProductPassport", "DigitalTraceabilityEvent", "DigitalFacilityRecord"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_range_is_a_scalar_a_list_or_a_class_and_every_picked_member_exists(version: str) -> None:
    table = TABLES[version]
    known = {
        "scalar": SCALARS,
        "code": table.code_lists.keys(),
        "external": EXTERNAL_LISTS.keys(),
        "const": {"Point", "Polygon"},
    }
    for definition in table.classes.values():
        for prop in definition.properties:
            assert prop.range in known.get(prop.kind, table.classes.keys()), f"{definition.name}.{prop.name}"
            for member in prop.members:
                assert member.name in table.classes[prop.range].by_name


def test_the_releases_differ_where_the_published_ones_do() -> None:
    old, new = (TABLES[version].classes for version in VERSIONS)
    assert old.keys() ^ new.keys() == {"ConformityAssessmentScheme", "ConformityScheme"}
    assert old["Criterion"].by_name.keys() ^ new["Criterion"].by_name.keys() == {"tags", "tag", "category"}
    assert CONTEXT_URLS["0.6.0"][DPP] == "https://test.uncefact.org/vocabulary/untp/dpp/0.6.0/"
    assert all(len(KINDS[version]) == 5 for version in VERSIONS)


def test_unknown_kinds_and_versions_are_key_errors_and_unknown_names_attribute_errors() -> None:
    for make in (untp_0_6.schema, untp_0_6.context, untp_0_6.certificate):
        with pytest.raises(KeyError):
            make("Linkset", "0.6.1")
        with pytest.raises(KeyError):
            make(DPP, "0.5.0")
    with pytest.raises(AttributeError, match="untp_0_6"):
        _ = untp_0_6.nothing


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", sorted(KINDS["0.6.1"]))
def test_the_walk_leads_to_what_it_says_and_never_fails_on_damage(kind: str, version: str) -> None:
    document = full_document(kind, 3, TABLES[version])
    visits = list(walk(kind, version, document))
    assert visits[0] == (kind, (), document, False)
    for _, path, value, _ in visits:
        there = document
        for step in path:
            there = there[step]
        assert there is value
    for seed in range(30):
        damaged = mutant(random.Random(f"walk/{version}/{kind}/{seed}"), document)
        assert all(isinstance(visit.value, dict) for visit in walk(kind, version, damaged))


def test_an_event_is_told_by_its_type_else_by_members_that_no_other_event_has() -> None:
    assert event_class({"type": ["ObjectEvent", "Event"], "inputEPCList": []}) == "ObjectEvent"
    assert event_class({"inputQuantityList": []}) == "TransformationEvent"
    assert event_class({"sourceParty": "x", "epcList": []}) == "TransactionEvent"
    assert event_class({"type": ["AssociationEvent", "AggregationEvent"], "parentEPC": {}}) == "Event"
    assert event_class({"epcList": []}) == "Event"
    assert event_class({"parentEPC": {}, "childEPCList": []}) == "Event"


@pytest.mark.parametrize(
    ("kind", "path", "member", "expected"),
    [
        (DPP, ("credentialSubject", "product"), "name", ("Product.name", "Product")),
        (
            DPP,
            ("credentialSubject", "granularityLevel"),
            None,
            ("ProductPassport.granularityLevel", "ProductPassport"),
        ),
        (
            DPP,
            ("credentialSubject", "conformityClaim", 0, "conformityTopic"),
            None,
            ("Claim.conformityTopic", "Declaration.conformityTopic", "Claim", "Declaration"),
        ),
        (
            DFR,
            ("credentialSubject", "facility", "operatedByParty"),
            "name",
            ("PartyReference.name", "PartyReference", "Facility.operatedByParty", "Facility"),
        ),
    ],
)
def test_places_are_named_from_the_most_specific(
    kind: str, path: tuple[str | int, ...], member: str | None, expected: tuple[str, ...]
) -> None:
    document = full_document(kind, 1, TABLES["0.6.1"])
    assert places(kind, "0.6.1", document, path, member) == expected


def test_code_lists_have_the_published_sizes() -> None:
    assert (len(codes.TOPICS), len(codes.DISPOSITIONS), len(codes.TRANSACTION_TYPES)) == (15, 33, 13)
    assert {"in_transit", "active"} <= codes.DISPOSITIONS
    assert codes.CODE_LISTS["actionCode"] == ("observe", "add", "delete")
