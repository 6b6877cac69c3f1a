"""Custody accounts that do not hold what is claimed under them (F01, F04)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.graph.units import decimal, mass_mg
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import moment
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import CERTIFICATE, PASSPORT, View
from assay.profiles.contracts.characteristics import CUSTODY

__all__ = ["credit_double_count", "mass_balance_overclaim"]

_TOLERANCE = 0.019
"""Part of an account that scales, assays and rounding may account for: just below the 2 % of UNTP's sample criterion."""
_EXACT = 0.003
"""Part by which sums of papers may differ from the accounts: their last digits."""


def _said(credential: Credential) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a certificate says of custody of each product that it assesses: the product, the facility, and the members."""
    for _, assessment in members(credential.document, "credentialSubject", "conformityAssessment"):
        places = [identifier(one.get("facility")) or "" for _, one in members(assessment, "assessedFacility")]
        for _, assessed in members(assessment, "assessedProduct"):
            found = member(assessed, "product", "characteristics", CUSTODY)
            if isinstance(found, dict):
                yield identifier(assessed.get("product")) or "", places[0] if places else "", found


# F01

Period = tuple[str, str, datetime]
"""A facility, an element, and when the period began."""


def _claimed(view: View) -> dict[Period, list[tuple[Credential, float]]]:
    """Passports that claim conforming material by mass balance, with kilograms of the element, by period."""
    found: dict[Period, list[tuple[Credential, float]]] = {}
    for passport in view.credentials(PASSPORT):
        custody = passport.custody
        start, share = moment(custody.get("periodStart")), decimal(custody.get("conformingShare"))
        if custody.get("model") != "mass-balance" or start is None or share is None:
            continue
        element = text(custody.get("element")) or ""
        weight = mass_mg(member(passport.subject, "dimensions", "weight"))
        content = passport.contained_kg(weight / 1e6, element) if weight is not None else None
        if content is not None:
            period = passport.facility, element, start
            found.setdefault(period, []).append((passport, content * float(share)))
    return found


@oracle("F01")
def mass_balance_overclaim(view: View) -> Iterator[Sighting]:
    """Passports of one period claim more than the opening stock and conforming input, times yield, of its statement."""
    claimed = _claimed(view)
    for paper in view.credentials(CERTIFICATE) if claimed else ():
        for _, facility, account in _said(paper):
            start, share = moment(account.get("periodStart")), decimal(account.get("declaredYield"))
            opening, fed = mass_mg(account.get("opening")), mass_mg(account.get("conformingInput"))
            if start is None or share is None or opening is None or fed is None:
                continue
            rows = claimed.get((facility, text(account.get("element")) or "", start), [])
            allowed, total = (opening + fed * float(share)) / 1e6, sum(mass for _, mass in rows)
            if total > allowed * (1 + _TOLERANCE):
                urls = (passport.url for passport, _ in rows)
                reason = f"{total:.5g} kg claimed of {allowed:.5g} kg"
                yield Sighting((*urls, paper.url), reason, (rows[0][0].issuer,))


@decisive("F01")
def account_did_not_cover(truth: Truth, view: View) -> Iterator[Sighting]:
    """Passports of one period claim more than the account allowed and stock that was there before."""
    before: dict[tuple[str, str], float] = {}
    for row in truth.acts("counted"):
        key = row["site"], row["element"]
        before[key] = before.get(key, 0.0) + row["amount_mg"]
    allowed = {
        (row["facility"], row["element"], moment(row["start"])): row["opening"]
        + row["conforming"] * row["yield"] // 10**6
        for row in truth.accounts("custody")
        if row["model"] == "mass-balance"
    }
    for (facility, element, start), rows in _claimed(view).items():
        site = truth.site(facility) or ""
        account = allowed.get((site, element, start))
        total = sum(mass for _, mass in rows)
        covered = None if account is None else (account + before.get((site, element), 0.0)) / 1e6
        if covered is not None and total > covered * (1 + _EXACT):
            urls = tuple(passport.url for passport, _ in rows)
            yield Sighting(urls, f"{total:.5g} kg where {covered:.5g} kg were there", (rows[0][0].issuer,))


# F04


@dataclass(frozen=True, slots=True)
class _Credit:
    """A credit: its identifier, its credential, milligrams, and the credit that it replaces."""

    id: str
    url: str
    amount: int
    parent: str
    holder: str


def _credits(view: View) -> tuple[dict[str, _Credit], dict[str, list[tuple[str, int, str]]]]:
    """Credits by identifier; and by credit what came of it: credential, milligrams, and who holds it."""
    known: dict[str, _Credit] = {}
    followed: dict[str, list[tuple[str, int, str]]] = {}
    for paper in view.credentials(CERTIFICATE):
        for name, _, said in _said(paper):
            amount = mass_mg(said.get("quantity"))
            if "credit" in said and amount is not None:
                credit = _Credit(
                    name, paper.url, amount, text(said.get("replaces")) or "", text(said.get("holder")) or ""
                )
                known[name] = credit
                if credit.parent:
                    followed.setdefault(credit.parent, []).append((paper.url, amount, credit.holder))
            for _, piece in members(said, "credits"):
                used, part = text(piece.get("credit")), mass_mg(piece.get("quantity"))
                if used is not None and part is not None:
                    followed.setdefault(used, []).append((paper.url, part, ""))
    return known, followed


@oracle("F04")
def credit_double_count(view: View) -> Iterator[Sighting]:
    """Transfers and retirements of a credit together come to more than its quantity."""
    known, followed = _credits(view)
    for name, rows in followed.items():
        credit, total = known.get(name), sum(amount for _, amount, _ in rows)
        if credit is not None and total > credit.amount:
            reason = f"{total / 1e6:g} kg out of a credit of {credit.amount / 1e6:g} kg"
            urls = dict.fromkeys(url for url, _, _ in rows)
            yield Sighting((*urls, credit.url), reason, (credit.holder,))


@decisive("F04")
def handed_on_twice(truth: Truth, view: View) -> Iterator[Sighting]:
    """More came of a credit than the register's account and what people handed on let it hold."""
    amounts = {row["into"]: row["amount_mg"] for row in truth.acts("transferred")}
    amounts |= {row["credit"]: row["amount"] for row in truth.accounts("credit")}
    _, followed = _credits(view)
    for name, rows in followed.items():
        amount, total = amounts.get(name.rpartition("/")[2]), sum(part for _, part, _ in rows)
        if amount is not None and total > amount:
            urls = tuple(dict.fromkeys(url for url, _, _ in rows))
            yield Sighting(urls, f"{total} mg came of {amount} mg")
