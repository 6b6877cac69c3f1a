"""The library that short scenarios draw on: nations, products, legs, kinds of sites, names. Pure data, read once.

The files lie in ``simulator/library``; process types are read by :mod:`assay.simulator.process_types`. Everything in
them is invented or carries its source; whoever knows better states it in the scenario.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assay.simulator.randomness import Stream
from assay.simulator.sites import ScenarioError

__all__ = [
    "BODIES",
    "Names",
    "default",
    "habits",
    "leg",
    "main_product",
    "nation",
    "nearest",
    "product",
    "product_names",
    "site_kind",
]

_FOLDER = Path(__file__).resolve().parent / "library"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FIGURE = re.compile(r"([a-z]+) +(\d{1,5})(?: *km)?")

BODIES: Mapping[str, str] = {
    "anchor": "trust",
    "business": "business-register",
    "facilities": "facility-register",
    "accreditation": "accreditation",
    "permits": "mineral-titles",
    "customs": "customs",
}
"""The bodies of a nation, and the host of each below the nation's authority."""
_CODES_SOURCE = "CPC 2.1 group titles and HS headings; the mapping is ours"


@cache
def _file(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((_FOLDER / f"{name}.yaml").read_bytes(), Loader=_LOADER)  # noqa: S506
    return loaded


def nearest(value: str, known: Iterable[str]) -> str:
    """The mend for a name that is not known: what it may have been, or what there is."""
    choices = sorted(known)
    near = difflib.get_close_matches(value, choices, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(repr(name) for name in near)}?"
    return f"known: {', '.join(choices[:60])}"


def nation(code: str, *, customs: bool = False) -> dict[str, Any]:
    """A nation in full, with what addresses and names there look like under ``habits``. Raises :class:`ScenarioError`."""
    known = _file("nations")
    if code not in known:
        raise ScenarioError(
            f"nations.{code}: {code!r} is not in the library; give it in full, or choose from {', '.join(known)}"
        )
    entry = known[code]
    full: dict[str, Any] = {key: entry[key] for key in ("name", "alpha3", "bounds")}
    full["authority"] = f"{code.lower()}.example"
    for body, host in BODIES.items():
        if body in entry and (customs or body != "customs"):
            name, scheme = entry[body]
            full[body] = {"name": f"{name} (example)", "host": host, "scheme": scheme}
    return deepcopy(full)


def habits(code: str) -> Mapping[str, Any]:
    """Style of names, legal forms, streets and places of a nation; those of Australia where it is not in the library."""
    known: dict[str, Mapping[str, Any]] = _file("nations")
    return known.get(code, known["AU"])


def product(name: str) -> dict[str, Any] | None:
    """A kind of product in full, or nothing where the library does not know it."""
    entry = _file("products").get(name)
    if entry is None:
        return None
    full = {key: value for key, value in entry.items() if key != "made_by"}
    return deepcopy({"id": name, "codes_source": _CODES_SOURCE, **full})


def product_names() -> list[str]:
    """Every product of the library."""
    return list(_file("products"))


def main_product(process: str) -> str | None:
    """The product that a process type makes unless a site says otherwise."""
    for name, entry in _file("products").items():
        if process in entry.get("made_by", ()):
            return str(name)
    return None


def site_kind(kind: str, process: str | None) -> dict[str, Any]:
    """What a site of this kind is called and classified as."""
    kinds = _file("sites")
    return {**kinds["kinds"][kind], **kinds["processes"].get(process or "", {})}


def default(key: str) -> Any:
    """What a short scenario takes for granted."""
    return deepcopy(_file("defaults")[key])


def leg(key: str, text: str) -> list[dict[str, Any]]:
    """Legs written as ``road 310`` or by the name of a leg of the library. Raises :class:`ScenarioError`."""
    modes, known = _file("legs")["modes"], _file("legs")["legs"]
    if text in known:
        return [{"verified": False, **stretch} for stretch in known[text]]
    figure = _FIGURE.fullmatch(text)
    if figure and figure[1] in modes and int(figure[2]) > 0:
        mode, kilometres = modes[figure[1]], int(figure[2])
        idle = mode["idle_days"]
        days = [kilometres // mode["fast"] + idle[0], -(-kilometres // mode["slow"]) + idle[1]]
        source = f"days from {mode['slow']} to {mode['fast']} km a day"
        return [{"mode": figure[1], "km": kilometres, "days": days, "source": source, "verified": False}]
    if text.split(" ")[0] in modes:
        mode_name = text.split(" ")[0]
        raise ScenarioError(
            f"{key}: received {text!r}; give the distance as travelled, in kilometres: '{mode_name} 310'"
        )
    raise ScenarioError(
        f"{key}: received {text!r}, which is no leg of the library; write '<mode> <km>', e.g. 'road 310', "
        f"or a leg: {nearest(text, known)}"
    )


def _pick(choices: Sequence[Any], stream: Stream) -> Any:
    return choices[stream.below(len(choices))]


class Names:
    """Invented names: the same scenario and thing, the same name; never the same name twice in a scenario."""

    def __init__(self, scenario: str) -> None:
        self._scenario = scenario
        self._roots: set[str] = set()

    def stream(self, thing: str, purpose: str) -> Stream:
        """Numbers that belong to a thing of the scenario, whatever else stands in it."""
        return Stream(0, f"{self._scenario}/{thing}", purpose)

    def taken(self, name: str) -> None:
        """Keep the first word of a name that a scenario states from being given again."""
        self._roots.add(name.split(" ")[0])

    def root(self, thing: str, code: str) -> str:
        """The first word of a name, in the way of the nation."""
        words = _file("names")[habits(code)["style"]]
        heads, tails = words["heads"], words["tails"]
        stream = self.stream(thing, "name")
        tries = len(heads) * len(tails) * 4
        for _ in range(tries):
            name = _pick(heads, stream) + _pick(tails, stream)
            if name not in self._roots:
                self._roots.add(name)
                return str(name)
        raise ScenarioError(f"sites: no names are left for {code}; state some operators yourself")

    def address(self, thing: str, code: str, near: Sequence[float] | None = None) -> dict[str, str]:
        """Street, postcode, locality and region: in the nearest town of the library, or in any."""
        way, stream = habits(code), self.stream(thing, "address")
        words = _file("names")[way["style"]]
        name = _pick(words["heads"], stream) + _pick(words["tails"], stream)
        town = _pick(way["places"], stream)
        if near is not None:
            town = min(way["places"], key=lambda place: (place[3] - near[0]) ** 2 + (place[4] - near[1]) ** 2)
        locality, region, postcode = town[:3]
        street = way["street"].format(number=stream.between(1, 220), name=name)
        return {"street": street, "postcode": str(postcode), "locality": locality, "region": region}

    def form(self, thing: str, code: str) -> str:
        """A legal form."""
        forms = habits(code)["forms"]
        return str(_pick(forms, self.stream(thing, "form")))
