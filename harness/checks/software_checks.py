"""The software that issued a credential (``issuingSoftware``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_text, short
from assay.harness.checks.links import is_resolvable
from assay.harness.material import Node
from assay.harness.results import Finding

__all__ = ["versions_in"]

_VERSION_SEGMENT = re.compile(r"v?\d+(?:\.\d+)+(?:[-+][0-9A-Za-z.+-]+)?\Z")


@lru_cache(1_024)
def versions_in(identifier: str) -> tuple[str, ...]:
    """The parts of an id that look like versions; one id stands in all the documents that the software issues."""
    parts = re.split(r"[/:@?#=]", identifier)
    return tuple(part.removeprefix("v") for part in parts if _VERSION_SEGMENT.match(part))


@check("ENV-008", cls="IssuingSoftware")
def version_agrees_with_id(node: Node) -> Iterator[Finding]:
    """The id stands for one version of the software, so a version in its path is the stated one."""
    identifier, version = as_text(node.value.get("id")), as_text(node.value.get("version"))
    named = versions_in(identifier[:2_048])
    if not named or not version:
        raise NotApplicable("the id names no version")
    if version.removeprefix("v") not in named:
        yield Finding(
            at=node.at("version"),
            expected=f"the version in the id ({named[-1]})",
            received=short(version),
            hint="Give every version of the software an id of its own, and state that version.",
        )


@check("ENV-009", cls="SoftwareVendorReference")
def vendor_can_be_looked_up(node: Node) -> Iterator[Finding]:
    """The vendor's id is a DID, or an address that can be looked up."""
    identifier = node.value.get("id")
    if isinstance(identifier, str) and not is_resolvable(identifier):
        yield Finding(
            at=node.at("id"),
            expected="a DID, or an HTTPS URL",
            received=short(identifier),
            hint="A vendor's did:web on its own domain lets anybody check who wrote the software.",
        )
