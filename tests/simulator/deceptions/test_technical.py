"""Domains, keys, signatures and status lists: what the players change, and who sees it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any

import pytest

from tests.deceptions_worlds import Deceived, deceived
from tests.simulator.deceptions.exam import SEVERITIES, TECHNICAL, exam, honest, judged


@pytest.fixture(scope="module")
def world() -> Deceived:
    return exam("0.5")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", TECHNICAL)
def test_the_fraud_is_decided_and_seen_and_nothing_else(code: str, severity: str) -> None:
    assert judged(exam(severity), code) == {f"{code}-1": (True, True), f"{code}-1t": (False, False)}


@pytest.mark.parametrize("code", TECHNICAL)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert deceived().seen(code) == []
    assert deceived().decided(code) == []


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


@pytest.mark.parametrize(("severity", "letters"), [("0.05", 1), ("0.5", 2)])
def test_a_domain_differs_by_a_letter_or_two_and_nothing_else_is_another(severity: str, letters: int) -> None:
    found = exam(severity)
    for name in ("F36-1", "F36-1t"):
        label = found.labels[name]
        (old,) = label["absent"]
        (new,) = label["root"]
        assert len(new.split("/")[2]) - len(old.split("/")[2]) == letters
        before, after = honest(severity).document(old), found.document(new)
        assert after["issuer"]["name"] == before["issuer"]["name"]
        lines = [document["credentialSubject"][0]["movedProduct"] for document in (before, after)]
        assert [line["product"]["id"] for line in lines[0]] == [line["product"]["id"] for line in lines[1]]


def test_a_register_knows_the_domain_of_the_twin_only(world: Deceived) -> None:
    for name, known in (("F36-1", 0), ("F36-1t", 1)):
        (url,) = world.labels[name]["root"]
        assert len(world.view.identities(world.document(url)["issuer"]["id"])) == known


def test_fraud_and_twin_sign_with_a_key_that_is_revoked_by_now_and_one_signed_before(world: Deceived) -> None:
    for name, before in (("F37-1", False), ("F37-1t", True)):
        (url,) = world.labels[name]["root"]
        credential = world.view.get(url)
        assert credential is not None
        document = world.view.did(credential.issuer)
        assert document is not None
        (key,) = [one for one in document["verificationMethod"] if one["id"] == credential.header["kid"]]
        assert credential.valid_from is not None
        assert (credential.valid_from < datetime.fromisoformat(key["revoked"])) == before
        assert credential.header["kid"] != part(deceived().tokens[url], 0)["kid"]
        assert credential.document == part(deceived().tokens[url], 1), "every word is as it was"


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_quantity_is_raised_under_the_old_signature_and_the_twin_only_turns_the_parties(
    severity: str,
) -> None:
    found = exam(severity)
    (url,) = found.labels["F38-1"]["root"]
    before, after = honest(severity).tokens[url], found.tokens[url]
    assert before.split(".")[0] == after.split(".")[0]
    moved = [part(token, 1)["credentialSubject"][0]["movedProduct"] for token in (before, after)]
    sums = [sum(line["quantity"]["value"] for line in lines) for lines in moved]
    assert sums[1] / sums[0] == pytest.approx(1 + float(severity), rel=0.002)
    told = found.labels["F38-1"]["told"]
    assert told["claimed"] / told["true"] == pytest.approx(1 + float(severity), rel=0.002)
    (url,) = found.labels["F38-1t"]["root"]
    before, after = honest(severity).tokens[url], found.tokens[url]
    old, new = part(before, 1), part(after, 1)
    for event in new["credentialSubject"]:
        event["relatedParty"].reverse()
    assert old == new
    assert before != after


def test_a_cleared_revocation_and_an_ended_suspension_differ_by_purpose(world: Deceived) -> None:
    for name, purpose in (("F41-1", "revocation"), ("F41-1t", "suspension")):
        (url,) = world.labels[name]["root"]
        credential = world.view.get(url)
        assert credential is not None
        assert {one for one, _, _ in credential.status_entries} == {purpose}
        assert [bit for _, bit in world.view.status_history(credential)] == [True, False, False, False]


def test_the_longer_a_bit_is_set_the_greater_the_severity() -> None:
    spans = []
    for severity in SEVERITIES:
        label = exam(severity).labels["F41-1"]
        spans.append(datetime.fromisoformat(label["until"]) - datetime.fromisoformat(label["from"]))
    assert spans[0] < spans[1]
