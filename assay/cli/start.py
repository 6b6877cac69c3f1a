"""What every command does first."""

from __future__ import annotations

import gc

__all__ = ["imports_done"]


def imports_done() -> None:
    """Take what the imports made out of the garbage collector's sight, and let it work on what comes now."""
    gc.freeze()
    gc.enable()
