"""The schema judge: errors with places, format errors told apart, certificates, hostile input."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assay.harness.credential.limits import deeper_than, survey
from assay.harness.credential.schema import MAX_ERRORS, SchemaJudge
from assay.harness.material import SchemaError
from assay.profiles.artefacts import Artefacts
from assay.profiles.untp_0_7 import schema
from tests.mutations import CREDENTIAL_KINDS, corpus, full_document, mutant

DPP = "DigitalProductPassport"
DTE = "DigitalTraceabilityEvent"


@pytest.fixture(scope="module")
def judge() -> SchemaJudge:
    return SchemaJudge()


def passport() -> dict[str, Any]:
    return full_document(DPP)


def one(errors: tuple[SchemaError, ...]) -> SchemaError:
    assert len(errors) == 1, errors
    return errors[0]


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_a_full_document_has_no_errors_and_is_certified(kind: str, judge: SchemaJudge) -> None:
    assert judge.errors(kind, full_document(kind)) == ()
    assert judge.certified(kind, full_document(kind))


@pytest.mark.parametrize("event", ["MakeEvent", "MoveEvent", "ModifyEvent"])
def test_each_event_class_can_be_certified(event: str, judge: SchemaJudge) -> None:
    documents = (full_document(DTE, seed) for seed in range(40))
    document = next(d for d in documents if event in d["credentialSubject"][0]["type"])
    assert judge.certified(DTE, document)


def test_a_missing_member_names_its_place(judge: SchemaJudge) -> None:
    document = passport()
    del document["credentialSubject"]["idScheme"]
    error = one(judge.errors(DPP, document))
    assert (error.path, error.keyword, error.format_only) == (("credentialSubject",), "required", False)
    assert error.places == ("Product.idScheme", "Product")


def test_unexpected_members_are_all_named(judge: SchemaJudge) -> None:
    document = passport()
    document["credentialSubject"]["productImage"] |= {"colour": 1, "size": 2}
    assert one(judge.errors(DPP, document)).places == ("Link.colour", "Link.size", "Link")


def test_a_format_error_is_marked(judge: SchemaJudge) -> None:
    document = passport()
    document["validFrom"] = "yesterday"
    document["credentialSubject"]["idGranularity"] = "pile"
    assert {(e.path[-1], e.keyword, e.format_only) for e in judge.errors(DPP, document)} == {
        ("validFrom", "format", True),
        ("idGranularity", "enum", False),
    }


def test_a_wrong_type_array_says_which_name_it_lacks(judge: SchemaJudge) -> None:
    document = passport()
    document["issuer"]["type"] = ["Somebody"]
    error = one(judge.errors(DPP, document))
    assert error.message == "does not contain 'CredentialIssuer'"
    assert error.places == ("CredentialIssuer.type", "CredentialIssuer")


def test_an_event_that_matches_no_class_is_explained_by_the_class_it_comes_closest_to(
    judge: SchemaJudge,
) -> None:
    document = full_document(DTE, 1)
    event = document["credentialSubject"][0]
    document["credentialSubject"][0] = event = {**event, "type": ["MakeEvent", "LifecycleEvent"]}
    event |= {"outputProduct": [{"product": {"id": "not a uri", "name": "n", "idGranularity": "item"}}]}
    event["madeAtFacility"] = {"id": "https://f.example/", "name": "f"}
    event.pop("inputProduct", None)
    errors = {(e.path[2:], e.keyword): e for e in judge.errors(DTE, document)}
    assert errors[(), "oneOf"].places == ("MakeEvent", "LifecycleEvent")
    assert errors[(), "required"].places[0] == "MakeEvent.inputProduct"
    assert errors[("outputProduct", 0, "product", "id"), "format"].format_only
    assert not errors[(), "oneOf"].format_only


def test_an_event_that_fails_by_format_alone_is_a_format_error(judge: SchemaJudge) -> None:
    document = full_document(DTE)
    document["credentialSubject"][0]["eventDate"] = "last week"
    errors = judge.errors(DTE, document)
    assert {e.keyword for e in errors} == {"oneOf", "format"}
    assert all(e.format_only for e in errors)


def test_an_event_that_matches_two_classes_only_without_formats_is_an_error_without_formats(
    judge: SchemaJudge,
) -> None:
    document = full_document(DTE)
    event = document["credentialSubject"][0]
    facility, products = {"id": "https://f.example/", "name": "f"}, list[Any]()
    event |= {"inputProduct": products, "outputProduct": products, "madeAtFacility": facility}
    event |= {"modifiedProduct": products, "modifiedAtFacility": {"id": "no uri", "name": "f"}}
    for name in ("movedProduct", "fromFacility", "toFacility", "consignmentId", "type"):
        event.pop(name, None)
    assert [(e.keyword, e.format_only) for e in judge.errors(DTE, document)] == [("oneOf", False)]


def test_only_events_have_alternatives_that_formats_could_tip() -> None:
    for kind in (*CREDENTIAL_KINDS, "Linkset"):
        text = json.dumps(schema(kind))
        alternatives = any(f'"{keyword}"' in text for keyword in ("oneOf", "anyOf", "not", "if"))
        assert alternatives == (kind == DTE), kind


def test_linkset_errors_use_the_terms_of_the_linkset_standard(judge: SchemaJudge) -> None:
    linkset = {"linkset": [{"anchor": "https://a.example/", "untp:dia": [], "dpp": [{"href": "ftp://x"}]}]}
    places = {e.keyword: e.places[0] for e in judge.errors("Linkset", linkset)}
    assert places == {
        "additionalProperties": "LinkContext.relation",
        "pattern": "LinkTarget.href",
        "required": "LinkTarget.title",
    }
    assert not judge.certified("Linkset", linkset)


def test_kinds_without_a_schema_have_no_errors_and_no_certificate(judge: SchemaJudge) -> None:
    for kind in ("BitstringStatusListCredential", "VerifiableCredential", "DidDocument", "Unknown"):
        assert judge.errors(kind, {"anything": 1}) == ()
        assert not judge.certified(kind, {"anything": 1})


@pytest.mark.parametrize("value", [None, True, 3, "text", [], {}, [{}], {"": None}])
@pytest.mark.parametrize("kind", [*CREDENTIAL_KINDS, "Linkset"])
def test_anything_at_all_can_be_judged(kind: str, value: Any, judge: SchemaJudge) -> None:
    assert judge.errors(kind, value)
    assert not judge.certified(kind, value)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (("countryOfProduction", "countryCode"), "XX"),
        (("countryOfProduction", "countryCode"), "DEU"),
        (("dimensions", "weight", "unit"), "kg"),
        (("characteristics",), {"name": "x"}),
        (("type",), ["Product", "Battery"]),
        (("colour",), "red"),
    ],
)
def test_valid_documents_that_a_certificate_does_not_vouch_for(
    pointer: tuple[str, ...], value: Any, judge: SchemaJudge
) -> None:
    document = passport()
    holder = document["credentialSubject"]
    for step in pointer[:-1]:
        holder = holder[step]
    holder[pointer[-1]] = value
    assert judge.errors(DPP, document) == ()
    assert not judge.certified(DPP, document)


def test_element_symbols_are_names_that_a_certificate_vouches_for(judge: SchemaJudge) -> None:
    document = passport()
    document["credentialSubject"]["characteristics"] = {
        "elementGrades": {"Li": 0.1654, "C": 0.01},
        "moisture": 0.002,
    }
    assert judge.certified(DPP, document)
    document["credentialSubject"]["characteristics"] = {"Party": 1}
    assert not judge.certified(DPP, document)


def test_a_missing_type_is_valid_but_never_certified(judge: SchemaJudge) -> None:
    document = passport()
    del document["credentialSubject"]["type"]
    assert judge.errors(DPP, document) == ()
    assert not judge.certified(DPP, document)


def test_half_a_surrogate_pair_is_judged_and_never_certified(judge: SchemaJudge) -> None:
    document = passport()
    document["credentialSubject"]["batchNumber"] = "\ud800"
    assert judge.errors(DPP, document) == ()
    document["issuer"]["id"] = "\udfff"
    assert one(judge.errors(DPP, document)).places[0] == "CredentialIssuer.id"
    assert not judge.certified(DPP, document)


def test_depth_is_refused_before_anything_recurses(judge: SchemaJudge) -> None:
    deep: dict[str, Any] = {}
    for _ in range(300_000):
        deep = {"partyAlsoKnownAs": deep}
    assert one(judge.errors(DPP, deep)).keyword == "depth"
    while deep:  # take it apart by hand: freeing it in one go would recurse as deep
        deep = deep["partyAlsoKnownAs"]


def test_errors_of_large_documents_are_listed_from_the_beginning_of_their_arrays(judge: SchemaJudge) -> None:
    document = passport()
    document["renderMethod"] = [3] * 1_000_000
    errors = judge.errors(DPP, document)
    assert len(errors) == MAX_ERRORS
    assert all(len(e.message) <= 300 for e in errors)
    assert errors[0].path == ("renderMethod", 0)


def test_an_error_far_down_a_long_array_is_still_an_error(judge: SchemaJudge) -> None:
    document = passport()
    document["renderMethod"] = [{"type": ["RenderTemplate2024"]}] * 30_000
    assert judge.errors(DPP, document) == ()
    document["renderMethod"][-1] = 3
    assert one(judge.errors(DPP, document)).message == "invalid beyond the first 1000 items of an array"


def test_a_document_that_is_all_members_is_refused_as_a_whole(judge: SchemaJudge) -> None:
    linkset = {"linkset": [{"anchor": "https://a.example/", **{f"r{'a' * i}": 3 for i in range(3)}}]}
    assert len(judge.errors("Linkset", linkset)) == 3
    relations = {f"https://r.example/{i}": 3 for i in range(50_000)}
    error = one(judge.errors("Linkset", {"linkset": [{"anchor": "https://a.example/", **relations}]}))
    assert (error.keyword, error.places) == ("size", ("Linkset",))


def test_depth_counts_nested_objects_and_arrays() -> None:
    nested: Any = "leaf"
    for depth in range(1, 8):
        nested = [nested] if depth % 2 else {"below": nested}
        assert not deeper_than(nested, depth)
        assert deeper_than(nested, depth - 1)
        assert survey(nested, max_depth=depth).too_deep is False
        assert survey(nested, max_depth=depth - 1).too_deep is True
    assert survey([[]] * 10, max_nodes=11).too_many is False
    assert survey([[]] * 11, max_nodes=11).too_many is True
    assert survey({"a": [{"@context": {"x": "y"}}, {"@context": ["u", None]}, {"@context": "u"}]}).inline == [
        {"x": "y"},
        ["u", None],
    ]


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_an_independent_validator_finds_the_same_pointers(kind: str, judge: SchemaJudge) -> None:
    oracle = jsonschema.Draft202012Validator(schema(kind))
    for seed in range(25):
        document = mutant(random.Random(f"oracle/{kind}/{seed}"), full_document(kind, seed))
        expected = {tuple(e.absolute_path) for e in oracle.iter_errors(document)}
        found = {e.path for e in judge.errors(kind, document) if not e.format_only}
        assert expected <= found, (kind, seed)
        assert bool(expected) == bool(found), (kind, seed)


@pytest.mark.artefacts
def test_published_schemas_give_the_same_errors(artefacts: Path, requirements_folder: Path) -> None:
    ours, theirs = SchemaJudge(), SchemaJudge(Artefacts.from_directory(artefacts))
    for name, kind, document in corpus(artefacts, requirements_folder):
        damaged = mutant(random.Random(name), document)
        assert ours.errors(kind, damaged) == theirs.errors(kind, damaged), name
        assert json.dumps(document)  # samples stay as they were
