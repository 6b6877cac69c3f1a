"""Accounts as plain rows, for ``accounts.jsonl`` beside the ledger: footprints, custody of lots and periods, credits.

Exact, in the units of the accounts: milligrams, microlitres, milliwatt-hours, parts per million. What papers say is these
numbers, rounded.
"""

from __future__ import annotations

from typing import Any

from assay.simulator.claim_kinds import BatchClaim, Claim
from assay.simulator.custody_claims import CreditClaim, RetirementClaim, StatementClaim
from assay.simulator.sustainability import sustainability_row

__all__ = ["account_row"]

Row = dict[str, Any]


def account_row(claim: Claim) -> Row | None:
    """The row of a claim, where it rests on an account."""
    if isinstance(claim, BatchClaim):
        return {**sustainability_row(claim.lot, claim.footprint), "custody": _custody(claim)}
    if isinstance(claim, StatementClaim):
        return _statement(claim)
    if isinstance(claim, CreditClaim):
        return _credit(claim)
    if isinstance(claim, RetirementClaim):
        return _retirement(claim)
    return None


def _custody(batch: BatchClaim) -> Row | None:
    claim = batch.custody
    if claim is None:
        return None
    return {
        "model": claim.model,
        "scheme": claim.scheme,
        "element": claim.element,
        "amount": claim.amount,
        "conforming": claim.conforming,
        "start": claim.start.isoformat(),
        "end": claim.end.isoformat(),
    }


def _statement(claim: StatementClaim) -> Row:
    balance = claim.balance
    return {
        "account": "custody",
        "model": claim.entry.model,
        "number": claim.number,
        "facility": claim.facility,
        "element": claim.entry.element,
        "period": balance.number,
        "start": claim.start.isoformat(),
        "end": claim.end.isoformat(),
        "opening": balance.opening,
        "fed": balance.fed,
        "conforming": balance.conforming,
        "made": balance.made,
        "claimed": balance.claimed,
        "closing": balance.closing,
        "yield": balance.yield_ppm,
        "lots": balance.lots,
        "refused": balance.refused,
    }


def _credit(claim: CreditClaim) -> Row:
    return {
        "account": "credit",
        "number": claim.number,
        "time": claim.time.isoformat(),
        "credit": claim.credit.id,
        "holder": claim.holder.id,
        "element": claim.entry.element,
        "amount": claim.credit.amount,
        "lot": claim.lot.id if claim.lot is not None else None,
        "replaces": claim.credit.parent,
        "ended": [credit.id for credit in claim.ended],
    }


def _retirement(claim: RetirementClaim) -> Row:
    return {
        "account": "retirement",
        "number": claim.number,
        "time": claim.time.isoformat(),
        "lot": claim.lot.id,
        "holder": claim.holder.id,
        "element": claim.entry.element,
        "amount": claim.retired.amount,
        "pieces": [{"credit": piece.credit, "amount": piece.amount} for piece in claim.retired.pieces],
        "ended": [credit.id for credit in claim.retired.revoked],
    }
