"""Small pieces of 0.6 documents, made from those of 0.7: parties, classifications, links, measures.

Value objects carry no ``type`` here, because no context of 0.6 knows their names. References are ``id``, ``name`` and the
number in a register, nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = [
    "Json",
    "Untranslatable",
    "classification",
    "country",
    "facility_reference",
    "id_scheme",
    "link",
    "measure",
    "members",
    "metric",
    "party",
    "product_reference",
    "secure_link",
    "topic_slug",
]

Json = dict[str, Any]

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHA2_256 = b"\x12\x20"
"""Multihash prefix: SHA-2 256, 32 bytes."""


class Untranslatable(ValueError):
    """Something is said that UNTP 0.6 has no place for and that nobody decided to leave out. A defect of the simulator."""


def members(value: Json, cls: str, known: Iterable[str], dropped: Iterable[str] = ()) -> Json:
    """``value`` itself, once it is sure that every member of it is ``known`` or knowingly ``dropped``."""
    strange = value.keys() - {"type", "id", *known, *dropped}
    if strange:
        raise Untranslatable(f"0.6 knows no place for {cls}.{', '.join(sorted(strange))}")
    return value


def country(value: Json) -> str:
    """ISO 3166-1 alpha-2. The name of the country has no place."""
    return str(members(value, "Country", ("countryCode",), ("countryName",))["countryCode"])


def party(value: Json) -> Json:
    """A reference to a party. Country, address and industry have no place in a reference."""
    dropped = (
        "description", "idScheme", "registrationCountry", "partyAddress", "organisationWebsite",
        "industryCategory", "partyAlsoKnownAs",
    )  # fmt: skip
    return _reference(members(value, "Party", ("name", "registeredId"), dropped), "registeredId")


def facility_reference(value: Json) -> Json:
    return _reference(members(value, "Facility", ("name", "registeredId"), ("idScheme",)), "registeredId")


def product_reference(value: Json) -> Json:
    """A reference to a batch, item or model; the number of an item is its serial number.

    Characteristics have no place in a reference: whoever refers to the product must say them elsewhere.
    """
    known = ("name", "batchNumber", "itemNumber", "characteristics")
    members(value, "Product", known, ("modelNumber", "idGranularity"))
    reference = _reference(value, "batchNumber")
    if "itemNumber" in value:
        reference["serialNumber"] = value["itemNumber"]
    return reference


def _reference(value: Json, *picked: str) -> Json:
    return {name: value[name] for name in ("id", "name", *picked) if name in value}


def id_scheme(value: Json) -> Json:
    members(value, "IdentifierScheme", ("name",))
    return {"type": ["IdentifierScheme"], "id": value["id"], "name": value["name"]}


def classification(value: Json) -> Json:
    """A classification has an identifier of its own here: the code below the scheme."""
    members(value, "Classification", ("code", "name", "schemeId", "schemeName"), ("definition",))
    scheme = value["schemeId"]
    return {
        "type": ["Classification"],
        "id": f"{scheme.rstrip('/')}/{value['code']}",
        "code": value["code"],
        "name": value["name"],
        "schemeID": scheme,
        "schemeName": value["schemeName"],
    }


def measure(value: Json) -> Json:
    members(value, "Measure", ("value", "unit"))
    return {"value": value["value"], "unit": value["unit"]}


def metric(value: Json) -> Json:
    """A performance as a named value. Names are free here: the label of the taxonomy is taken."""
    members(value, "Performance", ("metric", "measure", "score"))
    said: Json = {"metricName": value["metric"]["name"], "metricValue": measure(value["measure"])}
    if "score" in value:
        said["score"] = value["score"]["code"]
    return said


_LINK = ("linkURL", "linkName", "linkType")


def link(value: Json) -> Json:
    """A link without media type and digest, which have no place."""
    members(value, "Link", _LINK, ("digestMultibase", "mediaType"))
    return {name: value[name] for name in _LINK if name in value}


def secure_link(value: Json) -> Json:
    """A link with the digest in hexadecimal where there is one; credentials carry a signature instead."""
    said = link(value)
    digest = value.get("digestMultibase")
    if digest is not None:
        said |= {"hashDigest": _hexadecimal(digest), "hashMethod": "SHA-256"}
    return said


def _hexadecimal(multibase: str) -> str:
    """The digest inside a base58btc multibase of a SHA-256 multihash."""
    number = 0
    for letter in multibase[1:]:
        number = number * 58 + _BASE58.index(letter)
    data = number.to_bytes(34, "big")
    if multibase[:1] != "z" or data[:2] != _SHA2_256:
        raise Untranslatable(f"not a SHA-256 digest in base58btc: {multibase}")
    return data[2:].hex()


def topic_slug(topic: Json) -> str:
    """The last part of a topic's address."""
    return str(topic["id"]).rsplit("/", 1)[-1]
