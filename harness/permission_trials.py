"""Trials of what a verifier must let pass: what the specification permits, and the many forms in which a sound credential comes.

A permission cannot be broken by a document; it is broken by a verifier that refuses what is permitted.
"""

from __future__ import annotations

import base64
import copy
import hashlib
from dataclasses import replace
from typing import Any

from assay.harness.authority import MODERN
from assay.harness.forge.envelopes import enveloped
from assay.harness.forge.sign import json_bytes
from assay.harness.trials import ApiTrial
from assay.harness.verifier_trials import Bench, trial

__all__: list[str] = []


def _product(bench: Bench, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A passport of ours and its subject, both free to be changed."""
    payload = copy.deepcopy(bench.credentials.passport(name))
    return payload, payload["credentialSubject"]


@trial("open-characteristics")
async def _open_characteristics(bench: Bench) -> ApiTrial:
    payload, product = _product(bench, "open-characteristics")
    product.setdefault("characteristics", {}).update(
        {"sealColour": "blue", "sieve": {"d50": 12, "unit": "micron"}}
    )
    return await bench.accepting(
        "open-characteristics", {"characteristics of the maker's own": bench.authority.token(payload)}
    )


@trial("urn-identifiers")
async def _urn_identifiers(bench: Bench) -> ApiTrial:
    payload, product = _product(bench, "urn-identifiers")
    product["id"] = f"urn:gtr:{bench.authority.host}:products%2F1"
    if isinstance(product.get("producedAtFacility"), dict):
        product["producedAtFacility"]["id"] = f"urn:gtr:{bench.authority.host}:facilities%2F1"
    return await bench.accepting(
        "urn-identifiers", {"product and facility named by URNs": bench.authority.token(payload)}
    )


@trial("company-terms")
async def _company_terms(bench: Bench) -> ApiTrial:
    payload, product = _product(bench, "company-terms")
    product["sealNumber"] = "KR-0007"
    return await bench.accepting(
        "company-terms",
        {"a company's own term, caught by the vocabulary of its class": bench.authority.token(payload)},
    )


@trial("other-variants")
async def _other_variants(bench: Bench) -> ApiTrial:
    payload, _ = _product(bench, "other-variants")
    payload["@context"] = [*payload["@context"], f"{bench.authority.base}/contexts/extension.jsonld"]
    payload["otherVariants"] = [
        {"id": f"{bench.authority.base}/credentials/control", "accessRole": ["untp:accessRole#Regulator"]}
    ]
    return await bench.accepting(
        "other-variants", {"a passport that names other variants": bench.authority.token(payload)}
    )


def _modern(bench: Bench, name: str) -> str:
    """A passport signed with EdDSA."""
    own = bench.authority
    payload = bench.credentials.passport(name)
    payload["issuer"]["id"] = own.did_of(MODERN)
    return own.token(payload, key=own.key_of(MODERN), kid=f"{own.did_of(MODERN)}#key-1")


@trial("algorithms")
async def _algorithms(bench: Bench) -> ApiTrial:
    return await bench.accepting(
        "algorithms",
        {"a credential signed with EdDSA, after one signed with ES256": _modern(bench, "modern")},
    )


@trial("software-binding")
async def _software_binding(bench: Bench) -> ApiTrial:
    payload, _ = _product(bench, "software-binding")
    binding = json_bytes({"software": "by the vendor's word", "credential": payload["id"]})
    digest = base64.b64encode(hashlib.sha384(binding).digest()).decode()
    payload["relatedResource"] = [
        {
            "id": f"{bench.authority.base}/bindings/software-binding",
            "digestSRI": f"sha384-{digest}",
            "mediaType": "application/vc+jwt",
        }
    ]
    return await bench.accepting(
        "software-binding",
        {
            "a passport that names the vendor's binding of credential and software": bench.authority.token(
                payload
            )
        },
    )


@trial("formats")
async def _formats(bench: Bench) -> ApiTrial:
    own = bench.authority
    held = await bench.accepting("formats", {})
    attempts = (
        await bench.token("a credential signed with EdDSA", _modern(bench, "formats")),
        await bench.sent(
            "an EnvelopedVerifiableCredential",
            bench.adapter.verify_document(
                enveloped(own.token(bench.credentials.passport("formats-enveloped")))
            ),
        ),
    )
    return replace(held, attempts=attempts)


@trial("presentation", feature="verify-presentations")
async def _presentation(bench: Bench) -> ApiTrial:
    own = bench.authority
    good = own.token(bench.credentials.passport("presented"))
    forged = own.spoilt(bench.credentials.passport("presented-foil"), "payload-changed")
    control = await bench.control()
    foil = await bench.sent(
        "a presentation of a credential that was changed after signing",
        bench.adapter.verify_presentation([forged]),
    )
    attempt = await bench.sent(
        "a presentation of a sound credential", bench.adapter.verify_presentation([good])
    )
    return replace(bench.trial("presentation"), control=control, foil=foil, attempts=(attempt,))


@trial("schema-choice")
async def _schema_choice(bench: Bench) -> ApiTrial:
    """The model of 0.6 under the context of 0.7.0: only whoever chooses the schema by the context sees it."""
    payload = bench.credentials.older("schema-choice")
    payload["@context"] = list(bench.credentials.passport("schema-choice")["@context"])
    return await bench.rejecting(
        "schema-choice", {"the model of 0.6 under the context of 0.7.0": bench.authority.token(payload)}
    )
