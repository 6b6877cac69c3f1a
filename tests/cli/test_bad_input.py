"""Hostile and broken material through the command line: a finding that says what and where, in bounded time and memory,
and the rest is still judged; a wrong flag or file is one line and exit code 2."""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

AT = "2026-11-01"
BASES = Path(__file__).resolve().parents[2] / "fixtures" / "bases"


def assay(*arguments: str, stdin: bytes | None = None, memory: int | None = None) -> tuple[int, str, str]:
    """Run the command as a user does; ``memory`` limits its address space in bytes."""

    def limit() -> None:
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    done = subprocess.run(
        [sys.executable, "-m", "assay.cli", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        preexec_fn=limit,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def judged(
    *arguments: str, stdin: bytes | None = None, memory: int | None = None
) -> tuple[int, dict[str, Any]]:
    code, out, err = assay(
        "validate", *arguments, "--offline", "--at", AT, "--format", "json", stdin=stdin, memory=memory
    )
    assert "Traceback" not in err, err
    return code, json.loads(out)


def failed(report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {row["requirement"]: row["findings"] for row in report["results"] if row["outcome"] == "failed"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(header: dict[str, Any], payload: Any, signature: bytes = b"x" * 64) -> str:
    return ".".join((b64(json.dumps(header).encode()), b64(json.dumps(payload).encode()), b64(signature)))


def passport() -> dict[str, Any]:
    return json.loads((BASES / "dpp.json").read_text())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "truncated.jwt",
            token({"alg": "ES256", "typ": "vc+jwt"}, passport())[:-200].rsplit(".", 1)[0].encode(),
        ),
        ("cut.jwt", token({"alg": "ES256", "typ": "vc+jwt"}, passport())[:500].encode()),
        ("duplicate.json", b'{"id": "a", "id": "b", "type": ["VerifiableCredential"]}'),
        ("latin.json", '{"name": "Erzgebirge M\xfcnze"}'.encode("latin-1")),
        ("nan.json", b'{"type": ["VerifiableCredential"], "x": NaN}'),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000),
        ("empty.json", b""),
        ("list.json", b"[1, 2]"),
        ("binary.json", bytes(range(256))),
        ("bom.json", b'\xef\xbb\xbf{"type": ["VerifiableCredential"]}'),
    ],
)
def test_broken_bytes_get_a_finding_that_names_what_and_where(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, report = judged(str(path), memory=1_500_000_000)
    assert code == 1
    assert report["subjects"][0]["verdict"] == "not_conformant"
    findings = [finding for rows in failed(report).values() for finding in rows]
    assert any(finding["at"]["source"].endswith(name) and finding["received"] for finding in findings)


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_unsafe_algorithms_are_refused_and_named(tmp_path: Path, alg: str) -> None:
    path = tmp_path / "unsafe.jwt"
    path.write_text(token({"alg": alg, "typ": "vc+jwt", "kid": "did:web:a.example#k"}, passport()))
    code, report = judged(str(path))
    assert code == 1
    assert any(alg in finding["received"] for rows in failed(report).values() for finding in rows)


def test_a_200_mb_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)
    code, report = judged(str(path), memory=1_500_000_000)
    assert code == 1
    assert any("10" in finding["expected"] for rows in failed(report).values() for finding in rows)


def test_one_bad_file_among_a_thousand_does_not_hide_the_others(tmp_path: Path) -> None:
    template = passport()
    for number in range(999):
        template["id"] = f"https://a.example/credentials/{number}"
        (tmp_path / f"p{number:04}.json").write_text(json.dumps(template))
    (tmp_path / "p0500x.json").write_bytes(b'{"type": [')
    code, report = judged(str(tmp_path))
    assert code == 1
    verdicts = [subject["verdict"] for subject in report["subjects"]]
    assert len(verdicts) == 1000
    assert verdicts.count("not_conformant") == 1


def test_a_linkset_that_points_inside_is_named_and_never_followed(tmp_path: Path) -> None:
    path = tmp_path / "linkset.json"
    targets = ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://127.0.0.1/x"]
    linkset = {
        "linkset": [
            {
                "anchor": "https://id.a.example/1",
                "dpp": [{"href": target, "title": "t"} for target in targets],
            }
        ]
    }
    path.write_text(json.dumps(linkset))
    code, report = judged(str(path))
    assert code == 1
    told = json.dumps(failed(report))
    assert all(target in told for target in targets)


def test_standard_input_is_read(tmp_path: Path) -> None:
    code, report = judged("-", stdin=json.dumps(passport()).encode())
    assert code == 0
    assert report["verdict"] == "document_valid"
    assert report["subjects"][0]["source"] == "standard input"


def test_a_gate_refuses_unsigned_documents(tmp_path: Path) -> None:
    code, report = judged("-", "--require", "secured", stdin=json.dumps(passport()).encode())
    assert code == 1
    assert report["verdict"] == "not_conformant"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["validate", "nowhere.json"], ["nowhere.json", "no file"]),
        (["validate", "-", "--at", "yesterday"], ["--at", "yesterday", "ISO 8601"]),
        (["validate", "-", "--format", "pdf"], ["--format", "pdf", "console"]),
        (["validate", "-", "--require", "signed"], ["--require", "signed", "secured"]),
        (["validate", "-", "--profile", "untp-9"], ["untp-9", "untp-0.7"]),
        (["validate", "-", "--artefacts", "/nonexistent"], ["/nonexistent"]),
        (["explain", "STS-999"], ["STS-999", "did you mean"]),
        (["validate", "-", "--ofline"], ["--ofline", "--offline"]),
        (["run", "nowhere.toml"], ["nowhere.toml"]),
        (["simulate", "no-such-scenario"], ["no-such-scenario", "au-kr-de-nmc811"]),
    ],
)
def test_a_wrong_call_is_one_clear_line_and_exit_code_2(
    arguments: list[str], words: list[str], tmp_path: Path
) -> None:
    code, out, err = assay(*arguments, stdin=b"{}")
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert all(word in err for word in words), err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- a\n", ["mapping"]),
        ("Copper cathode: 0.9\n", ["Copper cathode", "element"]),
        ("Copper cathode: {Copper: 0.9}\n", ["Copper", "symbol"]),
        ("Copper cathode: {Cu: 90}\n", ["Copper cathode.Cu", "90"]),
        ("Copper cathode: {Cu: !!python/object/apply:os.system ['x']}\n", ["cannot be read"]),
    ],
)
def test_wrong_assumptions_name_key_value_and_mend(content: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "assume.yaml"
    path.write_text(content)
    code, _, err = assay("validate", "-", "--assume", str(path), stdin=b"{}")
    assert code == 2
    assert all(word in err for word in words), err


def test_many_repeated_keys_and_many_types_end_in_time(tmp_path: Path) -> None:
    """Both took minutes: the square of their number. The command is given a minute."""
    repeated = ",".join(f'"k{number}":1,"k{number}":1' for number in range(200_000))
    (tmp_path / "keys.json").write_text("{" + repeated + "}")
    typed = passport()
    typed["issuer"]["type"] = [f"Party{number}" for number in range(40_000)]
    (tmp_path / "types.json").write_text(json.dumps(typed))
    for name in ("keys.json", "types.json"):
        code, report = judged(str(tmp_path / name))
        assert code == 1 and failed(report)


def test_a_file_name_that_is_no_utf_8_is_written_as_an_escape_in_every_report(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.json")).write_bytes(b"x")
    (tmp_path / "dpp.json").write_text(json.dumps(passport()))
    code, report = judged(str(tmp_path), "--out", str(tmp_path / "out"))
    assert code == 1
    assert [subject["source"].rsplit("/", 1)[1] for subject in report["subjects"]] == [
        "dpp.json",
        "\\udcff.json",
    ]
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"report.html", "report.json", "junit.xml"}


LONG = "a" * 300


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("validate", ""), "source '' is empty"),
        (("validate", str(BASES / "dpp.json"), "--at", "0001-01-01T00:00:00+14:00"), "between the years 1 and 9999"),
        (("validate", str(BASES / "dpp.json"), "--at", "9999-12-31T23:59:59-14:00"), "between the years 1 and 9999"),
        (("simulate", "--seed", str(2**64), "--out", "world"), "'--seed'"),
        (("validate", LONG), "too long for the name of a file"),
        (("profile", "check", LONG), "too long for the name of a file"),
        (("simulate", "--out", LONG), "too long for the name of a file"),
        (("world", "check", LONG), "too long for the name of a file"),
    ],
)  # fmt: skip
def test_what_no_flag_can_mean_is_one_error(
    arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = assay(*arguments)
    assert (code, out) == (2, "") and told in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[" * 3000, "x: {Cu: 2024-02-30}", f"x: {{Cu: {'9' * 5000}}}"])
def test_assumptions_that_are_hostile_yaml_are_one_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "assumed.yaml").write_text(text)
    code, _, err = assay("validate", str(BASES / "dpp.json"), "--assume", str(tmp_path / "assumed.yaml"))
    assert code == 2 and "assumed.yaml' cannot be read as YAML" in err and "Traceback" not in err
