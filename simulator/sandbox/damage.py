"""What faults do to published material: status lists, DID documents, credentials, linksets.

Damaged payloads are signed again with the issuer's own key wherever the fault is in the content, so that each fault shows
in one place only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from assay.simulator.sandbox import bitstring, tokens
from assay.simulator.sandbox.documents import issuer_of, types_of
from assay.simulator.sandbox.faults import Faults
from assay.simulator.sandbox.resolver import relation_name
from assay.simulator.sandbox.store import Published, SigningKey

__all__ = ["damage_credential", "damage_did", "damage_linkset", "damage_status_list", "flip_signature"]

_VC = "application/vc"


def flip_signature(token: str) -> str:
    """The token with one character of its signature changed, still canonical base64url."""
    head, _, signature = token.rpartition(".")
    first = "B" if signature[:1] == "A" else "A"
    return f"{head}.{first}{signature[1:]}"


def damage_status_list(item: Published, faults: Faults, keys: Mapping[str, SigningKey]) -> Published:
    """The status list as a node with these faults serves it."""
    token = item.body.decode("ascii", "replace").strip()
    changes = [change for name, change in _LIST_CHANGES.items() if name in faults]
    if not changes and not faults & {"list-bad-signature", "list-unsigned", "status-media-type"}:
        return item
    media_type = "text/plain" if "status-media-type" in faults else item.media_type
    payload = tokens.parse(token).payload
    if changes:
        for change in changes:
            change(payload)
        issuer = payload.get("issuer")
        key = keys.get(issuer.get("id", "") if isinstance(issuer, dict) else str(issuer))
        if key is not None:
            token = tokens.sign(_dump(payload), key.jwk, key.kid)
    if "list-bad-signature" in faults:
        token = flip_signature(token)
    if "list-unsigned" in faults:
        return Published(item.url, _VC, item.role, item.kind, _dump(payload))
    return Published(item.url, media_type, item.role, item.kind, token.encode())


def damage_did(item: Published, faults: Faults, keys: Mapping[str, SigningKey]) -> Published:
    """The DID document as a node with these faults serves it."""
    changes = [change for name, change in _DID_CHANGES.items() if name in faults]
    media_type = "text/html" if "did-media-type-html" in faults else item.media_type
    if not changes and media_type == item.media_type:
        return item
    document = json.loads(item.body)
    for change in changes:
        change(document, keys)
    return Published(item.url, media_type, item.role, item.kind, _dump(document))


def damage_credential(item: Published, faults: Faults, keys: Mapping[str, SigningKey]) -> Published:
    """The credential as a node with these faults serves it."""
    media_type, body = item.media_type, item.body
    if "passport-of-another" in faults:
        body = _about_another(body, keys)
    if "credential-altered" in faults:
        header, payload, signature = body.decode("ascii").strip().split(".")
        middle = len(payload) // 2
        other = "A" if payload[middle] != "A" else "Q"
        body = f"{header}.{payload[:middle]}{other}{payload[middle + 1 :]}.{signature}".encode()
    if "credential-unsigned" in faults:
        media_type, body = _VC, _dump(tokens.parse(body.decode("ascii").strip()).payload)
    if "credential-as-octet-stream" in faults:
        media_type = "application/octet-stream"
    return Published(item.url, media_type, item.role, item.kind, body)


def _about_another(body: bytes, keys: Mapping[str, SigningKey]) -> bytes:
    """A passport about a product beside the one that it is about; other credentials stay."""
    document = tokens.parse(body.decode("ascii").strip()).payload
    subject, key = document.get("credentialSubject"), keys.get(issuer_of(document))
    if "DigitalProductPassport" not in types_of(document) or not isinstance(subject, dict) or key is None:
        return body
    document["credentialSubject"] = {**subject, "id": f"{subject.get('id')}-other"}
    return tokens.sign(_dump(document), key.jwk, key.kid).encode()


def damage_linkset(content: dict[str, Any], faults: Faults) -> dict[str, Any]:
    """The linkset as a node with these faults answers it; the argument is not changed."""
    contexts = [_damage_context(context, faults) for context in content["linkset"]]
    return {"links" if "linkset-renamed" in faults else "linkset": contexts}


def _damage_context(context: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    damaged: dict[str, Any] = {}
    for name, value in context.items():
        if name == "anchor" and "linkset-without-anchor" in faults:
            continue
        if name == "anchor" and "anchor-did" in faults:
            damaged[name] = "did:web:" + str(value).partition("//")[2].replace("/", ":")
        elif not isinstance(value, list):
            damaged[name] = value
        else:
            renamed = "made-up-relation" in faults and relation_name(name) == "dpp"
            damaged["passport" if renamed else name] = [_damage_target(target, faults) for target in value]
    if "one-link-only" in faults:
        _keep_last(damaged)
    if "wrong-link-target" in faults:
        _swap(damaged)
    return damaged


def _damage_target(target: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    damaged = dict(target)
    for member in ("title", "type", "href"):
        if f"target-without-{member}" in faults:
            damaged.pop(member, None)
    for fault, member in _AS_STRING.items():
        if fault in faults and isinstance(damaged.get(member), list) and damaged[member]:
            damaged[member] = str(damaged[member][0])
    rel = damaged.get("rel")
    if "predecessor-unmarked" in faults and isinstance(rel, list):
        damaged["rel"] = [name for name in rel if name != "predecessor-version"]
    if "edit-without-method" in faults and isinstance(rel, list) and "edit" in rel:
        damaged.pop("method", None)
    if "target-type-invalid" in faults:
        damaged["type"] = "jwt"
    if "extra-target-attribute" in faults:
        damaged["size"] = 1
    if "broken-link" in faults and "href" in damaged:
        damaged["href"] = f"{damaged['href'].partition('?')[0]}-gone"
    return damaged


_AS_STRING = {
    "hreflang-string": "hreflang",
    "rel-string": "rel",
    "method-string": "method",
    "access-role-string": "accessRole",
}


def _keep_last(context: dict[str, Any]) -> None:
    """Leave one target of one relation."""
    names = [name for name, value in context.items() if isinstance(value, list) and value]
    for name in names[:-1]:
        del context[name]
    if names:
        context[names[-1]] = context[names[-1]][-1:]


def _swap(context: dict[str, Any]) -> None:
    """Exchange the first target of the first two relations, so that neither leads to what it promises."""
    names = [name for name, value in context.items() if isinstance(value, list) and value]
    if len(names) > 1:
        first, second = context[names[0]][0], context[names[1]][0]
        first["href"], second["href"] = second.get("href"), first.get("href")


def _without_type(payload: dict[str, Any]) -> None:
    payload["type"] = ["VerifiableCredential"]


def _subject_type(payload: dict[str, Any]) -> None:
    payload["credentialSubject"]["type"] = "StatusList2021"


def _too_short(payload: dict[str, Any]) -> None:
    bits = bitstring.decode(payload["credentialSubject"]["encodedList"])
    payload["credentialSubject"]["encodedList"] = bitstring.encode(bits[: bitstring.MINIMUM_BITS // 16])


def _without_multibase(payload: dict[str, Any]) -> None:
    payload["credentialSubject"]["encodedList"] = payload["credentialSubject"]["encodedList"].removeprefix(
        "u"
    )


def _reversed(payload: dict[str, Any]) -> None:
    bits = bitstring.decode(payload["credentialSubject"]["encodedList"])
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in bits)
    payload["credentialSubject"]["encodedList"] = bitstring.encode(turned)


def _purpose(payload: dict[str, Any]) -> None:
    payload["credentialSubject"]["statusPurpose"] = "refresh"


_LIST_CHANGES: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "list-without-type": _without_type,
    "list-wrong-subject-type": _subject_type,
    "list-too-short": _too_short,
    "list-bits-reversed": _reversed,
    "list-without-multibase": _without_multibase,
    "wrong-purpose": _purpose,
}


def _wrong_id(document: dict[str, Any], keys: Mapping[str, SigningKey]) -> None:
    document["id"] = f"{document['id']}:other"


def _without_assertion(document: dict[str, Any], keys: Mapping[str, SigningKey]) -> None:
    document.pop("assertionMethod", None)


def _relative_ids(document: dict[str, Any], keys: Mapping[str, SigningKey]) -> None:
    for method in document.get("verificationMethod", ()):
        method["id"] = f"#{str(method['id']).partition('#')[2]}"
    document["assertionMethod"] = [method["id"] for method in document.get("verificationMethod", ())]


def _private_key(document: dict[str, Any], keys: Mapping[str, SigningKey]) -> None:
    for method in document.get("verificationMethod", ()):
        key = keys.get(document["id"])
        # Any value under 'd' is the fault; these keys are worthless outside the sandbox.
        method.setdefault("publicKeyJwk", {})["d"] = key.jwk["d"] if key else "AQ"


def _service_string(document: dict[str, Any], keys: Mapping[str, SigningKey]) -> None:
    for service in document.get("service", ()):
        endpoint = service.get("serviceEndpoint")
        if isinstance(endpoint, dict):
            service["serviceEndpoint"] = str(endpoint.get("href", endpoint))


_DID_CHANGES: Mapping[str, Callable[[dict[str, Any], Mapping[str, SigningKey]], None]] = {
    "did-without-assertion": _without_assertion,
    "did-relative-ids": _relative_ids,
    "did-private-key": _private_key,
    "did-service-string": _service_string,
    "did-wrong-id": _wrong_id,
}


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
