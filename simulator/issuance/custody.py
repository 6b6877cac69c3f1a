"""What is issued about custody: certificates of lots, statements of periods, credits and their retirement.

Credits stand in status lists of their own, by their number in the register, so that whoever hears that a credit has
ended knows its place without having kept it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.simulator.claim_kinds import BatchClaim, Claim
from assay.simulator.custody_claims import CreditClaim, RetirementClaim, StatementClaim
from assay.simulator.issuance.abouts import Entry, Place, Wish, place_in_list
from assay.simulator.issuance.names import certifier, credential_url
from assay.simulator.world import Facility, Organisation, World

__all__ = [
    "Credit",
    "CustodyCertificate",
    "CustodyPlans",
    "Retirement",
    "Statement",
    "credit_uri",
    "credit_url",
    "custody_certificates",
    "revoked",
]

_STATEMENT_DELAY = timedelta(days=2)
"""From the end of a period to the auditor's statement (assumption)."""
_VALID = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class CustodyCertificate:
    """The certifier saw how lots of one facility were kept, all under one model."""

    facility: Facility
    batches: tuple[BatchClaim, ...]
    assessed: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """The account of one site and period."""

    facility: Facility
    claim: StatementClaim


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit stands, as its register says."""

    claim: CreditClaim


@dataclass(frozen=True, slots=True)
class Retirement:
    """Credits were retired for one lot, as their register says."""

    claim: RetirementClaim


def credit_uri(register: Organisation, credit: str) -> str:
    """Identifier of a credit: where its register shows it."""
    return f"{register.origin}/credits/{credit}"


def credit_url(world: World, register: Organisation, credit: str) -> str:
    """Where the credential of a credit stands."""
    return credential_url(world, register, "dcc", _credit_key(credit))


def _credit_key(credit: str) -> str:
    return f"credit/{credit}"


def _place(number: int, credit: int) -> Place:
    return Place(f"credits-{number}", credit - 1)


def revoked(world: World, entry: Entry) -> Iterator[tuple[str, int]]:
    """Status list and index of every credential that an entry ends: what a transferred or retired credit leaves behind."""
    about = entry.about
    if isinstance(about, Credit):
        ended = about.claim.ended
    elif isinstance(about, Retirement):
        ended = about.claim.retired.revoked
    else:
        return
    for credit in ended:
        yield place_in_list(world, entry.issuer, _place(about.claim.number, credit.number))


def custody_certificates(
    world: World, facility: Facility, batches: Sequence[BatchClaim], label: str, issued: datetime
) -> tuple[list[Wish], dict[str, str]]:
    """Custody certificates of lots that a visit covered, one for each model, and by lot the address of what backs it.

    What credits were retired for is backed by its retirement instead.
    """
    wishes: list[Wish] = []
    backed: dict[str, str] = {}
    groups: dict[tuple[str, str], list[BatchClaim]] = {}
    for batch in batches:
        claim = batch.custody
        if claim is None:
            continue
        if claim.register is not None:
            backed[batch.lot.id] = credential_url(world, claim.register, "dcc", f"retirement/{batch.lot.id}")
        else:
            groups.setdefault((claim.scheme, claim.model), []).append(batch)
    issuer = certifier(world, facility)
    for (scheme, model), found in groups.items():
        assessed = max(batch.assessed for batch in found)
        key = f"custody/{facility.id}/{label}/{scheme}/{model}"
        about = CustodyCertificate(facility, tuple(found), assessed)
        wishes.append(Wish(about, "dcc", key, issuer, issued, world.scenario.as_of + _VALID))
        backed |= {batch.lot.id: credential_url(world, issuer, "dcc", key) for batch in found}
    return wishes, backed


class CustodyPlans:
    """Statements, credits and retirements."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._until = world.scenario.as_of + _VALID

    def start(self) -> Iterator[Wish]:
        return iter(())

    def on(self, claim: Claim) -> Iterator[Wish]:
        if isinstance(claim, StatementClaim):
            facility = self._world.facilities[claim.facility]
            key = f"custody-statement/{claim.number}/{facility.id}/{claim.balance.number + 1}"
            issued, issuer = claim.end + _STATEMENT_DELAY, certifier(self._world, facility)
            if issued <= self._world.scenario.as_of:
                yield Wish(Statement(facility, claim), "dcc", key, issuer, issued, self._until)
        elif isinstance(claim, CreditClaim):
            key, issued = _credit_key(claim.credit.id), claim.time + timedelta(hours=1)
            place = _place(claim.number, claim.credit.number)
            yield Wish(Credit(claim), "dcc", key, claim.register, issued, self._until, place=place)
        elif isinstance(claim, RetirementClaim):
            key, issued = f"retirement/{claim.lot.id}", claim.time + timedelta(hours=2)
            yield Wish(Retirement(claim), "dcc", key, claim.register, issued, self._until)

    def end(self) -> Iterator[Wish]:
        return iter(())
