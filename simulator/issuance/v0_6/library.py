"""What 0.6 documents say in place although 0.7 documents only refer to it: criteria, schemes, and who does what where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assay.profiles.untp_0_7 import codes as codes_0_7
from assay.simulator.issuance.names import scheme_uris
from assay.simulator.issuance.v0_6.codes import TOPICS
from assay.simulator.issuance.v0_6.pieces import Json, Untranslatable, topic_slug
from assay.simulator.scenario import CriterionEntry, ProfileEntry, SchemeEntry
from assay.simulator.world import World

__all__ = ["Library"]


@dataclass(frozen=True, slots=True)
class _Profile:
    scheme: SchemeEntry
    profile: ProfileEntry


class Library:
    """Look-ups of one world for one release (0.6.0 or 0.6.1)."""

    def __init__(self, world: World, version: str) -> None:
        self.world = world
        self.version = version
        self._written: dict[str, Json] = {}
        self._references: dict[str, Json] = {}

    @cached_property
    def _schemes(self) -> dict[str, SchemeEntry]:
        return {scheme_uris(self.world, name)[0]: scheme for name, scheme in self.world.schemes.items()}

    @cached_property
    def _profiles(self) -> dict[str, _Profile]:
        return {
            f"{uri}/profile/{profile.id}/{profile.version}": _Profile(scheme, profile)
            for uri, scheme in self._schemes.items()
            for profile in scheme.profiles
        }

    @cached_property
    def _criteria(self) -> dict[str, CriterionEntry]:
        return {
            f"{uri}/criterion/{criterion.id}/{criterion.version}": criterion
            for uri, scheme in self._schemes.items()
            for profile in scheme.profiles
            for criterion in profile.criteria
        }

    @cached_property
    def _homes(self) -> dict[str, str]:
        """Criterion: the profile that holds it."""
        return {
            f"{profile.partition('/profile/')[0]}/criterion/{criterion.id}/{criterion.version}": profile
            for profile, found in self._profiles.items()
            for criterion in found.profile.criteria
        }

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Model number of a product: the kind of site that makes it."""
        sites = (site for site in self.world.scenario.sites if not site.passes_on)
        return {self.world.products[site.product].model: site.kind for site in sites}

    @cached_property
    def terminals(self) -> frozenset[str]:
        """URIs of facilities where goods only lie and are mixed."""
        facilities = self.world.facilities
        return frozenset(
            facilities[site.facility].uri for site in self.world.scenario.sites if site.kind == "terminal"
        )

    def topic(self, topics: list[Json]) -> str:
        """The one topic that a declaration can have: that of the first."""
        slug = topic_slug(topics[0])
        if slug not in TOPICS:
            raise Untranslatable(f"no topic of 0.6 for {slug}")
        return TOPICS[slug]

    def criterion(self, reference: Json, topics: list[Json]) -> Json:
        """A criterion in full. Where no scheme of this world holds it, its name is all there is to say about it."""
        uri = reference["id"]
        known = self._written.get(uri)
        if known is None:
            known = self._written[uri] = self._criterion(reference, topics)
        return known

    def _criterion(self, reference: Json, topics: list[Json]) -> Json:
        entry = self._criteria.get(reference["id"])
        said: Json = {"type": ["Criterion"], "id": reference["id"], "name": reference["name"]}
        if entry is None:
            return said | {
                "description": reference["name"],
                "conformityTopic": self.topic(topics),
                "status": "active",
            }
        said |= {
            "description": entry.description,
            "conformityTopic": TOPICS[entry.topic],
            "status": "active",
            "thresholdValue": {
                "metricName": codes_0_7.METRICS[entry.metric].label,
                "metricValue": {"value": float(entry.threshold), "unit": entry.unit},
            },
        }
        if self.version == "0.6.0":
            return said | {"tags": ", ".join(entry.tags)}
        return said | {"tag": list(entry.tags)}

    def scheme(self, scheme: Json, profile: Json | None) -> Json:
        """The scope of an attestation: the scheme, in the version of the profile that was assessed."""
        entry = self._schemes.get(scheme["id"])
        if entry is None:
            raise Untranslatable(f"no scheme of this world stands at {scheme['id']}")
        owner = self.world.owner(entry)
        party = {"id": owner.did, "name": owner.name, "registeredId": owner.number}
        if self.version == "0.6.0":
            return {
                "type": ["ConformityAssessmentScheme", "Standard"],
                "id": scheme["id"],
                "name": entry.name,
                "issuingParty": party,
                "issueDate": entry.established.isoformat(),
            }
        assessed = self._profiles.get(profile["id"]) if profile else None
        said = assessed.profile if assessed else entry.profiles[0]
        return {
            "type": ["ConformityScheme"],
            "id": scheme["id"],
            "name": entry.name,
            "description": f"{entry.description} Profile: {said.name}.",
            "version": said.version,
            "validFrom": said.valid_from.isoformat(),
            "owner": party,
        }

    def reference(self, profile: Json | None) -> Json:
        """What a profile rests on, as members of a declaration: a regulation where an authority owns it, else a standard."""
        if profile is None or profile["id"] not in self._profiles:
            return {}
        uri = profile["id"]
        if uri not in self._references:
            self._references[uri] = self._reference(self._profiles[uri])
        return self._references[uri]

    def _reference(self, found: _Profile) -> Json:
        owner = self.world.owner(found.scheme)
        party = {"id": owner.did, "name": owner.name, "registeredId": owner.number}
        uri, name = found.profile.standard
        if ":" in found.scheme.owner:  # a public body, such as permits:AU
            regulation = {
                "type": ["Regulation"],
                "id": uri,
                "name": name,
                "jurisdictionCountry": owner.nation,
                "administeredBy": party,
            }
            return {"referenceRegulation": regulation}
        return {"referenceStandard": {"type": ["Standard"], "id": uri, "name": name, "issuingParty": party}}

    def claim_reference(self, criterion: Json) -> Json:
        """What a criterion rests on: see :meth:`reference`."""
        profile = self._homes.get(criterion["id"])
        return self.reference({"id": profile}) if profile else {}
