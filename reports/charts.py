"""Inline SVG: the map of the supply chain. Pure geometry over the chain contract, no drawing library.

Columns are stages of the chain, from the mines on the left to the finished product on the right; bands behind the sites
show the country. Text is escaped; nothing from a credential reaches the markup unescaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

__all__ = ["chain_map", "mass"]

_COLUMN = 262
_BOX_W, _BOX_H = 168, 54
_GAP = 26
_MARGIN = 28
_PALETTE = ("#3566a8", "#b3541e", "#3a7d44", "#7d4f9e", "#a8352f", "#2f7f86", "#8a6d1b", "#5c6470")


def mass(kilograms: float) -> str:
    """A mass for people: kilograms below a tonne, tonnes above, three significant digits."""
    if abs(kilograms) < 1000:
        return f"{kilograms:,.3g} kg" if abs(kilograms) < 100 else f"{kilograms:,.0f} kg"
    tonnes = kilograms / 1000
    return f"{tonnes:,.3g} t" if tonnes < 100 else f"{tonnes:,.0f} t"


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _columns(sites: list[Mapping[str, Any]], flows: list[Mapping[str, Any]]) -> dict[str, int]:
    """Column of every site, counted from the end: one further than the furthest site it delivers to.

    Sites on a loop (returns, recycling) keep the stage that the contract gives them.
    """
    stages = {str(site["id"]): max(0, int(site.get("stage", 0))) for site in sites}
    pairs = {(str(flow["source"]), str(flow["target"])) for flow in flows}
    pairs = {
        (source, target) for source, target in pairs if source != target and {source, target} <= stages.keys()
    }
    suppliers: dict[str, list[str]] = {}
    waiting = dict.fromkeys(stages, 0)
    for source, target in sorted(pairs):
        suppliers.setdefault(target, []).append(source)
        waiting[source] += 1
    columns = {name: 0 for name, open_ends in waiting.items() if open_ends == 0}
    ready = sorted(columns)
    while ready:
        target = ready.pop()
        for source in suppliers.get(target, ()):
            columns[source] = max(columns.get(source, 0), columns[target] + 1)
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    # What is still waiting hangs on a loop: its column is not settled.
    return {name: stages[name] if waiting[name] else columns[name] for name in stages}


def _positions(
    sites: list[Mapping[str, Any]], flows: list[Mapping[str, Any]]
) -> tuple[dict[str, tuple[float, float]], int, int]:
    column_of = _columns(sites, flows)
    columns: dict[int, list[Mapping[str, Any]]] = {}
    for site in sites:
        columns.setdefault(column_of[str(site["id"])], []).append(site)
    deepest = max(columns, default=0)
    tallest = max((len(column) for column in columns.values()), default=1)
    height = 2 * _MARGIN + tallest * (_BOX_H + _GAP)
    places: dict[str, tuple[float, float]] = {}
    for stage, column in columns.items():
        x = _MARGIN + (deepest - stage) * _COLUMN
        used = len(column) * (_BOX_H + _GAP) - _GAP
        top = (height - used) / 2
        ordered = sorted(column, key=lambda site: (str(site.get("country", "")), str(site.get("name", ""))))
        for row, site in enumerate(ordered):
            places[str(site["id"])] = (x, top + row * (_BOX_H + _GAP))
    return places, 2 * _MARGIN + deepest * _COLUMN + _BOX_W, height


def _flow_path(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + _BOX_W, start[1] + _BOX_H / 2
    x2, y2 = end[0], end[1] + _BOX_H / 2
    if x2 <= x1:  # a loop back (returns, recycling) or a transfer within one stage
        return f"M{x1:.0f},{y1:.0f} C{x1 + 60:.0f},{y1:.0f} {x2 - 60:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
    bend = (x2 - x1) / 2
    return f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"


def _carried(flow: Mapping[str, Any]) -> str:
    parts = [mass(float(flow["mass_kg"]))] if flow.get("mass_kg") is not None else ["mass not stated"]
    elements = flow.get("elements") or {}
    parts.extend(f"{name} {mass(float(value))}" for name, value in sorted(elements.items()))
    return ", ".join(parts)


def _label(flows: list[Mapping[str, Any]]) -> list[str]:
    """What is written beside a flow: mass of up to three products, with the lithium or else the main element in them."""
    told = []
    for flow in flows[:3]:
        elements = sorted(
            (flow.get("elements") or {}).items(), key=lambda item: (item[0] != "Li", -float(item[1]))
        )
        what = mass(float(flow["mass_kg"])) if flow.get("mass_kg") is not None else "?"
        contained = " ".join(f"{name} {mass(float(value))}" for name, value in elements[:1])
        told.append(
            _shorten(f"{what} ({contained})" if contained else f"{what} {flow.get('product', '')}", 21)
        )
    if len(flows) > 3:
        told.append(f"+ {len(flows) - 3} more")
    return told


def chain_map(chain: Mapping[str, Any]) -> Markup:
    """The chain as an inline SVG with a title and a text description for screen readers."""
    sites: list[Mapping[str, Any]] = list(chain.get("sites", ()))
    flows: list[Mapping[str, Any]] = list(chain.get("flows", ()))
    if not sites:
        return Markup("")
    places, width, height = _positions(sites, flows)
    countries = sorted({str(site.get("country", "")) for site in sites})
    colours = {country: _PALETTE[index % len(_PALETTE)] for index, country in enumerate(countries)}
    names = {str(site["id"]): str(site.get("name", site["id"])) for site in sites}
    heaviest = max((float(flow.get("mass_kg") or 0) for flow in flows), default=0) or 1.0
    described = "; ".join(
        f"{names.get(str(flow['source']), flow['source'])} to {names.get(str(flow['target']), flow['target'])}: "
        f"{flow.get('product', 'product')}, {_carried(flow)}"
        for flow in flows
    )
    out: list[Markup] = [
        Markup(
            '<svg class="map" viewBox="0 0 {w} {h}" role="img" aria-labelledby="map-title map-desc" '
            'xmlns="http://www.w3.org/2000/svg"><title id="map-title">Supply chain of {root}</title>'
            '<desc id="map-desc">{text}</desc>'
        ).format(
            w=width,
            h=height + 30,
            root=chain.get("root_name") or chain.get("root", "the product"),
            text=described,
        )
    ]
    labels: list[Markup] = []
    together: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for flow in flows:
        together.setdefault((str(flow["source"]), str(flow["target"])), []).append(flow)
    lines: dict[str, int] = {}
    for (source, target), carried in together.items():
        if source not in places or target not in places:
            continue
        weight = sum(float(flow.get("mass_kg") or 0) for flow in carried)
        told = "; ".join(f"{flow.get('product', '')} ({_carried(flow)})" for flow in carried)
        out.append(
            Markup('<path class="flow" d="{d}" stroke-width="{t}"><title>{title}</title></path>').format(
                d=_flow_path(places[source], places[target]),
                t=f"{1.5 + 10 * (weight / heaviest) ** 0.4:.1f}",
                title=f"{names[source]} → {names[target]}: {told}",
            )
        )
        for text in _label(carried):
            x, y = places[source][0] + _BOX_W + 5, places[source][1] + 9 + 11 * lines.get(source, 0)
            lines[source] = lines.get(source, 0) + 1
            labels.append(
                Markup('<text class="flow-label" x="{x}" y="{y}">{text}</text>').format(
                    x=f"{x:.0f}", y=f"{y:.0f}", text=text
                )
            )
    for site in sites:
        x, y = places[str(site["id"])]
        country = str(site.get("country", ""))
        out.append(
            Markup(
                '<g class="site"><rect class="box" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>'
                '<rect class="stripe" x="{x}" y="{y}" width="6" height="{h}" rx="3" fill="{colour}"/>'
                '<text class="site-name" x="{tx}" y="{y1}">{name}</text>'
                '<text class="site-sub" x="{tx}" y="{y2}">{sub}</text>'
                '<text class="site-sub" x="{tx}" y="{y3}">{operator}</text><title>{full}</title></g>'
            ).format(
                x=f"{x:.0f}",
                y=f"{y:.0f}",
                w=_BOX_W,
                h=_BOX_H,
                colour=colours[country],
                tx=f"{x + 13:.0f}",
                y1=f"{y + 18:.0f}",
                y2=f"{y + 32:.0f}",
                y3=f"{y + 45:.0f}",
                name=_shorten(str(site.get("name", site["id"])), 22),
                sub=_shorten(
                    " · ".join(part for part in (country, str(site.get("process", ""))) if part), 27
                ),
                operator=_shorten(str(site.get("operator", "")), 31),
                full=f"{site.get('name', '')} ({country}) {site['id']}",
            )
        )
    out.extend(labels)
    x = float(_MARGIN)
    for country in countries:
        out.append(
            Markup(
                '<rect x="{x}" y="{y}" width="12" height="12" rx="2" fill="{colour}"/>'
                '<text class="legend" x="{tx}" y="{ty}">{country}</text>'
            ).format(
                x=f"{x:.0f}",
                y=height + 8,
                colour=colours[country],
                tx=f"{x + 17:.0f}",
                ty=height + 18,
                country=country or "country not stated",
            )
        )
        x += 60 if country else 140
    out.append(Markup("</svg>"))
    return Markup("").join(out)
