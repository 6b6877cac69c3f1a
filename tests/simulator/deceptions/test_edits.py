"""Changes to rendered documents as data."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.issuance.edits import Edit, EditError, edited


def document() -> dict[str, Any]:
    return {
        "name": "Lot", "a/b": 1, "list": [{"name": "first, of all"}, {"name": "second", "value": 2.50}],
        "quantity": {"value": 12.345, "unit": "KGM"}, "count": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "at", "value"),
    [
        (Edit("/name", "Other"), ("name",), "Other"),
        (Edit("/new", "here"), ("new",), "here"),
        (Edit("/a~1b", 2), ("a/b",), 2),
        (Edit("/list/1/name", "third"), ("list", 1, "name"), "third"),
        (Edit("/list/?name~first/name", "x"), ("list", 0, "name"), "x"),
        (Edit("/list/-", {"name": "last"}), ("list", 2), {"name": "last"}),
        (Edit("/quantity/value", scale=2_000_000), ("quantity", "value"), 24.69),
        (Edit("/count", scale=1_500_000), ("count",), 10),
    ],
)
def test_a_pointer_leads_to_one_place_and_nothing_else_changes(
    edit: Edit, at: tuple[Any, ...], value: Any
) -> None:
    before = document()
    after: Any = edited(before, [edit])
    assert before == document(), "the document itself stays as it is"
    found = after
    for step in at:
        found = found[step]
    assert found == value
    rest = document()
    outer: Any = rest
    for step in at[:-1]:
        outer = outer[step]
    if isinstance(outer, list) and at[-1] == len(outer):
        outer.append(value)
    else:
        outer[at[-1]] = value
    assert after == rest


def test_every_element_is_changed_by_a_star() -> None:
    after = edited(document(), [Edit("/list/*/name", "one")])
    assert [one["name"] for one in after["list"]] == ["one", "one"]


def test_members_and_elements_can_be_dropped() -> None:
    after = edited(document(), [Edit("/quantity/unit", drop=True), Edit("/list/0", drop=True)])
    assert after["quantity"] == {"value": 12.345}
    assert [one["name"] for one in after["list"]] == ["second"]


@pytest.mark.parametrize(
    "edit",
    [
        Edit("/none/name", "x"),
        Edit("/none", drop=True),
        Edit("/list/5", "x"),
        Edit("/list/?name~fourth/name", "x"),
        Edit("/name", scale=2_000_000),
        Edit("/name/inner", "x"),
        Edit("/none", scale=2_000_000),
    ],
)
def test_a_pointer_that_leads_nowhere_is_a_defect(edit: Edit) -> None:
    with pytest.raises(EditError, match=edit.pointer.split("/")[1].replace("?", r"\?")):
        edited(document(), [edit])


@given(st.decimals(min_value="0.001", max_value=10**6, places=3), st.integers(1_000, 4_000_000))
def test_a_scaled_number_keeps_its_decimals(number: Any, scale: int) -> None:
    before = float(number)
    after = edited({"value": before}, [Edit("/value", scale=scale)])["value"]
    assert len(str(after).partition(".")[2]) <= max(1, len(str(before).partition(".")[2]))
    places = len(str(before).partition(".")[2])
    assert after == pytest.approx(before * scale / 1e6, abs=0.51 * 10**-places)


@given(
    st.lists(
        st.sampled_from([Edit("/name", "x"), Edit("/list/-", {"name": "y"}), Edit("/count", scale=2_000_000)])
    )
)
def test_edits_follow_one_another(edits: list[Edit]) -> None:
    one_by_one = document()
    for edit in edits:
        one_by_one = edited(one_by_one, [edit])
    assert edited(copy.deepcopy(document()), edits) == one_by_one
