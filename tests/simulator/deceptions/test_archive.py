"""Status lists and DID documents as the national anchors saw them on three days: only where somebody may deceive."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from assay.harness.oracles.archive import original_of
from assay.simulator.publication import archive_days
from assay.simulator.scenario import parse_scenario
from assay.simulator.world import World, build_world
from tests.deceptions_worlds import Deceived, little, little_text
from tests.simulator.deceptions.test_acts import WORLD


@pytest.fixture(scope="module")
def found() -> Deceived:
    return little(WORLD)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(parse_scenario(little_text(WORLD).encode(), "x.yaml"), 1)


def copies(one: Deceived) -> dict[str, list[datetime]]:
    dates: dict[str, list[datetime]] = {}
    for url, place in one.view.store.places.items():
        if place.role == "snapshot":
            original, at = original_of(url)
            assert at is not None
            dates.setdefault(original, []).append(at)
    return dates


def test_there_are_three_days_at_the_quarters_of_the_span(world: World) -> None:
    days, scenario = archive_days(world), world.scenario
    assert len(days) == 3
    for part, day in enumerate(days, 1):
        assert day.time() == time()
        assert day.tzinfo is UTC
        exact = scenario.start + (scenario.as_of - scenario.start) * part / 4
        assert 0 <= (exact - day).total_seconds() < 86_400


def test_every_list_and_did_document_was_kept_on_each_of_them(found: Deceived, world: World) -> None:
    kept = copies(found)
    places = found.view.store.places
    originals = {url for url, place in places.items() if place.role in ("status-list", "did")}
    assert set(kept) == originals
    assert {tuple(sorted(days)) for days in kept.values()} == {archive_days(world)}


def test_an_archive_stands_with_the_anchor_of_the_nation(found: Deceived, world: World) -> None:
    anchors = {nation.anchor.host: code for code, nation in world.nations.items()}
    nations = {one.host: one.nation for one in world.organisations()}
    for url, place in found.view.store.places.items():
        if place.role == "snapshot":
            original, _ = original_of(url)
            assert anchors[url.split("/")[2]] == nations[original.split("/")[2]]


def test_an_honest_world_has_no_archive() -> None:
    assert copies(little()) == {}


def test_a_bit_is_as_it_was_on_the_day(found: Deceived, world: World) -> None:
    days = archive_days(world)
    for instance, expected in (
        ("F41-1", [True, False, False, False]),
        ("F41-1t", [True, False, False, False]),
        ("F22-1", [True, True, True, True]),
    ):
        url = next(u for u in found.labels[instance]["root"] if "/dcc/" in u)
        credential = found.view.get(url)
        assert credential is not None
        history = found.view.status_history(credential)
        assert [day for day, _ in history] == [*days, found.view.as_of]
        assert [bit for _, bit in history] == expected, instance
        assert [found.view.status(credential, at=day) for day in days] == expected[:3]
        assert found.view.status(credential) == expected[3]


def test_a_key_is_listed_before_it_is_revoked_and_marked_after(found: Deceived, world: World) -> None:
    acts = list(found.truth.acts("key-revoked"))
    assert len(acts) == 2
    for act in acts:
        revoked = datetime.fromisoformat(act["time"])
        for day in (*archive_days(world), found.view.as_of):
            document = found.view.did(act["by"], at=day)
            assert document is not None
            (method,) = [one for one in document["verificationMethod"] if one["id"] == act["key"]]
            assert ("revoked" in method) == (revoked <= day)
            assert method.get("revoked", act["time"]) == act["time"]


def test_lists_of_the_archive_are_signed_by_their_issuers(found: Deceived) -> None:
    bodies = [
        found.view.snapshots(url)
        for url, place in found.view.store.places.items()
        if place.role == "status-list"
    ]
    assert bodies
    for dated in bodies:
        assert len(dated) == 3
        assert all(body.count(b".") == 2 for _, body in dated)
