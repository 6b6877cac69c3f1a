"""One world in which all patterns of certificates, technology and records play, at several severities."""

from __future__ import annotations

from tests.deceptions_worlds import Deceived, deceived, touched

__all__ = ["CERTIFICATES", "RECORDS", "SEVERITIES", "TECHNICAL", "exam", "judged"]

CERTIFICATES = ("F18", "F19", "F20", "F21", "F22", "F23", "F27")
TECHNICAL = ("F36", "F37", "F38", "F41")
RECORDS = ("F39", "F40", "F43")
SEVERITIES = ("0.05", "0.5")


def exam(severity: str) -> Deceived:
    """The crossroads with one fraud and one twin of each."""
    codes = (*CERTIFICATES, *TECHNICAL, *RECORDS)
    entries = ", ".join(f"{{pattern: {code}, severity: {severity}, twins: 1}}" for code in codes)
    return deceived(f"[{entries}]")


def judged(found: Deceived, code: str) -> dict[str, tuple[bool, bool]]:
    """By instance of a pattern: was it decided, and seen at the scope of its label? Nothing else may be."""
    seen, decided = found.seen(code), found.decided(code)
    frauds = found.roots(code, honest=False)
    strays = [one for one in (*seen, *decided) if not set(one.subjects) & frauds]
    assert not strays
    return {
        name: (bool(set(label["root"]) & touched(decided)), bool(found.seen_in_scope(name)))
        for name, label in found.labels.items() if label["code"] == code
    }  # fmt: skip
