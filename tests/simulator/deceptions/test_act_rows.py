"""Rows of what people really did."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from assay.simulator.deceptions.acts import Acts


@pytest.mark.parametrize("zone", [UTC, None])
def test_times_are_written_as_everywhere_with_zone_or_without(zone: object) -> None:
    rows = list[bytes]()
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    Acts(rows.append).add(
        "paid", moment if zone else moment.replace(tzinfo=None), "did:web:a.example", {"amount": 5}
    )
    assert rows == [b'{"act":"paid","time":"2026-02-03T04:05:06Z","by":"did:web:a.example","amount":5}\n']
    assert json.loads(rows[0])["time"] == "2026-02-03T04:05:06Z"
