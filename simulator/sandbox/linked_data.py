"""What JSON-LD processing would lose, by plain ``pyld`` behind a memo by document shape.

Expansion drops a member when its name has no meaning in the active context. The active context depends on the names,
the ``type`` values and the contexts on the way down, and on nothing else, so that two documents of equal shape lose
the same. Expansion costs some 45 ms, a shape a tenth of a millisecond.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from pyld import jsonld
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

from assay.profiles import untp_0_7

__all__ = ["LinkedData", "context_urls"]

_VERBATIM = ("type", "@type", "@context")
_MEMO = 512


def context_urls(document: Any) -> list[str]:
    """The contexts that a document names at its top, in order."""
    contexts = document.get("@context") if isinstance(document, dict) else None
    listed = contexts if isinstance(contexts, list) else [contexts]
    return [entry for entry in listed if isinstance(entry, str)]


class LinkedData:
    """Expands documents under pinned contexts (W3C's from pyld, UNTP's from the profile) and such as are handed in."""

    def __init__(self) -> None:
        self._pinned: dict[str, Any] = dict(BUNDLED_CONTEXTS)
        self._pinned[untp_0_7.CONTEXT_URL] = untp_0_7.context()
        self._memo: OrderedDict[Hashable, tuple[str, ...]] = OrderedDict()

    def knows(self, url: str) -> bool:
        """Whether a context is pinned."""
        return url in self._pinned

    def losses(self, document: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """What expansion loses or why it fails, one sentence each; ``extra`` holds extension contexts by URL."""
        key = (_shape(document), json.dumps(extra, sort_keys=True) if extra else "")
        found = self._memo.get(key)
        if found is None:
            found = self._expand(document, extra or {})
            self._memo[key] = found
            if len(self._memo) > _MEMO:
                self._memo.popitem(last=False)
        else:
            self._memo.move_to_end(key)
        return found

    def _expand(self, document: Mapping[str, Any], extra: Mapping[str, Any]) -> tuple[str, ...]:
        # Pinned contexts win: nobody redefines the data model by serving another file under its name.
        loader = FrozenDocumentLoader(documents={**extra, **self._pinned})
        dropped: list[str | None] = []
        options = {"documentLoader": loader, "base": ""}
        try:
            expanded = jsonld.expand(dict(document), options, on_property_dropped=dropped.append)
        except jsonld.JsonLdError as error:
            return (f"JSON-LD expansion fails: {error.code or error.type}: {_cause(error)}",)
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            return (f"JSON-LD expansion fails: {type(error).__name__}",)
        if not expanded:
            return ("JSON-LD expansion leaves nothing",)
        return tuple(f"JSON-LD expansion drops {name or 'a member without meaning'}" for name in dropped)


def _cause(error: jsonld.JsonLdError) -> str:
    return str(error.args[0]) if error.args else "no further detail"


def _shape(value: Any) -> Hashable:
    """All that decides what expansion drops: names, kinds of values, ``type`` values and contexts verbatim."""
    if isinstance(value, dict):
        return tuple(
            (name, json.dumps(item, sort_keys=True) if name in _VERBATIM else _shape(item))
            for name, item in sorted(value.items())
        )
    if isinstance(value, list):
        # Order and repetition of equal shapes change nothing, only how often the same loss is reported.
        return ("[]", tuple(dict.fromkeys(_shape(item) for item in value)))
    if isinstance(value, str):
        return "@" if value.startswith("@") else "s"
    return type(value).__name__
