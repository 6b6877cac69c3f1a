"""What a run was judged by, as every report for people quotes it: profiles and catalogue, each with its digest."""

from __future__ import annotations

from assay.harness.results import RunResult

__all__ = ["judged_by"]


def judged_by(run: RunResult) -> list[tuple[str, str]]:
    """Pairs of a name and ``sha256:…``: the profiles, marked where they are the user's own, and the shipped catalogue."""
    return [
        *((name + _mark(run, name), digest) for name, digest in run.profiles),
        (f"catalogue of Assay {run.assay}", run.catalogue),
    ]


def _mark(run: RunResult, name: str) -> str:
    if name not in run.own_profiles:
        return ""
    nations = run.own_profiles[name]
    return f" (own, for {', '.join(nations)})" if nations else " (own)"
