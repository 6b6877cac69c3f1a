"""Honest worlds with each custody model: no rule of the graph finds anything, and the papers say what the accounts say."""

from __future__ import annotations

import base64
import gzip
from collections import Counter
from functools import cache
from typing import Any

import orjson
import pytest

from assay.harness.material import CredentialSet, Document, Kind, Scheme
from assay.harness.results import Outcome
from assay.simulator import publish, simulate
from assay.simulator.custody_books import CustodyBooks
from assay.simulator.dataset import Publication
from assay.simulator.facts import Conversion, Source
from assay.simulator.issuance.custody import Credit, CustodyCertificate, Retirement, Statement, revoked
from assay.simulator.issuance.footprints import FootprintCertificate
from assay.simulator.scenario import Scenario
from tests.harness.graph_material import document, judged

from .custody_worlds import (
    BOOK_AND_CLAIM,
    CONTROLLED_BLENDING,
    IDENTITY,
    MASS_BALANCE,
    SEGREGATED,
    scenario_with,
    two_mines,
)

BOTH_MINES = {
    "facilities": [*IDENTITY["facilities"], "brolga-mine"],
    "conforming": ["tinderbush-mine", "brolga-mine"],
}
FOOTPRINTS = {
    "boundaries": ["cradle-to-gate", "gate-to-gate"],
    "scheme": "even-carbon",
    "allocation": "element",
}
SCENARIOS: dict[str, Any] = {
    "identity-preserved": lambda: scenario_with(IDENTITY, accounting=FOOTPRINTS),
    "segregated": lambda: scenario_with(SEGREGATED),
    "controlled-blending": lambda: two_mines(CONTROLLED_BLENDING),
    "mass-balance": lambda: scenario_with(MASS_BALANCE),
    "book-and-claim": lambda: scenario_with(BOOK_AND_CLAIM),
    "one-source-of-two": lambda: two_mines({**IDENTITY, **BOTH_MINES}),
}
JUDGED = {
    "identity-preserved": {"G-111", "G-112", "G-113"},
    "segregated": {"G-112", "G-113"},
    "controlled-blending": {"G-113"},
    "mass-balance": set(),
    "book-and-claim": set(),
    "one-source-of-two": {"G-111", "G-112", "G-113"},
}


@cache
def published(name: str) -> Publication:
    scenario: Scenario = SCENARIOS[name]()
    return publish(simulate(scenario, 7))


@cache
def rendered(name: str) -> dict[str, Any]:
    """Documents by the key of their entry."""
    made = published(name)
    return {entry.key: orjson.loads(made.payload(entry)) for entry in made.book.agenda.entries}


def about(name: str, kind: type) -> list[tuple[Any, Any]]:
    """What entries of a kind are about, with their documents."""
    entries = published(name).book.agenda.entries
    return [(entry.about, rendered(name)[entry.key]) for entry in entries if isinstance(entry.about, kind)]


def claims(name: str, criterion: str) -> list[tuple[Any, Any]]:
    """Claims of passports against one criterion, with the subject of the passport."""
    return [
        (claim, value["credentialSubject"])
        for key, value in rendered(name).items()
        if key.startswith("passport/")
        for claim in value["credentialSubject"].get("performanceClaim", ())
        if f"/criterion/{criterion}/" in claim["referenceCriteria"][0]["id"]
    ]


def custody(value: Any) -> Any:
    """What the first assessment of a conformity credential says of custody."""
    assessed = value["credentialSubject"]["conformityAssessment"][0]["assessedProduct"][0]
    return assessed["product"]["characteristics"]["custody"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_rule_finds_anything_in_an_honest_world(name: str) -> None:
    made = published(name)
    world = made.world
    found: list[Document] = [document(value, key) for key, value in rendered(name).items()]
    for scheme in made.renderer.schemes():
        raw = orjson.dumps(scheme)
        found.append(Scheme(source=scheme["id"], raw=raw, value=scheme, kind=Kind.SCHEME))
    anchors = frozenset(nation.anchor.did for nation in world.nations.values())
    results = judged(CredentialSet(tuple(found), world.scenario.as_of, anchors))
    failed = {
        rule: result.findings[:2] for rule, result in results.items() if result.outcome is Outcome.FAILED
    }
    assert failed == {}
    passed = {rule for rule, result in results.items() if result.outcome is Outcome.PASSED}
    assert passed >= JUDGED[name]


@pytest.mark.parametrize("name", ["identity-preserved", "segregated", "controlled-blending", "mass-balance"])
def test_every_claim_of_custody_is_backed_by_a_certificate_of_the_same_lot_and_share(name: str) -> None:
    by_url = {value["id"]: value for value in rendered(name).values()}
    found = claims(name, name)
    assert len(found) == sum(len(one.batches) for one, _ in about(name, CustodyCertificate)) > 0
    for claim, subject in found:
        certificate = by_url[claim["evidence"][0]["linkURL"]]["credentialSubject"]
        (assessed,) = [
            one
            for one in certificate["conformityAssessment"]
            if one["assessedProduct"][0]["product"]["id"] == subject["id"]
        ]
        assert assessed["assessmentCriteria"] == claim["referenceCriteria"]
        assert assessed["assessedPerformance"] == claim["claimedPerformance"]
        stated = subject["characteristics"]["custody"]
        assert stated["model"] == name
        assert stated["conformingShare"] * 100 == pytest.approx(
            claim["claimedPerformance"][0]["measure"]["value"]
        )
        period = claim["applicablePeriod"]
        assert period["startDate"] <= subject["productionDate"] <= period["endDate"]
        assert stated["periodStart"][:10] == period["startDate"]
        assert period["endDate"] < stated["periodEnd"][:10]  # the day on which the next period starts


@pytest.mark.parametrize("name", ["identity-preserved", "segregated", "controlled-blending", "mass-balance"])
def test_a_statement_covers_its_period_and_adds_up(name: str) -> None:
    found = about(name, Statement)
    assert found
    for statement, value in found:
        said, balance = custody(value), statement.claim.balance
        assert said["periodStart"] < said["periodEnd"] <= value["validFrom"]
        assert said["conformingInput"]["value"] <= said["input"]["value"]
        assert said["conformingOutput"]["value"] <= said["output"]["value"]
        assert said["lotsClaimed"] == balance.lots
        if name == "mass-balance":
            left = said["opening"]["value"] + said["conformingInput"]["value"] * said["declaredYield"]
            assert left - said["conformingOutput"]["value"] == pytest.approx(
                said["closing"]["value"], abs=2e-6
            )
            assert said["closing"]["value"] >= 0


def test_controlled_blending_states_the_share_of_the_blend_and_drops_what_is_below_the_limit() -> None:
    world = published("controlled-blending").world
    books = CustodyBooks(world)
    shares: Counter[bool] = Counter()
    for fact in world.ledger.facts:
        for _ in books.on(fact):
            pass
        for lot in fact.outputs if isinstance(fact, Conversion) else ():
            claim = books.claim(lot)
            if claim is not None:
                assert 300_000 <= claim.share <= 1_000_000
            if lot.product == "spodumene-concentrate":
                shares[claim is not None] += 1
    assert shares[True]
    assert shares[False]
    assert any(claim.share < 1_000_000 for claim in _all_claims("controlled-blending"))


def _all_claims(name: str) -> list[Any]:
    return [batch.custody for one, _ in about(name, CustodyCertificate) for batch in one.batches]


def test_identity_ends_where_two_certified_mines_are_mixed() -> None:
    certified = {
        batch.lot.product
        for one, _ in about("one-source-of-two", CustodyCertificate)
        for batch in one.batches
    }
    assert certified == {"spodumene-ore", "spodumene-concentrate"}


def test_credits_that_changed_hands_or_were_retired_are_revoked_and_the_others_stand() -> None:
    made = published("book-and-claim")
    entries = made.book.agenda.entries
    places = [place for entry in entries for place in revoked(made.world, entry)]
    assert len(places) == len(set(places))
    ended = {(entry.list_url, entry.index) for entry in entries} & set(places)
    assert ended == set(places)
    credits = {
        (entry.list_url, entry.index): entry.about.claim
        for entry in entries
        if isinstance(entry.about, Credit)
    }
    assert set(places) <= set(credits)
    standing = sum(claim.credit.amount for place, claim in credits.items() if place not in ended)
    booked = sum(claim.credit.amount for claim in credits.values() if claim.lot is not None)
    retired = sum(one.claim.retired.amount for one, _ in about("book-and-claim", Retirement))
    assert standing + retired == booked == 500_000_000


def test_a_retirement_names_its_credits_and_stands_behind_one_passport_only() -> None:
    name = "book-and-claim"
    by_url = {value["id"]: value for value in rendered(name).values()}
    found = claims(name, "book-and-claim")
    assert len(found) == len(about(name, Retirement)) > 0
    used = [claim["evidence"][0]["linkURL"] for claim, _ in found]
    assert len(used) == len(set(used))
    for url, (claim, subject) in zip(used, found, strict=True):
        said = custody(by_url[url])
        assert said["retired"]["value"] == pytest.approx(
            sum(one["quantity"]["value"] for one in said["credits"])
        )
        assert all(one["credential"] in by_url for one in said["credits"])
        assert claim["claimedPerformance"][0]["measure"]["value"] == pytest.approx(50, abs=0.001)
        assert subject["characteristics"]["custody"]["model"] == "book-and-claim"


def test_what_credits_were_booked_against_is_not_claimed_as_conforming_as_well() -> None:
    made = published("book-and-claim")
    booked = {one.claim.lot.id for one, _ in about("book-and-claim", Credit) if one.claim.lot is not None}
    assert booked
    certified = {
        batch.lot.id for one, _ in about("book-and-claim", CustodyCertificate) for batch in one.batches
    }
    assert not certified & booked
    books = CustodyBooks(made.world)
    for fact in made.world.ledger.facts:
        for _ in books.on(fact):
            pass
        if isinstance(fact, Source):
            assert books.claim(fact.lot) is None


def test_footprints_are_claimed_and_certified_by_boundary_as_the_accounts_say() -> None:
    name = "identity-preserved"
    certified = about(name, FootprintCertificate)
    assert {one.boundary for one, _ in certified} == {"cradle-to-gate", "gate-to-gate"}
    for boundary in ("cradle-to-gate", "gate-to-gate"):
        values = {
            batch.lot.id: batch.footprint.carbon[boundary] / 1000
            for one, _ in certified
            if one.boundary == boundary
            for batch in one.batches
        }
        assert len(values) == len(claims(name, boundary)) > 0
        for claim, subject in claims(name, boundary):
            (stated,) = [
                one["value"]
                for one in subject["characteristics"]["footprint"]["carbon"]
                if one["boundary"] == boundary
            ]
            assert claim["claimedPerformance"][0]["measure"]["value"] == stated
            assert stated in values.values()


def test_only_lots_that_exist_are_remembered() -> None:
    world = published("segregated").world
    books, live = CustodyBooks(world), dict[str, int]()
    for fact in world.ledger.facts:
        for _ in books.on(fact):
            pass
        if isinstance(fact, Source):
            live[fact.lot.id] = fact.lot.material.mass
        elif isinstance(fact, Conversion):
            live |= {lot.id: lot.material.mass for lot in fact.outputs}
            for portion in fact.inputs:
                live[portion.lot.id] -= portion.mass
    assert books.remembered() == sum(1 for mass in live.values() if mass)


def bits(token: bytes) -> bytes:
    """The bits of a signed status list."""
    body = token.split(b".")[1]
    value = orjson.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    packed = value["credentialSubject"]["encodedList"][1:]
    return gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))


def test_the_published_status_lists_say_which_credits_have_ended() -> None:
    made = published("book-and-claim")
    lists = {resource.url: bits(resource.body) for resource in made.status_lists()}
    entries = made.book.agenda.entries
    ended = {place for entry in entries for place in revoked(made.world, entry)}
    assert ended
    for entry in entries:
        octet = lists[entry.list_url][entry.index // 8]
        is_set = bool(octet & 0x80 >> entry.index % 8)
        assert is_set == ((entry.list_url, entry.index) in ended), entry.key


def contained(value: Any, kilograms: float, element: str) -> float:
    """Kilograms of an element in a quantity, as the passport of the lot says."""
    said = value["credentialSubject"]["characteristics"]
    return float(kilograms * (1 - said["moisture"]) * said["elementGrades"][element])


def test_a_statement_can_be_worked_out_again_from_passports_and_make_events_alone() -> None:
    name = "mass-balance"
    passports = {
        value["credentialSubject"]["id"]: value
        for key, value in rendered(name).items()
        if key.startswith("passport/")
    }
    facility = published(name).world.facilities["saenal-refinery"].uri
    made = [
        event
        for key, value in rendered(name).items()
        if key.startswith("make/")
        for event in value["credentialSubject"]
        if event["madeAtFacility"]["id"] == facility
    ]
    for _, statement in about(name, Statement):
        said = custody(statement)
        events = [event for event in made if said["periodStart"] <= event["eventDate"] < said["periodEnd"]]
        for side, figure in (("inputProduct", "input"), ("outputProduct", "output")):
            again = sum(
                contained(passports[line["product"]["id"]], line["quantity"]["value"], "Li")
                for event in events
                for line in event[side]
            )
            assert again == pytest.approx(said[figure]["value"], rel=1e-6)
        claimed = sum(
            contained(passports[subject["id"]], subject["dimensions"]["weight"]["value"], "Li")
            for _, subject in claims(name, name)
            if said["periodStart"] <= subject["characteristics"]["custody"]["periodStart"] < said["periodEnd"]
        )
        assert claimed == pytest.approx(said["conformingOutput"]["value"], rel=1e-6)
        assert (
            claimed
            <= said["opening"]["value"] + said["conformingInput"]["value"] * said["declaredYield"] + 1e-6
        )
