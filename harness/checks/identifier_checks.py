"""Identifiers in credentials: global, resolvable, and written as the Identity Resolver page writes them (IDR rows)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from assay.harness.checks import NotApplicable, Remark, check
from assay.harness.checks._values import host, mappings
from assay.harness.material import Node
from assay.harness.results import Finding

__all__: list[str] = []

_IDENTIFIED = ("Product", "ProductReference", "Facility", "FacilityReference", "Party", "PartyReference")
_THINGS = ("Product", "ProductReference", "Facility", "FacilityReference")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_URN = re.compile(r"urn:([A-Za-z0-9][A-Za-z0-9-]{0,31}):(.*)\Z", re.I | re.S)
_DNS = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\Z", re.I)
_FLAT = frozenset({"gtr", "uuid", "oid", "isbn", "issn", "lex", "uci"})
"""Namespaces that have a form of their own: gtr by UNTP, the others by their registration with IANA."""


def _identifier(node: Node) -> str:
    value = node.value.get("id")
    if not isinstance(value, str):
        raise NotApplicable("there is no identifier")
    return value


@check("IDR-001", cls=_IDENTIFIED)
def identifiers_are_global(node: Node) -> Iterator[Finding | Remark]:
    """An identifier is an absolute URI: what a scheme calls 0007 is 0007 in many schemes."""
    identifier = _identifier(node)
    if not _ABSOLUTE.match(identifier):
        yield Finding(
            at=node.at("id"),
            expected="an absolute URI (https, did, urn)",
            received=identifier[:120] or "an empty string",
            hint="Put the scheme's domain or namespace in front; the bare number belongs into registeredId or itemNumber.",
        )


def _urn(node: Node) -> tuple[str, str]:
    match = _URN.match(_identifier(node))
    if match is None:
        raise NotApplicable("the identifier is no URN")
    return match.group(1).lower(), match.group(2)


@check("IDR-019", cls=_IDENTIFIED)
def gtr_names_a_domain(node: Node) -> Iterator[Finding | Remark]:
    """``urn:gtr:`` is followed by the scheme's DNS name and the value, slashes percent-encoded."""
    namespace, rest = _urn(node)
    if namespace != "gtr":
        raise NotApplicable("the identifier is in another namespace")
    scheme, _, value = rest.partition(":")
    if not _DNS.match(scheme) or not value or "/" in rest:
        yield Finding(
            at=node.at("id"),
            expected="urn:gtr:{domain name}:{value}, slashes as %2F",
            received=f"urn:gtr:{rest}"[:120],
        )


@check("IDR-020", cls=_IDENTIFIED)
def urns_have_scheme_and_value(node: Node) -> Iterator[Finding | Remark]:
    """In namespaces registered with IANA an identifier is ``urn:{namespace}:{scheme}:{value}``."""
    namespace, rest = _urn(node)
    if namespace in _FLAT:
        raise NotApplicable("the namespace has a form of its own")
    scheme, _, value = rest.partition(":")
    if not scheme or not value:
        yield Finding(
            at=node.at("id"),
            expected=f"urn:{namespace}:{{scheme}}:{{value}}",
            received=f"urn:{namespace}:{rest}"[:120],
            hint="Name the identifier scheme before the value.",
        )


@check("IDR-021", cls=_IDENTIFIED)
def urls_carry_no_query(node: Node) -> Iterator[Finding | Remark]:
    """A URL that identifies is a structured path; parameters belong to questions about it."""
    identifier = _identifier(node)
    if not identifier.lower().startswith(("https:", "http:")):
        raise NotApplicable("the identifier is no URL")
    if "?" in identifier and _query(identifier):
        yield Finding(
            at=node.at("id"),
            expected="a structured path (ISO/IEC 18975) without query parameters",
            received=identifier[:160],
            hint="Leave the parameters to clients, who add linkType and language.",
        )


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


@check("IDR-024", cls=_THINGS)
def things_are_more_than_a_uuid(node: Node) -> Iterator[Finding | Remark]:
    """A bare UUID says nothing about where to find more; products and facilities need that."""
    identifier = _identifier(node).lower()
    if identifier.startswith(("uuid:", "urn:uuid:")):
        yield Finding(
            at=node.at("id"),
            expected="an identifier that can be resolved (https or did)",
            received=identifier[:80],
            hint="Use a resolver's URL; the UUID may be its last segment.",
        )


_PASSING_LABELS = frozenset({"dev", "localhost", "preview", "sandbox", "staging", "test"})
_PASSING_STEPS = frozenset({"draft", "preview", "session", "temp", "tmp"})
_PASSING_PARAMETERS = re.compile(r"(?:^|&)(?:x-amz-expires|expires?|se|sig|signature|token|session)=", re.I)
"""Signs of an address that is not meant to last: a trial host, a temporary folder, an access that runs out."""
_LONGEST_KEPT = 2_048


def _will_pass(identifier: str) -> bool:
    return _kept(identifier) if len(identifier) <= _LONGEST_KEPT else _is_passing(identifier)


@lru_cache(maxsize=4_096)
def _kept(identifier: str) -> bool:
    """Parties and facilities recur in many credentials."""
    return _is_passing(identifier)


def _is_passing(identifier: str) -> bool:
    if not identifier.lower().startswith(("https:", "http:")):
        return False
    try:
        parts = urlsplit(identifier)
        return (
            parts.port is not None
            or bool(_PASSING_LABELS & set((parts.hostname or "").split(".")))
            or bool(_PASSING_STEPS & set(parts.path.lower().split("/")))
            or _PASSING_PARAMETERS.search(parts.query) is not None
        )
    except ValueError:
        return False


@check("IDR-018", cls=("Facility", "FacilityReference", "Party", "PartyReference"))
def long_lived_things_have_lasting_names(node: Node) -> Iterator[Finding | Remark]:
    """Facilities and parties outlive web servers: they are not identified by an address that will not last."""
    identifier = _identifier(node)
    if _will_pass(identifier):
        yield Finding(
            at=node.at("id"),
            expected="an identifier that lasts as long as the party or facility: a URN, or a URL kept for good",
            received=identifier[:160],
            hint="Use urn:gtr:{domain}:{value}, and let a resolver say where to find more at the time.",
        )


@check("IDR-022", cls=("Facility", "Party"))
def forms_name_one_scheme(node: Node) -> Iterator[Finding | Remark]:
    """The same number as a URN and as a URL stands under the same scheme."""
    forms: dict[str, dict[str, set[str]]] = {}
    aliases = (node.value.get(name) for name in ("facilityAlsoKnownAs", "partyAlsoKnownAs"))
    listed = [node.value, *(item for found in aliases for _, item in mappings(found))]
    if len(listed) == 1:
        return  # one form agrees with itself
    for item in listed:
        identifier, number = item.get("id"), item.get("registeredId")
        if not isinstance(identifier, str) or not isinstance(number, str):
            continue
        urn = _URN.match(identifier)
        if urn is not None and urn.group(1).lower() == "gtr":
            forms.setdefault(number, {}).setdefault("urn", set()).add(urn.group(2).partition(":")[0].lower())
        elif host(identifier):
            forms.setdefault(number, {}).setdefault("url", set()).add(host(identifier))
    for number, found in forms.items():
        urns, urls = found.get("urn", set()), found.get("url", set())
        if urns and urls and not urns & urls:
            yield Finding(
                at=node.at("id"),
                expected=f"one scheme for {number[:60]}, in the URN as in the URL",
                received=f"{', '.join(sorted(urns))} and {', '.join(sorted(urls))}",
                hint="Put the same domain into urn:gtr:{domain}:{value} and https://{domain}/.",
            )
