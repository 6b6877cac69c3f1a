"""Which identifiers mean the same thing: aliases of parties and facilities, and products that share an identifier.

An alias is accepted from the party's or facility's own description, unless it is a DID, is itself described elsewhere
in the set, or is claimed by two: nobody may merge a stranger into itself by naming it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assay.harness.graph.reading import identifier, member, members, text
from assay.harness.material import Document, Kind

__all__ = ["Names"]

_PARTY_ALIASES = ("issuerAlsoKnownAs", "partyAlsoKnownAs")


class Names:
    """Canonical names over a whole set of documents."""

    def __init__(self, documents: Iterable[Document]) -> None:
        parties: dict[str, set[str]] = {}
        facilities: dict[str, set[str]] = {}
        described: set[str] = set()
        self._combinations: dict[str, set[tuple[str, str]]] = {}
        self._keys: dict[str, list[str]] = {}
        for document in documents:
            subject = member(document.value, "credentialSubject")
            for party in _parties(document.value, subject):
                described |= _aliases(party, _PARTY_ALIASES, parties)
            if document.kind is Kind.DFR:
                described |= _aliases(subject, ("facilityAlsoKnownAs",), facilities)
            for product in _products(document.kind, subject):
                name = identifier(product)
                if name is not None:
                    self._combinations.setdefault(name, set()).add(_combination(product))
        self._party = {
            alias: found.pop() for alias, found in parties.items() if _usable(alias, found, described)
        }
        self._facility = {a: found.pop() for a, found in facilities.items() if _usable(a, found, described)}
        for name, combinations in self._combinations.items():
            combinations.discard(("", ""))
            self._keys[name] = sorted({self._key(name, combination) for combination in combinations} | {name})

    def party(self, value: Any) -> str | None:
        """Canonical identifier of a party object or identifier."""
        name = identifier(value)
        return self._party.get(name, name) if name is not None else None

    def facility(self, value: Any) -> str | None:
        """Canonical identifier of a facility object or identifier."""
        name = identifier(value)
        return self._facility.get(name, name) if name is not None else None

    def product(self, value: Any) -> str | None:
        """Key of a product object: its identifier, with batch and item where the identifier covers several."""
        name = identifier(value)
        return self._key(name, _combination(value)) if name is not None else None

    def covered(self, value: Any) -> list[str]:
        """Keys of all products that a product object covers: one batch, or every batch of a model."""
        name = identifier(value)
        if name is None:
            return []
        return (
            self._keys.get(name, [name])
            if _combination(value) == ("", "")
            else [self._key(name, _combination(value))]
        )

    def _key(self, name: str, combination: tuple[str, str]) -> str:
        if len(self._combinations.get(name, ())) < 2 or combination == ("", ""):
            return name
        batch, item = combination
        return name + (f" batch {batch}" if batch else "") + (f" item {item}" if item else "")


def _combination(product: Any) -> tuple[str, str]:
    return text(member(product, "batchNumber")) or "", text(member(product, "itemNumber")) or ""


def _usable(alias: str, owners: set[str], described: set[str]) -> bool:
    return len(owners) == 1 and alias not in described and not alias.startswith("did:")


def _aliases(thing: Any, lists: tuple[str, ...], found: dict[str, set[str]]) -> set[str]:
    name = identifier(thing)
    if name is None:
        return set()
    for key in lists:
        for _, other in members(thing, key):
            alias = identifier(other)
            if alias is not None and alias != name:
                found.setdefault(alias, set()).add(name)
    return {name}


def _parties(value: Any, subject: Any) -> Iterator[Any]:
    yield member(value, "issuer")
    for part in subject if isinstance(subject, list) else [subject]:
        for _, role in members(part, "relatedParty"):
            yield role.get("party")


def _products(kind: Kind, subject: Any) -> Iterator[Any]:
    if kind is Kind.DPP:
        yield subject
    elif kind is Kind.DCC:
        for _, assessment in members(subject, "conformityAssessment"):
            for _, assessed in members(assessment, "assessedProduct"):
                yield assessed.get("product")
    elif kind is Kind.DTE:
        for _, event in members({"subject": subject}, "subject"):
            for key in ("inputProduct", "outputProduct", "movedProduct", "modifiedProduct"):
                for _, line in members(event, key):
                    yield line.get("product")
