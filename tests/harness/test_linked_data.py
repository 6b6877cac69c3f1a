"""The JSON-LD judge: what it finds, that its fast ways agree with stock pyld, and that nothing hostile gets through."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyld.iri_resolver import resolve

from assay.harness.credential import term_memo
from assay.harness.credential.jsonld import ContextStore, SharedProcessor
from assay.harness.credential.linked_data import LinkedDataJudge
from assay.harness.credential.schema import SchemaJudge
from assay.harness.credential.term_memo import NodeMemo
from assay.harness.material import TermFinding
from assay.profiles.artefacts import Artefacts
from assay.profiles.untp_0_7 import CONTEXT_URL, V2_URL
from tests.mutations import (
    CREDENTIAL_KINDS,
    OTHERS,
    STRINGS,
    apply_ops,
    corpus,
    full_document,
    mutant,
    other_values,
)

pytestmark = pytest.mark.filterwarnings("ignore:terms beginning with:SyntaxWarning")

DPP = "DigitalProductPassport"
LONG = "ASSAY_MUTATIONS" in os.environ
EXAMPLES = int(os.environ.get("ASSAY_MUTATIONS", "30"))
"""Examples of each property; the nightly run sets ASSAY_MUTATIONS=5000."""

EXTENSION = "https://extension.example/context"
HOSTILE_CONTEXT = {
    "@context": {
        "@version": 1.1,
        "ext": "https://extension.example/ns#",
        "extRef": {"@id": "ext:extRef", "@type": "@id"},
        "extName": "ext:extName",
        "alias": "@type",
        "Ext": {
            "@id": "ext:Ext",
            "@context": {
                "kind": "@type",
                "text": {"@id": "ext:text", "@container": "@language"},
                "indexed": {"@id": "ext:indexed", "@container": "@index", "@type": "@id"},
                "byId": {"@id": "ext:byId", "@container": "@id"},
                "byType": {"@id": "ext:byType", "@container": "@type"},
                "opaque": {"@id": "ext:opaque", "@type": "@json"},
                "list": {"@id": "ext:list", "@container": "@list", "@type": "@vocab"},
                "graph": {"@id": "ext:graph", "@container": ["@graph", "@id"]},
                "of": {"@reverse": "ext:has", "@type": "@id"},
                "nest": "@nest",
                "gone": None,
                "value": "@value",
                "word": {"@id": "ext:word", "@type": "@vocab"},
                "ref": {"@id": "ext:ref", "@type": "@id"},
                "included": "@included",
                "reset": {"@id": "ext:reset", "@context": None},
                "Deep": {"@id": "ext:Deep", "@context": {"@propagate": True, "name": "ext:deepName"}},
            },
        },
    }
}
EXTENSION_NAMES = (
    *("kind", "text", "indexed", "byId", "byType", "opaque", "list", "graph", "of", "nest", "gone", "value"),
    *("word", "ref", "included", "reset", "extRef", "extName", "alias"),
)


@pytest.fixture(scope="module")
def judge() -> LinkedDataJudge:
    return LinkedDataJudge()


def passport() -> dict[str, Any]:
    return full_document(DPP)


def kinds(findings: tuple[TermFinding, ...]) -> dict[tuple[str | int, ...], str]:
    return {finding.path: finding.kind for finding in findings}


def assert_all_ways_agree(judge: LinkedDataJudge, value: Any) -> tuple[TermFinding, ...]:
    expected = judge.plain(value)
    assert judge.expanded(value) == expected
    assert judge.findings(value) == expected
    assert judge.findings(value) == expected  # warm
    return expected


# ---------------------------------------------------------------- what is found


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_a_full_document_is_clean(kind: str, judge: LinkedDataJudge) -> None:
    assert assert_all_ways_agree(judge, full_document(kind)) == ()


def test_a_missing_type_drops_what_only_the_type_explains(judge: LinkedDataJudge) -> None:
    document = passport()
    del document["credentialSubject"]["type"]
    found = kinds(assert_all_ways_agree(judge, document))
    assert found["credentialSubject", "idGranularity"] == "dropped"
    assert found["credentialSubject", "producedAtFacility"] == "dropped"
    assert ("credentialSubject", "name") not in found


def test_an_unknown_term_is_caught_by_the_class_vocabulary(judge: LinkedDataJudge) -> None:
    document = passport()
    document["credentialSubject"]["colour"] = "red"
    (finding,) = assert_all_ways_agree(judge, document)
    assert finding == TermFinding(
        ("credentialSubject", "colour"), "vocab", "https://vocabulary.uncefact.org/untp/Product#colour"
    )


@pytest.mark.parametrize(
    "value",
    [
        {"moisture": 8.1},
        {"a": {"b": [{"c": 1}, {"d": {"e": True}}]}},
        {"type": ["Characteristics"], "moisture": 1},
        {"UPPER": 1, "with_underscore": 2},
        {},
    ],
)
def test_characteristics_are_the_extension_point_and_exempt(value: Any, judge: LinkedDataJudge) -> None:
    document = passport()
    document["credentialSubject"]["characteristics"] = value
    assert assert_all_ways_agree(judge, document) == ()


def test_the_exemption_ends_where_characteristics_end(judge: LinkedDataJudge) -> None:
    document = passport()
    document["credentialSubject"]["characteristics"] = {"part": {"type": ["Claim"], "colour": 1}}
    document["credentialSubject"]["moisture"] = 8.1
    document["moisture"] = 8.1
    assert kinds(assert_all_ways_agree(judge, document)) == {
        ("credentialSubject", "moisture"): "vocab",
        ("credentialSubject", "characteristics", "part", "colour"): "vocab",
        ("moisture",): "vocab",
    }


def test_a_relative_identifier_type_and_reference_are_found(judge: LinkedDataJudge) -> None:
    document = passport()
    document["id"] = "just-a-number"
    document["credentialSubject"]["type"] = ["Product", "Widget"]
    del document["issuer"]["issuerAlsoKnownAs"]
    document["credentialSubject"]["relatedParty"] = "nobody"
    found = assert_all_ways_agree(judge, document)
    assert kinds(found)[("id",)] == "relative_id"
    assert kinds(found)["credentialSubject", "type", 1] == "relative_type"
    assert [f.detail for f in found if f.kind == "relative_id"] == ["just-a-number"]


def test_a_coerced_string_that_is_no_iri_is_found(judge: LinkedDataJudge) -> None:
    document = passport()
    document["credentialSubject"]["producedAtFacility"] = "the big one"
    (finding,) = assert_all_ways_agree(judge, document)
    assert (finding.kind, finding.detail) == ("bad_iri", "the big one")


def test_redefining_a_protected_term_is_an_error_with_its_code(judge: LinkedDataJudge) -> None:
    document = passport()
    document["@context"].append({"name": "https://other.example/name"})
    found = assert_all_ways_agree(judge, document)
    assert TermFinding((), "error", "protected term redefinition") in found


@pytest.mark.parametrize(
    "url",
    ["https://unknown.example/v1", "https://vocabulary.uncefact.org/untp/9.9/context/", "not a url", ""],
)
def test_an_unknown_context_is_refused_and_named(url: str, judge: LinkedDataJudge) -> None:
    document = passport()
    document["@context"].append(url)
    (finding,) = assert_all_ways_agree(judge, document)
    assert (finding.path, finding.kind) == ((), "error")
    assert finding.detail.startswith("unknown context, never fetched: ")
    assert url in finding.detail


def test_an_unknown_context_inside_a_node_is_an_error_there(judge: LinkedDataJudge) -> None:
    document = passport()
    document["issuer"]["@context"] = "https://unknown.example/v1"
    found = assert_all_ways_agree(judge, document)
    assert [(f.path, f.kind) for f in found] == [(("issuer",), "error")]


def test_a_context_scoped_to_a_term_is_never_fetched_either(judge: LinkedDataJudge) -> None:
    document = passport()
    document["@context"].append(
        {"x": {"@id": "https://x.example/", "@context": "https://unknown.example/v1"}}
    )
    (finding,) = assert_all_ways_agree(judge, document)
    assert "https://unknown.example/v1" in finding.detail


def test_extension_contexts_can_be_vouched_for() -> None:
    judge = LinkedDataJudge(contexts={EXTENSION: {"@context": {"colour": "https://x.example/colour"}}})
    document = passport()
    document["@context"].append(EXTENSION)
    document["issuer"]["colour"] = "red"
    del document["credentialSubject"]
    assert assert_all_ways_agree(judge, document) == ()


def test_status_lists_and_plain_w3c_credentials_can_be_judged(judge: LinkedDataJudge) -> None:
    status_list = {
        "@context": [V2_URL],
        "id": "https://status.example/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:issuer.example",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "https://status.example/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "uH4sIAAAAAAAAA",
        },
    }
    assert assert_all_ways_agree(judge, status_list) == ()
    status_list["credentialSubject"]["statusPurpos"] = "x"  # type: ignore[index]
    assert kinds(assert_all_ways_agree(judge, status_list)) == {
        ("credentialSubject", "statusPurpos"): "dropped"
    }


@pytest.mark.parametrize("value", [None, True, 3, "text", [], {}, [[]], [passport(), 3], {"@context": None}])
def test_anything_at_all_can_be_judged(value: Any, judge: LinkedDataJudge) -> None:
    assert_all_ways_agree(judge, value)


# ---------------------------------------------------------------- hostile documents


def test_depth_is_refused_before_anything_recurses(judge: LinkedDataJudge) -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"characteristics": deep}
    document = passport()
    document["credentialSubject"]["characteristics"] = deep
    assert judge.findings(document) == (TermFinding((), "error", "nested deeper than 100 levels"),)
    while deep:  # freeing it in one go would recurse as deep
        deep = deep.pop("characteristics")


@pytest.mark.parametrize("depth", [95, 150, 99_000])
def test_documents_up_to_the_limit_are_judged_and_those_beyond_refused(
    depth: int, judge: LinkedDataJudge
) -> None:
    deep: Any = {"grade": 1}
    for _ in range(depth - 4):
        deep = [deep] if depth % 2 else {"part": deep}
    document = passport()
    document["credentialSubject"]["characteristics"] = {"part": deep}
    refused = judge.findings(document)
    assert (refused == ()) == (depth < 100)
    while isinstance(deep, (list, dict)) and deep:
        deep = deep.pop() if isinstance(deep, list) else deep.popitem()[1]


def test_terms_that_depend_on_each_other_too_deeply_are_an_error(judge: LinkedDataJudge) -> None:
    chain = {f"t{i}": f"t{i + 1}:x" for i in range(2000)} | {"t2000": "https://x.example/"}
    document = {"@context": [chain], "t0": "value"}
    (finding,) = judge.findings(document)
    assert (finding.kind, finding.detail) == ("error", "terms depend on each other too deeply")


def test_too_much_inline_context_is_refused(judge: LinkedDataJudge) -> None:
    document = {"@context": {f"t{i}": "https://x.example/" for i in range(6000)}}
    (finding,) = judge.findings(document)
    assert finding.detail.startswith("inline contexts of more than")


def test_too_many_nodes_are_refused(judge: LinkedDataJudge) -> None:
    (finding,) = judge.findings({"@context": [V2_URL], "evidence": [{}] * 300_000})
    assert finding.detail.startswith("more than 200000 objects")


def test_context_processing_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.harness.credential.jsonld.MAX_CONTEXT_STEPS", 500)
    judge = LinkedDataJudge()
    document = passport()
    document["@context"].append({"x": "https://x.example/"})
    (finding,) = judge.findings(document)
    assert (finding.kind, "contexts to be processed" in finding.detail) == ("error", True)


def test_an_import_cannot_change_what_other_documents_see(judge: LinkedDataJudge) -> None:
    poison = {
        "@context": [{"@import": V2_URL, "issuer": "https://evil.example/issuer", "@version": 1.1}],
        "issuer": "did:web:issuer.example",
    }
    before = json.dumps(judge.store[V2_URL])
    assert_all_ways_agree(judge, poison)
    assert json.dumps(judge.store[V2_URL]) == before
    assert assert_all_ways_agree(judge, passport()) == ()


def test_judging_changes_neither_the_document_nor_the_contexts(judge: LinkedDataJudge) -> None:
    document = mutant(random.Random(1), passport())
    document["@context"] = [V2_URL, CONTEXT_URL, {"x": "https://x.example/"}]
    copied, contexts = copy.deepcopy(document), json.dumps(judge.store[CONTEXT_URL])
    assert_all_ways_agree(judge, document)
    assert document == copied
    assert json.dumps(judge.store[CONTEXT_URL]) == contexts


CONTEXT_KEYWORDS = (
    *(
        "@version",
        "@import",
        "@propagate",
        "@protected",
        "@vocab",
        "@base",
        "@language",
        "@direction",
        "@type",
    ),
    *(
        "@id",
        "@container",
        "@context",
        "@reverse",
        "@nest",
        "@index",
        "@prefix",
        "x",
        "name",
        "type",
        "Product",
    ),
)


def hostile_context(rng: random.Random, depth: int = 0) -> Any:
    """Something that stands where a context or a part of one belongs."""
    if depth and rng.random() < 0.5 + depth / 8:
        return rng.choice((*STRINGS, *OTHERS, V2_URL, "@vocab", "@set", "\ud800", 10**400, float("inf")))
    names = rng.sample(CONTEXT_KEYWORDS, rng.choice((1, 1, 2, 3)))
    return {name: hostile_context(rng, depth + 1) for name in names}


def test_hostile_contexts_are_answered_and_change_nothing_for_others(judge: LinkedDataJudge) -> None:
    errors = 0
    for i in range(max(EXAMPLES, 60)):
        rng = random.Random(f"context/{i}")
        document = {"@context": [V2_URL, hostile_context(rng)], "id": "urn:x:1", "name": "n", "x": {"x": "y"}}
        if rng.random() < 0.3:
            document["x"] = {"@context": document["@context"].pop(), "x": "y"}  # type: ignore[attr-defined]
        found = judge.findings(document)
        errors += any(finding.kind == "error" for finding in found)
        if i % 10 == 0:
            assert judge.plain(document) == found
    assert errors >= 20
    assert assert_all_ways_agree(judge, passport()) == ()


def test_a_judge_that_is_not_asked_never_imports_pyld() -> None:
    code = (
        "import sys\n"
        "from assay.harness.credential.linked_data import LinkedDataJudge\n"
        "LinkedDataJudge()\n"
        "assert 'pyld' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_memory_is_bounded_and_forgetting_changes_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_memo, "MAX_PLANS", 100)
    judge = LinkedDataJudge()
    for i in range(40):
        document = mutant(random.Random(f"memory/{i}"), full_document(CREDENTIAL_KINDS[i % 6], i))
        assert judge.findings(document) == judge.expanded(document)
        assert judge._memo._size <= 100 + 200


def test_a_document_with_too_many_new_shapes_is_left_to_pyld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_memo, "MAX_NEW_PLANS", 3)
    judge = LinkedDataJudge()
    document = passport()
    document["credentialSubject"]["colour"] = 1
    assert kinds(judge.findings(document)) == {("credentialSubject", "colour"): "vocab"}
    assert judge._memo._size == 0


# ---------------------------------------------------------------- the memo is sound

MEMO_JUDGE = LinkedDataJudge(contexts={EXTENSION: HOSTILE_CONTEXT})
SCHEMA_JUDGE = SchemaJudge()


def extended(rng: random.Random, document: Any) -> Any:
    """With the hostile context added and some of its terms used."""
    changed = copy.deepcopy(document)
    contexts = changed.get("@context")
    changed["@context"] = [*(contexts if isinstance(contexts, list) else []), EXTENSION]
    objects = [changed]
    for item in objects:
        objects += [v for v in item.values() if isinstance(v, dict)]
        objects += [m for v in item.values() if isinstance(v, list) for m in v if isinstance(m, dict)]
    node = rng.choice(objects)
    if rng.random() < 0.8:
        types = node.get("type")
        node["type"] = [*(types if isinstance(types, list) else []), "Ext"]
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = rng.choice(STRINGS)
        node[rng.choice(EXTENSION_NAMES)] = rng.choice(
            (
                *(text, [text], None, 3, "Product", ["Claim", "Ext"], {"id": text}, {"@value": text}),
                *({"en": text}, {"a": text, "b": {"id": text}}, {"value": text, "kind": text}, {"ref": text}),
                *({"Product": {"name": "x", "idScheme": {"id": "q"}}}, {"kind": "Claim", "claimDate": text}),
            )
        )
    return changed


def some_document(rng: random.Random) -> Any:
    """A damaged, sometimes extended document, sometimes with keyword members."""
    document = full_document(rng.choice(CREDENTIAL_KINDS), rng.randrange(5))
    if rng.random() < 0.3:
        document = extended(rng, document)
    return mutant(rng, document, rng.choice((0, 1, 1, 2, 3)) or None)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False))
def test_the_memo_agrees_with_expansion_pointers_included(rng: random.Random) -> None:
    document = some_document(rng)
    variants = [document] + [other_values(rng, document, share) for share in (0.05, 0.5)]
    for variant in variants:  # same shapes, other values: what the memo must not confuse
        assert MEMO_JUDGE.findings(variant) == MEMO_JUDGE.expanded(variant)


@settings(
    max_examples=max(EXAMPLES // 3, 16),
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False))
def test_all_ways_agree_with_stock_pyld_pointers_included(rng: random.Random) -> None:
    assert_all_ways_agree(MEMO_JUDGE, some_document(rng))


@settings(
    max_examples=EXAMPLES * 3,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False))
def test_a_certified_document_is_valid_and_has_an_empty_verdict(rng: random.Random) -> None:
    kind = rng.choice(CREDENTIAL_KINDS)
    document = full_document(kind, rng.randrange(20))
    changed = other_values(rng, document, 0.03) if rng.random() < 0.5 else mutant(rng, document, 1)
    if SCHEMA_JUDGE.certified(kind, changed):
        assert SCHEMA_JUDGE.errors(kind, changed) == ()
        assert MEMO_JUDGE.expanded(changed) == ()
        assert MEMO_JUDGE.findings(changed) == ()


def test_the_memo_itself_vouches_for_most_documents() -> None:
    """Without this, the agreement tests could pass because everything was left to pyld."""
    memo = NodeMemo(SharedProcessor(ContextStore()))
    vouched = 0
    for i in range(120):
        document = mutant(random.Random(f"vouch/{i}"), full_document(CREDENTIAL_KINDS[i % 6], i))
        vouched += memo.findings(document) is not None
    assert vouched >= 80


def test_certificates_are_given_to_many_changed_documents() -> None:
    """Without this, the soundness of certificates would be tested on nothing."""
    given_to = 0
    for i in range(120):
        rng = random.Random(f"certificate/{i}")
        kind = CREDENTIAL_KINDS[i % 6]
        given_to += SCHEMA_JUDGE.certified(kind, other_values(rng, full_document(kind, i), 0.03))
    assert given_to >= 30


# ---------------------------------------------------------------- published material


@pytest.mark.artefacts
def test_samples_get_the_same_verdict_by_every_way_and_under_the_published_context(
    artefacts: Path, requirements_folder: Path, judge: LinkedDataJudge
) -> None:
    published = LinkedDataJudge(Artefacts.from_directory(artefacts))
    documents = corpus(artefacts, requirements_folder)
    for name, _, document in documents:
        found = assert_all_ways_agree(judge, document)
        assert published.findings(document) == found, name
        lossy = name == "DigitalIdentityAnchor_instance"  # its draft rendering member
        assert bool(found) == lossy, name


@pytest.mark.artefacts
def test_executable_rows_get_the_same_verdict_by_memo_and_expansion(
    requirements_folder: Path, judge: LinkedDataJudge
) -> None:
    bases = {
        file.stem: json.loads(file.read_text(encoding="utf-8"))
        for file in (requirements_folder / "bases").glob("*.json")
    }
    rows = json.loads((requirements_folder / "untp-0.7.json").read_text(encoding="utf-8"))["requirements"]
    seen_by = {"D": "dropped", "B": "vocab"}  # what the reference rows say about JSON-LD tools
    confirmed = 0
    for row in rows:
        if row.get("ops"):
            document = apply_ops(bases[row["base"]], row["ops"])
            found = judge.findings(document)
            assert judge.expanded(document) == found, row["id"]
            for letter in seen_by.keys() & set(row["seen_by"]):
                assert seen_by[letter] in {finding.kind for finding in found}, row["id"]
                confirmed += 1
    assert confirmed >= 20


@pytest.mark.artefacts
def test_pilot_material_gets_a_definite_answer(artefacts: Path, judge: LinkedDataJudge) -> None:
    files = sorted((artefacts / "crm").rglob("*.json"))
    for file in files:
        found = assert_all_ways_agree(judge, json.loads(file.read_text(encoding="utf-8")))
        assert found, file
        for finding in found:
            assert finding.kind != "error" or finding.detail, file
    assert len(files) >= 10


def test_no_name_that_a_certificate_accepts_under_characteristics_is_a_term() -> None:
    store = ContextStore()
    terms = {term for url in (V2_URL, CONTEXT_URL) for term in store[url]["@context"]}
    assert {"name", "issuingSoftware", "cnf"} <= terms
    for term in terms:
        document = passport()
        document["credentialSubject"]["characteristics"] = {"assay": {term: "x"}}
        assert not SCHEMA_JUDGE.certified(DPP, document), term


@settings(max_examples=EXAMPLES * 10, deadline=None, derandomize=not LONG, database=None)
@given(st.text(alphabet="/.:?#a@[%é ") | st.text())
def test_no_relative_identifier_stops_pyld(text: str) -> None:
    """The memo judges identifiers without resolving them, so resolving must have no errors of its own."""
    assert isinstance(resolve(text, jsonld.DEFAULT_BASE_IRI), str)
