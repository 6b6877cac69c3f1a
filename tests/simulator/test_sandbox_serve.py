"""The sandbox as a whole: processes, TLS, host map, manifest, start and stop."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from assay.harness.manifest import load
from assay.simulator.sandbox import FaultError, Sandbox, SandboxError
from assay.simulator.sandbox.example import ITEM, KEYS, REFINER, base, build
from assay.simulator.sandbox.example_tokens import sign
from assay.simulator.sandbox.fetch import FetchError, HostMapFetcher
from assay.simulator.sandbox.tls import Authority, client_context
from assay.simulator.sandbox.tokens import parse
from tests.simulator.sandbox_cases import cases

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def sandbox(world: Path) -> Any:
    with Sandbox(world, ["DE:accept-revoked"]) as running:
        yield running


async def fetch(sandbox: Sandbox, url: str) -> Any:
    trust = client_context(sandbox.ca_pem)
    async with HostMapFetcher(lambda: sandbox.host_map, lambda: trust) as get:
        return await get(url)


async def post(sandbox: Sandbox, nation: str, path: str, body: Any, token: str = "") -> tuple[int, Any]:
    node = sandbox.nodes[nation]
    headers = {"Host": node.hosts[0]} | ({"Authorization": f"Bearer {token}"} if token else {})
    url = f"https://{sandbox.host_map[node.hosts[0]]}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            url, json=body, headers=headers, ssl=client_context(sandbox.ca_pem), server_hostname=node.hosts[0]
        ) as reply,
    ):
        return reply.status, await reply.json(content_type=None)


def test_a_redirect_leads_from_the_identifier_to_the_passport_over_https(sandbox: Sandbox) -> None:
    answer = asyncio.run(fetch(sandbox, ITEM))
    assert (answer.status, answer.url, answer.media_type) == (200, base("dpp")["id"], "application/vc+jwt")


def test_nodes_look_each_other_up_to_verify(sandbox: Sandbox) -> None:
    body = {"verifiableCredential": sign(base("dpp"), KEYS[REFINER])}
    for nation in ("KR", "DE"):
        status, answer = asyncio.run(post(sandbox, nation, "/credentials/verify", body))
        assert (status, answer["verified"]) == (200, True), answer


def test_a_revocation_at_one_node_is_seen_by_the_honest_and_not_by_the_faulty(sandbox: Sandbox) -> None:
    wish = {k: v for k, v in base("dpp").items() if k not in ("id", "credentialStatus")}
    _, issued = asyncio.run(post(sandbox, "KR", "/credentials/issue", {"credential": wish}, sandbox.token))
    credential = issued["verifiableCredential"]
    identifier = parse(credential["id"].partition(",")[2]).payload["id"]
    change = {"credentialId": identifier, "credentialStatus": {"statusPurpose": "revocation"}, "status": True}
    assert asyncio.run(post(sandbox, "KR", "/credentials/status", change))[0] == 401
    assert asyncio.run(post(sandbox, "KR", "/credentials/status", change, sandbox.token))[0] == 200

    verdicts = {
        nation: asyncio.run(
            post(sandbox, nation, "/credentials/verify", {"verifiableCredential": credential})
        )[1]
        for nation in ("KR", "DE")
    }

    assert verdicts["KR"]["verified"] is False
    assert verdicts["DE"]["verified"] is True


def test_an_authority_that_nobody_serves_is_unresolvable_and_not_a_crash(sandbox: Sandbox) -> None:
    body = {"verifiableCredential": cases()["good"][0]}
    _, answer = asyncio.run(post(sandbox, "DE", "/credentials/verify", body))
    assert {problem["code"] for problem in answer["problemDetails"]} == {
        "did-unresolvable",
        "status-unavailable",
    }


def test_hosts_outside_the_map_are_out_of_reach(sandbox: Sandbox) -> None:
    for url in (
        "https://127.0.0.1/",
        "https://169.254.169.254/",
        "http://pack.example/",
        "file:///etc/hostname",
    ):
        with pytest.raises(FetchError):
            asyncio.run(fetch(sandbox, url))


def test_certificates_are_for_the_hosts_of_the_node_only(sandbox: Sandbox) -> None:
    address, _, port = sandbox.host_map["pack.example"].rpartition(":")
    with (
        socket.create_connection((address, int(port)), timeout=10) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        client_context(sandbox.ca_pem).wrap_socket(raw, server_hostname="saebyeok-lithium.example")


def test_nothing_older_than_tls_1_2_is_spoken(sandbox: Sandbox) -> None:
    context = client_context(sandbox.ca_pem)
    address, _, port = sandbox.host_map["pack.example"].rpartition(":")
    with (
        socket.create_connection((address, int(port)), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname="pack.example") as secured,
    ):
        assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_another_authority_is_not_trusted(sandbox: Sandbox) -> None:
    async def look() -> None:
        other = client_context(Authority.create().pem)
        async with HostMapFetcher(lambda: sandbox.host_map, lambda: other) as get:
            await get(ITEM)

    with pytest.raises(FetchError):
        asyncio.run(look())


def test_the_manifest_names_every_node_in_every_role(sandbox: Sandbox) -> None:
    content = tomllib.loads(sandbox.manifest.read_text(encoding="utf-8"))

    assert content["system"]["identifiers"] == [ITEM]
    assert [role["name"] for role in content["roles"]["verifier"]] == ["Node KR", "Node DE"]
    assert {role["issuer"] for role in content["roles"]["issuer"]} == {REFINER, "did:web:pack.example"}
    assert content["network"]["hosts"] == sandbox.host_map
    for path in (content["network"]["ca"], content["harness"]["certificate"], content["harness"]["key"]):
        assert Path(path).is_file()
    for role in content["roles"]["issuer"]:
        assert Path(role["auth"].removeprefix("file:")).read_text() == sandbox.token


def test_the_harness_takes_the_manifest_as_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    elsewhere = tmp_path / "assay.toml"
    elsewhere.write_text(sandbox.manifest.read_text(encoding="utf-8"), encoding="utf-8")

    manifest = load(elsewhere, {})

    assert manifest.host_map["pack.example"] == ("127.0.0.1", sandbox.nodes["DE"].port)
    assert manifest.headers(manifest.roles.issuer[0]) == {"Authorization": f"Bearer {sandbox.token}"}
    assert manifest.harness.listen == sandbox.harness_listen


def test_the_harness_gets_a_name_a_port_and_a_certificate_that_nodes_trust(sandbox: Sandbox) -> None:
    async def serve_and_fetch() -> Any:
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(sandbox.folder / "harness.crt", sandbox.folder / "harness.key")
        address, _, port = sandbox.harness_listen.rpartition(":")

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, address, int(port), ssl=own):
            return await fetch(sandbox, "https://harness.assay.example/x")

    assert asyncio.run(serve_and_fetch()).body == b"hello"


def test_stopping_leaves_neither_process_nor_file(world: Path) -> None:
    with Sandbox(world) as sandbox:
        folder, port = sandbox.folder, sandbox.nodes["KR"].port
        processes = [process.pid for process, _ in sandbox._children.values()]
        assert folder.is_dir() and all(processes)

    assert not folder.exists()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process or 0, 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_an_exception_inside_stops_the_nodes_too(world: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Sandbox(world) as sandbox:
        raise KeyboardInterrupt
    assert not sandbox._children and not sandbox.folder.exists()


def test_a_node_that_dies_is_noticed(world: Path) -> None:
    with Sandbox(world) as sandbox:
        process, _ = sandbox._children["DE"]
        os.kill(process.pid or 0, signal.SIGKILL)
        with pytest.raises(SandboxError, match="node DE has ended with exit code -9"):
            sandbox.wait()


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="waits for foreign processes by pidfd, which is Linux only"
)
def test_nodes_end_with_the_process_that_started_them(world: Path, tmp_path: Path) -> None:
    script = tmp_path / "up.py"
    script.write_text(
        "import sys\n"
        "from assay.simulator.sandbox import run_forever\n"
        "def up(sandbox):\n"
        "    print(*(p.pid for p, _ in sandbox._children.values()), flush=True)\n"
        "if __name__ == '__main__':\n"
        f"    run_forever({str(world)!r}, announce=up)\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    watched = [os.pidfd_open(pid) for pid in pids]

    parent.kill()
    parent.wait()
    parent.stdout.close()

    for descriptor in watched:
        ready, _, _ = select.select([descriptor], [], [], 15)
        os.close(descriptor)
        assert ready, "a node outlived the process that started it"


@pytest.mark.parametrize("early", [False, True])
def test_an_interrupt_from_the_terminal_ends_everything_quietly(
    world: Path, tmp_path: Path, early: bool
) -> None:
    script = tmp_path / "up.py"
    script.write_text(
        "from assay.simulator.sandbox import run_forever, serve\n"
        "if __name__ == '__main__':\n"
        "    waiting = serve.Sandbox._await_ready\n"
        "    def told(self):\n"
        f"        print(self.folder, flush={early})\n"
        "        waiting(self)\n"
        "    serve.Sandbox._await_ready = told\n"
        f"    run_forever({str(world)!r}, announce=lambda s: print(flush=True))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    assert folder.is_dir()

    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (0, "")
    assert not folder.exists()


def test_a_port_in_use_is_named(world: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(SandboxError, match=f"port {port} cannot be used"),
            Sandbox(world, ports=[0, port]),
        ):
            pytest.fail("a sandbox started on a port in use")


def test_ports_are_given_for_all_nations_or_none(world: Path) -> None:
    with pytest.raises(SandboxError, match="1 ports for 2 nations"):
        Sandbox(world, ports=[8443])


def test_an_unknown_fault_stops_before_anything_starts(world: Path) -> None:
    with pytest.raises(FaultError, match="did you mean 'list-404'"):
        Sandbox(world, ["list-405"])
