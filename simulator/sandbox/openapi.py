"""The OpenAPI 3.1 description of a node; a test holds every route and every answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.simulator.sandbox.reasons import REASONS

__all__ = ["describe"]

_ENVELOPED = {
    "type": "object",
    "description": "VCDM 2.0 EnvelopedVerifiableCredential: the token in a data: URL of application/vc+jwt",
    "required": ["id", "type"],
    "properties": {
        "@context": {},
        "id": {"type": "string", "pattern": "^data:application/vc\\+jwt,"},
        "type": {"const": "EnvelopedVerifiableCredential"},
    },
}
_SUBMITTED = {
    "description": "A compact token, an EnvelopedVerifiableCredential, or a bare credential",
    "type": ["string", "object"],
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "status", "title", "detail"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
    },
}
_REASON = {
    "type": "object",
    "required": ["type", "code", "title", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "code": {"enum": sorted(REASONS)},
        "title": {"type": "string"},
        "detail": {"type": "string"},
    },
}
_VERDICT = {
    "type": "object",
    "required": ["verified", "problemDetails", "errors", "warnings"],
    "properties": {
        "verified": {"type": "boolean"},
        "problemDetails": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
        "errors": {"type": "array", "items": {"type": "string"}},
        "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
    },
}
_ISSUE = {
    "type": "object",
    "required": ["credential"],
    "properties": {
        "credential": {
            "type": "object",
            "description": "Without id, status and proof, which the issuer adds",
        },
        "options": {"type": "object", "properties": {"credentialId": {"type": "string", "format": "uri"}}},
    },
}
_PRESENTATION = {
    "type": "object",
    "required": ["verifiablePresentation"],
    "properties": {
        "verifiablePresentation": {
            "type": "object",
            "required": ["verifiableCredential"],
            "properties": {"verifiableCredential": {"type": "array", "minItems": 1, "items": _SUBMITTED}},
        }
    },
}
_VERIFY = {
    "type": "object",
    "description": "One of four questions: a credential; a credential with the anchor of its issuer; a link to follow; "
    "credentials that are to hold together",
    "anyOf": [{"required": ["verifiableCredential"]}, {"required": ["link"]}, {"required": ["graph"]}],
    "properties": {
        "verifiableCredential": _SUBMITTED,
        "identityAnchor": _SUBMITTED,
        "link": {
            "type": "object",
            "required": ["href", "rel"],
            "properties": {
                "href": {"type": "string", "format": "uri"},
                "rel": {"type": "string"},
                "type": {"type": "string"},
            },
        },
        "graph": {
            "type": "object",
            "required": ["credentials"],
            "properties": {
                "credentials": {"type": "array", "minItems": 1, "items": _SUBMITTED},
                "vocabularies": {"type": "array", "items": {"type": "object"}},
            },
        },
        "options": {
            "type": "object",
            "properties": {
                "trustAnchors": {"type": "array", "items": {"type": "string"}},
                "checks": {"type": "array", "items": {"type": "string"}},
                "trustedRegisters": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
}
_STATUS = {
    "type": "object",
    "required": ["credentialId", "credentialStatus"],
    "properties": {
        "credentialId": {"type": "string"},
        "credentialStatus": {"type": ["object", "array"]},
        "status": {"type": "boolean", "default": True},
    },
}
_STATUS_DONE = {
    "type": "object",
    "required": ["credentialId", "credentialStatus", "status"],
    "properties": {
        "credentialId": {"type": "string"},
        "credentialStatus": {"type": "object"},
        "status": {"type": "boolean"},
    },
}
_LINK = {
    "type": "object",
    "required": ["relation", "target"],
    "properties": {
        "relation": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
        "target": {
            "type": "object",
            "required": ["href", "title"],
            "properties": {"href": {"type": "string", "pattern": "^https://"}, "title": {"type": "string"}},
        },
    },
}


def describe(name: str, host: str) -> dict[str, Any]:
    """The description, with ``host`` as the server."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Assay sandbox node: {name}",
            "version": "1",
            "description": "One nation's issuer, verifier, status provider, identity resolver and publisher. Test data only.",
        },
        "servers": [{"url": f"https://{host}"}],
        "paths": {
            "/health": {
                "get": _operation("health", "Whether the node is up", _ok("Up", _json({"type": "object"})))
            },
            "/openapi.json": {
                "get": _operation(
                    "openapi", "This description", _ok("OpenAPI 3.1", _json({"type": "object"}))
                )
            },
            "/credentials/issue": {
                "post": _operation(
                    "issue",
                    "Sign a credential",
                    {
                        "201": {
                            "description": "Issued",
                            "content": _json({"$ref": "#/components/schemas/Issued"}),
                        }
                    }
                    | _errors("400", "401", "409", "413", "415"),
                    body=_ISSUE,
                    owner=True,
                )
            },
            "/credentials/verify": {
                "post": _operation(
                    "verify",
                    "Judge a credential",
                    _ok("A verdict, whichever way it falls", _json({"$ref": "#/components/schemas/Verdict"}))
                    | _errors("400", "413", "415"),
                    body=_VERIFY,
                )
            },
            "/presentations/verify": {
                "post": _operation(
                    "verifyPresentation",
                    "Judge the credentials of a presentation",
                    _ok("A verdict, whichever way it falls", _json({"$ref": "#/components/schemas/Verdict"}))
                    | _errors("400", "413", "415"),
                    body=_PRESENTATION,
                )
            },
            "/credentials/status": {
                "post": _operation(
                    "status",
                    "Set or clear a status bit",
                    _ok("Done: the next read of the list shows it", _json(_STATUS_DONE))
                    | _errors("400", "401", "404", "409", "413", "415"),
                    body=_STATUS,
                    owner=True,
                )
            },
            "/.well-known/resolver": {
                "get": _operation(
                    "resolver",
                    "What the identity resolver of this host can do",
                    _ok("Description", _json({"type": "object", "required": ["resolverRoot"]}))
                    | _errors("404"),
                )
            },
            "/{path}": {
                "parameters": [
                    {
                        "name": "path",
                        "in": "path",
                        "required": True,
                        "description": "Path of an identifier or document; may hold slashes",
                        "schema": {"type": "string", "minLength": 1},
                    }
                ],
                "get": _operation("get", "Resolve an identifier, or read what is published there", _GET)
                | {"parameters": _QUERY},
                "post": _operation(
                    "link",
                    "Add a link to an identifier",
                    {"201": {"description": "Added", "content": _json({"type": "object"})}}
                    | _errors("400", "401", "405", "413", "415"),
                    body=_LINK,
                    owner=True,
                ),
            },
        },
        "components": {
            "securitySchemes": {"owner": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": _PROBLEM,
                "Reason": _REASON,
                "Verdict": _VERDICT,
                "Issued": {
                    "type": "object",
                    "required": ["verifiableCredential"],
                    "properties": {"verifiableCredential": _ENVELOPED},
                },
            },
        },
    }


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ok(description: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"200": {"description": description, "content": content}}


_WORDS = {
    "400": "Malformed request or identifier",
    "401": "An owner's bearer token is required",
    "404": "Not known here",
    "405": "Nothing can be posted here",
    "409": "In conflict with what was issued or revoked before",
    "413": "Larger than this node reads",
    "415": "Not application/json",
}


def _errors(*codes: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    wrong_host = {"421": {"description": "Not a host of this node", "content": content}}
    return {code: {"description": _WORDS[code], "content": content} for code in codes} | wrong_host


def _operation(
    identifier: str,
    summary: str,
    responses: Mapping[str, Any],
    *,
    body: Mapping[str, Any] | None = None,
    owner: bool = False,
) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": identifier, "summary": summary, "responses": dict(responses)}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if owner:
        operation["security"] = [{"owner": []}]
    return operation


_QUERY = [
    {
        "name": "linkType",
        "in": "query",
        "description": "linkset or all for the whole linkset, else a relation such as dpp; absent: the default link",
        "schema": {"type": "string"},
    },
    {
        "name": "language",
        "in": "query",
        "description": "Wanted language; overrides Accept-Language",
        "schema": {"type": "string"},
    },
]

_GET = {
    "200": {
        "description": "A linkset, or a published document",
        "content": {
            "application/linkset+json": {"schema": {"type": "object", "required": ["linkset"]}},
            "application/vc+jwt": {"schema": {"type": "string"}},
            "application/did+json": {"schema": {"type": "object", "required": ["id"]}},
            "application/json": {},
            "application/ld+json": {},
            "text/html": {"schema": {"type": "string"}},
        },
    },
    "307": {
        "description": "To the link",
        "headers": {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}},
    },
} | _errors("400", "404")
