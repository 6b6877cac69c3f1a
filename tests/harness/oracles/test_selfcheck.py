"""The self-check of a world: green where labels are true, red where one line of data, truth or labels was changed by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.harness.oracles.diff import compare
from assay.harness.oracles.registry import decisives, oracles
from assay.harness.oracles.selfcheck import SelfCheck, self_check
from assay.harness.oracles.store import OracleError, Store
from tests.deceptions_worlds import Deceived, little, little_text
from tests.harness.oracles.worlds import Copied

CODES = ("F18", "F37", "F38", "F41")
WORLD = """[
  {pattern: F18, severity: 0.5, twins: 1}, {pattern: F38, twins: 1}, {pattern: F41, twins: 1},
  {pattern: F37, twins: 1, at: [west-hydroxide-plant, east-hydroxide-plant]}
]"""


def checked(folder: Path) -> SelfCheck:
    some = {code: oracles()[code] for code in CODES}
    return self_check(
        folder,
        little().folder,
        seen_by=some,
        decided_by={code: decisives()[code] for code in CODES},
    )


def differences(folder: Path) -> list[str]:
    """What differs without a label; no decider is asked."""
    rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    return compare(Store(folder), Store(little().folder), rows)


@pytest.fixture(scope="module")
def world() -> Deceived:
    return little(WORLD)


@pytest.fixture
def copied(world: Deceived, tmp_path: Path) -> Copied:
    return Copied(world.folder, tmp_path / "world")


def labels(copied: Copied, change: Callable[[dict[str, Any]], None], instance: str) -> None:
    """Change one label."""
    rows = [json.loads(line) for line in (copied.folder / "labels.jsonl").read_text().splitlines()]
    change(next(row for row in rows if row["instance"] == instance))
    copied.write("labels.jsonl", *rows)


def test_a_world_as_it_was_written_is_as_labelled(world: Deceived) -> None:
    found = checked(world.folder)
    assert (found.false_sightings, found.differences) == ((), ())
    assert [one.problems for one in found.instances] == [()] * 8
    assert found.ok
    assert {one.visible_ok for one in found.instances} == {True}
    assert json.loads(json.dumps(found.to_json()))["ok"] is True


def test_a_credential_that_differs_without_a_label_is_found(copied: Copied, world: Deceived) -> None:
    named = {
        url for label in world.labels.values() for key in ("root", "changed", "added") for url in label[key]
    }
    url = next(one for one in sorted(world.tokens) if "/dfr/" in one and one not in named)
    copied.edit(url, lambda document: document.update(name="Another name"))
    told = f"{url} is changed compared with the honest world, and no label says so"
    assert differences(copied.folder) == [told]
    found = checked(copied.folder)
    assert found.differences == (told,)
    assert found.false_sightings == (f"the oracle of F38 fires on {url}: changed after it was signed",)
    assert not found.ok


def test_a_credential_that_is_added_or_gone_without_a_label_is_found(copied: Copied, world: Deceived) -> None:
    named = {
        url for label in world.labels.values() for key in ("root", "changed", "added") for url in label[key]
    }
    gone = next(one for one in sorted(world.tokens) if "/dte/" in one and one not in named)
    (row,) = [row for row in copied.rows("credentials") if row["url"] == gone]
    copied.change(gone, lambda _: None)
    copied.add("credentials", {**row, "url": f"{gone}-more"})
    assert set(differences(copied.folder)) == {
        f"{gone} is absent compared with the honest world, and no label says so",
        f"{gone}-more is added compared with the honest world, and no label says so",
    }


def test_a_label_that_claims_too_much_is_found(copied: Copied, world: Deceived) -> None:
    url = next(iter(sorted(world.tokens)))
    labels(copied, lambda label: label["changed"].append(url), "F38-1")
    assert differences(copied.folder) == [f"{url} is labelled as changed, and it is not"]


def test_a_label_with_another_root_is_found(copied: Copied, world: Deceived) -> None:
    other = world.labels["F38-1t"]["root"]
    labels(copied, lambda label: label.update(root=other), "F38-1")
    labels(copied, lambda label: label.update(root=[]), "F18-1")
    labels(copied, lambda label: label.update(root=["https://nowhere.example/credentials/dte/1"]), "F41-1")
    found = checked(copied.folder)
    problems = {one.instance: one for one in found.instances if not one.ok}
    assert problems["F18-1"].problems[0] == "the label names no root credential"
    assert problems["F41-1"].problems[0] == (
        "the root https://nowhere.example/credentials/dte/1 is not published"
    )
    one = problems.pop("F38-1")
    assert (one.instance, one.decisive_ok, one.visible_ok) == ("F38-1", False, False)
    assert one.problems == (
        "the decisive check of F38 does not fire on any root credential",
        "the oracle of F38 sees nothing on a root credential at scope 1",
    )
    assert not found.ok


def test_a_fraud_that_is_labelled_as_a_twin_is_found(copied: Copied) -> None:
    labels(copied, lambda label: label.update(honest=True), "F38-1")
    found = checked(copied.folder)
    (one,) = [one for one in found.instances if not one.ok]
    assert one.problems == (
        "the decisive check of F38 fires on an honest twin: says more than was loaded",
        "the oracle of F38 fires on an honest twin: changed after it was signed",
    )
    assert len(found.false_sightings) == 2, "then nobody is labelled as having done it"


def test_an_act_that_is_missing_is_found(copied: Copied) -> None:
    lines = (copied.folder / "acts.jsonl").read_text(encoding="utf-8").splitlines()
    left = [line for line in lines if json.loads(line)["act"] != "revoked"]
    assert len(left) == len(lines) - 1
    (copied.folder / "acts.jsonl").write_text("\n".join(left) + "\n", encoding="utf-8")
    (one,) = [one for one in checked(copied.folder).instances if not one.ok]
    assert (one.instance, one.decisive_ok, one.visible_ok) == ("F41-1", False, True)


def test_a_bit_without_a_label_is_found(copied: Copied, world: Deceived) -> None:
    lists = [one.url for one in world.view.resources("status-list")]
    url = next(
        one
        for one in lists
        if one not in str(list(world.labels.values())) and world.view.store.body(one) is not None
    )
    copied.set_bit(url, 77_000)
    assert (
        f"bit 77000 of the status list {url} differs, and no labelled credential has this place"
        in differences(copied.folder)
    )


@pytest.mark.parametrize("role", ["did", "linkset", "register", "open-data", "page", "scheme", "resolver"])
def test_shared_documents_that_differ_without_a_label_are_found(
    role: str, copied: Copied, world: Deceived
) -> None:
    known = {did.removeprefix("did:web:") for label in world.labels.values() for did in label["actors"]}
    url = next(
        one.url
        for one in world.view.resources(role)
        if one.url.split("/")[2] not in known and "anchor" not in one.url
    )

    def change(row: dict[str, Any]) -> dict[str, Any]:
        value = json.loads(row["body"]) if role != "page" else None
        return {
            **row,
            "body": json.dumps({**value, "more": 1}) if isinstance(value, dict) else row["body"] + " ",
        }

    copied.change(url, change)
    (found,) = differences(copied.folder)
    assert url in found


def test_keys_that_appear_in_an_old_did_document_only_are_found(copied: Copied, world: Deceived) -> None:
    known = {did.removeprefix("did:web:") for label in world.labels.values() for did in label["actors"]}
    url = next(
        url for url, place in sorted(world.view.store.places.items())
        if place.role == "snapshot" and url.endswith("/did.json") and url.split("/archive/")[1].split("/")[1] not in known
    )  # fmt: skip

    def change(row: dict[str, Any]) -> dict[str, Any]:
        value = json.loads(row["body"])
        value["verificationMethod"].append({"id": "did:web:nobody.example#1"})
        return {**row, "body": json.dumps(value)}

    copied.change(url, change)
    (found,) = differences(copied.folder)
    assert found.startswith(f"the snapshot {url} holds keys that its honest original does not")


def test_a_pattern_that_nobody_decides_is_a_problem(world: Deceived) -> None:
    found = self_check(world.folder, little().folder, seen_by={}, decided_by={})
    assert not found.ok
    assert {"no decisive check for F38", "no oracle for F38"} <= {
        p for one in found.instances for p in one.problems
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda label: label.pop("root"), "label F38-1 has no root"),
        (lambda label: label.update(scope="Z"), "a label has the scope 'Z'; there are 1, C and X"),
    ],
)
def test_labels_that_cannot_be_read_are_an_error(
    change: Callable[[dict[str, Any]], None], told: str, copied: Copied
) -> None:
    labels(copied, change, "F38-1")
    with pytest.raises(OracleError, match=told):
        checked(copied.folder)


def test_a_world_without_labels_has_nothing_to_check(copied: Copied) -> None:
    (copied.folder / "labels.jsonl").unlink()
    with pytest.raises(OracleError, match="holds no labels"):
        checked(copied.folder)


# at the command line


def command(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "assay.cli", "simulate", *arguments], capture_output=True, timeout=240, check=False
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_command_says_what_is_there_and_ends_with_0(tmp_path: Path) -> None:
    scenario = tmp_path / "little.yaml"
    scenario.write_text(
        little_text("[{pattern: F18, severity: 0.5, twins: 1}, {look_alike: B24}]"), encoding="utf-8"
    )
    out = tmp_path / "world"
    code, told, errors = command(
        str(scenario), "--format", "jsonl", "--workers", "1", "--out", str(out), "--self-check"
    )
    assert (code, errors) == (0, ""), told
    lines = told.splitlines()
    assert lines[2].split() == ["instance", "pattern", "decisive", "visible", "twin", "clean"]
    assert lines[3].split() == ["F18-1", "forged-certificate", "yes", "yes", "(C)", "yes"]
    assert lines[4].split() == ["B24-1", "tampered-credential", "-", "-", "yes"]
    assert lines[-1].startswith(
        "self-check: 1 deception of 1 pattern, 2 honest look-alikes: all there, all visible, all twins clean, "
        "nothing else differs from the honest world ("
    )
    assert json.loads((out / "self-check.json").read_bytes())["ok"] is True
    assert {path.name for path in tmp_path.iterdir()} == {"little.yaml", "world"}, "the honest world is gone"


@pytest.mark.parametrize(
    ("deceptions", "more", "told"),
    [
        ("", (), "--self-check: scenario 'cl-kr-de' has no deceptions, so there is nothing to check"),
        (
            "[{pattern: F18}]",
            ("--untp", "0.6.1"),
            "--self-check reads documents of UNTP 0.7.0; leave out --untp 0.6.1",
        ),
    ],
)
def test_where_there_is_nothing_to_check_nothing_is_made(
    deceptions: str, more: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    scenario = tmp_path / "little.yaml"
    scenario.write_text(little_text(deceptions), encoding="utf-8")
    code, out, errors = command(str(scenario), "--out", str(tmp_path / "world"), "--self-check", *more)
    assert (code, out, errors.count("\n")) == (2, "", 1)
    assert told in errors
    assert list(tmp_path.iterdir()) == [scenario]
