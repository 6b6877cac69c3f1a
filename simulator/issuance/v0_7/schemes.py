"""Published conformity vocabularies: a scheme with its profiles and criteria, as linked data."""

from __future__ import annotations

from typing import Any

from assay.simulator.issuance.names import scheme_uris
from assay.simulator.issuance.v0_7.attestations import scores
from assay.simulator.issuance.v0_7.fragments import (
    CONTEXT,
    ISIC,
    Fragments,
    Json,
    classification,
    metric,
    topic,
)
from assay.simulator.issuance.v0_7.ratings import RATINGS, rating
from assay.simulator.scenario import CriterionEntry, ProfileEntry, SchemeEntry

__all__ = ["scheme_document"]

_M49_WORLD = ("001", "World")
_PUBLIC = ("permits", "customs")


def scheme_document(pieces: Fragments, scheme: SchemeEntry) -> Json:
    """The whole vocabulary of one scheme. Inline objects carry ``type``, so that their names survive JSON-LD."""
    world = pieces.world
    owner = world.owner(scheme)
    uri = scheme_uris(world, scheme.id)[0]
    page = pieces.book.page(f"{owner.origin}/about/{scheme.id}.html", scheme.name, scheme.description)
    nation = world.nations[owner.nation]
    mandated = owner.role in _PUBLIC
    authority = nation.anchor if mandated else nation.accreditation
    return {
        "@context": [CONTEXT],
        "type": ["ConformityScheme"],
        "id": uri,
        "name": scheme.name,
        "description": scheme.description,
        "owner": {"type": ["Party"], "id": owner.did, "name": owner.name, "registeredId": owner.number},
        "endorsementLevel": "endorsed_mandate" if mandated else "endorsed_accreditation",
        "endorsement": {
            "name": f"Endorsement of {scheme.name}",
            "issuingAuthority": {
                "type": ["Party"],
                "id": authority.did,
                "name": authority.name,
                "registeredId": authority.number,
            },
        },
        "schemeScoringFramework": {
            "name": f"Outcome under {scheme.name}",
            "description": "Outcome of an assessment against a profile.",
            "score": scores(scheme),
        },
        "documentation": page.url,
        "licenseType": "public",
        "establishedDate": scheme.established.isoformat(),
        "geographicScope": [_where(pieces, scheme)],
        "industryScope": [classification(*scheme.industry, ISIC)],
        "includedProfile": [_profile(pieces, scheme, uri, profile) for profile in scheme.profiles],
    }


def _where(pieces: Fragments, scheme: SchemeEntry) -> Json:
    owner = pieces.world.owner(scheme)
    if owner.role in _PUBLIC:
        nation = pieces.world.nations[owner.nation]
        return classification(
            nation.code, nation.name, ("https://www.iso.org/iso-3166-country-codes.html", "ISO 3166-1")
        )
    return classification(*_M49_WORLD, ("https://unstats.un.org/unsd/methodology/m49/", "UN M49"))


def _profile(pieces: Fragments, scheme: SchemeEntry, uri: str, profile: ProfileEntry) -> Json:
    pieces.book.page(profile.standard[0], profile.standard[1], f"Standard behind the {profile.name}.")
    return {
        **pieces.profile(scheme, profile),
        "description": profile.description,
        "version": profile.version,
        "validFrom": profile.valid_from.isoformat(),
        "status": "active",
        "subjectType": profile.subject,
        "standardAlignment": [
            {
                "standard": {"type": ["Standard"], "id": profile.standard[0], "name": profile.standard[1]},
                "alignmentLevel": "meets",
            }
        ],
        **_framework(scheme, profile),
        "criterion": [_criterion(pieces, scheme, criterion) for criterion in profile.criteria],
        "scheme": {"type": ["ConformityScheme"], "id": uri, "name": scheme.name},
    }


def _framework(scheme: SchemeEntry, profile: ProfileEntry) -> Json:
    """How criteria are rated where the scheme has levels: levels are told by ratings, so both are published."""
    if not scheme.scores:
        return {}
    framework = {
        "name": f"Rating of criteria, {profile.name}",
        "description": "How far an assessor finds a criterion met. Criteria tagged critical count on their own.",
        "score": [rating(code) for code in RATINGS],
    }
    return {"criterionScoringFramework": [framework]}


def _criterion(pieces: Fragments, scheme: SchemeEntry, criterion: CriterionEntry) -> Json:
    threshold: Any = float(criterion.threshold)
    return {
        **pieces.criterion(scheme, criterion),
        "description": criterion.description,
        "version": criterion.version,
        "status": "active",
        "conformityTopic": [topic(criterion.topic)],
        "tag": list(criterion.tags),
        "requiredPerformance": [
            {"metric": metric(criterion.metric), "measure": {"value": threshold, "unit": criterion.unit}}
        ],
    }
