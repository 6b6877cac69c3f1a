"""Worlds in which all patterns of certificates, technology and records play."""

from __future__ import annotations

from tests.deceptions_worlds import Deceived, deceived, little, touched

__all__ = [
    "CERTIFICATES",
    "RECORDS",
    "SEVERITIES",
    "TECHNICAL",
    "exam",
    "honest",
    "judged",
    "pairs",
    "told_apart",
]

CERTIFICATES = ("F18", "F19", "F20", "F21", "F22", "F23", "F27")
TECHNICAL = ("F36", "F37", "F38", "F41")
RECORDS = ("F39", "F40", "F43")
SEVERITIES = ("0.05", "0.5")
"""Weak frauds play in the little world, strong ones at the crossroads."""
_AT = {"F37": ", at: [west-hydroxide-plant, east-hydroxide-plant]"}


def exam(severity: str) -> Deceived:
    """A world with one fraud and one twin of each; copied passports need the crossroads."""
    codes = (*CERTIFICATES, *TECHNICAL, *RECORDS)
    if severity == SEVERITIES[0]:
        codes = tuple(code for code in codes if code != "F39")
        return little(_entries(codes, severity, _AT))
    return deceived(_entries(codes, severity, {}))


def honest(severity: str) -> Deceived:
    """The same world without deceptions."""
    return little() if severity == SEVERITIES[0] else deceived()


def _entries(codes: tuple[str, ...], severity: str, at: dict[str, str]) -> str:
    rows = (f"{{pattern: {code}, severity: {severity}, twins: 1{at.get(code, '')}}}" for code in codes)
    return f"[{', '.join(rows)}]"


def judged(found: Deceived, code: str, among: tuple[str, ...] = ()) -> dict[str, tuple[bool, bool]]:
    """By instance of a pattern: was it decided, and seen at the scope of its label? Only its frauds, and those ``among`` these, may be."""
    seen, decided = found.seen(code), found.decided(code)
    frauds = {url for one in (code, *among) for url in found.roots(one, honest=False)}
    strays = [one for one in (*seen, *decided) if not set(one.subjects) & frauds]
    assert not strays
    return {
        name: (bool(set(label["root"]) & touched(decided)), bool(found.seen_in_scope(name)))
        for name, label in found.labels.items() if label["code"] == code
    }  # fmt: skip


def told_apart(found: Deceived, code: str, among: tuple[str, ...] = ()) -> bool:
    """Whether the pattern plays, every fraud is decided and seen, and no twin is; whatever else is seen fails at once."""
    got = judged(found, code, among)
    return bool(got) and got == {name: (not found.labels[name]["honest"],) * 2 for name in got}


def pairs(codes: tuple[str, ...], severity: str) -> Deceived:
    """The crossroads with two frauds and two twins of each pattern."""
    rows = (f"{{pattern: {code}, severity: {severity}, count: 2, twins: 2}}" for code in codes)
    return deceived(f"[{', '.join(rows)}]")
