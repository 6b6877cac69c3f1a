"""The harness as an issuer: test credentials, and the static files by which verifiers can check them.

Everything follows from a seed and a date; nothing changes while a run lasts. The same files can be put on any web server
(``publish``) or served by :class:`AuthorityServer` while a run lasts.
"""

from __future__ import annotations

import copy
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from assay.harness.credential import did as dids
from assay.harness.forge.did_document import did_document
from assay.harness.forge.keys import Key, key_from_seed
from assay.harness.forge.malformations import MALFORMATIONS, Draft
from assay.harness.forge.sign import json_bytes, sign
from assay.harness.forge.status_list import LIST_BYTES, bitstring, status_list

__all__ = [
    "CHAIN_PARTIES",
    "DEFAULT_SEED",
    "MODERN",
    "Authority",
    "AuthorityServer",
    "PublishedFile",
    "chain_party",
    "publish",
]

DEFAULT_SEED = "assay harness, public test seed"
"""Whoever knows it can sign in the harness's name: fit for loopback, not for a published authority."""

MODERN = "modern"
"""Name of the issuer that signs with EdDSA."""

GOOD, REVOKED, SUSPENDED = 94_567, 4_242, 77_777
_JWT = "application/vc+jwt"
_VALID = timedelta(days=30)
_FAR = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file: media type and bytes; ``status`` other than 200 and ``location`` only where a server plays a part."""

    media_type: str
    body: bytes
    status: int = 200
    location: str = ""


CHAIN_PARTIES = (
    "accreditation.australia",
    "apex-accreditation",
    "business-register.australia",
    "business-register.korea",
    "haneul-soda",
    "kurrajong-ridge",
    "mine-permits.australia",
    "mulga-flat",
    "quandong-conformity",
    "saebyeok-lithium",
    "unheard-of",
    "world-accreditation",
)
"""Issuers of the chain that graph verifiers are sent (:mod:`assay.harness.graph.signed`), by their names in its fixture."""


def chain_party(authority: Authority, name: str) -> str:
    """The DID under which the authority plays a party of the chain."""
    return authority.did_of(f"chain-{name.replace('.', '-')}")


def stamp(moment: datetime) -> str:
    """An instant as credentials write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Authority:
    """DIDs, keys, status lists and links under one host name; all bytes follow from seed, host and date."""

    host: str
    as_of: datetime
    seed: str = DEFAULT_SEED

    @property
    def did(self) -> str:
        """The honest issuer."""
        return f"did:web:{self.host}"

    @property
    def base(self) -> str:
        return f"https://{self.host}"

    def did_of(self, name: str) -> str:
        return f"{self.did}:{name}"

    @cached_property
    def key(self) -> Key:
        return key_from_seed(f"{self.seed}|{self.host}|issuer")

    def key_of(self, name: str) -> Key:
        return key_from_seed(f"{self.seed}|{self.host}|{name}", "EdDSA" if name == MODERN else "ES256")

    @property
    def kid(self) -> str:
        return f"{self.did}#key-1"

    # -- credentials ---------------------------------------------------------------------------------------------

    def credential(
        self, base: Mapping[str, Any], name: str, *, index: int = GOOD, purpose: str = "revocation"
    ) -> dict[str, Any]:
        """A credential of ours on the pattern of a base document; ``name`` keeps ids apart."""
        made = copy.deepcopy(dict(base))
        made["id"] = f"{self.base}/credentials/{name}"
        made["name"] = f"Assay test credential: {name}"
        made["issuer"] = {"type": ["CredentialIssuer"], "id": self.did, "name": "Assay test issuer"}
        made["validFrom"], made["validUntil"] = stamp(self.as_of - _VALID), stamp(self.as_of + _VALID)
        made["credentialStatus"] = self.entry(purpose, index)
        # Pages that a verifier might follow and that nobody serves.
        made.pop("renderMethod", None)
        subject = made.get("credentialSubject")
        if isinstance(subject, dict):
            subject.pop("relatedDocument", None)
        return made

    def entry(self, purpose: str, index: int, url: str = "") -> dict[str, Any]:
        """A status entry; the index is an integer, as the schema of UNTP wants it (P-01)."""
        where = url or f"{self.base}/status/{purpose}"
        return {
            "id": f"{where}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": index,
            "statusListCredential": where,
        }

    def token(self, payload: Mapping[str, Any], *, key: Key | None = None, kid: str | None = None) -> str:
        """Sign with the honest key, or with another."""
        return sign(payload, key or self.key, kid=kid or self.kid).decode()

    def spoilt(self, payload: Mapping[str, Any], malformation: str) -> str:
        """A token that is wrong in one named way (:data:`~assay.harness.forge.malformations.MALFORMATIONS`)."""
        return MALFORMATIONS[malformation](Draft(payload, self.key, self.kid)).decode(
            "utf-8", "surrogateescape"
        )

    # -- files ---------------------------------------------------------------------------------------------------

    @cached_property
    def files(self) -> Mapping[str, PublishedFile]:
        """Every file by its path. ``/missing/did.json`` and ``/status/missing`` are not among them, on purpose."""
        found = {self._did_path(self.did): self._did_file(self.did, self._own_document())}
        for name in ("attacker", "register", MODERN):
            did = self.did_of(name)
            found[self._did_path(did)] = self._did_file(did, did_document(did, {"key-1": self.key_of(name)}))
        for did in (chain_party(self, name) for name in CHAIN_PARTIES):
            key = self.key_of(did.rpartition(":")[2])
            found[self._did_path(did)] = self._did_file(did, did_document(did, {"key-1": key}))
        for purpose, marked in (("revocation", [REVOKED]), ("suspension", [SUSPENDED])):
            found[f"/status/{purpose}"] = PublishedFile(_JWT, self._list(purpose, purpose, marked).encode())
        bad = self._list("forged", "revocation", [REVOKED], key=self.key_of("attacker"))
        found["/status/forged"] = PublishedFile(_JWT, bad.encode())
        short = self._list("short", "revocation", [], size=8 * 1024)
        found["/status/short"] = PublishedFile(_JWT, short.encode())
        found["/contexts/extension.jsonld"] = PublishedFile(
            "application/ld+json", json_bytes(self.extension_context())
        )
        found["/links/page"] = PublishedFile(
            "text/html", b"<!doctype html><title>A page</title><p>No credential here.</p>"
        )
        # The shape of ISO/IEC 18975 (a GTIN under application identifier 01), and no resolver behind it.
        found["/01/09506000134352"] = PublishedFile(
            "text/html", b"<!doctype html><title>Shop</title><p>Buy it.</p>"
        )
        found["/products/1"] = PublishedFile("application/linkset+json", json_bytes(self._linkset()))
        found["/.well-known/resolver"] = PublishedFile("application/json", json_bytes(self._description()))
        return found

    def with_links(self, tokens: Mapping[str, str]) -> dict[str, PublishedFile]:
        """The files, with credentials added under ``/links/<name>``."""
        added = {f"/links/{name}": PublishedFile(_JWT, token.encode()) for name, token in tokens.items()}
        return {**self.files, **added}

    def extension_context(self) -> dict[str, Any]:
        """A context of ours that defines what test credentials add to UNTP."""
        added = ("sealNumber", "otherVariants", "accessRole")
        return {"@context": {name: f"{self.base}/vocabulary#{name}" for name in added}}

    def _own_document(self) -> dict[str, Any]:
        """key-1 asserts; key-2 is listed and may not assert."""
        document = did_document(self.did, {"key-1": self.key, "key-2": self.key_of("silent")})
        document["assertionMethod"] = [self.kid]
        document["authentication"] = [f"{self.did}#key-2"]
        return document

    def _did_path(self, did: str) -> str:
        return dids.did_web_url(did).removeprefix(self.base)

    def _did_file(self, did: str, document: Mapping[str, Any]) -> PublishedFile:
        return PublishedFile("application/did+json", json_bytes(document))

    def _list(
        self,
        name: str,
        purpose: str,
        marked: list[int],
        *,
        size: int = LIST_BYTES,
        key: Key | None = None,
        kid: str | None = None,
    ) -> str:
        packed = bitstring(marked, size)
        payload = status_list(f"{self.base}/status/{name}", self.did, packed, purpose=purpose)
        payload["validFrom"], payload["validUntil"] = stamp(self.as_of - _FAR), stamp(self.as_of + _FAR)
        return self.token(payload, key=key, kid=kid)

    def _linkset(self) -> dict[str, Any]:
        target = {
            "href": f"{self.base}/links/dpp",
            "title": "Test passport",
            "type": _JWT,
            "hreflang": ["en"],
        }
        return {"linkset": [{"anchor": f"{self.base}/products/1", "dpp": [target]}]}

    def _description(self) -> dict[str, Any]:
        return {
            "name": "Assay test resolver",
            "resolverRoot": self.base,
            "supportedLinkType": ["linkset", "dpp"],
        }


def publish(authority: Authority, links: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the files of an authority into a folder, to be served at ``https://{host}/``. Returns what was written."""
    written = []
    for path, file in sorted(authority.with_links(links).items()):
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.body)
        written.append(target)
    types = {path: file.media_type for path, file in sorted(authority.with_links(links).items())}
    index = folder / "media-types.json"
    index.write_text(json.dumps(types, indent=1) + "\n", encoding="utf-8")
    return [*written, index]


class AuthorityServer:
    """Serves an authority's files over HTTPS while a run lasts, and remembers what was asked for.

    Besides the files: ``/links/loop`` redirects to itself, ``/links/broken`` answers 500, everything else 404.
    """

    def __init__(self, files: Mapping[str, PublishedFile], certificate: Path, key: Path) -> None:
        self._files = {
            **files,
            "/links/loop": PublishedFile("text/plain", b"", 307, "/links/loop"),
            "/links/broken": PublishedFile("text/plain", b"broken on purpose", 500),
        }
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_cert_chain(certificate, key)
        self._runner: web.ServerRunner | None = None
        self.asked: list[str] = []
        """Paths in the order in which they were asked for."""

    async def start(self, address: str, port: int) -> int:
        """Listen; returns the port. :raises OSError: the port is taken."""
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, address, port, ssl_context=self._context)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> AuthorityServer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path)
        file = self._files.get(request.path)
        if file is None:
            return web.Response(status=404, text="not here")
        headers = {"Content-Type": file.media_type, "Cache-Control": "no-store"}
        if file.location:
            headers["Location"] = file.location
        return web.Response(status=file.status, body=file.body, headers=headers)
