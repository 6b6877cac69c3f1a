"""The JSON-LD verdict of a document: what processing would silently drop, guess or get wrong, with paths.

Three ways to the same verdict, fastest first: a certificate (``SchemaJudge.certified``) means an empty verdict, so the
caller need not ask; the memo of node shapes (:mod:`.term_memo`); expansion by pyld (:mod:`.jsonld`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from assay.harness.credential.limits import MAX_DEPTH, MAX_NODES, Survey, survey, walk_values
from assay.harness.material import Path, TermFinding, pointer

if TYPE_CHECKING:
    from assay.harness.credential.jsonld import ContextStore, SharedProcessor
    from assay.harness.credential.term_memo import NodeMemo
    from assay.profiles.artefacts import Artefacts

__all__ = ["MAX_INLINE_CONTEXT", "LinkedDataJudge"]

MAX_INLINE_CONTEXT = 5_000
"""Objects, arrays and members of all inline contexts of one document together."""

_MAX_DETAIL = 200


class LinkedDataJudge:
    """Judges values of any kind; one judge per thread. Unknown contexts are refused, never fetched.

    Known are the UNTP context, what comes with pyld, what ``artefacts`` holds, and ``contexts`` (documents by URL), for
    extensions that the user vouches for.
    """

    def __init__(
        self, artefacts: Artefacts | None = None, contexts: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self._artefacts = artefacts
        self._contexts = contexts or {}

    # pyld takes a tenth of a second to import, and a certified document never needs it: everything below is made on
    # first use.

    @cached_property
    def store(self) -> ContextStore:
        """The contexts that are known."""
        from assay.harness.credential.jsonld import ContextStore

        published = {} if self._artefacts is None else self._artefacts.contexts()
        return ContextStore({**published, **self._contexts})

    @cached_property
    def _processor(self) -> SharedProcessor:
        from assay.harness.credential.jsonld import SharedProcessor

        return SharedProcessor(self.store)

    @cached_property
    def _memo(self) -> NodeMemo:
        from assay.harness.credential.term_memo import NodeMemo

        return NodeMemo(self._processor)

    def findings(self, value: Any) -> tuple[TermFinding, ...]:
        """The verdict, in order of paths; empty when nothing is lost, guessed or wrong."""
        seen = survey(value)
        refused = _refusal(seen)
        if refused is not None:
            return (refused,)
        found = self._memo.findings(value)
        if found is not None:
            return _ordered(value, found)
        return self._expanded(value, seen)

    def expanded(self, value: Any) -> tuple[TermFinding, ...]:
        """The same verdict by pyld with remembered contexts, without the memo of node shapes."""
        seen = survey(value)
        refused = _refusal(seen)
        return self._expanded(value, seen) if refused is None else (refused,)

    def plain(self, value: Any) -> tuple[TermFinding, ...]:
        """The same verdict by stock pyld alone, tens of times slower: the oracle of the tests."""
        refused = _refusal(survey(value))
        return self._plainly(value) if refused is None else (refused,)

    def _expanded(self, value: Any, seen: Survey) -> tuple[TermFinding, ...]:
        if any(isinstance(item, dict) and "@import" in item for item in walk_values(seen.inline)):
            return self._plainly(value)  # pyld changes the context that such a one imports
        return _ordered(value, self._processor.findings(value, inline=bool(seen.inline)))

    def _plainly(self, value: Any) -> tuple[TermFinding, ...]:
        from assay.harness.credential.jsonld import PlainProcessor

        return _ordered(value, PlainProcessor(self.store).findings(value))


def _refusal(seen: Survey) -> TermFinding | None:
    """The finding that stands for a document too large to look at, or None."""
    if seen.too_deep:
        return TermFinding((), "error", f"nested deeper than {MAX_DEPTH} levels")
    if seen.too_many:
        return TermFinding((), "error", f"more than {MAX_NODES} objects and arrays")
    if sum(1 for _ in islice(walk_values(seen.inline), MAX_INLINE_CONTEXT + 1)) > MAX_INLINE_CONTEXT:
        return TermFinding((), "error", f"inline contexts of more than {MAX_INLINE_CONTEXT} members")
    return None


def _ordered(value: Any, found: Iterable[TermFinding]) -> tuple[TermFinding, ...]:
    """Findings in the order of their paths, with the string that stands there where the finding does not say more."""
    told = [f if f.detail else replace(f, detail=_shown(value, f.path)) for f in found]
    return tuple(sorted(told, key=lambda f: (pointer(f.path), f.kind)))


def _shown(value: Any, path: Path) -> str:
    for step in path:
        value = value[step]
    shown = value if isinstance(value, str) else ""
    return shown if len(shown) <= _MAX_DETAIL else shown[: _MAX_DETAIL - 1] + "…"
