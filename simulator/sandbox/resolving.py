"""HTTP side of the identity resolver: which answer a request for an identifier gets, and what faults make of it."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from assay.simulator.sandbox import resolver
from assay.simulator.sandbox.addresses import split_address
from assay.simulator.sandbox.damage import damage_linkset
from assay.simulator.sandbox.faults import Faults
from assay.simulator.sandbox.issuer import RequestError
from assay.simulator.sandbox.store import NodeStore, Resolvable

__all__ = ["LINKSET", "Resolving"]

LINKSET = "application/linkset+json"
_WELL_KNOWN = "/.well-known/resolver"


class Resolving:
    """Answers for the identifiers of one node."""

    def __init__(self, store: NodeStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._hosts = {host for host, _ in store.resolvables} | {store.resolver_host}

    def knows(self, host: str, path: str) -> bool:
        """Whether the address is a known identifier's."""
        return (host, path) in self._store.resolvables

    def answer(
        self, host: str, path: str, query: Mapping[str, str], accept_language: str, url: str
    ) -> Response | None:
        """The answer to a GET, or None where the address is neither an identifier's nor the resolver's description."""
        if path == _WELL_KNOWN and host in self._hosts:
            if "no-well-known" in self._faults:
                raise HTTPException(404, "no such document")
            published = self._store.files.get((host, path))
            headers = {"Access-Control-Allow-Origin": "*"}
            if published is not None:
                return Response(published.body, headers={**headers, "Content-Type": published.media_type})
            return JSONResponse(self._description(host), headers=headers)
        found = resolver.chain(self._store, host, path)
        if found is None:
            return None
        wanted = self._languages(accept_language, query.get("language"))
        headers = {"Vary": "Accept-Language", "Access-Control-Allow-Origin": "*"}
        link_type = query.get("linkType")
        if link_type is None:
            return self._default(found, wanted, headers, url)
        if link_type in ("linkset", "all"):
            ignored = "linkset-ignored" in self._faults or (
                link_type == "all" and "all-ignored" in self._faults
            )
            if ignored:
                return self._default(found, wanted, headers, url)
            content = resolver.linkset(found, item_only="item-only" in self._faults)
            return self.linkset_response(damage_linkset(content, self._faults), headers)
        return self._specific(found, resolver.relation_name(link_type), wanted, headers, url)

    def unknown(self, host: str, path: str, query: str = "") -> Response:
        """The answer for an address where nothing is published: 400 for what no identifier can look like, else 404."""
        elsewhere = self._store.delegated.get((host, path))
        if elsewhere is not None and "delegation-unknown" not in self._faults:
            return RedirectResponse(f"{elsewhere}?{query}" if query else elsewhere, 307)
        if host in self._hosts and resolver.is_malformed(path):
            raise HTTPException(500 if "500-for-malformed" in self._faults else 400, "not a valid identifier")
        if host in self._hosts and "200-for-unknown" in self._faults:
            return self.linkset_response({"linkset": []}, {})
        raise HTTPException(404, "nothing is known under this address")

    def linkset_response(self, content: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
        """A linkset as the node serves it."""
        if "html-linkset" in self._faults:
            return HTMLResponse(
                "<!doctype html><title>Links</title><p>Scan the code on the pack.", headers=dict(headers)
            )
        media_type = "application/json" if "wrong-linkset-media-type" in self._faults else LINKSET
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return Response(body, headers={**headers, "Content-Type": media_type})

    def add(self, host: str, path: str, relation: Any, target: Any) -> None:
        """Add a link to an identifier's own anchor. :raises RequestError: not a link target."""
        if not isinstance(relation, str) or not relation.replace("-", "").isalpha() or not relation.islower():
            raise RequestError("'relation' has to be a lower-case name such as dte")
        href = target.get("href") if isinstance(target, dict) else None
        if (
            not isinstance(href, str)
            or split_address(href).scheme != "https"
            or not isinstance(target.get("title"), str)
        ):
            raise RequestError("'target' has to be an object with an https href and a title")
        known = self._store.resolvables[(host, path)]
        own, *others = known.contexts or ({"anchor": f"https://{host}{path}"},)
        changed = {**own, relation: [*own.get(relation, []), target]}
        self._store.resolvables[(host, path)] = Resolvable(known.uri, (changed, *others), known.default)

    def _languages(self, header: str, query: str | None) -> tuple[str, ...]:
        if "language-ignored" in self._faults:
            return ()
        if "language-query-ignored" in self._faults:
            query = None
        return resolver.languages(header, query)

    def _default(
        self, found: resolver.Chain, wanted: tuple[str, ...], headers: dict[str, str], url: str
    ) -> Response:
        address = resolver.choose_default(found, wanted)
        if "old-version-default" in self._faults:
            address = resolver.predecessor(found, address) or address
        if "default-missing" in self._faults or not address:
            raise HTTPException(404, "no default link")
        if "default-200" in self._faults:
            page = f'<!doctype html><title>Product</title><a href="{html.escape(address)}">passport</a>'
            return HTMLResponse(page, headers=headers)
        return self._redirect(address, headers, url)

    def _specific(
        self, found: resolver.Chain, relation: str, wanted: tuple[str, ...], headers: dict[str, str], url: str
    ) -> Response:
        if "resolver-ignores-linktype" in self._faults:
            return self._default(found, wanted, headers, url)
        levels = found.levels[:1] if "no-fallback" in self._faults else found.levels
        for level in levels:
            target = resolver.choose_target(resolver.current(resolver.targets(level, relation)), wanted)
            if target is not None and isinstance(target.get("href"), str):
                if "linktype-body" in self._faults:
                    return JSONResponse(dict(target), headers=headers)
                return self._redirect(target["href"], headers, url)
        if "no-fallback" in self._faults:
            raise HTTPException(404, f"no link of type '{relation}'")
        return self._default(found, wanted, headers, url)

    def _redirect(self, address: str, headers: dict[str, str], url: str) -> Response:
        return RedirectResponse(url if "redirect-loop" in self._faults else address, 307, headers)

    def _description(self, host: str) -> dict[str, Any]:
        relations = sorted(
            {
                resolver.relation_name(name)
                for (at, _), known in self._store.resolvables.items()
                if at == host
                for context in known.contexts
                for name, value in context.items()
                if isinstance(value, list)
            }
        )
        return {
            "name": self._store.name,
            "resolverRoot": f"https://{host}",
            "supportedLinkTypes": ["linkset", "all", *relations],
            "supportedPrimaryKeys": ["all"],
            "linkTypeDefaultCanBeLinkset": False,
            "defaultRedirectStatus": 307,
        }
