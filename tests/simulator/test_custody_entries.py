"""Custody accounts that a scenario cannot have: one line each, with key, value and mend."""

from __future__ import annotations

from typing import Any

import pytest

from assay.simulator.scenario import ScenarioError

from .custody_worlds import BOOK_AND_CLAIM, IDENTITY, MASS_BALANCE, SEGREGATED, scenario_with


@pytest.mark.parametrize("account", [IDENTITY, SEGREGATED, MASS_BALANCE, BOOK_AND_CLAIM])
def test_each_model_is_accepted(account: dict[str, Any]) -> None:
    (entry,) = scenario_with(account).custody
    assert entry.model == account["model"]


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        (
            [{**MASS_BALANCE, "period_days": 0}],
            r"custody\..*\.period_days: received 0; .*at least one day, write",
        ),
        (
            [{**MASS_BALANCE, "opening_kg": -1}],
            r"custody\..*\.opening_kg: received '-1'; it must be greater than or equal to 0",
        ),
        (
            [{**MASS_BALANCE, "yield": {**MASS_BALANCE["yield"], "value": 1.2}}],
            r"custody\.0\.yield\.value: received 1\.2; .*at most 1",
        ),
        ([{k: v for k, v in MASS_BALANCE.items() if k != "yield"}], r"missing key custody\.0\.yield"),
        ([{**IDENTITY, "minimum_share": 0.5}], r"custody\.0\.minimum_share: only controlled-blending"),
        ([{**IDENTITY, "element": "Xx"}], r"custody\.0\.element: received 'Xx'; the ledger knows Li"),
        (
            [{**IDENTITY, "model": "trust-me"}],
            r"custody\..*\.model: received 'trust-me'; it must be 'identity-preserved'",
        ),
        ([{**IDENTITY, "modell": "x"}], r"unknown key custody\..*\.modell, .*did you mean 'model'"),
        ([{**IDENTITY, "facilities": ["nowhere"]}], r"custody\.0\.facilities\.0: no facility 'nowhere'"),
        ([{**IDENTITY, "conforming": ["nowhere"]}], r"custody\.0\.conforming\.0: no facility 'nowhere'"),
        (
            [{**IDENTITY, "products": ["copper-foil"]}],
            r"custody\.0\.facilities\.0: tinderbush-mine makes none",
        ),
        ([{**IDENTITY, "scheme": "nothing"}], r"custody\.0\.scheme: no scheme 'nothing'; known: .*custody"),
        ([{**IDENTITY, "scheme": "plumbline"}], r"custody\.0\.scheme: plumbline has no profile"),
        ([IDENTITY, SEGREGATED], r"custody\.1\.facilities: .*has an account in custody\.0 already"),
        (
            [
                {**BOOK_AND_CLAIM, "claimant": {"facility": "tinderbush-mine", "product": "battery-pack"}},
            ],
            r"custody\.0\.claimant: tinderbush-mine does not make battery-pack; it makes spodumene-ore",
        ),
        (
            [{**BOOK_AND_CLAIM, "register": "nobody"}],
            r"custody\.0\.register: received 'nobody'; name a certifier",
        ),
        (
            [
                {**IDENTITY, "facilities": IDENTITY["facilities"][2:], "products": ["lithium-hydroxide"]},
                {
                    **MASS_BALANCE,
                    "facilities": ["tinderbush-concentrator"],
                    "products": ["spodumene-concentrate"],
                },
            ],
            r"custody\.0\.model: identity-preserved at saenal-refinery from spodumene-concentrate under "
            r"mass-balance; models only weaken downstream",
        ),
    ],
)
def test_an_account_that_cannot_be_kept_is_named_with_its_mend(
    accounts: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        scenario_with(*accounts)


def test_a_period_of_zero_days_is_refused_for_all_books() -> None:
    with pytest.raises(ScenarioError, match=r"accounting\.period_days: received 0; .*at least one day"):
        scenario_with(accounting={"period_days": 0})


def test_a_carbon_scheme_without_a_profile_for_the_boundary_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"accounting\.scheme: no scheme 'nothing'; known: .*even-carbon"):
        scenario_with(accounting={"scheme": "nothing"})
    with pytest.raises(
        ScenarioError, match=r"accounting\.scheme: plumbline has no profile with the criterion"
    ):
        scenario_with(accounting={"scheme": "plumbline"})
    assert scenario_with(accounting={"scheme": "even-carbon"}).accounting.boundaries == ["cradle-to-gate"]
