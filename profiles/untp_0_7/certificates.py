"""Certificate schemas of UNTP 0.7.0, generated from the class table: see :mod:`assay.profiles.untp.certificates`."""

from __future__ import annotations

from functools import cache

from assay.profiles.untp.certificates import CertificateBuilder
from assay.profiles.untp.schemas import Schema
from assay.profiles.untp_0_7.codes import COUNTRIES, UNITS
from assay.profiles.untp_0_7.contexts import context
from assay.profiles.untp_0_7.table import CLASSES, KINDS, TABLE

__all__ = ["CHARACTERISTICS_DEPTH", "certificate"]

CHARACTERISTICS_DEPTH = 6
"""Levels of objects under ``characteristics`` that a certificate still vouches for."""

_EXTERNAL: dict[str, Schema] = {
    "CountryId": {"enum": sorted(COUNTRIES)},
    "UnitMeasureCode": {"enum": sorted(UNITS)},
}

# Terms of the W3C credentials context that begin in lower case and stand at its top level. Under `characteristics`
# they mean what that context says, not a characteristic, so the certificate does not vouch for them.
_V2_TERMS = frozenset(
    {"id", "type", "name", "description", "mediaType", "digestMultibase", "digestSRI"}
    | {"aud", "cnf", "exp", "iat", "iss", "jku", "kid", "nbf", "sub", "x5u"}
)


@cache
def certificate(kind: str) -> Schema:
    """The certificate schema of a document kind. Shared: do not change it. Raises KeyError for a kind without one."""
    if kind not in CLASSES or kind not in KINDS:
        raise KeyError(kind)
    return _Builder(
        TABLE, kind, _EXTERNAL, {"Characteristics": _characteristics(CHARACTERISTICS_DEPTH)}
    ).document()


class _Builder(CertificateBuilder):
    """A performance that measures something must name its metric; in conformity vocabularies it must always."""

    def node(self, cls: str, types: tuple[str, ...] = ()) -> Schema:
        result = super().node(cls, types)
        if cls == "Performance":
            result["dependentRequired"] = {"measure": ["metric"]}
            if self.kind == "ConformityScheme":
                result["required"] = ["metric"]
        return result


def _characteristics(depth: int) -> Schema:
    """Objects of plainly named members, nested at most ``depth`` levels, whose names no context knows as a term."""
    terms = _V2_TERMS | {term for term in context()["@context"] if term[0].islower()}
    scalar: Schema = {"type": ["string", "number", "boolean"]}
    level: Schema = {"type": "object", "maxProperties": 0}
    for _ in range(depth):
        level = {
            "type": "object",
            # one or two letters with a capital are element symbols ("elementGrades": {"Li": ...}); no term is that short
            "propertyNames": {
                "pattern": "^(?:[a-z][A-Za-z0-9]*|[A-Z][a-z]?)$",
                "not": {"enum": sorted(terms)},
            },
            "additionalProperties": {
                "anyOf": [scalar, level, {"type": "array", "items": {"anyOf": [scalar, level]}}]
            },
        }
    return level
