"""Adapters: how to talk to an issuer, a verifier or a status provider, and how to read what it answers.

An adapter turns one request into one :class:`Answer`. Others can be installed: the entry point group ``assay.adapters`` names
classes that are called with ``(transport, endpoint, headers)`` and offer the methods of :class:`Adapter`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Any, Protocol

from assay.harness.transport import Transport

__all__ = ["GROUP", "Adapter", "AdapterError", "Answer", "Reading", "adapter_names", "load_adapter"]

GROUP = "assay.adapters"


class AdapterError(ValueError):
    """No such adapter; the message names those there are."""


class Reading(StrEnum):
    """What an answer says about what was sent."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CRASHED = "crashed"
    """A server error: the request was taken in and something broke."""
    UNREACHABLE = "unreachable"
    """No answer, or one that says try again."""
    UNREADABLE = "unreadable"
    """An answer in which no verdict can be found."""
    MISCONFIGURED = "misconfigured"
    """The endpoint, the method or our authorisation is wrong: nothing is said about what was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read. ``material`` is the credential that an issuer handed out; ``evidence`` digests of exchanges."""

    reading: Reading
    reasons: tuple[str, ...] = ()
    material: bytes | None = None
    status: int | None = None
    detail: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def is_verdict(self) -> bool:
        return self.reading in (Reading.ACCEPTED, Reading.REJECTED)

    def __str__(self) -> str:
        told = f"{self.reading.value}" + (f" ({self.status})" if self.status is not None else "")
        why = "; ".join(self.reasons[:3]) or self.detail
        return f"{told}: {why}"[:400] if why else told


class Adapter(Protocol):
    """What the trials need of an adapter; every method sends exactly one request."""

    async def issue(self, credential: Mapping[str, Any] | None, *, authorised: bool = True) -> Answer: ...

    async def verify(self, token: str, **options: Any) -> Answer: ...

    async def verify_document(self, document: Mapping[str, Any]) -> Answer: ...

    async def verify_link(self, href: str, relation: str, media_type: str = "") -> Answer: ...

    async def verify_identity(self, token: str, anchor: str, trusted: tuple[str, ...]) -> Answer: ...

    async def verify_presentation(self, tokens: Sequence[str]) -> Answer: ...

    async def verify_graph(
        self,
        credentials: Sequence[str | Mapping[str, Any]],
        vocabularies: Sequence[Mapping[str, Any]],
        anchors: Sequence[str],
    ) -> Answer: ...

    async def set_status(
        self, credential_id: str, entry: Mapping[str, Any], value: bool, *, authorised: bool = True
    ) -> Answer: ...


Factory = Callable[..., Adapter]


def _found() -> dict[str, Callable[[], Factory]]:
    from assay.harness.adapters.vc_api import VcApi

    def vc_api(*arguments: Any, **options: Any) -> Adapter:
        return VcApi(*arguments, **options)

    found: dict[str, Callable[[], Factory]] = {point.name: point.load for point in entry_points(group=GROUP)}
    # Ours is there even when the package runs from its sources without being installed.
    found["vc-api"] = lambda: vc_api
    return found


def adapter_names() -> list[str]:
    """Names of the adapters that are installed."""
    return sorted(_found())


def load_adapter(
    name: str, transport: Transport, endpoint: str, headers: Mapping[str, str], **options: Any
) -> Adapter:
    """An adapter for an endpoint.

    :raises AdapterError: no adapter of that name.
    """
    found = _found()
    if name not in found:
        raise AdapterError(f"adapter '{name}' is unknown; choose one of: {', '.join(sorted(found))}")
    return found[name]()(transport, endpoint, headers, **options)
