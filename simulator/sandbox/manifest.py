"""The ``assay.toml`` that a sandbox writes about itself, ready for ``assay run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.simulator.sandbox.serve import Sandbox

__all__ = ["manifest_text"]


def manifest_text(sandbox: Sandbox) -> str:
    return ""
