"""The HTML report: one self-contained file that works from ``file://``, prints, and reads well with a keyboard.

Everything that came from material under test is escaped by jinja2; the page's own style and script are pinned by hash
in its content security policy, so that nothing else can run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assay.harness.results import (
    Contradiction,
    Finding,
    MatrixCell,
    Outcome,
    RequirementResult,
    RunResult,
    Verdict,
    contradictions,
    counts,
)
from assay.profiles.catalogue import Requirement
from assay.profiles.positions import positions
from assay.reports.charts import chain_map, mass
from assay.reports.digests import judged_by

__all__ = ["render"]

_TEMPLATES = Path(__file__).parent / "templates"
_WORDS = {
    "passed": "passed",
    "failed": "failed",
    "not_applicable": "not applicable",
    "inconclusive": "inconclusive",
    "error": "error",
    "not_judged": "not judged",
    "conformant": "Conformant",
    "document_valid": "Documents valid",
    "not_conformant": "Not conformant",
}
_MARKS = {"conformant": "✔", "document_valid": "✔", "not_conformant": "✘", "inconclusive": "?"}
_TEXTS = {
    Verdict.CONFORMANT: "Every deciding requirement that applied and is judged by this release passed.",
    Verdict.DOCUMENT_VALID: "The documents are right as far as unsigned documents can be; nothing vouches for their origin.",
    Verdict.NOT_CONFORMANT: "At least one deciding requirement failed; each is explained below.",
    Verdict.INCONCLUSIVE: "Nothing failed for certain, but something that decides could not be looked at.",
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FINDINGS_SHOWN = 25
_BODY_SHOWN = 4000


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _exchange(digest: str, exchange: Mapping[str, Any]) -> dict[str, str]:
    request, response = exchange.get("request", {}), exchange.get("response", {})
    summary = (
        f"{request.get('method', 'GET')} {request.get('url', digest)} → {response.get('status', 'no answer')}"
    )
    text = json.dumps(
        {key: value for key, value in exchange.items() if key != "command"}, indent=1, ensure_ascii=False
    )
    if len(text) > _BODY_SHOWN:
        text = text[:_BODY_SHOWN] + f"\n… {len(text) - _BODY_SHOWN:,} more characters in the JSON report"
    return {"summary": summary, "text": text, "command": str(exchange.get("command", ""))}


def _finding(finding: Finding, exchanges: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "source": finding.at.source,
        "pointer": finding.at.pointer,
        "artefact": finding.at.artefact,
        "expected": finding.expected,
        "received": finding.received,
        "hint": finding.hint,
        "assumed": finding.assumed,
        "exchanges": [
            _exchange(digest, exchanges[digest]) for digest in finding.evidence if digest in exchanges
        ],
    }


def _anchor(result: RequirementResult) -> str:
    return "-".join(
        part for part in (result.requirement.key, result.outcome.value, result.basis or "") if part
    )


def _item(result: RequirementResult, exchanges: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    row = result.requirement
    return {
        "id": row.id,
        "anchor": _anchor(result),
        "level": ("MUST NOT" if row.negated and row.level == "MUST" else row.level.value),
        "status": row.status.value,
        "basis": result.basis,
        "rule": row.rule,
        "source": row.source,
        "stands_on": row.stands_on,
        "outcome": result.outcome.value,
        "note": result.note,
        "findings": [_finding(finding, exchanges) for finding in result.findings[:_FINDINGS_SHOWN]],
        "more": max(0, len(result.findings) - _FINDINGS_SHOWN),
    }


def _tiles(results: Iterable[RequirementResult]) -> list[dict[str, Any]]:
    tiles = []
    for profile, levels in counts(results).items():
        for level in ("MUST", "SHOULD", "MAY"):
            outcomes = levels.get(level, {})
            judged = sum(number for name, number in outcomes.items() if name != Outcome.NOT_APPLICABLE)
            if not judged:
                continue
            parts = []
            start = 0.0
            for name in ("passed", "failed", "inconclusive", "error"):
                if outcomes.get(name):
                    width = 100 * outcomes[name] / judged
                    parts.append(
                        {
                            "name": name,
                            "count": outcomes[name],
                            "start": f"{start:.2f}",
                            "width": f"{width:.2f}",
                        }
                    )
                    start += width
            tiles.append(
                {
                    "profile": profile,
                    "level": level,
                    "passed": outcomes.get("passed", 0),
                    "judged": judged,
                    "parts": parts,
                    "not_applicable": outcomes.get("not_applicable", 0),
                }
            )
    return tiles


def _rows(run: RunResult, catalogue: Mapping[str, Requirement]) -> list[dict[str, Any]]:
    rows = []
    seen = set()
    for result in run.results:
        row = result.requirement
        seen.add(row.id)
        rows.append(
            {
                "id": row.id,
                "level": row.level.value,
                "outcome": result.outcome.value,
                "rule": row.rule,
                "profile": row.profile,
                "area": row.id.split("-")[0],
                "note": result.note,
                "subjects": len(result.subjects) or "set",
                "anchor": _anchor(result) if result.findings or result.outcome in _DOUBT else "",
            }
        )
    for row in catalogue.values():
        if row.id not in seen:
            reason = (
                row.not_checked.value.replace("-", " ")
                if row.not_checked
                else "nothing it applies to was seen"
            )
            rows.append(
                {
                    "id": row.id,
                    "level": row.level.value,
                    "outcome": "not_judged" if row.not_checked else "not_applicable",
                    "rule": row.rule,
                    "profile": row.profile,
                    "area": row.id.split("-")[0],
                    "note": f"not judged: {reason}" if row.not_checked else reason,
                    "subjects": "",
                    "anchor": "",
                }
            )
    rows.sort(key=lambda row: (row["area"], row["id"]))
    return rows


def _sides(told: Contradiction) -> dict[str, Any]:
    row = told.requirement
    return {
        "id": row.id,
        "level": row.level.value,
        "positions": [positions()[name] for name in row.position],
        "text": told.text.value,
        "schema": told.schema.value,
        "follows": told.follows,
        "differs": told.differs,
        "subjects": len(told.subjects) or "set",
    }


_DOUBT = (Outcome.INCONCLUSIVE, Outcome.ERROR)


def _cell(cell: MatrixCell) -> dict[str, Any]:
    submitted = cell.accepted + cell.rejected + cell.errors
    forgeries = cell.forgeries_accepted + cell.forgeries_rejected
    return {
        "accepted": cell.accepted,
        "submitted": submitted,
        "forgeries": forgeries,
        "forgeries_rejected": cell.forgeries_rejected,
        "tone": "passed" if cell.accepted == submitted else "error" if cell.errors else "failed",
        "forgery_tone": "passed" if not cell.forgeries_accepted else "failed",
        "notes": cell.notes,
    }


def _flows(run: RunResult) -> list[dict[str, Any]]:
    chain = run.chain or {}
    names = {site["id"]: site.get("name", site["id"]) for site in chain.get("sites", ())}
    return [
        {
            "source": names.get(flow["source"], flow["source"]),
            "target": names.get(flow["target"], flow["target"]),
            "product": flow.get("product", ""),
            "consignments": flow.get("consignments", ""),
            "mass": mass(flow["mass_kg"]) if flow.get("mass_kg") is not None else "not stated",
            "elements": ", ".join(
                f"{name} {mass(value)}" for name, value in sorted((flow.get("elements") or {}).items())
            ),
        }
        for flow in chain.get("flows", ())
    ]


def _finalize(value: Any) -> Any:
    """Control characters that HTML cannot carry become visible replacement characters."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _CONTROL.sub("\ufffd", value)
    return value


def render(run: RunResult, catalogue: Mapping[str, Requirement] | None = None) -> str:
    """The report as HTML text. ``catalogue`` adds the rows that were not judged, with their reasons."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_finalize,
    )
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    entering = [result for result in run.results if not result.other_side]
    failed = [result for result in entering if result.outcome is Outcome.FAILED]
    decisive = [result for result in failed if result.requirement.decides_conformity and result.basis is None]
    advisory = [result for result in failed if result not in decisive]
    doubtful = [result for result in entering if result.outcome in _DOUBT]
    rows = _rows(run, catalogue or {})
    not_judged = sum(1 for row in rows if row["outcome"] == "not_judged")
    return environment.get_template("report.html.j2").render(
        run=run,
        words=_WORDS,
        marks=_MARKS,
        verdict_text=_TEXTS[run.verdict],
        not_judged=not_judged,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        tiles=_tiles(run.results),
        chain_svg=chain_map(run.chain) if run.chain else "",
        flows=_flows(run),
        issuers=sorted({cell.issuer for cell in run.matrix}),
        verifiers=sorted({cell.verifier for cell in run.matrix}),
        cells={(cell.issuer, cell.verifier): _cell(cell) for cell in run.matrix},
        judged_by=judged_by(run),
        decisive=[_item(result, run.exchanges) for result in decisive],
        advisory=[_item(result, run.exchanges) for result in advisory],
        doubtful=[_item(result, run.exchanges) for result in doubtful],
        contradictions=[_sides(one) for one in contradictions(run.results)],
        rows=rows,
        outcomes=sorted({row["outcome"] for row in rows}),
        levels=[level for level in ("MUST", "SHOULD", "MAY") if any(row["level"] == level for row in rows)],
        profiles=sorted({row["profile"] for row in rows}),
        areas=sorted({row["area"] for row in rows}),
        verdicts=sorted({subject.verdict.value for subject in run.subjects}),
        kinds=sorted({subject.kind for subject in run.subjects}),
    )
