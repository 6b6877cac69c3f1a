"""The ``assay.toml`` that a sandbox writes about itself, ready for ``assay run``: every node in every role."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.simulator.sandbox.serve import NodeAddress

__all__ = ["manifest_text"]


def manifest_text(
    nodes: Iterable[NodeAddress],
    *,
    as_of: str,
    roots: Sequence[str],
    trust_anchors: Sequence[str],
    identifiers: Mapping[str, Sequence[str]],
    host_map: Mapping[str, str],
    harness_host: str,
    folder: Path,
) -> str:
    """Render the manifest. ``identifiers`` are those that each nation's resolver is tested with.

    Files it names (``ca.pem``, ``owner.token``, ``harness.crt``, ``harness.key``) stand in ``folder`` and are named with their
    full path, so that the manifest may be copied elsewhere.
    """
    token = f"auth = {_text('file:' + str(folder / 'owner.token'))}"
    lines = [
        "# Written by the sandbox for the nodes that run now; addresses and keys are gone when it stops.",
        "",
        "[system]",
        'name = "Assay sandbox"',
        'profiles = ["untp-0.7"]',
        f"at = {_text(as_of)}",
        f"identifiers = {_list(roots)}",
        f"trust_anchors = {_list(trust_anchors)}",
        'features = ["verify-links", "verify-identity", "verify-graph", "verify-presentations", "untp-0.6"]',
    ]
    listed = list(nodes)
    for node in listed:
        if node.issuers:
            lines += [
                *_role("issuer", node),
                f"issuer = {_text(node.issuers[0])}",
                token,
            ]
            lines += [*_role("status", node), token]
        lines += _role("verifier", node)
        if identifiers.get(node.nation):
            lines += ["", "[[roles.resolver]]", f"name = {_text(node.name)}"]
            lines += [f"identifiers = {_list(identifiers[node.nation])}", "writes = true"]
    lines += ["", "[network]", f"ca = {_text(str(folder / 'ca.pem'))}", "", "[network.hosts]"]
    lines += [f"{_text(host)} = {_text(address)}" for host, address in host_map.items()]
    lines += [
        "",
        "[harness]",
        f"authority = {_text(harness_host)}",
        f"listen = {_text(host_map[harness_host])}",
        f"certificate = {_text(str(folder / 'harness.crt'))}",
        f"key = {_text(str(folder / 'harness.key'))}",
    ]
    return "\n".join(lines) + "\n"


def _role(role: str, node: NodeAddress) -> list[str]:
    return ["", f"[[roles.{role}]]", f"name = {_text(node.name)}", f"endpoint = {_text(node.url)}"]


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's once DEL is out of the way."""
    return json.dumps(value.replace("\x7f", ""), ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
