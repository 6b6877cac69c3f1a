"""What we generate agrees with what UN/CEFACT published: structure, verdicts, pointers, expansion.

No deliberate difference is needed. The nightly run sets ASSAY_MUTATIONS=5000 (`tox -e nightly`).
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pyld import jsonld

from assay.harness.credential.jsonld import ContextStore, SharedProcessor
from assay.harness.credential.limits import survey
from assay.profiles.artefacts import Artefacts
from assay.profiles.untp_0_7 import CONTEXT_URL, KINDS, context, schema
from tests.mutations import CREDENTIAL_KINDS, MUTATIONS, apply_ops, corpus, full_document, kind_of, mutant

pytestmark = pytest.mark.artefacts

ANNOTATIONS = frozenset(
    ("title", "description", "example", "readOnly", "default", "x-external-enumeration", "$id", "name")
)
NAMED_MAPS = frozenset(("properties", "$defs", "patternProperties"))


@pytest.fixture(scope="module")
def published(artefacts: Path) -> Artefacts:
    return Artefacts.from_directory(artefacts)


@pytest.fixture(scope="module")
def documents(artefacts: Path, requirements_folder: Path) -> list[tuple[str, str, Any]]:
    ours = [(f"full-{kind}", kind, full_document(kind)) for kind in CREDENTIAL_KINDS]
    return corpus(artefacts, requirements_folder) + ours


@pytest.fixture(scope="module")
def rows(requirements_folder: Path) -> list[tuple[str, str, Any]]:
    """Every executable requirement row, applied to its base: (id, kind, document)."""
    bases = {
        file.stem: json.loads(file.read_text(encoding="utf-8"))
        for file in (requirements_folder / "bases").glob("*.json")
    }
    table = json.loads((requirements_folder / "untp-0.7.json").read_text(encoding="utf-8"))["requirements"]
    found = []
    for row in table:
        if row.get("ops"):
            kind = "Linkset" if row["base"] == "linkset" else kind_of(bases[row["base"]])
            if kind is not None:
                found.append((row["id"], kind, apply_ops(bases[row["base"]], row["ops"])))
    return found


def without_annotations(value: Any, names: bool = False) -> Any:
    """A schema in normal form; ``names`` says that the keys are names of properties, not keywords."""
    if isinstance(value, list):
        return [without_annotations(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        key: without_annotations(member, key in NAMED_MAPS and not names)
        for key, member in value.items()
        if names or key not in ANNOTATIONS
    }
    if not names:
        for unordered in ("required", "enum"):
            if isinstance(kept.get(unordered), list):
                kept[unordered] = sorted(kept[unordered])
        if isinstance(kept.get("contains"), dict):
            kept["contains"].pop("minContains", None)  # stands inside the subschema, where it means nothing
    return kept


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_equal_the_published_ones_without_annotations(kind: str, published: Artefacts) -> None:
    assert without_annotations(schema(kind)) == without_annotations(published.schema(kind))


def normal_context(definitions: dict[str, Any], prefixes: dict[str, str], protected: bool = False) -> Any:
    """A context with IRIs written out and the protection of every term spelled out."""

    def full(value: Any) -> Any:
        head, colon, tail = value.partition(":") if isinstance(value, str) else ("", "", "")
        return prefixes[head] + tail if colon and head in prefixes and not tail.startswith("//") else value

    inherited = definitions.get("@protected", False)
    normal: dict[str, Any] = {
        key: v for key, v in definitions.items() if key[0] == "@" and key != "@protected"
    }
    for term, definition in definitions.items():
        if term.startswith("@"):
            continue
        parts = {"@id": definition} if isinstance(definition, str) else dict(definition)
        parts = {key: full(v) if key in ("@id", "@type") else v for key, v in parts.items()}
        parts["@protected"] = bool(parts.get("@protected", inherited))
        parts["simple"] = isinstance(definition, str)
        if "@context" in parts:
            parts["@context"] = normal_context(parts["@context"], prefixes)
        normal[term] = parts
    return normal


def test_the_context_equals_the_published_one_in_normal_form(published: Artefacts) -> None:
    theirs = dict(published.contexts()[CONTEXT_URL]["@context"])
    prefixes = {t: v for t, v in theirs.items() if isinstance(v, str) and v.startswith("http")}
    assert normal_context(context()["@context"], prefixes) == normal_context(theirs, prefixes)


@functools.cache
def validator(source: str, kind: str, formats: bool, folder: Path | None = None) -> Any:
    document = schema(kind) if folder is None else Artefacts.from_directory(folder).schema(kind)
    make = jsonschema_rs.Draft7Validator if kind == "Linkset" else jsonschema_rs.Draft202012Validator
    return make(document, validate_formats=formats, offline=True)


def verdict(judge: Any, document: Any) -> list[tuple[tuple[str, ...], str]]:
    """Failing pointers with keywords, multiplicity included."""
    return sorted((tuple(map(str, e.instance_path)), e.kind.name) for e in judge.iter_errors(document))


def assert_same_verdict(name: str, kind: str, document: Any, folder: Path) -> bool:
    for formats in (False, True):
        ours = verdict(validator("ours", kind, formats), document)
        theirs = verdict(validator("theirs", kind, formats, folder), document)
        assert ours == theirs, name
    return bool(ours)


def test_samples_get_the_published_verdict_and_are_valid(
    artefacts: Path, documents: list[tuple[str, str, Any]]
) -> None:
    for name, kind, document in documents:
        assert not assert_same_verdict(name, kind, document, artefacts), name
    assert len(documents) >= 30


def test_executable_rows_get_the_published_verdict(artefacts: Path, rows: list[tuple[str, str, Any]]) -> None:
    failing = [assert_same_verdict(name, kind, document, artefacts) for name, kind, document in rows]
    assert len(rows) >= 170
    assert sum(failing) >= 60


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_mutants_get_the_published_verdict(
    kind: str, artefacts: Path, documents: list[tuple[str, str, Any]]
) -> None:
    sources = [document for _, its_kind, document in documents if its_kind == kind]
    failing = 0
    for i in range(MUTATIONS):
        document = mutant(random.Random(f"schema/{kind}/{i}"), sources[i % len(sources)])
        failing += assert_same_verdict(f"{kind}/{i}", kind, document, artefacts)
    assert failing >= MUTATIONS // 3


def test_linkset_mutants_get_the_published_verdict(artefacts: Path, requirements_folder: Path) -> None:
    base = json.loads((requirements_folder / "bases/linkset.json").read_text(encoding="utf-8"))
    failing = 0
    for i in range(MUTATIONS):
        document = mutant(random.Random(f"linkset/{i}"), base)
        failing += assert_same_verdict(f"linkset/{i}", "Linkset", document, artefacts)
    assert failing >= MUTATIONS // 5


class Expander:
    """pyld over one set of contexts."""

    def __init__(self, store: ContextStore) -> None:
        self.processor = SharedProcessor(store)

    def __call__(self, document: Any) -> tuple[str, Any]:
        inline = bool(survey(document).inline)
        self.processor.steps = 0
        try:
            expanded = self.processor.expand(document, self.processor.options(inline=inline))
        except jsonld.JsonLdError as problem:
            return "error", problem.code
        except ValueError as problem:  # an IRI that pyld cannot resolve
            return "crash", str(problem)
        return "expanded", json.dumps(expanded, sort_keys=True)


@pytest.fixture(scope="module")
def expanders(published: Artefacts) -> Iterator[tuple[Expander, Expander]]:
    yield Expander(ContextStore()), Expander(ContextStore(published.contexts()))


def test_samples_expand_to_the_same_under_both_contexts(
    documents: list[tuple[str, str, Any]], expanders: tuple[Expander, Expander]
) -> None:
    ours, theirs = expanders
    for name, _, document in documents:
        expanded = ours(document)
        assert expanded[0] == "expanded", name
        assert expanded == theirs(document), name


def test_mutants_expand_or_fail_alike_under_both_contexts(
    documents: list[tuple[str, str, Any]], expanders: tuple[Expander, Expander]
) -> None:
    ours, theirs = expanders
    for i in range(MUTATIONS // 2):
        name, _, document = documents[i % len(documents)]
        damaged = mutant(random.Random(f"expand/{i}"), document)
        assert ours(damaged) == theirs(damaged), (name, i)
