"""Strict reading of JSON that others wrote: what lenient parsers hide is a problem here.

Python's ``json`` accepts NaN, keeps the last of duplicate keys, recurses without a limit of its own and lets lone
surrogates through; ``orjson`` hides duplicate keys and turns integers beyond 64 bits into floats. :func:`strict_loads`
reports each of these, :func:`guarded_loads` is the fast way for bytes that turn out to be clean.
"""

from __future__ import annotations

import json
import math
import os
import re
from itertools import accumulate
from pathlib import Path as FilePath
from typing import Any

import orjson

from assay.harness.material import Path, Problem

__all__ = [
    "MAXIMUM_BYTES",
    "MAXIMUM_DEPTH",
    "depth_within",
    "guarded_loads",
    "nesting",
    "read_up_to",
    "strict_loads",
    "thorough_loads",
]

MAXIMUM_DEPTH = 100
"""Nesting beyond this is refused before parsing; JSON-LD processors recurse out between 200 and 300."""
MAXIMUM_BYTES = 10 * 1024 * 1024
"""Default limit for one piece of material."""

_INTEGER_RANGE = (-(2**63), 2**64 - 1)
_MAXIMUM_PROBLEMS = 50
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.S)
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_up_to(path: FilePath, most: int) -> bytes:
    """The first bytes of a file, at most ``most``.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        # asked for ``most`` at once, Python makes room for so many whatever the file holds, which takes as long as the rest
        size = os.fstat(stream.fileno()).st_size + 1
        raw = stream.read(min(size, most))
        return raw if len(raw) < size or len(raw) == most else raw + stream.read(most - len(raw))


def nesting(data: bytes) -> int:
    """Deepest nesting of arrays and objects in JSON text, brackets inside strings skipped; no recursion, linear time."""
    if b"[" not in data and b"{" not in data:
        return 0
    brackets = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def depth_within(value: Any, limit: int = MAXIMUM_DEPTH) -> bool:
    """True when parsed JSON nests no deeper than ``limit``; walks layer by layer."""
    layer = [value] if isinstance(value, (dict, list)) else []
    for _ in range(limit):
        if not layer:
            return True
        layer = [
            item
            for container in layer
            for item in (container.values() if type(container) is dict else container)
            if type(item) is dict or type(item) is list
        ]
    return not layer


def guarded_loads(data: bytes) -> Any:
    """Parse clean JSON fast; raises ``ValueError`` for anything that :func:`strict_loads` has to look at.

    orjson alone hides duplicate keys and large integers. Bytes that equal their own re-serialisation have neither;
    otherwise, with no escaped quote around, a duplicate key shows as missing quotes. Depth is left to the caller
    (:func:`depth_within`); it is below 255, which is what orjson writes.
    """
    value = orjson.loads(data)
    try:
        again = orjson.dumps(value)
    except TypeError as error:
        raise ValueError("nested too deeply") from error
    if again != data and (
        b"\\u0022" in data or again.count(b'"') != data.count(b'"') or _LONG_NUMBER.search(data)
    ):
        raise ValueError("needs the strict parser")
    return value


_LONG_NUMBER = re.compile(rb"[0-9]{18,}|[eE][+-]?[0-9]{3,}")


class _Reader:
    """Hooks for ``json.loads`` that collect problems instead of hiding them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.repeated: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            twice: dict[str, None] = {}
            for key, _ in pairs:
                if key in seen:
                    twice[key] = None
                seen.add(key)
            self.repeated[id(found)] = (found, list(twice))
        return found

    def constant(self, name: str) -> None:
        self._number(name, "a number that JSON knows", "JSON has no NaN or Infinity; leave the member out.")

    def integer(self, text: str) -> int | float | None:
        if len(text) <= 18:
            return int(text)
        if len(text) <= 21 and _INTEGER_RANGE[0] <= int(text) <= _INTEGER_RANGE[1]:
            return int(text)
        self._number(
            _short(text),
            "an integer within 64 bits",
            "Write identifiers as strings, quantities in a larger unit.",
        )
        return _finite(text)

    def real(self, text: str) -> float | None:
        value = _finite(text)
        if value is None:
            self._number(_short(text), "a number within IEEE 754 double range", "Use a larger unit.")
        return value

    def _number(self, received: str, expected: str, hint: str) -> None:
        if len(self.problems) < _MAXIMUM_PROBLEMS:
            self.problems.append(Problem("number", (), expected, received, hint))


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:20]}... ({len(text)} characters)"


def _where_repeated(value: Any, repeated: dict[int, tuple[dict[str, Any], list[str]]]) -> list[Problem]:
    """Problems for duplicate keys, with paths; objects that a later duplicate pushed out have no place of their own."""
    problems: list[Problem] = []
    stack: list[tuple[Path, Any]] = [((), value)]
    missing = dict(repeated)
    while stack and missing:
        path, item = stack.pop()
        if isinstance(item, dict):
            hit = missing.pop(id(item), None)
            if hit is not None:
                problems.extend(_repeated((*path, key), key) for key in hit[1])
            stack.extend(((*path, key), child) for key, child in reversed(item.items()))
        elif isinstance(item, list):
            stack.extend(((*path, place), child) for place, child in reversed(list(enumerate(item))))
    for _, keys in missing.values():
        problems.extend(_repeated((), key) for key in keys)
    return problems[:_MAXIMUM_PROBLEMS]


def _repeated(path: Path, key: str) -> Problem:
    return Problem(
        "duplicate-key",
        path,
        "each name once per object",
        f"{_printable(_short(key))!r} more than once",
        "Readers disagree on which of the values counts; keep one.",
    )


def _printable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def _without_surrogates(value: Any) -> Any:
    """The same value with lone surrogates replaced; depth is already bounded, so recursion is safe."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_printable(key): _without_surrogates(item) for key, item in value.items()}
    return value


def strict_loads(data: bytes, *, limit: int = MAXIMUM_BYTES) -> tuple[Any, tuple[Problem, ...]]:
    """Parse JSON text; what is wrong comes back as problems, with the value as far as there is one (else ``None``).

    Codes: ``size``, ``bom``, ``utf8``, ``depth``, ``json``, ``duplicate-key``, ``number``, ``surrogate`` (RFC 8259,
    RFC 7493). Never raises for any bytes. Clean text costs a fifth of what :func:`thorough_loads` takes for it.
    """
    if len(data) <= limit:
        try:
            value = guarded_loads(data)
        except ValueError:
            return thorough_loads(data, limit=limit)
        # nothing nests deeper than there are brackets, those in strings included
        if data.count(b"[") + data.count(b"{") <= MAXIMUM_DEPTH or depth_within(value):
            return value, ()
    return thorough_loads(data, limit=limit)


def thorough_loads(data: bytes, *, limit: int = MAXIMUM_BYTES) -> tuple[Any, tuple[Problem, ...]]:
    """As :func:`strict_loads`, whatever the text."""
    if len(data) > limit:
        return None, (
            Problem(
                "size",
                (),
                f"at most {limit:,} bytes",
                f"{len(data):,} bytes",
                "Give a smaller document.",
            ),
        )
    problems: list[Problem] = []
    for mark in _BOMS:
        if data.startswith(mark):
            problems.append(
                Problem(
                    "bom",
                    (),
                    "JSON text without a byte order mark",
                    mark.hex(" "),
                    "Save it as UTF-8 without BOM.",
                )
            )
            data = data[len(mark) :] if mark == _BOMS[0] else data
            break
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        received = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        return None, (
            *problems,
            Problem("utf8", (), "UTF-8", received, "Encode the document as UTF-8 (RFC 8259, section 8.1)."),
        )
    depth = nesting(data)
    if depth > MAXIMUM_DEPTH:
        found = Problem(
            "depth", (), f"at most {MAXIMUM_DEPTH} levels", f"{depth:,} levels", "Flatten the document."
        )
        return None, (*problems, found)
    reader = _Reader()
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.pairs,
            parse_constant=reader.constant,
            parse_int=reader.integer,
            parse_float=reader.real,
        )
    except (json.JSONDecodeError, RecursionError) as error:
        return None, (*problems, _malformed(error, len(text)))
    problems += reader.problems
    problems += _where_repeated(value, reader.repeated)
    if "\\u" in text and b"\\ud" in data.lower() and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        problems.append(
            Problem(
                "surrogate",
                (),
                "Unicode characters",
                "half of a surrogate pair",
                "Escape characters in pairs (RFC 8259, section 8.2).",
            )
        )
        value = _without_surrogates(value)
    return value, tuple(problems)


def _malformed(error: Exception, length: int) -> Problem:
    if not isinstance(error, json.JSONDecodeError):
        return Problem("json", (), "JSON (RFC 8259)", "text that no parser gets through", "")
    where = f"line {error.lineno}, column {error.colno}"
    if length == 0:
        return Problem("json", (), "JSON (RFC 8259)", "nothing at all", "The file is empty.")
    cut = error.pos >= length - 1 or error.msg.startswith("Unterminated")
    hint = "The text ends too early; was it cut off?" if cut else "Check the text with a JSON formatter."
    return Problem("json", (), "JSON (RFC 8259)", f"{error.msg} at {where}", hint)
