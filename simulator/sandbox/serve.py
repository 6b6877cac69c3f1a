"""Starting and stopping nodes: one process per nation, HTTPS on loopback, ports from the operating system.

The parent binds the sockets, so that every address is known before any node starts and none can be taken in between. A
child says that it is ready over a pipe; the same pipe, closed by whatever ends the parent, tells it to stop.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import secrets
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType

from assay.simulator.sandbox.faults import FAULTS, Faults, faults_by_nation
from assay.simulator.sandbox.manifest import manifest_text
from assay.simulator.sandbox.settings import NodeSettings
from assay.simulator.sandbox.store import DatasetError, NodeStore, load_dataset, load_node
from assay.simulator.sandbox.tls import Authority

__all__ = ["FAULTS", "HARNESS_HOST", "NodeAddress", "Sandbox", "SandboxError", "run_forever"]

HARNESS_HOST = "harness.assay.example"
"""The host name under which a test harness issues credentials of its own; reserved in every sandbox."""

_LOOPBACK = "127.0.0.1"
_START_DEADLINE = 60.0
"""Seconds a node may take to come up; loading takes one or two, a busy machine several."""
_STOP_DEADLINE = 5.0


class SandboxError(RuntimeError):
    """A sandbox that cannot start or has lost a node; the message says which and why."""


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """One running node: where it listens, the hosts it answers for, and its faults."""

    nation: str
    name: str
    url: str
    port: int
    hosts: tuple[str, ...]
    resolver_host: str
    issuers: tuple[str, ...]
    faults: tuple[str, ...]


class Sandbox:
    """All nodes of a dataset, running: ``with Sandbox(folder) as sandbox: ...``.

    ``faults`` are fault names, for every node (``stale-status``) or one (``KR:stale-status``). ``ports`` fixes the ports
    in the order of the dataset's nations; by default they are free ones. ``extra_hosts`` maps further host names to
    ``address:port``. ``folder`` keeps ``assay.toml``, ``ca.pem``, ``harness.crt`` and ``harness.key``; by default a
    temporary folder, removed at exit.

    :raises DatasetError: no usable dataset. :raises FaultError: unknown fault. :raises SandboxError: a node does not start.
    """

    def __init__(
        self,
        dataset: Path | str,
        faults: Iterable[str] = (),
        *,
        ports: Sequence[int] = (),
        extra_hosts: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.dataset = Path(dataset)
        content = load_dataset(self.dataset)
        self.nations: tuple[str, ...] = tuple(content["nations"])
        self.as_of: str = content["as_of"]
        self.roots: tuple[str, ...] = tuple(content.get("roots", ()))
        self.trust_anchors: tuple[str, ...] = tuple(content.get("trust_anchors", ()))
        self.faults: dict[str, Faults] = faults_by_nation(faults, self.nations)
        if ports and len(ports) != len(self.nations):
            raise SandboxError(
                f"{len(ports)} ports for {len(self.nations)} nations; name one for each of {self.nations}"
            )
        self._ports = tuple(ports) or (0,) * len(self.nations)
        self._extra_hosts = dict(extra_hosts or {})
        self._wanted_folder = folder
        self._undo = contextlib.ExitStack()
        self._children: dict[str, tuple[multiprocessing.process.BaseProcess, Connection]] = {}
        self.token = secrets.token_urlsafe(24)
        """Bearer token of the owners: needed to issue, to change a status, to add a link."""
        self.host_map: dict[str, str] = {}
        self.ca_pem = ""
        self.nodes: dict[str, NodeAddress] = {}
        self.folder = Path()
        self.harness_listen = ""

    def __enter__(self) -> Sandbox:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def manifest(self) -> Path:
        """The ``assay.toml`` for this sandbox."""
        return self.folder / "assay.toml"

    @property
    def ca_file(self) -> Path:
        """The root certificate, as a file."""
        return self.folder / "ca.pem"

    def check(self) -> None:
        """:raises SandboxError: a node has ended."""
        for nation, (process, _) in self._children.items():
            if process.exitcode is not None:
                raise SandboxError(f"node {nation} has ended with exit code {process.exitcode}")

    def wait(self) -> None:
        """Block until a node ends. :raises SandboxError: always, unless interrupted."""
        processes = [process for process, _ in self._children.values()]
        ended = wait([process.sentinel for process in processes])
        for process in processes:
            if process.sentinel in ended:
                process.join(_STOP_DEADLINE)  # the sentinel speaks a moment before the exit code is known
        self.check()

    def stop(self) -> None:
        """Stop every node and remove what was temporary; safe to call twice."""
        for _, pipe in self._children.values():
            pipe.close()
        deadline = time.monotonic() + _STOP_DEADLINE
        for process, _ in self._children.values():
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()
            process.close()
        self._children.clear()
        self._undo.close()

    def _start(self) -> None:
        self.folder = self._make_folder()
        stores = {nation: load_node(self.dataset, nation) for nation in self.nations}
        sockets = {nation: self._listen(port) for nation, port in zip(self.nations, self._ports, strict=True)}
        for nation, store in stores.items():
            port = sockets[nation].getsockname()[1]
            for host in store.hosts:
                if host in self.host_map:
                    raise DatasetError(f"host '{host}' belongs to two nodes; simulate the dataset anew")
                self.host_map[host] = f"{_LOOPBACK}:{port}"
            self.nodes[nation] = NodeAddress(
                nation,
                store.name,
                f"https://{store.hosts[0]}",
                port,
                store.hosts,
                store.resolver_host,
                tuple(store.keys) or store.issuers,
                tuple(self.faults[nation]),
            )
        self.harness_listen = f"{_LOOPBACK}:{_free_port()}"
        self.host_map |= {HARNESS_HOST: self.harness_listen, **self._extra_hosts}
        authority = Authority.create()
        self.ca_pem = authority.pem
        secret = Path(self._undo.enter_context(tempfile.TemporaryDirectory(prefix="assay-tls-")))
        self._write(authority, stores)
        for nation in self.nations:
            certificate, key = authority.issue(stores[nation].hosts, secret, nation)
            settings = NodeSettings(
                self.dataset.resolve(),
                nation,
                self.host_map,
                self.ca_pem,
                certificate,
                key,
                self.token,
                tuple(self.faults[nation]),
            )
            self._spawn(settings, sockets[nation])
        self._await_ready()

    def _make_folder(self) -> Path:
        if self._wanted_folder is not None:
            self._wanted_folder.mkdir(parents=True, exist_ok=True)
            return self._wanted_folder
        return Path(self._undo.enter_context(tempfile.TemporaryDirectory(prefix="assay-sandbox-")))

    def _listen(self, port: int) -> socket.socket:
        # The protocol is named: asyncio turns Nagle's algorithm off only for sockets that say they are TCP, and with it
        # on every answer over TLS waits 40 ms for an acknowledgement.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._undo.callback(listener.close)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_LOOPBACK, port))
        except OSError as error:
            raise SandboxError(
                f"port {port} cannot be used ({error.strerror}); choose another or leave it out"
            ) from error
        listener.listen(256)
        return listener

    def _write(self, authority: Authority, stores: Mapping[str, NodeStore]) -> None:
        self.ca_file.write_text(self.ca_pem, encoding="ascii")
        token = self.folder / "owner.token"
        token.touch(mode=0o600)
        token.write_text(self.token, encoding="ascii")
        authority.issue([HARNESS_HOST], self.folder, "harness")
        text = manifest_text(
            self.nodes.values(),
            as_of=self.as_of,
            roots=self.roots,
            trust_anchors=self.trust_anchors,
            identifiers={nation: _examples(store) for nation, store in stores.items()},
            host_map=self.host_map,
            harness_host=HARNESS_HOST,
            folder=self.folder.resolve(),
        )
        self.manifest.write_text(text, encoding="utf-8")

    def _spawn(self, settings: NodeSettings, listener: socket.socket) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_run_node,
            args=(settings, listener, theirs),
            name=f"assay-node-{settings.nation}",
            daemon=True,
        )
        with _deaf_to_interrupts():
            process.start()
        theirs.close()
        self._children[settings.nation] = (process, ours)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_DEADLINE
        waiting = {pipe: nation for nation, (_, pipe) in self._children.items()}
        while waiting:
            ready = wait(list(waiting), timeout=max(0.0, deadline - time.monotonic()))
            if not ready:
                late = ", ".join(waiting.values())
                raise SandboxError(f"node {late} did not come up within {_START_DEADLINE:.0f} seconds")
            for pipe in [known for known in waiting if known in ready]:
                nation = waiting.pop(pipe)
                try:
                    said = pipe.recv_bytes().decode()
                except EOFError:
                    said = "its process ended without a word"
                if said != "ready":
                    raise SandboxError(f"node {nation} does not start: {said}")


def run_forever(
    dataset: Path | str,
    faults: Iterable[str] = (),
    ports: Sequence[int] = (),
    *,
    folder: Path | None = None,
    announce: Callable[[Sandbox], None] | None = None,
) -> None:
    """Run a sandbox until it is interrupted, at whatever moment; ``announce`` is called once it is up.

    :raises SandboxError: a node does not start, or ends.
    """
    with (
        contextlib.suppress(KeyboardInterrupt),
        Sandbox(dataset, faults, ports=ports, folder=folder) as sandbox,
    ):
        if announce is not None:
            announce(sandbox)
        sandbox.wait()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; what is started in here inherits deafness to it from its first moment."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def _run_node(settings: NodeSettings, listener: socket.socket, pipe: Connection) -> None:
    """The target of a node process. What a node needs is imported there, in parallel, and not in the parent."""
    from assay.simulator.sandbox.process import run_node

    run_node(settings, listener, pipe)


def _examples(store: NodeStore) -> list[str]:
    """Identifiers to test a resolver with: the richest ones, at most three, each of another shape where there are more.

    One whose links come in several languages is a shape of its own, and the first.
    """
    by_shape: dict[tuple[bool, str, int], tuple[int, str]] = {}
    for (host, path), known in sorted(store.resolvables.items()):
        targets = [
            target
            for c in known.contexts
            for value in c.values()
            if isinstance(value, list)
            for target in value
            if isinstance(target, dict)
        ]
        languages = {str(target.get("hreflang")) for target in targets if target.get("hreflang")}
        shape = (len(languages) < 2, host, path.count("/"))
        if known.uri.startswith("https:") and len(targets) > by_shape.get(shape, (0, ""))[0]:
            by_shape[shape] = (len(targets), known.uri)
    ranked = sorted(by_shape.items(), key=lambda item: (item[0][0], -item[1][0], item[1][1]))
    return [uri for _, (_, uri) in ranked[:3]]


def _free_port() -> int:
    """A port that nobody listens on just now; the harness will, shortly."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])
