"""Discovery: what is followed, in which order, and what happens to what cannot be had."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from assay.harness.credential.intake import read
from assay.harness.discovery import Bounds, Discovery, crawl, look_up
from assay.harness.evidence import Exchange, Request
from assay.harness.forge.ring import Ring
from assay.harness.leads import Lead, Want, leads, query, relation_name, start
from assay.harness.material import DidDocument, Kind, StatusList, Unavailable
from assay.harness.network import HttpTransport
from assay.harness.selftest import load_bases
from assay.harness.transport import MemoryTransport, Transport

RING = Ring()
ID = "https://id.issuer.example/item/1"
JWT = "application/vc+jwt"
LINKSET = "application/linkset+json"


def linkset(*targets: dict[str, Any], anchor: str = ID, relation: str = "dpp") -> bytes:
    return json.dumps({"linkset": [{"anchor": anchor, relation: list(targets)}]}).encode()


def target(href: str, **more: Any) -> dict[str, Any]:
    return {"href": href, "title": "t", "type": JWT, **more}


def world() -> dict[str, tuple[int, str, bytes]]:
    """One identifier, one passport, its issuer's DID document and status list."""
    passport = RING.secure(load_bases()["dpp"])
    return {
        query(ID, "linkType=linkset"): (200, LINKSET, linkset(target("https://store.example/1"))),
        "https://store.example/1": (200, JWT, passport),
        "https://issuer.example/.well-known/did.json": (
            200,
            "application/did+json",
            json.dumps(RING.did_value()).encode(),
        ),
        RING.list_url("revocation"): (200, JWT, RING.list_token("revocation")),
    }


def found(answers: dict[str, tuple[int, str, bytes]], **bounds: int) -> Discovery:
    return asyncio.run(crawl([start(ID)], MemoryTransport(answers), Bounds(**bounds)))


def test_an_identifier_leads_to_linkset_passport_key_and_status_list() -> None:
    discovery = found(world())
    kinds = [document.kind for document in discovery.documents]
    assert kinds[:2] == [Kind.LINKSET, Kind.DPP]
    assert {Kind.DID_DOCUMENT, Kind.STATUS_LIST} <= set(kinds)
    assert isinstance(discovery.shelf.dids[RING.did], DidDocument)
    assert isinstance(discovery.shelf.status_lists[RING.list_url("revocation")], StatusList)
    assert [discovery.documents[1].via, discovery.documents[0].via] == [0, None]


def test_the_order_does_not_depend_on_who_answers_first() -> None:
    answers = world()
    hrefs = [f"https://store.example/{n}" for n in range(1, 9)]
    answers[query(ID, "linkType=linkset")] = (200, LINKSET, linkset(*map(target, hrefs)))
    for n, href in enumerate(hrefs):
        payload = {**load_bases()["dpp"], "id": f"urn:uuid:{n}"}
        answers[href] = (200, JWT, RING.secure(payload))

    def run(slow: bool) -> list[str]:
        plain = MemoryTransport(answers)

        async def answer(request: Request) -> Exchange | Unavailable:
            turns = sum(request.url.encode()) * 7 % 9 if slow else 0
            for _ in range(turns):
                await asyncio.sleep(0)
            return await plain._send(request)

        discovery = asyncio.run(crawl([start(ID)], MemoryTransport(answer)))
        return [document.source for document in discovery.documents]

    assert run(slow=True) == run(slow=False)


def test_a_circle_of_linksets_is_walked_once() -> None:
    other = "https://id.issuer.example/item/2"
    back = {
        query(i, "linkType=linkset"): (200, LINKSET, linkset(target(j), anchor=i, relation="idr"))
        for i, j in ((ID, other), (other, ID))
    }
    transport = MemoryTransport(back)
    discovery = asyncio.run(crawl([start(ID)], transport))
    assert len(discovery.documents) == 2 == len(transport.asked)


@pytest.mark.parametrize(
    "href", ["http://169.254.169.254/latest", "file:///etc/passwd", "http://localhost/x", "ftp://a.example/x"]
)
def test_a_link_inside_is_a_problem_of_the_linkset_and_the_rest_goes_on(href: str) -> None:
    answers = world()
    answers[query(ID, "linkType=linkset")] = (
        200,
        LINKSET,
        linkset(target(href), target("https://store.example/1")),
    )
    guard = HttpTransport()

    async def answer(request: Request) -> Exchange | Unavailable:
        refusal = guard._refusal(request.url)
        return refusal or await plain._send(request)

    plain = MemoryTransport(answers)
    discovery = asyncio.run(crawl([start(ID)], MemoryTransport(answer)))
    (problem,) = discovery.documents[0].problems
    assert (problem.code, problem.path) == ("link", ("linkset", 0, "dpp", 0, "href"))
    assert href in problem.received
    assert Kind.DPP in [document.kind for document in discovery.documents]


def test_a_target_that_is_not_there_is_lost_and_no_problem_of_the_linkset() -> None:
    answers = world()
    del answers["https://store.example/1"]
    discovery = found(answers)
    lost = [visit for visit in discovery.lost if visit.lead.relation == "dpp"]
    assert [visit.answer.reason for visit in lost if isinstance(visit.answer, Unavailable)] == ["not-found"]
    assert discovery.documents[0].problems == ()


def test_a_did_document_that_cannot_be_had_stands_on_the_shelf_with_its_reason() -> None:
    answers = world()
    answers["https://issuer.example/.well-known/did.json"] = (503, "text/plain", b"")
    shelved = found(answers).shelf.dids[RING.did]
    assert isinstance(shelved, Unavailable)
    assert (shelved.reason, shelved.definitive) == ("server-error", False)


def test_something_else_where_a_status_list_should_be_is_a_wrong_body() -> None:
    answers = world()
    answers[RING.list_url("revocation")] = (200, "text/html", b"<html>")
    shelved = found(answers).shelf.status_lists[RING.list_url("revocation")]
    assert isinstance(shelved, Unavailable)
    assert (shelved.reason, shelved.definitive) == ("wrong-body", True)


def test_a_bound_on_addresses_is_kept_and_told() -> None:
    discovery = found(world(), addresses=2)
    assert len(discovery.documents) == 2
    assert discovery.left_out >= 1


def test_a_bound_on_depth_is_kept_and_told() -> None:
    discovery = found(world(), depth=0)
    assert [document.kind for document in discovery.documents] == [Kind.LINKSET]
    assert discovery.left_out == 1


def test_a_start_that_answers_nonsense_is_kept_as_a_document_with_its_problem() -> None:
    discovery = found({query(ID, "linkType=linkset"): (200, "text/html", b"<html>")})
    assert discovery.documents[0].problems != ()


def test_edit_links_are_not_followed() -> None:
    answers = world()
    edit = target("https://store.example/edit", rel=["edit"], method=["POST"])
    answers[query(ID, "linkType=linkset")] = (200, LINKSET, linkset(edit))
    assert len(found(answers).visits) == 1


def test_looking_up_fetches_keys_and_lists_and_nothing_else() -> None:
    document = read("file.jwt", RING.secure(load_bases()["dpp"]))
    transport = MemoryTransport(world())
    discovery = asyncio.run(look_up([document], transport))
    assert discovery.documents[0] is document
    assert set(discovery.shelf.dids) == {RING.did}
    assert {request.url for request in transport.asked} <= set(world())


def test_a_did_of_another_method_is_unavailable_without_a_request() -> None:
    transport: Transport = MemoryTransport({})
    discovery = asyncio.run(crawl([start("did:ethr:0xabc")], transport))
    lost = discovery.shelf.dids["did:ethr:0xabc"]
    assert isinstance(lost, Unavailable) and lost.reason == "method-unsupported"
    assert len(transport.store) == 0


@pytest.mark.parametrize(
    ("relation", "name"),
    [
        ("dpp", "dpp"),
        ("untp:dpp", "dpp"),
        ("https://x.example/linkTypes/dpp", "dpp"),
        ("https://x.example/v#dpp", "dpp"),
    ],
)
def test_relations_are_known_in_every_spelling(relation: str, name: str) -> None:
    assert relation_name(relation) == name


def test_every_kind_of_base_leads_somewhere() -> None:
    for name, value in load_bases().items():
        document = read(f"{name}.json", json.dumps(value).encode())
        assert all(isinstance(lead, Lead) for lead in leads(document, 0))
    linked = read("linkset.json", json.dumps(load_bases()["linkset"]).encode())
    assert {lead.want for lead in leads(linked, 0)} == {Want.CREDENTIAL, Want.LINKSET, Want.FILE}
