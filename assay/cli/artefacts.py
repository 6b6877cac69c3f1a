"""``assay artefacts``: the published schemas and contexts, pinned by digest."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from assay.cli.errors import UsageError, usage_errors
from assay.profiles.artefacts import ArtefactError, list_artefacts, pull, verify

__all__ = ["run_list", "run_pull", "run_verify"]


def run_list() -> int:
    """One line for each pinned artefact: kind, version, digest, URL."""
    for info in list_artefacts():
        sys.stdout.write(
            f"{info.kind:10} {info.version or 'w3c':8} {info.sha256[:16]} {info.status:9} {info.url}\n"
        )
    return 0


def run_pull(target: Path, mirror: Path | None) -> int:
    """Fetch the verified artefacts of UNTP 0.7.0 into a folder; nothing is written unless all digests agree."""
    with usage_errors(ArtefactError):
        written = pull(_from_mirror(mirror) if mirror is not None else _from_web, target)
    sys.stdout.write(
        f"{len(written) - 1} artefacts in {target}; use them with: assay validate --artefacts {target} …\n"
    )
    return 0


def run_verify(folder: Path) -> int:
    """Check a folder; 1 if anything is missing or altered."""
    with usage_errors(ArtefactError):
        problems = verify(folder, ("0.7.0",))
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    checked = sum(
        1 for info in list_artefacts() if info.version in ("0.7.0", None) and info.status == "verified"
    )
    sys.stdout.write(f"{checked - len(problems)} of {checked} artefacts as pinned\n")
    return 1 if problems else 0


def _from_mirror(mirror: Path) -> Callable[[str], bytes]:
    import json

    manifest = mirror / "MANIFEST.json"
    try:
        paths = {
            entry.get("url"): entry["path"]
            for entry in json.loads(manifest.read_text(encoding="utf-8"))["files"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"--mirror '{mirror}': no usable MANIFEST.json with 'files' of 'url' and 'path': {error}"
        ) from error
    known = {info.url: info.path for info in list_artefacts()}

    def fetch(url: str) -> bytes:
        file: Path = (mirror / str(paths.get(url, known[url]))).resolve()
        if not file.is_relative_to(mirror.resolve()):
            raise UsageError(f"--mirror '{mirror}': its manifest points outside the folder for {url}")
        try:
            return file.read_bytes()
        except OSError as error:
            raise UsageError(f"--mirror '{mirror}': {url} is not there: {error}") from error

    return fetch


def _from_web(url: str) -> bytes:
    from assay.harness.material import Unavailable
    from assay.harness.network import HttpTransport

    async def get() -> bytes:
        async with HttpTransport() as transport:
            answer = await transport.fetch(url)
            if isinstance(answer, Unavailable):
                raise UsageError(
                    f"{url} cannot be fetched ({answer.reason}{': ' + answer.detail if answer.detail else ''});"
                    " check the network, or take the files from a folder with --mirror"
                )
            body: bytes = answer.body
            return body

    return asyncio.run(get())
