"""The chain of a case: lots before and after those that its root credentials are about, by the sites where they were made.

Sites are ranked so that suppliers come before those whom they supply; only the sites nearest to the case are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import Event, moment
from assay.harness.oracles.scope import is_lot
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import CERTIFICATE, EVENT, FACILITY, PASSPORT, View
from assay.harness.story.words import Names, shown
from assay.profiles.contracts.story import Chain, Flow, Lot, Site

__all__ = ["chain_of", "focus_of"]

Label = Mapping[str, Any]

MOST_SITES = 24
MOST_LOTS = 800
MOST_SHOWN = 9
"""Lots listed at one site."""
MOST_FOCUS = 40
MOST_MADE = 6
"""Lots of a facility that stand for it where a case is about no lot."""
_WIDER = timedelta(days=60)
_LATEST = datetime.max.replace(tzinfo=UTC)


def focus_of(view: View, truth: Truth, label: Label) -> list[str]:
    """Products that a case is about: those of its root credentials, else its targets, else what its facility made then."""
    found: dict[str, None] = {}
    for url in label["root"]:
        if view.shows(url):
            found.update(dict.fromkeys(_products(view, url)))
    for target in label["targets"]:
        url = truth.passport(target)
        if url is not None and view.shows(url):
            found[view.digest(url).subject] = None
    if not found:
        for target in label["targets"]:
            found.update(dict.fromkeys(_made_then(view, truth.facility(target), label)))
    return list(found)[:MOST_FOCUS]


def chain_of(
    view: View, truth: Truth, labels: Sequence[Label], numbers: Mapping[str, int], names: Names
) -> Chain:
    """The chain that several labels share, with the places of their numbered root credentials."""
    focus = {product for label in labels for product in focus_of(view, truth, label)}
    behind = {other for product in focus for other in view.upstream(product)}
    ahead = {other for product in focus for other in view.downstream(product)}
    lots = dict.fromkeys([*sorted(focus), *sorted(behind), *sorted(ahead)])
    chosen = list(lots)[:MOST_LOTS]
    drawing = _Drawing(
        view, names, frozenset(chosen), frozenset(focus), frozenset(focus | ahead), _shares(view, labels)
    )
    for product in chosen:
        drawing.lot(product)
    for label in labels:
        for target in label["targets"]:
            if (uri := truth.facility(target)) is not None:
                drawing.central.add(uri)
                drawing.reach(uri, _LATEST)
    for url, number in numbers.items():
        drawing.paper(url, number)
    return drawing.done()


def _products(view: View, url: str) -> Iterable[str]:
    """Lots that one credential is about; of a make event what came out."""
    one, kind = view.get(url), view.kind(url)
    if one is None:
        return ()
    if kind == PASSPORT:
        return (one.product,)
    if kind == EVENT:
        lines = [line for event in one.events for line in event.outputs or event.items]
        return [line.product for line in lines if is_lot(line.product)]
    return filter(is_lot, view.digest(url).products) if kind == CERTIFICATE else ()


def _made_then(view: View, facility: str | None, label: Label) -> list[str]:
    """The lots that a facility made first within the time of a label, else its first ones. Mines have passports, no make events."""
    if facility is None:
        return []
    start, end = moment(label["from"]), moment(label["until"])
    passports = sorted(view.mentions(facility, PASSPORT), key=Credential.age)
    made = [one for one in passports if one.facility == facility and is_lot(one.product)]
    if start is not None and end is not None:
        late = end + _WIDER if end < _LATEST - _WIDER else end
        made = [one for one in made if one.valid_from and start <= one.valid_from <= late] or made
    return [one.product for one in made[:MOST_MADE]]


def _shares(view: View, labels: Iterable[Label]) -> dict[str, float]:
    """Tainted fraction by product; the highest where several labels name it."""
    found: dict[str, float] = {}
    for label in labels:
        for url, share in label["tainted"].items():
            if view.shows(url):
                product = view.digest(url).subject
                found[product] = max(found.get(product, 0.0), float(share))
    return found


class _Drawing:
    def __init__(
        self,
        view: View,
        names: Names,
        lots: frozenset[str],
        focus: frozenset[str],
        forward: frozenset[str],
        shares: Mapping[str, float],
    ) -> None:
        self.view = view
        self.names = names
        self.lots = lots
        self.focus = focus
        self.forward = forward
        self.shares = shares
        self.central: set[str] = set()
        self._lots: dict[str, list[tuple[datetime, Lot]]] = {}
        self._first: dict[str, datetime] = {}
        self._flows: dict[tuple[str, str], dict[str, Event]] = {}
        self._unmoved: dict[tuple[str, str], dict[str, Event]] = {}
        self._papers: dict[str, set[int]] = {}
        self._moves: dict[tuple[str, str], set[int]] = {}

    def lot(self, product: str) -> None:
        """A lot at the site where it was made, and its moves."""
        passport = self.view.passport(product)
        makes = self.view.makes(product)
        events = self.view.events(product=product)
        site = (passport.facility if passport else "") or next((e.facility for e in makes), "")
        site = site or next((e.facility for e in events if e.facility), "")
        made = next((e.time for e in makes if e.time), None) or (passport.valid_from if passport else None)
        made = made or next((e.time for e in events if e.time), None) or _LATEST
        if site:
            subject = passport.subject if passport else None
            title = subject.get("name") if isinstance(subject, dict) else None
            number = product.rsplit("/", 1)[-1]
            what = Lot(
                product,
                shown(title or "product"),
                number,
                product in self.focus,
                self.shares.get(product, 0.0),
            )
            self._lots.setdefault(site, []).append((made, what))
            self.reach(site, made)
            if product in self.focus:
                self.central.add(site)
        for event in events:
            if event.kind in ("sent", "received"):
                self._move(event)
        for event in makes:
            for line in event.inputs:
                source = self.view.passport(line.product) if line.product in self.lots else None
                if source is not None and source.facility and event.facility:
                    self._made_of(source.facility, event)

    def reach(self, site: str, at: datetime) -> None:
        """Goods of the chain are at a site at a moment."""
        self._first[site] = min(at, self._first.get(site, _LATEST))

    def paper(self, url: str, number: int) -> None:
        """Put a numbered credential where it belongs: at a site, on a move, or with the sites of its party."""
        one, kind = self.view.get(url), self.view.kind(url)
        if one is None:
            return
        sites: set[str] = set()
        if kind == EVENT:
            for event in one.events:
                if event.kind in ("sent", "received") and event.facility and event.destination:
                    self._move(event)
                    self._moves.setdefault((event.facility, event.destination), set()).add(number)
                    self.central |= {event.facility}
                elif event.facility:
                    sites.add(event.facility)
        elif kind in (PASSPORT, FACILITY):
            sites.add(one.facility)
        elif kind == CERTIFICATE:
            digest = self.view.digest(url)
            made = {site for site, some in self._lots.items() for _, lot in some if lot.id in digest.products}
            sites |= made or set(digest.facilities) or self._operated(digest.subject)
        else:
            sites |= self._operated(self.view.digest(url).subject)
        for site in filter(None, sites):
            self._papers.setdefault(site, set()).add(number)
            self.central.add(site)
            self.reach(site, _LATEST)

    def done(self) -> Chain:
        """Sites and flows, nearest first where there are too many."""
        supplied = {target for _, target in self._flows}
        self._flows.update({pair: some for pair, some in self._unmoved.items() if pair[1] not in supplied})
        self._prune()
        kept = self._nearest()
        ranks = {site: rank for rank, site in enumerate(self._in_order(kept))}
        sites = tuple(self._site(site, rank) for site, rank in ranks.items())
        flows = []
        for (source, target), events in sorted(self._flows.items()):
            if source in kept and target in kept:
                flows.append(self._flow(source, target, events.values()))
        return Chain(sites, tuple(flows), len(self._first) - len(kept))

    def _prune(self) -> None:
        """Leave out roads on which only other shares of the lots upstream went, and which lead nowhere in this chain."""
        while True:
            sources = {source for source, _ in self._flows}
            dead = {
                site
                for site in self._first
                if site not in self._lots and site not in self.central and site not in sources
            }
            idle = {
                pair
                for pair, events in self._flows.items()
                if pair[1] in dead
                and not any(line.product in self.forward for e in events.values() for line in e.items)
            }
            dead -= {target for _, target in self._flows.keys() - idle}
            if not dead:
                return
            for pair in idle:
                del self._flows[pair]
            for site in dead:
                del self._first[site]

    def _in_order(self, kept: set[str]) -> list[str]:
        """Suppliers before those whom they supply; where goods go round (returns, recycling), the earliest site first."""
        behind: dict[str, set[str]] = {site: set() for site in kept}
        for source, target in self._flows:
            if source in kept and target in kept:
                behind[target].add(source)
        order: list[str] = []
        while behind:
            free = [site for site, before in behind.items() if not before] or list(behind)
            site = min(free, key=lambda one: (self._first[one], one))
            order.append(site)
            del behind[site]
            for before in behind.values():
                before.discard(site)
        return order

    def _move(self, event: Event) -> None:
        source, target = event.facility, event.destination
        if not source or not target or source == target:
            return
        known = self._flows.setdefault((source, target), {})
        key = event.consignment or event.id
        # What was sent says it; a receipt stands in where nothing was.
        if key not in known or (event.kind == "sent" and known[key].kind != "sent"):
            known[key] = event
        at = event.time or _LATEST
        self.reach(source, at)
        self.reach(target, at)

    def _made_of(self, source: str, event: Event) -> None:
        """An input from elsewhere joins two sites even where nobody recorded its move."""
        if source != event.facility:
            self._unmoved.setdefault((source, event.facility), {})[event.id] = event

    def _operated(self, party: str) -> set[str]:
        found = set()
        for site in self._first:
            for record in self.view.facility_records(site):
                if record.site is not None and party in (did for _, did in record.site.parties):
                    found.add(site)
        return found

    def _nearest(self) -> set[str]:
        near: dict[str, set[str]] = {}
        for source, target in self._flows:
            near.setdefault(source, set()).add(target)
            near.setdefault(target, set()).add(source)
        kept = dict.fromkeys(sorted(self.central & self._first.keys()) or sorted(self._first)[:1])
        waiting = list(kept)
        while waiting:
            for other in sorted(near.get(waiting.pop(0), ())):
                if other not in kept:
                    kept[other] = None
                    waiting.append(other)
        # A site that nothing joins is drawn only where the case is about it.
        return set(list(kept)[:MOST_SITES])

    def _site(self, uri: str, rank: int) -> Site:
        records = self.view.facility_records(uri)
        site = records[0].site if records else None
        operators = [did for role, did in site.parties if role == "operator"] if site else []
        some = sorted(self._lots.get(uri, ()), key=lambda one: (one[0], one[1].id))
        lots = sorted(
            (lot for _, lot in some), key=lambda lot: (not lot.root, -(lot.share > 0))
        )  # stable: by time within
        return Site(
            id=shown(uri),
            name=self.names.facility(uri),
            party=self.names.party(operators[0]) if operators else "",
            country=shown(site.country) if site and site.country else "",
            rank=rank,
            lots=tuple(lots[:MOST_SHOWN]),
            papers=tuple(sorted(self._papers.get(uri, ()))),
            more=max(0, len(lots) - MOST_SHOWN),
        )

    def _flow(self, source: str, target: str, events: Iterable[Event]) -> Flow:
        some = list(events)
        masses = [line.kg for event in some for line in event.items if line.product in self.lots]
        known = [kg for kg in masses if kg is not None]
        return Flow(
            shown(source),
            shown(target),
            sum(known) if known else None,
            sum(1 for event in some if event.items),
            tuple(sorted(self._moves.get((source, target), ()))),
        )
