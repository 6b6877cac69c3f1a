"""Certificate schemas of UNTP 0.6.0 and 0.6.1: see :mod:`assay.profiles.untp.certificates`.

Value objects must not carry a ``type`` here, and products no ``characteristics``: no context of 0.6 knows them, so
JSON-LD loses them.
"""

from __future__ import annotations

from functools import cache

from assay.profiles.untp.certificates import CertificateBuilder
from assay.profiles.untp.schemas import Schema
from assay.profiles.untp_0_6.codes import BUSINESS_STEPS, COUNTRIES, DISPOSITIONS, TRANSACTION_TYPES, UNITS
from assay.profiles.untp_0_6.table import TABLES

__all__ = ["certificate"]

_EXTERNAL: dict[str, Schema] = {
    "CountryId": {"enum": sorted(COUNTRIES)},
    "UnitMeasureCode": {"enum": sorted(UNITS)},
    "Disp": {"enum": sorted(DISPOSITIONS)},
    "BizStep": {"enum": sorted(BUSINESS_STEPS)},
    "BTT": {"enum": sorted(TRANSACTION_TYPES)},
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
