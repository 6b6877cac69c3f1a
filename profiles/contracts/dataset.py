"""Layout of a simulated dataset on disk: what the simulator writes, and the sandbox, ``world check`` and ``story`` read.

::

    DIR/
      dataset.json            what this is: scenario, seed, as_of, nations, roots, digests (see Dataset)
      ledger.jsonl            what physically happened (milligrams of contained element); never published
      accounts.jsonl          footprints, custody of lots and periods, credits, as exact as the ledger; never published
      acts.jsonl              worlds with deceptions: what people did: audits, permits, revocations, sales; never published
      labels.jsonl            worlds with deceptions: what is a lie, and what looks like one (see contracts/labels)
      keys/<NATION>.json      private JWKs of the nation's parties by DID: test keys, derived from the seed, worthless
      SHA256SUMS              digest of every file, where there are more than 5,000 of them

    format jwt
      nodes/<NATION>.json     what one nation's node publishes (see NodeIndex): every URL, its file, its media type
      files/<host>/<path>     the bytes behind each URL, exactly as they are to be served
      credentials/<n>.jwt     every credential once, flat, for tools that want a folder of tokens

    format jsonl
      credentials/part-<n>.jsonl   one credential a line, in order of issue: url, kind, issuer, valid_from, valid_until, token
      resources/part-<n>.jsonl     pages of those credentials: url, media_type, role, kind (of some), body
      resources/linksets.jsonl     the linkset of every identifier, in the same form
      resources/standing.jsonl     status lists, DID documents, vocabularies, registers, resolvers, shared pages

    format parquet
      tables/<name>.parquet   entities, credentials, events, claims, assessments, invoices, links; credentials.parquet says by
                              part and line where each token stands (so jsonl comes with it, unless jwt does)

    format site
      site/<NATION>/<host>/<path>  a node as static files; site/README.md says which media types a web server must send

While a world is written it lies in ``DIR.partial``; ``work/`` in there is gone at the end.

Nothing in ``files`` says that the data are synthetic in a way a detector could use; ``dataset.json`` does.
"""

from __future__ import annotations

from typing import TypedDict

__all__ = ["Dataset", "NodeIndex", "PublishedFile", "Resolvable"]


class PublishedFile(TypedDict, total=False):
    """One published resource: ``url`` as the world names it, ``file`` relative to DIR, ``media_type`` as served.

    ``role`` is one of ``credential``, ``status-list``, ``did``, ``linkset``, ``scheme``, ``register``, ``resolver``,
    ``page``, ``open-data`` (areas of a map, rules on exports, reference prices, equivalent criteria), ``snapshot`` (a status list or DID document as it was, kept by the national anchor); ``kind`` the credential type where it is one.
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
    """``dataset.json``: how the world was made and where to start.

    ``start`` is minute 0 of ledger and accounts, ``as_of`` the moment at which everything is read.
    ``roots`` are the identifiers of finished packs and of what else the chain is for (the first thousand of them).
    ``files`` are digests by name; where there are very many, that of ``SHA256SUMS``, which holds the others.
    """

    assay: str
    scenario: str
    scenario_digest: str
    seed: int
    start: str
    as_of: str
    untp: str
    formats: list[str]
    nations: list[str]
    roots: list[str]
    trust_anchors: list[str]
    counts: dict[str, int]
    files: dict[str, str]
