"""Certificates of origin: one per exporting facility, product and period, issued when the first goods of a period leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from assay.simulator.claim_kinds import Claim, MoveClaim
from assay.simulator.governance import Finding
from assay.simulator.issuance.abouts import Wish
from assay.simulator.issuance.governance import Attested
from assay.simulator.scenario import SchemeEntry
from assay.simulator.trade import customs_origin, material_origins, substantially_transformed
from assay.simulator.world import Nation, World

__all__ = ["Origins"]


class Origins:
    """Certificates of origin by the customs office of the exporter's nation. Remembers one number per facility and product."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._period = timedelta(days=world.scenario.trade.period_days)
        self._certified: dict[tuple[str, str], int] = {}
        self._schemes = {
            scheme.owner.removeprefix("customs:"): scheme
            for scheme in world.schemes.values()
            if scheme.owner.startswith("customs:") and scheme.id.endswith("origin-rules")
        }

    def start(self) -> Iterator[Wish]:
        return iter(())

    def end(self) -> Iterator[Wish]:
        return iter(())

    def on(self, claim: Claim) -> Iterator[Wish]:
        world = self._world
        if not world.scenario.trade.origin_certificates:
            return
        if not isinstance(claim, MoveClaim) or claim.arrived is not None:
            return
        route = world.scenario.routes[claim.route]
        nation = world.nations[world.facilities[route.origin].nation]
        scheme = self._schemes.get(nation.code)
        if nation.code == world.facilities[route.destination].nation or scheme is None:
            return
        number = (claim.departed - world.scenario.start) // self._period
        for quantity in claim.sent:
            maker, product = quantity.lot.facility, quantity.lot.product
            if (
                self._certified.get((maker, product)) == number
                or world.facilities[maker].nation != nation.code
            ):
                continue
            self._certified[maker, product] = number
            yield self._certificate(claim, nation, scheme, maker, product, number)

    def _certificate(
        self, claim: MoveClaim, nation: Nation, scheme: SchemeEntry, maker: str, product: str, number: int
    ) -> Wish:
        world, profile = self._world, scheme.profiles[0]
        facility, entry = world.facilities[maker], world.products[product]
        first = world.scenario.start + number * self._period
        last = first + self._period - timedelta(days=1)
        origin = customs_origin(world, maker, product)
        name = f"Certificate of origin of {entry.name}, {first.date().isoformat()}"
        about = Attested(
            name=name,
            description=f"{entry.name} made at {facility.name} is of {world.nations[origin].name} for customs.",
            scheme=scheme.id,
            profile=profile.id,
            holder=facility.operator,
            assessed=claim.departed - timedelta(hours=4),
            found=tuple(Finding(criterion, "fully", Decimal(100)) for criterion in profile.criteria),
            nation=nation.code,
            mandated=True,
            kind="verification",
            facility=facility,
            product=product,
            conditions=(
                f"Customs origin: {origin}, {_rule(world, maker, product)}",
                f"Materials won in: {', '.join(material_origins(world, maker, product))}",
                f"HS code: {entry.hs or 'not stated'}",
                f"Goods leaving from {first.date().isoformat()} until {last.date().isoformat()}",
            ),
        )
        customs = nation.customs
        assert customs is not None  # it owns the scheme
        key, issued = f"origin/{maker}/{product}/{number + 1}", claim.departed - timedelta(hours=2)
        return Wish(about, "dcc", key, customs, issued, world.scenario.as_of + timedelta(days=730))


def _rule(world: World, maker: str, product: str) -> str:
    if not world.site(maker, product).inputs:
        return "wholly obtained there or made of bought materials"
    if substantially_transformed(world, maker, product):
        return "last substantially transformed there (change of tariff heading)"
    return "not transformed since"
