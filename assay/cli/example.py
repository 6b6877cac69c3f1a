"""The smallest example that fails a requirement, and the same place in the base that passes: for ``assay explain``."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.cli.proofs import Proof
from assay.harness.forge.operations import apply
from assay.harness.results import Finding, Outcome, RequirementResult

__all__ = ["Example", "as_patch", "example", "hints_of", "smallest", "words_of"]

_ABSENT = object()
_LONGEST = 2000
"""Characters of a value shown in full; the few longer ones are cut, and say so."""


@dataclass(frozen=True, slots=True)
class Example:
    """A mutant in words: what is changed in what, what stands there in the base, and what the check says to it."""

    where: str
    fault: tuple[str, ...]
    """Lines of an RFC 6902 patch, or the named fault."""
    passing: tuple[str, ...]
    """What the base has at the places of the patch."""
    finding: Finding | None = None


_PREFERRED = ("document", "graph", "recorded", "audit", "endpoint")


def smallest(proofs: Sequence[Proof]) -> Proof:
    """The mutant that shows most with least: documents first, current versions before earlier ones, then the shortest."""

    def order(proof: Proof) -> tuple[int, bool, int]:
        told = dict(proof.definition)
        legacy = "-0." in str(told.get("base", ""))
        return _PREFERRED.index(proof.kind), legacy, len(json.dumps(told, default=str))

    return min(proofs, key=order)


def example(proof: Proof) -> Example:
    """A mutant as an example. Mutants of documents and of the graph are built and judged; endpoints are named only."""
    if proof.kind == "document":
        return _document(proof)
    if proof.kind == "graph":
        return _graph(proof)
    if proof.kind == "endpoint":
        return _endpoint(proof)
    why = f": {proof.definition['because']}" if "because" in proof.definition else ""
    told = "an exchange written down by hand" if proof.kind == "recorded" else "a world changed in one thing"
    return Example(proof.where, (told + why,), ())


def _document(proof: Proof) -> Example:
    from assay.harness.selftest import Bench

    bench, told = Bench.default(), proof.definition
    base = str(told.get("base", "dpp"))
    content = bench.material(base).value
    fault, passing = _changes(f"{base}.json", content, told.get("ops", ()))
    for part, name, value in (
        ("did", "the issuer's DID document", _did),
        ("status", "the status list", _status),
    ):
        about = told.get(part)
        if isinstance(about, Mapping) and "ops" in about:
            more, there = _changes(name, value(content), about["ops"])
            fault, passing = (*fault, *more), (*passing, *there)
        rest = (
            {key: item for key, item in about.items() if key != "ops"} if isinstance(about, Mapping) else {}
        )
        if rest:
            fault = (*fault, f"{part}: {_shown(rest)}")
    for key in sorted(told.keys() - {"requirement", "base", "ops", "did", "status", "note", "with"}):
        fault = (*fault, f"{key}: {_shown(told[key])}")
    if told.get("note"):
        fault = (*fault, f"({told['note']})")
    results = bench.judged(bench.build(told), told.get("with", ()))
    return Example(proof.where, fault, passing, _first(results, proof.requirement))


def _did(credential: Any) -> Any:
    from assay.harness.forge.ring import Ring

    issuer = credential.get("issuer") if isinstance(credential, dict) else None
    return Ring().did_value(issuer.get("id") if isinstance(issuer, dict) else None)


def _status(credential: Any) -> Any:
    from assay.harness.forge.ring import Ring

    return Ring().list_payload("revocation")


def _graph(proof: Proof) -> Example:
    from assay.harness.graph.selftest import honest_set, judge_mutant

    told = proof.definition
    values = {document.source: document.value for document in honest_set().documents}
    fault: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    for name, operations in told.get("edit", {}).items():
        more, there = _changes(f"{name} of the honest chain", values[name], operations)
        fault, passing = (*fault, *more), (*passing, *there)
    fault += tuple(f"{name} is left out of the honest chain" for name in told.get("drop", ()))
    fault += tuple(f"{name} has: {state}" for name, state in told.get("broken", {}).items())
    if told.get("note"):
        fault = (*fault, f"({told['note']})")
    return Example(proof.where, fault, passing, _first(judge_mutant(told), proof.requirement))


def _endpoint(proof: Proof) -> Example:
    from assay.simulator.sandbox.faults import FAULTS

    names = [str(name) for name in proof.definition["fault"]]
    told = tuple(f"a node that {FAULTS[name].description}" for name in names)
    command = " ".join(f"--fault {name}" for name in names)
    return Example(proof.where, (*told, f"to see it: assay sandbox up {command}"), ())


def _first(results: Iterable[RequirementResult], identifier: str) -> Finding | None:
    for result in results:
        if result.requirement.id == identifier and result.outcome is Outcome.FAILED and result.findings:
            return result.findings[0]
    return None


def _changes(
    name: str, value: Any, operations: Sequence[Sequence[Any]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Patch lines under a line that names the document, and what the document has at their places."""
    if not operations:
        return ((f"{name}, its content as it is:",), ())
    patch = as_patch(value, operations)
    places = list(dict.fromkeys(_place(value, step) for step in patch))
    passing = tuple(f"{place or '/'}: {_shown(_at(value, place))}" for place in places)
    return (f"in {name}:", *(f"  {_shown(step)}" for step in patch)), passing


def as_patch(value: Any, operations: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Operations of a mutant as an RFC 6902 patch of ``value``."""
    patch: list[dict[str, Any]] = []
    for operation in operations:
        name, pointer, *rest = operation
        if name == "set":
            there = _at(value, pointer) is not _ABSENT
            patch.append({"op": "replace" if there else "add", "path": pointer, "value": rest[0]})
        elif name == "del":
            patch.append({"op": "remove", "path": pointer})
        elif name == "app":
            patch.append({"op": "add", "path": f"{pointer}/-", "value": rest[0]})
        else:
            target = f"{pointer.rpartition('/')[0]}/{str(rest[0]).replace('~', '~0').replace('/', '~1')}"
            patch.append({"op": "move", "from": pointer, "path": target})
        value = apply(value, [operation])
    return patch


def _place(value: Any, step: Mapping[str, Any]) -> str:
    """The pointer of the base to show beside a step: where it works, or the nearest place above that exists."""
    pointer = str(step.get("from", step["path"])).removesuffix("/-")
    while pointer and _at(value, pointer) is _ABSENT:
        pointer = pointer.rpartition("/")[0]
    return pointer


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return _ABSENT
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def words_of(function: Callable[..., Any]) -> str:
    """What a check looks at: the first paragraph of its docstring, or what a family of checks gave this one to expect."""
    given = inspect.getclosurevars(function).nonlocals
    told = inspect.getdoc(function) or str(given.get("expected", ""))
    if not told and "codes" in given:
        told = f"what reading the material ran into: {', '.join(given['codes'])}"
    return " ".join(told.split("\n\n")[0].split()).replace("``", "`")


def hints_of(functions: Iterable[Callable[..., Any]]) -> Iterator[str]:
    """Hints that checks give with their findings, or what they expect where they give none.

    Read from their source; what is put together at run time is left out.
    """
    told: dict[str, list[str]] = {"hint": [], "expected": []}
    for function in functions:
        given = inspect.getclosurevars(function).nonlocals
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        for key, words in told.items():
            words += [given[key]] if isinstance(given.get(key), str) else []
            words += [
                str(node.value.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.keyword) and node.arg == key and isinstance(node.value, ast.Constant)
            ]
    yield from told["hint"] or (f"have {words}" for words in told["expected"])
