"""Write ``docs/deceptions.md``: the handbook as a page, from the YAML in ``profiles/deceptions`` and the schema of labels.

Run it after changing one of them: ``python tools/handbook.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from assay.profiles.contracts.labels import SCHEMA, Label
from assay.profiles.deceptions.handbook import LookAlike, Pattern, look_alikes, patterns, sources
from assay.profiles.deceptions.terms import DEPTHS, FAMILIES, REGISTERS, SCOPES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "deceptions.md"

HEAD = """\
<!-- Made by tools/handbook.py from profiles/deceptions and profiles/contracts/labels.schema.json. Change those. -->

# Deceptions and honest look-alikes

Forty-three ways in which papers and facts part, and twenty-four honest situations that look like them. Each pattern says who does it, how it
looks in credentials, the one check that decides, and what it must not be confused with. At a terminal:

```sh
assay patterns list
assay patterns explain impossible-yield      # or F02; look-alikes too: B10
```

In a scenario, with as many honest twins as you like:

```yaml
deceptions:
  - {pattern: mass-balance-overclaim, severity: 0.1, count: 5, twins: 5}
  - {look_alike: tolling-and-returns, count: 3}
  - {composite: forged-behind-look-alike, of: [forged-certificate, look-alike-domain], severity: 0.5}
```

A **twin** is built like the deception, at another target, and differs from it in the decisive fact only. A detector that reports twins has
learnt the looks and not the fact. Cases are cited by kind, to show that such things happen; nobody is accused, and everybody in simulated data is
invented.
"""

EXAMPLE: Label = {
    "instance": "F02-1", "code": "F02", "pattern": "impossible-yield", "honest": False, "look_alike": None,
    "twin": "F02-1t", "composite": None, "actors": ["did:web:harbour-refining.kr.example"],
    "targets": ["refinery", "refinery-lot-7"], "severity": 0.1, "below_tolerance": False, "scope": "C", "registers": [],
    "from": "2026-03-02T06:00:00Z", "until": "2026-03-09T18:00:00Z",
    "root": ["https://harbour-refining.kr.example/events/make/7"],
    "changed": ["https://harbour-refining.kr.example/events/make/7"], "added": [], "absent": [],
    "tainted": {"https://cathode-works.kr.example/passports/3": 0.25},
    "told": {"claimed": 1100, "true": 1000, "unit": "kg Li"},
}  # fmt: skip
"""One line, as the page shows it."""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [HEAD, *_terms(), *_overview(), *_patterns(), *_look_alikes(), *_sources(), *_labels()]
    ).rstrip("\n") + "\n"  # fmt: skip


def _terms() -> Iterator[str]:
    yield "## How to read it\n"
    yield from _table(("Scope", "What one must see to decide"), SCOPES.items())
    yield from _table(("Depth", "What is bent"), DEPTHS.items())
    yield from _table(("Register", "What it tells"), REGISTERS.items())
    yield (
        "*Difficulty* runs from 1, a glance, to 5, an investigation. *Severity* is how far an instance goes; what it measures is said with each "
        "pattern. Where a tolerance is named, smaller instances are labelled `below_tolerance` and not scored. **Metadata** marks "
        "patterns whose evidence are times, domains or the number of papers, **technical** those whose credentials may fail signature, "
        "validity or status.\n"
    )


def _overview() -> Iterator[str]:
    yield "## At a glance\n"
    for family, meaning in FAMILIES.items():
        yield f"**{meaning}**\n"
        yield from _table(
            ("Code", "Name", "What happens", "Scope", "Difficulty", "Twin"),
            (
                (_link(row), f"`{row.name}`", row.title, row.scope, str(row.difficulty), row.twin)
                for row in patterns().values()
                if row.family == family
            ),
        )


def _patterns() -> Iterator[str]:
    yield "## The patterns\n"
    for row in patterns().values():
        twin = look_alikes()[row.twin]
        marks = [name for name, set_ in (("metadata", row.metadata), ("technical", row.technical)) if set_]
        yield f'<a id="{row.code.lower()}"></a>\n'
        yield f"### {row.code} {row.title}\n"
        facts = [
            f"`{row.name}`", row.family, f"bends {row.depth}", f"scope {row.scope}", f"difficulty {row.difficulty}",
            *(f"needs {name}" for name in row.registers), *(f"**{mark}**" for mark in marks),
        ]  # fmt: skip
        yield " · ".join(facts) + "\n"
        yield f"* **Who** ({row.actor}): {row.who}"
        yield f"* **In credentials**: {row.how}"
        yield f"* **What decides**: {row.check}"
        yield f"* **Not to be confused with**: {row.confused_with}"
        yield f"* **Twin** ([{twin.code}](#{twin.code.lower()}) {twin.title}): {row.twin_how}"
        spared = f" Below {row.tolerance_ppm / 10_000:g} % not scored." if row.tolerance_ppm else ""
        yield f"* **Severity**: {row.dial}.{spared}\n"


def _look_alikes() -> Iterator[str]:
    yield "## The honest look-alikes\n"
    for row in look_alikes().values():
        mistaken = ", ".join(_link(one) for one in patterns().values() if one.twin == row.code)
        yield f'<a id="{row.code.lower()}"></a>\n'
        yield f"### {row.code} {row.title}\n"
        yield f"`{row.name}` · easily mistaken for {mistaken}\n"
        yield f"{row.what} *Why it is honest:* {row.why_honest}\n"


def _sources() -> Iterator[str]:
    entries: list[Pattern | LookAlike] = [*patterns().values(), *look_alikes().values()]
    yield "## Sources\n"
    yield "An entry without a source is refused. First by pattern and crime family, then by source.\n"
    yield from _table(
        ("Pattern", "Family", "Sources"),
        (
            (f"{_link(row)} `{row.name}`", FAMILIES[row.family].split(":")[0], "; ".join(row.sources))
            for row in patterns().values()
        ),
    )
    yield from _table(
        ("Source", "Patterns and look-alikes"),
        ((text, ", ".join(_link(row) for row in entries if text in row.sources)) for text in sources().values()),
    )  # fmt: skip


def _labels() -> Iterator[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    yield "## Format of labels.jsonl\n"
    yield (
        "A dataset with deceptions has its truth beside the data: one JSON object a line and instance, twins included. Nothing in the published "
        "data tells that it is synthetic or false. The JSON Schema is `profiles/contracts/labels.schema.json`.\n"
    )
    yield from _table(
        ("Member", "Form", "Meaning"),
        ((f"`{name}`", _form(member, schema), member["description"]) for name, member in schema["properties"].items()),
    )  # fmt: skip
    yield "```json"
    yield json.dumps(EXAMPLE, ensure_ascii=False)
    yield "```\n"
    yield (
        "Everything else in the world is as it would be without deceptions, byte for byte: what `changed`, `added` and `absent` name is the whole "
        "difference, with the entries of these credentials in status lists, linksets, registers and snapshots.\n"
    )


def _form(member: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in member:
        return "time" if member["$ref"].endswith("time") else "URL"
    if "enum" in member:
        return " or ".join(f"`{value}`" for value in member["enum"])
    kinds = member["type"] if isinstance(member["type"], list) else [member["type"]]
    if kinds == ["array"]:
        items = member["items"]
        return "list of " + ("URLs" if "$ref" in items else "registers" if "enum" in items else "strings")
    return " or ".join("true/false" if kind == "boolean" else kind for kind in kinds)


def _link(row: Pattern | LookAlike) -> str:
    return f"[{row.code}](#{row.code.lower()})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
