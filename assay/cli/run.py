"""``assay run`` and ``assay init``: test an endpoint in every role that its manifest names."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from assay.cli.errors import UsageError, usage_errors
from assay.cli.output import check_folder, check_format, exit_code, show, write_reports
from assay.cli.sources import parse_time
from assay.cli.start import imports_done
from assay.harness.adapters import AdapterError
from assay.harness.engine import ADVISORY_PROFILES, Engine, Settings
from assay.harness.events import Event
from assay.harness.exercise import exercise, publish_authority, transport_for, verifiers_of
from assay.harness.manifest import Manifest, ManifestError, load, template
from assay.harness.pilot import cross_verify
from assay.harness.results import RunResult
from assay.harness.selftest import load_bases
from assay.profiles.catalogue import CatalogueError, Requirement
from assay.reports.console import ProgressLine

__all__ = ["judge_system", "run_forge_publish", "run_manifest", "write_template"]


def run_manifest(
    path: Path, *, at: str, output: str, out: Path | None, verbose: bool, profiles: Sequence[str] = ()
) -> int:
    """Test the system of a manifest and report; ``profiles`` stand in place of those that the manifest names.

    :raises UsageError: manifest, profile, adapter or flag that cannot be used.
    """
    imports_done()
    check_format(output)
    check_folder(out)
    with usage_errors(ManifestError):
        manifest = load(path)
    run, catalogue = judge_system(
        manifest,
        _as_of(manifest, at),
        profiles=tuple(profiles) or manifest.system.profiles,
        listener=ProgressLine(),
        evidence=out / "evidence" if out is not None else None,
    )
    if out is not None:
        write_reports(run, out, catalogue)
    show(run, output, catalogue, verbose=verbose)
    return exit_code(run)


def _as_of(manifest: Manifest, at: str) -> datetime:
    if at or manifest.system.at is None:
        return parse_time(at)
    return manifest.system.at.astimezone(UTC)


def judge_system(
    manifest: Manifest,
    as_of: datetime,
    *,
    listener: Callable[[Event], None],
    profiles: tuple[str, ...] = (),
    evidence: Path | None = None,
    matrix: bool = False,
    title: str = "",
) -> tuple[RunResult, dict[str, Requirement]]:
    """Exercise and judge a system; ``evidence`` keeps every exchange on disk as it happens, ``matrix`` also lets every
    verifier judge every credential.

    :raises UsageError: profile, adapter or port that cannot be used.
    """
    with usage_errors(CatalogueError):
        profiles = profiles or manifest.system.profiles
        engine = Engine(
            Settings(
                as_of=as_of,
                profiles=profiles,
                advisory=tuple(name for name in ADVISORY_PROFILES if name not in profiles),
                trust_anchors=frozenset(manifest.system.trust_anchors),
                title=title or manifest.system.name,
                command="assay " + shlex.join(sys.argv[1:]),
            ),
            listener=listener,
        )

    async def gather() -> RunResult:
        async with transport_for(manifest, evidence) as transport:
            harvest = await exercise(
                manifest,
                transport,
                load_bases(),
                as_of,
                requirements=engine.requirements,
                checks=engine.checks,
                listener=listener,
            )
            cells = (
                await cross_verify(verifiers_of(manifest, transport), harvest.documents, listener=listener)
                if matrix
                else ()
            )
            return engine.judge(
                harvest.documents,
                harvest.shelf,
                endpoints=harvest.subjects,
                trial_results=harvest.results(engine.requirements, engine.checks),
                matrix=cells,
                aside=harvest.issued,
                root=next(iter(manifest.system.identifiers), None),
                exchanges=transport.store.shown,
            )

    try:
        with usage_errors(AdapterError):
            return asyncio.run(gather()), dict(engine.requirements)
    except OSError as error:
        raise UsageError(
            f"the run cannot go on: {error}; is [harness] listen = '{manifest.harness.listen}' free?"
        ) from error


def write_template(path: Path, *, force: bool) -> int:
    """Write the commented manifest."""
    if path.exists() and not force:
        raise UsageError(f"'{path}' exists already; name another file, or overwrite it with --force")
    try:
        path.write_text(template(), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{path} written; describe your system in it, then: assay run {path}\n")
    return 0


def run_forge_publish(path: Path, folder: Path, *, at: str) -> int:
    """Write the files that a vendor's verifier has to reach to judge the harness's test credentials."""
    with usage_errors(ManifestError):
        manifest = load(path)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"folder '{folder}' is not empty; name another one")
    written = publish_authority(manifest, load_bases(), _as_of(manifest, at), folder)
    sys.stdout.write(
        f"{len(written)} files in {folder}; serve them at https://{manifest.harness.authority}/\n"
    )
    return 0
