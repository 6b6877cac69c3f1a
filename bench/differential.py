"""Where do our verdicts on passports and those of ``dppvalidator`` differ, and is every difference a documented one?

    python bench/differential.py [--samples DIR] [--peer-python PYTHON] [--cases FILE] [--write]

Both judge every passport of the corpus (the bases without fault, and each of their mutants) and, with ``--samples``, every
passport below a folder. Of the peer only what works offline is asked: JSON Schema, model and rules, as its default engine
runs them; its payload is taken out of the token for it. Every difference is put into a class; classes, with who is right and
why, stand in ``docs/differences-from-dppvalidator.md``. Exit 1 if a difference has no class, or its class is not on that
page; ``--write`` brings the numbers on the page up to date, ``--cases`` writes one line of JSON per document.

The peer comes with ``pip install 'untp-assay[bench]'`` or stands in another environment, named by ``--peer-python``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

__all__ = ["CLASSES", "OURS_ONLY", "THEIRS_ONLY", "Case", "class_of_ours", "class_of_theirs", "differences"]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "differences-from-dppvalidator.md"
BEGIN, END = "<!-- numbers: begin -->", "<!-- numbers: end -->"
BASES = ("dpp", "dpp-0.6", "dpp_variant")

OURS_ONLY: Mapping[str, str] = {
    "token": r"VCP-0(1[89]|2\d|3[0-4])|IN-0(0[1-5]|13)|ENV-\d+|DID-014|WAL-003",
    "bytes": r"IN-0(0[6-9]|1[01])",
    "did": r"DID-\d+|WAL-005",
    "issuer-name": r"VCP-010",
    "status": r"STS-\d+|LEG-009|IN-01[67]",
    "time": r"IN-018|VCP-014",
    "linked-data": r"JLD-0(0[1-9]|1\d)|VCP-00[2-4]|LEG-002|WAL-001",
    "identifiers": r"JLD-020|IDR-\d+|DPP-003|VCP-006|VCP-017|EXT-004",
    "code-lists": r"DPP-0(17|23)|SCH-\d+",
    "legacy-numbers": r"DPP-009",
    "digests": r"IN-015",
}
"""Our deciding rows that a passport fails and the peer lets pass: the first class with a failing row takes the document."""

THEIRS_ONLY: Mapping[str, tuple[str, str]] = {
    "hazardous-substances": (r"CQ004", r"\$\.credentialSubject\."),
    "status-index-0.6": (r"MDL\d+", r"\$\.credentialStatus\.(CredentialStatus\.statusListIndex|list\[)"),
    "status-entry-0.7": (r"SCH002|MDL\d+", r"\$\.credentialStatus(\.|$)"),
}
"""Errors (code and place) that the peer gives where we have no deciding row."""

CLASSES = (*OURS_ONLY, *THEIRS_ONLY, "advice", "crash")


@dataclass(frozen=True, slots=True)
class Case:
    """One passport: what decides against it here, what is advised, and what the peer says (errors as code, place, words)."""

    name: str
    untp: str | None
    deciding: tuple[str, ...]
    advice: tuple[str, ...]
    by_schema: tuple[str, ...]
    """Rows with two verdicts that the passport fails by the published schema."""
    valid: bool | None = None
    """The verdict of the peer; None where it crashed."""
    errors: tuple[tuple[str, str, str], ...] = field(default=())


def class_of_ours(rows: Iterable[str]) -> str | None:
    """The class of a passport that fails deciding rows and that the peer lets pass."""
    failing = tuple(rows)
    for name, pattern in OURS_ONLY.items():
        if any(re.fullmatch(pattern, row) for row in failing):
            return name
    return None


def class_of_theirs(case: Case, code: str, place: str) -> str | None:
    """The class of one error of the peer that no deciding row of ours stands for."""
    for name, (codes, places) in THEIRS_ONLY.items():
        if not re.fullmatch(codes, code) or not re.match(places, place):
            continue
        if name == "status-index-0.6" and not (case.untp or "").startswith("0.6"):
            continue
        if name == "status-entry-0.7" and not {"STS-005", "STS-010", "STS-020"} & set(case.by_schema):
            continue
        return name
    return None


def differences(case: Case) -> Iterator[str | None]:
    """The classes of the differences on one passport, each once; None for a difference without class.

    Errors that the peer alone gives are set aside first, so that two refusals for different reasons do not read as agreement.
    """
    if case.valid is None:
        yield "crash"
        return
    left, told = [], set()
    for code, place, _ in case.errors:
        name = class_of_theirs(case, code, place)
        if name is None:
            left.append(code)
        else:
            told.add(name)
    yield from sorted(told)
    if case.deciding and not left:
        yield class_of_ours(case.deciding)
    elif left and not case.deciding:
        yield "advice" if case.advice else None


# -- the peer --------------------------------------------------------------------------------------------------------


def _peer() -> int:
    """Run inside the peer's environment: payloads as JSON on standard input, verdicts as JSON on standard output."""
    import logging
    import socket
    import warnings

    def refused(*_: Any, **__: Any) -> Any:
        raise OSError("no network in this comparison")

    socket.socket.connect = refused
    socket.getaddrinfo = refused
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from importlib.metadata import version

    from dppvalidator.schemas.registry import SCHEMA_REGISTRY
    from dppvalidator.validators import ValidationEngine

    verdicts: list[dict[str, Any]] = []
    for payload in json.load(sys.stdin):
        try:
            said = ValidationEngine(load_plugins=False).validate(payload)
        except Exception as error:
            verdicts.append({"valid": None, "errors": [["crash", "", repr(error)[:200]]]})
            continue
        errors = [[one.code, one.path, one.message[:200]] for one in said.errors]
        verdicts.append({"valid": said.valid, "errors": errors})
    found = {"version": version("dppvalidator"), "knows": sorted(SCHEMA_REGISTRY), "verdicts": verdicts}
    sys.stdout.write(json.dumps(found))
    return 0


def _ask(python: str, payloads: Sequence[Any]) -> dict[str, Any]:
    try:
        run = subprocess.run(
            [python, __file__, "--peer"],
            input=json.dumps(payloads),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        sys.exit(_usage(f"--peer-python {python}: {error.strerror}"))
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["no words"])[-1]
        sys.exit(_usage(f"--peer-python {python}: {last}; install dppvalidator==0.5.1 there"))
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def _usage(words: str) -> int:
    sys.stderr.write(f"bench/differential.py: {words}\n")
    return 2


# -- our side --------------------------------------------------------------------------------------------------------


def _ours(samples: Path | None) -> Iterator[tuple[Case, Any]]:
    """Our verdicts on every passport, with the payload to hand to the peer."""
    from assay.harness.engine import Engine, Settings
    from assay.harness.judge import DocumentJudge
    from assay.harness.material import Document, Kind
    from assay.harness.results import Outcome, contradictions
    from assay.harness.selftest import AS_OF, Bench, load_mutants

    bench = Bench.default()
    judge = DocumentJudge(Engine(Settings(AS_OF)).requirements, bench.checks)

    def case(name: str, document: Document) -> Case:
        results = judge.judge(document)
        failed = [one for one in results if one.outcome is Outcome.FAILED and one.basis is None]
        return Case(
            name,
            document.untp,
            tuple(sorted({one.requirement.id for one in failed if one.requirement.decides_conformity})),
            tuple(sorted({one.requirement.id for one in failed if not one.requirement.decides_conformity})),
            tuple(
                sorted(one.requirement.id for one in contradictions(results) if one.schema is Outcome.FAILED)
            ),
        )

    for base in BASES:
        document = bench.material(base)
        yield case(f"valid/{base}", document), document.value
    numbers: Counter[str] = Counter()
    for mutant in load_mutants():
        if mutant.definition.get("base", "dpp") not in BASES:
            continue
        numbers[mutant.requirement] += 1
        document = bench.build(mutant.definition)
        if isinstance(document.value, dict) and (document.kind is Kind.DPP or _claims(document.value)):
            yield case(f"{mutant.requirement}/{numbers[mutant.requirement]}", document), document.value
    for path in sorted(samples.rglob("*.json")) if samples else ():
        found = _sample(path)
        if found is not None:
            yield case(f"sample/{path.relative_to(samples or path)}", found), found.value


def _claims(value: Mapping[str, Any]) -> bool:
    types = value.get("type")
    return "DigitalProductPassport" in (types if isinstance(types, list) else [types])


def _sample(path: Path) -> Any:
    """A passport from a file, judged on a day inside its validity; None for any other file."""
    from assay.harness.credential.instants import instant
    from assay.harness.credential.intake import read
    from assay.harness.credential.verify import Shelf, verify
    from assay.harness.forge.ring import default_judges
    from assay.harness.material import Kind
    from assay.harness.selftest import AS_OF

    if path.stat().st_size > 4_000_000:
        return None
    document = read(path.name, path.read_bytes())
    if document.kind is not Kind.DPP or not isinstance(document.value, dict):
        return None
    begins, ends = (instant(document.value.get(name)) for name in ("validFrom", "validUntil"))
    inside = (begins is None or begins <= AS_OF) and (ends is None or ends >= AS_OF)
    verify(document, Shelf(), AS_OF if inside or begins is None else begins, default_judges())
    return document


# -- the report ------------------------------------------------------------------------------------------------------


def _numbers(cases: Sequence[Case], peer: Mapping[str, Any]) -> str:
    found: Counter[str] = Counter()
    for case in cases:
        found.update(name or "without class" for name in differences(case))
    same = sum(1 for case in cases if not list(differences(case)))
    ours, theirs = (
        sum(map(bool, side)) for side in zip(*((c.deciding, not c.valid) for c in cases), strict=True)
    )
    samples = sum(1 for case in cases if case.name.startswith("sample/"))
    lines = [
        f"dppvalidator {peer['version']}, which knows UNTP {', '.join(peer['knows'])}: {len(cases)} passports, "
        f"{samples} of them published samples. {ours} have a deciding failure here, {theirs} are refused there. "
        f"On {same} both say the same; the others differ as follows.",
        "",
        "| class | passports |",
        "| --- | ---: |",
        *(f"| `{name}` | {found[name]} |" for name in CLASSES),
    ]
    return "\n".join(lines)


def _documented(page: str) -> frozenset[str]:
    return frozenset(re.findall(r"^\| `([a-z0-9.-]+)` \| [^|0-9]", page, re.M))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return _peer()
    if options.samples is not None and not options.samples.is_dir():
        return _usage(f"--samples {options.samples}: no such folder")
    _ask(options.peer_python, [])  # a peer that is not there is told before the long part
    found = list(_ours(options.samples))
    peer = _ask(options.peer_python, [payload for _, payload in found])
    cases = [
        replace(case, valid=said["valid"], errors=tuple((a, b, c) for a, b, c in said["errors"]))
        for (case, _), said in zip(found, peer["verdicts"], strict=True)
    ]
    if options.cases is not None:
        lines = (json.dumps({**asdict(case), "classes": list(differences(case))}) for case in cases)
        options.cases.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    numbers = _numbers(cases, peer)
    sys.stdout.write(numbers + "\n")
    page = PAGE.read_text(encoding="utf-8")
    if options.write:
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{numbers}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    known = _documented(page)
    wrong = [
        f"{case.name}: {'a difference without class' if name is None else f'class {name} is not on the page'}: "
        f"ours {', '.join(case.deciding) or 'none'}; theirs {case.errors[:3]}"
        for case in cases
        for name in differences(case)
        if name is None or name not in known
    ]
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
