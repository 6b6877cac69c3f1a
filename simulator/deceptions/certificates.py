"""Certificates that nobody was entitled to issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assay.simulator.deceptions.base import Deception
from assay.simulator.deceptions.registry import pattern
from assay.simulator.issuance.abouts import Passport, ProductCertificate, Wish
from assay.simulator.issuance.edits import Edit
from assay.simulator.scenario import Scenario

__all__ = ["ForgedCertificate"]


@pattern("F18")
class ForgedCertificate(Deception):
    """A producer issues its own product certificate, which claims that a third party assessed. No certifier was there.

    The twin issues its own too and says so: a self-declaration.
    """

    needs = "facilities whose products are certified"
    repeat = 6

    @classmethod
    def targets(cls, scenario: Scenario) -> Iterable[str]:
        return [
            site.facility
            for site in scenario.sites
            if site.kind not in ("mine", "brine", "market", "terminal")
        ]

    def on_wish(self, wish: Wish) -> Iterator[Wish]:
        about = wish.about
        free = self.ready and not self.struck
        if free and isinstance(about, ProductCertificate) and self.takes(wish.key):
            operator = about.facility.operator
            new = replace(wish, issuer=operator)
            if self.honest:
                edits = (
                    Edit("/credentialSubject/assessorLevel", "self"),
                    Edit("/credentialSubject/authorisation", drop=True),
                )
                new = replace(new, edits=(*new.edits, *edits))
            self.redirect(self.label.url(wish), self.label.url(new))
            self.label.root(new)
            self.label.span(wish.valid_from, wish.valid_until)
            self.label.target(*(batch.lot.id for batch in about.batches))
            for batch in about.batches:
                self.taint(batch.lot)
            yield from self.moved(wish, new)
            return
        if isinstance(about, Passport) and self.struck and about.certificate in self.label.roots:
            self.label.target(about.batch.lot.id)
        yield wish
