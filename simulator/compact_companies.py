"""The companies of a short scenario: stated by name, described in part, or invented where nobody is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from assay.simulator import library
from assay.simulator.located import Block, at_line, listed, merged
from assay.simulator.sites import ScenarioError

__all__ = ["Companies"]


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Companies:
    """The parties of a scenario, added to as they are met."""

    def __init__(self, data: Block, nations: dict[str, Any], names: library.Names) -> None:
        self._data, self._nations, self._names = data, nations, names
        self.parties = listed(data, "parties")
        for party in self.parties:
            self.reserve(party)

    def reserve(self, company: Any) -> None:
        """Keep a name that is stated from being invented for somebody else."""
        named = company.get("name") if isinstance(company, dict) else company
        if isinstance(named, str) and named[:1].isupper():
            self._names.taken(named)

    def party(
        self,
        thing: str,
        code: str,
        kind: str,
        trade: str,
        activity: Any,
        description: str,
        given: Any,
        line: int,
        near: Sequence[float] | None = None,
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
            stem = f"{self._names.root(thing, code)} {trade}"
            name = f"{stem} {self._names.form(thing, code)}"
        made = {
            "id": _slug(stem),
            "name": name,
            "nation": code,
            "kind": kind,
            "description": description,
            "activity": list(activity),
            "address": self._names.address(f"{thing}/party", code, near),
            "registered": date(1990 + self._names.stream(thing, "registered").below(32), 3, 1),
        }
        party = merged(made, entry, line)
        if not any(isinstance(p, dict) and p.get("id") == party["id"] for p in self.parties):
            self.parties.lines[len(self.parties)] = line
            self.parties.append(party)
        return str(party["id"])

    def body(self, kind: str, thing: str, code: str, given: Any, line: int) -> str:
        """A party that is no operator: carrier, certifier, owner of a scheme, vendor of software."""
        way = library.default("parties")[kind]
        return self.party(thing, code, kind, way["trade"], way["activity"], way["description"], given, line)

    def in_nation(self, code: str) -> list[str]:
        """Ids of all parties of a nation so far."""
        there = (party for party in self.parties if isinstance(party, dict) and party.get("nation") == code)
        return [party["id"] for party in there if "id" in party]

    def name_of(self, company: str) -> str:
        """The name of a party; its id where it is not known."""
        known = (party for party in self.parties if isinstance(party, dict) and party.get("id") == company)
        return str(next((party["name"] for party in known if "name" in party), company))

    def _by_nation(self, key: str, kind: str, code: str) -> str:
        given = self._data.get(key, {})
        if not isinstance(given, dict):
            raise ScenarioError(f"{key}: received {str(given)[:40]!r}; write {{nation: company}}")
        return self.body(
            kind,
            f"{kind}/{code}",
            code,
            given.get(code),
            at_line(given, code) or at_line(self._data, "nations"),
        )

    def carrier(self, code: str, given: Any, line: int) -> str:
        """Who carries goods from a nation: as stated for a route, or for the nation."""
        if given is None:
            return self._by_nation("carriers", "carrier", code)
        return self.body("carrier", f"carrier/{given}", code, given, line)

    def certifiers(self) -> Block:
        """Who audits in each nation."""
        certifiers = Block(line=at_line(self._data, "certifiers"))
        given = self._data.get("certifiers", {})
        certifiers.lines = dict(getattr(given, "lines", {}))
        for code in self._nations:
            certifiers[code] = self._by_nation("certifiers", "certifier", code)
        return certifiers
