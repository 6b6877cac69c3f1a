"""Kinds of statements that the default world does not make, above all custody: told in 0.6 in full, and none forgotten."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson
import pytest

from assay.profiles import untp_0_6
from assay.simulator import simulate
from assay.simulator.issuance.book import Book
from assay.simulator.issuance.custody import Credit, CustodyCertificate, Retirement, Statement
from assay.simulator.issuance.footprints import FootprintCertificate
from assay.simulator.issuance.v0_6 import Renderer
from assay.simulator.issuance.v0_7 import RENDERERS
from assay.simulator.issuance.v0_7 import Renderer as Current

from .custody_worlds import BOOK_AND_CLAIM, MASS_BALANCE, SEGREGATED, scenario_with
from .governance_worlds import governed

CUSTODY = (CustodyCertificate, Statement, Credit, Retirement)


def amounts(value: Any) -> list[float]:
    """Every number in an object, sorted."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return sorted(number for inner in value for number in amounts(inner))
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


FOOTPRINTS = {"boundaries": ["cradle-to-gate", "gate-to-gate"], "scheme": "even-carbon", "allocation": "mass"}
ACCOUNTS = {account["model"]: account for account in (SEGREGATED, MASS_BALANCE, BOOK_AND_CLAIM)}


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    """Worlds with an account of one custody model, one of them with certified footprints; and a world rich in governance."""
    more: dict[str, Any] = {"segregated": {"accounting": FOOTPRINTS}}
    scenarios = {model: scenario_with(account, **more.get(model, {})) for model, account in ACCOUNTS.items()}
    scenarios["governance"] = governed()
    return {name: Book(simulate(scenario, 7)) for name, scenario in scenarios.items()}


def test_every_kind_of_statement_can_be_made_in_0_6(books: dict[str, Book]) -> None:
    """A kind that comes anew must be shown here: in a world that has it."""
    told: set[type] = set()
    validators = {
        info.short: jsonschema_rs.Draft202012Validator(
            untp_0_6.certificate(kind, "0.6.1"), validate_formats=True
        )
        for kind, info in untp_0_6.KINDS["0.6.1"].items()
    }
    for book in books.values():
        renderer = Renderer(book)
        for entry in book.agenda.entries:
            document = orjson.loads(orjson.dumps(renderer.render(entry)))
            assert [str(error) for error in validators[entry.kind].iter_errors(document)] == [], entry.key
            told.add(type(entry.about))
    assert told == set(RENDERERS)


@pytest.mark.parametrize(
    ("model", "kinds"),
    [
        ("segregated", {CustodyCertificate}),
        ("mass-balance", {CustodyCertificate, Statement}),
        ("book-and-claim", {Credit, Retirement}),
    ],
)
def test_custody_is_told_in_full(model: str, kinds: set[type], books: dict[str, Book]) -> None:
    book = books[model]
    legacy, current = Renderer(book), Current(book)
    seen: set[type] = set()
    claimed = 0
    for entry in book.agenda.entries:
        if entry.kind not in ("dpp", "dcc"):
            continue
        old, new = (orjson.loads(orjson.dumps(one.render(entry))) for one in (legacy, current))
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
            (claim,) = (one for one in claims if f"/{model}/" in one["assessmentCriteria"][0]["id"])
            assert custody["conformingShare"] in amounts(claim["declaredValue"])
            assert f"period start: {custody['periodStart']}" in claim["description"]
            claimed += 1
    assert kinds <= seen
    assert claimed


def test_certified_footprints_are_those_of_the_passports(books: dict[str, Book]) -> None:
    renderer = Renderer(books["segregated"])
    certified: dict[tuple[str, str], float] = {}
    said: dict[tuple[str, str], float] = {}
    for entry in books["segregated"].agenda.entries:
        if isinstance(entry.about, FootprintCertificate):
            for assessment in renderer.render(entry)["credentialSubject"]["assessment"]:
                stated, detailed = assessment["declaredValue"]
                assert stated["metricValue"] == detailed["metricValue"]
                product = assessment["assessedProduct"][0]["product"]["id"]
                certified[product, detailed["metricName"]] = stated["metricValue"]["value"]
        elif entry.kind == "dpp":
            subject = renderer.render(entry)["credentialSubject"]
            for claim in subject["conformityClaim"]:
                for metric in claim["declaredValue"]:
                    said[subject["product"]["id"], metric["metricName"]] = metric["metricValue"]["value"]
    assert len({name for _, name in certified}) == 2
    assert certified.items() <= said.items()


def test_levels_papers_and_statements_of_governance_are_not_lost(books: dict[str, Book]) -> None:
    legacy, current = Renderer(books["governance"]), Current(books["governance"])
    levels, papers, statements = set(), 0, 0
    for entry in books["governance"].agenda.entries:
        new, old = current.render(entry)["credentialSubject"], legacy.render(entry)["credentialSubject"]
        if entry.kind == "dcc":
            assert old["description"].endswith(f"Result: {new['profileScore']['code']}.")
            levels.add(new["profileScore"]["code"])
        elif entry.kind == "dte":
            names = [one["linkName"] for one in new[0]["relatedDocument"] if one["linkType"] == "describedby"]
            assert all(name in old[-1]["processType"] for name in names)
            papers += bool(names)
        elif entry.kind == "dfr" and "relatedDocument" in new:
            claim = old["conformityClaim"][-1]
            assert claim["conformityEvidence"]["linkURL"] == new["relatedDocument"][0]["linkURL"]
            assert claim["conformityEvidence"]["hashMethod"] == "SHA-256"
            statements += 1
    assert len(levels) > 2
    assert papers and statements
