"""What contradicts itself in a scenario's governance and trade. Each problem is one line with key, value and mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from assay.simulator.governance import Exports, owners_above, within
from assay.simulator.trade_prices import price_table

if TYPE_CHECKING:
    from assay.simulator.scenario import FacilityEntry, Scenario

__all__ = ["contradictions"]


def contradictions(scenario: Scenario) -> Iterator[str]:
    """Every problem of ``governance`` and ``trade``."""
    for part in (_owners, _audits, _titles, _sites, _layers, _exports, _trade):
        yield from part(scenario)


def _unknown(key: str, value: str, known: Iterable[str]) -> Iterator[str]:
    choices = sorted(known)
    if value not in choices:
        shown = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
        yield f"{key}: {value!r} is not defined; known: {shown}"


def _facilities(scenario: Scenario) -> dict[str, FacilityEntry]:
    return {facility.id: facility for facility in scenario.facilities}


def _nation(scenario: Scenario, facility: FacilityEntry) -> str | None:
    return next((party.nation for party in scenario.parties if party.id == facility.operator), None)


def _owners(scenario: Scenario) -> Iterator[str]:
    parties = {party.id for party in scenario.parties}
    for party in scenario.parties:
        if party.owner is None:
            continue
        key = f"parties.{party.id}.owner"
        yield from _unknown(key, party.owner, parties)
        chain = [party.id, *owners_above(scenario, party.id)]
        last = next((p.owner for p in scenario.parties if p.id == chain[-1]), None)
        if last == party.id:
            circle = " -> ".join([*chain, party.id])
            yield f"{key}: {party.owner!r} closes a circle of owners ({circle}); remove one of them"


def _audits(scenario: Scenario) -> Iterator[str]:
    facilities, schemes = _facilities(scenario), {scheme.id: scheme for scheme in scenario.schemes}
    for place, audit in enumerate(scenario.governance.audits):
        key = f"governance.audits.{place}"
        yield from _unknown(f"{key}.facility", audit.facility, facilities)
        yield from _unknown(f"{key}.scheme", audit.scheme, schemes)
        if audit.certifier is not None:
            certifiers = {name: code for code, name in scenario.certifiers.items()}
            yield from _unknown(f"{key}.certifier", audit.certifier, certifiers)
        scheme = schemes.get(audit.scheme)
        if scheme is not None:
            if scheme.cycle is None or not scheme.scores:
                yield f"{key}.scheme: {audit.scheme!r} has no levels and audit cycle; name a scheme that has, as quarrymark"
                continue
            if not any(profile.subject == "facility" for profile in scheme.profiles):
                yield f"{key}.scheme: {audit.scheme!r} has no profile for facilities; name another scheme"
            for name in ("level", "renewed_level"):
                level = getattr(audit, name)
                if level is not None:
                    yield from _unknown(f"{key}.{name}", level, (score.code for score in scheme.scores))
            if audit.corrective_days > scheme.cycle.corrective_months * 31:
                yield (
                    f"{key}.corrective_days: {audit.corrective_days} is more than the {scheme.cycle.corrective_months} months "
                    "that the scheme allows; lower it"
                )
        if audit.published >= scenario.start.date():
            yield f"{key}.published: {audit.published} is not before start {scenario.start.date()}; publish earlier"


def _titles(scenario: Scenario) -> Iterator[str]:
    facilities, parties = _facilities(scenario), {party.id for party in scenario.parties}
    numbers = [title.number for title in scenario.governance.titles]
    for place, title in enumerate(scenario.governance.titles):
        key = f"governance.titles.{place}"
        yield from _unknown(f"{key}.facility", title.facility, facilities)
        if title.holder is not None:
            yield from _unknown(f"{key}.holder", title.holder, parties)
        if numbers.count(title.number) > 1:
            yield f"{key}.number: {title.number!r} is given twice; change one"
        if title.granted > scenario.start.date() or title.expires <= scenario.as_of.date():
            yield f"{key}: granted {title.granted}, expires {title.expires}; it must be in force from start until as_of"


def _sites(scenario: Scenario) -> Iterator[str]:
    facilities = _facilities(scenario)
    for name, facts in scenario.governance.sites.items():
        key = f"governance.sites.{name}"
        yield from _unknown(key, name, facilities)
        facility = facilities.get(name)
        if facility is None:
            continue
        if facts.concession is not None and not within(
            facility.latitude, facility.longitude, facts.concession
        ):
            where = f"{facility.latitude}, {facility.longitude}"
            yield f"{key}.concession: {where} lies outside it; mend the corners or the facility's place"
        if facts.status in ("closed", "planned") and any(site.facility == name for site in scenario.sites):
            yield f"{key}.status: {facts.status!r}, but the site makes something; write operating or remove the site"


def _layers(scenario: Scenario) -> Iterator[str]:
    governance, facilities = scenario.governance, _facilities(scenario)
    mines = {site.facility for site in scenario.sites if site.kind in ("mine", "brine")}
    layers = {layer.name: layer for layer in governance.layers}
    consents = {(consent.facility, consent.layer): consent for consent in governance.consents}
    for layer in governance.layers:
        key = f"governance.layers.{layer.name}"
        yield from _unknown(f"{key}.nation", layer.nation, scenario.nations)
        for facility in scenario.facilities:
            if not within(facility.latitude, facility.longitude, layer.corners):
                continue
            if layer.kind == "protected":
                yield (
                    f"facilities.{facility.id}: {facility.latitude}, {facility.longitude} lies in the protected area "
                    f"{layer.name!r}; move the site or mend the corners of the layer"
                )
            elif (
                layer.kind == "indigenous"
                and facility.id in mines
                and (facility.id, layer.name) not in consents
            ):
                yield (
                    f"governance.consents: {facility.id!r} lies on land of {layer.people or layer.name!r} and has no consent; "
                    f"add {{facility: {facility.id}, layer: {layer.name}, agreed: <date>}}"
                )
    for place, consent in enumerate(governance.consents):
        key = f"governance.consents.{place}"
        yield from _unknown(f"{key}.facility", consent.facility, facilities)
        yield from _unknown(f"{key}.layer", consent.layer, layers)
        if consent.agreed >= scenario.start.date():
            yield f"{key}.agreed: {consent.agreed} is not before start; consent comes before the work"
    if governance.consents and not any(scheme.id == "quarrymark" for scheme in scenario.schemes):
        yield "governance.schemes: consents are assessed against 'quarrymark', which is missing; add it"


def _exports(scenario: Scenario) -> Iterator[str]:
    governance = scenario.governance
    products = {product.id for product in scenario.products}
    parties = {party.id for party in scenario.parties}
    for place, rule in enumerate(governance.export_rules):
        yield from _unknown(f"governance.export_rules.{place}.nation", rule.nation, scenario.nations)
        yield from _unknown(f"governance.export_rules.{place}.product", rule.product, products)
    for place, licence in enumerate(governance.licences):
        key = f"governance.licences.{place}"
        yield from _unknown(f"{key}.holder", licence.holder, parties)
        yield from _unknown(f"{key}.nation", licence.nation, scenario.nations)
        yield from _unknown(f"{key}.product", licence.product, products)
        if licence.start > scenario.as_of.date():
            yield f"{key}.from: {licence.start} is after as_of; it is not issued yet, remove it"
    facilities, exports, days = _facilities(scenario), Exports(scenario), _days_of_change(scenario)
    for site in scenario.sites:
        for product, feed in site.feeds():
            if feed.origin in facilities and site.facility in facilities:
                refusal = _never(exports, days, feed.origin, site.facility, product)
                if refusal is not None:
                    yield f"sites.{site.facility}.inputs.{product}: {refusal}"


def _never(exports: Exports, days: list[date], origin: str, destination: str, product: str) -> str | None:
    """Why nothing may be shipped on any day, as of the first day; None where there is a day on which it may."""
    first: str | None = None
    for day in days:
        refusal = exports.refusal(origin, destination, product, day)
        if refusal is None:
            return None
        first = first or refusal
    return first


def _days_of_change(scenario: Scenario) -> list[date]:
    """The first day, and every later one on which a rule or licence begins or ends."""
    start, end = scenario.start.date(), scenario.as_of.date()
    days = {start}
    governance = scenario.governance
    spans = [(rule.start, rule.until) for rule in governance.export_rules]
    spans += [(licence.start, licence.until) for licence in governance.licences]
    for first, last in spans:
        days |= {first, first - timedelta(days=1)}
        if last is not None and last < date.max:
            days.add(last + timedelta(days=1))
    return sorted(day for day in days if start <= day <= end)


def _trade(scenario: Scenario) -> Iterator[str]:
    trade, products = scenario.trade, {product.id for product in scenario.products}
    for name in trade.prices:
        yield from _unknown(f"trade.prices.{name}", name, products)
    if trade.origin_certificates and any(nation.customs is None for nation in scenario.nations.values()):
        missing = next(code for code, nation in scenario.nations.items() if nation.customs is None)
        yield f"trade.origin_certificates: {missing} has no customs office; add nations.{missing}.customs or a governance block"
    if not trade.invoices:
        return
    known = price_table(trade)
    for site in scenario.sites:
        for product in site.products:
            if product in products and product not in known:
                yield f"trade.prices.{product}: there is no price for it; add {{price: {{value, unit, source}}, band}}"
