"""Codes in one document: product classification, countries, units, business steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.harness.audit.legacy import AT
from assay.harness.audit.tally import Tally
from assay.harness.graph.reading import members, text
from assay.harness.graph.units import unit_code
from assay.profiles.untp_0_7.codes import BUSINESS_STEPS, COUNTRIES, UNITS
from assay.profiles.world.materials import cpc_entry, family

__all__ = ["judge_codes"]

_CLASSIFIED = {"productCategory": "name", "materialType": "name", "processCategory": None}


def judge_codes(tally: Tally, doc: int, value: Any) -> None:
    """W-150 to W-153 on everything a credential's subject holds."""
    subject = value.get("credentialSubject")
    for path, holder in _objects(subject, "/credentialSubject"):
        _judge_classes(tally, doc, path, holder)
        country = holder.get("countryCode")
        if isinstance(country, str):
            tally.judge(
                "W-151",
                country in COUNTRIES,
                doc,
                path + "/countryCode",
                "a code of ISO 3166-1 alpha-2",
                country[:40],
                "Write the country's two letters in capitals.",
            )
        if "unit" in holder and "value" in holder and "/characteristics" not in path:
            unit = unit_code(holder["unit"])
            tally.judge(
                "W-152",
                unit in UNITS,
                doc,
                path + "/unit",
                "a code of UNECE Recommendation 20",
                unit[:40] or "none",
                "Write the code of the unit, such as KGM or TNE.",
            )
        step = holder.get("activityType")
        if isinstance(step, dict) and "cbv/BizStep" in (text(step.get("schemeId")) or ""):
            code = text(step.get("code")) or ""
            tally.judge(
                "W-153",
                code in BUSINESS_STEPS,
                doc,
                path + "/activityType/code",
                "a business step of the Core Business Vocabulary",
                code[:40] or "none",
                "Write the step's name, such as commissioning or shipping.",
            )


def _objects(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object within a value, with its pointer; the reader has bounded the depth."""
    waiting = [(path, value)]
    while waiting:
        at, found = waiting.pop()
        if isinstance(found, dict):
            at = found.get(AT, at)
            yield at, found
            waiting += [
                (f"{at}/{key}", inner) for key, inner in found.items() if isinstance(inner, dict | list)
            ]
        elif isinstance(found, list):
            waiting += [
                (f"{at}/{place}", inner)
                for place, inner in enumerate(found)
                if isinstance(inner, dict | list)
            ]


def _judge_classes(tally: Tally, doc: int, path: str, holder: dict[str, Any]) -> None:
    """Each CPC code against the name beside it and the name of what is classified."""
    for key, by_name in _CLASSIFIED.items():
        if key not in holder:
            continue
        for inner, category in members(holder, key):
            code = text(category.get("code"))
            scheme = (text(category.get("schemeId")) or "") + (text(category.get("schemeName")) or "")
            if code is None or not ("cpc" in scheme.lower() or "Central Product" in scheme):
                continue
            entry = cpc_entry(code)
            names = [text(category.get("name")), text(holder.get(by_name)) if by_name else None]
            families = {name: found for name in names if name and (found := family(name)) is not None}
            if entry is None or not families:
                continue
            pointer = f"{path}/{'/'.join(map(str, inner))}/code"
            wrong = next((name for name, found in families.items() if found not in entry.families), None)
            if wrong is not None and not entry.verified:
                tally.undecide("W-150", f"a checked title of CPC {entry.code} ({entry.title}?)")
                continue
            tally.judge(
                "W-150",
                wrong is None,
                doc,
                pointer,
                f"a CPC code for {wrong}",
                f"{code}: CPC {entry.code} is {entry.title}",
                "Look the code up in CPC 2.1: its structure is 141 iron ores, 142 non-ferrous ores, 464 cells and batteries.",
            )
