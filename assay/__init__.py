"""Assay: test harness and simulation sandbox for the UN Transparency Protocol."""

from typing import Any

__all__ = ["__version__"]

__version__: str


def __getattr__(name: str) -> Any:
    """The version is read from the installed distribution when it is asked for: that read costs 50 ms of start-up."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("untp-assay")
    except PackageNotFoundError:  # running from a source tree that was never installed
        return "0.0.0"
