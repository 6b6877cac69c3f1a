"""The JOSE envelope: that there is one, that it verifies, and that its header and claims say nothing odd (VCP rows)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import NotApplicable, Remark, check
from assay.harness.checks._proofs import SECURABLE, embedded, enveloped, judged
from assay.harness.credential.envelope import ALGORITHMS, EMBEDDED_KEYS
from assay.harness.credential.instants import instant
from assay.harness.material import UNTP_KINDS, Credential, SignatureState
from assay.harness.results import Finding

__all__: list[str] = []

_ALGORITHM_CODES = frozenset({"alg-none", "alg-not-allowed"})
_KEY_CODES = frozenset({"kid-foreign", "did-mismatch", "key-not-found", "controller", "bad-key"})
_TOLD_ELSEWHERE = (
    _ALGORITHM_CODES
    | _KEY_CODES
    | {
        "not-assertion-method",  # VCP-028
        "issuer-not-did",  # VCP-008, VCP-010
        "did-syntax",  # DID-002 to DID-004
        "malformed",  # IN-001 to IN-010
    }
)
_MEDIA_TYPE = "application/vc+jwt"


@check("VCP-018", kinds=UNTP_KINDS)
def published_as_credential(credential: Credential) -> Iterator[Finding]:
    """What a link leads to is a verifiable credential, not the same data without proof."""
    if credential.signature.state is not SignatureState.UNSIGNED:
        return
    if credential.via is None:
        raise NotApplicable("the payload was given by hand; whether it is published so cannot be told")
    yield Finding(
        at=credential.at(),
        expected="a credential secured as application/vc+jwt",
        received="plain JSON without a proof",
        hint="Publish the signed credential; a payload by itself proves nothing.",
        evidence=credential.evidence,
    )


@check("VCP-019", kinds=SECURABLE)
def proof_envelops(credential: Credential) -> Iterator[Finding]:
    """Credentials are secured by an enveloping JOSE proof; an embedded Data Integrity proof alone does not do (P-37)."""
    yield from embedded(credential)


@check("VCP-020", kinds=SECURABLE)
def serialisation_is_compact(credential: Credential) -> Iterator[Finding]:
    """The JWS comes in compact serialisation."""
    if enveloped(credential).media_type == "application/jose+json":
        yield Finding(
            at=credential.at(),
            expected="JWS compact serialisation: header.payload.signature",
            received="JWS JSON serialisation",
            hint="Join the three parts with dots.",
        )


@check("VCP-021", kinds=SECURABLE)
def signature_verifies(credential: Credential) -> Iterator[Finding]:
    """The signature holds over the exact bytes with a key of the issuer."""
    signature = judged(credential)
    if signature.state is SignatureState.INVALID and signature.code not in _TOLD_ELSEWHERE:
        yield Finding(
            at=credential.at(),
            expected=f"a signature that verifies with {signature.method or 'the key that kid names'}",
            received=f"{signature.code}: {signature.detail}",
            hint="Sign the bytes that are sent; re-serialised JSON is another text.",
        )


@check("VCP-022", kinds=SECURABLE)
def algorithm_protects(credential: Credential) -> Iterator[Finding]:
    """``alg`` is a digital signature algorithm: never ``none``, never a shared secret."""
    envelope = enveloped(credential)
    if envelope.header.get("alg") not in ALGORITHMS:
        yield Finding(
            at=credential.at(),
            expected=f"alg: {', '.join(ALGORITHMS)}",
            received=f"alg: {envelope.header.get('alg')!r}"[:80],
            hint="Sign with ES256, or with EdDSA; a verifier must refuse tokens that protect nothing.",
        )


@check("VCP-023", kinds=SECURABLE)
def payload_is_the_credential(credential: Credential) -> Iterator[Finding]:
    """The JWT payload is the credential itself, without the ``vc`` and ``vp`` claims of version 1.1."""
    enveloped(credential)
    for name in ("vc", "vp"):
        if isinstance(credential.value, dict) and name in credential.value:
            yield Finding(
                at=credential.at(name),
                expected="the members of the credential at the top of the payload",
                received=f"a claim {name!r}",
                hint="That wrapping belongs to version 1.1 of the data model; put the credential itself there.",
            )


@check("VCP-024", kinds=SECURABLE)
def typ_says_credential(credential: Credential) -> Iterator[Finding | Remark]:
    """The ``typ`` header is ``vc+jwt``."""
    typ = enveloped(credential).header.get("typ")
    if typ not in ("vc+jwt", "application/vc+jwt"):
        yield Finding(
            at=credential.at(),
            expected="typ: 'vc+jwt'",
            received="no typ" if typ is None else f"typ: {typ!r}"[:80],
            hint="The type in the header keeps a credential from being taken for another kind of JWT (RFC 8725).",
        )
    elif typ == "application/vc+jwt":
        yield Remark("typ is written with 'application/', which RFC 7515 recommends to leave out")


@check("VCP-025", kinds=SECURABLE)
def cty_says_credential(credential: Credential) -> Iterator[Finding]:
    """The ``cty`` header, when used, is ``vc``."""
    header = enveloped(credential).header
    if "cty" in header and header["cty"] not in ("vc", "application/vc"):
        yield Finding(
            at=credential.at(), expected="cty: 'vc', or no cty", received=f"cty: {header['cty']!r}"[:80]
        )


@check("VCP-026", kinds=SECURABLE)
def kid_names_the_key(credential: Credential) -> Iterator[Finding]:
    """``kid`` is there when the key is one of a DID document."""
    header = enveloped(credential).header
    if not credential.issuer_id.startswith("did:"):
        raise NotApplicable("the issuer is not named by a DID")
    if not header.get("kid"):
        brought = [name for name in EMBEDDED_KEYS if name in header]
        yield Finding(
            at=credential.at(),
            expected="kid: the DID URL of the verification method that signed",
            received=f"no kid, but {', '.join(brought)}, which is not trusted" if brought else "no kid",
            hint="Name the key, so that verifiers need not try all of them.",
        )


@check("VCP-027", kinds=SECURABLE)
def kid_leads_to_the_issuer(credential: Credential) -> Iterator[Finding]:
    """``kid`` dereferences to a usable verification method of the issuer's own DID."""
    signature = judged(credential)
    if signature.code in _KEY_CODES:
        yield Finding(
            at=credential.at("issuer"),
            expected=f"a key of {credential.issuer_id} in its DID document",
            received=f"{signature.code}: {signature.detail}",
            hint="Sign with a key that the issuer's DID document lists, and keep retired keys there.",
        )


@check("VCP-028", kinds=SECURABLE)
def key_may_assert(credential: Credential) -> Iterator[Finding]:
    """The key that signed is authorised for assertions."""
    signature = judged(credential)
    if signature.code == "not-assertion-method":
        yield Finding(
            at=credential.at("issuer"),
            expected=f"{signature.method} under assertionMethod",
            received="it is listed, but not for assertions",
            hint="Add the key to assertionMethod of the DID document.",
        )


@check("VCP-029", kinds=SECURABLE)
def iss_is_the_issuer(credential: Credential) -> Iterator[Finding]:
    """A claim ``iss``, if used, equals the issuer's identifier."""
    enveloped(credential)
    claims = credential.value if isinstance(credential.value, dict) else {}
    if "iss" in claims and claims["iss"] != credential.issuer_id:
        yield Finding(
            at=credential.at("iss"),
            expected=f"{credential.issuer_id!r}, or no iss",
            received=repr(claims["iss"])[:120],
            hint="Leave iss out; the credential names its issuer.",
        )


@check("VCP-030", kinds=SECURABLE)
def claims_agree(credential: Credential) -> Iterator[Finding]:
    """JWT claims repeat what the credential says: ``jti`` its id, ``sub`` its subject, ``exp`` its end of validity."""
    enveloped(credential)
    claims = credential.value if isinstance(credential.value, dict) else {}
    subject = claims.get("credentialSubject")
    subject_id = subject.get("id") if isinstance(subject, dict) else None
    pairs = (("jti", claims.get("id")), ("sub", subject_id))
    for name, own in pairs:
        if name in claims and own is not None and claims[name] != own:
            yield Finding(at=credential.at(name), expected=repr(own)[:120], received=repr(claims[name])[:120])
    ends = instant(claims.get("validUntil"))
    expires = claims.get("exp")
    if isinstance(expires, (int, float)) and ends is not None and abs(expires - ends.timestamp()) >= 1:
        yield Finding(
            at=credential.at("exp"),
            expected=f"{int(ends.timestamp())} (validUntil), or no exp",
            received=repr(expires),
            hint="exp is when the signature ends, validUntil when the claims end; say one of them only.",
        )


@check("VCP-031", kinds=SECURABLE)
def nbf_is_avoided(credential: Credential) -> Iterator[Finding]:
    """The claim ``nbf`` is not used; ``validFrom`` says it."""
    enveloped(credential)
    if isinstance(credential.value, dict) and "nbf" in credential.value:
        yield Finding(
            at=credential.at("nbf"),
            expected="no nbf",
            received=repr(credential.value["nbf"])[:80],
            hint="Use validFrom.",
        )


@check("VCP-033", kinds=SECURABLE)
def wrapper_holds_a_token(credential: Credential) -> Iterator[Finding]:
    """A JSON wrapper is an ``EnvelopedVerifiableCredential`` whose ``id`` is a data: URL of application/vc+jwt."""
    media_type = enveloped(credential).media_type
    if media_type not in (_MEDIA_TYPE, "application/jose+json"):
        yield Finding(
            at=credential.at("id"),
            expected=f"data:{_MEDIA_TYPE},...",
            received=f"data:{media_type[:80]},...",
            hint="Name the media type, so that a reader knows what the URL holds.",
        )
