"""Credentials held against the registers of the same set: software, identifier schemes, vocabularies, registered parties.

A register speaks of what it lists and of nothing else, so all of these rows stay silent where the set holds no register of the
kind that they need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_text, host, identifier, mappings, related, short
from assay.harness.checks.register_checks import register_kind
from assay.harness.material import (
    UNTP_KINDS,
    Credential,
    CredentialSet,
    Document,
    Kind,
    Register,
    SignatureState,
)
from assay.harness.results import Finding

__all__: list[str] = []

Json = Mapping[str, Any]

_THINGS: Mapping[Kind, str] = {Kind.DPP: "product", Kind.DFR: "facility"}
"""Kinds of documents whose subject a scheme identifies, and how a register calls such schemes."""
_TEMPLATES = ("registeredIdUriTemplate", "resolverEndpoint", "queryEndpoint")


def _registers(material: CredentialSet, kind: str) -> list[Register]:
    """The registers of a kind.

    :raises NotApplicable: there is none in the set.
    """
    found = [one for one in material.documents if isinstance(one, Register) and register_kind(one) == kind]
    if not found:
        raise NotApplicable(f"no register of kind {kind} is part of the set")
    return found


def _entries(registers: list[Register]) -> list[Json]:
    return [entry for register in registers for _, entry in mappings(register.value.get("entries"))]


def _plain(uri: str) -> str:
    return uri.rstrip("/")


# -- software (SWI) --------------------------------------------------------------------------------------------------


def _vendor_entry(entries: list[Json], vendor: str) -> Json | None:
    """The entry of a vendor: under its identifier, or with a website where its DID stands."""
    for entry in entries:
        if vendor and vendor == identifier(entry):
            return entry
    at = host(vendor)
    return next((entry for entry in entries if at and at == host(as_text(entry.get("website")))), None)


def _software(material: CredentialSet) -> Iterator[tuple[Document, Json]]:
    for document in material.documents:
        software = related(document.value, "issuingSoftware")
        if document.kind in UNTP_KINDS and software:
            yield document, software


@check("ENV-011", whole_set=True)
def software_is_the_registered_one(material: CredentialSet) -> Iterator[Finding]:
    """Vendor and version of the issuing software are those of an entry in the register of software."""
    entries = _entries(_registers(material, "SWI"))
    for document, software in _software(material):
        vendor = identifier(software.get("vendor"))
        entry = _vendor_entry(entries, vendor)
        if entry is None:
            yield Finding(
                at=document.at("issuingSoftware", "vendor", "id"),
                expected="a vendor that the register of software lists",
                received=short(vendor) or "no id",
                hint="Register the vendor, or name it as it is registered.",
            )
            continue
        name, version = as_text(software.get("name")), as_text(software.get("version"))
        products = [product for _, product in mappings(entry.get("products"))]
        own = [
            product
            for product in products
            if identifier(software) == product.get("url") or name == product.get("name")
        ]
        tested = {
            as_text(result.get("softwareVersion"))
            for product in own
            for _, result in mappings(product.get("testResults"))
        } - {""}
        if not own or (tested and version not in tested):
            known = ", ".join(sorted(tested)) if own else ", ".join(as_text(p.get("name")) for p in products)
            yield Finding(
                at=document.at("issuingSoftware"),
                expected=f"software and version as registered ({short(known) or 'none'})",
                received=f"{short(name)} {short(version)}",
                hint="Register each version of the software that issues.",
            )


@check("ENV-014", whole_set=True)
def registered_software_issues_soundly(material: CredentialSet) -> Iterator[Finding]:
    """What registered software has issued is signed, valid, and loses no term."""
    entries = _entries(_registers(material, "SWI"))
    for document, software in _software(material):
        if _vendor_entry(entries, identifier(software.get("vendor"))) is None:
            continue
        wrong = _unsound(document)
        if wrong:
            yield Finding(
                at=document.at("issuingSoftware"),
                expected="credentials of registered software pass signature, schema and vocabulary",
                received=wrong,
                hint="The findings under the other rows say what it is.",
            )


def _unsound(document: Document) -> str:
    if isinstance(document, Credential) and document.signature.state is SignatureState.INVALID:
        return f"a signature that fails ({document.signature.code})"
    if any(not error.format_only for error in document.schema_errors):
        return f"{len(document.schema_errors)} errors of the schema"
    dropped = [term for term in document.terms if term.kind == "dropped"]
    return f"{len(dropped)} terms that JSON-LD drops" if dropped else ""


# -- identifier schemes (IDR) ----------------------------------------------------------------------------------------


def _subject(document: Document) -> Json:
    return related(document.value, "credentialSubject")


@check("EXT-010", whole_set=True)
def identifier_schemes_are_registered(material: CredentialSet) -> Iterator[Finding]:
    """The scheme that identifies a product or facility is listed in a register of identifier schemes.

    A register that lists no scheme for things of this kind at all does not speak of them.
    """
    entries = _entries(_registers(material, "IDR"))
    known = {_plain(identifier(entry)) for entry in entries} | {
        as_text(entry.get("name")) for entry in entries
    }
    kinds = {as_text(entry.get("registerType")) for entry in entries}
    for document in material.documents:
        scheme = related(_subject(document), "idScheme")
        if document.kind not in _THINGS or not scheme or _THINGS[document.kind] not in kinds:
            continue
        if not known & {_plain(identifier(scheme)), as_text(scheme.get("name"))}:
            yield Finding(
                at=document.at("credentialSubject", "idScheme"),
                expected="a scheme that the register of identifier schemes lists",
                received=short(identifier(scheme)),
                hint="Register the scheme, or use a registered one.",
            )


@check("IDR-023", whole_set=True)
def identifiers_stand_in_their_scheme(material: CredentialSet) -> Iterator[Finding]:
    """An identifier under a registered scheme stands on a host that the register gives for the scheme."""
    entries = _entries(_registers(material, "IDR"))
    by_id = {_plain(identifier(entry)): entry for entry in entries}
    for document in material.documents:
        subject = _subject(document)
        entry = by_id.get(_plain(identifier(related(subject, "idScheme"))))
        at = host(identifier(subject))
        if document.kind not in _THINGS or entry is None or not at:
            continue
        hosts = {host(identifier(entry)), *(host(as_text(entry.get(name))) for name in _TEMPLATES)} - {""}
        if hosts and at not in hosts:
            yield Finding(
                at=document.at("credentialSubject", "id"),
                expected=f"an identifier on {' or '.join(sorted(hosts))}, as the register says",
                received=short(identifier(subject)),
                hint="Write the identifier as its scheme does.",
            )


# -- vocabularies (CVC) ----------------------------------------------------------------------------------------------


@check("REG-026", whole_set=True)
def registered_vocabularies_are_valid(material: CredentialSet) -> Iterator[Finding]:
    """A vocabulary that a register lists is valid against its schema."""
    listed = {_plain(identifier(entry)) for entry in _entries(_registers(material, "CVC"))}
    for document in material.documents:
        if document.kind is not Kind.SCHEME or _plain(identifier(document.value)) not in listed:
            continue
        errors = [error for error in document.schema_errors if not error.format_only]
        if errors:
            yield Finding(
                at=document.at(*errors[0].path),
                expected="a vocabulary that is valid against its schema, since it is registered",
                received=f"{len(errors)} errors of the schema, the first: {short(errors[0].message)}",
                hint="Correct the vocabulary, and register it anew.",
            )


@check("VSN-005", whole_set=True)
def published_versions_stay_as_they_are(material: CredentialSet) -> Iterator[Finding]:
    """A profile of a scheme that is published twice under one version says the same both times."""
    schemes = [document for document in material.documents if document.kind is Kind.SCHEME]
    if not schemes:
        raise NotApplicable("no vocabulary is part of the set")
    first: dict[tuple[str, str], tuple[Document, Json]] = {}
    for document in schemes:
        for place, profile in mappings(document.value.get("includedProfile")):
            key = (identifier(profile), as_text(profile.get("version")))
            known, content = first.setdefault(key, (document, profile))
            if all(key) and content != profile:
                yield Finding(
                    at=document.at("includedProfile", place),
                    expected=f"version {short(key[1])} of {short(key[0])} as {short(known.source)} has it",
                    received="another content under the same version",
                    hint="A change, however small, is a new version; keep the old one where it is.",
                )


# -- registered parties ----------------------------------------------------------------------------------------------


def _parties(entry: Json) -> Iterator[str]:
    for value in (entry.get("registrarId"), identifier(entry.get("owner")), identifier(entry)):
        if isinstance(value, str) and value.startswith("did:"):
            yield value


@check("REG-021", whole_set=True)
def what_operators_say_is_signed(material: CredentialSet) -> Iterator[Finding]:
    """What the operator of a register says of others, in credentials or as evidence of tests, is signed."""
    registers = [document for document in material.documents if isinstance(document, Register)]
    operators = {host(identifier(related(register.value, "registrar"))) for register in registers} - {""}
    evidence = {
        as_text(result.get("evidenceCredentialURL"))
        for entry in _entries(registers)
        for _, product in mappings(entry.get("products"))
        for _, result in mappings(product.get("testResults"))
    } - {""}
    said = [
        document
        for document in material.documents
        if isinstance(document, Credential)
        and (host(document.issuer_id) in operators or identifier(document.value) in evidence)
    ]
    if not said:
        raise NotApplicable("no operator of a register in the set says anything in it")
    for document in said:
        if document.envelope is None and not document.value.get("proof"):
            yield Finding(
                at=document.at(),
                expected="a signed credential, since the operator of a register speaks",
                received="no signature",
                hint="An entry that rests on what anybody could have written helps nobody.",
            )


@check("REG-022", whole_set=True)
def anchors_of_registers_are_about_the_registered(material: CredentialSet) -> Iterator[Finding]:
    """The operator of a register issues identity anchors about those who stand in its registers."""
    operators: dict[str, set[str]] = {}
    for document in material.documents:
        if isinstance(document, Register):
            operator = host(identifier(related(document.value, "registrar")))
            parties = {did for entry in _entries([document]) for did in _parties(entry)}
            operators.setdefault(operator, set()).update(parties)
    anchors = [
        (document, operator)
        for document in material.documents
        if document.kind is Kind.DIA and isinstance(document, Credential)
        for operator in operators
        if operator and host(document.issuer_id) == operator
    ]
    if not anchors:
        raise NotApplicable("no operator of a register in the set has issued an anchor in it")
    for document, operator in anchors:
        subject = identifier(_subject(document))
        if subject.startswith("did:") and subject not in operators[operator]:
            yield Finding(
                at=document.at("credentialSubject", "id"),
                expected=f"the DID of a party that a register of {operator} lists",
                received=short(subject),
                hint="Enter the party into the register first, under the DID that it controls.",
            )
