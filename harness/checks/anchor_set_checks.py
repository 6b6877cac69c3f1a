"""Identity anchors beside the other material of a run: the registers they point at, the DIDs they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_text, identifier, mappings, related, short
from assay.harness.checks.register_checks import register_kind
from assay.harness.material import Credential, CredentialSet, DidDocument, Kind, Register
from assay.harness.results import Finding

__all__: list[str] = []

_MAXIMUM_STRINGS = 10_000
"""Strings of a DID document that are looked at for a link; a real one has a few dozen."""


def _anchors(material: CredentialSet) -> list[tuple[Credential, Mapping[str, Any]]]:
    """Anchors with their subjects, as far as they name one DID."""
    return [
        (document, related(document.value, "credentialSubject"))
        for document in material.documents
        if document.kind is Kind.DIA and isinstance(document, Credential)
    ]


def _schemes(material: CredentialSet) -> list[Mapping[str, Any]]:
    """The identifier schemes that the registers of the set describe."""
    return [
        entry
        for register in material.documents
        if isinstance(register, Register) and register_kind(register) == "IDR"
        for _, entry in mappings(register.value.get("entries"))
    ]


@check("DIA-007", whole_set=True)
def scheme_is_called_as_it_is_registered(material: CredentialSet) -> Iterator[Finding]:
    """A scheme that the register lists under the name that an anchor gives has the id that the register gives it."""
    by_name = {as_text(entry.get("name")): identifier(entry) for entry in _schemes(material)}
    compared = False
    for anchor, subject in _anchors(material):
        scheme = related(subject, "idScheme")
        registered = by_name.get(as_text(scheme.get("name")), "")
        if not registered:
            continue
        compared = True
        if identifier(scheme) != registered:
            yield Finding(
                at=anchor.at("credentialSubject", "idScheme", "id"),
                expected=short(registered),
                received=short(identifier(scheme)) or "no id",
                hint="Copy the id of the scheme from the register; readers join anchors and registers by it.",
            )
    if not compared:
        raise NotApplicable("no register in the set lists a scheme that an anchor names")


@check("DIA-016", whole_set=True)
def scheme_of_an_anchor_is_registered(material: CredentialSet) -> Iterator[Finding]:
    """The identifier scheme of an anchor is listed in a register of identifier schemes."""
    known = {
        found for entry in _schemes(material) for found in (identifier(entry), as_text(entry.get("name")))
    }
    anchors = _anchors(material)
    if not known or not anchors:
        raise NotApplicable("no register of identifier schemes, or no anchor, in the set")
    for anchor, subject in anchors:
        scheme = related(subject, "idScheme")
        if scheme and not known.intersection((identifier(scheme), as_text(scheme.get("name")))):
            yield Finding(
                at=anchor.at("credentialSubject", "idScheme"),
                expected="a scheme that the register lists",
                received=short(identifier(scheme)),
                hint="Register the scheme, so that others find out what its identifiers look like and who gives them.",
            )


def _members(material: CredentialSet) -> Iterator[tuple[Credential, Mapping[str, Any], DidDocument]]:
    """Anchors with the DID document of the member that they are about.

    :raises NotApplicable: no such pair in the set.
    """
    documents = {
        document.did: document
        for document in material.documents
        if isinstance(document, DidDocument) and isinstance(document.value, dict)
    }
    pairs = [
        (anchor, subject, documents[identifier(subject)])
        for anchor, subject in _anchors(material)
        if identifier(subject) in documents
    ]
    if not pairs:
        raise NotApplicable("the set holds no DID document of an anchored party")
    yield from pairs


def _strings(value: object) -> set[str]:
    """The strings below a value, the first ten thousand."""
    found: set[str] = set()
    waiting = [value]
    while waiting and len(found) < _MAXIMUM_STRINGS:
        item = waiting.pop()
        if isinstance(item, str):
            found.add(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return found


@check("DIA-018", whole_set=True)
def member_links_to_its_anchor(material: CredentialSet) -> Iterator[Finding]:
    """A service of the member's DID document leads to the anchor."""
    for anchor, _, member in _members(material):
        if not _strings(member.value.get("service")).intersection((identifier(anchor.value), anchor.source)):
            yield Finding(
                at=member.at("service"),
                expected=f"a service that links to {short(identifier(anchor.value)) or anchor.source}",
                received="none",
                hint="Add a service with the address of the anchor; whoever resolves the DID then sees who vouches for it.",
            )


@check("DIA-019", whole_set=True)
def member_is_also_known_by_its_registration(material: CredentialSet) -> Iterator[Finding]:
    """The member's DID document lists its registered URI in alsoKnownAs."""
    for _, subject, member in _members(material):
        number, public = as_text(subject.get("registeredId")), as_text(subject.get("publicInformation"))
        known = _strings(member.value.get("alsoKnownAs"))
        if not any(entry == public or (number and entry.endswith(number)) for entry in known):
            yield Finding(
                at=member.at("alsoKnownAs"),
                expected=f"the URI of the registration ({short(public) or short(number)})",
                received=short(sorted(known)) if known else "nothing",
                hint="List the URI under which the register knows the member.",
            )
