"""The five custody models as accounts: what they allow, what they refuse, and what they never lose."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulator.chemistry import PPM
from assay.simulator.custody import (
    MODELS,
    STRENGTH,
    CreditRegister,
    Input,
    Model,
    PeriodAccount,
    Refused,
    blended_share,
    merged_roots,
    physical,
    segregated,
    single_source,
)

LI, NI = frozenset({"Li"}), frozenset({"Ni"})
AMOUNTS = st.integers(0, 10**15)


def whole(amount: int = 1000, model: Model | None = "segregated", root: str = "mine", **more: bool) -> Input:
    return Input(amount, amount, model, {root: LI}, **more)


def refused_by(act: Callable[..., object], *arguments: object) -> str | None:
    """The rule by which an account refuses something; None where it takes it."""
    try:
        act(*arguments)
    except Refused as refusal:
        return refusal.rule
    return None


def test_models_are_ordered_from_identity_preserved_to_book_and_claim() -> None:
    assert [STRENGTH[model] for model in MODELS] == [5, 4, 3, 2, 1]


def test_identity_preserved_accepts_one_source_and_refuses_even_two_certified_ones() -> None:
    one = [whole(model="identity-preserved"), whole(model="identity-preserved")]
    assert refused_by(single_source, LI, one) is None
    two = [*one, whole(model="identity-preserved", root="second-mine")]
    assert refused_by(single_source, LI, two) == "COC-02"
    assert refused_by(segregated, two) is None


def test_a_second_source_of_another_element_does_not_break_identity() -> None:
    nickel = Input(0, 0, None, {"refinery": NI}, shared=False, begins=True)
    assert refused_by(single_source, LI, [whole(model="identity-preserved"), nickel]) is None


def test_material_that_was_never_assayed_may_be_of_any_source() -> None:
    unknown = Input(0, 0, "identity-preserved", {"somewhere": frozenset()})
    assert refused_by(single_source, LI, [whole(model="identity-preserved"), unknown]) == "COC-02"


def test_segregated_refuses_one_input_that_does_not_conform() -> None:
    assert refused_by(segregated, [whole(), Input(1000, 999, "segregated", {"mine": LI})]) == "COC-04"


def test_segregated_refuses_an_intermediate_that_states_no_model() -> None:
    assert refused_by(segregated, [whole(model=None)]) == "COC-04"
    assert refused_by(segregated, [whole(model=None, begins=True)]) is None


@given(st.sampled_from(MODELS), st.sampled_from(MODELS))
def test_no_model_is_stated_over_a_weaker_one(mine: Model, theirs: Model) -> None:
    weaker = STRENGTH[theirs] < STRENGTH[mine]
    assert refused_by(physical, [whole(model=theirs)], mine) == ("COC-26" if weaker else None)


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, PPM)), min_size=1, max_size=8),
    st.integers(0, PPM),
)
def test_a_blend_conforms_by_the_weighted_mean_of_its_materials(
    materials: list[tuple[int, int]], minimum: int
) -> None:
    items = [
        Input(amount, amount * share // PPM, "controlled-blending", {"mine": LI})
        for amount, share in materials
    ]
    total, conforming = sum(item.amount for item in items), sum(item.conforming for item in items)
    try:
        share = blended_share(items, minimum)
    except Refused as refused:
        assert refused.rule == "COC-05"
        assert conforming * PPM // total < max(minimum, 1)
    else:
        assert share * total <= conforming * PPM < (share + 1) * total
        assert share >= minimum
        shares = [item.conforming * PPM // item.amount for item in items]
        assert min(shares) <= share <= max(shares) + 1


@given(
    st.integers(1, PPM),
    AMOUNTS,
    st.lists(
        st.one_of(
            st.tuples(st.just("feed"), AMOUNTS, st.integers(0, PPM)),
            st.tuples(st.just("claim"), AMOUNTS, st.just(0)),
            st.tuples(st.just("close"), st.just(0), st.just(0)),
        ),
        max_size=40,
    ),
)
def test_a_mass_balance_never_claims_more_than_opening_and_conforming_input_allow(
    share: int, opening: int, steps: Sequence[tuple[str, int, int]]
) -> None:
    account = PeriodAccount(share, opening)
    claimed = conforming = 0
    before = opening
    for what, amount, part in steps:
        if what == "feed":
            account.feed(amount, amount * part // PPM)
            conforming += amount * part // PPM
        elif what == "claim":
            room = account.room
            try:
                account.claim(amount)
            except Refused as refused:
                assert refused.rule == "COC-06"
                assert not 0 < amount <= room
                assert account.room == room
            else:
                claimed += amount
        else:
            closed = account.close()
            allowed = closed.conforming * share // PPM
            assert closed.opening == before
            assert closed.opening + allowed - closed.claimed == closed.closing >= 0
            assert closed.claimed <= closed.made
            before = closed.closing
        assert account.room >= 0
        assert claimed <= opening + conforming * share // PPM


@pytest.mark.parametrize("share", [0, -1, PPM + 1])
def test_a_yield_outside_its_bounds_is_refused(share: int) -> None:
    with pytest.raises(ValueError, match="yield"):
        PeriodAccount(share)


def test_roots_that_were_not_assayed_stay_so() -> None:
    merged = merged_roots([{"a": LI, "b": LI}, {"a": NI, "b": frozenset()}])
    assert merged == {"a": LI | NI, "b": frozenset()}


HOLDERS = ("producer", "trader", "buyer")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("book"), st.sampled_from(HOLDERS), st.integers(-5, 400), st.integers(0, 9)),
            st.tuples(st.just("transfer"), st.sampled_from(HOLDERS), st.integers(0, 9), st.integers(0, 2)),
            st.tuples(st.just("retire"), st.sampled_from(HOLDERS), st.integers(-5, 500), st.integers(0, 9)),
        ),
        max_size=60,
    )
)
def test_whatever_is_asked_of_a_credit_register_nothing_is_counted_twice(
    steps: Sequence[tuple[str, str, int, int]],
) -> None:
    register = CreditRegister("register", quota=1000)
    ended: set[str] = set()
    evidence: set[str] = set()
    for what, who, number, place in steps:
        standing = list(register.standing())
        try:
            if what == "book":
                register.book(who, f"lot-{place}", number)
                assert f"lot-{place}" not in evidence
                evidence.add(f"lot-{place}")
            elif what == "transfer":
                credit = standing[number % len(standing)].id if standing else "none"
                old, new = register.transfer(credit, who, HOLDERS[place])
                assert (old.amount, old.evidence, old.id) == (new.amount, new.evidence, new.parent)
                assert new.holder == HOLDERS[place] != old.holder == who
                ended.add(old.id)
            else:
                retired = register.retire(who, number, f"pack-{place}")
                assert retired.amount == number
                gone = sum(credit.amount for credit in retired.revoked)
                assert gone == number + (retired.replaced.amount if retired.replaced else 0)
                ended.update(credit.id for credit in retired.revoked)
        except Refused:
            assert list(register.standing()) == standing
        assert not ended & {credit.id for credit in register.standing()}
        assert sum(credit.amount for credit in register.standing()) + register.retired == register.booked
        assert register.booked <= register.quota


def test_a_register_refuses_what_the_rules_of_book_and_claim_forbid() -> None:
    register = CreditRegister("register", quota=100)
    credit = register.book("producer", "lot", 60)
    assert refused_by(register.book, "producer", "lot", 10) == "COC-18"
    assert refused_by(register.book, "producer", "other-lot", 41) == "COC-17"
    assert refused_by(register.transfer, credit.id, "stranger", "buyer") == "COC-20"
    _, bought = register.transfer(credit.id, "producer", "buyer")
    assert refused_by(register.transfer, credit.id, "producer", "second-buyer") == "COC-22"
    assert refused_by(register.retire, "producer", 10, "pack") == "COC-23"
    retired = register.retire("buyer", 45, "pack")
    assert retired.pieces[0].credit == bought.id
    assert retired.replaced is not None
    assert retired.replaced.amount == 15
    assert refused_by(register.retire, "buyer", 5, "pack") == "COC-24"
    assert refused_by(register.transfer, bought.id, "buyer", "producer") == "COC-22"
