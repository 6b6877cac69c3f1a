"""The page of a case: whole, escaped, self-contained; its picture draws every site, loops or not, and nothing overlaps."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.profiles.contracts.story import Chain, Flow, Lot, Site
from assay.reports.story.page import render
from assay.reports.story.picture import described, tall, wide
from tests.reports.story_sample import HOSTILE, chain, story

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [f"site-{number}" for number in range(9)]
LOTS = st.builds(
    Lot,
    id=st.text(max_size=8),
    product=st.sampled_from(["Ore", "Metal", "Slag & <dust>"]),
    number=st.text(max_size=12),
    root=st.booleans(),
    share=st.floats(0, 1),
)
CHAINS = st.builds(
    lambda count, lots, flows, papers: Chain(
        tuple(
            Site(name, f"Works {name} <&>", "Party", "DE", rank, tuple(lots[rank]), tuple(papers if rank == 1 else ()))
            for rank, name in enumerate(NAMES[:count])
        ),
        tuple(flows),
    ),
    st.integers(1, len(NAMES)),
    st.lists(st.lists(LOTS, max_size=7), min_size=len(NAMES), max_size=len(NAMES)),
    st.lists(
        st.builds(
            Flow,
            source=st.sampled_from(NAMES),
            target=st.sampled_from(NAMES),
            kg=st.none() | st.floats(),
            consignments=st.integers(0, 50),
            papers=st.sampled_from([(), (1,), tuple(range(1, 12))]),
        ),
        max_size=14,
        unique_by=lambda flow: (flow.source, flow.target),
    ).map(lambda some: [flow for flow in some if flow.source != flow.target]),
    st.lists(st.integers(1, 20), max_size=9, unique=True),
)  # fmt: skip


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    found = []
    for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
        if rect.get("class") == "box":
            x, y, width, height = (float(rect.get(key, "nan")) for key in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
    return found


@given(CHAINS)
@settings(max_examples=25, deadline=None)
def test_both_pictures_draw_every_site_apart_from_the_others_and_within_the_frame(some: Chain) -> None:
    for picture in (str(wide(some, "A chain")), str(tall(some, "A chain"))):
        root = ElementTree.fromstring(picture)
        _, _, width, height = map(float, root.get("viewBox", "").split())
        drawn = boxes(picture)
        assert len(drawn) == len(some.sites)
        for left, top, right, bottom in drawn:
            assert left >= 0 and top >= 0 and right <= width and bottom <= height
        for (a, b, c, d), (e, f, g, h) in combinations(drawn, 2):
            assert c <= e or g <= a or d <= f or h <= b, "two sites overlap"
        known = {site.id for site in some.sites}
        flows = [flow for flow in some.flows if {flow.source, flow.target} <= known]
        assert sum("flow" in (path.get("class") or "") for path in root.iter(f"{SVG}path")) == len(flows)


def test_the_picture_goes_from_suppliers_to_customers_and_a_return_moves_nobody() -> None:
    mine, smelter, market = boxes(str(wide(chain(), "A chain")))
    assert mine[2] < smelter[0] and smelter[2] < market[0]


def test_a_long_chain_goes_on_in_a_second_row() -> None:
    sites = tuple(Site(name, name, "", "", rank, ()) for rank, name in enumerate(NAMES[:8]))
    flows = tuple(Flow(a, b, 1.0, 1) for a, b in pairwise(NAMES[:8]))
    drawn = boxes(str(wide(Chain(sites, flows), "A chain")))
    assert drawn[4][0] == drawn[0][0] and drawn[4][1] > drawn[0][3]


def test_root_and_taint_are_words_and_shapes_not_only_colours() -> None:
    picture = str(wide(chain(), "A chain"))
    assert "◆" in picture and "25%" in picture and 'class="tag"' in picture
    text = described(chain())
    assert "Old Mine (root: 10-2501-0001; papers 1; 1 tainted)" in text and "1.5 t in 2 consignments" in text


def test_hostile_text_is_escaped_everywhere() -> None:
    page = render(story(HOSTILE))
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page and "{{7*7}}" in page
    assert not set("\x00\u202e") & set(page)
    for svg in re.findall(r"<svg.*?</svg>", page, re.S):
        ElementTree.fromstring(svg)


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    page = render(story())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None and policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy[1] and "unsafe" not in policy[1]
    links = re.findall(r'\b(?:href|src|url)[=(]"?([^")\s>]+)', page)
    assert links and all(link.startswith(("#", "data:,")) for link in links)
    assert "style=" not in page, "a style of an element would need a hole in the policy"


def test_every_link_within_the_page_has_a_place_and_every_name_is_given_once() -> None:
    page = render(story())
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(names)


@pytest.mark.parametrize("honest", [False, True])
def test_the_eight_sections_are_there_for_a_fraud_and_for_a_twin(honest: bool) -> None:
    page = render(story(honest=honest))
    heads = re.findall(r'<h2><span class="n">(\d)</span>([^<]+)</h2>', page)
    assert [int(number) for number, _ in heads] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert heads[5][1] == ("The fraud it looks like" if honest else "The honest situation beside it")
    assert ("Honest</span>" if honest else "Deception</span>") in page
    for told in (
        "1,500",
        "1,000",
        "+500 (+50%)",
        "says more",
        "W3C",
        "below tolerance",
        "/validFrom".replace("/", "/<wbr>"),
    ):
        assert (told in page) is not (honest and told == "says more")  # deciders are silent on a twin


def test_a_case_without_goods_and_without_rows_says_so() -> None:
    bare = replace(story(), chain=Chain((), ()), papers=(), touched=(), happenings=(), happenings_more=0)
    page = render(bare)
    assert "<svg" not in page
    for told in ("No goods hang on this case", "No root credential", "Neither ledger nor acts"):
        assert told in page
