"""The catalogue: every row has a check or a reason, every check a row, levels decide as they should, reading is exact."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from assay.harness.checks import load_checks
from assay.profiles.catalogue import (
    COMPILED,
    CatalogueError,
    CheckKind,
    Requirement,
    load_profile,
    load_profiles,
    profile_names,
    read_yaml,
)

ROOM = COMPILED.parent
AREAS = {"VCP", "VRF", "STS", "DID", "JLD", "DPP", "DCC", "DFR", "DTE", "DIA", "CVC", "IDR"}


@pytest.fixture(scope="module")
def rows() -> dict[str, Requirement]:
    return load_profiles(tuple(profile_names()))


def test_the_compiled_catalogue_is_what_the_yaml_says() -> None:
    compiled = json.loads(COMPILED.read_text(encoding="utf-8"))
    files = sorted([*ROOM.glob("*/profile.yaml"), *ROOM.glob("*/requirements/*.yaml")])
    current = {
        path.relative_to(ROOM).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "content": read_yaml(path),
        }
        for path in files
    }
    assert compiled == current, "run: python tools/compile_catalogue.py"


def test_every_reference_requirement_stands_in_the_catalogue(
    rows: dict[str, Requirement], requirements_folder: Path
) -> None:
    reference = json.loads((requirements_folder / "untp-0.7.json").read_text(encoding="utf-8"))[
        "requirements"
    ]
    assert len(reference) == 626
    for row in reference:
        ours = rows[row["id"]]
        assert ours.level.value == row["level"], row["id"]
        assert ours.status.value == row["status"], row["id"]
        assert list(ours.role) == row["role"], row["id"]


def test_enough_is_judged_and_most_of_it_is_what_schemas_do_not_see(
    rows: dict[str, Requirement], requirements_folder: Path
) -> None:
    reference = json.loads((requirements_folder / "untp-0.7.json").read_text(encoding="utf-8"))[
        "requirements"
    ]
    seen_by = {row["id"]: row["seen_by"] for row in reference}
    judged = {row.id for row in rows.values() if row.check is not None and row.id in seen_by}
    applied_unseen = {row for row in judged if seen_by[row] and not set(seen_by[row]) & set("SF")}
    live = {
        identifier
        for identifier, checks in load_checks().items()
        if identifier in judged and any(check.trial for check in checks)
    }
    assert len(judged) >= 390
    assert len(applied_unseen) >= 60
    assert len(live) >= 40
    assert {row.partition("-")[0] for row in judged} >= AREAS


def test_every_check_has_a_row_and_every_code_row_a_check(rows: dict[str, Requirement]) -> None:
    code = {row.id for row in rows.values() if row.check is CheckKind.CODE}
    other_sides = {
        row.id for row in rows.values() if row.check is CheckKind.SCHEMA and row.follows == "schema"
    }
    assert code | other_sides == set(load_checks())


def test_implies_and_same_as_name_rows_that_exist(rows: dict[str, Requirement]) -> None:
    named = {other for row in rows.values() for other in (*row.implies, *row.same_as)}
    assert named - rows.keys() == set()


def test_only_normative_musts_decide_unless_the_profile_was_asked_for() -> None:
    plain = load_profiles(("untp-0.7", "custody"))
    assert plain["VCP-014"].decides_conformity
    assert not plain["DPP-061"].decides_conformity
    assert not plain["G-101"].decides_conformity
    assert load_profiles(("untp-0.7", "custody"), ("custody",))["G-101"].decides_conformity


def test_an_unknown_profile_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(CatalogueError, match=r"'untp-9' is unknown; choose one of: .*untp-0\.7"):
        load_profile("untp-9")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"check": None, "not_checked": None}, "either 'check' or 'not_checked'"),
        ({"check": "code", "not_checked": "planned"}, "either 'check' or 'not_checked'"),
        ({"check": "schema", "places": ()}, "'places' is required for check: schema"),
        ({"check": "graph", "rules": ()}, "'rules' belongs to check: graph"),
        ({"level": "OUGHT"}, "level"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(
    rows: dict[str, Requirement], change: dict[str, object], words: str
) -> None:
    row = rows["VCP-014"].model_dump(mode="json", exclude={"decisive"}) | change
    with pytest.raises(ValueError, match=words):
        Requirement(**row)  # type: ignore[arg-type]
