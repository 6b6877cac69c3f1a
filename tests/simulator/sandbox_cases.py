"""Good and bad credentials of an outside authority, and what an honest verifier has to say about each."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from assay.simulator.sandbox.example import base, target
from assay.simulator.sandbox.example_tokens import V2, Key, b64, bits, did_document, key, sign, status_list
from assay.simulator.sandbox.fetch import FetchError
from assay.simulator.sandbox.inprocess import Web

HOST = "harness.assay.example"
ISSUER = f"did:web:{HOST}"
ATTACKER = f"{ISSUER}:attacker"
MAIN = key(f"{ISSUER}#main", 7001)
EDWARDS = Key(f"{ISSUER}#edwards", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
LOGIN_ONLY = key(f"{ISSUER}#login", 7002)
UNLISTED = key(f"{ISSUER}#unlisted", 7003)
THEIRS = key(f"{ATTACKER}#main", 7004)
EXTENSION = f"https://{HOST}/contexts/extension"
UNTP = "https://vocabulary.uncefact.org/untp/0.7.0/context/"


def authority(web: Web) -> Web:
    """Publish the authority's DID documents, status lists, contexts and links."""
    document = did_document(ISSUER, MAIN, EDWARDS)
    document["verificationMethod"] += did_document(ISSUER, LOGIN_ONLY)["verificationMethod"]
    document["authentication"] = [LOGIN_ONLY.kid]
    at = f"https://{HOST}"
    web.say(f"{at}/.well-known/did.json", document)
    web.say(f"{at}/attacker/did.json", did_document(ATTACKER, THEIRS))
    web.say(f"{at}/missing/did.json", "", status=404)
    web.say(f"{at}/other/did.json", did_document(ATTACKER, THEIRS))
    web.extra[f"{at}/down/did.json"] = FetchError("connection refused")
    lists = {
        "1": status_list(f"{at}/status/1", ISSUER, bits(5)),
        "suspension": status_list(f"{at}/status/suspension", ISSUER, bits(5), "suspension"),
        "refresh": status_list(f"{at}/status/refresh", ISSUER, bits(5), "refresh"),
        "short": status_list(f"{at}/status/short", ISSUER, bits(5, size=65_536)),
        "bare": status_list(f"{at}/status/bare", ISSUER, bits(5)[1:]),
        "untyped": {**status_list(f"{at}/status/untyped", ISSUER, bits(5)), "type": ["VerifiableCredential"]},
        "old": {**status_list(f"{at}/status/old", ISSUER, bits()), "validUntil": "2026-02-01T00:00:00Z"},
    }
    for name, content in lists.items():
        web.say(f"{at}/status/{name}", sign(content, MAIN), media_type="application/vc+jwt")
    web.say(f"{at}/status/forged", sign(lists["1"], UNLISTED, kid=MAIN.kid), media_type="application/vc+jwt")
    web.say(f"{at}/status/missing", "", status=404)
    web.say(
        EXTENSION,
        {"@context": {"assayNote": "https://assay.example/terms#note"}},
        media_type="application/ld+json",
    )
    web.say(f"{at}/contexts/missing", "", status=404)
    good = sign(passport(), MAIN)
    web.say(f"{at}/links/passport", good, media_type="application/vc+jwt")
    web.say(f"{at}/links/certificate", sign(certificate(), MAIN), media_type="application/vc+jwt")
    web.say(f"{at}/links/page", "<!doctype html><p>hello", media_type="application/vc+jwt")
    web.say(f"{at}/links/crash", "boom", status=500)
    web.extra[f"{at}/links/loop"] = FetchError("more than 5 redirects")
    web.say(f"{at}/.well-known/resolver", {"resolverRoot": at})
    linkset = {"linkset": [{"anchor": f"{at}/01/1", "dpp": [target(f"{at}/links/passport", "Passport")]}]}
    web.say(f"{at}/01/1?linkType=linkset", linkset, media_type="application/linkset+json")
    web.say(f"{at}/01/2?linkType=linkset", "<!doctype html><p>shop", media_type="text/html")
    return web


def passport(**changes: Any) -> dict[str, Any]:
    """A good passport of the authority; a None value removes a member."""
    document = base("dpp")
    document["id"] = f"https://{HOST}/credentials/passport"
    document["issuer"] = {"type": ["CredentialIssuer"], "id": ISSUER, "name": "Test authority"}
    document["credentialStatus"] = entry(3)
    document |= changes
    return {name: value for name, value in document.items() if value is not None}


def certificate() -> dict[str, Any]:
    document = base("dcc")
    document["issuer"] = {"type": ["CredentialIssuer"], "id": ISSUER, "name": "Test authority"}
    document["credentialStatus"] = entry(3)
    return document


def entry(index: Any, name: str = "1", purpose: str = "revocation", **members: Any) -> dict[str, Any]:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": index,
        "statusListCredential": f"https://{HOST}/status/{name}",
        **members,
    }


def issuer(did: str) -> dict[str, Any]:
    return {"type": ["CredentialIssuer"], "id": did, "name": "Test authority"}


def enveloped(token: str) -> dict[str, Any]:
    return {"@context": V2, "id": f"data:application/vc+jwt,{token}", "type": "EnvelopedVerifiableCredential"}


def _tampered() -> str:
    head, body, signature = sign(passport(), MAIN).split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    payload["name"] = "Something else"
    return f"{head}.{b64(json.dumps(payload).encode())}.{signature}"


def _unsecured(alg: str) -> str:
    head = b64(json.dumps({"alg": alg, "kid": MAIN.kid, "typ": "vc+jwt"}).encode())
    return f"{head}.{b64(json.dumps(passport()).encode())}."


def _hs256() -> str:
    head = b64(json.dumps({"alg": "HS256", "kid": MAIN.kid, "typ": "vc+jwt"}).encode())
    data = f"{head}.{b64(json.dumps(passport()).encode())}"
    secret = json.dumps(MAIN.public_jwk).encode()
    return f"{data}.{b64(hmac.new(secret, data.encode(), hashlib.sha256).digest())}"


def _nested(depth: int) -> str:
    return sign(b"[" * depth + b"]" * depth, MAIN)


def _untyped_subject() -> dict[str, Any]:
    document = passport()
    del document["credentialSubject"]["type"]
    return document


def _described() -> dict[str, Any]:
    document = passport()
    document["credentialSubject"]["assayNote"] = "an extension property that no context explains"
    return document


def _product(**changes: Any) -> dict[str, Any]:
    """A good passport whose product has some members changed."""
    document = passport()
    document["credentialSubject"] |= changes
    return document


def _of_both_versions() -> dict[str, Any]:
    """The model of 0.6 under the context of 0.7.0."""
    product = {"type": ["Product"], "id": f"https://{HOST}/1", "name": "Bag"}
    return passport(
        credentialSubject={"type": ["ProductPassport"], "id": f"https://{HOST}/1", "product": product}
    )


def _misfit() -> dict[str, Any]:
    document = passport()
    document["credentialSubject"]["idGranularity"] = "lorry"
    return document


def _swapped_signature() -> str:
    token = sign(passport(), MAIN)
    other = sign(passport(name="another"), MAIN)
    return token.rpartition(".")[0] + "." + other.rpartition(".")[2]


@cache
def cases() -> Mapping[str, tuple[Any, frozenset[str]]]:
    """Name of a case: what is submitted, and the reason codes of an honest verifier (none: verified)."""
    duplicate = json.dumps(passport())[:-1] + ', "issuer": "did:web:pack.example"}'
    extension = passport(**{"@context": [V2, UNTP, EXTENSION], "assayNote": "seen"})
    nowhere = passport(**{"@context": [V2, UNTP, f"https://{HOST}/contexts/missing"], "assayNote": "seen"})
    older = passport(**{"@context": [V2, "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"]})
    plain = passport()
    long_ago, ahead = "2026-05-01T00:00:00Z", "2027-01-01T00:00:00Z"
    table: dict[str, tuple[Any, tuple[str, ...]]] = {
        "good": (sign(plain, MAIN), ()),
        "good enveloped": (enveloped(sign(plain, MAIN)), ()),
        "good certificate": (sign(certificate(), MAIN), ()),
        "good EdDSA": (sign(plain, EDWARDS), ()),
        "good, Ed25519 under its newer name": (sign(plain, EDWARDS, alg="Ed25519"), ()),
        "without issuing software": (sign(passport(issuingSoftware=None), MAIN), ()),
        "without status": (sign(passport(credentialStatus=None), MAIN), ()),
        "extension": (sign(extension, MAIN), ()),
        "extension whose context is gone": (sign(nowhere, MAIN), ()),
        "extension without context": (sign(_described(), MAIN), ()),
        "older version": (sign(older, MAIN), ()),
        "own characteristics": (sign(_product(characteristics={"sieve": {"d50": 12}}), MAIN), ()),
        "named by a URN": (sign(_product(id=f"urn:gtr:{HOST}:bag-1"), MAIN), ()),
        "with a related resource": (
            sign(
                passport(relatedResource=[{"id": f"https://{HOST}/binding", "mediaType": "text/plain"}]), MAIN
            ),
            (),
        ),
        "one of several": (sign(passport(otherVariants="for buyers"), MAIN), ()),
        "of both versions": (sign(_of_both_versions(), MAIN), ("schema", "json-ld")),
        "index as text": (sign(passport(credentialStatus=entry("3")), MAIN), ()),
        "two statuses": (sign(passport(credentialStatus=[entry(3), entry(4)]), MAIN), ()),
        "refresh bit set": (sign(passport(credentialStatus=entry(5, "refresh", "refresh")), MAIN), ()),
        "no typ": (sign(plain, MAIN, typ=None), ()),
        "ends at the very moment": (sign(passport(validUntil="2026-11-22T00:00:00Z"), MAIN), ()),
        "alg none": (_unsecured("none"), ("alg-none",)),
        "alg None": (_unsecured("None"), ("alg-none",)),
        "HS256 with the public key": (_hs256(), ("alg-not-allowed",)),
        "alg of another curve": (sign(plain, MAIN, alg="ES384"), ("bad-signature",)),
        "tampered payload": (_tampered(), ("bad-signature",)),
        "signature of another token": (_swapped_signature(), ("bad-signature",)),
        "forged under the issuer's kid": (sign(plain, THEIRS, kid=MAIN.kid), ("bad-signature",)),
        "embedded key": (sign(plain, THEIRS, kid=MAIN.kid, jwk=THEIRS.public_jwk), ("bad-signature",)),
        "key of another DID": (sign(plain, THEIRS), ("issuer-mismatch",)),
        "iss names another": (sign(passport(iss=ATTACKER), MAIN), ("issuer-mismatch",)),
        "unlisted key": (sign(plain, UNLISTED), ("key-not-found",)),
        "key for login only": (sign(plain, LOGIN_ONLY), ("key-not-authorised",)),
        "no kid": (sign(plain, MAIN, kid=None), ("header",)),
        "relative kid": (sign(plain, MAIN, kid="#main"), ("header",)),
        "unknown crit": (sign(plain, MAIN, crit=["exp"], exp=1), ("crit",)),
        "typ of something else": (sign(plain, MAIN, typ="vp+jwt"), ("header",)),
        "issuer without document": (
            sign(passport(issuer=issuer(f"{ISSUER}:missing")), MAIN, kid=f"{ISSUER}:missing#main"),
            ("did-unresolvable",),
        ),
        "issuer out of reach": (
            sign(passport(issuer=issuer(f"{ISSUER}:down")), MAIN, kid=f"{ISSUER}:down#main"),
            ("did-unresolvable",),
        ),
        "issuer with another's document": (
            sign(passport(issuer=issuer(f"{ISSUER}:other")), MAIN, kid=f"{ISSUER}:other#main"),
            ("did-unresolvable",),
        ),
        "issuer at an address": (
            sign(passport(issuer=issuer("did:web:127.0.0.1")), MAIN, kid="did:web:127.0.0.1#main"),
            ("issuer",),
        ),
        "issuer without DID": (sign(passport(issuer=issuer("https://x.example")), MAIN), ("issuer",)),
        "expired": (sign(passport(validUntil=long_ago), MAIN), ("expired",)),
        "expired by exp": (sign(passport(exp=1_700_000_000), MAIN), ("expired",)),
        "not yet valid": (sign(passport(validFrom=ahead), MAIN), ("not-yet-valid",)),
        "not yet valid by nbf": (sign(passport(nbf=4_000_000_000), MAIN), ("not-yet-valid",)),
        "revoked": (sign(passport(credentialStatus=entry(5)), MAIN), ("revoked",)),
        "suspended": (
            sign(passport(credentialStatus=entry(5, "suspension", "suspension")), MAIN),
            ("suspended",),
        ),
        "revoked in the second status": (
            sign(passport(credentialStatus=[entry(3), entry(5)]), MAIN),
            ("revoked",),
        ),
        "list missing": (sign(passport(credentialStatus=entry(3, "missing")), MAIN), ("status-unavailable",)),
        "list forged": (sign(passport(credentialStatus=entry(3, "forged")), MAIN), ("status-list-invalid",)),
        "list untyped": (
            sign(passport(credentialStatus=entry(3, "untyped")), MAIN),
            ("status-list-invalid",),
        ),
        "list without multibase": (
            sign(passport(credentialStatus=entry(3, "bare")), MAIN),
            ("status-list-invalid",),
        ),
        "list out of date": (
            sign(passport(credentialStatus=entry(3, "old")), MAIN),
            ("status-list-invalid",),
        ),
        "list for another purpose": (
            sign(passport(credentialStatus=entry(3, "refresh")), MAIN),
            ("status-list-invalid",),
        ),
        "list too short": (sign(passport(credentialStatus=entry(3, "short")), MAIN), ("status-list-length",)),
        "index beyond the list": (sign(passport(credentialStatus=entry(131_072)), MAIN), ("status-range",)),
        "last index of the list": (sign(passport(credentialStatus=entry(131_071)), MAIN), ()),
        "unsigned": (plain, ("unsigned",)),
        "embedded proof": (
            {**plain, "proof": {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-jcs-2019"}},
            ("unsupported-proof",),
        ),
        "does not fit the schema": (sign(_misfit(), MAIN), ("schema",)),
        "subject without type": (sign(_untyped_subject(), MAIN), ("json-ld",)),
        "wrapped in vc": (sign(passport(vc={}), MAIN), ("data-model",)),
        "truncated": (sign(plain, MAIN)[:-400].rpartition(".")[0], ("malformed",)),
        "padded signature": (sign(plain, MAIN) + "=", ("malformed",)),
        "duplicate members": (sign(duplicate.encode(), MAIN), ("malformed",)),
        "nested too deep": (_nested(5_000), ("malformed",)),
        "not UTF-8": (sign(b'{"a": "\xff"}', MAIN), ("malformed",)),
        "not JSON": (sign(b"hello", MAIN), ("malformed",)),
        "NaN": (sign(b'{"a": NaN}', MAIN), ("malformed",)),
        "a number": (17, ("malformed",)),
        "data URL of text": (
            {**enveloped("x"), "id": f"data:text/plain,{sign(plain, MAIN)}"},
            ("malformed",),
        ),
    }
    return {name: (copy.deepcopy(body), frozenset(codes)) for name, (body, codes) in table.items()}
