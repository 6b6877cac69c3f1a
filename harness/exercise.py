"""Exercise a system: everything the manifest names, in every role, recorded; what comes out is judged elsewhere.

Order: issue (so that what was issued can be judged with the rest), discover, look at what is published, question the
resolvers, change a status, examine the verifiers. To one endpoint everything is sent one after the other, so that a
control stands just before what it vouches for; several endpoints of a role are examined at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from assay.harness.adapters import Adapter, load_adapter
from assay.harness.addresses import split
from assay.harness.archive_trials import archive_trials
from assay.harness.authority import DEFAULT_SEED, Authority, AuthorityServer, publish
from assay.harness.checks import Check, load_checks
from assay.harness.credential.verify import Shelf
from assay.harness.discovery import Bounds, Discovery, crawl
from assay.harness.events import Event, Listener, Progress
from assay.harness.evidence import EvidenceStore, Redactor
from assay.harness.issuer_trials import (
    IssuerBench,
    anonymous_status_trial,
    issuer_trials,
    request_for,
    revocation_trial,
)
from assay.harness.leads import Lead, Want, start
from assay.harness.manifest import Issuer, Manifest, StatusProvider, Verifier
from assay.harness.material import Document
from assay.harness.network import HttpTransport
from assay.harness.published_trials import listing_trials, published_trials
from assay.harness.resolver_trials import ResolverSettings, resolver_trial
from assay.harness.results import RequirementResult, Scope, Subject
from assay.harness.transport import Limits, Transport
from assay.harness.trials import ApiTrial, HttpTrial, Trial, judge_trials
from assay.harness.verifier_trials import Bench, TestCredentials, link_tokens, verifier_trials
from assay.profiles.catalogue import Requirement

__all__ = ["Harvest", "authority_of", "exercise", "publish_authority", "transport_for", "verifiers_of"]

T = TypeVar("T")
R = TypeVar("R")

IDENTIFIERS_EACH = 4
"""Identifiers that a resolver is questioned about; more say the same again."""


# Without repr: asyncio shows the result of a finished task, and this one holds everything.
@dataclass(frozen=True, repr=False)
class Harvest:
    """What a run on endpoints brought in, ready for the engine."""

    documents: tuple[Document, ...]
    shelf: Shelf
    trials: tuple[Trial, ...]
    subjects: tuple[Subject, ...]
    """Endpoints, in order; ``Trial.subject`` is an index into them."""
    discovery: Discovery
    issued: int = 0
    """How many of the documents, the first ones, were issued at our request: they speak of a product that nobody makes."""

    def results(
        self, requirements: Mapping[str, Requirement], checks: Mapping[str, Sequence[Check]]
    ) -> Callable[[int], Iterable[RequirementResult]]:
        """What ``Engine.judge`` takes as ``trial_results``."""
        return lambda first: judge_trials(self.trials, requirements, checks, first)


@dataclass
class _Subjects:
    """Endpoint subjects in the order in which they are first met."""

    found: list[Subject] = field(default_factory=list)
    _known: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, source: str, kind: str, note: str = "") -> int:
        key = (source, kind)
        if key not in self._known:
            self._known[key] = len(self.found)
            self.found.append(Subject(source, kind, scope=Scope.ENDPOINT, note=note))
        return self._known[key]

    def publisher(self, url: str) -> int:
        parts = split(url)
        return self.add(f"{parts.scheme}://{parts.netloc}" if parts.netloc else url[:200], "Publisher")


def _nobody(event: Event) -> None:
    """A listener that hears nothing."""


def transport_for(manifest: Manifest, directory: Path | None = None) -> HttpTransport:
    """The transport that a manifest asks for; its evidence store strikes out the manifest's secrets."""
    limits = manifest.limits
    return HttpTransport(
        store=EvidenceStore(directory, Redactor(manifest.secrets.values())),
        host_map=manifest.host_map,
        allow=manifest.network.allow,
        ca=manifest.network.ca,
        limits=Limits(
            bytes=limits.bytes,
            seconds=limits.seconds,
            connect_seconds=limits.connect_seconds,
            redirects=limits.redirects,
            concurrency=limits.concurrency,
        ),
    )


def authority_of(manifest: Manifest, as_of: datetime) -> Authority:
    """The harness's own issuer as the manifest describes it. Dates are cut to the day, so that a folder published earlier fits."""
    day = as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Authority(manifest.harness.authority, day, manifest.secret(manifest.harness.seed) or DEFAULT_SEED)


def publish_authority(
    manifest: Manifest, bases: Mapping[str, Any], as_of: datetime, folder: Path
) -> list[Path]:
    """Write what verifiers have to be able to fetch: what ``assay forge publish DIR`` does."""
    authority = authority_of(manifest, as_of)
    return publish(authority, link_tokens(TestCredentials(authority, bases)), folder)


def verifiers_of(manifest: Manifest, transport: Transport) -> dict[str, Adapter]:
    """Adapters of the manifest's verifiers, by name (or endpoint, where a name is missing or taken)."""
    found: dict[str, Adapter] = {}
    for verifier in manifest.roles.verifier:
        name = verifier.name if verifier.name and verifier.name not in found else verifier.endpoint
        found[name] = _adapter(manifest, transport, verifier)
    return found


def _adapter(
    manifest: Manifest, transport: Transport, endpoint: Issuer | Verifier | StatusProvider
) -> Adapter:
    options: dict[str, Any] = {}
    if isinstance(endpoint, Verifier):
        options["form"] = endpoint.form
    elif isinstance(endpoint, StatusProvider):
        options["dialect"] = endpoint.dialect
    return load_adapter(endpoint.adapter, transport, endpoint.endpoint, manifest.headers(endpoint), **options)


async def exercise(
    manifest: Manifest,
    transport: Transport,
    bases: Mapping[str, Any],
    as_of: datetime,
    *,
    requirements: Mapping[str, Requirement] | None = None,
    checks: Mapping[str, Sequence[Check]] | None = None,
    listener: Listener = _nobody,
    authority_log: Sequence[str] | None = None,
) -> Harvest:
    """Put the system that a manifest describes to every trial.

    ``bases`` are documents to make test credentials from (``dpp``, ``dcc``, ``dia``). ``requirements`` limits trials of
    verifiers to those that some row needs by its ``checks`` (None: Assay's own); None holds them all. ``authority_log`` is the growing list of paths asked for, where
    somebody else serves the harness's files and lets us look.

    :raises AdapterError: an adapter that is not installed. :raises OSError: the harness's own port is taken.
    """
    run = _Exercise(manifest, transport, bases, as_of, listener)
    wanted = _wanted(requirements, checks)
    issued = await run.issue()
    discovery = await run.discover(issued)
    await run.publishers(discovery, len(issued))
    await run.resolvers()
    await run.statuses()
    await run.verifiers(wanted, authority_log)
    return Harvest(
        discovery.documents,
        discovery.shelf,
        tuple(run.trials),
        tuple(run.subjects.found),
        discovery,
        len(issued),
    )


def _wanted(
    requirements: Mapping[str, Requirement] | None, checks: Mapping[str, Sequence[Check]] | None
) -> Callable[[str], bool]:
    if requirements is None:
        return lambda name: True
    known = load_checks() if checks is None else checks
    names = {check.trial for row in requirements.values() for check in known.get(row.check_id, ())}
    return lambda name: name in names


class _Exercise:
    """A run under way."""

    def __init__(
        self,
        manifest: Manifest,
        transport: Transport,
        bases: Mapping[str, Any],
        as_of: datetime,
        listener: Listener,
    ) -> None:
        self._manifest = manifest
        self._transport = transport
        self._bases = bases
        self._as_of = as_of
        self._listener = listener
        self.subjects = _Subjects()
        self.trials: list[Trial] = []

    def _adapter(self, endpoint: Issuer | Verifier | StatusProvider) -> Adapter:
        return _adapter(self._manifest, self._transport, endpoint)

    def _bench(self, issuer: Issuer) -> IssuerBench:
        return IssuerBench(
            self._adapter(issuer),
            request_for(self._bases["dpp"], issuer.issuer, self._as_of),
            self.subjects.add(issuer.endpoint, "Issuer", issuer.name),
            issuer.endpoint,
            issuer.auth is not None,
        )

    def _tell(self, done: int, total: int, what: str) -> None:
        self._listener(Progress("exercise", done, total, what))

    async def _each(self, endpoints: Sequence[T], examine: Callable[[T], Awaitable[R]], what: str) -> list[R]:
        """Examine endpoints at the same time (each by itself strictly in sequence); results in their order."""
        done = 0

        async def one(endpoint: T) -> R:
            nonlocal done
            result = await examine(endpoint)
            done += 1
            self._tell(done, len(endpoints), what)
            return result

        return list(await asyncio.gather(*(one(endpoint) for endpoint in endpoints)))

    async def issue(self) -> list[Document]:
        benches = [self._bench(issuer) for issuer in self._manifest.roles.issuer]
        found = await self._each(benches, issuer_trials, "issuers")
        self.trials += [trial for trials, _ in found for trial in trials]
        return [document for _, documents in found for document in documents]

    async def discover(self, issued: Sequence[Document]) -> Discovery:
        limits, system, roles = self._manifest.limits, self._manifest.system, self._manifest.roles
        identifiers = [
            *system.identifiers,
            *(item for resolver in roles.resolver for item in resolver.identifiers),
        ]
        first = [start(identifier) for identifier in dict.fromkeys(identifiers)]
        first += [Lead(Want.CREDENTIAL, url, relation="start") for one in roles.publisher for url in one.urls]

        def follow(lead: Lead) -> bool:
            # Issued test credentials speak of a product that nobody publishes: only what verifying needs is fetched.
            return lead.via is None or lead.via >= len(issued) or lead.relation in ("issuer", "status")

        bounds = Bounds(limits.documents, limits.depth, concurrency=limits.concurrency)
        return await crawl(first, self._transport, bounds, self._listener, documents=issued, follow=follow)

    async def publishers(self, discovery: Discovery, issued: int) -> None:
        self.trials += published_trials(discovery, self.subjects.publisher, issued)
        self.trials += await listing_trials(discovery, self._transport, self.subjects.publisher)
        archives = [archive for one in self._manifest.roles.publisher for archive in one.archives]
        self.trials += await archive_trials(discovery, archives, self._transport, self.subjects.publisher)

    async def resolvers(self) -> None:
        asked: list[tuple[str, int, ResolverSettings]] = []
        for resolver in self._manifest.roles.resolver:
            settings = ResolverSettings(
                resolver.writes, resolver.malformed, resolver.unknown, resolver.delegated
            )
            identifiers = list(dict.fromkeys(resolver.identifiers or self._own_identifiers()))
            for identifier in identifiers[:IDENTIFIERS_EACH]:
                parts = split(identifier)
                subject = self.subjects.add(f"{parts.scheme}://{parts.netloc}", "Resolver", resolver.name)
                asked.append((identifier, subject, settings))

        async def examine(one: tuple[str, int, ResolverSettings]) -> HttpTrial:
            return await resolver_trial(self._transport, *one)

        self.trials += await self._each(asked, examine, "resolvers")

    def _own_identifiers(self) -> Iterator[str]:
        return (item for item in self._manifest.system.identifiers if item.startswith("http"))

    async def statuses(self) -> None:
        pairs = []
        for provider in self._manifest.roles.status:
            issuer = self._issuer_beside(provider)
            if issuer is not None:
                subject = self.subjects.add(provider.endpoint, "StatusProvider", provider.name)
                pairs.append((provider, self._bench(issuer), subject))

        async def examine(pair: tuple[StatusProvider, IssuerBench, int]) -> list[ApiTrial]:
            provider, bench, subject = pair
            adapter = self._adapter(provider)
            held = [await revocation_trial(bench, adapter, subject, provider.endpoint, self._transport)]
            if provider.auth is not None:
                held.append(await anonymous_status_trial(bench, adapter, subject, provider.endpoint))
            return held

        found = await self._each(pairs, examine, "status providers")
        self.trials += [trial for trials in found for trial in trials]

    def _issuer_beside(self, provider: StatusProvider) -> Issuer | None:
        """The issuer whose credentials a status provider changes: at the same address, or the only one there is."""
        issuers = self._manifest.roles.issuer
        beside = (issuer for issuer in issuers if issuer.endpoint == provider.endpoint)
        return next(beside, issuers[0] if len(issuers) == 1 else None)

    async def verifiers(self, wanted: Callable[[str], bool], log: Sequence[str] | None) -> None:
        if not self._manifest.roles.verifier:
            return
        authority = authority_of(self._manifest, self._as_of)
        credentials, quiet = TestCredentials(authority, self._bases), asyncio.Lock()
        async with AsyncExitStack() as stack:
            server = await self._serve(authority, credentials, stack)
            asked = server.asked if server is not None else log
            benches = [
                Bench(
                    self._adapter(verifier),
                    credentials,
                    self.subjects.add(verifier.endpoint, "Verifier", verifier.name),
                    verifier.endpoint,
                    frozenset(self._manifest.system.features),
                    (lambda: asked) if asked is not None else None,
                    self._transport.remember,
                    quiet,
                )
                for verifier in self._manifest.roles.verifier
            ]

            async def examine(bench: Bench) -> list[ApiTrial]:
                return await verifier_trials(bench, wanted)

            found = await self._each(benches, examine, "verifiers")
        self.trials += [trial for trials in found for trial in trials]

    async def _serve(
        self, authority: Authority, credentials: TestCredentials, stack: AsyncExitStack
    ) -> AuthorityServer | None:
        own = self._manifest.harness
        if own.listen is None or own.certificate is None or own.key is None:
            return None
        server = AuthorityServer(authority.with_links(link_tokens(credentials)), own.certificate, own.key)
        await stack.enter_async_context(server)
        address, _, port = own.listen.rpartition(":")
        await server.start(address.strip("[]"), int(port))
        return server
