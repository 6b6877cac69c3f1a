"""``assay corpus export``: signed test vectors with expected verdicts, as a folder that a verifier's vendor can keep."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from assay import __version__
from assay.cli.corpus_readme import readme
from assay.cli.errors import UsageError
from assay.cli.example import as_patch
from assay.cli.start import imports_done
from assay.harness.corpus import Corpus, Expectation, Vector, build, expectation
from assay.harness.engine import Engine, Settings, format_instant
from assay.harness.events import Progress
from assay.harness.forge.ring import Ring
from assay.harness.material import Credential
from assay.harness.resolver_map import Answer
from assay.harness.results import RequirementResult
from assay.harness.selftest import AS_OF, Bench
from assay.profiles.catalogue import CheckKind, Requirement
from assay.reports.console import ProgressLine

__all__ = ["entry", "export_corpus", "files_of", "run_export", "shared_files"]

_MARK = ".assay-corpus"
"""Lies in a folder that is being filled, so that what an interrupted run left behind is known as ours."""
_LONGEST = 120
"""Characters of a value in a title."""


def run_export(folder: Path) -> int:
    """Write the corpus and say what is in it.

    :raises UsageError: a folder that is not empty or cannot be written; then nothing is written.
    """
    imports_done()
    manifest = export_corpus(folder)
    told = manifest["counts"]
    sys.stdout.write(
        f"{folder}: {told['vectors']} vectors ({told['valid']} without fault) for {told['rows']} rows; "
        f"read {folder / 'README.md'}\n"
    )
    return 0


def export_corpus(folder: Path, only: Collection[str] | None = None) -> dict[str, Any]:
    """Write the corpus, whole or not at all, and return its manifest; ``only`` names the vectors to
    write besides those without fault.

    :raises UsageError: a folder that is not empty or cannot be written.
    """
    target = folder.absolute()
    if target.exists():
        target = target.resolve()
        if not target.is_dir() or any(target.iterdir()):
            raise UsageError(f"'{folder}' is not an empty folder; name another one")
    partial = target.with_name(target.name + ".partial")
    if partial.exists() and not (partial / _MARK).is_file():
        raise UsageError(f"'{partial}' is in the way and none of ours; move it")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / _MARK).write_bytes(b"")
        manifest = _fill(partial, only)
        (partial / _MARK).unlink()
        partial.replace(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise UsageError(f"'{folder}' cannot be written: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def _fill(folder: Path, only: Collection[str] | None) -> dict[str, Any]:
    bench = Bench.default()
    corpus = build(bench, only)
    show, entries = ProgressLine(), []
    for name, content in shared_files(corpus):
        _write(folder / name, content)
    for number, vector in enumerate(corpus.vectors, 1):
        said = expectation(vector, corpus, bench)
        for name, content in files_of(vector):
            _write(folder / name, content)
        entries.append(entry(vector, corpus, said))
        show(Progress("vectors", number, len(corpus.vectors), vector.name))
    manifest = _manifest(entries, corpus, bench)
    _write(folder / "manifest.json", _json(manifest))
    _write(folder / "README.md", readme(manifest).encode())
    return manifest


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


# -- files -------------------------------------------------------------------------------------------------------------


def shared_files(corpus: Corpus) -> Iterator[tuple[str, bytes]]:
    """The key, the bases and what addresses answer to everybody: name in the folder, bytes."""
    ring = Ring()
    yield "keys/issuer.jwk.json", _json({**ring.key.public_jwk, "alg": ring.key.alg, "use": "sig"})
    for vector in corpus.vectors:
        if not vector.row:
            yield f"bases/{vector.base}.json", _json(vector.built.base)
    yield from _answered("resources", "resolver.json", "", corpus.answers)


def files_of(vector: Vector) -> Iterator[tuple[str, bytes]]:
    """The files of one vector: the thing itself, its payload, and what addresses answer for it alone."""
    yield vector.file, vector.raw
    payload = _payload(vector)
    if payload is not None:
        yield f"vectors/{vector.name}.json", payload
    if vector.own:
        number = vector.name.rpartition("/")[2]
        yield from _answered(
            f"vectors/{vector.name}.resources",
            f"vectors/{vector.name}.resolver.json",
            f"{number}.resources",
            vector.own,
        )


def _payload(vector: Vector) -> bytes | None:
    """What was signed, where the fault is in it and not in the token around it."""
    document = vector.built.document
    if vector.suffix != ".jwt" or "forge" in vector.definition or not isinstance(document, Credential):
        return None
    return document.envelope.payload if document.envelope is not None else None


def _answered(
    folder: str, map_name: str, relative: str, answers: Mapping[str, Answer]
) -> Iterator[tuple[str, bytes]]:
    """Files for bodies, laid out as a web server would have them, and the map that leads to them."""
    table: dict[str, dict[str, Any]] = {}
    for url, (status, media_type, body) in answers.items():
        if status != 200:
            table[url] = {"status": status}
            continue
        place = _place(url)
        table[url] = {"file": f"{relative or folder}/{place}", "media_type": media_type}
        yield f"{folder}/{place}", body
    yield map_name, _json(table)


def _place(url: str) -> str:
    parts = urlsplit(url)
    return quote(f"{parts.netloc}{parts.path}", safe="/.-_~")


# -- the manifest ------------------------------------------------------------------------------------------------------


def entry(vector: Vector, corpus: Corpus, said: Expectation) -> dict[str, Any]:
    """What the manifest says of one vector."""
    files = [vector.file, *(corpus.named(f"valid/{name}").file for name in vector.company)]
    maps = ["resolver.json", *([f"vectors/{vector.name}.resolver.json"] if vector.own else ())]
    patch = as_patch(vector.built.base, vector.built.operations)
    changes = _changes(vector)
    profiles = "".join(f" --profile {name}" for name in vector.profiles)
    found: dict[str, Any] = {
        "id": vector.name,
        "file": vector.file,
        "sha256": hashlib.sha256(vector.raw).hexdigest(),
        "media_type": _media_type(vector),
        "kind": vector.built.document.kind.value,
        "untp": vector.built.document.untp,
        "title": _title(vector, patch, changes),
        "breaks": vector.row or None,
        "base": f"bases/{vector.base}.json",
        "patch": patch,
        "forged": vector.definition.get("forge"),
        "around": changes,
        "payload": f"vectors/{vector.name}.json" if _payload(vector) is not None else None,
        "together_with": files[1:],
        "resolver": maps,
        "as_of": format_instant(vector.as_of),
        "expected": {
            "verification": said.verification,
            "because": said.because,
            "verdict": said.verdict.value,
            "rows": [_row(result, said) for result in said.results if result.basis is None],
            "contradictions": [_row(result, said) for result in said.results if result.basis is not None],
            "undecided": list(said.undecided),
        },
        "command": f"assay validate --offline --at {format_instant(vector.as_of)}"
        + "".join(f" --resolver {name}" for name in maps)
        + profiles
        + "".join(f" {name}" for name in files),
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


def _media_type(vector: Vector) -> str:
    if vector.suffix == ".jwt":
        return "application/vc+jwt"
    kind = vector.built.document.kind.value
    return {"Linkset": "application/linkset+json", "DidDocument": "application/did+json"}.get(
        kind, "application/json"
    )


def _row(result: RequirementResult, said: Expectation) -> dict[str, Any]:
    row = result.requirement
    told: dict[str, Any] = {
        "requirement": row.id,
        "profile": row.profile,
        "level": _level(row),
        "outcome": result.outcome.value,
        "about": [said.sources[index] for index in result.subjects]
        or sorted({finding.at.source for finding in result.findings}),
    }
    return {**told, "basis": result.basis} if result.basis is not None else told


def _level(row: Requirement) -> str:
    return f"{row.level.value} NOT" if row.negated else row.level.value


def _changes(vector: Vector) -> list[dict[str, Any]]:
    """What differs around the document: the issuer's DID document, or the status list."""
    found = []
    ring = Ring()
    for key in ("did", "status"):
        about = vector.definition.get(key, {})
        rest = {name: value for name, value in about.items() if name not in ("ops", "subject", "issuer")}
        if not rest and "ops" not in about:
            continue
        if key == "did":
            issuer = str(vector.built.base["issuer"]["id"])
            url, value = next(iter(vector.own), ""), ring.did_value(issuer)
        else:
            purpose = str(about.get("purpose", "revocation"))
            url, value = ring.list_url(purpose), ring.list_payload(purpose)
            rest.pop("purpose", None)
        change: dict[str, Any] = {"url": url, "patch": as_patch(value, about.get("ops", ()))}
        if "forge" in rest:
            change["forged"] = rest.pop("forge")
        if "bits" in rest:
            change["bits"] = rest.pop("bits") * 8
        if "unavailable" in rest:
            change["answer"] = rest.pop("unavailable")
        found.append({name: value for name, value in change.items() if value != []})
    return found


def _title(vector: Vector, patch: list[dict[str, Any]], changes: list[dict[str, Any]]) -> str:
    if not vector.row:
        return f"{vector.base}: without fault"
    told = [_step(step) for step in patch]
    if "forge" in vector.definition:
        told.append(f"token: {vector.definition['forge']}")
    if vector.definition.get("unsigned"):
        told.append("not signed")
    for change in changes:
        told += [f"{change['url']}: {_step(step)}" for step in change.get("patch", ())]
        told += [
            f"{change['url']}: {key} {change[key]}" for key in ("forged", "bits", "answer") if key in change
        ]
    told = told or [f"judged at {format_instant(vector.as_of)}"]
    note = vector.definition.get("note")
    return "; ".join(told) + (f" ({note})" if note else "")


def _step(step: Mapping[str, Any]) -> str:
    if step["op"] == "remove":
        return f"no {step['path']}"
    if step["op"] == "move":
        return f"{step['from']} becomes {step['path']}"
    text = json.dumps(step["value"], ensure_ascii=False)
    return f"{step['path']} is {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"


def _manifest(entries: list[dict[str, Any]], corpus: Corpus, bench: Bench) -> dict[str, Any]:
    by_row: dict[str, list[str]] = {}
    for one in entries:
        for told in (*one["expected"].get("rows", ()), *one["expected"].get("contradictions", ())):
            own = told["requirement"] in (one.get("breaks"), *_same(bench, one.get("breaks")))
            if own:
                by_row.setdefault(told["requirement"], []).append(one["id"])
    ring = Ring()
    profiles = Engine(Settings(AS_OF))
    named = {told["requirement"] for one in entries for told in one["expected"]["rows"]} | by_row.keys()
    return {
        "assay": __version__,
        "format": 1,
        "counts": {
            "vectors": len(entries),
            "valid": sum(1 for one in entries if "breaks" not in one),
            "rows": len(by_row),
        },
        "keys": {
            "seed": ring.seed,
            "algorithm": ring.key.alg,
            "file": "keys/issuer.jwk.json",
            "thumbprint": ring.key.thumbprint,
        },
        "default_profiles": sorted({row.profile for row in profiles.requirements.values()}),
        "rows": {row: by_row[row] for row in sorted(by_row)},
        "not_represented": _elsewhere(corpus, bench),
        "requirements": {
            name: _about(bench.requirements[name]) for name in sorted(named) if name in bench.requirements
        },
        "vectors": entries,
    }


def _same(bench: Bench, identifier: str | None) -> tuple[str, ...]:
    return bench.requirements[identifier].same_as if identifier else ()


def _about(row: Requirement) -> dict[str, Any]:
    return {
        "profile": row.profile,
        "level": _level(row),
        "status": row.status.value,
        "rule": row.rule,
        "source": row.source,
    }


_DECIDED = {
    CheckKind.CODE: "decided by exchanges with an endpoint, not from a file: assay run",
    CheckKind.GRAPH: "decided from a whole chain of credentials: assay validate on all of them",
    CheckKind.AUDIT: "decided from a whole world: assay world check",
}


def _elsewhere(corpus: Corpus, bench: Bench) -> dict[str, str]:
    """Every row that is checked and has no vector of its own, with the reason."""
    needed = bench.needing_proof()
    found = dict(corpus.left_out)
    for row in bench.requirements.values():
        if row.check is CheckKind.SAME:
            found[row.id] = f"the same rule as {row.same_as[0]}; see there"
        elif row.check is not None and row.id not in needed:
            found[row.id] = _DECIDED[row.check]
    return dict(sorted(found.items()))
