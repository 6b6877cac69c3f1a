"""Is every labelled deception really there, can it be seen where its label says, are twins clean, and is all else honest?

For every label: the decisive check of its pattern fires on a root credential, and its oracle does at the labelled scope (one
credential, one chain, everything). On a twin both are silent. No oracle or decisive check fires on anything honest in the world (that a
fraud of one pattern may be seen as another too is told, and no failure), and the world differs from the same world without deceptions by what labels name, and by nothing else (see ``diff``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assay.harness.oracles.diff import compare
from assay.harness.oracles.registry import Decisive, Oracle, Sighting, decisives, oracles
from assay.harness.oracles.store import OracleError, Store
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import View

__all__ = ["InstanceCheck", "SelfCheck", "self_check"]

MOST = 200
"""Problems of one sort that are kept; the last line says how many more there were."""
_MEMBERS = (
    "instance",
    "code",
    "pattern",
    "honest",
    "scope",
    "root",
    "changed",
    "added",
    "absent",
    "tainted",
    "actors",
)


@dataclass(frozen=True, slots=True)
class InstanceCheck:
    """One label. Of a fraud, ``decisive_ok`` and ``visible_ok`` say that it was seen; of a twin, that it was not.

    ``visible_ok`` is None for an instance below the tolerance, which nobody has to see.
    """

    instance: str
    code: str
    pattern: str
    honest: bool
    twin: str | None
    composite: str | None
    scope: str
    below_tolerance: bool
    decisive_ok: bool
    visible_ok: bool | None
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.decisive_ok and self.visible_ok is not False and not self.problems


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """All labels, sightings of what is honest, and differences that no label accounts for."""

    instances: tuple[InstanceCheck, ...]
    false_sightings: tuple[str, ...]
    differences: tuple[str, ...]
    also_seen: tuple[str, ...] = ()
    """Frauds of one pattern that are seen as another, too."""

    @property
    def ok(self) -> bool:
        return not self.false_sightings and not self.differences and all(one.ok for one in self.instances)

    def to_json(self) -> dict[str, Any]:
        """As plain data, for ``self-check.json``."""
        return {"ok": self.ok, **asdict(self)}


def self_check(
    deceptive: Path,
    honest: Path,
    *,
    seen_by: Mapping[str, Oracle] | None = None,
    decided_by: Mapping[str, Decisive] | None = None,
) -> SelfCheck:
    """Check a world with deceptions against the same world without. Deciders are the registered ones, unless given.

    :raises OracleError: a folder that is no dataset, or labels that cannot be read.
    """
    watch = _Watch(
        View.open(deceptive),
        Truth.open(deceptive),
        oracles() if seen_by is None else seen_by,
        decisives() if decided_by is None else decided_by,
    )
    labels = watch.labels
    instances = tuple(watch.instance(label) for label in labels)
    differences = compare(watch.view.store, Store(honest), labels)
    false, also = watch.elsewhere()
    return SelfCheck(instances, _few(false), _few(differences), _few(also))


class _Watch:
    """Runs deciders over one world; what each saw in the whole of it is kept."""

    def __init__(
        self, view: View, truth: Truth, seen_by: Mapping[str, Oracle], decided_by: Mapping[str, Decisive]
    ) -> None:
        self.view = view
        self.truth = truth
        self.seen_by = seen_by
        self.decided_by = decided_by
        self._seen: dict[str, list[Sighting]] = {}
        self._decided: dict[str, list[Sighting]] = {}

    @cached_property
    def labels(self) -> list[dict[str, Any]]:
        labels = self.truth.labels()
        if not labels:
            raise OracleError("labels.jsonl holds no labels: there is nothing to check")
        for label in labels:
            missing = [name for name in _MEMBERS if name not in label]
            if missing:
                raise OracleError(f"label {label.get('instance', '?')} has no {missing[0]}")
        return labels

    def instance(self, label: Mapping[str, Any]) -> InstanceCheck:
        code, honest, roots = str(label["code"]), bool(label["honest"]), [str(url) for url in label["root"]]
        spared = bool(label.get("below_tolerance", False))
        problems = [f"the root {url} is not published" for url in roots if not self.view.shows(url)]
        if not roots:
            problems.append("the label names no root credential")
        if code not in self.decided_by:
            problems.append(f"no decisive check for {code}")
        if code not in self.seen_by:
            problems.append(f"no oracle for {code}")
        decided = _about(self.decided(code), roots) if code in self.decided_by else []
        seen = _about(self._at(code, str(label["scope"]), roots), roots) if code in self.seen_by else []
        if honest:
            problems += [
                f"the decisive check of {code} fires on an honest twin: {one.reason}" for one in decided
            ]
            problems += [f"the oracle of {code} fires on an honest twin: {one.reason}" for one in seen]
        else:
            if code in self.decided_by and not decided:
                problems.append(f"the decisive check of {code} does not fire on any root credential")
            if code in self.seen_by and not seen and not spared:
                problems.append(
                    f"the oracle of {code} sees nothing on a root credential at scope {label['scope']}"
                )
        return InstanceCheck(
            instance=str(label["instance"]),
            code=code,
            pattern=str(label["pattern"]),
            honest=honest,
            twin=label.get("twin"),
            composite=label.get("composite"),
            scope=str(label["scope"]),
            below_tolerance=spared,
            decisive_ok=code in self.decided_by and bool(decided) is not honest,
            visible_ok=None if spared and not honest else code in self.seen_by and bool(seen) is not honest,
            problems=_few(problems),
        )

    def elsewhere(self) -> tuple[list[str], list[str]]:
        """Sightings of a pattern on what no deception of that pattern accounts for: on honest things, and on other frauds."""
        false, also = list[str](), list[str]()
        frauds = [label for label in self.labels if not label["honest"]]
        other = _named(frauds)
        for name, codes, run in (
            ("oracle", self.seen_by, self.seen),
            ("decisive check", self.decided_by, self.decided),
        ):
            for code in sorted(codes):
                own = _named(label for label in frauds if label["code"] == code)
                for one in run(code):
                    if not own & set(one.subjects):
                        told = also if other & set(one.subjects) else false
                        told.append(self._stray(name, code, one))
        return false, also

    def seen(self, code: str) -> list[Sighting]:
        """What the oracle of a pattern sees in the whole world."""
        if code not in self._seen:
            self._seen[code] = list(self.seen_by[code](self.view))
        return self._seen[code]

    def decided(self, code: str) -> list[Sighting]:
        """What the decisive check of a pattern finds in the whole world."""
        if code not in self._decided:
            self._decided[code] = list(self.decided_by[code](self.truth, self.view))
        return self._decided[code]

    def _at(self, code: str, scope: str, roots: Sequence[str]) -> list[Sighting]:
        """What the oracle sees at a scope: of one credential at a time, of the chain of the roots, or of everything."""
        if scope == "1":
            return [one for url in roots for one in self.seen_by[code](self.view.only(url))]
        if scope == "C":
            return list(self.seen_by[code](self.view.chain(*roots)))
        if scope == "X":
            return self.seen(code)
        raise OracleError(f"a label has the scope '{scope}'; there are 1, C and X")

    def _stray(self, name: str, code: str, one: Sighting) -> str:
        where = one.subjects[0] if one.subjects else "no credential"
        whose = [
            str(label["instance"])
            for label in self.labels
            if set(one.subjects) & {*label["root"], *label["changed"], *label["added"]}
        ]
        hint = f" (labelled as {', '.join(sorted(whose)[:3])})" if whose else ""
        return f"the {name} of {code} fires on {where}{hint}: {one.reason}"


def _named(labels: Iterable[Mapping[str, Any]]) -> set[str]:
    """Every credential that these labels name."""
    return {url for label in labels for key in ("root", "changed", "added", "tainted") for url in label[key]}


def _about(sightings: Iterable[Sighting], roots: Iterable[str]) -> list[Sighting]:
    wanted = set(roots)
    return [one for one in sightings if wanted & set(one.subjects)]


def _few(lines: Iterable[str]) -> tuple[str, ...]:
    found = list(lines)
    more = len(found) - MOST
    return (*found[:MOST], f"and {more} more") if more > 0 else tuple(found)
