"""The handbook of deceptions: complete, sourced, free of contradictions, and on paper as it is in the YAML."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.profiles.contracts.labels import SCHEMA, Label, label_problems
from assay.profiles.deceptions import handbook
from assay.profiles.deceptions.handbook import (
    HandbookError,
    LookAlike,
    Pattern,
    UnknownPattern,
    contradiction,
    find,
    load,
    look_alikes,
    patterns,
    sources,
)
from assay.profiles.deceptions.terms import (
    DEPTHS,
    FAMILIES,
    REGISTERS,
    SCOPES,
    Aspect,
    Depth,
    Family,
    Register,
    Scope,
)

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(handbook.__file__).parent
ENTRIES: list[Pattern | LookAlike] = [*patterns().values(), *look_alikes().values()]
TOOL = runpy.run_path(str(ROOT / "tools" / "handbook.py"))

NAMES = [
    "mass-balance-overclaim",
    "impossible-yield",
    "credential-double-spend",
    "credit-double-count",
    "ghost-supplier",
    "licensed-mine-laundering",
    "dormant-site-output",
    "lapsed-permit",
    "origin-laundering",
    "smuggled-transit",
    "impossible-travel",
    "opaque-middleman",
    "circular-trading",
    "ban-evasion",
    "grade-inflation",
    "phantom-cargo",
    "trade-misinvoicing",
    "forged-certificate",
    "unaccredited-certifier",
    "out-of-scope-accreditation",
    "expired-certificate",
    "revoked-certificate",
    "facility-mismatch",
    "site-mark-as-product-claim",
    "achievement-inflation",
    "criterion-swap",
    "captive-certifier",
    "bribed-permit",
    "carbon-cherry-picking",
    "boundary-shift",
    "recycled-content-overclaim",
    "functional-unit-trick",
    "missing-consent",
    "labour-omission",
    "misplaced-facility",
    "look-alike-domain",
    "compromised-key",
    "tampered-credential",
    "cloned-passport",
    "dual-issuance",
    "status-list-manipulation",
    "too-perfect-ledger",
    "back-dated-issuance",
]


def test_forty_three_patterns_and_twenty_four_look_alikes_stand_in_order() -> None:
    assert [(row.code, row.name) for row in patterns().values()] == [
        (f"F{number:02}", name) for number, name in enumerate(NAMES, 1)
    ]
    assert list(look_alikes()) == [f"B{number:02}" for number in range(1, 25)]


def test_every_look_alike_is_the_twin_of_a_pattern_and_every_twin_a_look_alike() -> None:
    assert {row.twin for row in patterns().values()} == set(look_alikes())
    for other in look_alikes().values():
        assert patterns()[other.stands_for].twin == other.code


def test_metadata_and_technical_patterns_are_the_agreed_ones() -> None:
    assert {row.code for row in patterns().values() if row.metadata} == {"F11", "F28", "F36", "F40", "F43"}
    assert {row.code for row in patterns().values() if row.technical} == {
        "F08",
        "F21",
        "F22",
        "F36",
        "F37",
        "F38",
    }


def test_every_family_of_crime_every_custody_model_and_both_untp_pages_have_patterns() -> None:
    assert {row.family for row in patterns().values()} == set(FAMILIES)
    rests_on = {text for row in patterns().values() for text in row.sources}
    must = [key for key in sources() if key.startswith(("unicri-", "custody-", "untp-mass", "untp-trust"))]
    assert len(must) == 6 + 5 + 2
    assert [key for key in must if sources()[key] not in rests_on] == []


def test_every_source_carries_an_entry() -> None:
    assert set(sources().values()) == {text for row in ENTRIES for text in row.sources}


@pytest.mark.parametrize("row", ENTRIES, ids=lambda row: row.code)
def test_an_entry_reads_as_sentences(row: Pattern | LookAlike) -> None:
    told = (
        (row.who, row.how, row.check, row.confused_with, row.twin_how)
        if isinstance(row, Pattern)
        else (row.what, row.why_honest)
    )
    for text in told:
        assert 40 <= len(text) <= 600 and text[0].isupper() and text.endswith("."), text
        assert "\n" not in text
    assert len(set(told)) == len(told)
    assert not row.title.endswith(".") and row.title[0].isupper()


def test_what_two_patterns_bend_at_one_target_is_named() -> None:
    by = patterns()
    assert contradiction(by["F08"], by["F28"]) == ("permit-validity",)
    assert contradiction(by["F06"], by["F28"]) == ()
    assert contradiction(by["F29"], by["F30"]) == ("carbon",)
    assert contradiction(by["F18"], by["F36"]) == ()
    assert contradiction(by["F06"], by["F09"]) == ()
    for one in by.values():
        assert contradiction(one, one) == one.touches


def test_the_closed_words_all_have_a_meaning_and_a_use() -> None:
    rows = patterns().values()
    for words, meanings, used in (
        (Family, FAMILIES, {row.family for row in rows}),
        (Depth, DEPTHS, {row.depth for row in rows}),
        (Scope, SCOPES, {row.scope for row in rows}),
        (Register, REGISTERS, {name for row in rows for name in row.registers}),
    ):
        assert set(get_args(words)) == set(meanings) == used
    assert set(get_args(Aspect)) == {aspect for row in rows for aspect in row.touches}


@given(st.sampled_from(ENTRIES), st.sampled_from([str.upper, str.title, lambda name: name.replace("-", " ")]))
def test_an_entry_is_found_by_code_and_by_name_however_written(
    row: Pattern | LookAlike, written: Callable[[str], str]
) -> None:
    assert find(row.code.lower()) is row
    assert find(f" {written(row.name)} ") is row


@given(st.sampled_from(ENTRIES), st.data())
def test_a_slip_of_the_keys_is_offered_the_name_that_was_meant(
    row: Pattern | LookAlike, data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(row.name) - 2))
    slipped = row.name[:at] + row.name[at + 1] + row.name[at] + row.name[at + 2 :]
    assume(slipped != row.name)
    with pytest.raises(UnknownPattern) as caught:
        find(slipped)
    assert row.name in caught.value.nearest
    assert row.name in str(caught.value)


@given(st.text(max_size=3000))
def test_no_text_breaks_the_search(text: str) -> None:
    try:
        found = find(text)
    except UnknownPattern as error:
        assert len(str(error)) < 400 and "\n" not in str(error)
    else:
        assert found in ENTRIES


Change = Callable[[dict[str, Any], dict[str, Any]], object]
REFUSED: dict[str, tuple[Change, str]] = {
    "no source": (lambda f, b: f["F32"].pop("sources"), "F32.sources: name at least one source"),
    "an empty list of sources": (lambda f, b: f["F40"].update(sources=[]), "F40.sources: name at least one"),
    "a source nobody knows": (lambda f, b: b["B03"].update(sources=["hearsay"]), "'hearsay' is not in"),
    "no check": (lambda f, b: f["F02"].pop("check"), "F02.check: Field required"),
    "an empty sentence": (lambda f, b: f["F02"].update(who=""), "F02.who"),
    "a key of its own": (lambda f, b: f["F02"].update(colour="red"), "F02.colour"),
    "an unknown family": (lambda f, b: f["F02"].update(family="theft"), "F02.family"),
    "an unknown aspect": (lambda f, b: f["F02"].update(touches=["soul"]), "F02.touches.0"),
    "nothing that it bends": (lambda f, b: f["F02"].update(touches=[]), "F02.touches"),
    "an unknown register": (lambda f, b: f["F02"].update(registers=["gossip"]), "F02.registers.0"),
    "a difficulty of six": (lambda f, b: f["F02"].update(difficulty=6), "F02.difficulty"),
    "a tolerance of everything": (lambda f, b: f["F02"].update(tolerance_ppm=1_000_000), "F02.tolerance_ppm"),
    "a twin nobody knows": (lambda f, b: f["F02"].update(twin="B77"), "F02.twin: look-alike 'B77'"),
    "a name twice": (lambda f, b: f["F02"].update(name="ghost-supplier"), "'ghost-supplier' is that of F02"),
    "a code of another kind": (lambda f, b: f.update(G01=f["F01"]), "G01"),
    "standing for a stranger": (lambda f, b: b["B10"].update(stands_for="F01"), "B10.stands_for: 'F01'"),
    "no mapping": (lambda f, b: f.update(F02=[1]), "F02: a mapping is wanted"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_loader_refuses(name: str, tmp_path: Path) -> None:
    change, message = REFUSED[name]
    for file in FOLDER.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    frauds, honest = (
        yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
        for file in ("patterns.yaml", "look_alikes.yaml")
    )
    change(frauds, honest)
    (tmp_path / "patterns.yaml").write_text(yaml.safe_dump(frauds), encoding="utf-8")
    (tmp_path / "look_alikes.yaml").write_text(yaml.safe_dump(honest), encoding="utf-8")
    with pytest.raises(HandbookError) as caught:
        load(tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text", ["F02: {}\nF02: {}\n", "F02: {name: a, name: b}\n", "- 1\n", "a: [\n", "{}: 1\n"]
)
def test_the_loader_refuses_yaml_that_means_two_things_or_none(text: str, tmp_path: Path) -> None:
    for file in FOLDER.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "patterns.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(HandbookError, match=r"patterns\.yaml"):
        load(tmp_path)


def test_the_page_is_what_the_handbook_says() -> None:
    page = (ROOT / "docs" / "deceptions.md").read_text(encoding="utf-8")
    assert page == TOOL["page"](), "run: python tools/handbook.py"
    for row in ENTRIES:
        assert f'<a id="{row.code.lower()}"></a>' in page


def label(**changes: Any) -> dict[str, Any]:
    return {**TOOL["EXAMPLE"], **changes}


def test_a_label_of_a_deception_and_of_its_twin_are_in_order() -> None:
    assert label_problems(label()) == []
    twin = label(instance="F02-1t", twin="F02-1", honest=True, look_alike="B10", tainted={})
    assert label_problems(twin) == []
    alone = label(instance="B10-3", twin=None, honest=True, look_alike="B10", tainted={}, actors=[], root=[])
    assert label_problems(alone) == []
    part = label(instance="laundered-1-F02", composite="laundered-1", twin=None)
    assert label_problems(part) == []
    assert label_problems(label(severity=0.019, below_tolerance=True)) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"instance": "F2-1"}, "instance"),
        ({"code": "F44", "pattern": "a"}, "code"),
        ({"pattern": "grade-inflation"}, "pattern"),
        ({"scope": "X"}, "scope"),
        ({"scope": "2"}, "scope"),
        ({"registers": ["price-index"]}, "registers"),
        ({"registers": ["gossip"]}, "registers"),
        ({"severity": 0}, "severity"),
        ({"severity": 1.5}, "severity"),
        ({"severity": 0.019}, "below_tolerance"),
        ({"honest": True, "look_alike": "B10", "tainted": {}, "below_tolerance": True}, "below_tolerance"),
        ({"honest": True, "tainted": {}}, "look_alike"),
        ({"honest": True, "look_alike": "B99", "tainted": {}}, "look_alike"),
        ({"honest": True, "look_alike": "B10"}, "tainted"),
        ({"look_alike": "B10"}, "look_alike"),
        ({"tainted": {"https://a.example/1": 0.0009}}, "tainted"),
        ({"tainted": {"lot 7": 0.5}}, "tainted"),
        ({"actors": []}, "actors"),
        ({"actors": ["Harbour Refining"]}, "actors"),
        ({"targets": []}, "targets"),
        ({"root": []}, "root"),
        ({"root": ["https://a.example/1"], "absent": ["https://a.example/1"]}, "root"),
        ({"changed": ["https://a.example/1"], "added": ["https://a.example/1"]}, "changed"),
        ({"from": "2026-03-02"}, "from"),
        ({"from": "2026-03-02T06:00:00+01:00"}, "from"),
        ({"from": "2026-13-02T06:00:00Z"}, "from"),
        ({"from": "2026-03-10T06:00:00Z"}, "until"),
        ({"twin": "F02-1"}, "twin"),
        ({"flag": True}, "label"),
    ],
)
def test_what_is_wrong_with_a_label_is_told_with_its_place(changes: dict[str, Any], place: str) -> None:
    problems = label_problems(label(**changes))
    assert problems and all(problem.startswith(place) for problem in problems), problems


@pytest.mark.parametrize("member", sorted(Label.__annotations__))
def test_no_member_of_a_label_may_be_missing(member: str) -> None:
    row = label()
    del row[member]
    assert any(f'"{member}" is a required property' in problem for problem in label_problems(row))


def test_schema_type_and_handbook_name_the_same_members_and_words() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    properties = schema["properties"]
    assert list(properties) == list(Label.__annotations__) == schema["required"]
    assert set(properties["registers"]["items"]["enum"]) == set(REGISTERS)
    assert set(properties["scope"]["enum"]) == set(SCOPES)
    assert all(member["description"].endswith(".") for member in properties.values())
