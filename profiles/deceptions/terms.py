"""The closed words of the handbook, each with what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = [
    "DEPTHS",
    "FAMILIES",
    "MODULES",
    "REGISTERS",
    "SCOPES",
    "Aspect",
    "Depth",
    "Family",
    "Register",
    "Scope",
    "Target",
]

Family = Literal[
    "corruption", "organised-crime", "human-rights", "environment", "opacity-cyber", "mass-balance"
]
Depth = Literal["facts", "claims", "credentials", "permits"]
Scope = Literal["1", "C", "X"]
Target = Literal["batch", "consignment", "facility", "permit", "certificate", "party", "credit", "account"]
Register = Literal[
    "accreditation-register",
    "business-register",
    "credit-register",
    "did-archive",
    "export-rules",
    "facility-register",
    "land-register",
    "map-layers",
    "permit-register",
    "price-index",
    "scheme-register",
    "status-archive",
]
Aspect = Literal[
    "permit-cap",
    "permit-validity",
    "resource-status",
    "land",
    "labour",
    "place",
    "certificate",
    "accreditation",
    "claim-score",
    "claim-criterion",
    "claim-site",
    "carbon",
    "recycled",
    "origin",
    "mass",
    "grade",
    "move",
    "price",
    "trade-party",
    "custody",
    "credit",
    "identity",
    "key",
    "token",
    "passport",
    "status",
    "dates",
]
"""What of a target an instance bends. Two that bend the same aspect of one target contradict each other."""

FAMILIES: Mapping[Family, str] = {
    "corruption": "Weak governance and corruption: permits that were bought, assurance that nobody independent gave",
    "organised-crime": "Organised crime and conflict finance: illegal ore, smuggling, cargo and trade fraud",
    "human-rights": "Human rights: consent that was never asked for, child and forced labour",
    "environment": "Environment and greenwashing: places where nobody may mine, claims greener than the facts",
    "opacity-cyber": "Opaque structures and cybercrime: counterparties that do not exist, identities, keys and status that are misused",
    "mass-balance": "Mass balance and custody: quantities that cannot be, under any of the five custody models",
}
"""The five families of crime that UNICRI names, and the family that UNTP's mass balance is about."""

DEPTHS: Mapping[Depth, str] = {
    "facts": "facts and what is said of them: the goods or the place are other than the papers say",
    "claims": "claims only: the goods are what they are, what is said of them is not",
    "credentials": "credentials only: issuer, key, signature, validity or status are misused",
    "permits": "genuine papers, given by those who may give them, for reasons that are not genuine",
}

SCOPES: Mapping[Scope, str] = {
    "1": "one credential, with its issuer's DID document and its status",
    "C": "one chain: the credentials behind and after a product",
    "X": "across chains, or against registers",
}
"""The smallest scope that can reveal a pattern."""

REGISTERS: Mapping[Register, str] = {
    "accreditation-register": "who accredited and recognised whom, for what: the identity anchors of accreditation bodies",
    "business-register": "who exists, since when, under which name and domain, and who owns whom",
    "credit-register": "book-and-claim credits: booked, transferred, retired",
    "did-archive": "DID documents of issuers as they stood on dated days",
    "export-rules": "what may leave a country from which day on, and export licences",
    "facility-register": "public facility records: capacity, UNFC class, whether the site produces",
    "land-register": "mining titles and concessions with their boundaries",
    "map-layers": "areas on the map: Indigenous land, protected, conflict-affected and high-risk areas",
    "permit-register": "permits with site, quantity and validity",
    "price-index": "reference prices by product and period",
    "scheme-register": "schemes, criteria and the levels that were published",
    "status-archive": "status lists of issuers as they stood on dated days",
}

MODULES = (
    "mass",
    "accounts",
    "flows",
    "permits",
    "transit",
    "trade",
    "certificates",
    "scores",
    "sustainability",
    "places",
    "bans",
    "technical",
    "records",
)
"""Names of the modules that hold players in the simulator, and deciders in the harness."""
