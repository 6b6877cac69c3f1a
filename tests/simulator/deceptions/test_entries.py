"""The ``deceptions`` key of a scenario, and one sentence for everything that cannot be: key, value and mend."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from assay.simulator.deceptions.entries import DeceptionEntry
from assay.simulator.scenario import ScenarioError, parse_scenario
from assay.simulator.world import build_world
from tests.deceptions_worlds import little_text


def test_an_entry_says_what_with_defaults_for_how_much() -> None:
    (entry,) = parse_scenario(little_text("[{pattern: F18}]").encode(), "x.yaml").deceptions
    assert (entry.severity, entry.count, entry.twins, entry.at) == (Decimal("0.1"), 1, 0, [])
    assert [pattern.code for pattern in entry.patterns()] == ["F18"]


def test_a_look_alike_is_played_by_the_twin_of_its_pattern_and_names_are_as_good_as_codes() -> None:
    by_code, by_name = DeceptionEntry(look_alike="B22"), DeceptionEntry(pattern="forged-certificate")
    assert by_code.patterns() == by_name.patterns()
    both = DeceptionEntry(composite="both", of=["forged-certificate", "F36"])
    assert [pattern.code for pattern in both.patterns()] == ["F18", "F36"]


WRONG = [
    ("[{pattern: F188}]", "0.pattern: pattern 'F188' is unknown; did you mean F18"),
    ("[{pattern: forged-certificat}]", "0.pattern: pattern 'forged-certificat' is unknown; did you mean forged-certificate"),
    ("[{look_alike: B99}]", "0.look_alike: pattern 'B99' is unknown; did you mean B"),
    ("[{pattern: B01}]", "0.pattern: 'B01' is a look-alike; write look_alike: B01 instead"),
    ("[{look_alike: F18}]", "0.look_alike: 'F18' is a pattern; write pattern: F18 instead"),
    ("[{pattern: F18, severity: 0}]", "0.severity: received '0'; it must be greater than or equal to 0.000001"),
    ("[{pattern: F18, severity: 0.0000001}]", "0.severity: received '1E-7'; it must be greater than"),
    ("[{pattern: F18, severity: 1.5}]", "0.severity: received '1.5'; it must be less than or equal to 1"),
    ("[{pattern: F18, severity: lots}]", "0.severity: received 'lots'; it must be a valid decimal"),
    ("[{pattern: F18, severity: .nan}]", "'.nan' is no number"),
    ("[{pattern: F18, count: -1}]", "0.count: received '-1'; it must be greater than or equal to 0"),
    ("[{pattern: F18, count: 0}]", "0.count: neither instances nor twins are asked for; raise count or twins"),
    ("[{pattern: F18, colour: red}]", "unknown key deceptions.0.colour, received 'red'; known keys here: at, composite"),
    ("{pattern: F18}", "deceptions: received \"{'pattern': 'F18'}\"; it must be a valid list"),
    ("[{severity: 0.1}]", "0: give exactly one of pattern, look_alike and composite"),
    ("[{pattern: F18, look_alike: B22}]", "0: give exactly one of pattern, look_alike and composite"),
    ("[{look_alike: B22, twins: 1}]", "0.twins: a look-alike is honest already; leave twins out and use count"),
    ("[{pattern: F18, of: [F36]}]", "0.of: a composite names the patterns that it is made of, and nothing else does"),
    ("[{composite: both}]", "0.of: a composite names the patterns that it is made of"),
    ("[{composite: alone, of: [F18]}]", "0.of: a composite is made of two patterns or more; for one alone write pattern"),
    ("[{composite: alone, of: [F18, forged-certificate]}]", "0.of: a composite is made of two patterns or more"),
    ("[{composite: both, of: [F18, F36], twins: 1}]", "0.twins: a composite has no twin of its own; ask for twins of its patterns"),
    ("[{composite: both, of: [F18, F39]}]", "0: forged-certificate and cloned-passport find no target together"),
    ("[{composite: both, of: [F18, F36], at: [nowhere]}]", "0.at: 'nowhere' is no target of all patterns of both; targets: "),
    ("[{pattern: F18, at: [nowhere]}]", "0.at: 'nowhere' is no target of forged-certificate; targets: "),
    ("[{pattern: F21, count: 9, twins: 9}]", "0.count: 9 instances and 9 twins of expired-certificate need 18 targets, and 9 are free"),
    ("[{pattern: F39}]", "0.count: 1 instance of cloned-passport needs a target, and none are free (pack plants"),
    (
        "[{pattern: F21, at: [west-field]}, {pattern: F22, at: [west-field]}]",
        "1.at: revoked-certificate contradicts expired-certificate at west-field; choose another target for one",
    ),
    (
        "[{pattern: F21, count: 9}, {pattern: F22}]",
        "expired-certificate plays at ",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("deceptions", "told"), WRONG)
def test_what_cannot_be_is_one_sentence_with_key_value_and_mend(deceptions: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        build_world(parse_scenario(little_text(deceptions).encode(), "x.yaml"), 1)
    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).startswith("x.yaml:")


@pytest.mark.parametrize(
    ("deceptions", "told"),
    [
        ("[{pattern: F18, severity: 7}]", "deceptions.0.severity: received '7'"),
        # found out only when all is written
        ("[{pattern: F37, count: 4, at: [west-field], severity: 1}]", "compromised-key found no occasion at west-field (nor did 3 more)"),
    ],
)  # fmt: skip
def test_the_command_ends_with_2_and_leaves_nothing_behind(
    deceptions: str, told: str, tmp_path: Path
) -> None:
    scenario = tmp_path / "little.yaml"
    scenario.write_text(little_text(deceptions), encoding="utf-8")
    command = [sys.executable, "-m", "assay.cli", "simulate", str(scenario), "--format", "jsonl"]
    done = subprocess.run(
        [*command, "--workers", "1", "--out", str(tmp_path / "world")], capture_output=True, timeout=120, check=False
    )  # fmt: skip
    errors = done.stderr.decode().strip().splitlines()
    assert (done.returncode, done.stdout, len(errors)) == (2, b"", 1)
    assert told in errors[0]
    assert list(tmp_path.iterdir()) == [scenario]


def test_other_versions_of_untp_cannot_carry_deceptions(tmp_path: Path) -> None:
    scenario = tmp_path / "little.yaml"
    scenario.write_text(little_text("[{pattern: F18}]"), encoding="utf-8")
    command = [sys.executable, "-m", "assay.cli", "simulate", str(scenario), "--untp", "0.6.1"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "world")], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert b"leave out --untp, or the deceptions" in done.stderr
    assert list(tmp_path.iterdir()) == [scenario]
