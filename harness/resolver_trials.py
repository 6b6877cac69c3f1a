"""Trials of an identity resolver: every question that a client may ask about one identifier, and the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlunsplit

from assay.harness.addresses import join, split
from assay.harness.credential.intake import read
from assay.harness.evidence import Exchange
from assay.harness.leads import ACCEPT, Want, query, relation_name
from assay.harness.material import Document, Linkset, Unavailable
from assay.harness.transport import Transport
from assay.harness.trials import HttpTrial

__all__ = ["ABSENT", "Link", "ResolverSettings", "links_of", "resolver_trial", "same_url", "words"]

ABSENT = "assay-no-such-relation"
_MALFORMED = "%3Cnot%20an%20identifier%3E"
_UNKNOWN = "assay-unknown-0000"
_LEVELS = 4
_RELATIONS = 12
_PROBED = ("dpp", "dcc", "dfr", "dte")
"""Relations that are asked for even where the linkset has none: what they lead to has to stand there too."""
_LINKSET = ACCEPT[Want.LINKSET]


@dataclass(frozen=True, slots=True)
class Link:
    """One target of a linkset, with the context it stands in."""

    anchor: str
    relation: str
    href: str
    languages: tuple[str, ...]
    rel: frozenset[str]
    path: tuple[str | int, ...]

    @property
    def is_current(self) -> bool:
        """Neither an older version nor an address to write to."""
        return not self.rel & {"predecessor-version", "edit"}


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """What the manifest says about a resolver."""

    writes: bool = False
    malformed: str | None = None
    unknown: str | None = None
    delegated: str | None = None
    """An identifier that another resolver answers for, and this one knows it."""


def links_of(document: Document | None) -> tuple[Link, ...]:
    """The targets of a linkset in document order; nothing for anything else."""
    return tuple(_links(document)) if isinstance(document, Linkset) else ()


def _links(document: Linkset) -> Iterator[Link]:
    contexts = {node.path: node.value for node in document.nodes("LinkContext")}
    for node in document.nodes("LinkTarget"):
        cut = next((i for i, step in enumerate(node.path) if i and isinstance(step, str)), len(node.path))
        anchor = contexts.get(node.path[:cut], {}).get("anchor")
        href, rel, hreflang = (node.value.get(name) for name in ("href", "rel", "hreflang"))
        if isinstance(href, str):
            yield Link(
                anchor if isinstance(anchor, str) else "",
                relation_name(str(node.path[cut])) if cut < len(node.path) else "",
                href,
                tuple(tag.lower() for tag in words(hreflang)),
                frozenset(words(rel)),
                node.path,
            )


def words(value: Any) -> list[str]:
    """Strings of an array; a bare string, which the schema forbids and other rows judge, is read as an array of one."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def same_url(one: str, other: str) -> bool:
    """Whether two addresses are the same but for case of scheme and host, and a trailing slash."""
    return one == other or (_plain(one) == _plain(other) != "")


def _plain(url: str) -> str:
    parts = split(url)
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query, ""))


def _last_segment(identifier: str, segment: str) -> str:
    parts = split(identifier)
    head = parts.path.rstrip("/").rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, f"{head}/{segment}", "", ""))


def _levels(identifier: str) -> list[str]:
    """The addresses above an identifier, nearest first."""
    parts = split(identifier)
    steps = parts.path.rstrip("/").split("/")
    above = ["/".join(steps[:length]) for length in range(len(steps) - 1, 1, -1)]
    return [urlunsplit((parts.scheme, parts.netloc, path, "", "")) for path in above[:_LEVELS]]


async def resolver_trial(
    transport: Transport, identifier: str, subject: int, settings: ResolverSettings | None = None
) -> HttpTrial:
    """Ask a resolver everything about one identifier. Redirects are looked at, not followed."""
    settings = settings or ResolverSettings()
    parts = split(identifier)
    first = {
        "linkset": (query(identifier, "linkType=linkset"), {"Accept": _LINKSET}),
        "all": (query(identifier, "linkType=all"), {"Accept": _LINKSET}),
        "default": (identifier, {}),
        "absent": (query(identifier, f"linkType={ABSENT}"), {}),
        "malformed": (settings.malformed or _last_segment(identifier, _MALFORMED), {}),
        "unknown": (settings.unknown or _last_segment(identifier, _UNKNOWN), {}),
        "well-known": (
            f"{parts.scheme}://{parts.netloc}/.well-known/resolver",
            {"Accept": "application/json"},
        ),
        **{
            f"level:{above}": (query(above, "linkType=linkset"), {"Accept": _LINKSET})
            for above in _levels(identifier)
        },
    }
    if settings.delegated is not None:
        first["delegated"] = (query(settings.delegated, "linkType=linkset"), {"Accept": _LINKSET})
    answers = await _ask(transport, first)
    document = _linkset(answers["linkset"])
    links = links_of(document)
    second: dict[str, tuple[str, dict[str, str]]] = {}
    for relation in list(dict.fromkeys(link.relation for link in links if link.is_current))[:_RELATIONS]:
        if relation and relation not in ("linkset", "all"):
            second[f"link:{relation}"] = (query(identifier, f"linkType={relation}"), {})
    for relation in _PROBED:
        if f"link:{relation}" not in second:
            second[f"probe:{relation}"] = (query(identifier, f"linkType={relation}"), {})
    spoken = _languages(links, answers["default"], identifier)
    if len(spoken) > 1:
        one, other = spoken[:2]
        second[f"language:{one}"] = (identifier, {"Accept-Language": one})
        second[f"language:{other}"] = (identifier, {"Accept-Language": other})
        second["language-query"] = (query(identifier, f"language={other}"), {"Accept-Language": one})
    answers |= await _ask(transport, second)
    about: dict[str, Any] = {"links": links, "languages": spoken[:2]}
    if settings.writes:
        edit = next((link for link in links if "edit" in link.rel), None)
        if edit is not None:
            answers["anonymous-edit"] = await _edit(transport, edit)
            about["edit"] = edit
    return HttpTrial("identifier", subject, identifier, answers, document, about)


async def _ask(
    transport: Transport, questions: Mapping[str, tuple[str, Mapping[str, str]]]
) -> dict[str, Exchange | Unavailable]:
    found = await asyncio.gather(
        *(transport.send("GET", url, headers=headers) for url, headers in questions.values())
    )
    return dict(zip(questions, found, strict=True))


def _linkset(answer: Exchange | Unavailable) -> Document | None:
    if isinstance(answer, Unavailable) or answer.status != 200:
        return None
    content_type = answer.header("content-type") or None
    return read(answer.url, answer.body, content_type=content_type, evidence=(answer.digest,))


def _languages(links: tuple[Link, ...], default: Exchange | Unavailable, identifier: str) -> list[str]:
    """Languages in which the relation of the default link has current targets, each its own."""
    if isinstance(default, Unavailable) or not default.location:
        return []
    where = join(identifier, default.location)
    relation = next(((link.anchor, link.relation) for link in links if same_url(link.href, where)), None)
    spoken: dict[str, set[str]] = {}
    for link in links:
        if (link.anchor, link.relation) == relation and link.is_current:
            for language in link.languages:
                spoken.setdefault(language.partition("-")[0], set()).add(link.href)
    alone = [language for language, hrefs in spoken.items() if len(hrefs) == 1]
    return alone if len({next(iter(spoken[language])) for language in alone}) > 1 else []


async def _edit(transport: Transport, link: Link) -> Exchange | Unavailable:
    """Try to add a link without saying who we are; a resolver in order refuses before it reads the body."""
    body = b'{"relation":"dte","target":{"href":"https://harness.assay.example/links/page","title":"Assay test"}}'
    return await transport.send("POST", link.href, headers={"Content-Type": "application/json"}, body=body)
