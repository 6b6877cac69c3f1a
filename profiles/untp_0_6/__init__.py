"""UNTP 0.6.0 and 0.6.1: class tables, code lists, and what is generated from them. Everything loads on first use.

Modules are in the plural (``schemas``, ``walking``) so that importing one never shadows the function of that name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.profiles.untp_0_6 import codes
    from assay.profiles.untp_0_6.certificates import certificate
    from assay.profiles.untp_0_6.contexts import context
    from assay.profiles.untp_0_6.schemas import schema
    from assay.profiles.untp_0_6.table import CONTEXT_URLS, EVENT_CLASSES, KINDS, TABLES, V2_URL, VERSIONS
    from assay.profiles.untp_0_6.walking import WALKERS, event_class, places, walk

__all__ = [
    "CONTEXT_URLS",
    "EVENT_CLASSES",
    "KINDS",
    "TABLES",
    "V2_URL",
    "VERSIONS",
    "WALKERS",
    "certificate",
    "codes",
    "context",
    "event_class",
    "places",
    "schema",
    "walk",
]

_HOME = {
    "CONTEXT_URLS": "table",
    "EVENT_CLASSES": "table",
    "KINDS": "table",
    "TABLES": "table",
    "V2_URL": "table",
    "VERSIONS": "table",
    "WALKERS": "walking",
    "certificate": "certificates",
    "context": "contexts",
    "event_class": "walking",
    "places": "walking",
    "schema": "schemas",
    "walk": "walking",
}


def __getattr__(name: str) -> Any:
    """Import the module behind a public name when the name is first asked for, and keep it."""
    if name == "codes":
        return import_module(f"{__name__}.codes")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
