"""JSON-LD expansion by pyld with hooks that record what it would do silently, each with a path.

Two processors give the same answer: :class:`PlainProcessor` is stock pyld plus hooks (the oracle of the tests and the
way for documents that could disturb shared state); :class:`SharedProcessor` also remembers processed contexts. Contexts
come from a :class:`ContextStore` and are never fetched.
"""

from __future__ import annotations

import copy
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from pyld import jsonld
from pyld.context_resolver import ContextResolver
from pyld.documentloader.frozen import BUNDLED_CONTEXTS

from assay.harness.material import Path, TermFinding
from assay.profiles import untp_0_6
from assay.profiles.untp_0_7 import CONTEXT_URL, context

__all__ = [
    "BudgetExceeded",
    "ContextStore",
    "PlainProcessor",
    "SharedProcessor",
    "caught_by_vocab",
    "is_absolute",
    "is_keyword",
]

# pyld warns about terms that look like keywords; the finding says so with a path.
warnings.filterwarnings("ignore", category=SyntaxWarning, module=r"pyld\.")

Context = Mapping[str, Any]

MAX_CONTEXT_STEPS = 50_000
"""Contexts that may be processed for one document. A cold start takes some hundreds; scoped contexts count one each."""

MAX_SHARED_CONTEXTS = 2_000

is_absolute: Callable[[Any], bool] = jsonld._is_absolute_iri
is_keyword: Callable[[Any], bool] = jsonld._is_keyword

# Terms that only a class's own @vocab explains. Characteristics# is exempt: it is where the protocol wants extensions.
caught_by_vocab = re.compile(
    r"https://vocabulary\.uncefact\.org/(?:untp/)?(?!Characteristics#)[A-Za-z0-9]+#"
).match


class BudgetExceeded(BaseException):
    """A document asks for more context processing than it is worth. Not an Exception, because pyld wraps those."""


@cache
def _legacy() -> Mapping[str, tuple[str, str]]:
    """Contexts of UNTP 0.6 by URL: kind and version."""
    return {
        url: (kind, version) for version, urls in untp_0_6.CONTEXT_URLS.items() for kind, url in urls.items()
    }


class ContextStore:
    """Contexts by URL, parsed when first asked for: UNTP's from the class table, W3C's as they come with pyld.

    ``further`` adds contexts or replaces known ones; values are documents (``{"@context": ...}``).
    """

    def __init__(self, further: Mapping[str, Context] | None = None) -> None:
        self._documents: dict[str, Context] = dict(further or {})
        self._files: dict[str, FilePath] = {url: FilePath(path) for url, path in BUNDLED_CONTEXTS.items()}

    def __contains__(self, url: object) -> bool:
        return url in self._documents or url == CONTEXT_URL or url in _legacy() or url in self._files

    def __getitem__(self, url: str) -> Context:
        """The context document; KeyError for an unknown URL. Shared: do not change it."""
        found = self._documents.get(url)
        if found is None:
            if url == CONTEXT_URL:
                found = context()
            elif url in _legacy():
                found = untp_0_6.context(*_legacy()[url])
            else:
                found = json.loads(self._files[url].read_text(encoding="utf-8"))
            self._documents[url] = found
        return found

    def resolver(self, isolated: bool, cache: dict[str, Any]) -> ContextResolver:
        """A pyld context resolver that knows this store only; ``isolated`` hands out copies."""
        return _Resolver(self, isolated, cache)


class _Resolver(ContextResolver):  # type: ignore[misc]
    def __init__(self, store: ContextStore, isolated: bool, cache: dict[str, Any]) -> None:
        super().__init__(cache, self._load)
        self._store = store
        self._isolated = isolated

    def _load(self, url: str, options: Any = None) -> dict[str, Any]:
        document = self._store[url]
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": copy.deepcopy(document) if self._isolated else document,
            "tag": "static",
        }

    def _resolve_remote_context(self, active_ctx: Any, url: str, base: Any, cycles: Any) -> Any:
        if url not in self._store:  # before it is resolved against anything: known contexts are absolute
            raise jsonld.JsonLdError(
                "unknown context", "jsonld.InvalidUrl", {"url": url}, code="loading remote context failed"
            )
        return super()._resolve_remote_context(active_ctx, url, base, cycles)


def _never_load(url: str, options: Any = None) -> dict[str, Any]:
    """Documents are handed over parsed; this is here so that pyld has no loader of its own to fall back on."""
    raise jsonld.JsonLdError(
        "refused", "jsonld.LoadDocumentError", {"url": url}, code="loading document failed"
    )


class _Text(str):
    """A string that knows where it stands."""

    __slots__ = ("path",)
    path: Path

    def __deepcopy__(self, memo: Any) -> _Text:
        return self


class _Object(dict[str, Any]):
    """An object that knows where it stands. pyld does not change its input, so the copy it makes may be itself."""

    __slots__ = ("path",)
    path: Path

    def __deepcopy__(self, memo: Any) -> _Object:
        return self


def _placed(value: Any, path: Path = ()) -> Any:
    """A copy of a JSON value whose objects and strings know their paths; contexts are copied as they are."""
    if isinstance(value, dict):
        found = _Object(
            (name, copy.deepcopy(member) if name == "@context" else _placed(member, (*path, name)))
            for name, member in value.items()
        )
        found.path = path
        return found
    if isinstance(value, list):
        return [_placed(item, (*path, i)) for i, item in enumerate(value)]
    if isinstance(value, str):
        text = _Text(value)
        text.path = path
        return text
    return value


class _Hooks(jsonld.JsonLdProcessor):  # type: ignore[misc]
    """Records findings while pyld expands; ``at`` is the object that it entered last."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[Path, str, str]] = set()
        self.at: Path = ()

    def _expansion(self, value: Any, options: dict[str, Any]) -> Iterator[TermFinding]:
        """Expand a value and yield what was seen, and at most one ``error`` at the object where expansion stopped."""
        self.found = set()
        self.at = ()
        error: str | None = None
        try:
            self.expand(_placed(value), options)
        except jsonld.JsonLdError as problem:
            error = _explain(problem)
        except RecursionError:
            error = "terms depend on each other too deeply"
        except BudgetExceeded:
            error = f"needs more than {MAX_CONTEXT_STEPS} contexts to be processed"
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
            # pyld lets some malformed input through to its inner workings; that is the input's fault, not ours.
            error = f"cannot be processed ({type(problem).__name__})"
        for path, kind, detail in self.found:
            yield TermFinding(path, kind, detail)
        if error is not None:
            yield TermFinding(self.at, "error", error)

    def _judge(self, ctx: Any, value: Any, kind: str, vocab: bool) -> None:
        if type(value) is _Text:
            iri = jsonld.JsonLdProcessor._expand_iri(self, ctx, str(value), vocab=vocab)
            if iri is None or not (is_absolute(iri) or (is_keyword(iri) and kind != "relative_id")):
                self.found.add((value.path, kind, ""))

    def _expand(self, active_ctx: Any, active_property: Any, element: Any, *args: Any, **named: Any) -> Any:
        if type(element) is _Object:
            self.at = element.path
        return super()._expand(active_ctx, active_property, element, *args, **named)

    def _expand_object(
        self,
        active_ctx: Any,
        active_property: Any,
        expanded_active_property: Any,
        element: Any,
        expanded_parent: Any,
        options: Any,
        inside_list: bool = False,
        type_key: Any = None,
        type_scoped_ctx: Any = None,
    ) -> Any:
        path: Path = getattr(element, "path", self.at)
        for name, value in element.items():
            if name == "@context":
                continue
            iri = self._expand_iri(active_ctx, name, vocab=True)
            if iri is None or not (is_absolute(iri) or is_keyword(iri)):
                self.found.add(((*path, name), "dropped", ""))
            elif iri == "@type":
                for item in value if isinstance(value, list) else [value]:
                    self._judge(type_scoped_ctx or active_ctx, item, "relative_type", vocab=True)
            elif iri == "@id":
                self._judge(active_ctx, value, "relative_id", vocab=False)
            elif caught_by_vocab(iri):
                self.found.add(((*path, name), "vocab", iri))
        return super()._expand_object(
            active_ctx,
            active_property,
            expanded_active_property,
            element,
            expanded_parent,
            options,
            inside_list,
            type_key,
            type_scoped_ctx,
        )

    def _expand_value(self, active_ctx: Any, active_property: Any, value: Any, options: Any) -> Any:
        if type(value) is _Text:
            coercion = jsonld.JsonLdProcessor.get_context_value(active_ctx, active_property, "@type")
            if coercion in ("@id", "@vocab"):
                self._judge(active_ctx, value, "bad_iri", vocab=coercion == "@vocab")
        return super()._expand_value(active_ctx, active_property, value, options)


class PlainProcessor(_Hooks):
    """Stock pyld with hooks; remembers nothing and shares nothing."""

    def __init__(self, store: ContextStore) -> None:
        super().__init__()
        self.store = store

    def findings(self, value: Any) -> Iterator[TermFinding]:
        """The verdict of a document that is neither too deep nor too large."""
        options = {"documentLoader": _never_load, "contextResolver": self.store.resolver(True, {})}
        return self._expansion(value, options)


class SharedProcessor(_Hooks):
    """pyld with hooks that processes each static context once per active context.

    Static are contexts named by URL and the contexts scoped inside them. An active context is *stable* when it was
    reached by static ones only; what follows from inline contexts is never kept.
    """

    def __init__(self, store: ContextStore) -> None:
        super().__init__()
        self.store = store
        self.steps = 0
        self._static: dict[int, Any] = {}
        self._seen: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """Drop everything remembered."""
        self._processed: dict[tuple[Any, ...], Any] = {}
        self._resolved: dict[str, Any] = {}
        self.initial = self._get_initial_context({"processingMode": "json-ld-1.1"})
        self._stable: dict[int, Any] = {id(self.initial): self.initial}

    def findings(self, value: Any, inline: bool) -> Iterator[TermFinding]:
        """The same verdict; ``inline`` says that the document brings contexts of its own."""
        self.steps = 0
        return self._expansion(value, self.options(inline))

    @property
    def size(self) -> int:
        """Number of remembered contexts."""
        return len(self._processed)

    def options(self, inline: bool = False) -> dict[str, Any]:
        """Expansion options of one run; with inline contexts, nothing that pyld resolves outlives the run."""
        cache = {} if inline else self._resolved
        return {
            "documentLoader": _never_load,
            "contextResolver": self.store.resolver(False, cache),
            "base": "",
            "isFrame": False,
            "processingMode": "json-ld-1.1",
        }

    def _mark(self, value: Any) -> None:
        """Note every object of a context document as static; the store keeps them alive, so their ids stay theirs."""
        if isinstance(value, dict):
            self._static[id(value)] = value
            for member in value.values():
                self._mark(member)
        elif isinstance(value, list):
            for member in value:
                self._mark(member)

    def _key(self, local_ctx: Any) -> Any:
        """What stands for a static local context; None for any other."""
        urls = [local_ctx] if isinstance(local_ctx, str) else local_ctx
        if isinstance(urls, list) and urls and all(isinstance(url, str) for url in urls):
            if not all(url in self.store for url in urls):
                return None
            for url in urls:
                if url not in self._seen:
                    self._seen.add(str(url))
                    self._mark(self.store[url])
            return tuple(map(str, urls))
        return id(local_ctx) if id(local_ctx) in self._static else None

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
        key = None if cycles or id(active_ctx) not in self._stable else self._key(local_ctx)
        memo = (id(active_ctx), key, override_protected, propagate)
        if key is not None and memo in self._processed:
            return self._processed[memo]
        self.steps += 1
        if self.steps > MAX_CONTEXT_STEPS:
            raise BudgetExceeded
        result = super()._process_context(
            active_ctx, local_ctx, options, override_protected, propagate, validate_scoped, cycles
        )
        if key is not None:
            self._processed[memo] = result
            self._stable[id(result)] = result  # kept alive, so the id stays its own
        return result


def _explain(problem: BaseException) -> str:
    """The JSON-LD error code; for a context that is not known, its URL."""
    cause: BaseException | None = problem
    while cause is not None:
        details = getattr(cause, "details", None)
        if getattr(cause, "code", None) == "loading remote context failed" and isinstance(details, dict):
            return f"unknown context, never fetched: {str(details.get('url'))[:200]}"
        if isinstance(cause, RecursionError):
            return "terms depend on each other too deeply"
        cause = cause.__cause__
    return str(getattr(problem, "code", None) or getattr(problem, "type", "") or "error")
