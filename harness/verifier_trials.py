"""Trials of a verifier: credentials of our own, good and bad in one way each, sent one after the other."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from typing import Any

from assay.harness.adapters import Adapter, Answer, Reading
from assay.harness.authority import GOOD, REVOKED, SUSPENDED, Authority, stamp
from assay.harness.forge.data_integrity import with_jcs_proof
from assay.harness.forge.status_list import LIST_BYTES
from assay.harness.trials import ApiTrial, Attempt

__all__ = ["TRIALS", "Bench", "TestCredentials", "link_tokens", "trial", "verifier_trials"]

_UNTP_0_6 = "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"
_V2 = "https://www.w3.org/ns/credentials/v2"
_PATIENCE = 2
"""Positive controls in a row without any answer, after which a verifier is not asked again."""


@dataclass(frozen=True)
class TestCredentials:
    """Payloads by an authority, on the pattern of base documents (``dpp``, ``dcc``, ``dia``)."""

    __test__ = False

    authority: Authority
    bases: Mapping[str, Any]

    def passport(self, name: str, **options: Any) -> dict[str, Any]:
        return self.authority.credential(self.bases["dpp"], name, **options)

    def certificate(self, name: str) -> dict[str, Any]:
        return self.authority.credential(self.bases["dcc"], name)

    def anchor(self, name: str, *, subject: str, issuer: str) -> dict[str, Any]:
        """A DIA about ``subject`` by the authority's DID named ``issuer`` (``register`` or ``attacker``)."""
        made = self.authority.credential(self.bases["dia"], name)
        made["issuer"]["id"] = self.authority.did_of(issuer)
        made["credentialSubject"]["id"] = subject
        return made

    def anchor_token(self, name: str, *, subject: str, issuer: str) -> str:
        payload = self.anchor(name, subject=subject, issuer=issuer)
        kid = f"{self.authority.did_of(issuer)}#key-1"
        return self.authority.token(payload, key=self.authority.key_of(issuer), kid=kid)

    def older(self, name: str) -> dict[str, Any]:
        """A passport of UNTP 0.6.1, as small as that version allows."""
        made = self.passport(name)
        made["@context"] = [_V2, _UNTP_0_6]
        product = {"type": ["Product"], "id": f"{self.authority.base}/products/1", "name": "Test product"}
        made["credentialSubject"] = {
            "type": ["ProductPassport"],
            "id": f"{self.authority.base}/products/1",
            "product": product,
        }
        made.pop("issuingSoftware", None)
        return made


@dataclass(frozen=True)
class Bench:
    """Everything that the trials of one verifier need."""

    __test__ = False

    adapter: Adapter
    credentials: TestCredentials
    subject: int
    target: str
    features: frozenset[str] = frozenset()
    asked: Callable[[], Sequence[str]] | None = None
    """Paths that our server was asked for, where it runs."""
    remember: Callable[[str, Sequence[str]], tuple[str, ...]] = lambda name, lines: tuple(lines)
    """Records what was seen at our server, or gives back what a recording says of it."""
    quiet: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while who asked for what matters; shared by verifiers that are examined at the same time."""

    @property
    def authority(self) -> Authority:
        return self.credentials.authority

    silences: list[str] = field(default_factory=list)
    """What the last positive controls in a row got instead of an answer."""

    async def sent(self, what: str, answer: Coroutine[Any, Any, Answer]) -> Attempt:
        """Send one thing, unless the verifier has stayed silent so often that waiting for it again tells nothing."""
        if len(self.silences) < _PATIENCE:
            return Attempt(what, await answer)
        answer.close()
        told = (
            f"not asked, after {_PATIENCE} positive controls in a row without an answer ({self.silences[-1]})"
        )
        return Attempt(what, Answer(Reading.UNREACHABLE, detail=told))

    async def token(self, what: str, token: str) -> Attempt:
        return await self.sent(what, self.adapter.verify(token))

    async def control(self) -> Attempt:
        token = self.authority.token(self.credentials.passport("control"))
        attempt = await self.token("a valid credential", token)
        answer = attempt.answer
        if len(self.silences) >= _PATIENCE:
            return attempt
        if answer.reading is Reading.UNREACHABLE and answer.status is None:
            self.silences.append(answer.detail or "; ".join(answer.reasons))
        else:
            self.silences.clear()
        return attempt

    async def foil(self) -> Attempt:
        token = self.authority.spoilt(self.credentials.passport("foil"), "payload-changed")
        return await self.token("a credential whose content was changed after signing", token)

    def trial(self, name: str) -> ApiTrial:
        return ApiTrial(name, self.subject, self.target)

    async def rejecting(self, name: str, tokens: Mapping[str, str]) -> ApiTrial:
        """Control, then tokens that have to be refused, by what is wrong with them."""
        control = await self.control()
        attempts = [await self.token(what, token) for what, token in tokens.items()]
        return replace(self.trial(name), control=control, attempts=tuple(attempts))

    async def accepting(self, name: str, tokens: Mapping[str, str]) -> ApiTrial:
        """Control and forgery, then tokens that have to be accepted."""
        control, foil = await self.control(), await self.foil()
        attempts = [await self.token(what, token) for what, token in tokens.items()]
        return replace(self.trial(name), control=control, foil=foil, attempts=tuple(attempts))


Maker = Callable[[Bench], Awaitable[ApiTrial | None]]
TRIALS: dict[str, Maker] = {}
_MORE = ("permission_trials", "graph_verifier_trials")
"""Modules that register further trials; they build on this one, so they are imported when trials are held."""


def trial(name: str, *, feature: str | None = None) -> Callable[[Maker], Maker]:
    """Register what holds a trial of this name; with ``feature``, only for systems that say they offer it."""

    def register(make: Maker) -> Maker:
        async def guarded(bench: Bench) -> ApiTrial | None:
            return await make(bench) if feature is None or feature in bench.features else None

        TRIALS[name] = guarded
        return make

    return register


async def verifier_trials(bench: Bench, wanted: Callable[[str], bool] = lambda name: True) -> list[ApiTrial]:
    """Hold all trials that are wanted and that the verifier's features allow, in a fixed order."""
    for name in _MORE:
        import_module(f"assay.harness.{name}")
    held = [await make(bench) for name, make in TRIALS.items() if wanted(name)]
    return [trial for trial in held if trial is not None]


# -- proof -----------------------------------------------------------------------------------------------------------


@trial("tampered")
async def _tampered(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("tampered")
    wrong = {
        "content changed after signing": "payload-changed",
        "a signature with one bit changed": "signature-flipped",
        "a signature of zeros": "signature-zero",
        "a signature by somebody else": "signature-by-stranger",
        "a signature by the key that stands in its own header": "key-in-header",
    }
    return await bench.rejecting(
        "tampered", {what: bench.authority.spoilt(payload, name) for what, name in wrong.items()}
    )


@trial("alg-none")
async def _alg_none(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("alg-none")
    wrong = {"alg none without signature": "alg-none", "alg spelled nOnE": "alg-none-spelled"}
    return await bench.rejecting(
        "alg-none", {what: bench.authority.spoilt(payload, name) for what, name in wrong.items()}
    )


@trial("algorithm-confusion")
async def _algorithm_confusion(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("algorithm-confusion")
    token = bench.authority.spoilt(payload, "alg-hs256-public-key")
    return await bench.rejecting("algorithm-confusion", {"HS256 with the public key as secret": token})


@trial("critical-header")
async def _critical_header(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("critical-header")
    token = bench.authority.spoilt(payload, "crit-unknown")
    return await bench.rejecting("critical-header", {"an unknown extension marked critical": token})


@trial("foreign-key")
async def _foreign_key(bench: Bench) -> ApiTrial:
    own = bench.authority
    payload = bench.credentials.passport("foreign-key")
    attacker, kid = own.key_of("attacker"), f"{own.did_of('attacker')}#key-1"
    return await bench.rejecting(
        "foreign-key",
        {
            "signed by another DID's key, kid naming that DID": own.token(payload, key=attacker, kid=kid),
            "kid naming a key that the issuer does not list": own.token(payload, kid=f"{own.did}#key-9"),
            "signed by a key of the issuer without assertionMethod": own.token(
                payload, key=own.key_of("silent"), kid=f"{own.did}#key-2"
            ),
        },
    )


@trial("issuer-unresolvable")
async def _issuer_unresolvable(bench: Bench) -> ApiTrial:
    own = bench.authority
    payload = bench.credentials.passport("issuer-unresolvable")
    payload["issuer"]["id"] = own.did_of("missing")
    token = own.token(payload, kid=f"{own.did_of('missing')}#key-1")
    return await bench.rejecting("issuer-unresolvable", {"an issuer whose DID document answers 404": token})


@trial("unsecured")
async def _unsecured(bench: Bench) -> ApiTrial:
    control = await bench.control()
    payload = bench.credentials.passport("unsecured")
    attempt = await bench.sent("a credential without any proof", bench.adapter.verify_document(payload))
    return replace(bench.trial("unsecured"), control=control, attempts=(attempt,))


@trial("other-proof")
async def _other_proof(bench: Bench) -> ApiTrial:
    control = await bench.control()
    secured = with_jcs_proof(
        bench.credentials.passport("other-proof"),
        bench.authority.key,
        bench.authority.kid,
        stamp(bench.authority.as_of),
    )
    forged = {**secured, "name": "changed after signing"}
    foil = await bench.sent("an embedded proof over other content", bench.adapter.verify_document(forged))
    attempt = await bench.sent(
        "a Data Integrity proof (ecdsa-jcs-2019)", bench.adapter.verify_document(secured)
    )
    return replace(bench.trial("other-proof"), control=control, foil=foil, attempts=(attempt,))


# -- validity and status ---------------------------------------------------------------------------------------------


@trial("validity")
async def _validity(bench: Bench) -> ApiTrial:
    now = bench.authority.as_of
    past, future = bench.credentials.passport("expired"), bench.credentials.passport("not-yet-valid")
    past["validFrom"], past["validUntil"] = stamp(now - timedelta(days=20)), stamp(now - timedelta(days=2))
    future["validFrom"], future["validUntil"] = (
        stamp(now + timedelta(days=2)),
        stamp(now + timedelta(days=20)),
    )
    tokens = {"expired two days ago": past, "valid from the day after tomorrow": future}
    return await bench.rejecting(
        "validity", {what: bench.authority.token(made) for what, made in tokens.items()}
    )


@trial("revoked")
async def _revoked(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("revoked", index=REVOKED)
    return await bench.rejecting("revoked", {"its revocation bit is set": bench.authority.token(payload)})


@trial("suspended")
async def _suspended(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("suspended", index=SUSPENDED, purpose="suspension")
    return await bench.rejecting("suspended", {"its suspension bit is set": bench.authority.token(payload)})


def _listed(bench: Bench, name: str, index: int = GOOD) -> str:
    payload = bench.credentials.passport(f"status-{name}")
    payload["credentialStatus"] = bench.authority.entry(
        "revocation", index, f"{bench.authority.base}/status/{name}"
    )
    return bench.authority.token(payload)


@trial("status-unavailable")
async def _status_unavailable(bench: Bench) -> ApiTrial:
    return await bench.rejecting(
        "status-unavailable",
        {
            "its status list answers 404": _listed(bench, "missing"),
            "its status list is signed by somebody else": _listed(bench, "forged"),
            "its status list has 8 KB": _listed(bench, "short", 4),
        },
    )


@trial("status-range")
async def _status_range(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("status-range", index=LIST_BYTES * 8)
    return await bench.rejecting(
        "status-range", {"its index is one past the end of the list": bench.authority.token(payload)}
    )


# -- content ---------------------------------------------------------------------------------------------------------


def _without(payload: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in names}


@trial("data-model")
async def _data_model(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("data-model")
    upside_down = {**payload, "validFrom": payload["validUntil"], "validUntil": payload["validFrom"]}
    wrong = {
        "no credentialSubject": _without(payload, "credentialSubject"),
        "no @context": _without(payload, "@context"),
        "type without VerifiableCredential": {**payload, "type": ["DigitalProductPassport"]},
        "validUntil before validFrom": upside_down,
    }
    return await bench.rejecting(
        "data-model", {what: bench.authority.token(made) for what, made in wrong.items()}
    )


@trial("schema")
async def _schema(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("schema")
    broken = copy.deepcopy(payload)
    broken["credentialSubject"].pop("name", None)
    broken["credentialSubject"]["idGranularity"] = "pallet"
    return await bench.rejecting(
        "schema", {"a product without name, granularity 'pallet'": bench.authority.token(broken)}
    )


@trial("dropped-terms")
async def _dropped_terms(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("dropped-terms")
    # Dimensions is open to further members and catches none of them by an @vocab: this one would vanish.
    payload["credentialSubject"].setdefault("dimensions", {})["girthOfBag"] = {"value": 1, "unit": "MTR"}
    return await bench.rejecting(
        "dropped-terms", {"a member that JSON-LD processing drops": bench.authority.token(payload)}
    )


@trial("without-software")
async def _without_software(bench: Bench) -> ApiTrial:
    payload = _without(bench.credentials.passport("without-software"), "issuingSoftware")
    return await bench.accepting("without-software", {"no issuingSoftware": bench.authority.token(payload)})


@trial("extension")
async def _extension(bench: Bench) -> ApiTrial:
    payload = bench.credentials.passport("extension")
    payload["@context"] = [*payload["@context"], f"{bench.authority.base}/contexts/extension.jsonld"]
    payload["sealNumber"] = "KR-0007"
    return await bench.accepting(
        "extension", {"an extension property with its own context": bench.authority.token(payload)}
    )


@trial("older-version", feature="untp-0.6")
async def _older_version(bench: Bench) -> ApiTrial:
    token = bench.authority.token(bench.credentials.older("older-version"))
    return await bench.accepting("older-version", {"a passport of UNTP 0.6.1": token})


# -- links and identity ----------------------------------------------------------------------------------------------


def link_tokens(credentials: TestCredentials) -> dict[str, str]:
    """The credentials that stand under ``/links/`` of the authority."""
    own = credentials.authority
    return {
        "dpp": own.token(credentials.passport("linked-dpp")),
        "dcc": own.token(credentials.certificate("linked-dcc")),
    }


async def _link(bench: Bench, what: str, path: str, relation: str, media_type: str = "") -> Attempt:
    return await bench.sent(
        what, bench.adapter.verify_link(bench.authority.base + path, relation, media_type)
    )


@trial("link-content", feature="verify-links")
async def _link_content(bench: Bench) -> ApiTrial:
    jwt = "application/vc+jwt"
    control = await _link(bench, "a dpp link that leads to a DPP", "/links/dpp", "dpp", jwt)
    attempts = (
        await _link(bench, "a dpp link that leads to a DCC", "/links/dcc", "dpp", jwt),
        await _link(bench, "a dpp link that leads to an HTML page", "/links/page", "dpp", jwt),
    )
    return replace(bench.trial("link-content"), control=control, attempts=attempts)


@trial("resolver-pattern", feature="verify-links")
async def _resolver_pattern(bench: Bench) -> ApiTrial:
    async with bench.quiet:
        return await _pattern(bench)


async def _pattern(bench: Bench) -> ApiTrial:
    control = await _link(bench, "a linkset link that leads to a linkset", "/products/1", "linkset")
    page = await _link(
        bench, "an address shaped like ISO/IEC 18975 that serves HTML", "/01/09506000134352", "linkset"
    )
    return replace(bench.trial("resolver-pattern"), control=control, attempts=(page,))


@trial("resolver-description", feature="verify-links")
async def _resolver_description(bench: Bench) -> ApiTrial:
    async with bench.quiet:
        before = len(bench.asked()) if bench.asked else 0
        control = await _link(bench, "a linkset link that leads to a linkset", "/products/1", "linkset")
        seen = tuple(bench.asked()[before:]) if bench.asked else ()
        about = {"asked": bench.remember(f"asked by {bench.target}", seen)} if bench.asked else {}
    return replace(bench.trial("resolver-description"), control=control, about=about)


@trial("robust-links", feature="verify-links")
async def _robust_links(bench: Bench) -> ApiTrial:
    control = await _link(bench, "a dpp link that leads to a DPP", "/links/dpp", "dpp")
    cases = {"a link to an HTML page": "/links/page", "a link that answers 404": "/links/missing"}
    if bench.asked:
        cases |= {
            "a link that redirects to itself": "/links/loop",
            "a link that answers 500": "/links/broken",
        }
    attempts = tuple([await _link(bench, what, path, "dpp") for what, path in cases.items()])
    return replace(bench.trial("robust-links"), control=control, attempts=attempts)


async def _identity(bench: Bench, name: str, what: str, wrong: str) -> ApiTrial:
    own = bench.authority
    token = own.token(bench.credentials.passport(name))
    trusted = (own.did_of("register"),)
    good = bench.credentials.anchor_token(f"{name}-good", subject=own.did, issuer="register")
    control = await bench.sent(
        "a DIA of a trusted register about the issuer", bench.adapter.verify_identity(token, good, trusted)
    )
    attempt = await bench.sent(what, bench.adapter.verify_identity(token, wrong, trusted))
    return replace(bench.trial(name), control=control, attempts=(attempt,))


@trial("identity-subject", feature="verify-identity")
async def _identity_subject(bench: Bench) -> ApiTrial:
    other = bench.authority.did_of("attacker")
    wrong = bench.credentials.anchor_token("anchor-of-another", subject=other, issuer="register")
    return await _identity(bench, "identity-subject", "a DIA about another DID", wrong)


@trial("identity-register", feature="verify-identity")
async def _identity_register(bench: Bench) -> ApiTrial:
    wrong = bench.credentials.anchor_token("anchor-by-nobody", subject=bench.authority.did, issuer="attacker")
    return await _identity(
        bench, "identity-register", "a DIA by an issuer that no trusted register lists", wrong
    )
