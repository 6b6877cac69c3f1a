"""One node's HTTP behaviour: hosts, identifiers, documents, the API, and its own description of itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assay.profiles import untp_0_7
from assay.simulator.sandbox import DatasetError
from assay.simulator.sandbox.example import CLASS, ITEM, REFINER, RESOLVER, STATUS, base, build
from assay.simulator.sandbox.inprocess import Reply, ask
from assay.simulator.sandbox.node import MAX_BODY, create_app
from assay.simulator.sandbox.openapi import describe
from assay.simulator.sandbox.resolver import choose_target, is_malformed, languages
from assay.simulator.sandbox.store import NodeStore, load_node
from assay.simulator.sandbox.tokens import parse
from tests.simulator.sandbox_cases import cases
from tests.simulator.sandbox_probes import API, OWNER, PASSPORT, Scene


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def store(folder: Path) -> NodeStore:
    return load_node(folder, "KR")


@pytest.fixture
def scene(store: NodeStore) -> Scene:
    return Scene.of(store)


def send(scene: Scene, method: str, url: str, **more: Any) -> Reply:
    return asyncio.run(ask(scene.app, method, url, **more))


def wish(**changes: Any) -> dict[str, Any]:
    """A credential as a client asks for it."""
    document = {k: v for k, v in base("dpp").items() if k not in ("id", "credentialStatus")} | changes
    return {k: v for k, v in document.items() if v is not None}


# -- publishing and resolving ------------------------------------------------------------------------------------------


def test_every_published_file_is_served_as_it_stands(scene: Scene, store: NodeStore) -> None:
    for item in store.files.values():
        reply = send(scene, "GET", item.url)
        assert reply.status == 200, item.url
        assert reply.media_type == item.media_type
        assert reply.body == item.body or item.role == "linkset"


def test_linksets_fit_the_schema_and_carry_the_class_above(scene: Scene) -> None:
    reply = send(scene, "GET", f"{ITEM}?linkType=linkset")

    validator = jsonschema_rs.Draft7Validator(untp_0_7.schema("Linkset"))
    assert [error.message for error in validator.iter_errors(reply.json)] == []
    assert [context["anchor"] for context in reply.json["linkset"]] == [ITEM, CLASS]


@pytest.mark.parametrize("form", ["dpp", "untp:dpp", "https://vocabulary.uncefact.org/untp/linkType%23dpp"])
def test_a_link_type_may_be_named_in_several_ways(scene: Scene, form: str) -> None:
    reply = send(scene, "GET", f"{ITEM}?linkType={form}")
    assert (reply.status, reply.headers["location"]) == (307, PASSPORT)


def test_a_default_never_leads_to_an_older_version(scene: Scene) -> None:
    for language in ("en", "ko", "de"):
        reply = send(scene, "GET", ITEM, headers={"Accept-Language": language})
        assert not reply.headers["location"].endswith("-old")


def test_a_foreign_host_is_misdirected(scene: Scene) -> None:
    assert send(scene, "GET", "https://pack.example/health").status == 421


@pytest.mark.parametrize(
    "path", ["/a//b", "/a/%zz", "/a/..", "/a/%2e%2e", "/a/%00", "/" + "x" * 2000, "/%3Cx%3E"]
)
def test_malformed_identifiers_are_told_from_unknown_ones(path: str) -> None:
    assert is_malformed(path)


@given(st.lists(st.text("abcXYZ0189.-_~:@!$&'()*+,;=", min_size=1), min_size=1, max_size=6))
def test_paths_of_ordinary_characters_are_well_formed(steps: list[str]) -> None:
    expected = any(step in (".", "..") for step in steps) or len("/".join(steps)) + 1 > 1024
    assert is_malformed("/" + "/".join(steps)) is expected


@given(st.text(max_size=80), st.none() | st.text(max_size=20))
def test_any_language_wish_is_answered_with_some_target(header: str, query: str | None) -> None:
    targets = [{"href": "a", "hreflang": ["en"]}, {"href": "b", "hreflang": ["ko-KR"]}, {"href": "c"}]
    assert choose_target(targets, languages(header, query)) in targets


def test_languages_are_weighed() -> None:
    assert languages("de;q=0.3, ko, en;q=0.9, *;q=0.1, fr;q=0", None) == ("ko", "en", "de")
    assert languages("de", "ko") == ("ko",)


def test_links_are_added_by_owners_and_then_seen(scene: Scene) -> None:
    link = {"relation": "dcc", "target": {"href": "https://x.example/c", "title": "Certificate"}}

    refused = send(scene, "POST", ITEM, json_body=link)
    added = send(scene, "POST", ITEM, json_body=link, headers=OWNER)
    found = send(scene, "GET", f"{ITEM}?linkType=dcc")

    assert (refused.status, added.status) == (401, 201)
    assert found.headers["location"] == "https://x.example/c"


# -- issuing and status ------------------------------------------------------------------------------------------------


def test_what_is_issued_is_published_verified_and_can_be_revoked(scene: Scene) -> None:
    issued = send(scene, "POST", f"{API}/credentials/issue", json_body={"credential": wish()}, headers=OWNER)
    envelope = issued.json["verifiableCredential"]
    payload = parse(envelope["id"].partition(",")[2]).payload
    scene.web.apps |= dict.fromkeys(scene.store.hosts, scene.app)

    def verdict() -> Any:
        body = {"verifiableCredential": envelope}
        return send(scene, "POST", f"{API}/credentials/verify", json_body=body).json

    before = verdict()
    wanted = {
        "credentialId": payload["id"],
        "credentialStatus": {"statusPurpose": "revocation"},
        "status": True,
    }
    done = send(scene, "POST", f"{API}/credentials/status", json_body=wanted, headers=OWNER)
    after = verdict()

    assert issued.status == 201 and done.status == 200
    assert send(scene, "GET", payload["id"]).body.decode() == envelope["id"].partition(",")[2]
    assert before["verified"] is True
    assert [problem["code"] for problem in after["problemDetails"]] == ["revoked"]


def test_the_older_body_of_a_status_change_is_understood(scene: Scene) -> None:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": "1"}
    body = {"credentialId": PASSPORT, "credentialStatus": [entry]}

    assert send(scene, "POST", f"{API}/credentials/status", json_body=body, headers=OWNER).status == 200
    assert asyncio.run(scene.bits())[4711 // 8] == 0x80 >> 4711 % 8


def test_indices_in_use_are_not_given_out_again(scene: Scene) -> None:
    async def indices() -> list[int]:
        return [(await scene.issued()).payload["credentialStatus"]["statusListIndex"] for _ in range(30)]

    found = asyncio.run(indices())

    assert len(set(found) | {4711}) == 31
    assert found != sorted(found)


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, "'credential' is missing"),
        ({"credential": 7}, 400, "'credential' has to be a JSON object"),
        ({"credential": wish(credentialSubject=None)}, 400, "credentialSubject"),
        ({"credential": wish(validUntil="2020-01-01T00:00:00Z")}, 400, "before validFrom"),
        ({"credential": wish(validFrom="yesterday")}, 400, "validFrom"),
        ({"credential": wish(type=["DigitalProductPassport"])}, 400, "VerifiableCredential"),
        ({"credential": wish(type="VerifiableCredential")}, 400, "type"),
        ({"credential": wish(issuer={"id": "did:web:other.example"})}, 400, "did:web:other.example"),
        ({"credential": wish(proof={})}, 400, "proof"),
        ({"credential": wish(id="7")}, 400, "absolute URI"),
        (
            {"credential": wish(credentialSubject={"type": ["Product"], "idGranularity": "lorry"})},
            400,
            "schema",
        ),
        ({"credential": wish(**{"@context": ["https://x.example"]})}, 400, "@context"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_told_why(
    scene: Scene, body: dict[str, Any], status: int, named: str
) -> None:
    reply = send(scene, "POST", f"{API}/credentials/issue", json_body=body, headers=OWNER)

    assert reply.status == status
    assert reply.media_type == "application/problem+json"
    assert named in reply.json["detail"]


def test_an_id_is_issued_once(scene: Scene) -> None:
    body = {
        "credential": wish(),
        "options": {"credentialId": "https://saebyeok-lithium.example/credentials/new"},
    }

    first = send(scene, "POST", f"{API}/credentials/issue", json_body=body, headers=OWNER)
    second = send(scene, "POST", f"{API}/credentials/issue", json_body=body, headers=OWNER)

    assert (first.status, second.status) == (201, 409)


def test_an_issuer_left_out_is_filled_in(scene: Scene) -> None:
    body = {"credential": wish(issuer=None)}
    reply = send(scene, "POST", f"{API}/credentials/issue", json_body=body, headers=OWNER)
    payload = parse(reply.json["verifiableCredential"]["id"].partition(",")[2]).payload
    assert payload["issuer"]["id"] == REFINER


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic owner"}])
@pytest.mark.parametrize("path", ["issue", "status"])
def test_strangers_neither_issue_nor_revoke(scene: Scene, path: str, header: dict[str, str]) -> None:
    reply = send(scene, "POST", f"{API}/credentials/{path}", json_body={}, headers=header)
    assert reply.status == 401 and reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"credentialId": PASSPORT, "credentialStatus": {"statusPurpose": "suspension"}}, 404),
        ({"credentialId": "https://x.example/1", "credentialStatus": {}}, 404),
        ({"credentialId": 5, "credentialStatus": {}}, 400),
        ({"credentialId": PASSPORT, "credentialStatus": {}, "status": "yes"}, 400),
    ],
)
def test_status_changes_that_make_no_sense_are_refused(scene: Scene, body: Any, status: int) -> None:
    assert send(scene, "POST", f"{API}/credentials/status", json_body=body, headers=OWNER).status == status


# -- requests that are no good -----------------------------------------------------------------------------------------


def test_requests_are_json_within_limits(scene: Scene) -> None:
    url = f"{API}/credentials/verify"
    json_type = {"Content-Type": "application/json"}

    assert send(scene, "POST", url, body=b"{}", headers={"Content-Type": "text/plain"}).status == 415
    assert send(scene, "POST", url, body=b"{", headers=json_type).status == 400
    assert send(scene, "POST", url, body=b'{"a":1,"a":2}', headers=json_type).status == 400
    assert send(scene, "POST", url, body=b"[" * 100_000, headers=json_type).status == 400
    assert send(scene, "POST", url, body=b"[]", headers=json_type).status == 400
    assert send(scene, "POST", url, body=b" " * (MAX_BODY + 1), headers=json_type).status == 413
    assert send(scene, "POST", url, json_body={"link": 1}).status == 400
    assert send(scene, "POST", STATUS, json_body={}).status == 405
    assert send(scene, "DELETE", PASSPORT).status == 405
    assert send(scene, "GET", url).status == 404


# -- description -------------------------------------------------------------------------------------------------------


def test_every_route_is_described_and_every_description_has_a_route(store: NodeStore, scene: Scene) -> None:
    described = {
        (path, method.upper())
        for path, item in describe("x", "x.example")["paths"].items()
        for method in item
        if method in ("get", "post", "put", "delete")
    }
    app = create_app(store, scene.web)
    routed = {
        (route.path.replace(":path", ""), method)  # type: ignore[attr-defined]
        for route in app.routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }

    assert described == routed | {("/.well-known/resolver", "GET")}


def test_the_description_is_served_with_its_host(scene: Scene) -> None:
    reply = send(scene, "GET", f"https://{RESOLVER}/openapi.json")
    assert reply.json["openapi"] == "3.1.0"
    assert reply.json["servers"] == [{"url": f"https://{RESOLVER}"}]


SCHEMA = schemathesis.openapi.from_dict(describe("Node KR", "saebyeok-lithium.example"))
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method.upper()} {o.path}")
def test_generated_requests_get_only_described_answers(operation: Any, store: NodeStore) -> None:
    scene = Scene.of(store)
    responses = json.loads(json.dumps(describe("x", "x.example")))
    described = responses["paths"][operation.path][operation.method]["responses"]
    components = {"components": responses["components"]}

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def run(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=API)
        body = json.dumps(sent["json"]).encode() if "json" in sent else b""
        headers = dict(OWNER) | ({"Content-Type": "application/json"} if "json" in sent else {})
        url = sent["url"]
        for name, value in (sent.get("params") or {}).items():
            url += ("&" if "?" in url else "?") + f"{name}={value}"
        reply = send(
            scene,
            operation.method.upper(),
            url.encode("ascii", "ignore").decode(),
            headers=headers,
            body=body,
        )

        assert str(reply.status) in described, (reply.status, reply.body)
        content = described[str(reply.status)].get("content", {})
        if content:
            assert reply.media_type in content, reply.media_type
        schema = content.get(reply.media_type, {}).get("schema")
        if schema and reply.media_type.endswith("json"):
            validator = jsonschema_rs.Draft202012Validator({**schema, **components})
            assert validator.is_valid(reply.json), reply.json

    run()


# -- datasets ----------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"dataset\.json: cannot be read .*is '.*' a dataset\?"):
        load_node(tmp_path, "KR")


def test_an_unknown_nation_is_refused_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(DatasetError, match="nation 'FR' is not in the dataset; choose one of: KR, DE"):
        load_node(folder, "FR")


def test_a_file_outside_the_dataset_is_not_served(tmp_path: Path) -> None:
    folder = build(tmp_path)
    index = json.loads((folder / "nodes/DE.json").read_text())
    index["files"][0]["file"] = "../../../etc/hostname"
    (folder / "nodes/DE.json").write_text(json.dumps(index))
    with pytest.raises(DatasetError, match="lies outside the dataset"):
        load_node(folder, "DE")


def test_every_case_is_judged_the_same_through_the_api(scene: Scene) -> None:
    for name, (submitted, expected) in list(cases().items())[::4]:
        reply = send(
            scene, "POST", f"{API}/credentials/verify", json_body={"verifiableCredential": submitted}
        )
        assert {problem["code"] for problem in reply.json["problemDetails"]} == expected, name
