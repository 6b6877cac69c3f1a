"""The fast path and the full path say the same of every token."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assay import fixtures
from assay.harness.checks import NotApplicable, Remark, Undecided, load_checks
from assay.harness.credential.fast import SILENT_WHEN_CLEAN, FastVerdict, FastVerifier
from assay.harness.credential.intake import read
from assay.harness.credential.node_index import node_index
from assay.harness.credential.quiet import QUIET, is_quiet
from assay.harness.credential.silence import COVERED, is_silent
from assay.harness.credential.verify import verify
from assay.harness.credential.versions import walker
from assay.harness.forge.malformations import DEVIATIONS, MALFORMATIONS
from assay.harness.forge.operations import apply
from assay.harness.forge.ring import REVOKED_INDEX, Ring, default_judges
from assay.harness.judge import DocumentJudge
from assay.harness.material import Credential, Document
from assay.harness.results import Outcome, Verdict
from assay.profiles.catalogue import load_profiles

ROOM = Path(fixtures.__file__).parent
BASES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOM / "bases").glob("*.json"))
}
SECURED = {name: value for name, value in BASES.items() if "credentialSubject" in value}
CURRENT = {name: value for name, value in SECURED.items() if not name.endswith("-0.6")}
"""Credentials of the current version; the shortcuts that prove rules silent are made for it alone."""
MUTANTS = [
    (mutant["base"], mutant["ops"])
    for path in sorted((ROOM / "mutants").glob("*.yaml"))
    for mutant in yaml.safe_load(path.read_text(encoding="utf-8"))
    if isinstance(mutant, dict) and mutant.get("base") in SECURED and mutant.get("ops")
]
AT = datetime(2026, 6, 1, tzinfo=UTC)
RING = Ring()
REQUIREMENTS = load_profiles(("untp-0.7", "untp-0.6"))
CHECKS = load_checks()
FULL = DocumentJudge(REQUIREMENTS, CHECKS)


def verifier() -> FastVerifier:
    fast = FastVerifier(RING.shelf(), AT, default_judges(), REQUIREMENTS, CHECKS)
    fast.verify(RING.secure(BASES["dpp"]))
    return fast


@pytest.fixture(scope="module")
def warm() -> FastVerifier:
    return verifier()


def plain(token: bytes) -> dict[tuple[str, str], list[str]]:
    """What the full path says: rows that did not pass, with outcome and pointers."""
    document = read("token", token)
    verify(document, RING.shelf(), AT, default_judges())
    return told(FULL.judge(document))


def told(results: Any) -> dict[tuple[str, str], list[str]]:
    return {
        (result.requirement.id, result.outcome.value): sorted(
            finding.at.pointer for finding in result.findings
        )
        for result in results
        if result.basis is None and result.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    }


def assert_agreement(fast: FastVerifier, token: bytes) -> FastVerdict:
    verdict = fast.verify(token)
    assert told(verdict.results) == plain(token)
    return verdict


@pytest.mark.parametrize("name", sorted(SECURED))
def test_clean_credentials_take_the_fast_path_and_agree(warm: FastVerifier, name: str) -> None:
    token = RING.secure(SECURED[name])
    assert warm._ordinary(token, "token") is not None
    assert_agreement(warm, token)


def test_every_mutated_payload_gets_the_same_verdict_on_both_paths(warm: FastVerifier) -> None:
    assert len(MUTANTS) > 100
    certified = 0
    for base, operations in MUTANTS[::3]:
        token = RING.sign(apply(RING.adopt(SECURED[base]), operations))
        certified += assert_agreement(warm, token).certified
    assert certified > 10


@pytest.mark.parametrize("name", sorted({*MALFORMATIONS, *DEVIATIONS} - {"payload-oversized"}))
def test_every_odd_token_gets_the_same_verdict_on_both_paths(warm: FastVerifier, name: str) -> None:
    verdict = assert_agreement(warm, RING.spoil(name, RING.adopt(BASES["make"])))
    if name in MALFORMATIONS:
        assert verdict.verdict is Verdict.NOT_CONFORMANT


def test_a_revoked_credential_is_seen_on_the_fast_path(warm: FastVerifier) -> None:
    token = RING.secure(BASES["move"], index=REVOKED_INDEX)
    assert warm._ordinary(token, "token") is not None
    verdict = assert_agreement(warm, token)
    assert [result.requirement.id for result in verdict.results] == ["IN-016"]


@pytest.mark.parametrize("index", [1e300, 5.0, -1])
def test_an_index_that_is_wrong_by_text_and_schema_fails_on_both_paths(
    warm: FastVerifier, index: float
) -> None:
    payload = RING.adopt(BASES["dpp"])
    payload["credentialStatus"]["statusListIndex"] = index
    assert_agreement(warm, RING.sign(payload))


def test_a_changed_byte_is_seen_under_a_known_header(warm: FastVerifier) -> None:
    verdict = assert_agreement(warm, RING.spoil("payload-changed", RING.adopt(BASES["move"])))
    assert verdict.verdict is Verdict.NOT_CONFORMANT
    assert verdict.document.kind.value == "DigitalTraceabilityEvent"


def test_a_header_is_remembered_only_after_it_verified() -> None:
    fast = FastVerifier(RING.shelf(), AT, default_judges(), REQUIREMENTS, CHECKS)
    payload = RING.adopt(BASES["move"])
    fast.verify(RING.spoil("signature-by-stranger", payload))
    assert fast._ordinary(RING.sign(payload), "token") is None
    fast.verify(RING.sign(payload))
    assert fast._ordinary(RING.sign(payload), "token") is not None


def test_a_known_header_does_not_vouch_for_another_issuer(warm: FastVerifier) -> None:
    payload = RING.adopt(BASES["move"])
    payload["issuer"]["id"] = "did:web:somebody-else.example"
    token = RING.sign(payload, kid=RING.kid)
    verdict = assert_agreement(warm, token)
    assert ("VCP-027", "failed") in told(verdict.results) or verdict.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("name", sorted(SECURED))
def test_rows_left_out_for_clean_envelopes_are_silent_on_them(name: str) -> None:
    document = read("token", RING.secure(SECURED[name]))
    assert isinstance(document, Credential)
    verify(document, RING.shelf(), AT, default_judges())
    known = {identifier for identifier in SILENT_WHEN_CLEAN if CHECKS.get(identifier)}
    assert known == SILENT_WHEN_CLEAN
    for identifier in known:
        for check in CHECKS[identifier]:
            if document.kind in check.kinds:
                assert list(_said(check.function, document)) == []


def _said(function: Any, document: Credential) -> list[Any]:
    try:
        return list(function(document))
    except NotApplicable:
        return []


def _found(index: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [(node.cls, node.path, node.reference, node.value) for node in nodes]
        for name, nodes in index.items()
    }


def _walked(document: Document) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for cls, path, value, reference in walker(document.untp).walk(document.kind.value, document.value):
        found.setdefault(cls + "Reference" if reference else cls, []).append((cls, path, reference, value))
    return found


def test_the_fast_index_finds_the_same_nodes_at_the_same_places() -> None:
    for base, operations in [(name, []) for name in SECURED] + MUTANTS[::3]:
        document = read("x", json.dumps(apply(SECURED[base], [])).encode())
        document.value = apply(RING.adopt(SECURED[base]), operations)
        assert _found(node_index(document)) == _walked(document)


def _bent(value: Any, rng: random.Random) -> Any:
    """A copy with one to three random members deleted, emptied or swapped with another value of the document."""
    bent = copy.deepcopy(value)
    places = list(_places(bent))
    for _ in range(rng.randint(1, 3)):
        parent, key = rng.choice(places)
        try:
            old = parent[key]
        except (KeyError, IndexError):
            continue
        action = rng.randrange(5)
        if action == 0:
            del parent[key]
        elif action == 1:
            parent[key] = type(old)() if isinstance(old, (list, dict, str)) else 0
        elif action == 2:
            other, name = rng.choice(places)
            parent[key] = copy.deepcopy(other[name]) if _has(other, name) else old
        elif action == 3 and isinstance(old, list) and old:
            old.append(copy.deepcopy(old[0]))
        elif isinstance(old, str):
            parent[key] = rng.choice(
                ["model", "batch", "item", "dcc", "dpp", "did:web:x.example", "2020-01-01", old + "x"]
            )
    return bent


def _has(parent: Any, key: Any) -> bool:
    return key in parent if isinstance(parent, dict) else isinstance(key, int) and key < len(parent)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in list(pairs):
        yield value, key
        if isinstance(child, (dict, list)):
            yield from _places(child)


def _says(function: Any, target: Any) -> bool:
    try:
        return any(type(said) is not Remark for said in function(target))
    except NotApplicable:
        return False
    except Undecided:
        return True


@given(st.sampled_from(sorted(CURRENT)), st.integers(0, 2**32))
@settings(max_examples=250, deadline=None)
def test_a_document_that_the_silence_schema_passes_keeps_the_covered_checks_silent(
    name: str, seed: int
) -> None:
    document = read("x", json.dumps(_bent(CURRENT[name], random.Random(seed))).encode())
    kind = document.kind.value
    if kind not in COVERED or not default_judges().schema.certified(kind, document.value):
        return
    if not is_silent(kind, document.value):
        return
    document.as_of = AT
    assert_silence(document, COVERED)


def assert_silence(document: Document, rows: Mapping[str, frozenset[str]]) -> None:
    """No check of the rows, told by class of node or kind of document, says anything of a document."""
    kind = document.kind.value
    for label in rows:
        targets = [document] if label == kind else list(node_index(document).get(label, ()))
        for row in rows[label]:
            for check in CHECKS[row]:
                if check.series == "0.6":
                    continue
                fits = label in check.cls or (
                    label == kind and not check.cls and document.kind in check.kinds
                )
                if fits and check.basis is None:
                    assert not any(_says(check.function, target) for target in targets), (row, label)


_DATES = ["2020-01-01", "2025-06-30", "2026-05-31T00:00:00Z", "2031-01-01T00:00:00Z"]
_VALUES = [
    *_DATES,
    0,
    0.3,
    1,
    90,
    -0.5,
    1e300,
    "http://localhost/a",
    "https://x@10.0.0.1/",
    "KGM",
    "GRM",
    "self",
]


def _shuffled(value: Any, rng: random.Random) -> Any:
    """A copy in which members that rules compare are given other values: of their own kind, so that some stay certified."""
    bent = copy.deepcopy(value)
    places = [(parent, key) for parent, key in _places(bent) if not isinstance(parent[key], (dict, list))]
    for _ in range(rng.randint(1, 4)):
        parent, key = rng.choice(places)
        old = parent[key]
        alike = [new for new in _VALUES if isinstance(new, (int, float)) == isinstance(old, (int, float))]
        alike += [other[name] for other, name in rng.sample(places, 8) if type(other[name]) is type(old)]
        parent[key] = rng.choice(alike)
    return bent


@given(st.sampled_from(sorted(CURRENT)), st.integers(0, 2**32), st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_certified_document_that_is_quiet_keeps_the_checks_that_compare_silent(
    name: str, seed: int, only_values: bool
) -> None:
    bend = _shuffled if only_values else _bent
    text = json.dumps(bend(CURRENT[name], random.Random(seed)), ensure_ascii=seed % 2 == 0).encode()
    document = read("x", text)
    if not default_judges().schema.certified(document.kind.value, document.value):
        return
    if is_quiet(document.kind.value, document.value, text, AT):
        document.as_of = AT
        assert_silence(document, QUIET)


def test_every_mutant_that_is_quiet_keeps_the_checks_that_compare_silent() -> None:
    quiet = 0
    for base, operations in MUTANTS:
        text = json.dumps(apply(SECURED[base], operations)).encode()
        document = read("x", text)
        document.as_of = AT
        if default_judges().schema.certified(document.kind.value, document.value) and is_quiet(
            document.kind.value, document.value, text, AT
        ):
            quiet += 1
            assert_silence(document, QUIET)
    assert quiet > 20


def test_plain_documents_are_quiet_and_every_quiet_row_has_checks() -> None:
    quiet = {
        name
        for name, value in CURRENT.items()
        if is_quiet(read("x", json.dumps(value).encode()).kind.value, value, json.dumps(value).encode(), AT)
    }
    assert quiet == CURRENT.keys()
    rows = {row for rows in QUIET.values() for row in rows}
    assert all(CHECKS.get(row) for row in rows)
    assert not is_quiet("DigitalProductPassport", {}, b"{}", AT)


def test_every_base_is_silent_and_every_covered_row_can_break_the_silence() -> None:
    for value in CURRENT.values():
        kind = next(name for name in value["type"] if name != "VerifiableCredential")
        assert is_silent(kind, value)
    covered = {row for rows in COVERED.values() for row in rows}
    assert covered <= CHECKS.keys()
    assert all(CHECKS[row] for row in covered)


@given(st.sampled_from(sorted(SECURED)), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_fast_and_full_path_agree_on_documents_bent_at_random(name: str, seed: int) -> None:
    payload = _bent(RING.adopt(SECURED[name]), random.Random(seed))
    assert_agreement(_WARM, RING.sign(payload))


_WARM = verifier()
