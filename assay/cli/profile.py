"""``assay profile check DIR``: is a user's own profile one that can be judged by? One error with file and line, or none."""

from __future__ import annotations

import sys
from pathlib import Path

from assay.cli.errors import usage_errors
from assay.harness.rulebook import rulebook
from assay.profiles.catalogue import CatalogueError, load_folder

__all__ = ["run_profile_check"]


def run_profile_check(folder: Path) -> int:
    """Check a profile, as every command that judges by it does, and say what it holds."""
    with usage_errors(CatalogueError):
        profile = load_folder(folder)
        rulebook((profile,))
    own = profile.own_rows()
    judged = sum(1 for row in own if row.check is not None)
    extends = f", extending {', '.join(profile.extends)}" if profile.extends else ""
    nations = (
        f", for {', '.join(profile.nations)} by {' or '.join(profile.nation_of)}" if profile.nations else ""
    )
    sys.stdout.write(
        f"ok: {profile.name}: {len(own)} rows of its own, {judged} judged{extends}{nations}\n{profile.digest}\n"
    )
    return 0
