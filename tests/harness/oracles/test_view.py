"""What a reader sees: credentials, chains, single credentials, states and earlier days, in both layouts."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.store import OracleError
from assay.harness.oracles.view import ANCHOR, CERTIFICATE, EVENT, FACILITY, PASSPORT, View
from assay.simulator.dataset import write_dataset
from assay.simulator.operations import run
from assay.simulator.scenario import parse_scenario
from assay.simulator.world import build_world
from tests.deceptions_worlds import Deceived, little, little_text
from tests.simulator.deceptions.test_acts import WORLD

KINDS = (PASSPORT, FACILITY, CERTIFICATE, EVENT, ANCHOR)


@pytest.fixture(scope="module")
def world() -> Deceived:
    return little(WORLD)


@pytest.fixture(scope="module")
def view(world: Deceived) -> View:
    return world.view


def pack(view: View) -> Credential:
    """The passport of a lot with the longest lineage."""
    return max(view.credentials(PASSPORT), key=lambda one: (len(view.upstream(one.product)), one.url))


def test_all_credentials_are_there_once_in_the_order_of_their_urls(view: View, world: Deceived) -> None:
    urls = [one.url for one in view.credentials()]
    assert urls == sorted(world.tokens)
    assert sorted(url for kind in KINDS for url in (one.url for one in view.credentials(kind))) == urls
    assert view.get(urls[0]) == Credential(view.store, urls[0])
    assert view.get("https://nowhere.example/credentials/dpp/1") is None
    assert view.get(next(view.resources("did")).url) is None, "a DID document is no credential"


def test_a_credential_says_who_issued_it_and_when_it_holds(view: View) -> None:
    for one in view.credentials(CERTIFICATE):
        assert one.issuer.removeprefix("did:web:") == one.url.split("/")[2]
        assert one.header["kid"].startswith(one.issuer)
        start, end = one.valid_from, one.valid_until
        assert start is not None
        assert end is not None
        assert one.valid_at(start)
        assert one.valid_at(end)
        assert not one.valid_at(start.replace(year=start.year - 1))
        assert one.attestation is not None
        assert one.identity is None
        assert one.events == ()


def test_both_layouts_show_the_same(tmp_path: Path) -> None:
    scenario = parse_scenario(little_text().encode(), "x.yaml")
    write_dataset(build_world(scenario, 1), tmp_path / "world", facts=run(scenario, 1), formats=("jwt",))
    files, lines = View.open(tmp_path / "world"), little().view
    assert [(one.url, one.kind) for one in files.credentials()] == [
        (one.url, one.kind) for one in lines.credentials()
    ]
    assert all(one.token == lines.get(one.url).token for one in files.credentials(PASSPORT))  # type: ignore[union-attr]
    assert [(one.url, one.body) for one in files.resources()] == [
        (one.url, one.body) for one in lines.resources()
    ]
    assert files.events() == lines.events()
    assert (files.anchors, files.as_of) == (lines.anchors, lines.as_of)


def test_mentions_are_found_by_product_facility_party_and_address(view: View) -> None:
    passport = pack(view)
    made = view.makes(passport.product)
    assert {one.url for one in view.mentions(passport.product)} >= {
        passport.url,
        *(event.url for event in made),
    }
    assert passport in view.mentions(passport.facility, PASSPORT)
    assert passport in view.mentions(passport.issuer)
    assert view.mentions("https://nowhere.example/") == []
    assert passport not in view.mentions(passport.url), "nobody mentions himself"
    assert view.passport(passport.product) == passport
    assert view.facility_records(passport.facility)
    assert all(
        passport.facility in view.digest(one.url).facilities
        for one in view.certificates(facility=passport.facility)
    )


def test_events_come_in_the_order_of_time_and_kinds_add_up(view: View) -> None:
    events = view.events()
    times = [event.time for event in events if event.time is not None]
    assert times == sorted(times)
    kinds = ("make", "sent", "received", "counted", "other")
    assert sum(len(view.events(kind)) for kind in kinds) == len(events)
    site = view.events("make")[0].facility
    assert {event.facility for event in view.events("make", facility=site)} == {site}
    for consignment in view.consignments():
        for sent, received in zip(consignment.sent, consignment.received, strict=False):
            assert (sent.facility, sent.destination) == (received.facility, received.destination)


def test_lineage_goes_up_and_down(view: View) -> None:
    product = pack(view).product
    above = view.upstream(product)
    assert len(above) > 10
    assert product not in above
    assert all(product in view.downstream(one) for one in sorted(above)[:5])
    assert set(view.inputs(product)) <= above
    assert all(kg > 0 for kg in view.inputs(product).values())


def test_a_single_credential_shows_itself_its_issuer_and_its_list_only(view: View) -> None:
    one = pack(view)
    lone = view.only(one.url)
    assert list(lone.credentials()) == [one]
    assert lone.did(one.issuer) == view.did(one.issuer)
    others = {other.issuer for other in view.credentials()} - {one.issuer}
    assert all(lone.did(did) is None for did in others)
    assert lone.statuses(one) == view.statuses(one) != []
    assert {resource.url for resource in lone.resources("status-list")} <= {
        resource.url for resource in view.resources("status-list") if one.url.split("/")[2] in resource.url
    }
    assert list(lone.resources("linkset")) == []
    assert list(lone.resources("register")) == list(view.resources("register")), "registers are public"
    assert lone.passports(one.product) == [one]
    assert lone.events() == []
    assert list(view.only("https://nowhere.example/").credentials()) == []


def test_a_chain_shows_the_lineage_with_its_papers_and_no_strangers(view: View) -> None:
    one = pack(view)
    chain = view.chain(one.url)
    shown = {other.url for other in chain.credentials()}
    assert one.url in shown
    assert len(shown) < sum(1 for _ in view.credentials())
    lineage = {one.product} | view.upstream(one.product) | view.downstream(one.product)
    for product in lineage:
        assert {other.url for other in view.passports(product)} <= shown
        assert {event.url for event in view.events(product=product)} <= shown
        assert {other.url for other in view.certificates(product=product)} <= shown
    for other in chain.credentials(PASSPORT):
        assert view.facility_records(other.facility) == chain.facility_records(other.facility)
    assert chain.upstream(one.product) == view.upstream(one.product)
    met = {other for product in lineage for event in view.events(product=product) for other in event.products}
    strangers = [other for other in view.credentials(PASSPORT) if other.product not in met]
    assert strangers
    assert all(other.url not in shown for other in strangers)


def test_chains_of_chains_stay_within(view: View) -> None:
    one = pack(view)
    chain = view.chain(one.url)
    again = chain.chain(one.url)
    assert {other.url for other in again.credentials()} <= {other.url for other in chain.credentials()}
    assert again.get(one.url) == one


def test_what_was_revoked_cleared_or_suspended_is_read_at_its_time(view: View, world: Deceived) -> None:
    (url,) = world.labels["F41-1t"]["root"]
    credential = view.get(url)
    assert credential is not None
    history = view.status_history(credential)
    assert [bit for _, bit in history] == [True, False, False, False]
    assert view.statuses(credential) == [("suspension", False)]
    assert view.statuses(credential, at=history[0][0]) == [("suspension", True)]
    before = history[0][0].replace(year=2000)
    assert view.statuses(credential, at=before) == [], "no list of that time is kept"
    assert not view.status(credential, at=before)


def test_a_did_document_is_read_as_it_was(view: View, world: Deceived) -> None:
    (act,) = [row for row in world.truth.acts("key-revoked") if row["by"] in world.labels["F37-1t"]["actors"]]
    days = [
        day for day, _ in view.snapshots(f"https://{act['by'].removeprefix('did:web:')}/.well-known/did.json")
    ]
    assert len(days) == 3
    first, now = view.did(act["by"], at=days[0]), view.did(act["by"])
    assert first is not None
    assert now is not None
    assert ["revoked" in one for one in first["verificationMethod"]] == [False, False]
    assert ["revoked" in one for one in now["verificationMethod"]] == [False, True]
    assert view.did("did:web:nowhere.example") is None
    assert view.did("did:key:z6Mk") is None


def test_snapshots_are_no_resources_of_now(view: View) -> None:
    assert all("/archive/" not in one.url for one in view.resources())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (None, "", "is no dataset: dataset.json is missing"),
        ("dataset.json", "[]", "holds no JSON object"),
        ("dataset.json", '{"formats": ["jsonl"], "as_of": "2026-01-01T00:00:00Z"}', "holds no credentials"),
    ],
)
def test_a_folder_that_is_no_dataset_is_said_so(
    name: str | None, content: str, told: str, tmp_path: Path
) -> None:
    if name is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(OracleError, match=told):
        View.open(tmp_path)


def test_an_index_that_leads_out_of_the_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"formats": ["jwt"]}', encoding="utf-8")
    (tmp_path / "nodes").mkdir()
    row = '{"files": [{"url": "https://a.example/x", "file": "../../etc/passwd"}]}'
    (tmp_path / "nodes" / "XX.json").write_text(row, encoding="utf-8")
    with pytest.raises(OracleError, match="outside the dataset"):
        View.open(tmp_path)
