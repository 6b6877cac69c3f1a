"""Can metadata tell fraud from honesty? A classifier on identifiers, key order, sizes, timestamps and file order tries.

    python bench/leak.py --chains 2000                 # nightly: larger crossroads, some seeds, some minutes
    python bench/leak.py DATASET [DATASET ...]         # datasets that ``assay simulate`` wrote with ``--format jsonl``

A credential counts as fraud where a label names it as a root (it carries the lie), and as honest everywhere else, twins
included; what else a fraud changed or added is left out, or counted as fraud too in the second figure. Patterns that are
*about* metadata (the handbook marks them) and instances below the tolerance are left out: so is what a composite forges
under a look-alike domain, whose identifiers are that pattern's lie. Which key signed is not looked
at, nor how much its issuer issues: for a compromised key
or a certifier that nobody knows that is the evidence. Each fraudulent credential is held
against two sorts of honest ones: those of the same issuer, kind, sort (product, type of event or scheme) and place (facility,
or the two between which goods move), and the twins of its pattern. So where frauds happen says nothing (consents are forged
where Indigenous land is, and that is no leak), only how their credentials look. The classifier is trained on other issuers
than it judges.

The area under the ROC curve is that of Janes and Pepe (Biometrika 96, 2009, "Adjusting for covariate effects"): how far up a
fraudulent credential stands among the honest ones that it is held against, on average over the fraudulent ones. So each
counts once, however many honest ones there are (over all pairs, an issuer with twenty frauds would count a hundred times
as much as one with two, and one that is drawn twice four times). Its 95 % interval comes from drawing issuers (one issuer of
one world is a cluster: its credentials share key, software and habits) with replacement. No leak: the interval holds 0.5 and
ends below 0.55. The area over all pairs is shown beside it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold

from assay.profiles.deceptions.handbook import patterns

__all__ = ["Leak", "Sample", "leak", "samples"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LIMIT = 0.55
_CONTROLS = 12
"""Honest credentials for each fraudulent one of a group, at most."""
_ROOTS = 3
"""Credentials of one instance that count, drawn from its roots: an instance with hundreds weighs no more than another."""
_DRAWS = 1000
_FOLDS = 5
_HEX = set("0123456789abcdef")


@dataclass(slots=True)
class Sample:
    """One credential: what a reader of metadata sees, the group in which it is compared, and the truth."""

    url: str
    group: tuple[str, ...]
    cluster: str
    features: dict[str, float]
    fraud: bool = False
    """It carries a lie."""
    touched: bool = False
    """A fraud changed or added it."""
    places: tuple[str, ...] = ()
    """Facilities that it is about."""
    pattern: str = ""
    twin: str = ""
    """Of an honest one: the pattern whose twin it carries."""


@dataclass(frozen=True, slots=True)
class Leak:
    """What the classifier achieved."""

    auc: float
    low: float
    high: float
    frauds: int
    honest: int
    clusters: int
    chains: int
    over_pairs: float
    """The area over all pairs, which large groups rule."""
    by_pattern: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Area and number of fraudulent credentials by code."""
    by_feature: list[tuple[str, float]] = field(default_factory=list)
    """Single features whose own area is farthest from 0.5."""

    @property
    def tight(self) -> bool:
        return self.low <= 0.5 <= self.high < LIMIT

    def __str__(self) -> str:
        told = (
            f"AUC {self.auc:.3f}, 95 % {self.low:.3f} to {self.high:.3f} ({self.over_pairs:.3f} over all pairs); {self.frauds} fraudulent and {self.honest} honest "
            f"credentials, {self.clusters} issuers, {self.chains} chains: {'no leak' if self.tight else 'LEAK'}"
        )
        parts = "  ".join(
            f"{code} {area:.2f} ({many})" for code, (area, many) in sorted(self.by_pattern.items())
        )
        single = "  ".join(f"{name} {area:.2f}" for name, area in self.by_feature[:8])
        return f"{told}\n  by pattern: {parts}\n  single features: {single}"


# reading


def samples(folder: Path) -> tuple[list[Sample], int]:
    """Every credential of a dataset in jsonl, and the number of its chains (finished goods)."""
    about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    start, end = (datetime.fromisoformat(about[name]).timestamp() for name in ("start", "as_of"))
    rows: list[dict[str, Any]] = []
    for part in sorted((folder / "credentials").glob("*.jsonl")):
        lines = part.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            row = json.loads(line)
            row["place"], row["share"] = len(rows), number / len(lines)
            rows.append(row)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        kinds[row["issuer"]][row["kind"]] += 1
    roles = {issuer: many.most_common(1)[0][0] for issuer, many in kinds.items()}
    world = f"{about['scenario']}|{about['seed']}"
    found = [_sample(row, roles[row["issuer"]], world, start, end, len(rows)) for row in rows]
    _neighbours(found, rows)
    _labelled(found, folder / "labels.jsonl")
    return found, len(about["roots"])


def _sample(row: dict[str, Any], role: str, world: str, start: float, end: float, many: int) -> Sample:
    head, body, _ = row["token"].split(".")
    header, raw = json.loads(_decoded(head)), _decoded(body)
    document = json.loads(raw)
    begins = datetime.fromisoformat(row["valid_from"])
    until = row.get("valid_until")
    shape = _Shape()
    shape.walk(document, "", 0)
    features = {
        "token": len(row["token"]),
        "payload": len(raw),
        "header": len(header),
        **shape.numbers(),
        **{f"url {name}": value for name, value in _identifier(row["url"]).items()},
        **{
            f"subject {name}": value
            for name, value in _identifier(str(_subject(document).get("id", ""))).items()
        },
        "status index": _index(document),
        "time": (begins.timestamp() - start) / (end - start),
        "hour": begins.hour + begins.minute / 60,
        "minute": begins.minute,
        "second": begins.second,
        "weekday": begins.weekday(),
        "lasts": (datetime.fromisoformat(until).timestamp() - begins.timestamp()) / 86_400 if until else -1.0,
        "place": row["place"] / many,
        "share of part": row["share"],
    }
    row["paths"] = tuple(shape.paths)
    return Sample(
        row["url"],
        (row["kind"], role, _about(document)),
        f"{world}|{row['issuer']}",
        {name: float(value) for name, value in features.items()},
        places=tuple(sorted(set(_places(document)))),
    )


class _Shape:
    """Sizes and counts of a document, and its keys in their order."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.deep = self.items = self.texts = self.length = self.numbers_seen = self.digits = self.links = 0

    def walk(self, value: Any, path: str, depth: int) -> None:
        self.deep = max(self.deep, depth)
        if isinstance(value, dict):
            for key, inner in value.items():
                self.paths.append(f"{path}/{key}")
                self.walk(inner, f"{path}/{key}", depth + 1)
        elif isinstance(value, list):
            self.items += len(value)
            for inner in value:
                self.walk(inner, f"{path}/-", depth + 1)
        elif isinstance(value, str):
            self.texts += 1
            self.length += len(value)
            self.links += value.startswith("https://")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.numbers_seen += 1
            self.digits += len(repr(value))

    def numbers(self) -> dict[str, float]:
        return {
            "depth": self.deep,
            "items": self.items,
            "texts": self.texts,
            "length of texts": self.length,
            "numbers": self.numbers_seen,
            "digits": self.digits,
            "links": self.links,
            "keys": len(self.paths),
        }


def _identifier(url: str) -> dict[str, float]:
    tail = url.rstrip("/").rpartition("/")[2]
    plain = [character for character in tail.lower() if character in _HEX]
    digits = [character for character in tail if character.isdigit()]
    return {
        "length": len(url),
        "first": int("".join(plain[:4]) or "0", 16),
        "last": int("".join(plain[-4:]) or "0", 16),
        "number": int("".join(digits[-4:]) or "0"),
        "parts": url.count("/"),
    }


def _neighbours(found: list[Sample], rows: list[dict[str, Any]]) -> None:
    """What only shows beside others: rare orders of keys, and jumps of time from line to line of the file."""
    paths = Counter((sample.group, row["paths"]) for sample, row in zip(found, rows, strict=True))
    groups = Counter(sample.group for sample in found)
    for sample, row in zip(found, rows, strict=True):
        sample.features["rare order of keys"] = paths[sample.group, row["paths"]] / groups[sample.group]
    for name, by in (("file", lambda _: 0), ("group", lambda sample: sample.group)):
        lines: dict[Any, Sample] = {}
        for sample in found:
            before = lines.get(by(sample))
            now = sample.features["time"]
            sample.features[f"jump in {name}"] = now - before.features["time"] if before else 0.0
            lines[by(sample)] = sample


def _labelled(found: list[Sample], labels: Path) -> None:
    by_url = {sample.url: sample for sample in found}
    left_out: set[str] = set()
    about_metadata: set[str] = set()
    if not labels.is_file():
        return
    for line in labels.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        named = [*label["root"], *label["changed"], *label["added"]]
        if label["honest"]:
            if not patterns()[label["code"]].metadata:
                for url in _some(label["root"], by_url):
                    by_url[url].twin = label["code"]
            continue
        if patterns()[label["code"]].metadata or label["below_tolerance"]:
            left_out.update(named)
            if patterns()[label["code"]].metadata:
                about_metadata.update(named)
            continue
        for url in named:
            if url in by_url:
                by_url[url].touched, by_url[url].pattern = True, label["code"]
        for url in _some(label["root"], by_url):
            by_url[url].fraud = True
    left_out -= {sample.url for sample in found if sample.touched} - about_metadata
    found[:] = [sample for sample in found if sample.url not in left_out]


def _some(roots: list[str], known: dict[str, Sample]) -> list[str]:
    """A few roots of an instance, drawn by chance (the first of them would come early in the year)."""
    there = [url for url in roots if url in known]
    return sorted(there, key=lambda url: hashlib.sha256(url.encode()).digest())[:_ROOTS]


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _subject(document: dict[str, Any]) -> dict[str, Any]:
    subject = document.get("credentialSubject")
    subject = subject[0] if isinstance(subject, list) and subject else subject
    return subject if isinstance(subject, dict) else {}


def _about(document: dict[str, Any]) -> str:
    """What a credential is about, as far as honest ones come in sorts: product, activity, process, register, certificate,
    and whether a passport shows an account of custody and a record yearly figures.

    The product of a passport is its model: its category is what some lie about (F14), and papers of an ore that is called a
    metal compare with those of the ore.
    """
    subject = _subject(document)
    kinds = "+".join(sorted(str(name) for name in subject.get("type", []) if isinstance(name, str)))
    activity, register = subject.get("activityType"), subject.get("registerType")
    model = subject.get("modelNumber")
    processes = subject.get("processCategory") or (None if model else subject.get("productCategory"))
    process = processes[0] if isinstance(processes, list) and processes else None
    name = str(subject.get("name", ""))
    parts = (
        register,
        activity.get("code") if isinstance(activity, dict) else None,
        process.get("code") if isinstance(process, dict) else None,
        model,
        _goods(subject),
        subject.get("idGranularity"),
        subject.get("attestationType"),
        name.partition(" of ")[0] if " of " in name and "attestationType" in subject else None,
        "custody" if "custody" in (subject.get("characteristics") or {}) else None,
        "figures" if "FacilityRecord" in kinds and subject.get("performanceClaim") else None,
    )
    return "|".join([kinds, *(str(part) for part in parts if part)])


def _goods(subject: dict[str, Any]) -> str | None:
    """The name of the first product that an event moves or makes, or that a certificate is about."""
    assessments = subject.get("conformityAssessment")
    first = assessments[0] if isinstance(assessments, list) and assessments else subject
    for place in (subject, first):
        for key in ("movedProduct", "outputProduct", "assessedProduct"):
            items = place.get(key) if isinstance(place, dict) else None
            item = items[0] if isinstance(items, list) and items else None
            product = item.get("product", item) if isinstance(item, dict) else None
            if isinstance(product, dict) and product.get("name"):
                return str(product["name"])
    return None


def _places(value: Any) -> Iterator[str]:
    """Facilities that a document is about: where goods are made, kept or moved, which a certificate assesses, of which it is the record."""
    if isinstance(value, dict):
        if "Facility" in (kinds if isinstance(kinds := value.get("type"), list) else [kinds]):
            yield str(value.get("id", ""))
        for inner in value.values():
            yield from _places(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _places(inner)


def _index(document: dict[str, Any]) -> float:
    status = document.get("credentialStatus")
    status = status[0] if isinstance(status, list) and status else status
    index = status.get("statusListIndex", -1) if isinstance(status, dict) else -1
    return float(index)


# judging


def leak(
    worlds: Iterable[tuple[list[Sample], int]], *, seed: int = 1, touched: bool = False, draws: int = _DRAWS
) -> Leak:
    """Train on other issuers, score, and say how far metadata tell fraud from honesty.

    With ``touched``, all that a fraud changed or added counts as fraud, not only what carries the lie.

    :raises ValueError: fewer than 20 fraudulent credentials that have honest ones to be compared with.
    """
    rng = np.random.default_rng(seed)
    chosen, chains = list[Sample](), 0
    for found, many in worlds:
        chosen += _matched(
            [_counted(sample, touched) for sample in found if touched or not _beside(sample)], rng
        )
        chains += many
    truth = np.array([sample.fraud for sample in chosen], dtype=np.int64)
    if truth.sum() < 20:
        raise ValueError(
            f"{truth.sum()} fraudulent credentials have honest ones to be compared with; ask for more"
        )
    names = sorted(chosen[0].features)
    values = np.array([[sample.features[name] for name in names] for sample in chosen])
    clusters = _numbered([sample.cluster for sample in chosen])
    table = np.hstack([values, _ranked(values, _numbered([sample.group for sample in chosen]))])
    scores = _scores(table, truth, clusters, seed)
    places, strata = _compared(chosen)

    def area(of: Floats, kept: NDArray[np.bool_] | None = None) -> float:
        inside = places if kept is None else places[kept[places]]
        where = strata if kept is None else strata[kept[places]]
        return _area(of[inside], truth[inside], where)

    ranked = _Ranked(scores[places], truth[places], strata)
    drawn = [ranked.area(_weights(clusters, rng)[places]) for _ in range(draws)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    codes = np.array([sample.pattern if sample.fraud else "" for sample in chosen])
    by_pattern = {
        code: (area(scores, (codes == code) | (truth == 0)), int((codes == code).sum()))
        for code in sorted(set(codes) - {""})
    }
    single = [(name, area(values[:, place])) for place, name in enumerate(names)]
    single.sort(key=lambda pair: -abs(pair[1] - 0.5))
    return Leak(
        area(scores), float(low), float(high), int(truth.sum()), int((truth == 0).sum()), int(clusters.max()) + 1,
        chains, ranked.over_pairs(np.ones(len(places))), by_pattern, single,
    )  # fmt: skip


def _beside(sample: Sample) -> bool:
    return sample.touched and not sample.fraud


def _counted(sample: Sample, touched: bool) -> Sample:
    return replace(sample, fraud=True) if touched and sample.touched else sample


def _matched(found: list[Sample], rng: np.random.Generator) -> list[Sample]:
    """Frauds, twins, and honest credentials of the same issuer, sort and place as a fraud, at most so many for each."""
    groups: dict[tuple[str, ...], tuple[list[Sample], list[Sample]]] = defaultdict(lambda: ([], []))
    for sample in found:
        groups[*sample.group, sample.cluster, *sample.places][0 if sample.fraud else 1].append(sample)
    chosen: list[Sample] = []
    for frauds, honest in groups.values():
        plain = [sample for sample in honest if not sample.twin]
        wanted = min(len(plain), _CONTROLS * len(frauds))
        chosen += frauds + [sample for sample in honest if sample.twin]
        chosen += [plain[place] for place in rng.choice(len(plain), wanted, replace=False)] if wanted else []
    return chosen


def _compared(chosen: list[Sample]) -> tuple[Ints, Ints]:
    """Who is compared with whom: places in ``chosen`` (some twice) and the stratum of each. Frauds meet the honest
    credentials of their own issuer, sort and place, and the twins of their pattern of the same kind."""
    strata: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, sample in enumerate(chosen):
        strata["issuer", *sample.group, sample.cluster, *sample.places].append(place)
        code = sample.pattern if sample.fraud else sample.twin
        if code:
            strata["twin", code, sample.group[0]].append(place)
    kept = [places for places in strata.values() if len({chosen[place].fraud for place in places}) == 2]
    return (
        np.array([place for places in kept for place in places], dtype=np.int64),
        np.array([number for number, places in enumerate(kept) for _ in places], dtype=np.int64),
    )


def _numbered(names: Sequence[Any]) -> Ints:
    places: dict[Any, int] = {}
    return np.array([places.setdefault(name, len(places)) for name in names], dtype=np.int64)


def _ranked(values: Floats, groups: Ints) -> Floats:
    """Each feature as its share of the way through its group, so that groups of different sizes of document compare."""
    ranks = np.empty_like(values)
    for group in np.unique(groups):
        inside = np.flatnonzero(groups == group)
        block = values[inside]
        below = (block[:, None, :] > block[None, :, :]).sum(axis=1) if len(inside) <= 400 else None
        if below is None:
            order = np.sort(block, axis=0)
            below = np.stack(
                [np.searchsorted(order[:, n], block[:, n]) for n in range(block.shape[1])], axis=1
            )
        ranks[inside] = below / len(inside)
    return ranks


def _scores(table: Floats, truth: Ints, clusters: Ints, seed: int) -> Floats:
    """The classifier's opinion of each credential, from training on the other issuers."""
    scores = np.zeros(len(truth))
    folds = StratifiedGroupKFold(n_splits=_FOLDS, shuffle=True, random_state=seed)
    for trained, judged in folds.split(table, truth, clusters):
        model = HistGradientBoostingClassifier(
            max_iter=120, learning_rate=0.08, max_leaf_nodes=15, l2_regularization=1.0, class_weight="balanced",
            random_state=seed,
        )  # fmt: skip
        model.fit(table[trained], truth[trained])
        raw = model.decision_function(table[judged])
        scores[judged] = np.argsort(np.argsort(raw)) / len(raw)  # folds are compared by rank
    return scores


def _area(scores: Floats, truth: Ints, groups: Ints, weights: Floats | None = None) -> float:
    """Mean over the frauds of the share of honest ones of their group that they stand above; ties count half."""
    return _Ranked(scores, truth, groups).area(np.ones(len(truth)) if weights is None else weights)


class _Ranked:
    """Scores in the order of their groups: sorted once, weighed as often as samples are drawn."""

    def __init__(self, scores: Floats, truth: Ints, groups: Ints) -> None:
        self._order = np.lexsort((scores, groups))
        scores, self._truth, groups = scores[self._order], truth[self._order], groups[self._order]
        # runs of equal score in one group share their rank
        new = np.r_[True, (np.diff(groups) != 0) | (np.diff(scores) != 0)]
        self._run = np.cumsum(new) - 1
        starts = np.r_[True, np.diff(groups[new]) != 0]
        self._first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
        """Of each run: the first run of its group."""

    def area(self, weights: Floats) -> float:
        bad, within, good = self._counted(weights)
        there = good > 0
        cases = float(bad[there].sum())
        return float((bad[there] * within[there] / good[there]).sum()) / cases if cases else float("nan")

    def over_pairs(self, weights: Floats) -> float:
        """The same over all pairs of a fraud and an honest one."""
        bad, within, good = self._counted(weights)
        pairs = float((bad * good).sum())
        return float((bad * within).sum()) / pairs if pairs else float("nan")

    def _counted(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """By run: weight of its frauds, of the honest ones below them in their group, and of all the honest ones there."""
        weights = weights[self._order]
        bad = np.bincount(self._run, weights * self._truth)
        good = np.bincount(self._run, weights * (1 - self._truth))
        before = np.cumsum(good) - good
        within = before - before[self._first] + good / 2
        return bad, within, np.bincount(self._first, good, minlength=len(good))[self._first]


def _weights(clusters: Ints, rng: np.random.Generator) -> Floats:
    """How often each credential's issuer is drawn, with replacement."""
    many = int(clusters.max()) + 1
    drawn = np.bincount(rng.integers(0, many, many), minlength=many)
    return drawn[clusters].astype(np.float64)


# a run from nothing


def worlds(
    chains: int, folder: Path, codes: list[str], count: int, corridors: int, load: int
) -> Iterator[tuple[list[Sample], int]]:
    """Deceived crossroads, one seed after the other, until there are so many chains."""
    from crossroads import as_yaml, crossroads

    from assay.simulator.dataset import write_dataset
    from assay.simulator.operations import run
    from assay.simulator.scenario import parse_scenario
    from assay.simulator.world import build_world

    told = crossroads(corridors=corridors, load=load)
    title = told["name"]
    told["deceptions"] = [
        {"pattern": code, "severity": 0.1, "count": count, "twins": count} for code in codes
    ]
    done, seed = 0, 0
    while done < chains:
        seed += 1
        told["name"] = f"{title}-{seed}"  # companies are named after it: every world has its own
        scenario = parse_scenario(as_yaml(told).encode(), "crossroads")
        world, place = build_world(scenario, seed), folder / str(seed)
        write_dataset(world, place, facts=run(world.scenario, seed), formats=("jsonl",))
        found, many = samples(place)
        done += many
        sys.stdout.write(f"seed {seed}: {len(found)} credentials, {many} chains\n")
        sys.stdout.flush()
        yield found, many


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="*", type=Path)
    parser.add_argument("--chains", type=int, default=2000)
    parser.add_argument("--count", type=int, default=3, help="instances of each pattern, and twins")
    parser.add_argument(
        "--codes", nargs="+", default=[code for code, one in patterns().items() if not one.metadata]
    )
    parser.add_argument("--corridors", type=int, default=3)
    parser.add_argument("--load", type=int, default=2)
    asked = parser.parse_args()
    if asked.datasets:
        read = [samples(folder) for folder in asked.datasets]
    else:
        with tempfile.TemporaryDirectory(prefix="leak-") as folder:
            read = list(
                worlds(asked.chains, Path(folder), asked.codes, asked.count, asked.corridors, asked.load)
            )
    result = leak(read)
    sys.stdout.write(f"what carries a lie: {result}\n")
    sys.stdout.write(f"and what a fraud changed or added besides: {leak(read, touched=True)}\n")
    return 0 if result.tight else 1


if __name__ == "__main__":
    sys.exit(main())
