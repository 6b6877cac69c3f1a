"""Layout of a simulated dataset on disk: what the simulator writes, and the sandbox, ``world check`` and ``story`` read.

::

    DIR/
      dataset.json            what this is: scenario, seed, as_of, nations, roots, digests (see Dataset)
      nodes/<NATION>.json     what one nation's node publishes (see NodeIndex): every URL, its file, its media type
      files/<host>/<path>     the bytes behind each URL, exactly as they are to be served
      credentials/<n>.jwt     every credential once, flat, for tools that want a folder of tokens
      ledger.jsonl            what physically happened (milligrams of contained element); never published
      accounts.jsonl          footprints, custody of lots and periods, credits, as exact as the ledger; never published
      keys/<NATION>.json      private JWKs of the nation's parties by DID: test keys, derived from the seed, worthless

Nothing in ``files`` says that the data are synthetic in a way a detector could use; ``dataset.json`` does.
"""

from __future__ import annotations

from typing import TypedDict

__all__ = ["Dataset", "NodeIndex", "PublishedFile", "Resolvable"]


class PublishedFile(TypedDict, total=False):
    """One published resource: ``url`` as the world names it, ``file`` relative to DIR, ``media_type`` as served.

    ``role`` is one of ``credential``, ``status-list``, ``did``, ``linkset``, ``scheme``, ``register``, ``resolver``,
    ``page``; ``kind`` the credential type where it is one.
    """

    url: str
    file: str
    media_type: str
    role: str
    kind: str


class Resolvable(TypedDict, total=False):
    """One identifier that the node's resolver answers for: its URI, linkset URL and default link."""

    uri: str
    linkset: str
    default: str


class NodeIndex(TypedDict, total=False):
    """Everything one nation's node publishes. ``hosts`` are the host names it answers for."""

    nation: str
    name: str
    hosts: list[str]
    resolver_host: str
    files: list[PublishedFile]
    resolvables: list[Resolvable]
    issuers: list[str]


class Dataset(TypedDict, total=False):
    """``dataset.json``: how the world was made and where to start. ``roots`` are the identifiers of finished packs."""

    assay: str
    scenario: str
    scenario_digest: str
    seed: int
    as_of: str
    untp: str
    formats: list[str]
    nations: list[str]
    roots: list[str]
    trust_anchors: list[str]
    counts: dict[str, int]
    files: dict[str, str]
