"""Named faults: what a sandbox node can be told to do wrong, one behaviour each.

They are the live mutants of the harness's requirements, and what a user practises with (``--fault stale-status``). A fault
is named after what the node does; a node without faults is honest.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

__all__ = ["FAULTS", "HONEST", "Fault", "FaultError", "Faults", "faults_by_nation"]


class FaultError(ValueError):
    """A fault name that does not exist; the message names the closest one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name, the role it damages, and what the node then does, in one line."""

    name: str
    role: str
    description: str


_TABLE: Mapping[str, Mapping[str, str]] = {
    "verifier": {
        "always-valid": "answers verified for everything, without looking",
        "always-invalid": "answers not verified for everything",
        "no-reasons": "rejects without saying why",
        "verifier-crashes": "answers 500 where a credential does not verify",
        "accept-alg-none": "accepts tokens with alg none",
        "accept-any-alg": "accepts tokens under algorithms it does not know, HS256 among them",
        "accept-bad-signature": "does not check the signature",
        "accept-foreign-key": "accepts a key of another DID than the issuer's",
        "accept-unlisted-key": "accepts a key that the issuer's DID document does not list",
        "accept-unauthorised-key": "accepts a key that is not listed under assertionMethod",
        "accept-unresolvable-issuer": "accepts credentials whose issuer's DID document cannot be had",
        "accept-unsigned": "accepts bare credentials without an envelope",
        "accept-expired": "ignores validUntil",
        "accept-not-yet-valid": "ignores validFrom",
        "accept-revoked": "ignores the revocation bit",
        "accept-suspended": "ignores the suspension bit",
        "ignore-status-unavailable": "accepts credentials whose status list cannot be had",
        "ignore-status-invalid": "accepts credentials whose status list does not verify",
        "ignore-status-range": "accepts a status index beyond the end of the list",
        "ignore-schema": "does not check the schema",
        "ignore-dropped-terms": "does not notice what JSON-LD processing drops",
        "ignore-crit": "ignores critical extensions that it does not know",
        "reject-without-issuing-software": "rejects credentials without issuingSoftware",
        "reject-extensions": "rejects credentials with extension properties",
        "reject-open-characteristics": "rejects passports with characteristics that it does not know",
        "reject-urns": "rejects products that are named by a URN",
        "reject-company-terms": "rejects credentials with terms that only a class vocabulary catches",
        "reject-variants": "rejects credentials that name other variants",
        "accept-mixed-versions": "judges what looks like 0.6 by 0.6, whatever its context says",
        "reject-eddsa": "accepts ES256 and ES384 only",
        "reject-older-versions": "rejects credentials of UNTP 0.6.x",
        "reject-other-proofs-silently": "rejects embedded proofs without any reason",
        "reject-bindings": "rejects credentials that name related resources",
        "reject-presentations": "rejects presentations, whatever is in them",
        "links-trusted": "believes a link's relation and media type without looking at what is there",
        "links-assumed-resolver": "answers 500 where an address that looks like a resolver's serves HTML",
        "links-crash": "answers 500 where a link loops or its target answers 500",
        "well-known-not-read": "follows a linkset link without reading /.well-known/resolver first",
        "accept-any-identity": "takes an identity anchor for another subject than the issuer",
        "accept-any-register": "takes an identity anchor by an issuer that no trusted register lists",
    },
    "graph": {
        "graph-ignores-member": "uses credentials of a set without looking at their signatures",
        "graph-ignores-unsigned": "takes unsigned members of a set for proven",
        "graph-ignores-outdated": "uses expired and revoked members of a set",
        "graph-ignores-product-claim": "does not match claims about products with assessments",
        "graph-ignores-facility-claim": "does not match claims about facilities with assessments",
        "graph-ignores-some-criteria": "takes a claim for verified when one of its criteria is",
        "graph-ignores-conformance": "does not read whether an assessment says that something conforms",
        "graph-ignores-value": "does not compare claimed with assessed values",
        "graph-ignores-condition": "matches claims with assessments under other regulations",
        "graph-ignores-totals": "does not add up the products of a facility",
        "graph-ignores-object": "ignores that an assessor did not verify what it assessed",
        "graph-ignores-accreditation": "takes assessments by anybody",
        "graph-ignores-scope": "takes any accreditation for any scheme",
        "graph-ignores-authorisation": "believes an authorisation without its evidence",
        "graph-ignores-chain": "believes every register, whoever vouches for it",
        "graph-ignores-operator": "does not ask who operates a facility",
        "graph-ignores-issuer": "does not ask who an issuer is",
        "graph-ignores-passport-issuer": "takes passports of a product by anybody",
        "graph-ignores-identifier": "takes passports of one product by several issuers",
        "graph-ignores-criterion": "takes criteria of unknown and self-endorsed schemes",
        "graph-ignores-link": "does not follow links to evidence, and compares no digests",
        "graph-ignores-lineage": "does not miss what an input came from",
        "graph-ignores-mass": "does not weigh what comes out against what goes in",
        "graph-ignores-content": "does not compare the content of outputs with that of inputs",
        "graph-ignores-yield": "is not surprised by processes that lose nothing",
        "graph-ignores-stock": "lets a facility send more than it has",
        "graph-ignores-spent": "lets a batch be used twice",
        "graph-ignores-counterparty": "does not compare the records of sender and receiver",
        "graph-ignores-bill": "does not compare declared materials with inputs",
        "graph-ignores-order": "ignores the order of events",
        "graph-ignores-arrival": "lets goods be used before they were sent",
        "graph-ignores-speed": "lets goods travel at any speed",
        "graph-ignores-identity": "does not count the sources of what is said to be identity preserved",
        "graph-ignores-segregated": "does not ask for conforming inputs of segregated products",
        "graph-ignores-custody": "takes book-and-claim for physical custody",
        "graph-ignores-balance": "looks at no mass balance at all",
        "graph-alone": "accepts a passport that comes without its evidence",
        "graph-claim-unnamed": "does not say which claim is not verified",
        "graph-short-chains": "follows an accreditation by one step only",
        "graph-no-tolerance": "allows no loss or gain in weighing",
        "graph-raw-units": "adds up numbers whatever their units",
        "graph-first-gap-only": "reports the first gap of a graph and no other",
    },
    "resolver": {
        "resolver-ignores-linktype": "answers the default redirect whatever relation linkType asks for",
        "linkset-ignored": "redirects where the whole linkset is asked for",
        "wrong-linkset-media-type": "serves linksets as application/json",
        "html-linkset": "serves an HTML page where a linkset is asked for",
        "no-well-known": "has no /.well-known/resolver",
        "default-missing": "answers 404 where no linkType is given",
        "default-200": "answers the default with a page instead of a redirect",
        "500-for-malformed": "answers 500 for a malformed identifier",
        "200-for-unknown": "answers 200 with an empty linkset for an unknown identifier",
        "language-ignored": "ignores Accept-Language and the language query",
        "language-query-ignored": "lets Accept-Language win over the language query",
        "no-fallback": "answers 404 where a link type is missing at the level asked for",
        "item-only": "leaves the class level out of an item's linkset",
        "linktype-body": "answers a specific linkType with a body instead of a redirect",
        "linkset-without-anchor": "leaves the anchor out of linksets",
        "linkset-renamed": "calls the member linkset links",
        "target-without-title": "leaves title out of link targets",
        "target-without-type": "leaves type out of link targets",
        "target-without-href": "leaves href out of link targets",
        "hreflang-string": "writes hreflang as a string",
        "rel-string": "writes rel as a string",
        "all-ignored": "knows linkType=linkset, but not linkType=all",
        "delegation-unknown": "answers 404 for identifiers that another resolver answers for",
        "one-link-only": "keeps only the last link of an identifier",
        "old-version-default": "redirects the default to a predecessor version",
        "predecessor-unmarked": "leaves predecessor-version out of rel",
        "edit-without-method": "leaves method out of edit links",
        "target-type-invalid": "writes the media type of link targets as jwt",
        "method-string": "writes method as a string",
        "access-role-string": "writes accessRole as a string",
        "extra-target-attribute": "adds a member size to link targets",
        "anchor-did": "writes a DID for the anchor of a linkset",
        "made-up-relation": "renames the dpp relation to passport",
        "redirect-loop": "redirects identifiers to themselves",
        "wrong-link-target": "swaps link targets: dpp leads to something that is none",
        "broken-link": "advertises link targets that answer 404",
        "anonymous-link-accepted": "lets anybody add links",
    },
    "status": {
        "stale-status": "goes on serving the status list as it was before a change",
        "list-without-type": "leaves BitstringStatusListCredential out of the list's type",
        "list-wrong-subject-type": "types the list's subject StatusList2021",
        "list-bad-signature": "breaks the signature of status lists",
        "list-too-short": "serves lists of 8 KB",
        "list-without-multibase": "leaves the multibase prefix out of encodedList",
        "list-bits-reversed": "counts bits from the right within each byte",
        "wrong-purpose": "declares status lists for another purpose than their entries",
        "list-404": "answers 404 for status lists",
        "list-unsigned": "serves status lists without an envelope",
        "status-media-type": "serves status lists as text/plain",
        "list-cache-forever": "lets status lists be cached for a year, whatever their ttl",
        "revocation-reversible": "lets a revocation be taken back",
        "anonymous-update-accepted": "lets anybody change a status",
        "revoke-wrong-bit": "sets the bit of the neighbouring index",
    },
    "did": {
        "did-http-404": "answers 404 for DID documents",
        "did-wrong-id": "serves DID documents whose id is another DID",
        "did-without-assertion": "leaves assertionMethod out of DID documents",
        "did-relative-ids": "writes verification method ids relative to the document",
        "did-private-key": "publishes the private member of its keys",
        "did-media-type-html": "serves DID documents as text/html",
        "did-service-string": "writes service endpoints as strings",
    },
    "publisher": {
        "credential-as-octet-stream": "serves credentials as application/octet-stream",
        "credential-unsigned": "serves credentials as plain JSON without an envelope",
        "credential-401": "asks for a login before it serves a credential",
        "template-404": "answers 404 for render templates",
        "listing-on": "lists the files of a folder at the folder's address",
        "passport-of-another": "serves passports that are about another product",
        "archives-gone": "keeps no copies in its archives",
        "second-archive-gone": "keeps copies in one archive only",
        "copies-altered": "keeps copies in which one byte is changed",
        "credential-altered": "serves credentials with one byte of the payload changed",
    },
    "issuer": {
        "issue-anonymous": "issues for anybody",
        "issue-invalid": "signs whatever it is asked to, whether or not it fits the schema",
        "issue-without-status": "issues without credentialStatus",
        "issue-sequential-index": "gives out status indices one after another",
        "issue-wrong-key": "signs with a key that its DID document does not list",
        "issue-typ-jwt": "writes typ JWT into the header",
        "issue-without-kid": "leaves kid out of the header",
        "issue-alters-subject": "changes the subject it was asked to sign",
        "issue-expired": "issues credentials that have already expired",
    },
}

FAULTS: Mapping[str, Fault] = {
    name: Fault(name, role, text) for role, rows in _TABLE.items() for name, text in rows.items()
}


class Faults(frozenset[str]):
    """The faults of one node, every name checked."""

    def __new__(cls, names: Iterable[str] = ()) -> Faults:
        chosen = list(names)
        for name in chosen:
            if name not in FAULTS:
                close = difflib.get_close_matches(name, FAULTS, n=1, cutoff=0.4)
                hint = (
                    f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(sorted(FAULTS))}"
                )
                raise FaultError(f"fault '{name}' is unknown; {hint}")
        return super().__new__(cls, chosen)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(super().__iter__()))


HONEST = Faults()


def faults_by_nation(named: Iterable[str], nations: Iterable[str]) -> dict[str, Faults]:
    """Spread ``fault`` (every node) and ``NATION:fault`` (one node) over the nations.

    :raises FaultError: unknown fault or nation.
    """
    spread: dict[str, list[str]] = {nation: [] for nation in nations}
    for item in named:
        nation, colon, fault = item.rpartition(":")
        if colon and nation not in spread:
            raise FaultError(
                f"nation '{nation}' in fault '{item}' is unknown; choose one of: {', '.join(spread)}"
            )
        for target in [nation] if colon else list(spread):
            spread[target].append(fault)
    return {nation: Faults(names) for nation, names in spread.items()}
