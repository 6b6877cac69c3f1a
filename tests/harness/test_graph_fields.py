"""What single members of documents mean for the graph."""

from __future__ import annotations

import pytest

from assay.harness.graph.fields import custody_model

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
