"""The sites of a short scenario: where each stands, who runs it, what happens there, and what it buys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.simulator import library
from assay.simulator.compact_companies import Companies
from assay.simulator.located import Block, Items, at_line, listed, merged
from assay.simulator.process_types import process_types
from assay.simulator.sites import ScenarioError, SiteEntry

__all__ = ["SITE_KEYS", "ShortSites"]

_PLACE = (
    "at",
    "nation",
    "near",
    "name",
    "operator",
    "description",
    "reach",
    "alias",
    "earlier_record",
    "address",
)
"""Keys of a short site that speak of the place, not of the process."""
SITE_KEYS = frozenset({*_PLACE, "from", *SiteEntry.model_fields} - {"facility"})
"""Every key of a short site."""
_NEVER_SHOWS = ("supplier", "terminal", "market")
"""Kinds of sites that make no claims about themselves."""


class ShortSites:
    """The sites of a scenario by their keys, as they stand in the short form."""

    def __init__(
        self, data: Block, nations: dict[str, Any], names: library.Names, companies: Companies
    ) -> None:
        self._data, self._nations, self._names, self._companies = data, nations, names, companies
        self.short: dict[str, Block] = {}
        for key, entry in data["sites"].items():
            if not isinstance(entry, dict):
                raise ScenarioError(
                    f"sites.{key}: received {str(entry)[:40]!r}; give a mapping with process, nation and near"
                )
            for name in entry:
                if name not in SITE_KEYS:
                    mend = library.nearest(name, SITE_KEYS)
                    raise ScenarioError(
                        f"unknown key sites.{key}.{name}, received {str(entry[name])[:40]!r}; {mend}"
                    )
            self.short[key] = entry if isinstance(entry, Block) else Block(entry)
            companies.reserve(entry.get("operator"))
        self._operators: dict[str, str] = {}

    def operator(self, key: str, seen: tuple[str, ...] = ()) -> str:
        """The party that operates a site: stated, that of another site, or invented."""
        if key in self._operators:
            return self._operators[key]
        entry = self.short[key]
        given, line = entry.get("operator"), at_line(entry, "operator")
        if isinstance(given, str) and given in self.short:
            if given in (*seen, key):
                raise ScenarioError(f"sites.{key}.operator: {given!r} leads back to itself; name a company")
            found = self.operator(given, (*seen, key))
        else:
            kind, process = self.kind(key)
            way = library.site_kind(kind, process)
            title = process_types()[process]["title"] if process else f"{way['place']} operator"
            role = "supplier" if kind == "supplier" else "operator"
            description = f"Operator of: {title}."[:400]
            found = self._companies.party(
                key,
                self.nation(key),
                role,
                way["trade"],
                way["activity"],
                description,
                given,
                line,
                self._near(key),
            )
        self._operators[key] = found
        return found

    def processes(self, key: str) -> list[str]:
        """The process types of a site."""
        given = self.short[key].get("process")
        names = given if isinstance(given, list) else [] if given is None else [given]
        for name in names:
            if not isinstance(name, str) or name not in process_types():
                raise ScenarioError(
                    f"sites.{key}.process: {name!r} is no process type; {library.nearest(str(name), process_types())}"
                )
        return list(names)

    def kind(self, key: str) -> tuple[str, str | None]:
        """The kind of a site, and its (first) process type."""
        processes = self.processes(key)
        if processes:
            return str(process_types()[processes[0]]["kind"]), processes[0]
        kind = self.short[key].get("kind")
        if not isinstance(kind, str):
            raise ScenarioError(f"missing key sites.{key}.process; name a process type, e.g. spodumene-mine")
        try:
            library.site_kind(kind, None)
        except KeyError:
            raise ScenarioError(
                f"sites.{key}.kind: {kind!r} is no kind of site; name a process type instead"
            ) from None
        return kind, None

    def place(self, key: str) -> str:
        """The facility of a site: its own, or the one that it stands at."""
        at = self.short[key].get("at")
        if at is None:
            return key
        if not isinstance(at, str) or at not in self.short or self.short[at].get("at") is not None:
            raise ScenarioError(
                f"sites.{key}.at: {at!r} is no site with a place of its own; {library.nearest(str(at), self.short)}"
            )
        return at

    def nation(self, key: str) -> str:
        """The nation that a site stands in."""
        place = self.place(key)
        code = self.short[place].get("nation")
        if code is None:
            raise ScenarioError(
                f"missing key sites.{place}.nation; give the code of one of the nations: {', '.join(self._nations)}"
            )
        if not isinstance(code, str) or code not in self._nations:
            raise ScenarioError(
                f"sites.{place}.nation: {code!r} is not among the nations ({', '.join(self._nations)}); add it there or change it"
            )
        return code

    def _near(self, key: str) -> list[float] | None:
        """Latitude and longitude of a site, where they are well-formed."""
        near = self.short[self.place(key)].get("near") if key in self.short else None
        well_formed = (
            isinstance(near, list) and len(near) == 2 and all(isinstance(x, int | float) for x in near)
        )
        return near if well_formed else None

    def facilities(self, permits: Mapping[str, Any]) -> Items:
        """A facility for each site that has a place of its own."""
        facilities = listed(self._data, "facilities")
        names: set[str] = set()
        for key, entry in self.short.items():
            if self.place(key) != key:
                continue
            kind, process = self.kind(key)
            way, code, operator = library.site_kind(kind, process), self.nation(key), self.operator(key)
            near = self._near(key)
            if near is None:
                shown = str(entry.get("near"))[:40]
                raise ScenarioError(
                    f"sites.{key}.near: received {shown!r}; give [latitude, longitude] in degrees"
                )
            company = self._companies.name_of(operator)
            name = f"{company.split(' ')[0].capitalize()} {way['place']}"
            address = self._names.address(f"{key}/facility", code, near)
            if name in names:
                name = f"{name} {key.replace('-', ' ').title()}"
            names.add(name)
            made: dict[str, Any] = {
                "id": key,
                "name": name,
                "operator": operator,
                "description": f"{process_types()[process]['title'] if process else way['place']}.",
                "process": list(way["process"]),
                "latitude": near[0],
                "longitude": near[1],
                "address": address,
            }
            if "reach" in way:
                made["reach"] = way["reach"]
            if key in permits:
                made["alias"] = permits[key]["number"]
            stated = Block(
                {
                    k: v
                    for k, v in entry.items()
                    if k in _PLACE and k not in ("at", "nation", "near", "operator")
                }
            )
            stated.lines = {
                "latitude": at_line(entry, "near"),
                "longitude": at_line(entry, "near"),
                **entry.lines,
            }
            facilities.lines[len(facilities)] = at_line(self._data["sites"], key)
            facilities.append(merged(made, stated, entry.line))
        return facilities

    def processes_in_full(self) -> Items:
        """The sites of the long form: one for each process."""
        sites = Items(line=at_line(self._data, "sites"))
        for key, entry in self.short.items():
            kind, _ = self.kind(key)
            processes: list[str | None] = [*self.processes(key)]
            for process in processes or [None]:
                site = Block(
                    {k: v for k, v in entry.items() if k not in (*_PLACE, "from", "process")},
                    at_line(self._data["sites"], key),
                )
                site.lines = {**entry.lines, "facility": site.line}
                site["facility"] = self.place(key)
                if process is not None:
                    site["process"] = process
                    if "product" not in site:
                        site["product"] = self._main(key, process)
                    site.setdefault("kind", kind)
                inputs = self._inputs(key)
                if inputs:
                    site["inputs"] = inputs
                    site.lines.setdefault("inputs", at_line(entry, "from"))
                if "performance" not in site and kind not in _NEVER_SHOWS:
                    site["performance"] = self._performance(key, kind, process)
                sites.lines[len(sites)] = site.line
                sites.append(site)
        return sites

    def _main(self, key: str, process: str) -> str:
        found = library.main_product(process)
        if found is None:
            raise ScenarioError(
                f"missing key sites.{key}.product; a {process} handles whatever the site names"
            )
        return found

    def _makes(self, key: str) -> list[str]:
        stated = self.short[key].get("product")
        return [stated] if isinstance(stated, str) else [self._main(key, p) for p in self.processes(key)]

    def _inputs(self, key: str) -> Block | None:
        entry = self.short[key]
        given, origins = entry.get("inputs", {}), entry.get("from", [])
        if not isinstance(given, dict):
            raise ScenarioError(f"sites.{key}.inputs: received {str(given)[:40]!r}; write {{product: site}}")
        inputs = Block(
            {product: self._feed(feed) for product, feed in given.items()},
            at_line(entry, "inputs" if "inputs" in entry else "from"),
        )
        inputs.lines = dict(getattr(given, "lines", {}))
        for origin in origins if isinstance(origins, list) else [origins]:
            if not isinstance(origin, str) or origin not in self.short:
                raise ScenarioError(
                    f"sites.{key}.from: {str(origin)!r} is no site; {library.nearest(str(origin), self.short)}"
                )
            for product in self._makes(origin):
                if product not in inputs:
                    inputs[product] = self.place(origin)
                    inputs.lines[product] = at_line(entry, "from")
        return inputs or None

    def _feed(self, feed: Any) -> Any:
        """A feed with the facility in place of the site's key."""
        if isinstance(feed, str):
            return self.place(feed) if feed in self.short else feed
        if isinstance(feed, dict) and isinstance(feed.get("from"), str):
            return merged(feed, {"from": self._feed(feed["from"])}, getattr(feed, "line", 0))
        if isinstance(feed, list):
            wrapped = ({"from": one} if isinstance(one, str) else one for one in feed)
            return Items((self._feed(one) for one in wrapped), getattr(feed, "line", 0))
        return feed

    def _performance(self, key: str, kind: str, process: str | None) -> dict[str, Any]:
        way, stream = library.site_kind(kind, process), self._names.stream(key, "performance")
        parameters = self.short[key].get("parameters")
        carbon: Any = parameters.get("carbon") if isinstance(parameters, dict) else None
        if isinstance(carbon, dict):
            carbon = carbon.get("value")
        if carbon is None and process is not None:
            carbon = process_types()[process]["parameters"]["carbon"]["value"]
        thousandths = int(carbon * 100_000) if isinstance(carbon, int | float) else 0
        unverified = {"source": "site meters and records, simulated", "verified": False}
        return {
            "ghg-intensity": {
                "value": thousandths / 100_000,
                "spread": thousandths * 3 // 100 / 100_000,
                "unit": "KGM",
                **unverified,
            },
            "water-recycling": {
                "value": way["water"] + stream.between(-3, 3),
                "spread": 2,
                "unit": "P1",
                **unverified,
            },
            "lost-time-injuries": {"value": way["injuries"], "spread": 0.2, "unit": "C62", **unverified},
        }
