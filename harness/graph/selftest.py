"""The self-test of the graph rules: an honest chain fails none of them, and each has a mutant that fails it alone.

The honest chain and its mutants stand in ``fixtures/graph``. A mutant is a set of documents with something edited,
left out, or found revoked; it makes its rule fail, and besides it only what the catalogue declares (``implies``,
``same_as``) or the mutant itself names under ``also``.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assay.harness.forge.operations import OperationError, apply
from assay.harness.graph.judge import judge_graph
from assay.harness.graph.load import read_set
from assay.harness.graph.rows import columns
from assay.harness.graph.rules import rule, views
from assay.harness.material import (
    Credential,
    CredentialSet,
    Document,
    Envelope,
    Kind,
    Scheme,
    Signature,
    SignatureState,
    StatusEntry,
)
from assay.harness.results import Outcome, RequirementResult
from assay.profiles.catalogue import CheckKind, Requirement, load_profiles, profile_names

__all__ = [
    "changed_chain",
    "graph_requirements",
    "graph_selftest",
    "honest_chain",
    "honest_set",
    "judge_mutant",
    "mutant_set",
    "mutants",
]

_FOLDER = files("assay.fixtures") / "graph"
_DIGEST = re.compile(r"\{digest of ([\w-]+)\}")
_NAME = re.compile(r"\w+")
_PURPOSES = {"revoked": "revocation", "suspended": "suspension"}


@cache
def graph_requirements() -> Mapping[str, Requirement]:
    """All rows that graph rules decide, over all profiles."""
    rows = load_profiles(tuple(profile_names()))
    return {name: row for name, row in rows.items() if row.check is CheckKind.GRAPH}


def honest_chain() -> dict[str, Any]:
    """The fixture: documents by name, their date and the trust anchors."""
    content: dict[str, Any] = json.loads((_FOLDER / "honest.json").read_text(encoding="utf-8"))
    return content


def mutants() -> list[dict[str, Any]]:
    """The mutants as written."""
    found: list[dict[str, Any]] = yaml.safe_load((_FOLDER / "mutants.yaml").read_text(encoding="utf-8"))
    return found


def honest_set() -> CredentialSet:
    """The honest chain."""
    return mutant_set({})


def mutant_set(mutant: Mapping[str, Any]) -> CredentialSet:
    """The honest chain with a mutant's changes.

    :raises OperationError: a mutant that names an unknown document, or an operation that does not fit.
    """
    content, broken = honest_chain(), mutant.get("broken", {})
    values = changed_chain(content, mutant)
    texts = {name: json.dumps(value) for name, value in values.items()}
    whole = texts | {name: json.dumps(content["documents"][name]) for name in mutant.get("drop", ())}
    documents = tuple(
        _document(name, _with_digests(text, whole), broken.get(name)) for name, text in texts.items()
    )
    return CredentialSet(
        documents, datetime.fromisoformat(content["as_of"]), frozenset(content["trust_anchors"])
    )


def changed_chain(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Documents by name after ``copy``, ``edit``, ``drop`` and ``only``.

    :raises OperationError: as :func:`mutant_set`.
    """
    values = dict(content["documents"])
    copies = changes.get("copy", {})
    dropped, edits = set(changes.get("drop", ())), changes.get("edit", {})
    kept = set(changes.get("only", values)) | copies.keys()
    named = dropped | set(changes.get("broken", {})) | set(changes.get("unsigned", ())) | set(edits) | kept
    unknown = (named - copies.keys() | set(copies.values())) - values.keys()
    if unknown:
        raise OperationError(f"the honest chain has no document named {sorted(unknown)}")
    values |= {new: values[old] for new, old in copies.items()}
    values |= {name: apply(values[name], operations) for name, operations in edits.items()}
    return {name: value for name, value in values.items() if name in kept and name not in dropped}


def _with_digests(text: str, texts: Mapping[str, str]) -> str:
    return _DIGEST.sub(lambda match: _digest(texts[match.group(1)].encode()), text)


def _digest(data: bytes) -> str:
    """``digestMultibase`` of some bytes: SHA-256 as a multihash, in base64url."""
    return "u" + urlsafe_b64encode(b"\x12\x20" + hashlib.sha256(data).digest()).decode().rstrip("=")


def _document(name: str, text: str, broken: str | None) -> Document:
    """A document of the chain as if it had come in a token, whose proof and status were already looked at."""
    raw, value = text.encode(), json.loads(text)
    kind = next((kind for kind in Kind if kind.value in value.get("type", ())), Kind.UNKNOWN)
    if kind is Kind.SCHEME:
        return Scheme(source=name, raw=raw, value=value, kind=kind, untp="0.7.0")
    credential = Credential(source=name, raw=raw, value=value, kind=kind, untp="0.7.0")
    credential.envelope = Envelope({"alg": "ES256"}, raw, b"", b"")
    if broken == "signature":
        credential.signature = Signature(SignatureState.INVALID, "bad-signature")
    elif broken is not None:
        entry = StatusEntry(("credentialStatus",), _PURPOSES[broken], 1, "https://status.example/1", bit=True)
        credential.status = (entry,)
    return credential


def judge_mutant(mutant: Mapping[str, Any]) -> list[RequirementResult]:
    """Results on a mutant of the rules that read a table in which it differs from the honest chain.

    A rule sees nothing but its tables, so all others judge the mutant exactly as they judge the honest chain.

    :raises OperationError: as :func:`mutant_set`.
    """
    credentials = mutant_set(mutant)
    mutated, honest = read_set(credentials).tables, _honest_tables()
    differing = {name for name, found in mutated.items() if found != honest[name]}
    return judge_graph(credentials, [row for row in graph_requirements().values() if _reads(row) & differing])


@cache
def _honest_tables() -> dict[str, list[dict[str, Any]]]:
    return read_set(honest_set()).tables


def _reads(requirement: Requirement) -> set[str]:
    """Tables that a requirement's rules read, directly or through views."""
    waiting = [rule(requirement.profile, file).sql for file in requirement.rules]
    found: set[str] = set()
    while waiting:
        words = set(_NAME.findall(waiting.pop()))
        waiting += [views()[name] for name in words & views().keys() - found]
        found |= words & (views().keys() | columns().keys())
    return found


def graph_selftest(
    documents: Sequence[CredentialSet] = (), *, only: Sequence[str] | None = None
) -> list[str]:
    """What is wrong with the graph rules, in words; an empty list when nothing is.

    ``documents`` are further honest sets (a simulated world, say) that must fail no rule. ``only`` leaves out the
    mutants of other rules, and the demand that every rule has one.
    """
    requirements = graph_requirements()
    problems = [
        f"{name}: {problem}"
        for name, honest in (
            ("honest chain", honest_set()),
            *((f"set {n}", s) for n, s in enumerate(documents, 1)),
        )
        for problem in _not_clean(judge_graph(honest, requirements), complete=name == "honest chain")
    ]
    proven: set[str] = set()
    for number, mutant in enumerate(mutants(), 1):
        where = f"fixtures/graph/mutants.yaml, entry {number} ({mutant['requirement']})"
        if only is not None and mutant["requirement"] not in only:
            continue
        try:
            results = judge_mutant(mutant)
        except OperationError as error:
            problems.append(f"{where}: {error}")
            continue
        failed = {result.requirement.id for result in results if result.outcome is Outcome.FAILED}
        if mutant["requirement"] in failed:
            proven.add(mutant["requirement"])
        else:
            problems.append(f"{where}: its rule does not fail")
        others = failed - _allowed(requirements, mutant)
        if others:
            problems.append(f"{where}: {', '.join(sorted(others))} fail too, undeclared")
    needed = requirements.keys() if only is None else set(only)
    problems += [f"{row}: no mutant makes it fail" for row in sorted(needed - proven)]
    return problems


def _not_clean(results: Iterable[RequirementResult], *, complete: bool) -> list[str]:
    found = []
    for result in results:
        if result.outcome is Outcome.FAILED:
            first = result.findings[0]
            found.append(
                f"{result.requirement.id} fails at {first.at.source}{first.at.pointer}: {first.received}"
            )
        elif complete and result.outcome is not Outcome.PASSED:
            found.append(f"{result.requirement.id} is {result.outcome.value}: {result.note}")
    return found


def _allowed(requirements: Mapping[str, Requirement], mutant: Mapping[str, Any]) -> set[str]:
    allowed: set[str] = set()
    waiting = [mutant["requirement"], *mutant.get("also", ())]
    while waiting:
        name = waiting.pop()
        if name not in allowed:
            allowed.add(name)
            if name in requirements:
                waiting += [*requirements[name].implies, *requirements[name].same_as]
    return allowed
