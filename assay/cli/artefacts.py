"""``assay artefacts``: the published schemas and contexts, pinned by digest."""

from __future__ import annotations

__all__ = ["run_list", "run_pull", "run_verify"]
