"""What the plan of a scenario says, asked for many times and made once."""

from __future__ import annotations

import pytest

from assay.simulator import load_scenario
from assay.simulator.deceptions import plans
from assay.simulator.deceptions.plans import planned_deliveries, planned_lots
from assay.simulator.operations.plan import make_plan


def test_guests_need_no_new_plan_and_another_demand_does(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(plans, "_last", None)
    monkeypatch.setattr(plans, "make_plan", lambda *asked: made.append(asked) or make_plan(*asked))
    scenario = load_scenario("crossroads")
    lots = planned_lots(scenario)
    guests = scenario.model_copy(update={"parties": [*scenario.parties, scenario.parties[0]]})
    assert planned_lots(guests) is lots
    assert planned_deliveries(scenario, "kr-lithium-refinery") > 0
    assert len(made) == 1
    fewer = scenario.model_copy(update={"demand": None, "demands": list(scenario.wants[:1])})
    assert sum(planned_lots(fewer).values()) < sum(lots.values())
    planned_lots(fewer.model_copy(update={"sites": list(fewer.sites)}))
    assert len(made) == 3
