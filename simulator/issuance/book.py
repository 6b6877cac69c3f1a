"""What a renderer looks things up in: the world, its claims, the agenda, and the pages that documents link to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from html import escape

from assay.simulator.claims import Claims, make_claims
from assay.simulator.issuance.agenda import Agenda, make_agenda
from assay.simulator.issuance.encoding import digest_multibase
from assay.simulator.world import World

__all__ = ["Book", "Page", "number", "stamp"]


@dataclass(frozen=True, slots=True)
class Page:
    """Something published beside credentials: a certificate for people, a data sheet, a template."""

    url: str
    media_type: str
    body: bytes
    digest: str


@lru_cache(maxsize=4096)
def stamp(moment: datetime) -> str:
    """RFC 3339, whole seconds, of a moment in UTC."""
    return moment.isoformat(timespec="seconds")[:19] + "Z"


def number(amount: int, scale: int) -> int | float:
    """``amount / scale`` as a JSON number: whole where it is whole."""
    quotient, rest = divmod(amount, scale)
    return quotient if rest == 0 else amount / scale


class Book:
    """Everything that rendering needs. Pages are collected while documents are rendered."""

    def __init__(self, world: World, claims: Claims | None = None) -> None:
        self.world = world
        self.claims = claims if claims is not None else make_claims(world)
        self.pages: dict[str, Page] = {}

    @cached_property
    def agenda(self) -> Agenda:
        return make_agenda(self.world, self.claims)

    def page(self, url: str, title: str, *lines: str, language: str = "en") -> Page:
        """The HTML page at ``url``, made on first use."""
        known = self.pages.get(url)
        if known is None:
            body = "".join(f"<p>{escape(line)}</p>" for line in lines)
            html = (
                f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
                f"<title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>{body}</body></html>\n"
            )
            known = self.file(url, "text/html", html.encode())
        return known

    def file(self, url: str, media_type: str, body: bytes) -> Page:
        """Publish ``body`` at ``url``."""
        self.pages[url] = Page(url, media_type, body, digest_multibase(body))
        return self.pages[url]
