"""Shared fixtures: where the published artefacts are, and what happens when they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("assay", deadline=None)
settings.load_profile("assay")
# a deadline per example measures the machine, not the code, when other work shares its cores

ROOT = Path(__file__).resolve().parent.parent


def artefacts_folder() -> Path | None:
    """The folder of published artefacts: ``ASSAY_ARTEFACTS``, else ``../shared/artefacts`` beside the project."""
    named = os.environ.get("ASSAY_ARTEFACTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "artefacts"
    return folder if (folder / "MANIFEST.json").is_file() else None


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The published artefacts; absent is a skip on a developer's machine and a failure in CI."""
    folder = artefacts_folder()
    if folder is None:
        reason = "published artefacts not found: set ASSAY_ARTEFACTS or place them in ../shared/artefacts"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def requirements_folder(artefacts: Path) -> Path:
    """The reference requirement rows with executable mutations, beside the artefacts."""
    return artefacts.parent / "requirements"
