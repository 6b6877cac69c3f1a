"""Custody in UNTP 0.6: the same models, shares and amounts as in 0.7, and nothing that a context does not know."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson
import pytest

from assay.profiles import untp_0_6
from assay.simulator import simulate
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.custody import Credit, CustodyCertificate, Retirement, Statement
from assay.simulator.issuance.v0_6 import Renderer
from assay.simulator.issuance.v0_7 import Renderer as Current

from .custody_worlds import BOOK_AND_CLAIM, MASS_BALANCE, SEGREGATED, scenario_with

KINDS = {"dpp": "DigitalProductPassport", "dcc": "DigitalConformityCredential"}
CUSTODY = (CustodyCertificate, Statement, Credit, Retirement)


def amounts(value: Any) -> list[float]:
    """Every number in an object, sorted."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return sorted(number for inner in value for number in amounts(inner))
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@pytest.mark.parametrize(
    ("account", "kinds"),
    [
        (SEGREGATED, {CustodyCertificate}),
        (MASS_BALANCE, {CustodyCertificate, Statement}),
        (BOOK_AND_CLAIM, {Credit, Retirement}),
    ],
    ids=lambda value: value["model"] if isinstance(value, dict) else "",
)
def test_custody_is_told_in_full(account: dict[str, Any], kinds: set[type]) -> None:
    book = Book(simulate(scenario_with(account), 7))
    legacy, current = Renderer(book), Current(book)
    validators = {
        kind: jsonschema_rs.Draft202012Validator(untp_0_6.certificate(name, "0.6.1"), validate_formats=True)
        for kind, name in KINDS.items()
    }
    seen: set[type] = set()
    claimed = 0
    for entry in book.agenda.entries:
        if entry.kind not in KINDS:
            continue
        old, new = (orjson.loads(orjson.dumps(one.render(entry))) for one in (legacy, current))
        assert [str(error) for error in validators[entry.kind].iter_errors(old)] == [], entry.key
        subject = new["credentialSubject"]
        if isinstance(entry.about, CUSTODY):
            seen.add(type(entry.about))
            for assessed, told in zip(
                subject["conformityAssessment"], old["credentialSubject"]["assessment"], strict=True
            ):
                wanted = amounts(assessed["assessedProduct"][0]["product"]["characteristics"]["custody"])
                wanted += amounts(assessed["assessedPerformance"])
                assert sorted(wanted) == amounts(told["declaredValue"])
        elif custody := subject.get("characteristics", {}).get("custody"):
            claims = old["credentialSubject"]["conformityClaim"]
            (claim,) = (
                one for one in claims if f"/{account['model']}/" in one["assessmentCriteria"][0]["id"]
            )
            assert custody["conformingShare"] in amounts(claim["declaredValue"])
            assert f"period start: {custody['periodStart']}" in claim["description"]
            claimed += 1
    assert kinds <= seen
    assert claimed
