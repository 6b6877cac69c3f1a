"""What people really did: rows for ``acts.jsonl``, never published.

Honest acts follow from what would be issued honestly: whoever certifies has been there, whoever grants a permit has decided
to. Deceptions add what else was done: a payment, a theft, a revocation. No act says whether it was right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from assay.simulator.issuance.abouts import (
    FacilityRecord,
    Identity,
    Makes,
    Passport,
    Permit,
    ProductCertificate,
    Receipt,
    Shipment,
    SiteCertificate,
    Stocktake,
    Wish,
)
from assay.simulator.issuance.book import stamp
from assay.simulator.issuance.custody import Credit, CustodyCertificate, Retirement, Statement
from assay.simulator.issuance.footprints import FootprintCertificate
from assay.simulator.issuance.governance import Attested
from assay.simulator.issuance.names import scheme_uri
from assay.simulator.world import World

__all__ = ["Acts"]

_IDENTITIES = {
    "Business identity": "registered",
    "Mandate": "mandated",
    "Accreditation": "accredited",
    "Recognition": "recognised",
    "Land title": "titled",
}


def _sent(about: Shipment | Receipt) -> list[str]:
    return [item.lot.id for item in about.move.sent]


_LOTS: Mapping[type, Callable[[Any], list[str]]] = {
    Passport: lambda about: [about.batch.lot.id],
    Makes: lambda about: [out.lot.id for make in about.makes for out in make.outputs],
    Shipment: _sent,
    Receipt: _sent,
    Stocktake: lambda about: [item.lot.id for item in about.stock.stock],
}
"""Of what reports facts of the ledger, two thirds of all credentials: its lots, in order; of a make event what came out."""


_ROW = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_APPEND_NEWLINE
"""A line, with times as everywhere (RFC 3339, whole seconds, UTC)."""


class Acts:
    """Hands every row to ``write``, as a line of JSON; without ``write`` nothing is kept."""

    def __init__(self, write: Callable[[bytes], object] | None = None) -> None:
        self._write = write

    def add(self, act: str, time: datetime, by: str, more: Mapping[str, Any]) -> None:
        """``act`` is what was done, ``by`` the DID (or name) of whoever did it."""
        if self._write is not None:
            self._write(orjson.dumps({"act": act, "time": time, "by": by, **more}, option=_ROW))

    def done(self, world: World, wish: Wish, url: str) -> None:
        """What was done so that a credential can honestly be issued at this address.

        Events and passports report facts of the ledger; that they were signed when they say is ``issued``.
        """
        if self._write is None:
            return
        lots = _LOTS.get(type(wish.about))
        act, more = ("issued", {"lots": lots(wish.about)}) if lots is not None else _act_of(world, wish)
        row = {"act": act, "time": wish.valid_from, "by": wish.issuer.did, "url": url, **more}
        self._write(orjson.dumps(row, option=_ROW))


def _act_of(world: World, wish: Wish) -> tuple[str, Mapping[str, Any]]:
    """Kind of act, and what it was about."""
    about = wish.about
    if isinstance(about, Identity):
        return (
            _IDENTITIES[about.title],
            {"of": about.organisation.did, "number": about.number, "scope": list(about.scope)},
        )
    if isinstance(about, Permit):
        permit = about.permit
        return (
            "permitted",
            {
                "facility": about.facility.uri, "number": permit.number,
                "limit_t": permit.annual_limit_t, "from": permit.granted.isoformat(),
                "until": permit.expires.isoformat(),
            },
        )  # fmt: skip
    if isinstance(about, ProductCertificate | CustodyCertificate | FootprintCertificate):
        scheme = world.scenario.scheme
        if isinstance(about, CustodyCertificate):
            scheme = next((b.custody.scheme for b in about.batches if b.custody is not None), scheme)
        elif isinstance(about, FootprintCertificate):
            scheme = world.scenario.accounting.scheme or scheme
        lots = [batch.lot.id for batch in about.batches]
        return "certified", {**_certified(world, about.facility.uri, scheme, wish), "lots": lots}
    if isinstance(about, SiteCertificate):
        return "certified", _certified(world, about.facility.uri, world.scenario.scheme, wish)
    if isinstance(about, Attested):
        facility = about.facility.uri if about.facility is not None else None
        done = "granted" if about.mandated else "certified"
        return (
            done,
            {
                **_certified(world, facility, about.scheme, wish),
                "profile": about.profile, "level": about.level, "holder": about.holder.did,
                "product": about.product, "met": [f.criterion.id for f in about.found if f.met],
                "ratings": {f.criterion.id: f.rating for f in about.found},
                "conditions": list(about.conditions),
            },
        )  # fmt: skip
    if isinstance(about, FacilityRecord):
        return "recorded", {"facility": about.facility.uri, "site": about.facility.id}
    if isinstance(about, Credit):
        return "credited", {"credit": about.claim.credit.id, "holder": about.claim.holder.did}
    if isinstance(about, Retirement):
        return "retired", {"lot": about.claim.lot.id, "holder": about.claim.holder.did}
    if isinstance(about, Statement):
        return "certified", _certified(world, about.facility.uri, about.claim.entry.scheme, wish)
    return "issued", {"lots": []}


def _certified(world: World, facility: str | None, scheme: str, wish: Wish) -> dict[str, Any]:
    return {
        "facility": facility, "scheme": scheme_uri(world, scheme),
        "until": stamp(wish.valid_until), "kind": type(wish.about).__name__,
    }  # fmt: skip
