"""Make a virtual environment and install the project into it, with uv where it is there and plain pip otherwise.

Runs on the system's Python, so it uses the standard library only.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM = (3, 11)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venv", type=Path)
    parser.add_argument("--install", metavar="SPEC", help="requirement of this project, e.g. '.[dev]'")
    options = parser.parse_args()
    if sys.version_info < MINIMUM:
        sys.stderr.write(
            f"Assay needs Python {MINIMUM[0]}.{MINIMUM[1]} or newer, this is {sys.version.split()[0]};"
            " name another with: make PYTHON=python3.12 ...\n"
        )
        return 2
    uv = shutil.which("uv")
    python = options.venv / "bin" / "python"
    if not python.exists():
        create = [uv, "venv", "--quiet", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
        subprocess.run([*create, str(options.venv)], check=True)
    if options.install:
        if uv:
            command = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--compile-bytecode",
                "--python",
                str(python),
                "-e",
                options.install,
            ]
        else:
            command = [
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-e",
                options.install,
            ]
        subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
