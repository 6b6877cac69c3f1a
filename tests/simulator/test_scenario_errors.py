"""A scenario that cannot be used: one error with file, line, key, value and mend, exit code 2, and nothing written."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

from assay.cli import main
from assay.simulator import ScenarioError, load_scenario
from assay.simulator.operations.kernel import Operation
from assay.simulator.scenario import parse_scenario, scenario_names

PAGE = """\
name: page
title: A short page
start: 2026-01-12T00:00:00Z
as_of: 2026-11-01T00:00:00Z
nations: [AU, KR]
demand: {facility: refinery, product: lithium-hydroxide, tonnes: 20}
sites:
  mine: {process: spodumene-mine, nation: AU, near: [-21.03, 118.90]}
  mill:
    process: spodumene-concentrator
    nation: AU
    near: [-21.05, 118.95]
    operator: mine
    from: mine
  refinery:
    process: spodumene-hydroxide-refinery
    nation: KR
    near: [34.92, 127.71]
    from: mill
    parameters:
      yield: 0.88
routes:
  mine > mill: conveyor 6
  mill > refinery: [road 130, port-hedland-gwangyang]
permits: {mine: 400000}
"""
CUSTODY = """\
governance: {schemes: [chain-of-custody]}
custody:
  - model: mass-balance
    facilities: [refinery]
    products: [lithium-hydroxide]
    element: Li
    conforming: [mill]
    period_days: 0
    yield: {value: 0.85, unit: part, source: declared}
"""
OWNERS = """\
parties:
  - {id: one, name: One Ltd, nation: AU, kind: operator, description: A firm, activity: ["0729", Mining], address: {street: 1 A St, postcode: "1", locality: A, region: B}, registered: 2001-01-01, owner: two}
  - {id: two, name: Two Ltd, nation: AU, kind: operator, description: A firm, activity: ["0729", Mining], address: {street: 2 A St, postcode: "1", locality: A, region: B}, registered: 2001-01-01, owner: one}
"""


def changed(old: str, new: str, more: str = "") -> str:
    assert old in PAGE
    return PAGE.replace(old, new, 1) + more


CASES = {
    "unknown key": (changed("    from: mill\n", "    form: mill\n"), 19, "sites.refinery.form", "'from'"),
    "unknown key at the top": (changed("title:", "tittle:"), 2, "tittle", "did you mean 'title'"),
    "negative yield": (changed("yield: 0.88", "yield: -0.1"), 21, "sites.refinery.parameters.yield", "-0.1"),
    "yield above one": (
        changed("yield: 0.88", "yield: {value: 1.2, unit: part, source: a wish}"), 21, "sites.refinery.parameters.yield", "1.2",
    ),
    "route without a distance": (changed("[road 130,", "[road,"), 24, "routes.mill > refinery", "in kilometres: 'road 310'"),
    "leg without a distance": (
        changed("[road 130,", "[{mode: road, days: [1, 2]},"), 24, "km", "give the distance as travelled, in kilometres",
    ),
    "unknown leg": (changed("port-hedland-gwangyang", "port-hedland-gwangjang"), 24, "routes.mill > refinery", "'port-hedland-gwangyang'"),
    "missing nation": (changed("    nation: KR\n", "    nation: NZ\n"), 17, "sites.refinery.nation", "add it there or change it"),
    "no nation": (changed("    nation: KR\n", ""), 15, "sites.refinery.nation", "give the code"),
    "nation outside the library": (changed("[AU, KR]", "[AU, XX]"), 5, "nations.XX", "choose from"),
    "nation that reads as false": (changed("[AU, KR]", "[AU, NO]"), 5, "nations", "put it in quotes"),
    "cyclic ownership": (PAGE + OWNERS, 27, "parties.one.owner", "circle"),
    "period of zero": (PAGE + CUSTODY, 33, "custody.0.period_days", "at least one day"),
    "demand beyond the permit": (changed("tonnes: 20", "tonnes: 900000"), 25, "annual_limit_t", "raise it"),
    "demand beyond the time": (
        changed("tonnes: 20}", "tonnes: 20, days: 280}"), 6, "demand.days", "lower days or start earlier",
    ),
    "place outside its nation": (changed("[34.92, 127.71]", "[34.92, 12.71]"), 18, "facilities.refinery", "check latitude"),
    "unknown process": (changed("spodumene-concentrator", "spodumene-concentrater"), 10, "sites.mill.process", "did you mean 'spodumene-concentrator'"),
    "unknown origin": (changed("    from: mill\n", "    from: mil\n"), 19, "sites.refinery.from", "'mill'"),
    "no route": (changed("  mine > mill: conveyor 6\n", ""), 14, "sites.mill.inputs.spodumene-ore", "there is no route"),
    "value outside its range": (changed("yield: 0.88", "yield: 0.99"), 21, "sites.refinery.parameters.yield", "0.85 to 0.9"),
    "key twice": (changed("title: A short page\n", "title: A\ntitle: B\n"), 3, "title", "twice"),
    "alias": (changed("title: A short page\n", "title: &a A\ndescription: *a\n"), 3, "aliases", "write the values out"),
    "tag": (changed("title: A short page", "title: !!python/name:os.system x"), 2, "tags", "remove it"),
    "depth": (changed("title: A short page", "title: " + "[" * 40 + "]" * 40), 2, "nested deeper", "flatten it"),
    "not a number": (changed("yield: 0.88", "yield: .nan"), 21, ".nan", "write a plain one"),
    "huge number": (changed("tonnes: 20", "tonnes: " + "9" * 400), 6, "99", "write a plain one"),
    "huge exponent": (changed("tonnes: 20", "tonnes: 1.0e+300"), 6, "1.0e+300", "write a plain one"),
    "no date": (changed("2026-11-01T00:00:00Z", "2026-13-01T00:00:00Z"), 4, "2026-13-01", "is no date"),
    "not YAML": (changed("title: A short page", "title: [A"), 3, "not readable as YAML", "mend the syntax"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "mend"), CASES.values(), ids=CASES)
def test_what_cannot_be_used_is_named_with_its_place_and_nothing_is_written(
    text: str,
    line: int,
    key: str,
    mend: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    page, out = tmp_path / "page.yaml", tmp_path / "world"
    page.write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["assay", "simulate", str(page), "--out", str(out)])
    with pytest.raises(SystemExit) as caught:
        main()
    gc.enable()
    gc.unfreeze()
    told = capfd.readouterr().err.splitlines()
    assert caught.value.code == 2
    assert told[0].startswith(f"assay: {page}:{line}: "), told
    assert key in told[0] and mend in told[0], told
    assert list(tmp_path.iterdir()) == [page]


def test_the_page_itself_can_be_used() -> None:
    scenario = parse_scenario(PAGE.encode())
    assert [site.facility for site in scenario.sites] == ["mine", "mill", "refinery"]


def test_a_value_that_a_number_cannot_hold_in_text_is_refused_too() -> None:
    with pytest.raises(ScenarioError, match=r"page:6: .*tonnes"):
        parse_scenario(changed("tonnes: 20", "tonnes: '1e999999'").encode(), "page")


@pytest.mark.parametrize("value", ["[]", "7", "x", "{a: 1}", "[1, 2]", "null", "[[1]]", "2026-01-01"])
@pytest.mark.parametrize("line", range(PAGE.count("\n")))
def test_whatever_stands_in_a_place_is_understood_or_refused_in_words(line: int, value: str) -> None:
    lines = PAGE.splitlines()
    key, _, _ = lines[line].partition(": ")
    lines[line] = f"{key.rstrip(':')}: {value}"
    try:
        parse_scenario("\n".join(lines).encode(), "page")
    except ScenarioError as error:
        assert all(told.startswith("page:") for told in str(error).splitlines())


def test_a_name_that_is_not_shipped_is_answered_with_those_that_are() -> None:
    with pytest.raises(ScenarioError, match="cl-kr-de"):
        load_scenario("atlantis")


def test_what_fails_only_at_the_end_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def too_little(self: Operation, end: int) -> None:
        raise ScenarioError("sites.refinery: only 0 of 1 lots were there by as_of; start earlier")

    page, out = tmp_path / "page.yaml", tmp_path / "world"
    page.write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(Operation, "_check_done", too_little)
    monkeypatch.setattr(sys, "argv", ["assay", "simulate", str(page), "--out", str(out), "--workers", "1"])
    with pytest.raises(SystemExit) as caught:
        main()
    gc.enable()
    gc.unfreeze()
    assert caught.value.code == 2
    assert f"{page}:15: sites.refinery: only 0 of 1 lots" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == [page]


def test_the_shipped_scenarios_are_listed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["assay", "simulate", "--list"])
    with pytest.raises(SystemExit):
        main()
    gc.enable()
    gc.unfreeze()
    lines = capfd.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == scenario_names()


@pytest.mark.parametrize("value", ["1e999999", "-1e999999", "1e16", "nan", "Infinity"])
def test_a_margin_out_of_all_measure_is_refused(value: str) -> None:
    margin = f"margin: {{value: '{value}', unit: '1', source: a wish}}\n"
    with pytest.raises(ScenarioError, match=r"page:26: margin\.value: received"):
        parse_scenario((PAGE + margin).encode(), "page")
