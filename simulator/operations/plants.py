"""Sites at work: lines, batches, limits of the calendar year, by-products, and what is made again."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from assay.simulator.chemistry import PPM
from assay.simulator.facts import Conversion, Granularity, Imbalance, Lot, Material, Origin, Portion, Source
from assay.simulator.operations.floor import Floor, Site, Steps, parameter_ppm
from assay.simulator.operations.graph import Key
from assay.simulator.operations.logistics import Logistics
from assay.simulator.operations.pace import DAY, Limit, work_minutes
from assay.simulator.operations.process import KG, Batch, Need, Output, feeds_of, lot_size, scaled
from assay.simulator.operations.recycler import Recycler
from assay.simulator.operations.store import aside
from assay.simulator.randomness import Stream

__all__ = ["Plants"]


class Plants:
    """Everything inside facilities."""

    def __init__(self, floor: Floor, logistics: Logistics) -> None:
        self._floor, self._logistics = floor, logistics

    def start(self) -> None:
        """Take stock, and open every line."""
        for key, site in self._floor.sites.items():
            self._open(site)
            for _ in range(self._floor.pace.lines.get(key, site.entry.lines or 1)):
                if site.left != 0:
                    self._floor.env.process(self.line(key, site))
            process = self._floor.graph.processes[key]
            if isinstance(process, Recycler) and site.left is not None and feeds_of(site.entry)[1]:
                self._floor.env.process(self.scrap_line(key, site, process))
            if parameter_ppm(site.entry, "off_spec", 0):
                self._floor.env.process(self.rework(site))

    def _open(self, site: Site) -> None:
        """Opening stock: lots that were there on the first day."""
        left, entry = int(site.entry.opening_kg * KG), site.entry
        process = self._floor.graph.processes[entry.facility, entry.product]
        grades = process.grades(entry.product, 0)
        moisture = parameter_ppm(entry, "moisture", 0)
        energy = getattr(process, "kilograms_per_kwh", None)
        while left > 0:
            mass = min(left, lot_size(entry))
            elements = {name: mass * grade.numerator // grade.denominator for name, grade in grades.items()}
            watt_hours = int(Fraction(mass, 1000) / energy) if energy else 0
            lot = self._lot(
                site, entry.product, Material(mass, moisture, elements, watt_hours), site.number + 1
            )
            site.number += 1
            self._floor.facts.append(Source(lot, entry.facility, 0, 0, "opening"))
            site.store.add(Portion(lot, mass, elements))
            left -= mass

    def _lot(
        self, site: Site, product: str, material: Material, number: int, *, off_spec: bool = False
    ) -> Lot:
        entry = site.entry
        main = product == entry.product
        level: Granularity = (
            (entry.granularity or ("item" if entry.kind == "pack" else "batch")) if main else "batch"
        )
        name = f"{entry.facility}/{product}/{number:04d}"
        return Lot(
            name, product, entry.facility, entry.kind, number, self._floor.now, material, level, off_spec
        )

    def line(self, key: Key, site: Site) -> Steps:
        """One production line: lots one after the other, each as soon as its inputs lie ready and somebody wants it.

        Lines of a site share its numbers, so a lot is named when it is started.
        """
        entry, store, process = site.entry, site.store, self._floor.graph.processes[key]
        yield self._floor.env.timeout(entry.start_day * DAY)
        while site.left is None or site.left > 0:
            if site.full():
                yield store.taken()
                continue
            if site.left is not None:
                site.left -= 1
            site.number += 1
            number = site.number
            site.waiting += 1
            if site.interval is not None:
                turn, site.begun = site.begun, site.begun + 1
                if turn:
                    begin = yield site.opened
                    yield self._floor.env.timeout(max(0, int(begin + site.interval * turn) - self._floor.now))
            stream = Stream(self._floor.seed, f"{entry.facility}/{entry.product}/{number:04d}", "process")
            batch = process.batch(stream)
            work = work_minutes(entry)
            work = max(1, work - stream.below(max(1, work // 8)))
            yield from store.wait(batch.needs)
            source = None if batch.needs else batch.finish({})
            for limit in site.limits:
                yield from self._within(site, limit, source, work)
            if site.limits:
                yield from store.wait(batch.needs)
            if self._floor.now + work >= self._floor.end:
                return  # nothing is begun that nobody would see the end of
            portions = [portion for need in batch.needs for portion in store.take(need)]
            site.waiting -= 1
            if site.interval is not None and not site.opened.triggered:
                left = self._floor.end - self._floor.now - 2 * work
                site.interval = min(site.interval, Fraction(max(0, left), self._floor.plan.demanded[key][1]))
                site.opened.succeed(self._floor.now)
            job = self.job(key, site, number, work, portions, batch, stream)
            if site.left is None and entry.lines is None:
                self._floor.env.process(job)  # what lives on scrap grows with it
            else:
                yield from job

    def scrap_line(self, key: Key, site: Site, process: Recycler) -> Steps:
        """What comes back by chance is worked up beside what was planned, as soon as it makes a batch."""
        while True:
            site.number += 1
            number = site.number
            stream = Stream(
                self._floor.seed, f"{site.entry.facility}/{site.entry.product}/{number:04d}", "process"
            )
            batch, work = process.by_chance(stream), work_minutes(site.entry)
            yield from site.store.wait(batch.needs)
            for limit in site.limits:
                yield from self._within(site, limit, None, work)
            if self._floor.now + work >= self._floor.end:
                return
            portions = [portion for need in batch.needs for portion in site.store.take(need)]
            self._floor.env.process(self.job(key, site, number, work, portions, batch, stream))

    def job(
        self,
        key: Key,
        site: Site,
        number: int,
        work: int,
        portions: list[Portion],
        batch: Batch,
        stream: Stream,
    ) -> Steps:
        """One batch in work."""
        started = self._floor.now
        yield self._floor.env.timeout(work)
        self._finish(key, site, number, started, portions, batch.finish(_by_product(portions)), stream)

    def _within(self, site: Site, limit: Limit, source: tuple[Output, ...] | None, work: int) -> Steps:
        """Wait until a lot fits under a yearly limit, and take its share of it."""
        amount = lot_size(site.entry)
        if limit.wet and source is not None:
            amount = source[0][1].mass * PPM // (PPM - source[0][1].moisture) + 1
        while True:
            year = self._floor.moment(self._floor.now + work).year
            if site.made[limit.key, year] + amount <= limit.tonnes:
                site.made[limit.key, year] += amount
                return
            turn = self._floor.moment(self._floor.now).replace(
                year=self._floor.moment(self._floor.now).year + 1,
                month=1,
                day=1,
                hour=0,
                minute=0,
                second=0,
                microsecond=0,
            )
            wait = int((turn - self._floor.moment(self._floor.now)).total_seconds()) // 60 + 1
            yield self._floor.env.timeout(max(1, wait))

    def _finish(
        self,
        key: Key,
        site: Site,
        number: int,
        started: int,
        portions: list[Portion],
        outputs: tuple[Output, ...],
        stream: Stream,
    ) -> None:
        """Write down what a batch gave, and put it where it belongs."""
        entry = site.entry
        off = stream.below(PPM) < parameter_ppm(entry, "off_spec", 0)
        escapes = off and site.may_come_back and stream.below(PPM) < parameter_ppm(entry, "escape", 0)
        lots = tuple(
            self._lot(site, product, material, number, off_spec=off and place == 0)
            for place, (product, material) in enumerate(outputs)
        )
        if portions:
            self._convert(entry.facility, number, started, portions, lots)
        else:
            origin: Origin = "bought" if entry.kind == "supplier" else "mined"
            for lot in lots:
                self._floor.facts.append(Source(lot, entry.facility, started, self._floor.now, origin))
        for place, lot in enumerate(lots):
            shelf = aside(lot.product) if place == 0 and off and not escapes else None
            site.store.add(Portion(lot, lot.material.mass, lot.material.elements), shelf)
        self._floor.made[key] += 1

    def _convert(
        self, facility: str, number: int, started: int, portions: list[Portion], lots: tuple[Lot, ...]
    ) -> None:
        losses = _losses(lots[0].id, portions, lots)
        self._floor.facts.append(
            Conversion(facility, number, started, self._floor.now, tuple(portions), lots, losses)
        )

    def rework(self, site: Site) -> Steps:
        """Lots that were set aside are made again, and what a buyer sent back is replaced."""
        entry, store, shelf = site.entry, site.store, aside(site.entry.product)
        while True:
            mass = store.first(shelf)
            if not mass:
                yield store.added()
                continue
            work = max(1, work_minutes(entry) // 2)
            if self._floor.now + work >= self._floor.end:
                return
            portions = store.take(Need(shelf, mass))
            site.number += 1
            number, started = site.number, self._floor.now
            yield self._floor.env.timeout(work)
            good = parameter_ppm(entry, "rework_yield", PPM)
            material = portions[0].lot.material
            elements = scaled(portions[0].elements, good)
            lot = self._lot(
                site, entry.product, Material(mass * good // PPM, material.moisture, elements), number
            )
            self._convert(entry.facility, number, started, portions, (lot,))
            store.add(Portion(lot, lot.material.mass, elements))
            if site.owed:
                destination, amount = site.owed.pop(0)
                self._logistics.replace(entry.facility, destination, entry.product, amount)


def _by_product(portions: Iterable[Portion]) -> dict[str, Material]:
    mass: dict[str, int] = {}
    elements: dict[str, dict[str, int]] = {}
    for portion in portions:
        product = portion.lot.product
        mass[product] = mass.get(product, 0) + portion.mass
        total = elements.setdefault(product, {})
        for element, amount in portion.elements.items():
            total[element] = total.get(element, 0) + amount
    return {product: Material(mass[product], 0, elements[product]) for product in mass}


def _losses(name: str, portions: Iterable[Portion], lots: Iterable[Lot]) -> dict[str, int]:
    left: dict[str, int] = {}
    for portion in portions:
        for element, amount in portion.elements.items():
            left[element] = left.get(element, 0) + amount
    for lot in lots:
        for element, amount in lot.material.elements.items():
            left[element] = left.get(element, 0) - amount
    for element, amount in left.items():
        if amount < 0:
            raise Imbalance(f"{name}: {-amount} mg of {element} came from nowhere")
    return dict(sorted(left.items()))
