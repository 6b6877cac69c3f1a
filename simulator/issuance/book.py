"""What a renderer looks things up in: the static world, and the pages that documents link to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import escape

from assay.simulator.claims import Claims, claims_of, make_claims
from assay.simulator.issuance.agenda import Agenda, schedule
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


_TWO = tuple(f"{number:02d}" for number in range(60))
"""Two-digit numbers, looked up: several stamps stand in every document, and ``isoformat`` takes several times as long."""


def stamp(moment: datetime) -> str:
    """RFC 3339, whole seconds, of a moment in UTC."""
    day = f"{moment.year:04d}-{_TWO[moment.month]}-{_TWO[moment.day]}"
    return f"{day}T{_TWO[moment.hour]}:{_TWO[moment.minute]}:{_TWO[moment.second]}Z"


def number(amount: int, scale: int) -> int | float:
    """``amount / scale`` as a JSON number: whole where it is whole."""
    quotient, rest = divmod(amount, scale)
    return quotient if rest == 0 else amount / scale


class Book:
    """Everything that rendering needs. Pages are collected while documents are rendered.

    ``claims`` and ``agenda`` are for worlds whose facts were collected; rendering needs neither.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.pages: dict[str, Page] = {}
        self._passing: list[Page] = []

    @cached_property
    def claims(self) -> Claims:
        return make_claims(self.world)

    @cached_property
    def agenda(self) -> Agenda:
        world, facts = self.world, self.world.ledger.facts
        if not world.parts:
            return Agenda(list(schedule(world, claims_of(world, facts))))
        from assay.simulator.deceptions.injector import Injector  # it renders, and rendering needs a book

        injector = Injector(world)
        claims = injector.claims(claims_of(world, injector.facts(facts)))
        return Agenda(list(schedule(world, claims, injector)))

    def page(self, url: str, title: str, *lines: str, language: str = "en") -> Page:
        """The HTML page at ``url``, made on first use. For pages that many documents share; they stay in memory."""
        known = self.pages.get(url)
        if known is None:
            known = self.pages[url] = _html(url, title, lines, language)
        return known

    def page_of_one(self, url: str, title: str, *lines: str) -> Page:
        """The HTML page at ``url`` that belongs to the document being rendered alone; see :meth:`passing`."""
        page = _html(url, title, lines, "en")
        self._passing.append(page)
        return page

    def passing(self) -> list[Page]:
        """Pages of single documents since the last call. Whoever renders must fetch and publish them: they are forgotten."""
        pages, self._passing = self._passing, []
        return pages

    def file(self, url: str, media_type: str, body: bytes) -> Page:
        """Publish ``body`` at ``url``."""
        self.pages[url] = Page(url, media_type, body, digest_multibase(body))
        return self.pages[url]


def _html(url: str, title: str, lines: tuple[str, ...], language: str) -> Page:
    heading = escape(title)
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{heading}</title></head><body><h1>{heading}</h1>{body}</body></html>\n"
    ).encode()
    return Page(url, "text/html", html, digest_multibase(html))
