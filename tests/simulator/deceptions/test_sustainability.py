"""Footprints and recycled content that the inputs do not bear out: what the players change, and who sees it."""

from __future__ import annotations

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched
from tests.simulator.deceptions.claims_worlds import SEVERITIES, claims_world

CODES = ("F29", "F30", "F31", "F32")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", CODES)
def test_every_fraud_is_seen_and_decided_and_nothing_else(code: str, severity: str) -> None:
    found = claims_world(severity)
    seen, decided = found.seen(code), found.decided(code)
    mine = {url for one in found.labels.values() if one["code"] == code for url in one["root"]}
    for instance, label in found.labels.items():
        if label["code"] == code:
            assert bool(set(label["root"]) & touched(decided)) != label["honest"], instance
            near = found.seen_in_scope(instance) if severity == SEVERITIES[0] else seen
            assert bool(set(label["root"]) & touched(near)) != label["honest"], instance
    frauds = found.roots(code, honest=False)
    assert all(set(one.subjects) & frauds for one in [*seen, *decided])
    assert mine - frauds == found.roots(code, honest=True)


@pytest.mark.parametrize("code", CODES)
def test_an_honest_world_shows_nothing(code: str) -> None:
    assert not deceived().seen(code)


def test_more_is_claimed_as_recycled_by_severity_and_of_materials_too() -> None:
    found, honest = claims_world("0.5"), deceived()
    label = found.labels["F31-1"]
    (passport,) = label["root"]
    told, element = label["told"], label["told"]["element"]
    assert told["claimed"] - told["true"] == pytest.approx(0.5)
    parts = [one.document(passport)["credentialSubject"] for one in (honest, found)]
    before, now = (
        sum(subject["characteristics"]["footprint"]["recycled"][element].values()) for subject in parts
    )
    assert (before, now) == (pytest.approx(told["true"]), pytest.approx(told["claimed"]))


@pytest.mark.parametrize("code", ["F29", "F30", "F31"])
def test_what_lies_below_the_tolerance_is_untrue_and_not_seen(code: str) -> None:
    found = deceived(
        "[{pattern: F29, severity: 0.005}, {pattern: F30, severity: 0.005}, {pattern: F31, severity: 0.005}]"
    )
    assert found.labels[f"{code}-1"]["below_tolerance"]
    assert not found.seen(code)
    assert touched(found.decided(code)) == found.roots(code, honest=False)


def test_the_twin_of_an_overclaim_says_of_recycled_feed_what_is_true() -> None:
    label = claims_world("0.5").labels["F31-1t"]
    assert label["told"]["claimed"] == label["told"]["true"] > 0
    assert not label["changed"]


def carbon(found: Deceived, url: str) -> dict[str, float]:
    """Figures of a passport by boundary, as its characteristics state them."""
    rows = found.document(url)["credentialSubject"]["characteristics"]["footprint"]["carbon"]
    return {row["boundary"]: row["value"] for row in rows}


def test_a_cherry_picker_states_one_figure_and_its_certificates_repeat_it() -> None:
    found, honest = claims_world("0.05"), deceived()
    label = found.labels["F29-1"]
    figures = {carbon(found, url)["cradle-to-gate"] for url in label["root"]}
    assert figures == {label["told"]["claimed"]}
    assert len(label["root"]) > 1
    for url in label["root"]:
        assert carbon(honest, url)["cradle-to-gate"] > label["told"]["claimed"]
        assert carbon(honest, url)["gate-to-gate"] == carbon(found, url)["gate-to-gate"]
        claims = found.document(url)["credentialSubject"]["performanceClaim"]
        values = {
            one["claimedPerformance"][0]["measure"]["value"]
            for one in claims
            if "radle" in one["description"]
        }
        assert values <= figures


def test_the_twin_with_clean_power_is_lower_by_what_its_own_process_saves() -> None:
    found, honest = claims_world("0.05"), deceived()
    label = found.labels["F29-1t"]
    for url in label["root"]:
        now, before = carbon(found, url), carbon(honest, url)
        saved = before["cradle-to-gate"] - now["cradle-to-gate"]
        assert saved == pytest.approx(0.05 * before["cradle-to-gate"], rel=0.01)
        assert before["gate-to-gate"] - now["gate-to-gate"] == pytest.approx(saved)
    assert [row["what"] for row in found.truth.acts("supplied")] == ["hydropower"] * 2


def test_a_shifted_boundary_leaves_a_figure_between_the_gate_and_the_inputs() -> None:
    found = claims_world("0.5")
    for url in found.roots("F30", honest=False):
        now, true = carbon(found, url), carbon(deceived(), url)
        brought = true["cradle-to-gate"] - true["gate-to-gate"]
        assert true["gate-to-gate"] <= now["cradle-to-gate"] < brought


def test_the_twin_calls_a_figure_of_the_gate_by_its_name() -> None:
    found = claims_world("0.5")
    for url in found.roots("F30", honest=True):
        assert carbon(found, url) == {"gate-to-gate": carbon(deceived(), url)["gate-to-gate"]}


def test_a_cherry_picker_states_its_own_figures_before_and_after() -> None:
    found = deceived("[{pattern: F29, severity: 0.2, at: [kr-cathode-plant]}]")
    label, honest = found.labels["F29-1"], deceived()
    all_of_it = sorted(
        url for url in found.tokens if "/dpp/" in url
        and found.document(url)["credentialSubject"].get("producedAtFacility", {}).get("id") == found.truth.facility("kr-cathode-plant")
    )  # fmt: skip
    dated = sorted(all_of_it, key=lambda url: str(found.document(url)["credentialSubject"]["productionDate"]))
    lies = [place for place, url in enumerate(dated) if url in label["root"]]
    assert lies[0] > 0, "the cleanest batch is known before"
    assert lies[-1] < len(dated) - 1, "and it goes back to the truth"
    for place in (0, len(dated) - 1):
        assert carbon(found, dated[place]) == carbon(honest, dated[place])


def test_a_figure_for_product_passes_for_one_of_a_larger_unit_and_the_twin_converts_it() -> None:
    found, words = claims_world("0.5"), set()
    for honest in (False, True):
        for url in found.roots("F32", honest=honest):
            claims = found.document(url)["credentialSubject"]["performanceClaim"]
            claim = next(one for one in claims if one["id"].endswith("#claim-footprint-cradle-to-gate"))
            words.add(claim["description"].rsplit(" per ", 1)[1])
            value = claim["claimedPerformance"][0]["measure"]["value"]
            per_kg = carbon(found, url)["cradle-to-gate"]
            assert value > 3 * per_kg if honest else value == per_kg
    assert words <= {"kilogram of contained lithium.", "kilowatt-hour of stored energy."}
