"""What is issued about governance: recognitions, land titles, audits and their cycle, consents, export licences.

Everything here follows from the scenario alone, so all of it is planned at the start and waits for its date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from assay.simulator.claim_kinds import Claim
from assay.simulator.governance import Audit, Finding, audits_due, findings
from assay.simulator.governance_entries import AuditEntry
from assay.simulator.issuance.abouts import Identity, Wish
from assay.simulator.issuance.names import credential_url
from assay.simulator.randomness import Permutation
from assay.simulator.scenario import ProfileEntry, SchemeEntry
from assay.simulator.world import Facility, Organisation, World

__all__ = [
    "Attested",
    "Certified",
    "Governance",
    "audit_findings",
    "audited_schemes",
    "audits",
    "certified",
    "oldest_paper",
]

CONSENT_SCHEME, CONSENT_PROFILE = "quarrymark", "consent"
_RECOGNISED = 5475
"""Days before the start at which the apex recognised the national bodies (assumption)."""


@dataclass(frozen=True, slots=True)
class Attested:
    """A conformity credential about one profile of a scheme: what was found on each of its criteria, and the level reached.

    It is about a facility, about a kind of product of a facility, or (with neither) about the holder.
    """

    name: str
    description: str
    scheme: str
    profile: str
    holder: Organisation
    assessed: datetime
    found: tuple[Finding, ...]
    nation: str
    """Whose national body accredited the issuer, or whose anchor gave it its mandate."""
    mandated: bool = False
    """The issuer is a public body."""
    kind: Literal["certification", "verification", "inspection"] = "certification"
    level: str | None = None
    facility: Facility | None = None
    product: str | None = None
    conditions: tuple[str, ...] = ()
    superseded: bool = False
    """A later one takes its place: links to it say so."""


def audits(world: World, facility: str | None = None) -> Iterator[tuple[AuditEntry, Audit, bool]]:
    """Every audit result (of one facility) that is published and in force at ``as_of``, and whether a renewal took its place."""
    scenario = world.scenario
    for entry in scenario.governance.audits:
        if facility not in (None, entry.facility):
            continue
        cycle = world.schemes[entry.scheme].cycle
        assert cycle is not None  # the scenario was checked
        due = audits_due(entry, cycle, scenario.as_of.date(), world.seed)
        newest = max(audit.number for audit in due)
        for audit in due:
            if audit.until > scenario.as_of >= audit.published:
                yield entry, audit, audit.number < newest


def audited_schemes(world: World) -> list[str]:
    """Schemes that certifiers audit against, beside the scenario's own."""
    governance = world.scenario.governance
    found = [entry.scheme for entry in governance.audits]
    return list(dict.fromkeys([*found, *([CONSENT_SCHEME] if governance.consents else [])]))


def oldest_paper(world: World) -> datetime | None:
    """When the oldest audit result was published: who issued it was registered, mandated and accredited before."""
    return min((audit.published for _, audit, _ in audits(world)), default=None)


def _certifier(world: World, facility: Facility, named: str | None = None) -> tuple[Organisation, str]:
    """Who audits a facility, and the nation whose accreditation body stands behind it."""
    certifiers = world.scenario.certifiers
    name = named or certifiers[facility.nation]
    nations = [code for code, certifier in certifiers.items() if certifier == name]
    return world.parties[name], facility.nation if facility.nation in nations else nations[0]


def _audit_key(entry: AuditEntry, audit: Audit) -> str:
    return f"audit/{entry.scheme}/{entry.facility}/{audit.number}/{audit.stage}"


def audit_findings(world: World, entry: AuditEntry, audit: Audit) -> list[Finding]:
    """What an audit found on every criterion of the scheme's profile for facilities."""
    scheme = world.schemes[entry.scheme]
    profile = next(profile for profile in scheme.profiles if profile.subject == "facility")
    return findings(scheme, profile.criteria, audit.level, world.seed, _audit_key(entry, audit))


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that a facility may show at some moment: its scheme, what was found, and where it stands."""

    scheme: SchemeEntry
    audit: Audit
    found: tuple[Finding, ...]
    url: str


def certified(world: World, facility: Facility, moment: datetime) -> Iterator[Certified]:
    """The newest certificate of a facility under each scheme, as of a moment. Surveillance confirms, it certifies nothing."""
    newest: dict[str, tuple[AuditEntry, Audit]] = {}
    for entry, audit, _ in audits(world, facility.id):
        if audit.stage != "surveillance" and audit.published < moment:
            newest[entry.scheme] = (entry, audit)
    for scheme, (entry, audit) in newest.items():
        issuer, _ = _certifier(world, facility, entry.certifier)
        url = credential_url(world, issuer, "dcc", _audit_key(entry, audit))
        yield Certified(world.schemes[scheme], audit, tuple(audit_findings(world, entry, audit)), url)


class Governance:
    """Papers of public bodies and certifiers that do not depend on what happens."""

    def __init__(self, world: World) -> None:
        self._world = world

    def start(self) -> Iterator[Wish]:
        yield from self._apex()
        yield from self._titles()
        for entry, audit, superseded in audits(self._world):
            yield self._audit(entry, audit, superseded)
        yield from self._consents()
        yield from self._licences()

    def on(self, claim: Claim) -> Iterator[Wish]:
        return iter(())

    def end(self) -> Iterator[Wish]:
        return iter(())

    def _before(self, days: int) -> datetime:
        return self._world.scenario.start - timedelta(days=days)

    def _years_after(self, years: int) -> datetime:
        return self._world.scenario.as_of + timedelta(days=365 * years)

    def _apex(self) -> Iterator[Wish]:
        """The seat's anchor mandates the apex, which recognises every nation's accreditation body."""
        world = self._world
        apex = next((party for party in world.parties.values() if party.role == "apex"), None)
        if apex is None:
            return
        seat = world.nations[apex.nation]
        number = f"{seat.code}-AUTH-{apex.id}"
        uri = f"https://{seat.resolver}/authority/{number}"
        anchor = seat.anchor
        scope = (f"{anchor.origin}/scope/accreditation",)
        about = Identity(apex, anchor, "Mandate", number, uri, anchor.scheme, scope)
        start, end = self._before(_RECOGNISED + 30), self._years_after(5)
        yield Wish(about, "dia", f"body/{apex.id}", anchor, start, end)
        numbers = Permutation(world.seed, apex.id, "recognition", 9000)
        for place, nation in enumerate(world.nations.values()):
            body, number = nation.accreditation, f"REC-{1000 + numbers[place]}"
            uri = f"https://{seat.resolver}/recognition/{number}"
            scope = (f"{apex.origin}/scope/{nation.code.lower()}",)
            about = Identity(
                body, apex, "Recognition", number, uri, "Recognition of accreditation bodies", scope
            )
            start = self._before(_RECOGNISED)
            yield Wish(
                about, "dia", f"recognition/{nation.code}", apex, start, self._years_after(4), "suspension"
            )

    def _titles(self) -> Iterator[Wish]:
        world = self._world
        for title in world.scenario.governance.titles:
            facility = world.facilities[title.facility]
            nation = world.nations[facility.nation]
            holder = world.parties[title.holder] if title.holder else facility.operator
            register = nation.land
            if register is None:
                continue  # refused when the scenario was read
            uri = f"https://{nation.resolver}/land/{title.number}"
            scope = (f"{register.origin}/scope/mining", facility.uri)
            about = Identity(holder, register, "Land title", title.number, uri, register.scheme, scope)
            start = max(_day(title.granted), self._before(300))
            yield Wish(about, "dia", f"land/{title.number}", register, start, _day(title.expires))

    def _audit(self, entry: AuditEntry, audit: Audit, superseded: bool) -> Wish:
        world = self._world
        scheme, facility = world.schemes[entry.scheme], world.facilities[entry.facility]
        profile = next(profile for profile in scheme.profiles if profile.subject == "facility")
        found = audit_findings(world, entry, audit)
        issuer, nation = _certifier(world, facility, entry.certifier)
        about = Attested(
            name=f"{_STAGES[audit.stage]} of {facility.name}, {scheme.name}",
            description=f"{facility.name} reached level {audit.level} of the {scheme.name}.",
            scheme=scheme.id,
            profile=profile.id,
            holder=facility.operator,
            assessed=audit.visited,
            found=tuple(found),
            nation=nation,
            kind="verification" if audit.stage == "surveillance" else "certification",
            level=audit.level,
            facility=facility,
            conditions=_audit_conditions(entry, audit, found),
            superseded=superseded,
        )
        return Wish(about, "dcc", _audit_key(entry, audit), issuer, audit.published, audit.until)

    def _consents(self) -> Iterator[Wish]:
        world, governance = self._world, self._world.scenario.governance
        layers = {layer.name: layer for layer in governance.layers}
        for consent in governance.consents:
            facility, layer = world.facilities[consent.facility], layers[consent.layer]
            scheme = world.schemes[CONSENT_SCHEME]
            profile = next(profile for profile in scheme.profiles if profile.id == CONSENT_PROFILE)
            issuer, nation = _certifier(world, facility)
            people = layer.people or layer.name
            about = Attested(
                name=f"Free, prior and informed consent for {facility.name}",
                description=f"{people} agreed to {facility.name} on their land ({layer.name}).",
                scheme=scheme.id,
                profile=profile.id,
                holder=facility.operator,
                assessed=self._before(60),
                found=_all_met(profile),
                nation=nation,
                facility=facility,
                level=_best(scheme),
                conditions=(f"Agreement recorded on {consent.agreed.isoformat()}", f"Land: {layer.name}"),
            )
            key = f"consent/{facility.id}/{governance.layers.index(layer) + 1}"
            yield Wish(about, "dcc", key, issuer, self._before(50), self._years_after(2))

    def _licences(self) -> Iterator[Wish]:
        world = self._world
        for licence in world.scenario.governance.licences:
            nation, holder = world.nations[licence.nation], world.parties[licence.holder]
            scheme = next(
                (s for s in world.schemes.values() if s.owner == f"customs:{nation.code}" and _exporting(s)),
                None,
            )
            if nation.customs is None or scheme is None:
                continue  # refused when the scenario was read
            product = world.products[licence.product]
            span = f"{licence.start.isoformat()} until {licence.until.isoformat()}"
            amount = f"No more than {licence.tonnes} tonnes" if licence.tonnes else "No limit of quantity"
            start = max(_day(licence.start), self._before(300))
            about = Attested(
                name=f"Export licence {licence.number}, {product.name}",
                description=f"{holder.name} may export {product.name} from {nation.name} from {span}.",
                scheme=scheme.id,
                profile=scheme.profiles[0].id,
                holder=holder,
                assessed=start - timedelta(days=10),
                found=_all_met(scheme.profiles[0]),
                nation=nation.code,
                mandated=True,
                conditions=(
                    f"Product: {product.name}, {product.hs or product.model}",
                    f"From {span}",
                    amount,
                ),
            )
            key = f"export-licence/{licence.number}"
            yield Wish(about, "dcc", key, nation.customs, start, _day(licence.until, 23), "suspension")


_STAGES = {
    "initial": "Certificate",
    "surveillance": "Surveillance report",
    "renewal": "Renewed certificate",
}


def _audit_conditions(entry: AuditEntry, audit: Audit, found: list[Finding]) -> tuple[str, ...]:
    open_points = [finding.criterion.name for finding in found if not finding.met]
    told = [f"Visit ended on {audit.visited.date().isoformat()}"]
    if audit.stage == "initial" and entry.corrective_days:
        told.append(f"Corrective action completed in {entry.corrective_days} days before publication")
    if open_points:
        told.append(f"Open: {'; '.join(open_points)}")
    return tuple(told)


def _exporting(scheme: SchemeEntry) -> bool:
    return scheme.id.endswith("export-licensing")


def _all_met(profile: ProfileEntry) -> tuple[Finding, ...]:
    """Every criterion of a profile at full marks: a percentage at 100, any other value at its threshold."""
    return tuple(
        Finding(c, "fully", Decimal(100) if c.unit == "P1" else c.threshold) for c in profile.criteria
    )


def _best(scheme: SchemeEntry) -> str | None:
    return min(scheme.scores, key=lambda score: score.rank).code if scheme.scores else None


def _day(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)
