"""Burdens follow the goods: nothing appears, nothing is lost, blends are weighted means, only live goods are remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.burdens import NOTHING, Burden, Factors, Recycled, Stock, allocate, summed
from assay.simulator.chemistry import PPM
from assay.simulator.facts import Conversion, Fact, Source
from assay.simulator.operations import run as run_operations
from assay.simulator.scenario import load_scenario
from assay.simulator.sustainability import Footprint, Sustainability, sustainability_row
from assay.simulator.world import World, build_world

AMOUNTS = st.integers(0, 10**15)
PARTS = st.builds(Recycled, AMOUNTS, AMOUNTS)
BURDENS = st.builds(
    Burden, AMOUNTS, AMOUNTS, AMOUNTS, st.dictionaries(st.sampled_from(["Li", "Co", "Cu"]), PARTS, max_size=3)
)


def figures(burden: Burden) -> tuple[int, int, int, dict[str, tuple[int, int]]]:
    recycled = {e: (r.pre, r.post) for e, r in burden.recycled.items() if r.pre or r.post}
    return burden.carbon, burden.water, burden.energy, recycled


@given(BURDENS, st.integers(1, 10**12), st.lists(st.integers(1, 10**12), max_size=10))
def test_draws_from_a_heap_add_up_to_what_was_put_there(burden: Burden, mass: int, wanted: list[int]) -> None:
    stock = Stock()
    stock.put("here", "lot", mass, burden)
    taken, left = [], mass
    for amount in wanted:
        if amount <= left:
            taken.append(stock.draw("here", "lot", amount))
            left -= amount
        else:
            with pytest.raises(ValueError, match="do not lie"):
                stock.draw("here", "lot", amount)
        assert figures(summed([*taken, stock.total()])) == figures(burden)
    if left:
        taken.append(stock.draw("here", "lot", left))
    assert len(stock) == 0
    assert figures(summed(taken)) == figures(burden)


@given(
    BURDENS,
    st.lists(
        st.tuples(st.integers(1, 10**12), st.dictionaries(st.sampled_from(["Li", "Co", "Cu"]), AMOUNTS)),
        min_size=1,
        max_size=5,
    ),
    st.dictionaries(st.sampled_from(["Li", "Co", "Cu"]), AMOUNTS),
)
def test_co_products_share_all_burdens_and_losses_carry_only_recycled_matter(
    total: Burden, outputs: list[tuple[int, dict[str, int]]], losses: dict[str, int]
) -> None:
    weights, contents = [mass for mass, _ in outputs], [content for _, content in outputs]
    shares = allocate(total, weights, contents, losses)
    together = summed(shares)
    assert (together.carbon, together.water, together.energy) == (total.carbon, total.water, total.energy)
    for element, part in total.recycled.items():
        kept = together.recycled.get(element, Recycled())
        assert 0 <= kept.pre <= part.pre
        assert 0 <= kept.post <= part.post
        held = sum(content.get(element, 0) for content in contents)
        if held and not losses.get(element):
            assert kept == part
    for weight, share in zip(weights, shares, strict=True):
        assert abs(share.carbon * sum(weights) - total.carbon * weight) <= 2 * sum(weights)


@given(st.lists(st.tuples(st.integers(1, 10**10), st.integers(0, 50 * PPM)), min_size=1, max_size=6))
def test_the_intensity_of_a_blend_is_the_weighted_mean_of_its_materials(
    materials: list[tuple[int, int]],
) -> None:
    drawn = [Factors(carbon=factor).of(mass) for mass, factor in materials]
    mass = sum(mass for mass, _ in materials)
    (blend,) = allocate(summed(drawn), [mass], [{}], {})
    mean = sum(mass * factor for mass, factor in materials)
    assert 0 <= mean - blend.carbon * PPM < len(materials) * PPM
    assert min(f for _, f in materials) * mass <= mean <= max(f for _, f in materials) * mass


def run(world: World) -> Iterator[tuple[Fact, dict[str, Footprint], Sustainability]]:
    accounts = Sustainability(world)
    for fact in world.ledger.facts:
        yield fact, dict(accounts.on(fact).footprints), accounts


def test_everything_that_was_caused_is_in_goods_or_with_customers(world: World) -> None:
    *_, (_, _, accounts) = run(world)
    kept = summed((accounts.live(), accounts.gone))
    caused = accounts.caused
    assert (kept.carbon, kept.water, kept.energy) == (caused.carbon, caused.water, caused.energy)
    assert caused.carbon > 0


def test_cradle_to_gate_is_never_below_the_weighted_materials(world: World) -> None:
    prints: dict[str, Footprint] = {}
    judged = 0
    for fact, made, _ in run(world):
        prints |= made
        if isinstance(fact, Conversion):
            upstream = sum(
                prints[portion.lot.id].total.carbon * portion.mass // portion.lot.material.mass
                for portion in fact.inputs
            )
            total = sum(made[lot.id].total.carbon for lot in fact.outputs)
            own = sum(made[lot.id].own.carbon for lot in fact.outputs)
            assert total - own >= upstream - len(fact.inputs) * 2
            judged += 1
        for footprint in made.values():
            assert footprint.carbon["cradle-to-gate"] >= footprint.carbon["gate-to-gate"] > 0
    assert judged == len(list(world.ledger.conversions())) > 0


def test_only_goods_that_exist_are_remembered(world: World) -> None:
    left: dict[str, int] = {}
    *_, (_, _, accounts) = run(world)
    for fact in world.ledger.facts:
        if isinstance(fact, Source):
            left[fact.lot.id] = fact.lot.material.mass
        elif isinstance(fact, Conversion):
            for lot in fact.outputs:
                left[lot.id] = lot.material.mass
            for portion in fact.inputs:
                left[portion.lot.id] -= portion.mass
    live = [lot for lot, mass in left.items() if mass]
    assert len(live) <= accounts.heaps() <= 4 * len(live)


def test_a_row_of_the_ledger_repeats_the_totals(world: World) -> None:
    for fact, made, _ in run(world):
        if isinstance(fact, Conversion):
            lot = fact.outputs[0]
            row = sustainability_row(lot, made[lot.id])
            assert row["carbon"]["cradle-to-gate"] == made[lot.id].total.carbon
            assert row["lot"] == lot.id
            assert row["recycled"] == {}
            return
    raise AssertionError("the world made nothing")


def test_recycled_share_of_a_lot_is_by_mass_of_the_element() -> None:
    footprint = Footprint({}, 0, 0, {"Cu": Recycled(pre=100_000, post=200_000)}, None, NOTHING, NOTHING)
    assert footprint.recycled_share({"Cu": 500, "Al": 500}, 1000) == 150_000


def test_what_comes_back_from_use_is_post_consumer_and_scrap_of_others_pre_consumer() -> None:
    scenario = load_scenario("recycling-loop")
    accounts = Sustainability(build_world(scenario, 7))
    recovered: dict[str, Recycled] = {}
    waste: list[Footprint] = []
    for fact in run_operations(scenario, 7):
        for lot, made in accounts.on(fact).footprints.items():
            product = lot.split("/")[1]
            if product == "black-mass":
                for element, part in made.recycled.items():
                    known = recovered.get(element, Recycled())
                    recovered[element] = Recycled(max(known.pre, part.pre), max(known.post, part.post))
                    assert PPM - 2 <= part.pre + part.post <= PPM
            elif product == "cell-scrap":
                waste.append(made)
            if made.recycled:
                assert all(0 <= part.pre + part.post <= PPM for part in made.recycled.values())
    assert recovered["Ni"].post > 0
    assert recovered["Ni"].pre > 0
    assert waste
    assert all(made.total.carbon == 0 for made in waste)
    kept = summed((accounts.live(), accounts.gone))
    assert (kept.carbon, kept.water) == (accounts.caused.carbon, accounts.caused.water)
