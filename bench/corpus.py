"""Does ``assay validate`` say of every vector of an exported corpus what its manifest says?

    python bench/corpus.py [DIR]                       # nightly: all vectors, some two minutes

Without DIR a corpus is exported first, twice: in two processes with other hash seeds, time zones and locales, into folders
at other depths. The two must be equal byte for byte. Each vector is then judged by the
command that the manifest gives for it, offline and from the files alone. Rules over chains of credentials are left aside:
the manifest does not speak of them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.cli import app
from assay.profiles.catalogue import CheckKind, load_profiles, profile_names

__all__ = ["differences", "judged", "tree"]

Failing = frozenset[tuple[str, str, str | None]]
"""Requirement, profile and basis of the rows that fail."""


def judged(folder: Path, command: str) -> tuple[str, Failing]:
    """Verdict and failing rows by a command of the manifest, run in the folder of the corpus."""
    words = shlex.split(command)[1:]
    here = Path.cwd()
    said = io.StringIO()
    try:
        os.chdir(folder)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            app([*words, "--format", "json"], standalone_mode=False)
    finally:
        os.chdir(here)
    report = json.loads(said.getvalue())
    rows = load_profiles(tuple(profile_names()))
    return report["verdict"], frozenset(
        (told["requirement"], told["profile"], told["basis"])
        for told in report["results"]
        if told["outcome"] == "failed" and rows[told["requirement"]].check is not CheckKind.GRAPH
    )


def expected(vector: Mapping[str, Any]) -> tuple[str, Failing]:
    """Verdict and failing rows as the manifest has them."""
    said = vector["expected"]
    return said["verdict"], frozenset(
        (row["requirement"], row["profile"], row.get("basis"))
        for row in (*said["rows"], *said["contradictions"])
    )


def differences(folder: Path, only: frozenset[str] | None = None) -> Iterator[str]:
    """One line for each vector whose verdict or rows are not those of the manifest."""
    for vector in json.loads((folder / "manifest.json").read_bytes())["vectors"]:
        if only is None or vector["id"] in only:
            found, wanted = judged(folder, vector["command"]), expected(vector)
            if found != wanted:
                yield f"{vector['id']}: {found[0]} for {wanted[0]}, rows {sorted(map(str, found[1] ^ wanted[1]))}"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def exported(folder: Path, **environment: str) -> None:
    """Export a corpus in a process of its own."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "assay.cli", "corpus", "export", folder.name],
        cwd=folder.parent,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            folder, other = Path(scratch) / "one", Path(scratch) / "further" / "down" / "two"
            exported(folder, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
            exported(other, PYTHONHASHSEED="4242", TZ="Asia/Tokyo", LC_ALL="C")
            one, two = tree(folder), tree(other)
            if one != two:
                apart = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
                sys.stdout.write(f"two exports differ: {', '.join(apart[:10])}\n")
                return 1
            sys.stdout.write(f"two exports of {len(one)} files are equal byte for byte\n")
        found = list(differences(folder))
        number = len(json.loads((folder / "manifest.json").read_bytes())["vectors"])
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{number} vectors, {len(found)} judged otherwise\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
