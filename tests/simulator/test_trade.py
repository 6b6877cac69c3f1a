"""Prices, invoices, and where customs says that goods come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator import simulate
from assay.simulator.chemistry import PPM
from assay.simulator.issuance.abouts import Receipt
from assay.simulator.publication import Publication
from assay.simulator.tables import invoice_lines, to_parquet
from assay.simulator.trade import (
    contract_price,
    customs_origin,
    index_price,
    invoice_of,
    invoice_rows,
    material_origins,
    substantially_transformed,
)
from assay.simulator.trade_prices import price_table
from assay.simulator.world import World, build_world

from .governance_worlds import governed, governed_data

HS = {
    "spodumene-ore": "2530.90",
    "spodumene-concentrate": "2530.90",
    "lithium-hydroxide": "2825.20",
    "cathode-powder": "2841.90",
}
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def publication() -> Publication:
    return Publication(simulate(governed(), 7))


@pytest.fixture(scope="module")
def world(publication: Publication) -> World:
    return publication.world


def coded(**changes: Any) -> World:
    data = governed_data()
    for product in data["products"]:
        product["hs"] = (HS | changes).get(product["id"])
    return build_world(governed(data), 7)


@given(moment=MOMENTS, product=st.sampled_from(sorted(HS)))
def test_contract_prices_stay_within_the_band_around_the_index(
    world: World, moment: datetime, product: str
) -> None:
    entry = price_table(world.scenario.trade)[product]
    index = index_price(world, product, moment)
    least, most = entry.price.value - entry.price.spread, entry.price.value + entry.price.spread
    assert least * 100 <= index + 1
    assert index <= most * 100
    price = contract_price(world, product, "seller", "buyer", moment)
    assert abs(price - index) <= index * int(entry.band * PPM) // PPM + 1


@given(day=st.integers(1, 28), other=st.integers(1, 28), month=st.integers(1, 12))
def test_a_price_holds_for_a_month(world: World, day: int, other: int, month: int) -> None:
    one, two = (datetime(2026, month, d, 12, tzinfo=UTC) for d in (day, other))
    prices = {contract_price(world, "lithium-hydroxide", "a", "b", moment) for moment in (one, two)}
    assert len(prices) == 1


def test_an_invoice_bills_what_was_sent(publication: Publication, world: World) -> None:
    moves = publication.book.claims.moves
    invoices = {move.consignment: invoice_of(world, move) for move in moves}
    assert any(invoice is None for invoice in invoices.values())  # within one company
    for move in moves:
        invoice = invoices[move.consignment]
        route = world.scenario.routes[move.route]
        ends = [world.facilities[place].operator.id for place in (route.origin, route.destination)]
        if invoice is None:
            assert ends[0] == ends[1]
            continue
        assert [invoice.seller.id, invoice.buyer.id] == ends
        assert sum(line.grams for line in invoice.lines) == sum(quantity.grams for quantity in move.sent)
        assert invoice.total == sum(line.grams * line.price // 10**6 for line in invoice.lines) > 0
    numbers = [invoice.number for invoice in invoices.values() if invoice]
    assert len(set(numbers)) == len(numbers)


def test_goods_processed_for_a_fee_are_not_sold_to_the_plant() -> None:
    data = governed_data()
    next(site for site in data["sites"] if site["facility"] == "saenal-refinery")["toll_for"] = (
        "tinderbush-lithium"
    )
    world = simulate(governed(data), 7)
    moves = Publication(world).book.claims.moves
    routes = world.scenario.routes
    to_plant = next(m for m in moves if routes[m.route].destination == "saenal-refinery")
    onwards = next(m for m in moves if routes[m.route].origin == "saenal-refinery")
    assert invoice_of(world, to_plant) is None
    invoice = invoice_of(world, onwards)
    assert invoice is not None
    assert invoice.seller.id == "tinderbush-lithium"


def test_shipments_link_their_papers_with_digests(publication: Publication, world: World) -> None:
    for entry in publication.book.agenda.entries:
        if not entry.key.startswith("ship/"):
            continue
        document = publication.renderer.render(entry)
        pages = {page.url: page for page in publication.book.passing()}
        invoice = invoice_of(world, entry.about.move)
        links = [
            link
            for link in document["credentialSubject"][0]["relatedDocument"]
            if link["linkType"] == "describedby"
        ]
        assert len(links) == (0 if invoice is None else 2 if invoice.exported else 1)
        assert all(pages[link["linkURL"]].digest == link["digestMultibase"] for link in links)


def test_rows_of_invoices_are_plain(publication: Publication, world: World) -> None:
    rows = [row for move in publication.book.claims.moves for row in invoice_rows(world, move)]
    assert rows
    assert len({tuple(row) for row in rows}) == 1
    assert all(isinstance(row["cents"], int) and row["currency"] == "USD" for row in rows)


def test_no_invoices_where_none_are_wanted(publication: Publication, world: World) -> None:
    quiet = replace(world, scenario=world.scenario.model_copy(update={"trade": type(world.scenario.trade)()}))
    assert all(invoice_of(quiet, move) is None for move in publication.book.claims.moves)


def test_customs_origin_follows_the_last_change_of_heading() -> None:
    world = coded()
    assert not substantially_transformed(world, "tinderbush-concentrator", "spodumene-concentrate")
    assert substantially_transformed(world, "saenal-refinery", "lithium-hydroxide")
    assert customs_origin(world, "tinderbush-concentrator", "spodumene-concentrate") == "AU"
    assert customs_origin(world, "saenal-refinery", "lithium-hydroxide") == "KR"
    assert material_origins(world, "saenal-refinery", "lithium-hydroxide") == ("AU",)


def test_mere_repacking_does_not_change_customs_origin() -> None:
    world = coded(**{"lithium-hydroxide": "2530.10"})  # as if it stayed in the heading of the ore
    assert customs_origin(world, "saenal-refinery", "lithium-hydroxide") == "AU"


def test_one_certificate_of_origin_per_exporter_product_and_period(
    publication: Publication, world: World
) -> None:
    entries = [e for e in publication.book.agenda.entries if e.key.startswith("origin/")]
    assert len({e.key for e in entries}) == len(entries) > 0
    first = {}
    for move in publication.book.claims.moves:
        route = world.scenario.routes[move.route]
        ends = {world.facilities[place].nation for place in (route.origin, route.destination)}
        if len(ends) > 1:
            period = (move.departed - world.scenario.start).days // world.scenario.trade.period_days
            for quantity in move.sent:
                key = f"origin/{quantity.lot.facility}/{quantity.lot.product}/{period + 1}"
                first.setdefault(key, move.departed)
                first[key] = min(first[key], move.departed)
    assert first.keys() == {e.key for e in entries}
    assert all(e.valid_from < first[e.key] for e in entries)
    assert all(e.issuer.role == "customs" for e in entries)


def test_a_certificate_tells_customs_origin_from_material_origin(publication: Publication) -> None:
    entry = next(
        e for e in publication.book.agenda.entries if e.key.startswith("origin/haneul-cathode-plant/")
    )
    subject = publication.renderer.render(entry)["credentialSubject"]
    conditions = subject["conformityAssessment"][0]["specifiedCondition"]
    assert conditions[0].startswith("Customs origin: KR")
    assert conditions[1] == "Materials won in: AU, KR"


def test_invoices_stand_in_a_table_beside_the_credentials(
    publication: Publication, world: World, tmp_path: Path
) -> None:
    lines = [pair for entry in publication.book.agenda.entries for pair in invoice_lines(world, entry)]
    assert {table for table, _ in lines} == {"invoices"}
    source, target = tmp_path / "invoices.jsonl", tmp_path / "invoices.parquet"
    source.write_bytes(b"".join(orjson.dumps(row) + b"\n" for _, row in lines))
    assert to_parquet("invoices", [source], target) == len(lines)
    query = f"SELECT SUM(cents), MIN(issued) FROM '{target}'"
    total, first = duckdb.sql(query).fetchall()[0]
    assert total == sum(row["cents"] for _, row in lines)
    assert first.year == world.scenario.start.year


def test_receipts_of_moist_goods_link_what_both_parties_settled(
    publication: Publication, world: World
) -> None:
    exchanges = 0
    for entry in publication.book.agenda.entries:
        if not isinstance(entry.about, Receipt):
            continue
        document = publication.renderer.render(entry)
        links = [
            link
            for link in document["credentialSubject"][0]["relatedDocument"]
            if "/settlements/" in link["linkURL"]
        ]
        pages = {page.url: page for page in publication.book.passing()}
        moist = [quantity.lot for quantity in entry.about.move.received if quantity.lot.material.moisture]
        assert len(links) == bool(moist and invoice_of(world, entry.about.move))
        for link in links:
            page = pages[link["linkURL"]]
            assert page.digest == link["digestMultibase"]
            assert all(world.lot_number(lot) in page.body.decode() for lot in moist)
            assert "seller Li " in page.body.decode() and "settled Li " in page.body.decode()
            exchanges += 1
    assert exchanges


def test_customs_offices_publish_the_index_of_what_leaves_their_nation(
    publication: Publication, world: World
) -> None:
    found = [r for r in publication.open_data() if r.url.endswith("/registers/reference-prices")]
    assert found
    for register in found:
        entries = orjson.loads(register.body)["entries"]
        first = entries[0]
        product = next(p for p in world.products.values() if p.name == first["product"])
        assert round(first["pricePerTonne"] * 100) == index_price(world, product.id, world.scenario.start)
        months = {entry["month"] for entry in entries}
        assert {f"{world.scenario.start:%Y-%m}", f"{world.scenario.as_of:%Y-%m}"} <= months
