"""What a link or an identifier points to, as far as its form tells: known relation names, types of target, resolvable ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from assay.harness.checks._values import as_text, host, slug

__all__ = ["CREDENTIAL_LINKS", "is_controlled", "is_resolvable", "link_kind"]

CREDENTIAL_LINKS = frozenset({"dpp", "dcc", "dfr", "dte", "dia"})
"""Names of the UNTP link types; published with prefix ``https://test.uncefact.org/vocabulary/linkTypes/``."""

# IANA link-relations registry (RFC 8288), as far as the names can stand on a document.
_IANA = """
about acl alternate amphtml api-catalog appendix archives author blocked-by bookmark c2pa-manifest canonical chapter
cite-as collection contents convertedfrom copyright create-form current deprecation describedby describes disclosure
duplicate edit edit-form edit-media enclosure external first geofeed glossary help hosts hub icon index item last
latest-version license lrdd manifest me media-feed memento micropub monitor monitor-group next next-archive original
payment predecessor-version prev preview previous prev-archive privacy-policy profile publication rdap-active
rdap-bottom rdap-down rdap-top rdap-up related replies restconf ruleinput search section self service service-desc
service-doc service-meta start status stylesheet subsection successor-version sunset tag terms-of-service timegate
timemap type up version-history via working-copy working-copy-of
"""
_RELATION_NAMES = CREDENTIAL_LINKS | {"idr", "linkset"} | frozenset(_IANA.split())
_CURIE_PREFIXES = ("untp:", "gs1:")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")


def link_kind(link: Mapping[str, Any]) -> str:
    """The UNTP kind of a link's target (``dpp``, ``dcc``, ...) by its link type, or an empty string."""
    return _kind(as_text(link.get("linkType")))


@lru_cache(maxsize=512)
def _kind(link_type: str) -> str:
    name = slug(link_type.removeprefix("untp:")).lower()
    return name if name in CREDENTIAL_LINKS else ""


@lru_cache(maxsize=512)
def is_controlled(link_type: str) -> bool:
    """Whether a link type comes from a vocabulary: a registered name, a known CURIE, or an IRI (RFC 8288 extension type)."""
    if link_type in _RELATION_NAMES or link_type.startswith(_CURIE_PREFIXES):
        return True
    return _ABSOLUTE.match(link_type) is not None


def is_resolvable(uri: str) -> bool:
    """Whether an identifier has a form that can be looked up: a DID, or an HTTP(S) URL with a host."""
    return (uri.startswith("did:") and uri.count(":") >= 2) or bool(host(uri))
