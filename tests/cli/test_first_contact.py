"""What somebody meets who has only read the README: messages, interrupted runs, addresses that nobody answers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.test_bad_input import assay, passport

COMMAND = [sys.executable, "-m", "assay.cli"]


def test_names_between_colons_are_no_pictures(tmp_path: Path) -> None:
    document = passport()
    document["issuer"]["id"] = "did:key:zDnaensw35E13gjJUxeGssxhKpqptbVFprcfKyt4tMxWmBkWb"
    path = tmp_path / "passport.json"
    path.write_text(json.dumps(document))
    _, out, _ = assay("validate", str(path), "--offline")
    assert "did:key:zDnaensw35E13" in out


def test_of_many_subjects_the_worst_are_shown(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(passport()))
    (tmp_path / "15.json").write_text("{")
    code, out, _ = assay("validate", str(tmp_path), "--offline", "--at", "2026-06-01")
    assert code == 1
    assert out.splitlines()[1].startswith("not_conformant") and "15.json" in out.splitlines()[1]


def test_what_was_expected_is_told_as_what_is_wanted(tmp_path: Path) -> None:
    document = passport()
    document["validFrom"] = "soon"
    document["credentialSubject"]["name"] = 5
    path = tmp_path / "passport.json"
    path.write_text(json.dumps(document))
    _, out, _ = assay("validate", str(path), "--offline", "--verbose")
    assert "expected the form 'date-time'; received \"soon\"" in out
    assert 'expected a value of type "string"; received 5' in out
    assert not re.search(r"expected \S+ is (not|a) ", out)


def test_a_host_that_nobody_reaches_is_no_failure_of_the_material() -> None:
    code, out, err = assay("validate", "https://assay.invalid/passport.jwt")
    assert code == 3 and "Traceback" not in err
    assert (
        "IN-008 MUST inconclusive" in out
        and "https://assay.invalid/passport.jwt could not be looked at" in out
    )


def test_an_address_on_this_machine_is_refused_and_named() -> None:
    code, out, _ = assay("validate", "http://127.0.0.1:1/passport.jwt")
    assert code == 3 and "loopback address" in out


def test_a_folder_without_material_says_so(tmp_path: Path) -> None:
    code, _, err = assay("validate", str(tmp_path))
    assert code == 3 and f"nothing to judge in {tmp_path}" in err


def test_a_pipe_without_a_writer_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    code, _, err = assay("validate", str(tmp_path / "pipe.json"))
    assert code == 2 and "is a pipe" in err


@pytest.mark.parametrize(
    "call",
    [
        ["validate", "{file}", "--trust-anchor", "registry.example"],
        ["validate", "{file}", "--out", "{file}"],
        ["validate", "{file}", "--out", "{file}/inside"],
        ["demo", "--out", "{file}"],
        ["requirements", "--area", "NOPE"],
        ["explain", "NOPE-1"],
    ],
)
def test_a_flag_that_cannot_work_is_refused_before_any_work(call: list[str], tmp_path: Path) -> None:
    path = tmp_path / "passport.json"
    path.write_text(json.dumps(passport()))
    code, out, err = assay(*(word.format(file=path) for word in call))
    assert code == 2 and out == ""
    assert err.startswith("assay: ") and err.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sandbox_that_is_stopped_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    temporary, manifest = tmp_path / "temporary", tmp_path / "assay.toml"
    temporary.mkdir()
    sandbox = subprocess.Popen(
        [*COMMAND, "sandbox", "up"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert sandbox.stdout is not None
    told = b""
    for line in sandbox.stdout:
        told += line
        if line.startswith(b"ready"):
            break
    assert manifest.exists() and list(temporary.iterdir()), told.decode()
    start = time.monotonic()
    sandbox.send_signal(number)
    rest, _ = sandbox.communicate(timeout=30)
    assert b"Traceback" not in rest
    assert sandbox.returncode == {signal.SIGINT: 0, signal.SIGTERM: 143}[number]
    assert time.monotonic() - start < 20
    assert not manifest.exists()
    assert list(temporary.iterdir()) == []


def test_a_scenario_that_cannot_be_used_does_not_cost_the_dataset_that_is_there(tmp_path: Path) -> None:
    world = tmp_path / "world"
    assert assay("simulate", "--out", str(world))[0] == 0
    code, _, err = assay("simulate", "nowhere", "--out", str(world), "--force")
    assert code == 2 and "nowhere" in err
    assert (world / "dataset.json").is_file()


def test_a_gate_says_in_every_format_why_an_unsigned_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passport.json"
    path.write_text(json.dumps(passport()))
    call = ["validate", str(path), "--offline", "--at", "2026-11-01", "--require", "secured"]
    code, out, _ = assay(*call)
    assert code == 1 and f"{path} (unsigned: a secured document is required)" in out
    code, out, _ = assay(*call, "--format", "junit")
    suite = ElementTree.fromstring(out).find("testsuite[@name='require secured']")
    assert code == 1 and suite is not None and suite.get("failures") == "1"
    code, out, _ = assay(*call, "--format", "json")
    assert code == 1 and json.loads(out)["subjects"][0]["verdict"] == "not_conformant"
