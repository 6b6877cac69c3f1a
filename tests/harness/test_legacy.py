"""Credentials of UNTP 0.6: the published samples with their true findings, and credentials of our own through the engine."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assay.harness.credential.intake import read
from assay.harness.engine import Engine, Settings
from assay.harness.forge.operations import apply
from assay.harness.forge.ring import Ring, default_judges
from assay.harness.forge.sign import json_bytes
from assay.harness.material import Document
from assay.harness.results import Outcome, RunResult, Scope, Verdict
from assay.harness.selftest import load_bases
from assay.profiles.catalogue import Level, load_profile
from assay.profiles.untp_0_6 import CONTEXT_URLS, TABLES, VERSIONS
from tests.harness.bending import bend
from tests.harness.test_samples import failing, judged
from tests.mutations import full_document

RING = Ring()
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
BASES = {name: value for name, value in load_bases().items() if name.endswith("-0.6")}

# Every sample names parties by URLs with queries, and cannot be shown; placeholders for dates, masses, boundaries and DIDs make up the rest.
ADVICE = {"IDR-021", "RND-001"}
SAMPLES: dict[str, tuple[set[str], set[str]]] = {
    "0.6.0/DigitalConformityCredential-instance": (set(), {"DCC-013"}),
    "0.6.0/DigitalFacilityRecord-instance": ({"DFR-010"}, {"DFR-011"}),
    "0.6.0/DigitalIdentityAnchor-instance": ({"DIA-002", "DIA-013", "DID-002"}, set()),
    "0.6.0/DigitalProductPassport-instance": (set(), {"DPP-031", "LEG-012"}),
    "0.6.0/DigitalTraceabilityEvent-instance": (set(), {"LEG-012"}),
    "0.6.1/untp-dcc-instance": (set(), {"DCC-013"}),
    "0.6.1/untp-dfr-instance": ({"DFR-010"}, {"DFR-011"}),
    "0.6.1/untp-dia-instance": ({"DIA-002", "DIA-013", "DID-002"}, set()),
    "0.6.1/untp-dpp-instance": (set(), {"DPP-031", "LEG-012"}),
    "0.6.1/untp-dte-instance": (set(), {"LEG-012"}),
}
"""MUST and SHOULD rows that fail per published sample, beside those that every one of them fails."""


@pytest.mark.artefacts
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_published_sample_fails_what_is_true_and_nothing_else(artefacts: Path, name: str) -> None:
    path = artefacts / "untp/0.6.x/samples" / f"{name}.json"
    document, results = judged(path.name, path.read_bytes())
    must, should = SAMPLES[name]
    assert document.untp == name.partition("/")[0]
    assert (document.schema_errors, document.terms) == ((), ())
    assert [r.note for r in results if r.outcome is Outcome.ERROR] == []
    assert failing(results, Level.MUST) == must
    assert failing(results, Level.SHOULD) == ADVICE | should


@pytest.mark.artefacts
def test_every_published_sample_is_pinned(artefacts: Path) -> None:
    folder = artefacts / "untp/0.6.x/samples"
    assert {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.json")} == set(
        SAMPLES
    )


def run_on(*documents: Document, **settings: Any) -> RunResult:
    issuers = sorted({base["issuer"]["id"] for base in load_bases().values() if "credentialSubject" in base})
    return Engine(Settings(as_of=AS_OF, **settings)).judge(documents, RING.shelf(*issuers))


def signed(value: Any, name: str = "x.jwt") -> Document:
    return read(name, RING.sign(RING.adopt(value, keep_issuer=True)))


def failures(run: RunResult) -> dict[str, list[str]]:
    return {
        result.requirement.id: [finding.at.pointer for finding in result.findings]
        for result in run.results
        if result.outcome is Outcome.FAILED and result.requirement.profile == "untp-0.6"
    }


@pytest.mark.parametrize("name", sorted(BASES))
def test_a_signed_credential_of_0_6_without_fault_is_conformant(name: str) -> None:
    run = run_on(signed(BASES[name]))
    assert [(s.untp, s.scope, s.verdict) for s in run.subjects] == [
        ("0.6.1", Scope.SECURED, Verdict.CONFORMANT)
    ]
    assert run.verdict is Verdict.CONFORMANT
    judged_by = {r.requirement.profile for r in run.results if 0 in r.subjects}
    assert "untp-0.6" in judged_by and "untp-0.7" not in judged_by
    assert "untp-0.6" in dict(run.profiles)


def test_the_same_content_as_plain_json_is_valid_and_in_a_json_wrapper_conformant() -> None:
    plain = run_on(read("x.json", json_bytes(BASES["dpp-0.6"])))
    assert plain.subjects[0].verdict is Verdict.DOCUMENT_VALID
    token = RING.secure(BASES["dpp-0.6"]).decode()
    wrapper = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }
    assert run_on(read("x.json", json_bytes(wrapper))).subjects[0].verdict is Verdict.CONFORMANT


def test_a_broken_one_is_not_conformant_and_every_finding_points_at_its_place() -> None:
    broken = apply(
        BASES["dpp-0.6"],
        [
            ["del", "/credentialSubject/product/name"],
            ["set", "/credentialSubject/conformityClaim/0/conformityTopic", "environment.air"],
            ["set", "/credentialSubject/product/countryOfProduction", "Korea"],
        ],
    )
    run = run_on(signed(broken))
    assert run.verdict is Verdict.NOT_CONFORMANT
    found = failures(run)
    assert found.pop("EXT-004") == [""]
    assert found == {
        "SCH-24": ["/credentialSubject/product"],
        "SCH-17": ["/credentialSubject/conformityClaim/0/conformityTopic"],
        "DPP-017": ["/credentialSubject/product/countryOfProduction"],
    }


def test_a_revoked_or_forged_credential_of_0_6_is_not_conformant() -> None:
    revoked = run_on(read("x.jwt", RING.secure(BASES["dcc-0.6"], index=4_242)))
    forged = run_on(read("x.jwt", RING.spoil("payload-changed", RING.adopt(BASES["dcc-0.6"]))))
    assert (revoked.verdict, forged.verdict) == (Verdict.NOT_CONFORMANT, Verdict.NOT_CONFORMANT)
    assert "VCP-021" in failures(forged)


def test_both_versions_in_one_run_are_judged_each_by_its_own_rules_and_counted_apart() -> None:
    current = load_bases()["dia"]
    run = run_on(signed(current, "new.jwt"), signed(BASES["dia-0.6"], "old.jwt"))
    assert [subject.verdict for subject in run.subjects] == [Verdict.CONFORMANT] * 2
    subjects = {
        (r.requirement.profile, r.requirement.id): r.subjects
        for r in run.results
        if r.requirement.id == "VCP-014"
    }
    assert subjects == {("untp-0.7", "VCP-014"): (0,), ("untp-0.6", "VCP-014"): (1,)}


def test_a_run_without_credentials_of_0_6_does_not_speak_of_their_profile() -> None:
    run = run_on(signed(load_bases()["dia"]))
    assert "untp-0.6" not in dict(run.profiles)
    assert not [r for r in run.results if r.requirement.profile == "untp-0.6"]


def test_the_profile_of_0_6_can_be_asked_for_by_name() -> None:
    run = run_on(signed(BASES["dfr-0.6"]), profiles=("untp-0.6",), advisory=())
    assert [name for name, _ in run.profiles] == ["untp-0.6"]
    assert run.verdict is Verdict.CONFORMANT


def test_a_gate_on_one_version_lets_no_credential_of_the_other_through() -> None:
    new, old = signed(load_bases()["dia"], "new.jwt"), signed(BASES["dia-0.6"], "old.jwt")
    for profile, passing in (("untp-0.7", 0), ("untp-0.6", 1)):
        run = run_on(new, old, profiles=(profile,), advisory=(), companions=())
        verdicts = [subject.verdict for subject in run.subjects]
        assert verdicts[passing] is Verdict.CONFORMANT
        assert verdicts[1 - passing] is Verdict.INCONCLUSIVE
        assert "its profile was not asked for" in run.subjects[1 - passing].note
        assert run.verdict is Verdict.INCONCLUSIVE


def test_adopted_rows_keep_rule_and_check_but_count_under_the_older_profile() -> None:
    rows = load_profile("untp-0.6").requirements
    ours, theirs = rows["VCP-014@untp-0.6"], load_profile("untp-0.7").requirements["VCP-014"]
    assert (ours.rule, ours.check, ours.level) == (theirs.rule, theirs.check, theirs.level)
    assert (ours.profile, ours.adopted_from, ours.key) == ("untp-0.6", "untp-0.7", "VCP-014@untp-0.6")
    assert rows["DPP-009@untp-0.6"].level is Level.MUST
    assert rows["DPP-008@untp-0.6"].places == ("ProductPassport.granularityLevel",)


def test_what_the_contexts_of_0_6_forget_is_remarked_and_no_fault_of_the_issuer() -> None:
    value = copy.deepcopy(BASES["dpp-0.6"])
    value["credentialSubject"]["product"]["characteristics"] = {"moisture": 0.002}
    value["credentialSubject"]["emissionsScorecard"]["type"] = ["EmissionsPerformance"]
    run = run_on(signed(value))
    assert run.verdict is Verdict.CONFORMANT
    (row,) = [r for r in run.results if r.requirement.key == "JLD-007@untp-0.6"]
    assert "'characteristics'" in row.note and "'EmissionsPerformance'" in row.note
    value["credentialSubject"]["emissionsScorecard"]["type"] = ["EmissionsPerformance", "Fancy"]
    assert failures(run_on(signed(value)))["JLD-007"] == ["/credentialSubject/emissionsScorecard/type/1"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", sorted(CONTEXT_URLS["0.6.0"]))
def test_the_certificate_is_given_only_where_processing_loses_nothing(kind: str, version: str) -> None:
    judges = default_judges()
    certified = 0
    for seed in range(40):
        document = full_document(kind, seed, TABLES[version], lossless=True)
        value = bend(document, seed) if seed % 4 else document
        if judges.schema.certified(kind, value, version):
            certified += 1
            assert judges.schema.errors(kind, value, version) == ()
            assert judges.linked_data.findings(value) == (), seed
    assert certified >= 10


@pytest.mark.parametrize("version", VERSIONS)
def test_both_releases_judge_by_their_own_schema(version: str) -> None:
    other = next(v for v in VERSIONS if v != version)
    document = full_document("DigitalConformityCredential", 1, TABLES[version], lossless=True)
    text = json.dumps(document).replace(f"/dcc/{version}/", f"/dcc/{other}/")
    run = run_on(signed(json.loads(text)))
    assert run.subjects[0].untp == other
    assert any("scope" in pointer for pointer in failures(run)["DCC-009"])
    assert "DCC-009" not in failures(run_on(signed(document)))


def test_a_working_snapshot_is_recognised_and_refused() -> None:
    value = copy.deepcopy(BASES["dia-0.6"])
    value["@context"][1] = "https://test.uncefact.org/vocabulary/untp/dia/working/"
    run = run_on(signed(value))
    assert run.subjects[0].verdict is Verdict.NOT_CONFORMANT
    assert any(r.requirement.id == "IN-012" and r.outcome is Outcome.FAILED for r in run.results)
