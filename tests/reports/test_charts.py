"""The map of the chain: every site and flow is drawn, loops end, text from credentials is escaped."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.reports.charts import chain_map, mass

NAMES = st.sampled_from([f"site-{number}" for number in range(8)])
CHAINS = st.fixed_dictionaries(
    {
        "root": st.just("site-0"),
        "sites": st.lists(
            st.fixed_dictionaries({"id": NAMES, "name": st.text(max_size=40), "stage": st.integers(0, 5)}),
            min_size=1,
            max_size=8,
            unique_by=lambda site: site["id"],
        ),
        "flows": st.lists(
            st.fixed_dictionaries(
                {"source": NAMES, "target": NAMES, "product": st.text(max_size=20)},
                optional={"mass_kg": st.floats(0, 1e9), "elements": st.just({"Li": 3.0})},
            ),
            max_size=12,
        ),
    }
)


@settings(max_examples=80, deadline=None)
@given(CHAINS)
def test_any_chain_is_drawn_whole_and_well_formed(chain: dict[str, Any]) -> None:
    printable = "".join(c if c.isprintable() else "?" for c in str(chain_map(chain)))
    drawing = ElementTree.fromstring(printable)
    svg = "{http://www.w3.org/2000/svg}"
    boxes = [box for box in drawing.iter(f"{svg}rect") if box.get("class") == "box"]
    assert len(boxes) == len(chain["sites"])
    known = {site["id"] for site in chain["sites"]}
    pairs = {(flow["source"], flow["target"]) for flow in chain["flows"]}
    assert len(list(drawing.iter(f"{svg}path"))) == len([p for p in pairs if set(p) <= known])


def test_a_site_stands_before_everything_it_delivers_to() -> None:
    sites = [{"id": name, "name": name, "stage": 1} for name in ("mine", "refinery", "pack", "foil")]
    flows = [
        {"source": "mine", "target": "refinery"},
        {"source": "refinery", "target": "pack"},
        {"source": "mine", "target": "pack"},
        {"source": "foil", "target": "pack"},
    ]
    drawing = ElementTree.fromstring(str(chain_map({"sites": sites, "flows": flows})))
    svg = "{http://www.w3.org/2000/svg}"
    at = {
        group.findall(f"{svg}text")[0].text: float(group.find(f"{svg}rect").get("x", "0"))  # type: ignore[union-attr]
        for group in drawing.iter(f"{svg}g")
    }
    assert at["mine"] < at["refinery"] < at["pack"]
    assert at["foil"] == at["refinery"]


def test_an_empty_chain_draws_nothing() -> None:
    assert chain_map({"sites": [], "flows": []}) == ""


def test_masses_are_told_in_kilograms_and_tonnes() -> None:
    assert (mass(2.5), mass(850.0), mass(1500.0), mass(3_347_014.0)) == (
        "2.5 kg",
        "850 kg",
        "1.5 t",
        "3,347 t",
    )
