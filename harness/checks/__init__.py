"""Checks: one small pure function per requirement, registered under the id it decides.

A check is a generator of :class:`~assay.harness.results.Finding`. What it takes is said by its registration:

``@check("DPP-061", cls="Period")``
    called with every :class:`~assay.harness.material.Node` of that class in every document
``@check("VCP-014", kinds=UNTP_KINDS)``
    called with every document of those kinds; with ``cls`` and ``kinds`` together, with every node of that class in them
``@check("DIA-013", whole_set=True)``
    called once with the :class:`~assay.harness.material.CredentialSet`
``@check("VRF-002", trial="alg-none")``
    called with the :class:`~assay.harness.trials.Trial` of that name, once per endpoint it ran on

No severity, no HTTP, no text formatting here; level and status stand in the catalogue. A check that cannot decide
raises :class:`Undecided`; the engine reports *inconclusive* with its words. One whose rule does not speak of the
material raises :class:`NotApplicable`; the engine reports *not_applicable*.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from assay.harness.material import Kind
from assay.harness.results import Finding

__all__ = ["Check", "NotApplicable", "Remark", "Undecided", "check", "load_checks", "registering"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth saying that does not break the rule (an accepted variant); a check yields it like a finding.

    It ends up in the note of the result, never in its outcome.
    """

    text: str


F = TypeVar("F", bound=Callable[[Any], Iterator[Finding | Remark]])


class Undecided(Exception):
    """The material does not allow a verdict; the message says what is missing."""


class NotApplicable(Exception):
    """The rule does not speak of this material (rules on proofs and unsigned payloads); the message says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check function and what it is to be called with."""

    id: str
    function: Callable[[Any], Iterator[Finding | Remark]]
    cls: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    whole_set: bool = False
    trial: str | None = None
    basis: str | None = None
    silent_when_certified: bool = False
    series: str | None = None
    """Minor series of UNTP whose documents the check can read (``0.6``, ``0.7``); None for all."""


_REGISTRY: dict[str, list[Check]] = {}
_ASIDE: ContextVar[dict[str, list[Check]] | None] = ContextVar("_ASIDE", default=None)


def check(
    *ids: str,
    cls: str | tuple[str, ...] = (),
    kinds: Collection[Kind] = (),
    whole_set: bool = False,
    trial: str | None = None,
    basis: str | None = None,
    silent_when_certified: bool = False,
    series: str | None = None,
) -> Callable[[F], F]:
    """Register a check for one requirement (or for several that are the same rule).

    ``basis`` is ``text`` or ``schema`` where the two contradict each other and each gets its own verdict.
    ``silent_when_certified`` promises that the certificate schema rules every finding of this check out; a property
    test holds every such promise to account. ``series`` names the minor series of UNTP that the check is written for, where
    the same rule is looked up at other places in another.
    """
    classes = (cls,) if isinstance(cls, str) else cls

    def register(function: F) -> F:
        aside = _ASIDE.get()
        registry = _REGISTRY if aside is None else aside
        for identifier in ids:
            registry.setdefault(identifier, []).append(
                Check(
                    identifier,
                    function,
                    classes,
                    frozenset(kinds),
                    whole_set,
                    trial,
                    basis,
                    silent_when_certified,
                    series,
                )
            )
        return function

    return register


@contextmanager
def registering() -> Iterator[dict[str, list[Check]]]:
    """Checks that are registered meanwhile go into the mapping that is given, and not among those of Assay.

    A user's profile is read so: its checks are judged by where it was asked for, and unknown to every other run.
    """
    load_checks()  # or a module of ours that is imported meanwhile for the first time would be taken for the user's
    found: dict[str, list[Check]] = {}
    token = _ASIDE.set(found)
    try:
        yield found
    finally:
        _ASIDE.reset(token)


def load_checks() -> dict[str, list[Check]]:
    """All registered checks by requirement id (several where both bases are judged)."""
    from pkgutil import iter_modules

    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return _REGISTRY
