"""The whole promise of the project, step by step: style, types, imports, tests, self-test, demo, wheel.

Every step runs even if one before it failed, so that one run shows everything; the exit code is 1 if any failed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent

STEPS: list[tuple[str, list[str]]] = [
    ("style", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("imports", [str(BIN / "lint-imports")]),
    ("selftest", [str(BIN / "assay"), "selftest"]),
    ("demo", [str(BIN / "assay"), "demo", "--out", "out/promise"]),
    ("wheel", [sys.executable, "tools/wheel.py"]),
    (
        "tests",
        [str(BIN / "pytest"), "-n", "2", "--cov", "--cov-report=term:skip-covered", "--cov-fail-under=85"],
    ),
]


def main() -> int:
    failed: list[str] = []
    for name, command in STEPS:
        print(
            f"\n=== {name}: {' '.join(Path(part).name if part.startswith('/') else part for part in command)}",
            flush=True,
        )
        start = time.monotonic()
        code = subprocess.run(command, cwd=ROOT).returncode
        print(
            f"=== {name}: {'ok' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - start:.0f} s",
            flush=True,
        )
        if code:
            failed.append(name)
    print("\nPromise kept." if not failed else f"\nPromise broken: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
