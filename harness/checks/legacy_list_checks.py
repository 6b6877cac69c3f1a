"""Code lists that the schemas of UNTP 0.6 only point at: countries, units, the GS1 Core Business Vocabulary, hash methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.harness.checks import check
from assay.harness.checks._schema import below
from assay.harness.checks._values import mappings, short
from assay.harness.material import Document, Kind, Node
from assay.harness.results import Finding
from assay.profiles.untp_0_6 import EVENT_CLASSES, TABLES, codes

__all__ = ["external_members"]

CBV = "https://ref.gs1.org/cbv/"
_VOCABULARIES = {
    "disposition": ("Disp", codes.DISPOSITIONS),
    "bizStep": ("BizStep", codes.BUSINESS_STEPS),
    "bizTransaction": ("BTT", codes.TRANSACTION_TYPES),
}


def external_members(name: str) -> Mapping[str, tuple[str, ...]]:
    """Members that hold values of an external list, by class, in any release of 0.6."""
    found: dict[str, dict[str, None]] = {}
    for table in TABLES.values():
        for cls, definition in table.classes.items():
            for prop in definition.properties:
                if prop.kind == "external" and prop.range == name:
                    found.setdefault(cls, {})[prop.name] = None
    return {cls: tuple(members) for cls, members in found.items()}


_COUNTRIES = external_members("CountryId")
_UNITS = {cls: members for cls, members in external_members("UnitMeasureCode").items() if cls != "Measure"}


@check("DPP-017", cls=tuple(_COUNTRIES), series="0.6", silent_when_certified=True)
def countries_are_registered(node: Node) -> Iterator[Finding]:
    """A country is one of ISO 3166-1 alpha-2."""
    for member in _COUNTRIES[node.cls]:
        code = node.value.get(member)
        if isinstance(code, str) and code not in codes.COUNTRIES:
            yield Finding(
                at=node.at(member),
                expected="an ISO 3166-1 alpha-2 country code, upper case",
                received=short(code),
                hint="Use two letters, such as AU, KR or DE.",
            )


@check("DPP-023", cls=tuple(_UNITS), series="0.6", silent_when_certified=True)
def units_are_registered(node: Node) -> Iterator[Finding]:
    """A unit of a scorecard, a quantity or a sensor is a code of UNECE Recommendation 20, as that of a measure is."""
    for member in _UNITS[node.cls]:
        unit = node.value.get(member)
        if isinstance(unit, str) and unit not in codes.UNITS:
            yield Finding(
                at=node.at(member),
                expected="a unit code of UNECE Recommendation 20",
                received=short(unit),
                hint="Codes are not symbols: KGM for kilogram, TNE for tonne, KWH for kilowatt hour.",
            )


@check("SCH-59", cls=EVENT_CLASSES, series="0.6", silent_when_certified=True)
def events_use_the_business_vocabulary(node: Node) -> Iterator[Finding]:
    """Business step, disposition and business transaction of an event are of GS1 CBV, by name or by IRI."""
    for member, (prefix, known) in _VOCABULARIES.items():
        value = node.value.get(member)
        if isinstance(value, str) and value.removeprefix(f"{CBV}{prefix}-") not in known:
            yield Finding(
                at=node.at(member),
                expected=f"a name of {CBV}{prefix}, such as {CBV}{prefix}-{min(known)}",
                received=short(value),
                hint="Names are written with underscores: in_transit, sensor_reporting.",
            )


@check("SCH-59", kinds=(Kind.DTE,), series="0.6", silent_when_certified=True)
def actions_are_of_the_list(document: Document) -> Iterator[Finding]:
    """The action of an event is observe, add or delete."""
    events = document.value.get("credentialSubject") if isinstance(document.value, dict) else None
    for position, _ in mappings(events):
        yield from below(
            document,
            ("credentialSubject", position),
            "action",
            "observe, add or delete",
            "Transformations add; goods that are only seen or moved are observed.",
        )


@check("LEG-011", cls="SecureLink", series="0.6")
def links_are_hashed_well(node: Node) -> Iterator[Finding]:
    """SHA-1 can be forged with effort; SHA-256 cannot (P-11)."""
    if node.value.get("hashMethod") == "SHA-1":
        yield Finding(
            at=node.at("hashMethod"),
            expected="SHA-256",
            received="SHA-1",
            hint="Two files with one SHA-1 digest can be made; digest the linked file with SHA-256.",
        )
