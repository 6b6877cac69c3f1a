"""Judging a set of credentials together: each member first, then what they say of one another.

``POST /credentials/verify`` takes ``{"graph": {"credentials": [...], "vocabularies": [...]}, "options": {"trustAnchors": [...]}}``.
A member's proof, time and status are looked at; its content is the rules' business.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from assay.simulator.sandbox import tokens
from assay.simulator.sandbox.documents import token_text
from assay.simulator.sandbox.faults import HONEST, Faults
from assay.simulator.sandbox.graph_flows import flow_rules
from assay.simulator.sandbox.graph_reading import Member, TrustGraph
from assay.simulator.sandbox.graph_rules import CLAIM_RULES, chains
from assay.simulator.sandbox.reasons import Reason, Verdict
from assay.simulator.sandbox.tokens import CredentialToken, TokenError
from assay.simulator.sandbox.verifier import Verifier

__all__ = ["MAX_MEMBERS", "GraphRequestError", "verify_graph"]

MAX_MEMBERS = 500
"""Credentials and vocabularies that are judged together."""

_PREFIX = "graph-ignores-"
_BALANCE = frozenset({"graph-mass", "graph-content", "graph-stock", "graph-spent", "graph-bill"})
_OUTDATED = frozenset({"expired", "not-yet-valid", "revoked", "suspended"})
_PROVEN: OrderedDict[str, CredentialToken] = OrderedDict()
"""Tokens whose proof held, so that a set that is sent again and again is not proven again: time and status always are."""
_KEPT = 2_048


class GraphRequestError(ValueError):
    """A request that is no set of credentials; the message says what is wrong."""


async def verify_graph(body: Mapping[str, Any], verifier: Verifier, faults: Faults = HONEST) -> Verdict:
    """Judge a set.

    :raises GraphRequestError: a body of another form.
    """
    submitted, vocabularies, anchors = _parts(body)
    reasons: list[Reason] = []
    members = []
    for one in submitted:
        member, against = await _member(one, verifier)
        reasons += against
        if member is not None:
            members.append(member)
    graph = TrustGraph(members, vocabularies, anchors, "graph-raw-units" in faults)
    if "graph-alone" not in faults or len(members) > 1:
        reasons += [Reason(code, _told(code, detail, faults)) for code, detail in _said(graph, faults)]
    blind = {f"graph-{name.removeprefix(_PREFIX)}" for name in faults if name.startswith(_PREFIX)}
    blind |= _BALANCE if "graph-ignores-balance" in faults else set()
    left = tuple(dict.fromkeys(reason for reason in reasons if reason.code not in blind))
    return Verdict(left[:1] if "graph-first-gap-only" in faults else left)


def _parts(body: Mapping[str, Any]) -> tuple[list[Any], list[Mapping[str, Any]], frozenset[str]]:
    graph, options = body.get("graph"), body.get("options")
    if not isinstance(graph, dict) or not isinstance(graph.get("credentials"), list):
        raise GraphRequestError("'graph.credentials' has to be an array of credentials")
    if not graph["credentials"]:
        raise GraphRequestError("'graph.credentials' is empty: nothing can be said of nothing")
    vocabularies = graph.get("vocabularies", [])
    if not isinstance(vocabularies, list) or not all(isinstance(item, dict) for item in vocabularies):
        raise GraphRequestError("'graph.vocabularies' has to be an array of objects")
    if len(graph["credentials"]) + len(vocabularies) > MAX_MEMBERS:
        raise GraphRequestError(f"more than {MAX_MEMBERS} members")
    listed = options.get("trustAnchors", []) if isinstance(options, dict) else []
    if not isinstance(listed, list):
        raise GraphRequestError("'options.trustAnchors' has to be an array of DIDs")
    return graph["credentials"], vocabularies, frozenset(did for did in listed if isinstance(did, str))


async def _member(submitted: Any, verifier: Verifier) -> tuple[Member | None, list[Reason]]:
    try:
        text = token_text(submitted)
        token = None if text is None else _PROVEN.get(text) or tokens.parse(text)
    except TokenError as error:
        return None, [Reason("graph-member", str(error))]
    document = submitted if token is None else token.payload
    if not isinstance(document, dict):
        return None, [Reason("graph-member", "neither a token nor a JSON object")]
    member = Member(document, text or "")
    if token is None:
        return member, [Reason("graph-unsigned", f"{member.id}: nothing proves it")]
    proven = token.text in _PROVEN
    against = []
    for reason in await verifier.standing(token, proven=proven):
        code = "graph-outdated" if reason.code in _OUTDATED else "graph-member"
        against.append(Reason(code, f"{member.id}: {reason.detail}"))
    sound = not any(reason.code == "graph-member" for reason in against)
    if sound and not proven and verifier.sees_all:
        _PROVEN[token.text] = token
        if len(_PROVEN) > _KEPT:
            _PROVEN.popitem(last=False)
    return member, against


def _said(graph: TrustGraph, faults: Faults) -> Iterator[tuple[str, str]]:
    for rule in CLAIM_RULES:
        yield from (
            partial(chains, longest=1) if rule is chains and "graph-short-chains" in faults else rule
        )(graph)
    for rule in flow_rules(*((0.0,) if "graph-no-tolerance" in faults else ())):
        yield from rule(graph)


def _told(code: str, detail: str, faults: Faults) -> str:
    if code in {"graph-product-claim", "graph-facility-claim"} and "graph-claim-unnamed" in faults:
        return "some claim is not verified"
    return detail
