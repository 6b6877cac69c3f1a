"""A case told: the instance by name, or all instances of a composite, from a dataset with labels.

::

    cases = Cases.open(Path("world"))
    cases.rows()                      # instances and composites, for a list
    story = cases.story("F18-1")      # raises UnknownCase with the nearest names

A twin is told in the same way as its fraud, with the fraud beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from assay.harness.oracles.registry import decisives, oracles
from assay.harness.oracles.store import OracleError, Store
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View
from assay.harness.story.chain import chain_of, focus_of
from assay.harness.story.happenings import happenings
from assay.harness.story.labels import Label, UnknownCase, labels_of, listed, names_of
from assay.harness.story.papers import Papers
from assay.harness.story.people import people_of
from assay.harness.story.sides import compared, reasons, told_of
from assay.harness.story.steps import steps_of
from assay.harness.story.words import KINDS, Names, many, shown, span
from assay.profiles.contracts.story import (
    Paper,
    Part,
    Register,
    Side,
    Source,
    Story,
)
from assay.profiles.deceptions.handbook import LookAlike, Pattern, look_alikes, patterns
from assay.profiles.deceptions.terms import DEPTHS, FAMILIES, REGISTERS, SCOPES

__all__ = ["Cases"]

MOST_PAPERS = 6
MOST_TOUCHED = 12


class Cases:
    """The labelled cases of a dataset."""

    def __init__(self, folder: Path) -> None:
        self._labels = labels_of(folder)
        self.view = View.open(folder)
        self.truth = Truth.open(folder)
        self.honest: Store | None = None
        self.names = Names(self.view, self.truth)

    @classmethod
    def open(cls, folder: Path) -> Cases:
        """The cases of a dataset.

        :raises OracleError: no dataset, no labels, or labels that break their schema.
        """
        return cls(folder)

    def compare_with(self, folder: Path) -> None:
        """Show values of the same world without deceptions beside those of this one.

        :raises OracleError: no dataset, or one of another seed, start or version.
        """
        honest = Store(folder)
        _same_world(self.view.store, honest)
        self.honest = honest

    @cached_property
    def names_of_all(self) -> list[str]:
        """Every name that a story can be asked by."""
        return names_of(self._labels)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each instance, as plain data."""
        return listed(self._labels)

    def story(self, name: str) -> Story:
        """The case of that name, in any case of letters.

        :raises UnknownCase: there is none.
        """
        asked = name.strip().lower()
        chosen = [row for row in self._labels if row["instance"].lower() == asked]
        if not chosen:
            chosen = [row for row in self._labels if (row["composite"] or "").lower() == asked]
        if not chosen or not asked:
            raise UnknownCase(name.strip(), self.names_of_all)
        return self._tell(chosen)

    def _tell(self, labels: list[Label]) -> Story:
        first, honest = labels[0], all(row["honest"] for row in labels)
        papers = Papers(self.view, self.names, labels, self.honest)
        rows, more = happenings(self.view, self.truth, labels, papers.numbers, self.names)
        parts = tuple(self._part(row, papers.numbers) for row in labels)
        twins = self._twins(labels)
        roots = list(papers.numbers)
        touched = [
            url
            for url in dict.fromkeys(str(url) for row in labels for url in (*row["changed"], *row["added"]))
            if url not in papers.numbers and self.view.shows(url)
        ]
        dataset = self.view.store.dataset
        composite = first["composite"] if len(labels) > 1 else None
        return Story(
            name=str(composite or first["instance"]),
            title=_title(labels),
            lead=self._lead(labels),
            honest=honest,
            world=shown(dataset.get("scenario") or "a world without a name"),
            seed=shown(dataset.get("seed", "unknown")),
            as_of=f"{self.view.as_of:%Y-%m-%d}",
            people=people_of(self.view, self.names, labels, papers.numbers),
            chain=chain_of(self.view, self.truth, labels, papers.numbers, self.names),
            papers=tuple(papers.roots(twins, str(first["twin"] or ""), MOST_PAPERS)),
            papers_more=max(0, len(roots) - MOST_PAPERS),
            touched=tuple(self._touched(papers, touched)),
            touched_more=max(0, len(touched) - MOST_TOUCHED),
            happenings=rows,
            happenings_more=more,
            parts=parts,
        )

    @staticmethod
    def _touched(papers: Papers, urls: Sequence[str]) -> list[Paper]:
        return [papers.touched(url) for url in urls[:MOST_TOUCHED]]

    def _twins(self, labels: Sequence[Label]) -> dict[str, str]:
        """For each root, the root of the counterpart that corresponds: of the same kind, in the same place of the order."""
        found: dict[str, str] = {}
        for label in labels:
            other = self._named(label["twin"])
            if other is None:
                continue
            left = [url for url in other["root"] if self.view.shows(url)]
            for url in label["root"]:
                match = next((one for one in left if self.view.kind(one) == self.view.kind(url)), None)
                if match is not None:
                    left.remove(match)
                    found[url] = match
        return found

    def _named(self, instance: object) -> Label | None:
        return next((row for row in self._labels if row["instance"] == instance), None)

    def _part(self, label: Label, numbers: Mapping[str, int]) -> Part:
        pattern = patterns()[label["code"]]
        other = self._named(label["twin"])
        kind = label["look_alike"] or (other["look_alike"] if other else None) or pattern.twin
        look_alike = look_alikes()[kind]
        side = self._side(label, numbers)
        counterpart = self._side(other, {}) if other else None
        return Part(
            side=side,
            code=pattern.code,
            pattern=pattern.name,
            family=FAMILIES[pattern.family],
            depth=DEPTHS[pattern.depth],
            scope=label["scope"],
            scope_means=SCOPES[label["scope"]],
            dial=pattern.dial,
            below_tolerance=label["below_tolerance"],
            who=pattern.who,
            how=pattern.how,
            check=pattern.check,
            confused_with=pattern.confused_with,
            twin_how=pattern.twin_how,
            look_alike=f"{look_alike.code} {look_alike.title}",
            why_honest=look_alike.why_honest,
            counterpart=counterpart,
            compared=tuple(compared(side, counterpart)) if counterpart else (),
            registers=tuple(Register(name, REGISTERS[name]) for name in label["registers"]),
            steps=tuple(
                steps_of(self.view, self.names, label, numbers, focus_of(self.view, self.truth, label))
            ),
            known_deciders=pattern.code in decisives() and pattern.code in oracles(),
            sources=tuple(_sources(pattern, look_alike)),
        )

    def _side(self, label: Label, numbers: Mapping[str, int]) -> Side:
        pattern = patterns()[label["code"]]
        decide, see = decisives().get(pattern.code), oracles().get(pattern.code)
        roots = [str(url) for url in label["root"]]
        view = {"1": self.view.only, "C": self.view.chain}.get(label["scope"])
        decided = list(decide(self.truth, self.view)) if decide else []
        seen = list(see(view(*roots) if view else self.view)) if see else []
        twin = look_alikes()[label["look_alike"]] if label["look_alike"] else None
        kinds: dict[str, int] = {}
        for url in roots:
            kinds[self.view.kind(url)] = kinds.get(self.view.kind(url), 0) + 1
        return Side(
            instance=label["instance"],
            title=twin.title if twin else pattern.title,
            honest=label["honest"],
            severity=float(label["severity"]),
            where=self._where(label),
            who=", ".join(self.names.party(did) for did in label["actors"]) or "nobody by name",
            when=span(label["from"], label["until"]),
            told=told_of(label["told"], self.names),
            papers=", ".join(many(number, KINDS.get(kind, "credential")) for kind, number in kinds.items()),
            tainted=len(label["tainted"]),
            decided=reasons(decided, roots, numbers),
            seen=reasons(seen, roots, numbers),
        )

    def _where(self, label: Label) -> str:
        sites = dict.fromkeys(str(target).split("/", 1)[0] for target in label["targets"])
        known = [site for site in sites if self.truth.facility(site)]
        named = [self.names.place(site) for site in known[:3]]
        if not named:
            return shown(", ".join(map(str, label["targets"][:2])))
        return ", ".join(named) + (f" and {len(known) - 3} more" if len(known) > 3 else "")

    def _lead(self, labels: Sequence[Label]) -> str:
        actors = dict.fromkeys(self.names.party(did) for row in labels for did in row["actors"])
        who = " and ".join(list(actors)[:3]) or "Nobody by name"
        first = min(labels, key=lambda row: str(row["from"]))
        last = max(labels, key=lambda row: str(row["until"]))
        return f"{who}, {self._where(labels[0])}, {span(first['from'], last['until'])}"


def _title(labels: Sequence[Label]) -> str:
    titles = []
    for row in labels:
        entry = look_alikes()[row["look_alike"]] if row["look_alike"] else patterns()[row["code"]]
        titles.append(entry.title)
    first, *others = dict.fromkeys(titles)
    return "; ".join([first, *(title[0].lower() + title[1:] for title in others)])


def _sources(pattern: Pattern, look_alike: LookAlike) -> list[Source]:
    return [
        *(Source(pattern.code, text) for text in pattern.sources),
        *(Source(look_alike.code, text) for text in look_alike.sources if text not in pattern.sources),
    ]


def _same_world(deceptive: Store, honest: Store) -> None:
    """Raises :class:`OracleError`: another world (names follow the scenario's, so it must be the same), or one with deceptions."""
    if "labels.jsonl" in honest.dataset.get("files", {}):
        raise OracleError(
            "the honest world has deceptions of its own (labels.jsonl); simulate the same scenario and seed without 'deceptions:'"
        )
    for key in ("scenario", "seed", "start", "untp"):
        if deceptive.dataset.get(key) != honest.dataset.get(key):
            raise OracleError(
                f"the honest world has {key} {shown(honest.dataset.get(key))}, the deceptive one "
                f"{shown(deceptive.dataset.get(key))}; simulate the same scenario and seed without 'deceptions:'"
            )
