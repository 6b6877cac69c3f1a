"""Public bodies, schemes and their owners that a scenario's ``governance`` asks for, filled in from the library.

Pure data in, pure data out. What the scenario states itself stays as it is; what has the wrong shape is left for the
scenario's own reading to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assay.simulator.located import Block, Items, derived
from assay.simulator.sites import ScenarioError

__all__ = ["library_schemes", "with_governance"]

_ADDRESS = {
    "street": "1 Concord Place",
    "postcode": "1000",
    "locality": "Concordia",
    "region": "Seat district",
}
"""Where bodies of the library have their seat in any nation: a place of no nation's map."""


@cache
def _library() -> dict[str, Any]:
    text = (files("assay.simulator") / "library" / "schemes.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def library_schemes() -> list[str]:
    """Identifiers of the schemes of the library."""
    return [scheme["id"] for scheme in _library()["schemes"]]


def with_governance(data: Block) -> Block:
    """The scenario with the bodies, schemes and owners that ``governance`` and ``trade`` need. Raises :class:`ScenarioError`."""
    governance, nations = data.get("governance"), data.get("nations")
    if not isinstance(governance, dict) or not isinstance(nations, dict) or not nations:
        return data
    seat = governance.get("seat", next(reversed(nations)))
    if not isinstance(seat, str) or not isinstance(nations.get(seat), dict):
        raise ScenarioError(
            f"governance.seat: {seat!r} is not a nation of the scenario; name one of {', '.join(map(str, nations))}"
        )
    line = getattr(governance, "line", 0)
    wanted = _wanted(governance.get("schemes", []))
    full = derived(data, data.line)
    full.lines = dict(data.lines)
    full["nations"] = _nations(nations, line)
    authority = str(nations[seat].get("authority", f"{seat.lower()}.example"))
    parties, schemes = list(_parties(wanted, governance, seat)), _schemes(wanted, authority)
    schemes += list(_schemes_of_nations(full["nations"]))
    for key, added in (("parties", parties), ("schemes", schemes)):
        here = data.get(key, [])
        if not isinstance(here, list):
            return data
        taken = {entry.get("id") for entry in here if isinstance(entry, dict)}
        more = Items([*here, *(_lined(entry, line) for entry in added if entry["id"] not in taken)])
        more.line = getattr(here, "line", line)
        more.lines = dict(getattr(here, "lines", {}))
        full[key] = more
    return full


def _lined(entry: dict[str, Any], line: int) -> Block:
    return derived(entry, line)


def _wanted(names: Any) -> list[dict[str, Any]]:
    if not isinstance(names, list):
        return []  # refused by the model
    known = {scheme["id"]: scheme for scheme in _library()["schemes"]}
    for place, name in enumerate(names):
        if not isinstance(name, str) or name not in known:
            raise ScenarioError(
                f"governance.schemes.{place}: {str(name)[:60]!r} is not in the library; choose from {', '.join(known)}"
            )
    return [known[name] for name in dict.fromkeys(names)]


def _nations(nations: dict[str, Any], line: int) -> Block:
    """The nations with a land register and a customs office, unless they have their own."""
    full = derived(nations, getattr(nations, "line", line))
    full.lines = dict(getattr(nations, "lines", {}))
    for code, nation in nations.items():
        if not isinstance(nation, dict):
            continue
        name = nation.get("name", code)
        bodies = {
            "land": {
                "name": f"Land and Titles Register of {name} (example)",
                "host": "land-register",
                "scheme": f"Land title number, {name}",
            },
            "customs": {
                "name": f"Customs Office of {name} (example)",
                "host": "customs",
                "scheme": f"Customs entry number, {name}",
            },
        }
        own = derived(nation, getattr(nation, "line", line))
        own.lines = dict(getattr(nation, "lines", {}))
        for role, body in bodies.items():
            if own.get(role) is None:
                own[role] = body
        full[code] = own
    return full


def _parties(wanted: list[dict[str, Any]], governance: dict[str, Any], seat: str) -> Iterator[dict[str, Any]]:
    owners = {scheme["owner"] for scheme in wanted}
    parties = [owner for owner in _library()["owners"] if owner["id"] in owners]
    if governance.get("apex", True) is True:
        parties.append(_library()["apex"])
    for party in parties:
        yield {**deepcopy(party), "nation": seat, "address": dict(_ADDRESS)}


def _schemes(wanted: list[dict[str, Any]], authority: str) -> list[dict[str, Any]]:
    return [_filled(scheme, {"authority": authority}) for scheme in wanted]


def _schemes_of_nations(nations: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for code, nation in nations.items():
        if not isinstance(nation, dict):
            continue
        for role, schemes in _library()["of_nations"].items():
            body = nation.get(role)
            if isinstance(body, dict) and isinstance(body.get("host"), str):
                words = {
                    "name": str(nation.get("name", code)),
                    "host": f"{body['host']}.{nation.get('authority')}",
                }
                for scheme in schemes:
                    yield _filled(scheme, words) | {
                        "id": f"{code.lower()}-{scheme['id']}",
                        "owner": f"{role}:{code}",
                    }


def _filled(entry: Any, words: dict[str, str]) -> Any:
    """A copy with ``{word}`` replaced in every text."""
    if isinstance(entry, dict):
        return {key: _filled(value, words) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_filled(value, words) for value in entry]
    if isinstance(entry, str):
        for word, value in words.items():
            entry = entry.replace("{" + word + "}", value)
    return entry
