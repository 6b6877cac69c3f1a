"""Conformity vocabularies: a scheme, its profiles and their criteria, in one document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.checks import NotApplicable, Remark, check
from assay.harness.checks._values import as_text, identifier, mappings, related, short, slug
from assay.harness.checks.terms import named_types
from assay.harness.material import Kind, Node, Scheme
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import CLASSES, CONTEXT_URL, codes

__all__ = ["SEMANTIC_VERSION"]

_SCHEME = frozenset({Kind.SCHEME})
_REFERENCES = tuple(
    f"{name}Reference"
    for name in ("Party", "Standard", "Regulation", "PerformanceMetric", "ConformityScheme")
)
SEMANTIC_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\Z"
)
"""Semantic Versioning 2.0.0, as its FAQ gives the expression."""
_VERSION_IN_PATH = re.compile(r"(?:^|[/:._=-])v?\d+(?:[._-]\d+)*(?=$|[/:?#._-])", re.I)
_GEOGRAPHIC = re.compile(r"\d{3}\Z|[A-Z]{3}\Z")
"""A UN M49 area (``001`` is the world) or an ISO 3166-1 alpha-3 code; alpha-2 codes are looked up."""
_ISIC = re.compile(r"[A-U](?:\d{2,4})?\Z|\d{2,4}\Z")
"""ISIC Rev. 4 and 5: section A to U (V since Rev. 5 is not used for industry scopes), division, group, class."""


def _members(value: object, name: str) -> list[tuple[int, Mapping[str, Any]]]:
    return list(mappings(value.get(name))) if isinstance(value, Mapping) else []


def _profiles(scheme: Scheme) -> list[tuple[int, Mapping[str, Any]]]:
    return _members(scheme.value, "includedProfile")


def _same(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@check("CVC-001", kinds=_SCHEME, silent_when_certified=True)
def scheme_pins_the_context(scheme: Scheme) -> Iterator[Finding]:
    """A scheme document names the UNTP 0.7.0 context first; it is no credential, so the W3C context is not asked for."""
    found = scheme.value.get("@context")
    first = found[0] if isinstance(found, list) and found else found
    if first != CONTEXT_URL:
        yield Finding(
            at=scheme.at("@context"),
            expected=f"[{CONTEXT_URL!r}]",
            received=short(found),
            hint="Use the released URL, with version and closing slash.",
        )


@check("CVC-002", kinds=_SCHEME, silent_when_certified=True)
def scheme_states_its_class(scheme: Scheme) -> Iterator[Finding]:
    """A scheme document states the class ConformityScheme, or JSON-LD drops all of it."""
    stated = scheme.value.get("type")
    if "ConformityScheme" not in (stated if isinstance(stated, list) else [stated]):
        yield Finding(
            at=scheme.at("type"),
            expected="ConformityScheme",
            received=short(stated) if stated is not None else "no type",
            hint='Write "type": ["ConformityScheme"].',
        )


@check("CVC-008", cls="ConformityScheme", kinds=_SCHEME)
def endorsed_scheme_names_its_endorsement(node: Node) -> Iterator[Finding]:
    """A scheme that claims more than its own endorsement says who endorsed it."""
    level = node.value.get("endorsementLevel")
    if level not in (None, "endorsed_self") and not node.value.get("endorsement"):
        yield Finding(
            at=node.at("endorsement"),
            expected=f"an endorsement, since the level is {short(level)}",
            received="none",
            hint="Name the authority and link its evidence, or state endorsed_self.",
        )


def _frameworks(scheme: Scheme) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    own = scheme.value.get("schemeScoringFramework")
    if isinstance(own, Mapping):
        yield ("schemeScoringFramework",), own
    for i, profile in _profiles(scheme):
        for j, framework in _members(profile, "criterionScoringFramework"):
            yield ("includedProfile", i, "criterionScoringFramework", j), framework


@check("CVC-012", kinds=_SCHEME)
def framework_names_are_unique(scheme: Scheme) -> Iterator[Finding]:
    """Two different scoring frameworks of a scheme have different names; repeating one unchanged is no second one."""
    known: dict[str, Mapping[str, Any]] = {}
    for path, framework in _frameworks(scheme):
        name = as_text(framework.get("name"))
        if name and not _same(known.setdefault(name, framework), framework):
            yield Finding(
                at=scheme.at(*path, "name"),
                expected="a name that no other scoring framework of the scheme has",
                received=short(name),
                hint="A score is read by the name of its framework; rename one of the two.",
            )


@check("CVC-048", cls="ScoringFramework", kinds=_SCHEME)
def ranks_start_at_the_best(node: Node) -> Iterator[Finding]:
    """Ranks of a framework are distinct and start at 1, the best score."""
    ranks = [
        (place, rank)
        for place, score in _members(node.value, "score")
        if isinstance(rank := score.get("rank"), int) and not isinstance(rank, bool)
    ]
    seen: set[int] = set()
    for position, rank in ranks:
        if rank in seen:
            yield Finding(
                at=node.at("score", position, "rank"),
                expected="a rank of its own",
                received=f"{rank} again",
                hint="Give every score of a framework another rank, 1 for the best.",
            )
        seen.add(rank)
    if ranks and min(rank for _, rank in ranks) != 1:
        yield Finding(
            at=node.at("score"),
            expected="rank 1 for the best score",
            received=f"{min(rank for _, rank in ranks)} as the lowest rank",
            hint="Count from 1 at the best score.",
        )


@check("CVC-014", cls="ConformityScheme", kinds=_SCHEME)
def geographic_scope_is_coded(node: Node) -> Iterator[Finding]:
    """Where a scheme applies is a code of ISO 3166, or 001 of UN M49 for the world."""
    for place, scope in _members(node.value, "geographicScope"):
        code = scope.get("code")
        if isinstance(code, str) and code[:2] not in codes.COUNTRIES and not _GEOGRAPHIC.match(code):
            yield Finding(
                at=node.at("geographicScope", place, "code"),
                expected="a code of ISO 3166, or 001 for the world",
                received=short(code),
            )
        elif isinstance(code, str) and len(code) > 2 and code[2] != "-" and not _GEOGRAPHIC.match(code):
            yield Finding(
                at=node.at("geographicScope", place, "code"),
                expected="a code of ISO 3166-1, or of ISO 3166-2 with its hyphen",
                received=short(code),
            )


@check("CVC-015", cls="ConformityScheme", kinds=_SCHEME)
def industry_scope_is_coded(node: Node) -> Iterator[Finding]:
    """Which industries a scheme is for is told by ISIC."""
    for place, scope in _members(node.value, "industryScope"):
        code = scope.get("code")
        if isinstance(code, str) and not _ISIC.match(code):
            yield Finding(
                at=node.at("industryScope", place, "code"),
                expected="an ISIC section letter, or two to four digits",
                received=short(code),
            )


@check("CVC-016", kinds=_SCHEME)
def profiles_and_criteria_are_inlined(scheme: Scheme) -> Iterator[Finding]:
    """Profiles stand in the scheme and criteria in the profile, in full; drafts of 0.7 only referred to them."""
    for i, profile in _profiles(scheme):
        if not set(profile) - {"type", "id", "name"}:
            yield Finding(
                at=scheme.at("includedProfile", i),
                expected="the whole profile with its criteria",
                received="a reference",
                hint="Copy the profile into the scheme document.",
            )
        for j, criterion in _members(profile, "criterion"):
            if not set(criterion) - {"type", "id", "name"}:
                yield Finding(
                    at=scheme.at("includedProfile", i, "criterion", j),
                    expected="the whole criterion",
                    received="a reference",
                    hint="Copy the criterion into the profile.",
                )


@check("CVC-018", cls="ConformityProfile")
def profile_has_a_semantic_version(node: Node) -> Iterator[Finding]:
    """A profile states its version, as Semantic Versioning writes it."""
    version = node.value.get("version")
    if not isinstance(version, str) or not SEMANTIC_VERSION.match(version):
        yield Finding(
            at=node.at("version"),
            expected="a semantic version, such as 2.1.0",
            received=short(version) if version is not None else "none",
            hint="Write major, minor and patch.",
        )


@check("CVC-022", cls="ConformityProfile", kinds=_SCHEME)
def profile_points_back_at_its_scheme(node: Node) -> Iterator[Finding]:
    """The scheme that a profile names is the one that it stands in."""
    named, around = identifier(node.value.get("scheme")), identifier(node.document.value)
    if not named or not around:
        raise NotApplicable("profile or scheme has no id")
    if named != around:
        yield Finding(
            at=node.at("scheme", "id"),
            expected=short(around),
            received=short(named),
            hint="Copy the scheme's id.",
        )


@check("CVC-024", cls="ConformityProfile", kinds=_SCHEME)
def profile_lists_its_alignments(node: Node) -> Iterator[Finding]:
    """A profile says which standards or regulations it aligns with."""
    if not node.value.get("standardAlignment") and not node.value.get("regulatoryAlignment"):
        yield Finding(
            at=node.at(),
            expected="standardAlignment or regulatoryAlignment",
            received="neither",
            hint="Name the standards and laws that meeting the profile helps to meet.",
        )


@check("CVC-029", cls="Criterion", kinds=_SCHEME)
def criterion_uri_carries_a_version(node: Node) -> Iterator[Finding]:
    """The URI of a criterion is that of one version, so that old claims keep their meaning."""
    uri, version = identifier(node.value), as_text(node.value.get("version"))
    if uri and not _VERSION_IN_PATH.search(uri.split("://", 1)[-1].partition("/")[2] or uri):
        yield Finding(
            at=node.at("id"),
            expected=f"a URI with a version in it ({version or 'such as 1.0.0'})",
            received=short(uri),
            hint="Put the version into the path, and publish the next version under another URI.",
        )


@check("CVC-032", cls="Criterion", kinds=_SCHEME)
def criterion_is_classified(node: Node) -> Iterator[Finding]:
    """A criterion is classified by at least one conformity topic."""
    if not node.value.get("conformityTopic"):
        yield Finding(
            at=node.at("conformityTopic"),
            expected="at least one topic of the UN conformity topics",
            received="none",
            hint="Topics are what buyers compare schemes by.",
        )


@check("CVC-035", cls="Performance", kinds=_SCHEME)
def threshold_has_a_value(node: Node) -> Iterator[Finding]:
    """A required performance sets a measure or a score as threshold."""
    if "measure" not in node.value and "score" not in node.value:
        yield Finding(
            at=node.at(),
            expected="measure or score",
            received="neither",
            hint="State the figure, or the score, that has to be reached.",
        )


@check("CVC-036", kinds=_SCHEME)
def threshold_scores_are_published(scheme: Scheme) -> Iterator[Finding]:
    """A score that a criterion requires is one of a framework of the scheme or of its profile."""
    common = _codes(scheme.value.get("schemeScoringFramework"))
    for i, profile in _profiles(scheme):
        known = common.union(*(_codes(f) for _, f in _members(profile, "criterionScoringFramework")))
        for j, criterion in _members(profile, "criterion"):
            for k, required in _members(criterion, "requiredPerformance"):
                code = related(required, "score").get("code")
                if isinstance(code, str) and code not in known:
                    yield Finding(
                        at=scheme.at(
                            "includedProfile", i, "criterion", j, "requiredPerformance", k, "score", "code"
                        ),
                        expected="a code of a scoring framework: "
                        + (", ".join(sorted(known)) or "there is none"),
                        received=short(code),
                    )


def _codes(framework: object) -> set[str]:
    return {as_text(score.get("code")) for _, score in _members(framework, "score")} - {""}


@check("CVC-037", cls="Criterion", kinds=_SCHEME)
def criterion_has_tags(node: Node) -> Iterator[Finding]:
    """Tags let users filter criteria by commodity or kind of site."""
    if not node.value.get("tag"):
        yield Finding(
            at=node.at("tag"),
            expected="at least one tag",
            received="none",
            hint="Tag by commodity and kind of site.",
        )


@check("CVC-038", kinds=_SCHEME)
def shared_criteria_are_equal(scheme: Scheme) -> Iterator[Finding]:
    """A criterion that two profiles share is the same in both: another content is another version, another URI."""
    known: dict[str, Mapping[str, Any]] = {}
    for i, profile in _profiles(scheme):
        for j, criterion in _members(profile, "criterion"):
            uri = identifier(criterion)
            if uri and not _same(known.setdefault(uri, criterion), criterion):
                yield Finding(
                    at=scheme.at("includedProfile", i, "criterion", j),
                    expected=f"the same content under {short(uri)} everywhere",
                    received="another content than in an earlier profile",
                    hint="Give the changed criterion a new version and a new URI.",
                )


@check("CVC-045", cls=_REFERENCES, kinds=_SCHEME)
def inline_objects_state_their_class(node: Node) -> Iterator[Finding]:
    """Inline parties, standards, regulations and metrics state their class: without it JSON-LD drops their names."""
    if not named_types(node):
        yield Finding(
            at=node.at(),
            expected="type with " + " and ".join(CLASSES[node.cls].types),
            received="no type",
            hint="Scheme documents have no W3C context, so that 'name' is defined by the class alone.",
        )


@check("CVC-046", cls="ConformityTopic", kinds=_SCHEME)
def topic_is_in_the_taxonomy(node: Node) -> Iterator[Finding | Remark]:
    """A topic is a concept of the UN conformity topics.

    Published samples write the path in the singular; such a topic is accepted with a remark (position P-14).
    """
    iri = node.value.get("id")
    if not isinstance(iri, str) or not iri:
        raise NotApplicable("no id")
    if codes.topic_slug(iri) is not None:
        return
    if "/conformity-topic/" in iri and "vocabulary.uncefact.org" in iri and slug(iri) in codes.TOPICS:
        yield Remark(
            f"{short(iri)} is written with the path of the samples; published is {codes.TOPIC_PREFIX}{slug(iri)}"
        )
        return
    yield Finding(
        at=node.at("id"),
        expected=f"a topic under {codes.TOPIC_PREFIX}",
        received=short(iri),
        hint="Choose a topic of the UN taxonomy; own topics belong into 'tag'.",
    )


@check("CVC-042", kinds=_SCHEME)
def thresholds_and_alignments_are_complete(scheme: Scheme) -> Iterator[Finding]:
    """A vocabulary of level 3 gives every criterion in force a threshold and every profile its alignments.

    Below level 3 there are none at all; some of them, but not all, is neither.
    """
    profiles = _profiles(scheme)
    criteria = [
        (("includedProfile", i, "criterion", j), criterion)
        for i, profile in profiles
        for j, criterion in _members(profile, "criterion")
        if criterion.get("status") in (None, "active")
    ]
    aligned = [
        bool(profile.get("standardAlignment") or profile.get("regulatoryAlignment"))
        for _, profile in profiles
    ]
    if not any(aligned) and not any(criterion.get("requiredPerformance") for _, criterion in criteria):
        raise NotApplicable("the vocabulary gives neither thresholds nor alignments: it is below level 3")
    for path, criterion in criteria:
        if not criterion.get("requiredPerformance"):
            yield Finding(
                at=scheme.at(*path, "requiredPerformance"),
                expected="a threshold, as level 3 asks of every criterion",
                received="none",
                hint="State what has to be reached; a criterion that is only present or not can require a score.",
            )
    for (i, _), found in zip(profiles, aligned, strict=True):
        if not found:
            yield Finding(
                at=scheme.at("includedProfile", i, "standardAlignment"),
                expected="alignment with a standard or a regulation, as level 3 asks of every profile",
                received="none",
            )
