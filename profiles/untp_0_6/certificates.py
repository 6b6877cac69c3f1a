"""Certificate schemas of UNTP 0.6.0 and 0.6.1: see :mod:`assay.profiles.untp.certificates`.

Value objects must not carry a ``type`` here, and products no ``characteristics``: no context of 0.6 knows them, so
JSON-LD loses them.
"""

from __future__ import annotations

from functools import cache

from assay.profiles.untp.certificates import CertificateBuilder
from assay.profiles.untp.schemas import Schema
from assay.profiles.untp_0_6.codes import BUSINESS_STEPS, COUNTRIES, DISPOSITIONS, TRANSACTION_TYPES, UNITS
from assay.profiles.untp_0_6.contexts import EXTERNAL_LISTS
from assay.profiles.untp_0_6.table import TABLES

__all__ = ["certificate"]


def _named_or_addressed(name: str, values: frozenset[str]) -> Schema:
    """Terms of a list by their names or by their IRIs: the contexts make the same of both."""
    return {"enum": [*sorted(values), *(EXTERNAL_LISTS[name] + value for value in sorted(values))]}


_EXTERNAL: dict[str, Schema] = {
    "CountryId": {"enum": sorted(COUNTRIES)},
    "UnitMeasureCode": {"enum": sorted(UNITS)},
    "Disp": _named_or_addressed("Disp", DISPOSITIONS),
    "BizStep": _named_or_addressed("BizStep", BUSINESS_STEPS),
    "BTT": _named_or_addressed("BTT", TRANSACTION_TYPES),
    "mimetype": {"type": "string", "pattern": "^[a-z]+/[a-z0-9.+-]+$"},
}


@cache
def certificate(kind: str, version: str) -> Schema:
    """The certificate schema of a document kind. Shared: do not change it.

    Raises KeyError for a kind or version that has none.
    """
    table = TABLES[version]
    if kind not in table.kinds:
        raise KeyError(kind)
    return CertificateBuilder(table, kind, _EXTERNAL, {"Characteristics": {}}).document()
