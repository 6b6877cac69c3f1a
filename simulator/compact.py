"""The short form of a scenario, written out in full: one page in, everything that a simulation needs out.

A scenario is short where its ``sites`` are a mapping: the key is the site's id and that of its facility. Nations come by
code; parties, facilities and products follow from the sites, legs of routes and schemes from the library. What a scenario
states itself is kept as it stands. Pure: data in, data out; messages name keys of the short form, and what is made out of
an entry stands at the line of that entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from assay.simulator import library
from assay.simulator.compact_companies import Companies
from assay.simulator.compact_sites import ShortSites
from assay.simulator.located import Block, Items, at_line, listed, merged
from assay.simulator.sites import ScenarioError

__all__ = ["expanded"]

_ROUTE_KEYS = frozenset({"by", "legs", "carrier", "parcel_t", "parcel_kg"})
_SHORT_ONLY = ("carriers",)


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
            nations[code] = merged(library.nation(code, customs=borders), entry, at_line(given, code))
        else:
            nations[code] = entry
        nations.lines[code] = at_line(given, code)
    return nations


def _code(value: Any) -> str:
    if not isinstance(value, str):
        raise ScenarioError(f'nations: a code is read as {value!r}; put it in quotes, e.g. "NO"')
    return value


class _Expansion:
    """One scenario being written out. Parties are added as they are met."""

    def __init__(self, data: Block, full: Block) -> None:
        self.data, self.full = data, full
        name = data.get("name")
        if not isinstance(name, str):
            raise ScenarioError(
                "missing key name; give the scenario a name, lower-case words joined by hyphens"
            )
        self.nations: dict[str, Any] = full.get("nations") or {}
        if not self.nations:
            raise ScenarioError("missing key nations; list codes such as [AU, KR, DE]")
        self.names = library.Names(name)
        self.companies = Companies(data, self.nations, self.names)
        self.sites = ShortSites(data, self.nations, self.names, self.companies)
        self.permits = self._permits()

    def result(self) -> Block:
        full = self.full
        full["facilities"] = self.sites.facilities(self.permits)
        full["sites"] = self.sites.processes_in_full()
        self._scheme()
        full["permits"] = Items(self.permits.values(), at_line(self.data, "permits"))
        full["routes"] = self._routes()
        full["certifiers"] = self.companies.certifiers()
        self._software()
        full["products"] = self._products()
        self._energy()
        for key in ("margin", "carbon"):
            base, given = library.default(key), self.data.get(key)
            stated = merged(base, given, at_line(self.data, key)) if isinstance(given, dict) else given
            full[key] = base if key not in self.data else stated
        full.setdefault("description", full.get("title", ""))
        full["parties"] = self.companies.parties
        for key in _SHORT_ONLY:
            full.pop(key, None)
        return full

    def _permits(self) -> dict[str, Any]:
        given = self.data.get("permits", {})
        if not isinstance(given, dict):
            return {str(place): permit for place, permit in enumerate(listed(self.data, "permits"))}
        permits = {}
        for key, entry in given.items():
            if key not in self.sites.short:
                raise ScenarioError(
                    f"permits.{key}: {key!r} is no site; {library.nearest(key, self.sites.short)}"
                )
            code, line = self.sites.nation(key), at_line(given, key)
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
            permits[key] = merged(made, entry if isinstance(entry, dict) else None, line)
            if isinstance(entry, dict) and "annual_limit_t" not in entry:
                raise ScenarioError(f"missing key permits.{key}.annual_limit_t; give tonnes a year")
        return permits

    def _scheme(self) -> None:
        schemes = listed(self.data, "schemes")
        last = list(self.nations)[-1]
        name = self.full.setdefault("scheme", "plumbline")
        stated = {scheme.get("id") for scheme in schemes if isinstance(scheme, dict)}
        known = library.default("schemes")
        if isinstance(name, str) and name in known and name not in stated:
            scheme = known[name]
            line = at_line(self.data, "scheme")
            owner = self.companies.body(
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
        for code in sorted({self.sites.nation(key) for key in self.permits if key in self.sites.short}):
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

    def _software(self) -> None:
        code = list(self.nations)[min(1, len(self.nations) - 1)]
        given, line = self.data.get("software"), at_line(self.data, "software")
        if given is None or isinstance(given, str | dict):
            vendor = self.companies.body("software-vendor", "software", code, given, line)
            self.full["software"] = [vendor, f"{vendor.split('-')[0]}-issuer", "2.4.1"]
        elif isinstance(given, list) and given:
            self.full["software"] = [
                self.companies.body("software-vendor", "software", code, given[0], line),
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
                    users += self.companies.in_nation(user)
                elif isinstance(user, str) and user in self.sites.short:
                    code = self.sites.nation(user)
                    users.append(self.sites.operator(user))
                else:
                    users.append(user)
            vendor = self.companies.body(
                "software-vendor", f"software/{product}", code, entry.get("vendor"), line
            )
            made = {"product": product, "version": "1.0.0"}
            platform = merged(made, entry, line) | {"vendor": vendor, "used_by": list(dict.fromkeys(users))}
            platforms.lines[len(platforms)] = line
            platforms.append(Block(platform, line))
        return platforms

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
                        if end not in self.sites.short:
                            raise ScenarioError(
                                f"{key}: {end!r} is no site; {library.nearest(end, self.sites.short)}"
                            )
                    others = {
                        k: v for k, v in stated.items() if k not in ("by", "legs", "carrier", "parcel_t")
                    }
                    parcel = stated.get("parcel_t")
                    if parcel is not None:
                        others["parcel_kg"] = parcel * 1000 if isinstance(parcel, int | float) else parcel
                    route = Block(
                        {
                            "origin": self.sites.place(origin),
                            "destination": self.sites.place(destination),
                            **others,
                            "legs": legs,
                        },
                        line,
                    )
                    route.lines = dict(getattr(stated, "lines", {}))
                    route["carrier"] = self.companies.carrier(
                        self.sites.nation(origin), stated.get("carrier"), line
                    )
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
            product = merged({**(base or {}), "id": name}, over, line)
            product.pop("like", None)
            products.lines[len(products)] = line
            products.append(product)
        return products
