"""Digital Product Passports: identification, parties, weight, dates, labels, documents."""

from __future__ import annotations

from collections.abc import Iterator

import pybase64

from assay.harness.checks import check
from assay.harness.checks._values import (
    as_date,
    as_number,
    as_text,
    identifier,
    mappings,
    related,
    short,
)
from assay.harness.checks.links import is_resolvable, link_kind
from assay.harness.material import Document, Kind, Node
from assay.harness.results import Finding

__all__ = ["MAKER_ROLES", "NUMBER_OF", "image_bytes", "starts_like"]

NUMBER_OF = {"model": "modelNumber", "batch": "batchNumber", "item": "itemNumber"}

MAKER_ROLES = frozenset({"manufacturer", "producer", "processor", "remanufacturer", "recycler", "brandOwner"})
"""Party roles of those who answer for a product."""

_ISSUED_BY_PARTIES = frozenset({Kind.DPP, Kind.DCC, Kind.DFR, Kind.DTE})

_SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "image/bmp": (b"BM",),
    "application/pdf": (b"%PDF-",),
}
"""First bytes of the formats that labels come in; other media types are only decoded."""


@check("DPP-009", cls="Product", series="0.7")
def number_fits_granularity(node: Node) -> Iterator[Finding]:
    """A passport for an item, batch or model states the item, batch or model number."""
    granularity = as_text(node.value.get("idGranularity"))
    member = NUMBER_OF.get(granularity)
    if member is not None and not as_text(node.value.get(member)):
        yield Finding(
            at=node.at("idGranularity"),
            expected=f"{member} beside idGranularity {granularity}",
            received=f"no {member}",
            hint=f"State the {granularity} number, or the granularity that the identifier really has.",
        )


@check("DPP-011", cls="Product")
def product_is_classified(node: Node) -> Iterator[Finding]:
    """The product is classified at least once; the schema lets an empty list pass."""
    if node.value.get("productCategory") == []:
        yield Finding(
            at=node.at("productCategory"),
            expected="at least one classification",
            received="an empty list",
            hint="Use the UN Central Product Classification where no industry list fits.",
        )


@check("DPP-020", cls="Product", series="0.7")
def maker_is_named(node: Node) -> Iterator[Finding]:
    """The manufacturer or brand stands among the related parties, with an identifier that can be verified."""
    makers = [
        identifier(item.get("party"))
        for _, item in mappings(node.value.get("relatedParty"))
        if as_text(item.get("role")) in MAKER_ROLES
    ]
    if not any(is_resolvable(maker) for maker in makers):
        yield Finding(
            at=node.at("relatedParty"),
            expected="a manufacturer, producer or brand owner with a DID or URL as id",
            received="none with such an id" if makers else "no such role",
            hint="Name the party that answers for the product by its DID.",
        )


@check("DPP-021", kinds=_ISSUED_BY_PARTIES)
def issuer_is_in_registers(document: Document) -> Iterator[Finding]:
    """The issuer names the entries of authoritative registers that it is also known by."""
    issuer = document.value.get("issuer") if isinstance(document.value, dict) else None
    if isinstance(issuer, dict) and not any(
        identifier(item) for _, item in mappings(issuer.get("issuerAlsoKnownAs"))
    ):
        yield Finding(
            at=document.at("issuer"),
            expected="issuerAlsoKnownAs with at least one registered identity",
            received="none",
            hint="List the business register entry; an identity anchor can then confirm it.",
        )


@check("DPP-024", cls="Product")
def size_is_stated(node: Node) -> Iterator[Finding]:
    """Weight or volume is given, so that claims per unit can be scaled."""
    dimensions = related(node.value, "dimensions")
    if all(as_number(related(dimensions, name).get("value")) is None for name in ("weight", "volume")):
        yield Finding(
            at=node.at("dimensions"),
            expected="dimensions with weight or volume",
            received="neither",
            hint="State the weight of one unit, batch or item, as the granularity says.",
        )


@check("DPP-035", cls="Image")
def image_is_what_it_says(node: Node) -> Iterator[Finding]:
    """Embedded image data are base64 of the declared media type."""
    data = node.value.get("imageData")
    if not isinstance(data, str):
        return
    media_type = as_text(node.value.get("mediaType"))
    decoded = image_bytes(data)
    if decoded is None:
        yield Finding(
            at=node.at("imageData"),
            expected="base64 text (RFC 4648 section 4)",
            received=short(data, 40),
            hint="Encode the bytes of the image, without a data: prefix and without line breaks.",
        )
    elif not starts_like(decoded, media_type):
        yield Finding(
            at=node.at("imageData"),
            expected=f"bytes of {media_type}",
            received=f"bytes that start with {decoded[:8].hex() or 'nothing'}",
            hint="Correct mediaType, or embed the image that it names.",
        )


def image_bytes(data: str) -> bytes | None:
    """Embedded image data decoded, or None for what is no base64."""
    try:
        return bytes(pybase64.b64decode(data, validate=True))
    except ValueError:  # binascii.Error, and text outside ASCII
        return None


def starts_like(data: bytes, media_type: str) -> bool:
    """Whether bytes may be an image of a media type: some, and with its first bytes where these are known."""
    starts = _SIGNATURES.get(media_type.partition(";")[0].strip().lower())
    return bool(data) and (starts is None or data.startswith(starts))


@check("DPP-059", cls=("Product", "Facility"))
def certificates_are_evidence(node: Node) -> Iterator[Finding]:
    """Certificates stand as evidence under the claims that they support, not among related documents."""
    for position, link in mappings(node.value.get("relatedDocument")):
        if link_kind(link) == "dcc":
            yield Finding(
                at=node.at("relatedDocument", position),
                expected="conformity credentials under the evidence of a claim",
                received=short(as_text(link.get("linkURL"))),
                hint="Move the link to performanceClaim[].evidence of each claim that it supports.",
            )


@check("DPP-062", cls="Product")
def expiry_follows_production(node: Node) -> Iterator[Finding]:
    """A product does not expire before it was produced."""
    produced, expires = as_date(node.value.get("productionDate")), as_date(node.value.get("expiryDate"))
    if produced is not None and expires is not None and expires < produced:
        yield Finding(
            at=node.at("expiryDate"),
            expected=f"not before the production date {produced.isoformat()}",
            received=expires.isoformat(),
            hint="Check whether the two dates were swapped.",
        )
