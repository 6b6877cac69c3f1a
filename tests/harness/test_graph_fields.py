"""What single members of documents mean for the graph."""

from __future__ import annotations

import pytest

from assay.harness.graph.fields import custody_model, is_permit
from assay.harness.results import Outcome

from .graph_material import MINE, WORKS, events, judged, line, make, move, together

BASE = "https://scheme.example/custody/criterion/"


@pytest.mark.parametrize(
    ("criterion", "model"),
    [
        (BASE + "mass-balance", ("mass-balance", 2)),
        (BASE + "coc-identity-preserved/1.0.0", ("identity-preserved", 5)),
        (BASE + "segregation/v2", ("segregation", 4)),
        (BASE + "book-and-claim/1.2.0/", ("book-and-claim", 1)),
        (BASE + "controlled-blending#2.0", ("controlled-blending", 3)),
        (BASE + "unsegregated", None),
        (BASE + "mass-balance/limits", None),
        ("1.0.0", None),
        ("", None),
    ],
)
def test_the_custody_model_is_the_last_word_of_a_criterion_before_its_version(
    criterion: str, model: tuple[str, int] | None
) -> None:
    assert custody_model(criterion) == model


@pytest.mark.parametrize(
    ("name", "permit"),
    [
        ("Mining PERMIT 7", True),
        ("Licence to export", True),
        ("Licenſe", True),
        ("Mining title of the north", True),
        ("Tenements", True),
        ("Release note", False),
        ("Licensed operator", False),
        ("Mining", False),
    ],
)
def test_permits_are_told_by_words_of_any_criterion(name: str, permit: bool) -> None:
    assessment = {"assessmentCriteria": [{"name": "Water"}, {"name": name}]}
    assert is_permit({"name": "title"}, assessment) is permit


SHIPPING, RECEIVING = ({"code": code, "name": code.title()} for code in ("shipping", "receiving"))
BATCH = "https://products.example/batch"


def moves(*steps: dict[str, str]) -> Outcome:
    """Whether the stock of a batch stays positive when 100 t were made and one issuer records moves of 100 t."""
    made = make("make", MINE, "2025-01-01T00:00:00Z", [], [line(BATCH, 100)])
    told = [
        move(
            f"move-{number}", MINE, WORKS, f"2025-01-0{2 + number}T00:00:00Z", [line(BATCH, 100)],
            consignmentId="https://consignments.example/1", activityType=step,
        )
        for number, step in enumerate(steps)
    ]  # fmt: skip
    return judged(together(events(made, *told)), "G-103")["G-103"].outcome


def test_a_receipt_told_by_who_also_sent_the_goods_does_not_count_twice() -> None:
    assert moves(SHIPPING, RECEIVING) is Outcome.PASSED
    assert moves(RECEIVING, SHIPPING) is Outcome.PASSED
    assert moves(SHIPPING, SHIPPING) is Outcome.FAILED
