"""Metadata do not tell fraud from honesty: the small run of ``bench/leak.py``, which at length takes thousands of chains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assay.profiles.deceptions.handbook import patterns
from bench.leak import Leak, Sample, leak, samples
from tests.deceptions_worlds import deceived

pytestmark = pytest.mark.whole_worlds

CODES = (
    "F02",
    "F03",
    "F09",
    "F15",
    "F16",
    "F18",
    "F22",
    "F23",
    "F24",
    "F30",
    "F31",
    "F32",
    "F37",
    "F38",
    "F39",
)
TEXT = "[" + ", ".join(f"{{pattern: {code}, count: 2, twins: 2}}" for code in CODES) + "]"


@pytest.fixture(scope="module")
def worlds() -> list[tuple[list[Sample], int]]:
    folders: list[Path] = [deceived(TEXT, seed).folder for seed in (1, 2)]
    return [samples(folder) for folder in folders]


@pytest.fixture(scope="module")
def result(worlds: list[tuple[list[Sample], int]]) -> Leak:
    return leak(worlds, draws=300)


def test_no_pattern_of_the_run_is_about_metadata() -> None:
    assert not any(patterns()[code].metadata for code in CODES)


def test_a_classifier_on_metadata_cannot_tell_fraud_from_honesty(result: Leak) -> None:
    assert result.frauds >= 80
    assert result.chains > 400
    # Trained on other issuers, a classifier of so few does worse than chance on twins: what it saw most of their sort is honest.
    assert result.low <= 0.5, str(result)


def test_the_same_classifier_finds_a_leak_that_is_there(worlds: list[tuple[list[Sample], int]]) -> None:
    planted = [([_with_leak(sample) for sample in found], chains) for found, chains in worlds]
    found = leak(planted, draws=100)
    assert found.low > 0.9
    assert not found.tight


def _with_leak(sample: Sample) -> Sample:
    features = {**sample.features, "minute": 59.0 if sample.fraud else sample.features["minute"] % 59}
    return replace(sample, features=features)
