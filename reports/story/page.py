"""A story as one HTML page: no script, nothing from outside, everything from the dataset escaped.

The page's only style is pinned by its hash in the content security policy.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assay.profiles.contracts.story import Story
from assay.reports.escaping import visible
from assay.reports.story.picture import tall, wide

__all__ = ["render"]

_TEMPLATES = Path(__file__).parents[1] / "templates"
_STATES = {"changed": "changed by this case", "added": "added by this case", "": "as in the honest world"}


def render(story: Story) -> str:
    """The page as HTML text."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters["share"] = _share
    environment.filters["breakable"] = _breakable
    style = (_TEMPLATES / "story.css").read_text(encoding="utf-8")
    title = f"Chain of {story.name}"
    return environment.get_template("story.html.j2").render(
        story=story,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        wide=wide(story.chain, title) if story.chain.sites else "",
        tall=tall(story.chain, title) if story.chain.sites else "",
        countries=len({site.country for site in story.chain.sites if site.country}),
        states=_STATES,
        alone=len(story.parts) == 1,
    )


def _share(value: float) -> str:
    """A fraction as per cent."""
    return f"{100 * value:.3g} %"


def _breakable(pointer: str) -> Markup:
    """A JSON pointer or address that may go on in the next line after each part."""
    return Markup(escape(visible(pointer)).replace("/", Markup("/<wbr>")))
