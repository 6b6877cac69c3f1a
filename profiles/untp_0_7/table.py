"""The class table of UNTP 0.7.0, read from ``data/classes.txt`` (the notation is explained at its top).

One table instead of many models: JSON Schemas, JSON-LD context, certificate schemas and the walk over documents are
generated from it, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assay.profiles.untp.notation import SCALARS, ClassDef, KindInfo, Member, Property, Table, read_table

__all__ = [
    "CLASSES",
    "CODE_LISTS",
    "CONTEXT_URL",
    "EVENT_CLASSES",
    "KINDS",
    "SCALARS",
    "TABLE",
    "UNTP",
    "V2_URL",
    "ClassDef",
    "KindInfo",
    "Member",
    "Property",
]

UNTP = "https://vocabulary.uncefact.org/untp/"
CONTEXT_URL = UNTP + "0.7.0/context/"
V2_URL = "https://www.w3.org/ns/credentials/v2"
_SCHEMAS = "https://untp.unece.org/artefacts/schema/v0.7.0/"

EVENT_CLASSES = ("MakeEvent", "MoveEvent", "ModifyEvent")

KINDS: Mapping[str, KindInfo] = {
    "DigitalProductPassport": KindInfo("dpp", _SCHEMAS + "dpp/DigitalProductPassport.json"),
    "DigitalConformityCredential": KindInfo("dcc", _SCHEMAS + "dcc/ConformityCredential.json"),
    "DigitalFacilityRecord": KindInfo("dfr", _SCHEMAS + "dfr/DigitalFacilityRecord.json"),
    "DigitalTraceabilityEvent": KindInfo("dte", _SCHEMAS + "dte/DigitalTraceabilityEvent.json"),
    "DigitalIdentityAnchor": KindInfo("dia", _SCHEMAS + "dia/DigitalIdentityAnchor.json"),
    "ConformityScheme": KindInfo("cvc", _SCHEMAS + "cvc/ConformityScheme.json"),
    "Linkset": KindInfo(
        "linkset", _SCHEMAS + "idr/LinksetSchema.json", "http://json-schema.org/draft-07/schema#"
    ),
}

CLASSES, CODE_LISTS = read_table((Path(__file__).parent / "data" / "classes.txt").read_text(encoding="utf-8"))

TABLE = Table(
    version="0.7.0",
    classes=CLASSES,
    code_lists=CODE_LISTS,
    kinds=KINDS,
    contexts={
        kind: (CONTEXT_URL,) if kind == "ConformityScheme" else (V2_URL, CONTEXT_URL) for kind in KINDS
    },
    event_base="LifecycleEvent",
    events=EVENT_CLASSES,
)
