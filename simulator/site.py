"""A node as static files: what any web server can serve, with a page for people at every identifier."""

from __future__ import annotations

from html import escape

from assay.simulator.issuance.discovery import LinkedIdentifier
from assay.simulator.world import Nation, World

__all__ = ["README", "identifier_page", "node_index"]

README = """# A node's website

Each folder here is one nation's node; each folder in it is one host: point the document root of that host at it, or serve
everything from one place for a look around (`python -m http.server -d {folder}`).

Addresses are as the credentials have them, so `https://HOST/PATH` is the file `HOST/PATH`. Four things need a setting:

| Path | Media type | Also |
|---|---|---|
| `/credentials/`, `/status/` | `application/vc+jwt` | files have no suffix |
| `/.well-known/did.json` | `application/did+json` | |
| `/linkset/` (file `linkset.json` in a folder of that name) | `application/linkset+json` | |
| `/scheme/` (file `vocabulary.jsonld` in a folder of that name) | `application/ld+json` | |
| `/registers/`, `/.well-known/resolver` | `application/json` | |
| everything else | `text/html` | identifiers have an `index.html` with their links |

Let every answer carry `Access-Control-Allow-Origin: *`. A static server cannot negotiate: it answers an identifier with a page,
not with a redirect, and takes no `linkType`. For nginx:

    index index.html vocabulary.jsonld linkset.json;
    default_type text/html;
    add_header Access-Control-Allow-Origin *;
    location ~ ^/(credentials|status)/ {{ default_type application/vc+jwt; }}
    location = /.well-known/did.json {{ types {{ }} default_type application/did+json; }}
    location = /.well-known/resolver {{ default_type application/json; }}
    location ^~ /registers/ {{ default_type application/json; }}
    location ^~ /linkset/ {{ types {{ }} default_type application/linkset+json; try_files $uri/linkset.json =404; }}
    location ^~ /scheme/ {{ types {{ }} default_type application/ld+json; try_files $uri/vocabulary.jsonld =404; }}

Test data: keys and organisations are invented.
"""


def _page(title: str, body: str, head: str = "") -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>\n"
    ).encode()


def identifier_page(identifier: LinkedIdentifier) -> tuple[str, bytes]:
    """Path below the host and content of the page that stands at an identifier."""
    path = identifier.uri.split("/", 3)[3]
    items = "".join(
        f'<li><a href="{escape(target["href"])}">{escape(target["title"])}</a> ({escape(target["type"])})</li>'
        for target in (link.target() for link in identifier.links)
    )
    linkset = escape(identifier.linkset_url)
    head = f'<link rel="linkset" type="application/linkset+json" href="{linkset}">'
    body = f'<p>{escape(identifier.uri)}</p><ul>{items}</ul><p><a href="{linkset}">Linkset</a></p>'
    return f"{path}/index.html", _page(identifier.description, body, head)


def node_index(world: World, nation: Nation) -> bytes:
    """The front page of a node: whom it serves."""
    rows = "".join(
        f'<li><a href="{escape(o.host)}/.well-known/did.json">{escape(o.name)}</a>: {escape(o.description)}</li>'
        for o in world.organisations()
        if o.nation == nation.code
    )
    resolver = (
        f'<p>Identity resolver: <a href="{nation.resolver}/.well-known/resolver">{nation.resolver}</a></p>'
    )
    return _page(f"Node of {nation.name} (example)", f"{resolver}<ul>{rows}</ul>")
