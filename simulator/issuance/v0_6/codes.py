"""Code lists of UNTP 0.6 and how those of 0.7 map onto them.

The fifteen topics of 0.6 are coarser than the taxonomy of 0.7, so the mapping loses detail but never says more. Every
topic of the taxonomy has its place here (a test holds this against the list). Where 0.6 has no word, the nearest that
claims less was taken.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ACTIONS",
    "ASSESSMENT_LEVELS",
    "ASSESSOR_LEVELS",
    "DISPOSITIONS",
    "REGISTER_TYPES",
    "TOPICS",
]

_BY_TOPIC: Mapping[str, str] = {
    "environment.energy": "renewable-energy-use energy-optimization",
    "environment.emissions": "greenhouse-gas-emissions air-quality-management",
    "environment.water": "water-conservation",
    "environment.waste": "waste-minimization end-of-life-management",
    "environment.deforestation": "forest-conservation",
    "environment.biodiversity": "ecological-resilience ecosystem-preservation",
    "circularity.content": """
        recycled-material-integration chemical-safety substance-control circular-value-chains resource-circularity
        resource-efficiency
    """,
    "circularity.design": """
        sustainable-product-design product-integrity product-longevity quality-performance green-innovation
        performance-specifications interoperability-standards accessibility-requirements ergonomic-design
    """,
    "social.labour": """
        decent-work-conditions worker-representation forced-labor-elimination youth-protection supply-chain-labor-rights
        employment-opportunities living-conditions
    """,
    "social.rights": "human-equity-and-welfare rights-and-equality gender-equity data-privacy data-protection-and-privacy",
    "social.community": """
        community-empowerment stakeholder-inclusion economic-sustainability regional-economic-growth business-resilience
        economic-risk-management healthcare-access wellbeing-support nutrition-standards capacity-building
        feedback-channels
    """,
    "social.safety": """
        workplace-safety health-and-safety workplace-hazard-control emergency-readiness exposure-management
        product-safety-standards sanitary-and-phytosanitary
    """,
    "governance.ethics": """
        ethical-governance anti-corruption-measures competitive-fairness ip-protection responsible-procurement
        ethical-material-sourcing supplier-sustainability supplier-development sustainable-investment
    """,
    "governance.compliance": """
        legal-compliance standards-adherence compliance-verification sustainability-policies risk-identification
        process-enhancement systemic-sustainability trade-and-market-access import-export-controls customs-classification
        sanctions-compliance market-authorization trade-documentation tariff-and-duty-compliance mutual-recognition
        technical-conformity technical-regulations voluntary-standards metrology-and-measurement
        testing-and-certification information-security cybersecurity-controls access-management incident-response
        system-integrity encryption-and-data-security
    """,
    "governance.transparency": """
        open-reporting consumer-information supply-chain-traceability origin-tracking rules-of-origin
        supply-chain-risk-reduction supply-network-strength outcome-tracking transparent-communication
        digital-identity-and-trust audit-and-accountability
    """,
}

TOPICS: Mapping[str, str] = {slug: code for code, slugs in _BY_TOPIC.items() for slug in slugs.split()}
"""The topic of 0.6 for every topic of the taxonomy of 0.7 (by its slug)."""

ASSESSOR_LEVELS: Mapping[str, str] = {
    "self": "Self",
    "commercial": "Commercial",
    "buyer": "Buyer",
    "membership": "Membership",
    "unspecified": "Unspecified",
    "3rdParty": "3rdParty",
    "hybrid": "Unspecified",
}

ASSESSMENT_LEVELS: Mapping[str, str] = {
    "authority-mandate": "GovtApproval",
    "authority-benchmark": "Accredited",
    "authority-globalmra": "GlobalMRA",
    "authority-extended-mra": "GlobalMRA",
    "authority-peer": "Accredited",
    "scheme-cab": "Verified",
    "scheme-self": "Validated",
    "no-endorsement": "Unspecified",
}

REGISTER_TYPES: Mapping[str, str] = {
    "product": "Product",
    "facility": "Facility",
    "business": "Business",
    "trademark": "Trademark",
    "land": "Land",
    "accreditation": "Accreditation",
}

DISPOSITIONS: Mapping[str, str] = {
    "new": "active",
    "active": "active",
    "inTransit": "in_transit",
    "repaired": "active",
    "recalled": "recalled",
    "expired": "expired",
    "consumed": "destroyed",
    "recycled": "destroyed",
    "disposed": "disposed",
}
"""Dispositions of GS1 CBV for those of 0.7."""

ACTIONS: Mapping[str, str] = {
    "consumed": "delete",
    "recycled": "delete",
    "disposed": "delete",
}
"""What an event does to the existence of things with a disposition; whatever is not here is only observed."""
