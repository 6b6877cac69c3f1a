"""Build the wheel and use it alone: a fresh virtual environment, an empty folder, nothing of the source tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="assay-wheel-") as name:
        folder = Path(name)
        subprocess.run(
            [sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(ROOT)], check=True
        )
        wheel = next((folder / "dist").glob("*.whl"))
        if not list((folder / "dist").glob("*.tar.gz")):
            raise SystemExit("no sdist was built")
        uv = shutil.which("uv")
        venv = folder / "venv"
        if uv:
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
            subprocess.run(
                [uv, "pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), str(wheel)],
                check=True,
            )
        else:
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            subprocess.run([str(venv / "bin" / "pip"), "install", "--quiet", str(wheel)], check=True)
        empty = folder / "empty"
        empty.mkdir()
        clean = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "VIRTUAL_ENV", "ASSAY"))
        }
        subprocess.run([str(venv / "bin" / "assay"), "--version"], cwd=empty, env=clean, check=True)
        subprocess.run([str(venv / "bin" / "assay"), "demo"], cwd=empty, env=clean, check=True)
        report = empty / "out" / "report.html"
        if not report.is_file() or report.stat().st_size < 20_000:
            raise SystemExit(f"the wheel's demo wrote no report at {report}")
        print(f"wheel works alone: {wheel.name}, report of {report.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
