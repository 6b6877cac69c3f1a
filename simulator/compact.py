"""The short form of a scenario, written out in full: one page in, everything that a simulation needs out.

A scenario is short where its ``sites`` are a mapping: the key is the site's id and that of its facility. Nations come by
code; parties, facilities and products follow from the sites, legs of routes and schemes from the library. What a scenario
states itself is kept as it stands. Pure: data in, data out; messages name keys of the short form, and what is made out of
an entry stands at the line of that entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from assay.simulator import library
from assay.simulator.located import Block, Items, at_line
from assay.simulator.process_types import process_types
from assay.simulator.sites import ScenarioError, SiteEntry

__all__ = ["expanded"]

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
_SITE_KEYS = frozenset({*_PLACE, "from", *SiteEntry.model_fields} - {"facility"})
"""Every key of a short site."""
_ROUTE_KEYS = frozenset({"by", "legs", "carrier", "parcel_t", "parcel_kg"})
_SHORT_ONLY = ("carriers",)
_NEVER_SHOWS = ("supplier", "terminal", "market")
"""Kinds of sites that make no claims about themselves."""


def expanded(data: Block) -> Block:
    """The scenario in full. Raises :class:`ScenarioError` with keys of the short form."""
    full = Block(data, data.line)
    full.lines = dict(data.lines)
    if "nations" in data:
        full["nations"] = _nations(data)
    if not isinstance(data.get("sites"), dict):
        return full
    return _Expansion(data, full).result()


def _nations(data: Block) -> Any:
    given = data["nations"]
    line = at_line(data, "nations")
    if isinstance(given, list):
        given = Block({_code(code): None for code in given}, line)
        given.lines = {code: at_line(data["nations"], place) for place, code in enumerate(given)}
    if not isinstance(given, dict):
        raise ScenarioError(f"nations: received {str(given)[:40]!r}; list codes such as [AU, KR, DE]")
    nations = Block(line=line)
    borders = "governance" in data or "trade" in data  # only then has a customs office something to do
    for code, entry in given.items():
        if entry is None or (isinstance(entry, dict) and "bounds" not in entry):
            nations[code] = _merged(library.nation(code, customs=borders), entry, at_line(given, code))
        else:
            nations[code] = entry
        nations.lines[code] = at_line(given, code)
    return nations


def _code(value: Any) -> str:
    if not isinstance(value, str):
        raise ScenarioError(f'nations: a code is read as {value!r}; put it in quotes, e.g. "NO"')
    return value


def _merged(base: Mapping[str, Any], over: Any, line: int) -> Block:
    """``base`` with what a scenario states over it, mapping by mapping."""
    merged = Block(base, line)
    if isinstance(over, Block):
        merged.lines = dict(over.lines)
    for key, value in (over or {}).items():
        old = merged.get(key)
        merged[key] = (
            _merged(old, value, at_line(over, key))
            if isinstance(old, dict) and isinstance(value, dict)
            else value
        )
    return merged


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class _Expansion:
    """One scenario being written out. Parties are added as they are met."""

    def __init__(self, data: Block, full: Block) -> None:
        self.data, self.full = data, full
        name = data.get("name")
        if not isinstance(name, str):
            raise ScenarioError(
                "missing key name; give the scenario a name, lower-case words joined by hyphens"
            )
        self.names = library.Names(name)
        self.nations: dict[str, Any] = full.get("nations") or {}
        if not self.nations:
            raise ScenarioError("missing key nations; list codes such as [AU, KR, DE]")
        self.parties = self._listed("parties")
        for party in self.parties:
            if isinstance(party, dict) and isinstance(party.get("name"), str):
                self.names.taken(party["name"])
        self.sites: dict[str, Block] = {}
        for key, entry in data["sites"].items():
            if not isinstance(entry, dict):
                raise ScenarioError(
                    f"sites.{key}: received {str(entry)[:40]!r}; give a mapping with process, nation and near"
                )
            for name in entry:
                if name not in _SITE_KEYS:
                    mend = library.nearest(name, _SITE_KEYS)
                    raise ScenarioError(
                        f"unknown key sites.{key}.{name}, received {str(entry[name])[:40]!r}; {mend}"
                    )
            self.sites[key] = entry if isinstance(entry, Block) else Block(entry)
            self._reserve(entry.get("operator"))
        self.operators: dict[str, str] = {}
        self.permits: dict[str, Any] = {}

    def _reserve(self, operator: Any) -> None:
        named = operator.get("name") if isinstance(operator, dict) else operator
        if isinstance(named, str) and named[:1].isupper():
            self.names.taken(named)

    def _listed(self, key: str) -> Items:
        """Entries that the scenario states in full, to which others are added."""
        given = self.data.get(key, ())
        if not isinstance(given, list | tuple):
            raise ScenarioError(f"{key}: received {str(given)[:40]!r}; list entries in full, or leave it out")
        items = Items(given, at_line(self.data, key))
        items.lines = dict(getattr(given, "lines", {}))
        return items

    def result(self) -> Block:
        full = self.full
        self.permits = self._permits()
        full["facilities"] = self._facilities()
        full["sites"] = self._sites()
        self._scheme()
        full["permits"] = Items(self.permits.values(), at_line(self.data, "permits"))
        full["routes"] = self._routes()
        full["certifiers"] = self._certifiers()
        self._software()
        full["products"] = self._products()
        self._energy()
        for key in ("margin", "carbon"):
            base = library.default(key)
            full[key] = (
                _merged(base, self.data[key], at_line(self.data, key))
                if isinstance(self.data.get(key), dict)
                else (self.data.get(key, base))
            )
        full.setdefault("description", full.get("title", ""))
        full["parties"] = self.parties
        for key in _SHORT_ONLY:
            full.pop(key, None)
        return full

    # parties

    def _party(
        self,
        thing: str,
        code: str,
        kind: str,
        trade: str,
        activity: Any,
        description: str,
        given: Any,
        line: int,
    ) -> str:
        """The id of a party: one that is named, one that is described, or a new one."""
        if isinstance(given, str) and not given[:1].isupper():
            return given  # an id; whether it exists is checked with all the others
        entry: dict[str, Any] = given if isinstance(given, dict) else {"name": given} if given else {}
        if "name" in entry:
            name = str(entry["name"])
            forms = library.habits(code)["forms"]
            stem = next(
                (
                    name.removesuffix(f" {form}")
                    for form in sorted(forms, key=len, reverse=True)
                    if name.endswith(f" {form}")
                ),
                name,
            )
        else:
            stem = f"{self.names.root(thing, code)} {trade}"
            name = f"{stem} {self.names.form(thing, code)}"
        made = {
            "id": _slug(stem),
            "name": name,
            "nation": code,
            "kind": kind,
            "description": description,
            "activity": list(activity),
            "address": self.names.address(f"{thing}/party", code, self._near(thing)),
            "registered": date(1990 + self.names.stream(thing, "registered").below(32), 3, 1),
        }
        party = _merged(made, entry, line)
        if not any(isinstance(p, dict) and p.get("id") == party["id"] for p in self.parties):
            self.parties.lines[len(self.parties)] = line
            self.parties.append(party)
        return str(party["id"])

    def _body(self, kind: str, thing: str, code: str, given: Any, line: int) -> str:
        """A party that is no operator: carrier, certifier, owner of a scheme, vendor of software."""
        way = library.default("parties")[kind]
        return self._party(thing, code, kind, way["trade"], way["activity"], way["description"], given, line)

    def _operator(self, key: str, seen: tuple[str, ...] = ()) -> str:
        """The party that operates a site: stated, that of another site, or invented."""
        if key in self.operators:
            return self.operators[key]
        entry = self.sites[key]
        given, line = entry.get("operator"), at_line(entry, "operator")
        if isinstance(given, str) and given in self.sites:
            if given in (*seen, key):
                raise ScenarioError(f"sites.{key}.operator: {given!r} leads back to itself; name a company")
            found = self._operator(given, (*seen, key))
        else:
            kind, process = self._kind(key)
            way = library.site_kind(kind, process)
            title = process_types()[process]["title"] if process else f"{way['place']} operator"
            role = "supplier" if kind == "supplier" else "operator"
            description = f"Operator of: {title}."[:400]
            found = self._party(
                key, self._nation(key), role, way["trade"], way["activity"], description, given, line
            )
        self.operators[key] = found
        return found

    # sites and facilities

    def _processes(self, key: str) -> list[str]:
        given = self.sites[key].get("process")
        names = given if isinstance(given, list) else [] if given is None else [given]
        for name in names:
            if not isinstance(name, str) or name not in process_types():
                raise ScenarioError(
                    f"sites.{key}.process: {name!r} is no process type; {library.nearest(str(name), process_types())}"
                )
        return list(names)

    def _kind(self, key: str) -> tuple[str, str | None]:
        processes = self._processes(key)
        if processes:
            return str(process_types()[processes[0]]["kind"]), processes[0]
        kind = self.sites[key].get("kind")
        if not isinstance(kind, str):
            raise ScenarioError(f"missing key sites.{key}.process; name a process type, e.g. spodumene-mine")
        try:
            library.site_kind(kind, None)
        except KeyError:
            raise ScenarioError(
                f"sites.{key}.kind: {kind!r} is no kind of site; name a process type instead"
            ) from None
        return kind, None

    def _place(self, key: str) -> str:
        """The facility of a site: its own, or the one that it stands at."""
        at = self.sites[key].get("at")
        if at is None:
            return key
        if not isinstance(at, str) or at not in self.sites or self.sites[at].get("at") is not None:
            raise ScenarioError(
                f"sites.{key}.at: {at!r} is no site with a place of its own; {library.nearest(str(at), self.sites)}"
            )
        return at

    def _nation(self, key: str) -> str:
        place = self._place(key)
        code = self.sites[place].get("nation")
        if code is None:
            raise ScenarioError(
                f"missing key sites.{place}.nation; give the code of one of the nations: {', '.join(self.nations)}"
            )
        if not isinstance(code, str) or code not in self.nations:
            raise ScenarioError(
                f"sites.{place}.nation: {code!r} is not among the nations ({', '.join(self.nations)}); add it there or change it"
            )
        return code

    def _near(self, key: str) -> list[float] | None:
        """Latitude and longitude of a site, where they are well-formed."""
        near = self.sites[self._place(key)].get("near") if key in self.sites else None
        well_formed = (
            isinstance(near, list) and len(near) == 2 and all(isinstance(x, int | float) for x in near)
        )
        return near if well_formed else None

    def _facilities(self) -> Items:
        facilities = self._listed("facilities")
        names: set[str] = set()
        for key, entry in self.sites.items():
            if self._place(key) != key:
                continue
            kind, process = self._kind(key)
            way, code, operator = library.site_kind(kind, process), self._nation(key), self._operator(key)
            near = self._near(key)
            if near is None:
                shown = str(entry.get("near"))[:40]
                raise ScenarioError(
                    f"sites.{key}.near: received {shown!r}; give [latitude, longitude] in degrees"
                )
            company = next(
                (p["name"] for p in self.parties if isinstance(p, dict) and p.get("id") == operator), operator
            )
            name = f"{str(company).split(' ')[0].capitalize()} {way['place']}"
            address = self.names.address(f"{key}/facility", code, near)
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
            if key in self.permits:
                made["alias"] = self.permits[key]["number"]
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
            facilities.lines[len(facilities)] = at_line(self.data["sites"], key)
            facilities.append(_merged(made, stated, entry.line))
        return facilities

    def _sites(self) -> Items:
        sites = Items(line=at_line(self.data, "sites"))
        for key, entry in self.sites.items():
            kind, _ = self._kind(key)
            processes: list[str | None] = [*self._processes(key)]
            for process in processes or [None]:
                site = Block(
                    {k: v for k, v in entry.items() if k not in (*_PLACE, "from", "process")},
                    at_line(self.data["sites"], key),
                )
                site.lines = {**entry.lines, "facility": site.line}
                site["facility"] = self._place(key)
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
        stated = self.sites[key].get("product")
        return [stated] if isinstance(stated, str) else [self._main(key, p) for p in self._processes(key)]

    def _inputs(self, key: str) -> Block | None:
        entry = self.sites[key]
        given, origins = entry.get("inputs", {}), entry.get("from", [])
        if not isinstance(given, dict):
            raise ScenarioError(f"sites.{key}.inputs: received {str(given)[:40]!r}; write {{product: site}}")
        inputs = Block(
            {product: self._feed(feed) for product, feed in given.items()},
            at_line(entry, "inputs" if "inputs" in entry else "from"),
        )
        inputs.lines = dict(getattr(given, "lines", {}))
        for origin in origins if isinstance(origins, list) else [origins]:
            if not isinstance(origin, str) or origin not in self.sites:
                raise ScenarioError(
                    f"sites.{key}.from: {str(origin)!r} is no site; {library.nearest(str(origin), self.sites)}"
                )
            for product in self._makes(origin):
                if product not in inputs:
                    inputs[product] = self._place(origin)
                    inputs.lines[product] = at_line(entry, "from")
        return inputs or None

    def _feed(self, feed: Any) -> Any:
        """A feed with the facility in place of the site's key."""
        if isinstance(feed, str):
            return self._place(feed) if feed in self.sites else feed
        if isinstance(feed, dict) and isinstance(feed.get("from"), str):
            return _merged(feed, {"from": self._feed(feed["from"])}, getattr(feed, "line", 0))
        if isinstance(feed, list):
            wrapped = ({"from": one} if isinstance(one, str) else one for one in feed)
            return Items((self._feed(one) for one in wrapped), getattr(feed, "line", 0))
        return feed

    def _performance(self, key: str, kind: str, process: str | None) -> dict[str, Any]:
        way, stream = library.site_kind(kind, process), self.names.stream(key, "performance")
        parameters = self.sites[key].get("parameters")
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

    # what hangs on sites

    def _permits(self) -> dict[str, Any]:
        given = self.data.get("permits", {})
        if not isinstance(given, dict):
            return {str(place): permit for place, permit in enumerate(self._listed("permits"))}
        permits = {}
        for key, entry in given.items():
            if key not in self.sites:
                raise ScenarioError(f"permits.{key}: {key!r} is no site; {library.nearest(key, self.sites)}")
            code, line = self._nation(key), at_line(given, key)
            number = f"{code}-M{self.names.stream(key, 'permit').between(10, 99)}-{self.names.stream(key, 'title').between(100, 9999):04d}"
            made = {
                "facility": key,
                "scheme": f"{code.lower()}-titles",
                "number": number,
                "granted": date(2019, 7, 1),
                "expires": date(2044, 6, 30),
                "annual_limit_t": entry,
                "performance": library.default("titles")["performance"],
            }
            permits[key] = _merged(made, entry if isinstance(entry, dict) else None, line)
            if isinstance(entry, dict) and "annual_limit_t" not in entry:
                raise ScenarioError(f"missing key permits.{key}.annual_limit_t; give tonnes a year")
        return permits

    def _scheme(self) -> None:
        schemes = self._listed("schemes")
        last = list(self.nations)[-1]
        name = self.full.setdefault("scheme", "plumbline")
        stated = {scheme.get("id") for scheme in schemes if isinstance(scheme, dict)}
        known = library.default("schemes")
        if isinstance(name, str) and name in known and name not in stated:
            scheme = known[name]
            line = at_line(self.data, "scheme")
            owner = self._body(
                "scheme-owner",
                f"scheme/{name}",
                last,
                {"name": f"{scheme.pop('owner_name')} e.V.", "id": f"{name}-standard"},
                line,
            )
            host = f"https://{owner}.{self.nations[last]['authority']}/"
            for profile in scheme["profiles"]:
                profile["standard"] = [host + profile["standard"][0], profile["standard"][1]]
            schemes.append({"id": name, "owner": owner, **scheme})
        for code in sorted({self._nation(key) for key in self.permits if key in self.sites}):
            body = self.nations[code].get("permits")
            if body is None:
                raise ScenarioError(
                    f"nations.{code}: has no permits body, but a mine there has a permit; add one"
                )
            titles = library.default("titles")
            del titles["performance"]
            title = f"{body['scheme']} conditions"
            for profile in titles["profiles"]:
                profile["standard"] = [
                    f"https://{body['host']}.{self.nations[code]['authority']}/conditions/2022",
                    f"{title} 2022",
                ]
            if f"{code.lower()}-titles" not in stated:
                schemes.append(
                    {"id": f"{code.lower()}-titles", "name": title, "owner": f"permits:{code}", **titles}
                )
        self.full["schemes"] = schemes

    def _routes(self) -> Any:
        given = self.data.get("routes", {})
        if not isinstance(given, dict):
            return given
        routes = Items(line=at_line(self.data, "routes"))
        for way, entry in given.items():
            key, line = f"routes.{way}", at_line(given, way)
            ends = [[end.strip() for end in side.split(",")] for side in way.split(">")]
            if len(ends) != 2:
                raise ScenarioError(
                    f"{key}: received {way!r}; write 'origin > destination' with the ids of sites"
                )
            stated = entry if isinstance(entry, dict) else {"by": entry}
            for name in stated:
                if name not in _ROUTE_KEYS:
                    raise ScenarioError(
                        f"unknown key {key}.{name}; {library.nearest(str(name), _ROUTE_KEYS)}"
                    )
            if "legs" not in stated and "by" not in stated:
                raise ScenarioError(f"missing key {key}.by; give legs with their distance, e.g. [road 310]")
            legs = Items(self._legs(key, stated.get("by", stated.get("legs"))), line)
            for origin in ends[0]:
                for destination in ends[1]:
                    for end in (origin, destination):
                        if end not in self.sites:
                            raise ScenarioError(
                                f"{key}: {end!r} is no site; {library.nearest(end, self.sites)}"
                            )
                    others = {
                        k: v for k, v in stated.items() if k not in ("by", "legs", "carrier", "parcel_t")
                    }
                    parcel = stated.get("parcel_t")
                    if parcel is not None:
                        others["parcel_kg"] = parcel * 1000 if isinstance(parcel, int | float) else parcel
                    route = Block(
                        {
                            "origin": self._place(origin),
                            "destination": self._place(destination),
                            **others,
                            "legs": legs,
                        },
                        line,
                    )
                    route.lines = dict(getattr(stated, "lines", {}))
                    route["carrier"] = self._carrier(self._nation(origin), stated.get("carrier"), line)
                    routes.lines[len(routes)] = line
                    routes.append(route)
        return routes

    def _legs(self, key: str, given: Any) -> Iterator[Any]:
        for stretch in given if isinstance(given, list) else [given]:
            if isinstance(stretch, str):
                yield from library.leg(key, stretch)
            elif isinstance(stretch, dict):
                yield {"source": "stated by the scenario", "verified": False, **stretch}
            else:
                raise ScenarioError(
                    f"{key}: received {str(stretch)[:40]!r}; give legs with their distance, e.g. [road 310]"
                )

    def _by_nation(self, key: str, kind: str, code: str) -> str:
        given = self.data.get(key, {})
        if not isinstance(given, dict):
            raise ScenarioError(f"{key}: received {str(given)[:40]!r}; write {{nation: company}}")
        return self._body(
            kind,
            f"{kind}/{code}",
            code,
            given.get(code),
            at_line(given, code) or at_line(self.data, "nations"),
        )

    def _carrier(self, code: str, given: Any, line: int) -> str:
        if given is None:
            return self._by_nation("carriers", "carrier", code)
        return self._body("carrier", f"carrier/{given}", code, given, line)

    def _certifiers(self) -> Block:
        certifiers = Block(line=at_line(self.data, "certifiers"))
        given = self.data.get("certifiers", {})
        certifiers.lines = dict(getattr(given, "lines", {}))
        for code in self.nations:
            certifiers[code] = self._by_nation("certifiers", "certifier", code)
        return certifiers

    def _software(self) -> None:
        code = list(self.nations)[min(1, len(self.nations) - 1)]
        given, line = self.data.get("software"), at_line(self.data, "software")
        if given is None or isinstance(given, str | dict):
            vendor = self._body("software-vendor", "software", code, given, line)
            self.full["software"] = [vendor, f"{vendor.split('-')[0]}-issuer", "2.4.1"]
        elif isinstance(given, list) and given:
            self.full["software"] = [
                self._body("software-vendor", "software", code, given[0], line),
                *given[1:],
            ]
        platforms = self.data.get("platforms")
        if isinstance(platforms, dict):
            self.full["platforms"] = self._platforms(platforms)

    def _platforms(self, given: dict[str, Any]) -> Items:
        """``product: {vendor, version, used_by}``, where users are sites, parties, or nations (all parties there)."""
        platforms = Items(line=at_line(self.data, "platforms"))
        for product, entry in given.items():
            key, line = f"platforms.{product}", at_line(given, product)
            if not isinstance(entry, dict) or not isinstance(entry.get("used_by"), list):
                raise ScenarioError(f"missing key {key}.used_by; list sites, parties or nations")
            users: list[Any] = []
            code = next(iter(self.nations))
            for user in entry["used_by"]:
                if user in self.nations:
                    code = user
                    users += [
                        p["id"]
                        for p in self.parties
                        if isinstance(p, dict) and p.get("nation") == user and "id" in p
                    ]
                elif isinstance(user, str) and user in self.sites:
                    code = self._nation(user)
                    users.append(self._operator(user))
                else:
                    users.append(user)
            vendor = self._body("software-vendor", f"software/{product}", code, entry.get("vendor"), line)
            made = {"product": product, "version": "1.0.0"}
            platform = _merged(made, entry, line) | {"vendor": vendor, "used_by": list(dict.fromkeys(users))}
            platforms.lines[len(platforms)] = line
            platforms.append(Block(platform, line))
        return platforms

    def _energy(self) -> None:
        """Energy of the packs that are asked for: a number in kilowatt-hours is enough."""
        for key in ("demand", "demands"):
            given = self.data.get(key)
            if isinstance(given, dict):
                self.full[key] = self._asked(given)
            elif isinstance(given, list):
                self.full[key] = Items(map(self._asked, given), at_line(self.data, key))
                self.full[key].lines = dict(getattr(given, "lines", {}))

    def _asked(self, demand: Any) -> Any:
        if not isinstance(demand, dict) or "packs" not in demand:
            return demand
        kwh = demand.get("pack_kwh")
        if kwh is not None and not isinstance(kwh, int | float):
            return demand
        stated = library.default("pack_kwh") | ({} if kwh is None else {"value": kwh})
        filled = Block({**demand, "pack_kwh": stated}, getattr(demand, "line", 0))
        filled.lines = dict(getattr(demand, "lines", {}))
        return filled

    def _products(self) -> Items:
        stated = self.data.get("products", {})
        if isinstance(stated, list):
            stated = Block(
                {p["id"]: p for p in stated if isinstance(p, dict) and isinstance(p.get("id"), str)},
                at_line(self.data, "products"),
            )
        if not isinstance(stated, dict):
            raise ScenarioError(
                f"products: received {str(stated)[:40]!r}; write {{id: what differs from the library}}"
            )
        wanted: dict[str, str] = dict.fromkeys(stated, "products")
        for site in self.full["sites"]:
            key = f"sites.{site['facility']}"
            by_products = site.get("by_products", ())
            used = [
                site.get("product"),
                *(by_products if isinstance(by_products, list | dict) else ()),
                *site.get("inputs", ()),
            ]
            for name in used:
                if isinstance(name, str):
                    wanted.setdefault(name, key)
        products = Items(line=at_line(self.data, "products") or at_line(self.data, "sites"))
        for name, key in wanted.items():
            over = stated.get(name)
            base = library.product(str(over["like"]) if isinstance(over, dict) and "like" in over else name)
            if base is None and not isinstance(over, dict):
                raise ScenarioError(
                    f"{key}: product {name!r} is not in the library; describe it under products, or {library.nearest(name, library.product_names())}"
                )
            line = at_line(stated, name)
            product = _merged({**(base or {}), "id": name}, over, line)
            product.pop("like", None)
            products.lines[len(products)] = line
            products.append(product)
        return products
