"""Write ``profiles/compiled.json``: the YAML of the catalogue, already read, so that no start has to.

Run it after changing a file in ``profiles/*/requirements`` or a ``profile.yaml``: ``python tools/compile_catalogue.py``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from assay.profiles.catalogue import COMPILED, read_yaml

ROOM = Path(__file__).resolve().parent.parent / "profiles"


def compiled() -> dict[str, Any]:
    """Content of every YAML file of the catalogue, and the digest of its bytes, by its path in the room."""
    files = sorted([*ROOM.glob("*/profile.yaml"), *ROOM.glob("*/requirements/*.yaml")])
    return {
        path.relative_to(ROOM).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "content": read_yaml(path),
        }
        for path in files
    }


if __name__ == "__main__":
    text = json.dumps(compiled(), ensure_ascii=False, indent=0)
    COMPILED.write_text(text + "\n", encoding="utf-8")
