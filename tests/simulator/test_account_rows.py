"""Rows of the accounts beside the ledger say what the papers say, exactly."""

from __future__ import annotations

import pickle

import orjson
import pytest

from assay.simulator import simulate
from assay.simulator.account_rows import account_row
from assay.simulator.claim_kinds import BatchClaim
from assay.simulator.claims import claims_of

from .custody_worlds import BOOK_AND_CLAIM, MASS_BALANCE, scenario_with


@pytest.mark.parametrize(
    ("account", "kinds"),
    [
        (MASS_BALANCE, {"footprint", "custody"}),
        (BOOK_AND_CLAIM, {"footprint", "credit", "retirement"}),
    ],
)
def test_every_account_leaves_rows_that_can_be_written(account: dict[str, object], kinds: set[str]) -> None:
    world = simulate(scenario_with(account), 7)
    found = [(claim, account_row(claim)) for claim in claims_of(world, world.ledger.facts)]
    rows = [row for _, row in found if row is not None]
    assert {row["account"] for row in rows} == kinds
    assert all(orjson.loads(orjson.dumps(row)) == row for row in rows)
    assert all(pickle.loads(pickle.dumps(claim)) == claim for claim, _ in found)
    batches = [(claim, row) for claim, row in found if isinstance(claim, BatchClaim)]
    assert len(batches) == len(world.ledger.lots)
    for claim, row in batches:
        assert row is not None
        each = row["carbon"]["cradle-to-gate"] * 1000 / claim.lot.material.mass
        assert claim.carbon <= each
        assert (row["custody"] is None) == (claim.custody is None)


def test_the_rows_of_a_mass_balance_add_up_exactly() -> None:
    world = simulate(scenario_with(MASS_BALANCE), 7)
    rows = [row for claim in claims_of(world, world.ledger.facts) if (row := account_row(claim)) is not None]
    statements = [row for row in rows if row["account"] == "custody"]
    claimed = [row["custody"] for row in rows if row.get("custody") is not None]
    assert statements
    for row in statements:
        allowed = row["conforming"] * row["yield"] // 1_000_000
        assert row["opening"] + allowed - row["claimed"] == row["closing"] >= 0
        inside = [lot["conforming"] for lot in claimed if lot["start"] == row["start"]]
        assert sum(inside) == row["claimed"]
