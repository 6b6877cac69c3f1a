"""Trials: controls, forgeries, crashes; and checks whose mutants no sandbox node can play."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.harness.adapters import Answer, Reading
from assay.harness.authority import Authority, AuthorityServer, publish
from assay.harness.checks import Check, load_checks
from assay.harness.constant_endpoints import CONSTANT_REPLIES, constant_endpoints, passed_by
from assay.harness.credential.intake import read
from assay.harness.evidence import Exchange
from assay.harness.exercise import authority_of, exercise, publish_authority
from assay.harness.forge.data_integrity import base58, jcs, with_jcs_proof
from assay.harness.live_recorded import RECORDED, Recorded, prove_recorded, recorded
from assay.harness.manifest import Manifest
from assay.harness.material import Unavailable
from assay.harness.network import HttpTransport
from assay.harness.results import Finding, Outcome
from assay.harness.selftest import load_bases
from assay.harness.transport import MemoryTransport
from assay.harness.trials import (
    ApiTrial,
    Attempt,
    HttpTrial,
    judge_trials,
    must_accept,
    must_reject,
    run_check,
)
from assay.harness.verifier_trials import TestCredentials, link_tokens
from assay.profiles.catalogue import load_profiles, profile_names
from assay.simulator.sandbox.tls import Authority as CertificateAuthority

AS_OF = datetime(2026, 11, 22, tzinfo=UTC)
CATALOGUE = load_profiles(tuple(profile_names()))
CHECKS = load_checks()


def answered(reading: Reading, *reasons: str) -> Attempt:
    return Attempt("what was sent", Answer(reading, reasons=reasons, evidence=("sha256:1",)))


def outcome(trial: ApiTrial, expect: str) -> Outcome:
    def check(trial: ApiTrial) -> Iterator[Finding]:
        yield from (must_reject if expect == "reject" else must_accept)(trial, "expected")

    return run_check(Check("VRF-001", check), CATALOGUE["VRF-001"], trial).outcome


YES, NO = answered(Reading.ACCEPTED), answered(Reading.REJECTED, "why")
CRASH, GONE = answered(Reading.CRASHED), answered(Reading.UNREACHABLE)


@pytest.mark.parametrize(
    ("control", "attempt", "expected"),
    [
        (YES, NO, Outcome.PASSED),
        (YES, YES, Outcome.FAILED),
        (YES, CRASH, Outcome.ERROR),
        (YES, GONE, Outcome.ERROR),
        (NO, NO, Outcome.INCONCLUSIVE),
        (CRASH, NO, Outcome.ERROR),
        (GONE, NO, Outcome.ERROR),
        (None, NO, Outcome.INCONCLUSIVE),
    ],
)
def test_a_refusal_counts_only_after_an_accepted_control(
    control: Attempt | None, attempt: Attempt, expected: Outcome
) -> None:
    assert outcome(ApiTrial("t", 0, "https://v.example", control, (attempt,)), "reject") is expected


@pytest.mark.parametrize(
    ("foil", "attempt", "expected"),
    [
        (NO, YES, Outcome.PASSED),
        (NO, NO, Outcome.FAILED),
        (YES, YES, Outcome.INCONCLUSIVE),
        (CRASH, YES, Outcome.ERROR),
        (None, YES, Outcome.INCONCLUSIVE),
        (NO, CRASH, Outcome.ERROR),
    ],
)
def test_an_acceptance_counts_only_beside_a_refused_forgery(
    foil: Attempt | None, attempt: Attempt, expected: Outcome
) -> None:
    assert outcome(ApiTrial("t", 0, "https://v.example", YES, (attempt,), foil), "accept") is expected


@pytest.mark.parametrize("attempts", [(YES, GONE), (GONE, YES)])
def test_a_finding_is_kept_though_another_attempt_got_no_answer(attempts: tuple[Attempt, ...]) -> None:
    assert outcome(ApiTrial("t", 0, "https://v.example", YES, attempts), "reject") is Outcome.FAILED


def test_a_row_whose_trial_was_not_held_is_not_applicable() -> None:
    (result,) = judge_trials([], [CATALOGUE["VRF-002"]], CHECKS)
    assert result.outcome is Outcome.NOT_APPLICABLE and "alg-none" in result.note


def test_subjects_are_counted_from_where_the_documents_end() -> None:
    trial = ApiTrial("alg-none", 2, "https://v.example", YES, (NO,))
    (result,) = judge_trials([trial], [CATALOGUE["VRF-002"]], CHECKS, 10)
    assert (result.outcome, result.subjects) == (Outcome.PASSED, (12,))


# -- rows that no sandbox fault breaks -----------------------------------------------------------------------------


def http_outcome(row: str, trial: HttpTrial) -> Outcome:
    (check,) = (check for check in CHECKS[row] if check.trial == trial.name)
    return run_check(check, CATALOGUE[row], trial).outcome


@pytest.mark.parametrize("proof", list(recorded(load_bases())), ids=lambda proof: proof.requirement)
def test_a_recorded_fault_is_found_and_only_there(proof: Recorded) -> None:
    (check,) = (check for check in CHECKS[proof.requirement] if check.trial == proof.broken.name)
    row = CATALOGUE[proof.requirement]
    assert run_check(check, row, proof.broken).outcome is Outcome.FAILED
    assert run_check(check, row, proof.sound).outcome is not Outcome.FAILED


def test_every_row_without_a_sandbox_fault_is_proven_by_a_recorded_one() -> None:
    assert [proof.requirement for proof in recorded(load_bases())] == list(RECORDED)
    assert list(prove_recorded(CATALOGUE, CHECKS, load_bases())) == []


def test_a_recorded_fault_that_nobody_finds_fails_the_proof() -> None:
    blind = {
        row: [replace(check, function=lambda trial: iter(())) for check in found]
        for row, found in CHECKS.items()
    }
    assert {failure.requirement for failure in prove_recorded(CATALOGUE, blind, load_bases())} == set(
        RECORDED
    )


def test_a_did_document_that_could_not_be_had_is_an_error_not_a_failure() -> None:
    lost = Unavailable("https://a.example/x", "timeout")
    trial = HttpTrial("published-did-document", 0, "did:web:a.example", {"get": lost})
    assert http_outcome("DID-007", trial) is Outcome.ERROR


# -- the harness as an issuer --------------------------------------------------------------------------------------


def credentials(host: str = "harness.assay.example") -> TestCredentials:
    return TestCredentials(Authority(host, AS_OF), load_bases())


def test_published_files_follow_from_seed_host_and_day(tmp_path: Path) -> None:
    one, again, other = (tmp_path / name for name in ("one", "again", "other"))
    manifest = Manifest.model_validate({"system": {"name": "x"}})
    publish_authority(manifest, load_bases(), AS_OF, one)
    publish_authority(manifest, load_bases(), AS_OF.replace(hour=17), again)
    publish(Authority("harness.assay.example", AS_OF, "another seed"), {}, other)
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert [(one / file).read_bytes() for file in files] == [(again / file).read_bytes() for file in files]
    did = ".well-known/did.json"
    assert (one / did).read_bytes() != (other / did).read_bytes()
    assert not (one / "missing").exists() and not (one / "status/missing").exists()


def test_the_authority_s_own_credentials_are_in_order() -> None:
    from assay.harness.credential.verify import Shelf, verify
    from assay.harness.forge.ring import default_judges
    from assay.harness.material import Credential, DidDocument, SignatureState, StatusList

    made = credentials()
    own = made.authority
    document = read("x", own.token(made.passport("x")).encode())
    keys = read(own.did, own.files["/.well-known/did.json"].body)
    listed = read("list", own.files["/status/revocation"].body)
    assert (
        isinstance(document, Credential) and isinstance(keys, DidDocument) and isinstance(listed, StatusList)
    )
    verify(
        document, Shelf({own.did: keys}, {f"{own.base}/status/revocation": listed}), AS_OF, default_judges()
    )
    assert document.signature.state is SignatureState.VALID
    assert (document.schema_errors, document.terms, [entry.bit for entry in document.status]) == (
        (),
        (),
        [False],
    )


def test_the_authority_server_serves_over_tls_and_remembers(tmp_path: Path) -> None:
    made = credentials()
    root = CertificateAuthority.create()
    certificate, key = root.issue([made.authority.host], tmp_path, "harness")
    (tmp_path / "ca.pem").write_text(root.pem)

    async def run() -> tuple[list[object], list[str]]:
        server = AuthorityServer(made.authority.with_links(link_tokens(made)), certificate, key)
        async with server:
            port = await server.start("127.0.0.1", 0)
            hosts = {made.authority.host: ("127.0.0.1", port)}
            async with HttpTransport(host_map=hosts, ca=tmp_path / "ca.pem") as transport:
                paths = ("/.well-known/did.json", "/status/missing", "/links/loop", "/links/broken")
                return [await transport.fetch(made.authority.base + path) for path in paths], server.asked

    (document, missing, loop, broken), asked = asyncio.run(run())
    assert isinstance(document, Exchange) and document.tls in ("TLSv1.2", "TLSv1.3")
    assert [answer.reason for answer in (missing, loop, broken) if isinstance(answer, Unavailable)] == [
        "not-found",
        "redirect-loop",
        "server-error",
    ]
    assert asked[0] == "/.well-known/did.json"


def test_a_certificate_of_a_stranger_is_not_trusted(tmp_path: Path) -> None:
    made = credentials()
    certificate, key = CertificateAuthority.create().issue([made.authority.host], tmp_path, "harness")

    async def run() -> object:
        async with AuthorityServer(made.authority.files, certificate, key) as server:
            port = await server.start("127.0.0.1", 0)
            async with HttpTransport(host_map={made.authority.host: ("127.0.0.1", port)}) as transport:
                return await transport.fetch(made.authority.base + "/.well-known/did.json")

    answer = asyncio.run(run())
    assert isinstance(answer, Unavailable) and (answer.reason, answer.definitive) == ("tls", False)


def test_an_unreachable_system_makes_errors_and_no_verdicts() -> None:
    endpoint = {"endpoint": "https://gone.example"}
    manifest = Manifest.model_validate(
        {
            "system": {"name": "x", "identifiers": ["https://gone.example/1"]},
            "roles": {"issuer": endpoint, "verifier": endpoint, "status": endpoint, "resolver": {}},
        }
    )

    def gone(request: object) -> Unavailable:
        return Unavailable("https://gone.example", "refused", "connection refused")

    harvest = asyncio.run(exercise(manifest, MemoryTransport(gone), load_bases(), AS_OF))
    results = list(harvest.results(CATALOGUE, CHECKS)(0))
    assert {result.outcome for result in results} <= {
        Outcome.ERROR,
        Outcome.INCONCLUSIVE,
        Outcome.NOT_APPLICABLE,
    }
    assert any(result.outcome is Outcome.ERROR for result in results)


@pytest.mark.parametrize("reply", CONSTANT_REPLIES, ids=repr)
def test_no_constant_answer_passes_anything(reply: tuple[int, str, bytes]) -> None:
    assert passed_by(reply, CATALOGUE, CHECKS) == set()


def test_a_check_that_passes_everything_is_caught_by_constant_answers() -> None:
    lenient = {**CHECKS, "IDR-015": [replace(CHECKS["IDR-015"][0], function=lambda trial: iter(()))]}
    report = constant_endpoints(CATALOGUE, lenient)
    assert {failure.requirement for failure in report.failures} == {"IDR-015"}
    assert report.proven == 0


def test_authority_dates_are_cut_to_the_day() -> None:
    manifest = Manifest.model_validate({"system": {"name": "x"}, "harness": {"authority": "h.example"}})
    assert authority_of(manifest, AS_OF.replace(hour=5)) == authority_of(manifest, AS_OF)


# -- Data Integrity ------------------------------------------------------------------------------------------------


def test_canonical_json_sorts_by_utf16_and_writes_numbers_as_ecmascript() -> None:
    value = {"\U0001f600": 1, "\ufb33": 2, "b": [1.0, 0.1654, -2, True, None], "a": "\u20ac\n"}
    assert jcs(value).decode() == '{"a":"€\\n","b":[1,0.1654,-2,true,null],"\U0001f600":1,"\ufb33":2}'


@pytest.mark.parametrize("number", [1e21, 1e-9, 2**60])
def test_a_number_without_certain_form_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="form"):
        jcs([number])


def test_base58_keeps_leading_zeros() -> None:
    assert base58(b"\0\0\x01") == "112"


def test_a_data_integrity_proof_verifies_over_its_two_hashes() -> None:
    import hashlib

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    made = credentials()
    payload = made.passport("di")
    secured = with_jcs_proof(payload, made.authority.key, made.authority.kid, "2026-11-22T00:00:00Z")
    proof = dict(secured["proof"])
    number = 0
    for letter in proof.pop("proofValue")[1:]:
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(letter)
    raw = number.to_bytes(64, "big")
    message = hashlib.sha256(jcs(proof)).digest() + hashlib.sha256(jcs(payload)).digest()
    public = made.authority.key.private.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(signature, message, ec.ECDSA(SHA256()))
