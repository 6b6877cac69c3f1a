"""What JSON-LD processing would lose, by ``pyld`` behind a memo by document shape.

Expansion drops a member when its name has no meaning in the active context. The active context depends on the names,
the ``type`` values and the contexts on the way down, and on nothing else, so that two documents of equal shape lose
the same. Expanding a passport costs some 45 ms, of which nine tenths go into processing the same scoped contexts again
and again; the processor remembers them. The shape of a passport costs a tenth of a millisecond.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from typing import Any

from cachetools import LRUCache
from pyld import jsonld
from pyld.context_resolver import ContextResolver
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

from assay.profiles import untp_0_7

__all__ = ["LinkedData", "context_urls", "shared"]

_VERBATIM = ("type", "@type", "@context")
_MEMO = 512
_CONTEXTS = 4096


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
        self._loader = FrozenDocumentLoader(documents=self._pinned)
        self._resolved: LRUCache[str, Any] = LRUCache(_MEMO)
        self._contexts: _Remembered = {}
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
        loader = FrozenDocumentLoader(documents={**extra, **self._pinned}) if extra else self._loader
        # pyld's own cache of contexts is global and knows URLs only: what one document's author serves there must not
        # be what another's is read with.
        cached: Any = {} if extra else self._resolved
        options = {"documentLoader": loader, "base": "", "contextResolver": ContextResolver(cached, loader)}
        dropped: list[str | None] = []
        processor = _Processor({} if extra else self._contexts, dropped.append)
        try:
            expanded = processor.expand(dict(document), options)
        except jsonld.JsonLdError as error:
            return (f"JSON-LD expansion fails: {error.code or error.type}: {_cause(error)}",)
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            return (f"JSON-LD expansion fails: {type(error).__name__}",)
        if not expanded:
            return ("JSON-LD expansion leaves nothing",)
        return tuple(f"JSON-LD expansion drops {name or 'a member without meaning'}" for name in dropped)


_Remembered = dict[Hashable, tuple[Any, Any, Any]]


class _Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # pyld is untyped
    """pyld's processor with processed contexts remembered: same active context, same local context, same result.

    Both are told apart by identity; the memo holds on to them, so that an identity is never given out twice.
    """

    def __init__(self, remembered: _Remembered, on_drop: Callable[[str | None], None]) -> None:
        super().__init__(on_property_dropped=on_drop)
        self._remembered = remembered

    def _process_context(
        self,
        active_ctx: Any,
        local_ctx: Any,
        options: Any,
        override_protected: bool = False,
        propagate: bool = True,
        validate_scoped: bool = True,
        cycles: Any = None,
    ) -> Any:
        arguments = (override_protected, propagate, validate_scoped)
        if cycles is not None:  # definitions being checked while their context is half made
            return super()._process_context(active_ctx, local_ctx, options, *arguments, cycles)
        listed = isinstance(local_ctx, list) and all(isinstance(item, str) for item in local_ctx)
        key = (id(active_ctx), tuple(local_ctx) if listed else id(local_ctx), arguments)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) > _CONTEXTS:
                self._remembered.clear()
            result = super()._process_context(active_ctx, local_ctx, options, *arguments)
            found = self._remembered[key] = (active_ctx, local_ctx, result)
        return found[2]


@cache
def shared() -> LinkedData:
    """One instance per process: the pinned contexts and the memo depend on nothing else."""
    return LinkedData()


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
