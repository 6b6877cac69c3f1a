"""The class table, the walk over documents by position, and the places it names."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from assay.profiles import untp_0_7
from assay.profiles.untp.notation import SCALARS, read_table
from assay.profiles.untp_0_7 import CLASSES, certificate, codes, event_class, places, schema, walk
from assay.profiles.untp_0_7.table import CODE_LISTS
from assay.profiles.untp_0_7.walking import MAX_DEPTH
from tests.mutations import CREDENTIAL_KINDS, full_document, mutant

DPP = "DigitalProductPassport"
DTE = "DigitalTraceabilityEvent"


def test_every_range_of_the_table_is_a_scalar_a_list_or_a_class() -> None:
    externals = {"CountryId", "UnitMeasureCode", "ImprovementIndicator", "AggregationType"}
    known = {"scalar": SCALARS, "code": CODE_LISTS.keys(), "external": externals}
    for definition in CLASSES.values():
        for prop in definition.properties:
            assert prop.range in known.get(prop.kind, CLASSES.keys()), f"{definition.name}.{prop.name}"


def test_every_member_that_a_reference_picks_exists_in_its_class() -> None:
    for definition in CLASSES.values():
        for prop in definition.properties:
            for member in prop.members:
                assert member.name in CLASSES[prop.range].by_name or member.name == "id"


def test_a_line_that_the_table_cannot_read_is_named() -> None:
    with pytest.raises(ValueError, match="colour ~~"):
        read_table("class Thing : struct open\n  colour ~~\n")
    with pytest.raises(ValueError, match="klass Thing"):
        read_table("klass Thing : struct\n")


def test_the_package_offers_functions_whatever_module_was_imported_first() -> None:
    code = (
        "import assay.profiles.untp_0_7.walking, assay.profiles.untp_0_7.schemas\n"
        "from assay.profiles.untp_0_7 import walk, schema, context, certificate, places\n"
        "assert all(map(callable, (walk, schema, context, certificate, places)))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="untp_0_7"):
        _ = untp_0_7.nothing


def test_kinds_without_a_schema_or_certificate_are_key_errors() -> None:
    with pytest.raises(KeyError):
        schema("BitstringStatusListCredential")
    with pytest.raises(KeyError):
        certificate("Linkset")


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_the_walk_starts_at_the_root_and_leads_to_what_it_says(kind: str) -> None:
    document = full_document(kind)
    visits = list(walk(kind, document))
    assert visits[0] == (kind, (), document, False)
    for _, path, value, _ in visits:
        there = document
        for step in path:
            there = there[step]
        assert there is value
    assert len({path for _, path, _, _ in visits}) == len(visits)


def test_the_walk_finds_classes_by_position_even_where_types_are_missing() -> None:
    document = full_document(DPP)
    del document["credentialSubject"]["type"]
    document["issuer"]["type"] = "Nonsense"
    found = {(v.cls, v.path, v.is_reference) for v in walk(DPP, document)}
    assert ("Product", ("credentialSubject",), False) in found
    assert ("CredentialIssuer", ("issuer",), False) in found
    assert ("Facility", ("credentialSubject", "producedAtFacility"), True) in found
    assert ("Measure", ("credentialSubject", "dimensions", "weight"), False) in found


def test_the_walk_takes_one_object_for_an_array_and_an_array_for_one_object() -> None:
    document = {"issuer": [{"id": "a"}, 3, [{"id": "b"}]], "renderMethod": {"name": "one"}}
    assert [(v.cls, v.path) for v in walk(DPP, document)] == [
        (DPP, ()),
        ("CredentialIssuer", ("issuer", 0)),
        ("CredentialIssuer", ("issuer", 2, 0)),
        ("RenderTemplate2024", ("renderMethod",)),
    ]


def test_the_walk_never_fails_on_damaged_documents() -> None:
    for kind in CREDENTIAL_KINDS:
        for seed in range(60):
            rng = random.Random(f"walk/{kind}/{seed}")
            for visit in walk(kind, mutant(rng, full_document(kind))):
                assert isinstance(visit.value, dict)
    assert list(walk(DPP, ["not", "an", "object"])) == []
    assert [v.cls for v in walk("SomethingElse", {"issuer": {}})] == ["SomethingElse"]


def test_the_walk_stops_at_its_depth() -> None:
    party: dict[str, object] = {}
    for _ in range(5000):
        party = {"partyAlsoKnownAs": party}
    document = {"issuer": {"issuerAlsoKnownAs": party}}
    assert max(len(v.path) for v in walk(DPP, document)) == MAX_DEPTH


def test_the_walk_knows_link_contexts_and_targets_of_a_linkset() -> None:
    linkset = {
        "linkset": [{"anchor": "https://a.example/", "dpp": [{"href": "https://b.example/"}, 1]}, None]
    }
    assert [(v.cls, v.path) for v in walk("Linkset", linkset)] == [
        ("Linkset", ()),
        ("LinkContext", ("linkset", 0)),
        ("LinkTarget", ("linkset", 0, "dpp", 0)),
    ]


def test_an_event_is_told_by_its_type_else_by_its_own_members() -> None:
    assert event_class({"type": ["MoveEvent", "LifecycleEvent"], "inputProduct": []}) == "MoveEvent"
    assert event_class({"type": "ModifyEvent"}) == "ModifyEvent"
    assert event_class({"madeAtFacility": {}}) == "MakeEvent"
    assert event_class({"type": ["MakeEvent", "MoveEvent"], "fromFacility": {}}) == "MoveEvent"
    assert event_class({"madeAtFacility": {}, "toFacility": {}}) == "LifecycleEvent"
    assert event_class({"type": [{}], "name": "x"}) == "LifecycleEvent"


@pytest.mark.parametrize(
    ("path", "member", "expected"),
    [
        (("credentialSubject", "batchNumber"), None, ("Product.batchNumber", "Product")),
        (("credentialSubject",), "batchNumber", ("Product.batchNumber", "Product")),
        (("issuer",), None, (f"{DPP}.issuer", "Envelope.issuer", DPP, "Envelope")),
        ((), "issuer", (f"{DPP}.issuer", "Envelope.issuer", DPP, "Envelope")),
        ((), "credentialSubject", (f"{DPP}.credentialSubject", DPP, "Envelope")),
        ((), None, (DPP, "Envelope")),
        (
            ("credentialSubject", "producedAtFacility", "name"),
            None,
            ("FacilityReference.name", "FacilityReference", "Product.producedAtFacility", "Product"),
        ),
        (
            ("credentialSubject", "performanceClaim", 0, "claimedPerformance", 0, "measure", "unit"),
            None,
            ("Measure.unit", "Measure"),
        ),
        (("credentialSubject", "relatedDocument", 0), "colour", ("Link.colour", "Link")),
        (
            ("credentialSubject", "characteristics", "assay", "lithium"),
            None,
            ("Characteristics.assay", "Characteristics"),
        ),
    ],
)
def test_places_are_named_from_the_most_specific(
    path: tuple[str | int, ...], member: str | None, expected: tuple[str, ...]
) -> None:
    assert places(DPP, full_document(DPP), path, member) == expected


def test_places_in_events_name_the_event_and_its_parent() -> None:
    document = {"credentialSubject": [{"type": ["MakeEvent", "LifecycleEvent"]}]}
    at = ("credentialSubject", 0)
    assert places(DTE, document, (*at, "eventDate")) == (
        *("MakeEvent.eventDate", "LifecycleEvent.eventDate", "MakeEvent", "LifecycleEvent"),
    )
    assert places(DTE, document, at, "madeAtFacility") == (
        "MakeEvent.madeAtFacility",
        "MakeEvent",
        "LifecycleEvent",
    )
    assert places(DTE, document, at, inside=True) == ("MakeEvent", "LifecycleEvent")


@pytest.mark.parametrize(
    ("path", "member", "expected"),
    [
        ((), "linkset", ("Linkset.linkset", "Linkset")),
        (("linkset",), None, ("Linkset.linkset", "Linkset")),
        (("linkset", 0), "anchor", ("LinkContext.anchor", "LinkContext")),
        (("linkset", 0), "untp:dia", ("LinkContext.relation", "LinkContext")),
        (("linkset", 0, "dpp", 1), "href", ("LinkTarget.href", "LinkTarget")),
        (("linkset", 0, "dpp", 1, "hreflang", 0), None, ("LinkTarget.hreflang", "LinkTarget")),
    ],
)
def test_places_in_linksets_use_the_terms_of_the_linkset_standard(
    path: tuple[str | int, ...], member: str | None, expected: tuple[str, ...]
) -> None:
    assert places("Linkset", {}, path, member) == expected


def test_code_lists_have_the_published_sizes_and_agree_among_themselves() -> None:
    assert (len(codes.COUNTRIES), len(codes.TOPICS), len(codes.METRICS)) == (249, 101, 79)
    assert {"KGM", "TNE", "P1", "MWH"} <= codes.UNITS
    assert not codes.UNITS & codes.DELETED_UNITS
    for metric in codes.METRICS.values():
        assert metric.unit is None or metric.unit in codes.UNITS
        assert metric.parent is None or metric.parent in codes.METRICS
    for topic in codes.TOPICS.values():
        assert topic.parent is None or topic.parent in codes.TOPICS


def test_codes_can_be_looked_up() -> None:
    tonne = codes.unit("TNE")
    assert tonne is not None
    assert (tonne.symbol, tonne.factor) == ("t", "10³ kg")
    assert codes.unit("ZZZ-none") is None
    assert codes.country_name("KR") == "Republic of Korea (the)"
    assert codes.topic_slug(codes.TOPIC_PREFIX + "water-conservation") == "water-conservation"
    assert codes.topic_slug("https://vocabulary.uncefact.org/conformity-topic/water-conservation") is None
    assert codes.metric_slug(codes.METRICS["scope-1-ghg-emissions"].iri) == "scope-1-ghg-emissions"
    assert codes.metric_slug(codes.METRIC_PREFIX + "unheard-of") is None
    assert "shipping" in codes.BUSINESS_STEPS
    assert len(codes.BUSINESS_STEPS) == 41
