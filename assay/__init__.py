"""Assay: test harness and simulation sandbox for the UN Transparency Protocol."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("untp-assay")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
