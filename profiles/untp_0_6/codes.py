"""Code lists that stand outside the UNTP 0.6 schemas: countries, units, and the lists of GS1 CBV that its events use.

Countries and units are the lists of 0.7; UNTP's own closed lists are ``TABLES[version].code_lists``.
"""

from __future__ import annotations

from assay.profiles.untp_0_6.table import TABLES
from assay.profiles.untp_0_7.codes import BUSINESS_STEPS, COUNTRIES, DELETED_UNITS, UNITS, country_name, unit

__all__ = [
    "BUSINESS_STEPS",
    "CODE_LISTS",
    "COUNTRIES",
    "DELETED_UNITS",
    "DISPOSITIONS",
    "TOPICS",
    "TRANSACTION_TYPES",
    "UNITS",
    "country_name",
    "unit",
]

CODE_LISTS = TABLES["0.6.1"].code_lists
"""Closed lists of the schemas, the same in both releases."""

TOPICS = frozenset(CODE_LISTS["conformityTopicCode"])
"""The fifteen conformity topics of 0.6."""

_DISPOSITIONS = """
active available completeness_inferred completeness_verified conformant container_closed container_open damaged
destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled
reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
"""

DISPOSITIONS = frozenset(_DISPOSITIONS.split())
"""Dispositions of the GS1 Core Business Vocabulary 2.0."""

TRANSACTION_TYPES = frozenset(
    (
        "bol",
        "cert",
        "desadv",
        "inv",
        "pedigree",
        "po",
        "poc",
        "prodorder",
        "recadv",
        "rma",
        "testprd",
        "testres",
        "upevt",
    )
)
"""Business transaction types of the GS1 Core Business Vocabulary 2.0."""
