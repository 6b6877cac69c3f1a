"""The library of process types: defaults of every parameter, each with its range, unit and source.

A site of a scenario that names a ``process`` takes from here what it does not say itself. A single number in its
``parameters`` overrides the value and must lie within the range; a whole parameter brings its own unit and source, and
then may lie anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["process_types", "with_defaults"]

_FILE = Path(__file__).resolve().parent / "library" / "processes.yaml"
_GROUPS = ("parameters", "elements")
_KEPT = ("kind", "compound", "element", "lot_kg", "days_per_lot")
"""What a type says of a site besides parameters and by-products."""


@cache
def process_types() -> Mapping[str, Mapping[str, Any]]:
    """Every process type by name, as it stands in ``library/processes.yaml``."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, dict[str, Any]] = yaml.load(_FILE.read_bytes(), Loader=loader)  # noqa: S506 - a safe loader
    return loaded


def with_defaults(site: Any) -> Any:
    """A site entry with what its process type adds. Raises :class:`ValueError` with the key, the value and the mend."""
    if not isinstance(site, dict):
        return site
    name = site.get("process")
    if name is None:
        for group in _GROUPS:
            _no_bare_numbers(group, site.get(group))
        return site
    known = process_types()
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"process: {name!r} is no process type; known: {', '.join(sorted(known))}")
    kind = known[name]
    filled = {key: kind[key] for key in _KEPT if key in kind} | site
    for group in _GROUPS:
        given = site.get(group, {})
        if not isinstance(given, dict):
            return site
        defaults: dict[str, Any] = kind.get(group, {})
        filled[group] = {key: _plain(value) for key, value in defaults.items()} | {
            key: _override(name, f"{group}.{key}", value, defaults.get(key)) for key, value in given.items()
        }
    wanted = site.get("by_products", {})
    filled["by_products"] = _by_products(name, kind, wanted)
    return filled


def _by_products(name: str, kind: Mapping[str, Any], wanted: Any) -> Any:
    """A list chooses among the by-products of the type; a mapping may also define others."""
    defaults: dict[str, Any] = kind.get("by_products", {})
    if isinstance(wanted, list):
        wanted = dict.fromkeys(wanted)
    if not isinstance(wanted, dict):
        return wanted
    chosen = {}
    for product, entry in wanted.items():
        if entry is None:
            if product not in defaults:
                offered = ", ".join(defaults) or "none"
                raise ValueError(f"by_products: a {name} gives no {product!r} by itself; it gives: {offered}")
            entry = {
                key: _plain(value) if isinstance(value, dict) else value
                for key, value in defaults[product].items()
            }
        chosen[product] = entry
    return chosen


def _no_bare_numbers(group: str, given: Any) -> None:
    if isinstance(given, dict):
        for key, value in given.items():
            if isinstance(value, int | float):
                raise ValueError(
                    f"{group}.{key}: {value} has no unit and source; write "
                    "{value: ..., unit: ..., source: ...} or name a process type that knows them"
                )


def _plain(default: Mapping[str, Any]) -> dict[str, Any]:
    """A default as a parameter of a scenario: without its range."""
    return {key: value for key, value in default.items() if key != "range"}


def _override(name: str, key: str, value: Any, default: Mapping[str, Any] | None) -> Any:
    if isinstance(value, dict) and "source" in value:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | dict):
        return value
    if default is None:
        raise ValueError(
            f"{key}: a {name} has no such parameter by itself; give {{value, unit, source}} or leave it out"
        )
    changed = value if isinstance(value, dict) else {"value": value}
    result = _plain(default) | changed
    least, most = default["range"]
    number = result["value"]
    if isinstance(number, int | float) and not least <= number <= most:
        raise ValueError(
            f"{key}: {number} is outside {least} to {most} ({default['unit']}); choose a value inside, "
            "or give it a source of its own"
        )
    return result
