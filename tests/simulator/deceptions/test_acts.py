"""What people really did, beside the data: honest acts follow from honest wishes, deceptions add and withhold some."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.deceptions_worlds import Deceived, little

WORLD = """[
  {pattern: F18, twins: 1}, {pattern: F22, twins: 1}, {pattern: F41, twins: 1}, {pattern: F27, twins: 1},
  {pattern: F37, twins: 1, at: [west-hydroxide-plant, east-hydroxide-plant]}, {pattern: F43, twins: 1}, {pattern: F23, twins: 1}
]"""


@pytest.fixture(scope="module")
def world() -> Deceived:
    return little(WORLD)


def acts(found: Deceived, kind: str | None = None) -> list[dict[str, Any]]:
    return list(found.truth.acts(kind))


def about(found: Deceived, url: str) -> list[str]:
    return [row["act"] for row in found.truth.about(url) if row.get("url") == url]


def test_an_honest_world_tells_no_acts() -> None:
    assert not (little().folder / "acts.jsonl").exists()
    assert acts(little()) == []


def test_every_honest_credential_has_the_act_that_it_tells_of(world: Deceived) -> None:
    bent = {url for label in world.labels.values() for url in label["root"]}
    told = Counter(row["url"] for row in acts(world) if "url" in row)
    for url in world.tokens.keys() - bent:
        assert told[url] == 1, url
    kinds = Counter(row["act"] for row in acts(world))
    assert kinds.keys() >= {"registered", "accredited", "mandated", "recognised", "permitted", "certified", "recorded", "issued"}  # fmt: skip


def test_acts_name_who_did_it_and_when(world: Deceived) -> None:
    parties = {
        one.identity.subject for one in world.view.credentials("DigitalIdentityAnchor") if one.identity
    }
    parties |= {*world.view.anchors, "unknown"}
    for row in acts(world):
        assert datetime.fromisoformat(row["time"]).tzinfo is not None
        assert row["by"] in parties
        if row["act"] in ("certified", "issued", "permitted", "recorded"):
            assert row["by"].removeprefix("did:web:") == row["url"].split("/")[2]


def test_nobody_came_where_a_certificate_is_forged_and_nobody_says_so(world: Deceived) -> None:
    label = world.labels["F18-1"]
    assert [about(world, url) for url in label["root"]] == [[] for _ in label["root"]]
    assert all(about(world, url) == [] for url in label["absent"]), "what was never issued was never done"
    assert "forged" not in {row["act"] for row in acts(world)}


@pytest.mark.parametrize(
    ("instance", "kinds"),
    [
        ("F22-1", {"revoked"}),
        ("F22-1t", {"revoked"}),
        ("F41-1", {"revoked", "status-cleared"}),
        ("F41-1t", {"suspended", "reinstated"}),
    ],
)
def test_what_happens_to_a_certificate_is_an_act_of_its_issuer(
    world: Deceived, instance: str, kinds: set[str]
) -> None:
    rows = [
        row for url in world.labels[instance]["root"] for row in world.truth.about(url) if row["act"] in kinds
    ]
    assert {row["act"] for row in rows} == kinds
    assert all(row["by"].removeprefix("did:web:") == row["url"].split("/")[2] for row in rows)
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)


def test_a_stolen_key_is_revoked_by_its_owner(world: Deceived) -> None:
    revoked, stolen = acts(world, "key-revoked"), acts(world, "key-stolen")
    assert len(revoked) == 2, "the twin's key was rotated out as well"
    assert len(stolen) == 1
    (owner,) = [row["by"] for row in revoked if row["key"] == stolen[0]["key"]]
    assert stolen[0]["key"].startswith(owner)
    assert owner == world.view.get(world.labels["F37-1"]["root"][0]).issuer  # type: ignore[union-attr]


def test_who_owns_a_certifier_is_told_for_fraud_and_twin(world: Deceived) -> None:
    owners = acts(world, "owns")
    assert [row["of"] in world.labels[name]["actors"] for row, name in zip(owners, ("F27-1", "F27-1t"), strict=True)]  # fmt: skip
    assert owners[0]["by"] in world.labels["F27-1"]["actors"]
    assert owners[1]["by"] not in world.labels["F27-1t"]["actors"]


def test_a_passport_is_signed_when_it_was_signed_whatever_it_says(world: Deceived) -> None:
    (url,) = world.labels["F43-1"]["root"]
    (row,) = [row for row in acts(world, "issued") if row["url"] == url]
    assert row["time"] == world.labels["F43-1"]["told"]["true"] > world.labels["F43-1"]["told"]["claimed"]


def test_rows_are_plain_json(world: Deceived) -> None:
    lines = (world.folder / "acts.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == acts(world)
    assert all(list(row)[:3] == ["act", "time", "by"] for row in acts(world))
