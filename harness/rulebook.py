"""What a run judges by: rows, checks and rules of shipped profiles and of a user's own, with their digests.

Nothing here is kept between runs: checks and rules of a user's profile are part of the rulebook that was made for it, and
the next run in the same process knows nothing of them. A worker process makes the same rulebook from the same references.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.harness.checks import Check, load_checks
from assay.profiles.catalogue import Profile, Requirement, asked_by_name, load_profile, united

if TYPE_CHECKING:
    from assay.harness.graph.rules import Rule
    from assay.harness.own_profile import OwnProfile

__all__ = ["Overlay", "Rulebook", "rulebook"]


@dataclass(frozen=True, slots=True)
class Overlay:
    """A profile whose own rows hold only for documents of some nations (ISO 3166-1 alpha-2)."""

    name: str
    nations: frozenset[str]
    nation_of: tuple[str, ...]
    """Whose nation counts: ``facility``, ``subject``, ``issuer``."""


@dataclass(frozen=True)
class Rulebook:
    """Everything that decides a verdict besides the material."""

    requirements: Mapping[str, Requirement]
    checks: Mapping[str, Sequence[Check]]
    profiles: tuple[tuple[str, str], ...]
    """Names and digests: what was asked for, then what a user's own profiles name."""
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The user's own profiles among them, with the nations that they hold for (none: for all)."""
    rules: Mapping[tuple[str, str], Rule] = field(default_factory=dict)
    """Rules in SQL of the user's own profiles, by profile and file."""
    overlays: Mapping[str, Overlay] = field(default_factory=dict)


def rulebook(
    asked: Sequence[Profile], beside: Sequence[str] = (), undecided: Collection[str] = ()
) -> Rulebook:
    """The rulebook of profiles that were asked for, and of shipped ones that are judged beside them.

    MUST rows of what was asked for decide, patterns included, except those of the profiles named in ``undecided``.

    :raises CatalogueError: something in a user's own profile is wrong, or two profiles claim one id.
    """
    profiles = (*asked, *(load_profile(name) for name in beside))
    merged = united(sorted(profiles, key=lambda one: one.folder is not None))
    used = {profile.name: profile for profile in profiles}
    decisive = {profile.name for profile in asked}
    own = _own(asked)
    for one in own.values():
        for part in (one.profile, *one.profile.layers):
            used.setdefault(part.name, part)
            decisive.add(part.name)  # what a user's profile extends is asked for there, by name
    decisive.difference_update(undecided)
    shipped = load_checks()
    checks: dict[str, Sequence[Check]] = dict(shipped)
    for name, one in own.items():
        checks |= {f"{row}@{name}": found for row, found in one.checks.items()}
    requirements = {}
    for key, row in merged.items():
        judged = asked_by_name(row) if row.profile in decisive else row
        decided_by = f"{row.id}@{row.adopted_from or row.profile}"
        if decided_by in checks:
            judged = judged.model_copy(update={"decided_by": decided_by})
        requirements[key] = judged
    return Rulebook(
        requirements=requirements,
        checks=checks if own else shipped,
        profiles=tuple((name, profile.digest) for name, profile in used.items()),
        own={name: one.profile.nations for name, one in own.items()},
        rules={(name, file): rule for name, one in own.items() for file, rule in one.rules.items()},
        overlays={
            name: Overlay(name, frozenset(one.profile.nations), one.profile.nation_of)
            for name, one in own.items()
            if one.profile.nations
        },
    )


def _own(asked: Sequence[Profile]) -> dict[str, OwnProfile]:
    if all(profile.folder is None for profile in asked):
        return {}  # without what joins credentials, which takes a while to import
    from assay.harness.own_profile import own_profiles

    return {one.profile.name: one for profile in asked for one in own_profiles(profile)}
