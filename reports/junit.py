"""JUnit XML: one suite per profile, one case per requirement, for the test view of any CI."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from assay.harness.results import Outcome, RequirementResult, RunResult
from assay.reports.digests import judged_by

__all__ = ["dumps"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    """Text without the characters that XML 1.0 cannot carry (they become U+FFFD)."""
    return _NOT_XML.sub("\ufffd", text)


def _details(result: RequirementResult) -> str:
    lines = [result.requirement.rule]
    if result.note:
        lines.append(result.note)
    for finding in result.findings:
        lines.append(f"at {finding.at.source}{' ' + finding.at.pointer if finding.at.pointer else ''}")
        lines.append(f"  expected: {finding.expected}")
        lines.append(f"  received: {finding.received}")
        if finding.hint:
            lines.append(f"  mend: {finding.hint}")
    return _clean("\n".join(lines))


def dumps(run: RunResult) -> str:
    """The run as JUnit XML.

    A failed requirement is a ``failure`` where it decides conformity and a skipped case with the findings in its
    message where it is advice; errors and inconclusive requirements are ``error``, so that they never read as passed.
    """
    root = Element("testsuites", name=_clean(run.title or "assay"))
    suites: dict[str, list[RequirementResult]] = {}
    for result in run.results:
        suites.setdefault(result.requirement.profile, []).append(result)
    for profile, results in suites.items():
        suite = SubElement(root, "testsuite", name=profile, timestamp=run.as_of.removesuffix("Z"))
        properties = SubElement(suite, "properties")
        for what, digest in judged_by(run):
            SubElement(properties, "property", name=_clean(what), value=digest)
        totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        for result in results:
            row = result.requirement
            totals["tests"] += 1
            name = (
                f"{row.id} {row.level.value} [{result.basis}]"
                if result.basis
                else f"{row.id} {row.level.value}"
            )
            case = SubElement(suite, "testcase", classname=f"{profile}.{row.id.split('-')[0]}", name=name)
            decides = row.decides_conformity and result.basis is None
            if result.outcome is Outcome.FAILED and decides:
                totals["failures"] += 1
                SubElement(case, "failure", message=_clean(row.rule), type=row.level.value).text = _details(
                    result
                )
            elif result.outcome is Outcome.FAILED:
                totals["skipped"] += 1
                SubElement(
                    case, "skipped", message=f"advisory ({row.level.value}, {row.status.value}) failed"
                )
                SubElement(case, "system-out").text = _details(result)
            elif result.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE):
                totals["errors"] += 1
                error = SubElement(
                    case, "error", message=_clean(result.note or row.rule), type=result.outcome.value
                )
                error.text = _details(result)
            elif result.outcome is Outcome.NOT_APPLICABLE:
                totals["skipped"] += 1
                SubElement(case, "skipped", message=_clean(result.note or "not applicable"))
        for key, value in totals.items():
            suite.set(key, str(value))
    if run.unsecured:
        number = str(len(run.unsecured))
        suite = SubElement(
            root, "testsuite", name="require secured", tests=number, failures=number, errors="0", skipped="0"
        )
        for source in run.unsecured:
            case = SubElement(suite, "testcase", classname="require.secured", name=_clean(source))
            failure = SubElement(case, "failure", message="unsigned, and a secured document is required")
            failure.text = _clean(f"at {source}\n  mend: Sign the document before it is released.")
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"
