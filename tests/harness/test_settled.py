"""What is proved of a whole document spares its checks, and changes no verdict, no note and no finding."""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import pytest

from assay.harness.checks import Check, load_checks
from assay.harness.credential.intake import read
from assay.harness.credential.verify import verify
from assay.harness.forge.malformations import DEVIATIONS, MALFORMATIONS
from assay.harness.forge.operations import apply
from assay.harness.forge.ring import REVOKED_INDEX, default_judges
from assay.harness.judge import DocumentJudge
from assay.harness.material import UNTP_KINDS, Document, Kind
from assay.harness.results import Finding, Outcome
from assay.harness.settled import (
    INAPPLICABLE,
    NOTHING,
    SILENT_WHEN_CLEAN,
    Proofs,
    left_to_call,
    never_applies,
    proofs_of,
)
from assay.profiles.catalogue import load_profiles
from tests.harness.rows import row
from tests.harness.test_fast import AT, CURRENT, MUTANTS, RING, SECURED, _bent, _shuffled

REQUIREMENTS = load_profiles(("untp-0.7", "untp-0.6", "trust-graph", "custody", "crm", "registers"))
CHECKS = load_checks()
PROVING = DocumentJudge(REQUIREMENTS, CHECKS, worth_proving=0)
ASKING = DocumentJudge(REQUIREMENTS, CHECKS, worth_proving=sys.maxsize)
"""Calls every check on every document."""


def seen(raw: bytes) -> Document:
    document = read("x", raw)
    verify(document, RING.shelf(), AT, default_judges())
    return document


def told(judge: DocumentJudge, document: Document) -> list[tuple[Any, ...]]:
    return [
        (one.requirement.key, one.basis, one.outcome, one.note, one.findings) for one in judge.judge(document)
    ]


def assert_same(raw: bytes) -> Proofs:
    document = seen(raw)
    assert told(PROVING, document) == told(ASKING, document)
    return proofs_of(document)


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_everything_is_proved_of_a_plain_signed_credential(name: str) -> None:
    assert assert_same(RING.secure(CURRENT[name])).clean
    plain = json.dumps(CURRENT[name]).encode()
    certified = seen(plain).certified
    assert certified or name == "dpp_variant"  # its extension stands in a context that nobody has seen
    assert assert_same(plain) == Proofs(silent=certified, quiet=certified, clean=False)


@pytest.mark.parametrize("name", sorted(SECURED.keys() - CURRENT.keys()))
def test_nothing_is_proved_of_other_versions(name: str) -> None:
    assert assert_same(RING.secure(SECURED[name])) == NOTHING


def test_mutants_are_judged_alike_whatever_is_proved_of_them() -> None:
    proved = [assert_same(json.dumps(apply(SECURED[base], ops)).encode()) for base, ops in MUTANTS[::3]]
    assert sum(one.silent for one in proved) > 10
    assert sum(one.quiet for one in proved) > 10
    assert sum(not any(one) for one in proved) > 10


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_credentials_bent_at_random_are_judged_alike(name: str) -> None:
    proved = []
    for seed in range(24):
        bend = _shuffled if seed % 2 else _bent
        proved.append(assert_same(RING.sign(bend(RING.adopt(CURRENT[name]), random.Random(seed)))))
    assert any(any(one) for one in proved)


@pytest.mark.parametrize("name", sorted({*DEVIATIONS, *MALFORMATIONS} - {"payload-oversized"}))
def test_odd_tokens_are_judged_alike(name: str) -> None:
    assert_same(RING.spoil(name, RING.adopt(CURRENT["make"])))


def test_a_revoked_credential_is_not_clean() -> None:
    assert not assert_same(RING.secure(CURRENT["move"], index=REVOKED_INDEX)).clean


@pytest.mark.parametrize("name", ["urn:gtr:example.com:7", "urn:uuid:1", "https://x.example/?a=1", "7"])
def test_identifiers_that_rules_speak_of_are_looked_at(name: str) -> None:
    payload = RING.adopt(CURRENT["dpp"])
    payload["credentialSubject"]["id"] = name
    assert not assert_same(RING.sign(payload)).silent


def test_without_proof_every_call_is_left() -> None:
    check = next(one for one in CHECKS["DPP-044"] if one.cls)
    assert left_to_call(check, check.cls, Kind.DPP.value, NOTHING) == check.cls
    assert left_to_call(check, check.cls, Kind.DPP.value, Proofs(silent=True)) is None
    assert left_to_call(check, check.cls, Kind.DPP.value, Proofs(quiet=True, clean=True)) == check.cls


def test_a_check_of_a_users_own_is_called_whatever_its_id() -> None:
    def of_their_own(_: Any) -> Any:
        yield Finding(expected="this", received="that")

    document = seen(RING.secure(CURRENT["dpp"]))
    for identifier in ("VCP-016", "DPP-009", "IN-018", "VCP-021"):
        own = Check(identifier, of_their_own, kinds=UNTP_KINDS)
        judge = DocumentJudge({identifier: row(id=identifier)}, {identifier: [own]}, worth_proving=0)
        assert [one.outcome for one in judge.judge(document)] == [Outcome.FAILED], identifier


def test_rows_that_never_apply_to_plain_identifiers_say_so_in_their_own_words() -> None:
    document = seen(RING.secure(CURRENT["dfr"]))
    notes = {
        key: note for key, _, outcome, note, _ in told(ASKING, document) if outcome is Outcome.NOT_APPLICABLE
    }
    for identifier, reason in INAPPLICABLE.items():
        check = CHECKS[identifier][0]
        assert never_applies(check, check.cls, Proofs(silent=True)) == reason == notes[identifier]
        assert never_applies(check, check.cls, Proofs(quiet=True)) is None


def test_proofs_are_asked_for_only_once_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("assay.harness.judge.proofs_of", lambda document: asked.append(document) or NOTHING)
    judge = DocumentJudge({"ZZ-001": row()}, {"ZZ-001": []}, worth_proving=2)
    for _ in range(3):
        judge.judge(seen(RING.secure(CURRENT["dia"])))
    assert len(asked) == 1
    judge.judge(seen(RING.secure(CURRENT["dpp"])))
    assert len(asked) == 1


def test_every_row_of_a_clean_envelope_has_a_check() -> None:
    assert all(CHECKS.get(identifier) for identifier in SILENT_WHEN_CLEAN)
