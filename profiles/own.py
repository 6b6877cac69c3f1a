"""What is asked of a profile of a user's own beyond what all profiles keep to: nothing in it may be passed over unseen."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from assay.profiles.reading import ProfileFile
from assay.profiles.requirement import CheckKind, Requirement

__all__ = ["ADOPTABLE", "NATION_OF", "ROWS", "Steps", "nations_of", "only", "ours", "own_head"]

NATION_OF = ("facility", "subject", "issuer")
"""Whose nation an overlay may go by."""

ADOPTABLE = ("level", "status", "rule", "source", "cites", "note", "implies")
"""What a user's profile may say differently of a row that it adopts; its check stays what it is."""

ROWS = ("defaults", "requirements", "adopts")
"""Keys of a file of rows."""

Steps = tuple[str | int, ...]
"""Keys and indices that lead to a place of a YAML file."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_HEAD = ("name", "title", "extends", "nations", "nation_of")
_SET_BY_US = ("adopted_from", "decided_by", "decisive")


def own_head(head: ProfileFile, names_above: Collection[str], shipped: Collection[str]) -> str:
    """The name of a user's own profile, once its head is known to say nothing that would be passed over."""
    only(head, (), head.content, _HEAD, "a profile")
    name = head.content.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise head.fault(("name",), "'name' has to be lower-case letters, digits, '.', '_' and '-'")
    if name in shipped:
        raise head.fault(
            ("name",), f"'{name}' is the name of a profile that ships with Assay; choose another"
        )
    if name in names_above:
        raise head.fault(("name",), f"'{name}' is also the name of a profile that extends this one")
    return name


def nations_of(head: ProfileFile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Nations of an overlay and whose nation counts; both empty for other profiles."""
    from assay.profiles.untp_0_7.codes import COUNTRIES

    if "nations" not in head.content:
        if "nation_of" in head.content:
            raise head.fault(("nation_of",), "'nation_of' belongs to a profile with 'nations'")
        return (), ()
    nations, nation_of = head.content["nations"], head.content.get("nation_of", ["facility", "subject"])
    for key, values in (("nations", nations), ("nation_of", nation_of)):
        if not isinstance(values, list) or not values:
            raise head.fault((key,), f"'{key}' has to be a list with at least one entry")
    for place, code in enumerate(nations):
        if not isinstance(code, str) or code not in COUNTRIES:
            hint = '; write "NO" in quotes, YAML reads it as false' if code is False else ""
            raise head.fault(
                ("nations", place), f"{code!r} is no country code of two letters, such as CD{hint}"
            )
    for place, what in enumerate(nation_of):
        if what not in NATION_OF:
            raise head.fault(
                ("nation_of", place), f"{what!r} is unknown; choose from: {', '.join(NATION_OF)}"
            )
    return tuple(nations), tuple(nation_of)


def only(file: ProfileFile, steps: Steps, content: Mapping[Any, Any], keys: Sequence[str], what: str) -> None:
    for key in content:
        if key not in keys:
            raise file.fault(
                (*steps, str(key)), f"{key!r} is no key of {what}; choose from {', '.join(keys)}"
            )


def ours(file: ProfileFile, steps: Steps, row: Requirement, own: str) -> None:
    """A row of a user's profile speaks for that profile only, and leaves to Assay what Assay fills in."""
    if row.profile != own:
        raise file.fault(
            (*steps, "profile"),
            f"{row.id}: profile: has to be {own!r}, the name of this profile; or leave it out",
        )
    for key in _SET_BY_US:
        if key in row.model_fields_set:
            raise file.fault((*steps, key), f"{row.id}: {key}: is set by Assay; leave it out")
    if row.check is CheckKind.AUDIT:
        raise file.fault(
            (*steps, "check"),
            f"{row.id}: check: audit is for rows of 'assay world check'; write a rule (check: graph)",
        )
