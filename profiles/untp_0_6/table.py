"""The class tables of UNTP 0.6.0 and 0.6.1, read from ``data/classes.txt`` (the notation is explained at its top)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assay.profiles.untp.notation import KindInfo, Table, read_table

__all__ = ["CONTEXT_URLS", "EVENT_CLASSES", "KINDS", "TABLES", "V2_URL", "VERSIONS", "VOCABULARIES"]

VERSIONS = ("0.6.0", "0.6.1")
VOCABULARIES = "https://test.uncefact.org/vocabulary/untp/"
V2_URL = "https://www.w3.org/ns/credentials/v2"

EVENT_CLASSES = (
    "TransformationEvent",
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "AssociationEvent",
)

_SHORT = {
    "DigitalProductPassport": "dpp",
    "DigitalConformityCredential": "dcc",
    "DigitalFacilityRecord": "dfr",
    "DigitalTraceabilityEvent": "dte",
    "DigitalIdentityAnchor": "dia",
}

KINDS: Mapping[str, Mapping[str, KindInfo]] = {
    version: {
        kind: KindInfo(short, f"{VOCABULARIES}{short}/untp-{short}-schema-{version}.json")
        for kind, short in _SHORT.items()
    }
    for version in VERSIONS
}
"""Document kinds by version."""

CONTEXT_URLS: Mapping[str, Mapping[str, str]] = {
    version: {kind: f"{VOCABULARIES}{short}/{version}/" for kind, short in _SHORT.items()}
    for version in VERSIONS
}
"""The context of every kind of document, by version."""


def _table(version: str, text: str) -> Table:
    classes, lists = read_table(text, version)
    return Table(
        version=version,
        classes=classes,
        code_lists=lists,
        kinds=KINDS[version],
        contexts={kind: (V2_URL, url) for kind, url in CONTEXT_URLS[version].items()},
        event_base="Event",
        events=EVENT_CLASSES,
        typed_references=False,
    )


_TEXT = (Path(__file__).parent / "data" / "classes.txt").read_text(encoding="utf-8")

TABLES: Mapping[str, Table] = {version: _table(version, _TEXT) for version in VERSIONS}
"""Class tables by version."""
