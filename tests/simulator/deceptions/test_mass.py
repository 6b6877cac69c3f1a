"""Masses that do not add up: played, told apart from their twins, and found where they are."""

from __future__ import annotations

import pytest

from tests.deceptions_worlds import Deceived, deceived, touched

TWO = ("F02", "F03", "F04", "F42")
CODES = ("F01", *TWO)
SEVERITIES = (0.1, 0.5)


def _played(severity: float) -> str:
    accounts = f"{{pattern: F01, severity: {severity}, count: 1, twins: 1}}"
    others = (f"{{pattern: {code}, severity: {severity}, count: 2, twins: 2}}" for code in TWO)
    return f"[{', '.join([accounts, *others])}]"


@pytest.fixture(scope="module")
def world() -> Deceived:
    return deceived(_played(0.1), seed=4)


@pytest.fixture(scope="module", params=SEVERITIES)
def told(request: pytest.FixtureRequest) -> Deceived:
    """At any severity; for what needs no index of the world."""
    return deceived(_played(request.param), seed=4)


@pytest.fixture(scope="module")
def honest() -> Deceived:
    return deceived(seed=4)


def test_labels_name_exactly_the_credentials_that_differ(told: Deceived, honest: Deceived) -> None:
    changed, added, absent = told.differences(honest)
    assert (changed, added, absent) == told.labelled("changed", "added", "absent")
    assert changed


@pytest.mark.parametrize("code", CODES)
def test_an_oracle_sees_every_fraud_and_no_twin(world: Deceived, code: str) -> None:
    seen = touched(world.seen(code))
    for label in world.labels.values():
        if label["code"] == code:
            assert bool(seen & set(label["root"])) is not label["honest"], label["instance"]
    assert all(set(one.subjects) & world.roots(code, honest=False) for one in world.seen(code))


@pytest.mark.parametrize("code", CODES)
def test_a_fraud_shows_at_the_scope_of_its_label_and_a_twin_does_not(world: Deceived, code: str) -> None:
    for name, label in world.labels.items():
        if label["code"] == code:
            assert bool(world.seen_in_scope(name)) is not label["honest"], name


@pytest.mark.parametrize("code", CODES)
def test_the_truth_decides_against_every_fraud_and_for_every_twin(world: Deceived, code: str) -> None:
    decided = touched(world.decided(code))
    for label in world.labels.values():
        if label["code"] == code:
            assert bool(decided & set(label["root"])) is not label["honest"], label["instance"]
    assert all(set(one.subjects) & world.roots(code, honest=False) for one in world.decided(code))


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_seen_in_an_honest_world(honest: Deceived, code: str) -> None:
    assert honest.seen(code) == []
    # without deceptions no acts are written, and none are needed to find nothing
    assert honest.decided(code) == []


def test_the_output_of_a_plant_holds_more_than_its_feed_by_severity(told: Deceived) -> None:
    for label in told.labels.values():
        if label["code"] == "F02":
            assert label["told"]["claimed"] == pytest.approx(1 + label["severity"], abs=0.002)
            assert label["told"]["true"] < 1


def test_a_batch_is_drawn_twice_by_severity_at_most(told: Deceived) -> None:
    for label in told.labels.values():
        if label["code"] == "F03":
            beyond = label["told"]["claimed"] / label["told"]["true"] - 1
            assert beyond == 0 if label["honest"] else 0.04 < beyond <= label["severity"] + 0.001


def test_an_account_is_overclaimed_by_severity_or_by_a_whole_batch(told: Deceived) -> None:
    for label in told.labels.values():
        if label["code"] == "F01":
            beyond = label["told"]["claimed"] / label["told"]["true"] - 1
            # next to severity that whole hundredths of a batch come, which may be larger than the account
            assert beyond <= 0 if label["honest"] else 0.025 < beyond <= label["severity"] + 0.02


def test_what_is_claimed_of_a_batch_beyond_the_account_is_a_share_as_short_as_others(world: Deceived) -> None:
    """A share to six places among whole ones told who lies."""
    shares = [
        world.document(url)["credentialSubject"]["characteristics"]["custody"]["conformingShare"]
        for label in world.labels.values()
        if label["code"] == "F01"
        for url in label["root"]
        if "/dpp/" in url
    ]
    assert any(share < 1 for share in shares)
    assert shares == [round(share, 2) for share in shares]


def test_stock_from_before_stands_in_the_statements_of_the_twin_until_it_is_sold_and_what_is_left_later(
    world: Deceived, honest: Deceived
) -> None:
    (twin,) = (label for label in world.labels.values() if label["code"] == "F01" and label["honest"])
    (sold,) = twin["added"]
    statements = [url for url in twin["changed"] if "/dcc/" in url]
    assert sold in twin["root"] and set(statements) & set(twin["root"])
    more = {round(_opening(world, url) - _opening(honest, url), 3) for url in statements}
    stock = max(more)
    assert all(0 < left < stock / 50 for left in more - {stock})


def _opening(world: Deceived, url: str) -> float:
    (assessment,) = world.document(url)["credentialSubject"]["conformityAssessment"]
    account = assessment["assessedProduct"][0]["product"]["characteristics"]["custody"]
    return float(account["opening"]["value"])


def test_fraud_and_twin_add_as_many_credits_and_only_those_of_the_twin_end(world: Deceived) -> None:
    for label in world.labels.values():
        if label["code"] == "F04":
            assert len(label["added"]) == max(1, int(4 * label["severity"]))
            for url in label["added"]:
                credit = world.view.get(url)
                assert credit is not None
                assert world.view.status(credit) is label["honest"]


def test_books_without_noise_are_even_and_those_of_the_twin_are_not(told: Deceived) -> None:
    for label in told.labels.values():
        if label["code"] == "F42":
            even = label["told"]["claimed"] < label["told"]["true"] / 3
            assert even is not label["honest"]
