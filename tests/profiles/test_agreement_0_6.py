"""What we generate for UNTP 0.6.0 and 0.6.1 agrees with what UN/CEFACT published: structure, verdicts, pointers, expansion.

No deliberate difference is needed. The nightly run sets ASSAY_MUTATIONS=5000 (`tox -e nightly`).
"""

from __future__ import annotations

import functools
import json
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from assay.harness.credential.jsonld import ContextStore
from assay.profiles.artefacts import Artefacts
from assay.profiles.untp_0_6 import CONTEXT_URLS, KINDS, TABLES, VERSIONS, certificate, context, schema
from tests.mutations import MUTATIONS, full_document, mutant
from tests.profiles.test_agreement import Expander, without_annotations

pytestmark = pytest.mark.artefacts

DOCUMENT_KINDS = [(kind, version) for version in VERSIONS for kind in KINDS[version]]
FULL_DOCUMENTS = 8


def samples(artefacts: Path) -> list[tuple[str, str, str, Any]]:
    """Published samples: (name, kind, version, document)."""
    found = []
    for path in sorted((artefacts / "untp/0.6.x/samples").rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        kind = next(name for name in document["type"] if name in KINDS["0.6.1"])
        version = next(v for v in VERSIONS if CONTEXT_URLS[v][kind] in document["@context"])
        found.append((path.stem, kind, version, document))
    return found


def sources(artefacts: Path, kind: str, version: str) -> list[Any]:
    """Documents of a kind to damage: the published samples, and full ones of our own with and without labels."""
    published = [d for _, k, v, d in samples(artefacts) if (k, v) == (kind, version)]
    own = [
        full_document(kind, seed, TABLES[version], labels=bool(seed % 2), lossless=seed % 4 < 2)
        for seed in range(FULL_DOCUMENTS)
    ]
    return published * 2 + own


@functools.cache
def validator(artefacts: Path | None, kind: str, version: str, formats: bool) -> Any:
    document = schema(kind, version) if artefacts is None else published_schema(artefacts, kind, version)
    return jsonschema_rs.Draft202012Validator(document, validate_formats=formats, offline=True)


@functools.cache
def _mirror(artefacts: Path) -> Artefacts:
    return Artefacts.from_directory(artefacts)


def published_schema(artefacts: Path, kind: str, version: str) -> dict[str, Any]:
    return _mirror(artefacts).schema(kind, version)


def published_context(artefacts: Path, kind: str, version: str) -> dict[str, Any]:
    return dict(_mirror(artefacts).contexts()[CONTEXT_URLS[version][kind]])


def verdict(judge: Any, document: Any) -> list[tuple[tuple[str, ...], str]]:
    """Failing pointers with keywords, multiplicity included."""
    return sorted((tuple(map(str, e.instance_path)), e.kind.name) for e in judge.iter_errors(document))


def assert_same_verdict(name: str, kind: str, version: str, document: Any, artefacts: Path) -> bool:
    for formats in (False, True):
        ours = verdict(validator(None, kind, version, formats), document)
        theirs = verdict(validator(artefacts, kind, version, formats), document)
        assert ours == theirs, name
    return bool(ours)


@pytest.mark.parametrize(("kind", "version"), DOCUMENT_KINDS)
def test_schemas_equal_the_published_ones_without_annotations(
    kind: str, version: str, artefacts: Path
) -> None:
    published = published_schema(artefacts, kind, version)
    assert without_annotations(schema(kind, version)) == without_annotations(published)


@pytest.mark.parametrize(("kind", "version"), DOCUMENT_KINDS)
def test_contexts_equal_the_published_ones_term_by_term(kind: str, version: str, artefacts: Path) -> None:
    assert context(kind, version) == published_context(artefacts, kind, version)


def test_every_kind_and_version_has_a_published_sample_that_judges_alike(artefacts: Path) -> None:
    seen = set()
    for name, kind, version, document in samples(artefacts):
        assert_same_verdict(name, kind, version, document, artefacts)
        seen.add((kind, version))
    assert seen == set(DOCUMENT_KINDS)


@pytest.mark.parametrize(("kind", "version"), DOCUMENT_KINDS)
def test_full_documents_of_our_own_are_valid_and_those_without_losses_certified(
    kind: str, version: str, artefacts: Path
) -> None:
    own = jsonschema_rs.Draft202012Validator(certificate(kind, version), validate_formats=True, offline=True)
    for seed in range(FULL_DOCUMENTS):
        labelled = full_document(kind, seed, TABLES[version], labels=True)
        assert not assert_same_verdict(f"{kind}/{seed}", kind, version, labelled, artefacts)
        lossless = full_document(kind, seed, TABLES[version], lossless=True)
        assert own.is_valid(lossless), next(own.iter_errors(lossless))


@pytest.mark.parametrize(("kind", "version"), DOCUMENT_KINDS)
def test_mutants_get_the_published_verdict(kind: str, version: str, artefacts: Path) -> None:
    documents = sources(artefacts, kind, version)
    failing = 0
    for i in range(MUTATIONS):
        document = mutant(random.Random(f"schema/{version}/{kind}/{i}"), documents[i % len(documents)])
        failing += assert_same_verdict(f"{kind}/{i}", kind, version, document, artefacts)
    assert failing >= MUTATIONS // 4


@pytest.mark.parametrize(("kind", "version"), DOCUMENT_KINDS)
def test_documents_and_mutants_expand_or_fail_alike_under_both_contexts(
    kind: str, version: str, artefacts: Path
) -> None:
    url = CONTEXT_URLS[version][kind]
    ours = Expander(ContextStore({url: context(kind, version)}))
    theirs = Expander(ContextStore({url: published_context(artefacts, kind, version)}))
    documents = sources(artefacts, kind, version)
    for document in documents:
        assert ours(document) == theirs(document)
    for i in range(MUTATIONS // 10):
        damaged = mutant(random.Random(f"expand/{version}/{kind}/{i}"), documents[i % len(documents)])
        assert ours(damaged) == theirs(damaged), i
