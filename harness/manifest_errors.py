"""What is wrong with a manifest, in lines of key, value and mend; never with a secret."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["problems_of"]

_SECRET = frozenset({"auth", "seed"})
"""Keys whose values are references to secrets: a wrong value may be the secret itself, so none is shown."""
_NO_TUPLE = "input should be a valid tuple"


def _shown(key: str, value: Any) -> str:
    """A wrong value for an error message, without what may be a secret."""
    if key in _SECRET:
        return "(not shown)"
    if isinstance(value, dict):
        return "a table"
    return re.sub(r"//[^/@\s]*@", "//(not shown)@", repr(value))[:120]


def _key(location: tuple[int | str, ...], content: Any) -> str:
    """A key as the file has it: what is one table there is no list."""
    steps = []
    for step in location:
        if isinstance(step, int) and not isinstance(content, list):
            continue
        steps.append(str(step))
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            content = None
    return ".".join(steps) or "manifest"


def problems_of(error: ValidationError, content: Mapping[str, Any], root: type[BaseModel]) -> list[str]:
    """One line for each mistake in what was read into the model ``root``: key as the file has it, value, mend."""
    found = []
    for item in error.errors(include_url=False):
        steps = [str(step) for step in item["loc"]]
        key = _key(item["loc"], content)
        value = item.get("input")
        if item["type"] == "extra_forbidden":
            known = _fields_at(root, item["loc"][:-1])
            close = difflib.get_close_matches(steps[-1], known, n=1)
            mend = f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(sorted(known))}"
            found.append(f"{key}: no such key; {mend}")
        elif item["type"] == "missing":
            found.append(f"{key}: is missing; add it ('assay init' shows where)")
        else:
            message = str(item["msg"]).removeprefix("Value error, ")
            message = f"{message[:1].lower()}{message[1:]}"
            if message == _NO_TUPLE:
                message = 'expected a list; write ["..."]'
            found.append(f"{key} = {_shown(steps[-1] if steps else '', value)}: {message}")
    return found


def _fields_at(root: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Names of the fields of the model that a location in a manifest leads to."""
    model = root
    for step in location:
        if isinstance(step, int) or step not in model.model_fields:
            continue
        model = _model_in(model.model_fields[step].annotation) or model
    return [name for name in model.model_fields if name != "secrets"]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)
