"""Certificates that nobody was entitled to issue, or to use any longer, or for this place.

Those of visits (F18, F19, F20, F27) are certificates of batches that a facility made; severity says how many visits, up
to ten. Standing ones (F21, F22, F23) are the certificate of a site that its record relies on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from assay.simulator.claim_kinds import BatchClaim, Claim
from assay.simulator.deceptions.base import WHOLE, Deception
from assay.simulator.deceptions.guests import guest, with_party
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import (
    FacilityRecord,
    Identity,
    Passport,
    ProductCertificate,
    SiteCertificate,
    Wish,
)
from assay.simulator.issuance.edits import Edit
from assay.simulator.issuance.names import (
    accreditation_url,
    record_url,
    scheme_uris,
    site_certificate_url,
)
from assay.simulator.issuance.planners import before, years_after
from assay.simulator.issuance.v0_7.fragments import country, id_scheme
from assay.simulator.publication import archive_days
from assay.simulator.randomness import Permutation
from assay.simulator.scenario import Scenario
from assay.simulator.world import Facility, Nation

__all__ = [
    "CaptiveCertifier",
    "ExpiredCertificate",
    "FacilityMismatch",
    "ForgedCertificate",
    "OutOfScopeAccreditation",
    "RevokedCertificate",
    "UnaccreditedCertifier",
]

_UNCERTIFIED = ("mine", "brine", "market", "terminal")
_MOST_VISITS = 10


def _customer(scenario: Scenario, facility: str) -> str | None:
    """Whom a facility delivers to first, other than its own operator."""
    operators = {place.id: place.operator for place in scenario.facilities}
    return next(
        (
            operators[route.destination]
            for route in scenario.routes
            if route.origin == facility and operators[route.destination] != operators[facility]
        ),
        None,
    )


class _Visits(Deception):
    """Certificates of batches that come from somebody else than the certifier of the nation."""

    needs = "facilities whose products are certified"
    scarce = "visit"
    heeds = frozenset({ProductCertificate})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(site.facility for site in scenario.sites if site.kind not in _UNCERTIFIED)

    def setup(self) -> None:
        self._left = max(1, _MOST_VISITS * self.severity // WHOLE)

    @property
    def ready(self) -> bool:
        """Earlier than its turn by severity, so that there is time for as many visits as that asks for."""
        return self.seen * WHOLE > self.part.turn * (WHOLE - self.severity) or not self.part.turn

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if (
            not isinstance(about, ProductCertificate)
            or not self._left
            or not self.ready
            or not self.takes(wish.key, alone=True)
        ):
            yield wish
            return
        self._left -= 1
        new = self._issued(wish, about)
        self.redirect(self.label.url(wish), self.label.url(new))
        self.label.root(new)
        self.label.span(wish.valid_from, wish.valid_from)
        self.label.target(*(batch.lot.id for batch in about.batches))
        for batch in about.batches:
            self.taint(batch.lot)
        yield from self.moved(wish, new)

    def _issued(self, wish: Wish, about: ProductCertificate) -> Wish:
        """The certificate that is issued instead."""
        raise NotImplementedError


@pattern("F18")
class ForgedCertificate(_Visits):
    """A producer issues a certificate of its product to a customer, which claims that a third party assessed. None did.

    Together with a look-alike domain (F36) it bears the certifier's name instead. The twin issues its own certificate too
    and says so: a supplier's declaration to the customer. It is made out to the customer, as such declarations are: one that
    the issuer makes out to itself breaks a rule of the document format, and would be found without looking at the chain.
    """

    needs = "facilities whose products are certified and delivered to somebody else"
    repeat = 6

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [name for name in super().targets(scenario) if _customer(scenario, name) is not None]

    def _issued(self, wish: Wish, about: ProductCertificate) -> Wish:
        forger = about.facility.operator
        for name, brought_by in self.world.guests.items():
            if self.part.composite is not None and brought_by == f"{self.part.composite}-F36":
                forger = self.world.parties[name]
        new = replace(wish, issuer=forger)
        said = "self" if self.honest else "3rdParty"
        own = forger is about.facility.operator
        self.label.actor(forger)
        self.label.told(
            claimed=f"{said} assessment",
            true="assessed by the producer itself" if own else "assessed by nobody",
            unit="assurance",
        )
        edits = list(new.edits)
        if own:
            buyer = _customer(self.world.scenario, self.target)
            assert buyer is not None  # who delivers to nobody is no target
            customer = self.world.parties[buyer]
            to = "/credentialSubject/issuedToParty"
            for member, value in (
                ("id", customer.did),
                ("name", customer.name),
                ("registeredId", customer.number),
            ):
                edits.append(Edit(f"{to}/{member}", value))
        if self.honest:
            edits.append(Edit("/credentialSubject/assessorLevel", "self"))
        return replace(new, edits=tuple(edits))


class _Guests(_Visits):
    """A certifier of its own comes to the facility, and really does the work."""

    def prepare(self, scenario: Scenario) -> Scenario:
        nation = scenario.nations_of_facilities()[self.target]
        return with_party(scenario, guest(scenario, self.part, "certifier", nation))

    def _issued(self, wish: Wish, about: ProductCertificate) -> Wish:
        certifier = self.guests[0]
        self.label.actor(certifier)
        self.parties.add(certifier.id)
        return self.done(replace(wish, issuer=certifier))

    @property
    def _nation(self) -> Nation:
        return self.world.nations[self.world.facilities[self.target].nation]

    def _accreditation(self, nation: Nation, scope: tuple[str, ...]) -> Wish:
        """An identity anchor that a nation's accreditation body gives the certifier; really given."""
        world, certifier = self.world, self.guests[0]
        numbers = Permutation(world.seed, "accreditation", "number", 9000)
        number = f"{nation.code}-CAB-{1000 + numbers[8999 - world.parts.index(self.part)]}"
        uri = f"https://{nation.resolver}/accreditation/{number}"
        body = nation.accreditation
        about = Identity(certifier, body, "Accreditation", number, uri, body.scheme, scope)
        key = f"accreditation/{nation.code}/{certifier.id}"
        start, end = before(world, 370), years_after(world, 4)
        return self.done(self.added(Wish(about, "dia", key, body, start, end, "suspension")))

    def _scheme(self) -> tuple[str, ...]:
        return scheme_uris(self.world, self.world.scenario.scheme)


@pattern("F19")
class UnaccreditedCertifier(_Guests):
    """A certifier that no accreditation body ever looked at certifies batches.

    The twin's certifier has no accreditation of this nation either, but one of another nation, whose body the apex recognises.
    """

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return super().targets(scenario) if len(scenario.nations) > 1 else ()

    def start(self) -> Iterator[Wish]:
        if self.honest:
            yield self._accreditation(self._abroad, self._scheme())

    @property
    def _abroad(self) -> Nation:
        return next(nation for nation in self.world.nations.values() if nation is not self._nation)

    def _issued(self, wish: Wish, about: ProductCertificate) -> Wish:
        new = super()._issued(wish, about)
        self.label.told(
            claimed="accredited",
            true="accredited abroad" if self.honest else "not accredited",
            unit="accreditation",
        )
        if not self.honest:
            return new
        body = self._abroad.accreditation
        authorisation = "/credentialSubject/authorisation/0"
        nation = self.world.nations[body.nation]
        authority = {
            "type": ["Party"], "id": body.did, "name": body.name, "registeredId": body.number,
            "idScheme": id_scheme(f"https://{body.register_host}", body.register_name),
            "registrationCountry": country(nation.code, nation.name),
        }  # fmt: skip
        url = accreditation_url(self.world, self._abroad.code, self.guests[0])
        edits = (
            Edit(f"{authorisation}/issuingAuthority", authority),
            Edit(f"{authorisation}/endorsementEvidence/linkURL", url),
        )
        return replace(new, edits=(*new.edits, *edits))


@pattern("F20")
class OutOfScopeAccreditation(_Guests):
    """The certifier is accredited, but neither for the scheme nor for the profile or any criterion that it certifies against.

    The twin's accreditation names the scheme alone, which covers its profiles and criteria.
    """

    needs = "facilities whose products are certified, and a second conformity scheme"

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return super().targets(scenario) if _other_scheme(scenario) else ()

    def start(self) -> Iterator[Wish]:
        other = scheme_uris(self.world, _other_scheme(self.world.scenario))
        yield self._accreditation(self._nation, self._scheme()[:1] if self.honest else other[:1])

    def _issued(self, wish: Wish, about: ProductCertificate) -> Wish:
        covered = self.world.scenario.scheme if self.honest else _other_scheme(self.world.scenario)
        self.label.told(
            claimed=self.world.scenario.scheme, true=covered, unit="scheme in the scope of accreditation"
        )
        return super()._issued(wish, about)


def _other_scheme(scenario: Scenario) -> str:
    """Another scheme of a private owner than the one that sites and products are certified against."""
    return next(
        (one.id for one in scenario.schemes if one.id != scenario.scheme and ":" not in one.owner), ""
    )


@pattern("F27")
class CaptiveCertifier(_Guests):
    """The certifier is accredited and in scope, and belongs to the producer that it certifies, as the business register shows.

    The twin's certifier has an owner too: an investor who owns nothing else here.
    """

    def prepare(self, scenario: Scenario) -> Scenario:
        nation = scenario.nations_of_facilities()[self.target]
        owner = next(place.operator for place in scenario.facilities if place.id == self.target)
        investor = guest(scenario, self.part, "operator", nation, role="investor")
        certifier = guest(
            scenario, self.part, "certifier", nation, owner=investor.id if self.honest else owner
        )
        if self.honest:
            return with_party(with_party(scenario, certifier), investor)
        return with_party(scenario, certifier)

    def start(self) -> Iterator[Wish]:
        yield self._accreditation(self._nation, self._scheme())
        world, certifier = self.world, self.guests[0]
        owner = self.guests[1] if self.honest else world.facilities[self.target].operator
        self.act("owns", before(world, 900), owner, of=certifier.did, share=1)
        self.label.told(claimed="independent", true=f"owned by {owner.name}", unit="owner of the certifier")


class _Standing(Deception):
    """The certificate of a site."""

    needs = "facilities with yearly figures, which a site certificate confirms"
    hears = frozenset({BatchClaim})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return dict.fromkeys(site.facility for site in scenario.sites if site.performance)

    def _struck(self, wish: Wish, start: datetime, end: datetime) -> None:
        self.label.root(wish)
        self.label.span(start, end)

    def on_claim(self, claim: Claim) -> Iterator[Claim]:
        """What is made while the record shows what it should not is sold under it."""
        if isinstance(claim, BatchClaim) and claim.lot.facility == self.target and claim.made >= self._since:
            self.taint(claim.lot)
        yield claim

    @property
    def _since(self) -> datetime:
        return self.world.scenario.start

    def _record(self) -> str:
        """Where the record of the target stands."""
        return record_url(self.world, self.world.facilities[self.target])


_VALID = timedelta(days=730)
_GOOD_TIME = timedelta(days=2)


@pattern("F21")
class ExpiredCertificate(_Standing):
    """A record relies on a site certificate that ended before: by severity times its two years.

    The twin relies on one that ends as much later: it was in force when the claim was made.
    """

    heeds = frozenset({SiteCertificate, FacilityRecord})

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        if isinstance(about, SiteCertificate) and not wish.edits:
            claimed = before(self.world, 10)
            distance = max(_GOOD_TIME, _VALID * self.severity / WHOLE)
            end = claimed + distance if self.honest else claimed - distance
            end = end.replace(microsecond=0)
            start = end - _VALID
            new = replace(
                wish,
                about=replace(about, assessed=start - timedelta(days=10)),
                valid_from=start,
                valid_until=end,
            )
            self.done(new)
            yield from self.moved(wish, new)
            return
        if isinstance(about, FacilityRecord) and about.certificate is not None and not about.earlier:
            self._struck(wish, wish.valid_from, wish.valid_until)
            self.label.told(
                certificate=about.certificate,
                claimed="certified",
                true="certified" if self.honest else "expired",
                unit="certificate",
            )
        yield wish


@pattern("F22")
class RevokedCertificate(_Standing):
    """The certifier withdrew the certificate of a site before goods were made; the record goes on showing it.

    The twin's was withdrawn too, because another took its place on the day before.
    """

    waits = False
    heeds = frozenset({Passport, SiteCertificate})
    sold = False
    """Whether goods were made after a day of the archive."""

    @property
    def _since(self) -> datetime:
        return self.world.scenario.start + timedelta(days=5)

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about, since = wish.about, self._since
        later = isinstance(about, Passport) and about.batch.made > archive_days(self.world)[0]
        if later and not self.sold and self.ready:
            self.sold = True
            self.label.root(wish)
            self.label.target(about.batch.lot.id)
        if isinstance(about, SiteCertificate) and not wish.ended:
            new = replace(wish, ended=((since, None),))
            self.act("revoked", since, wish.issuer, url=self.label.url(wish))
            self.replaced(wish, new)
            self.label.root(self._record())
            self._struck(new, since, self.world.scenario.as_of)
            self.label.told(
                claimed="certified", true="certified anew" if self.honest else "withdrawn", unit="certificate"
            )
            if self.honest:
                again = replace(wish, key=f"{wish.key}/again", valid_from=since - timedelta(days=1))
                yield self.done(self.added(again))
            yield new
            return
        yield wish


@pattern("F23")
class FacilityMismatch(_Standing):
    """A record relies on the certificate of another site; nobody certified this one.

    The twin's relies on it as well, and there the certificate names both sites.
    """

    needs = "two facilities with yearly figures in one nation"
    heeds = frozenset({SiteCertificate, FacilityRecord})

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        sites = list(super().targets(scenario))
        nations = scenario.nations_of_facilities()
        many = Counter(nations[site] for site in sites)
        return [site for site in sites if many[nations[site]] > 1]

    def setup(self) -> None:
        here = self.world.facilities[self.target]
        same = [
            self.world.facilities[name]
            for name in self.targets(self.world.scenario)
            if name != here.id and self.world.facilities[name].nation == here.nation
        ]
        cast = {part.target for part in self.world.parts if part is not self.part}
        self.other: Facility = next((one for one in same if one.id not in cast), same[0])
        self.facilities.add(self.other.id)
        self.redirect(site_certificate_url(self.world, here), site_certificate_url(self.world, self.other))

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about, here = wish.about, self.world.facilities[self.target]
        if isinstance(about, SiteCertificate) and about.facility is here and not wish.spare:
            yield self.dropped(wish)
            return
        if isinstance(about, SiteCertificate) and about.facility is self.other and self.honest:
            reference = {"type": ["Facility"], "id": here.uri, "name": here.name, "registeredId": here.number}
            assessed = {"facility": reference, "idVerifiedByCAB": True}
            edit = Edit("/credentialSubject/conformityAssessment/*/assessedFacility/-", assessed)
            new = replace(wish, edits=(*wish.edits, edit))
            scheme = scheme_uris(self.world, self.world.scenario.scheme)[0]
            more = {
                "url": self.label.url(wish),
                "facility": here.uri,
                "scheme": scheme,
                "kind": "SiteCertificate",
            }
            self.act("certified", wish.valid_from, wish.issuer, **more)
            yield self.replaced(wish, new)
            return
        if isinstance(about, FacilityRecord) and about.facility is here and not about.earlier:
            self._struck(wish, wish.valid_from, wish.valid_until)
            site = f"{self.other.name} and {here.name}" if self.honest else self.other.name
            self.label.told(claimed=here.name, true=site, unit="certified site")
        yield wish
