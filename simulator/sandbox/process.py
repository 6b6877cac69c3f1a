"""The life of one node process: load the nation, serve it over TLS, end when the parent is gone."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection

import uvicorn

from assay.simulator.sandbox.faults import Faults
from assay.simulator.sandbox.fetch import HostMapFetcher
from assay.simulator.sandbox.node import create_app
from assay.simulator.sandbox.settings import NodeSettings
from assay.simulator.sandbox.store import DatasetError, load_node
from assay.simulator.sandbox.tls import client_context

__all__ = ["run_node"]


class _Server(uvicorn.Server):
    """A server that leaves signals alone: the parent decides when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run_node(settings: NodeSettings, listener: socket.socket, pipe: Connection) -> None:
    """The life of one node process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(_serve(settings, listener, pipe))
    except (DatasetError, OSError) as error:
        with contextlib.suppress(OSError):
            pipe.send_bytes(str(error).encode())


async def _serve(settings: NodeSettings, listener: socket.socket, pipe: Connection) -> None:
    trust = client_context(settings.ca_pem)
    store = load_node(settings.dataset, settings.nation)
    async with HostMapFetcher(lambda: settings.host_map, lambda: trust) as fetch:
        app = create_app(store, fetch, token=settings.token, faults=Faults(settings.faults))
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                loop="asyncio",
                http="h11",
                ws="none",
                ssl_certfile=str(settings.certificate),
                ssl_keyfile=str(settings.key),
                timeout_graceful_shutdown=1,
                # Longer than clients keep a connection (aiohttp: 15 s, our fetcher: 60 s): a request must never meet a
                # connection that is just being closed, or it would read as an unreachable node.
                timeout_keep_alive=75,
            )
        )
        loop = asyncio.get_running_loop()
        threading.Thread(target=_watch, args=(pipe, server, loop), daemon=True).start()
        # The socket has been listening since before this process began: nothing that is sent from now on is lost.
        pipe.send_bytes(b"ready")
        await server.serve(sockets=[listener])


def _watch(pipe: Connection, server: uvicorn.Server, loop: asyncio.AbstractEventLoop) -> None:
    """End the server when the parent closes its end of the pipe, on purpose or by dying."""
    with contextlib.suppress(OSError):
        pipe.poll(None)  # nothing is ever sent this way: readable means closed
    with contextlib.suppress(RuntimeError):  # the loop is closed already: nothing is left to end
        loop.call_soon_threadsafe(setattr, server, "should_exit", True)
