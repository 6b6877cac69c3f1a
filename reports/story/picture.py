"""The chain of a case as inline SVG: sites in order of time, their lots as chips, the root and what it taints marked.

Two pictures of one chain: ``wide`` has columns from the first site to the last, in rows like text where they are many;
``tall`` has one site below the other with arcs beside them, for narrow screens. Colours come from the page's style; every mark is also a word or a shape, so that the
picture reads in print and without colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from textwrap import wrap

from markupsafe import Markup

from assay.profiles.contracts.story import Chain, Flow, Lot, Site
from assay.reports.charts import mass
from assay.reports.escaping import visible

__all__ = ["described", "tall", "wide"]

_BOX = 186
_GAP_X, _GAP_Y = 62, 22
_COLUMNS = 5
"""Columns in one row of the wide picture."""
_LANE = 13
_SWEEPS = 6
_MARGIN = 14
_CHIP_W, _CHIP_H = 53, 17
_NAME, _LINE = 16, 13
_ARCS = 84
_TALL = 356
_HEADROOM = 16


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    site: Site
    lines: tuple[str, ...]


def wide(chain: Chain, title: str) -> Markup:
    """Columns from left to right; a site stands one column after the last of those that it was supplied by."""
    columns: dict[int, list[Site]] = {}
    for site, column in zip(chain.sites, _columns(chain), strict=True):
        columns.setdefault(column, []).append(site)
    columns = _uncrossed(columns, chain.flows)
    rows = -(-len(columns) // _COLUMNS)
    in_row = -(-len(columns) // rows)
    grid = {site.id: divmod(column, in_row) for column, some in columns.items() for site in some}
    lanes = _lanes(chain.flows, grid)
    heights = {site.id: _height(site, _BOX) for site in chain.sites}
    totals = {c: sum(heights[s.id] + _GAP_Y + _HEADROOM for s in some) for c, some in columns.items()}
    boxes: dict[str, _Box] = {}
    gutters: list[float] = []
    top = float(_MARGIN)
    for row in range(rows + 1):
        used = sum(1 for at, _ in lanes.values() if at == row)
        gutters.append(top + 4)
        top += used * _LANE + (10 if used else 0)
        here = [column for column in columns if column // in_row == row]
        tallest = max((totals[column] for column in here), default=0.0)
        for column in here:
            x = _MARGIN + _GAP_X / 2 + column % in_row * (_BOX + _GAP_X)
            y = top + (tallest - totals[column]) / 2 + _HEADROOM
            for site in columns[column]:
                boxes[site.id] = _Box(x, y, _BOX, heights[site.id], site, _name(site, _BOX))
                y += heights[site.id] + _GAP_Y + _HEADROOM
        top += tallest
    heaviest = max((_weight(flow) for flow in chain.flows), default=0.0) or 1.0
    drawn = []
    for number, flow in enumerate(chain.flows):
        if flow.source in boxes and flow.target in boxes:
            start, end = boxes[flow.source], boxes[flow.target]
            if number in lanes:
                gutter, lane = lanes[number]
                way = _around(start, end, gutters[gutter] + lane * _LANE, lane)
            else:
                way = _across(start, end)
            drawn.append(_flow(flow, boxes, heaviest, way))
    width = 2 * _MARGIN + in_row * (_BOX + _GAP_X)
    return _svg("wide", width, top, title, chain, drawn, boxes.values())


def _lanes(flows: Sequence[Flow], grid: dict[str, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Flows that do not simply go on in their row: by number, the gutter that they take (above which row) and their lane in it."""
    found: dict[int, tuple[int, int]] = {}
    used: dict[int, int] = {}
    for number, flow in enumerate(flows):
        if flow.source in grid and flow.target in grid:
            (row, column), (other, ahead) = grid[flow.source], grid[flow.target]
            if row != other or ahead <= column:
                gutter = row + 1 if row <= other else row
                found[number] = gutter, used.get(gutter, 0)
                used[gutter] = used.get(gutter, 0) + 1
    return found


def tall(chain: Chain, title: str) -> Markup:
    """One site below the other in order of time; arcs on the left say what went where."""
    boxes: dict[str, _Box] = {}
    y = float(_MARGIN)
    width = _TALL - _ARCS - _MARGIN
    for site in sorted(chain.sites, key=lambda one: one.rank):
        height = _height(site, width)
        boxes[site.id] = _Box(_ARCS, y, width, height, site, _name(site, width))
        y += height + _GAP_Y - 6
    heaviest = max((_weight(flow) for flow in chain.flows), default=0.0) or 1.0
    order = {name: place for place, name in enumerate(boxes)}
    drawn = []
    for flow in chain.flows:
        if flow.source in boxes and flow.target in boxes:
            steps = abs(order[flow.source] - order[flow.target])
            drawn.append(
                _flow(flow, boxes, heaviest, _arc(boxes[flow.source], boxes[flow.target], steps), 0.6)
            )
    return _svg("tall", _TALL, y, title, chain, drawn, boxes.values())


def described(chain: Chain) -> str:
    """The picture in words, for those who do not see it."""
    names = {site.id: site.name for site in chain.sites}
    told = []
    for site in chain.sites:
        roots = [lot for lot in site.lots if lot.root]
        tainted = sum(1 for lot in site.lots if lot.share > 0)
        notes = [
            *([f"root: {', '.join(lot.number for lot in roots)}"] if roots else []),
            *([f"papers {', '.join(map(str, site.papers))}"] if site.papers else []),
            *([f"{tainted} tainted"] if tainted else []),
        ]
        told.append(f"{site.name} ({'; '.join(notes)})" if notes else site.name)
    moves = [
        f"{names.get(flow.source, flow.source)} to {names.get(flow.target, flow.target)}: {_carried(flow)}"
        for flow in chain.flows
    ]
    sentences = [f"Sites: {', '.join(told)}", *([f"Moves: {'; '.join(moves)}"] if moves else [])]
    return str(visible(". ".join(sentences)))


def _columns(chain: Chain) -> list[int]:
    """Column of every site. What flows back to an earlier site (returns, recycling) moves nobody."""
    ranks = {site.id: site.rank for site in chain.sites}
    columns = dict.fromkeys(ranks, 0)
    for site in sorted(chain.sites, key=lambda one: one.rank):
        for flow in chain.flows:
            if flow.source == site.id and ranks.get(flow.target, -1) > site.rank:
                columns[flow.target] = max(columns[flow.target], columns[site.id] + 1)
    # A supplier stands just before the first site that it supplies, not at the far left.
    for site in sorted(chain.sites, key=lambda one: -one.rank):
        ahead = [
            columns[flow.target]
            for flow in chain.flows
            if flow.source == site.id and ranks.get(flow.target, -1) > site.rank
        ]
        if ahead:
            columns[site.id] = max(columns[site.id], min(ahead) - 1)
    used = {column: place for place, column in enumerate(sorted(set(columns.values())))}
    return [used[columns[site.id]] for site in chain.sites]


def _uncrossed(columns: Mapping[int, list[Site]], flows: Sequence[Flow]) -> dict[int, list[Site]]:
    """Sites of every column beside those that they are joined with, so that few lines cross (barycentres, a few sweeps)."""
    found = {column: sorted(some, key=lambda site: site.rank) for column, some in sorted(columns.items())}
    near: dict[str, list[str]] = {}
    for flow in flows:
        near.setdefault(flow.source, []).append(flow.target)
        near.setdefault(flow.target, []).append(flow.source)
    column_of = {site.id: column for column, some in found.items() for site in some}
    for sweep in range(_SWEEPS):
        step = 1 if sweep % 2 == 0 else -1
        for column in sorted(found, reverse=step < 0):
            heights = {
                site.id: (place + 0.5) / len(some)
                for some in found.values()
                for place, site in enumerate(some)
            }
            levels: dict[str, float] = {}
            for site in found[column]:
                beside = [
                    heights[other]
                    for other in near.get(site.id, ())
                    if other in heights and (column_of[other] - column) * step < 0
                ]
                levels[site.id] = sum(beside) / len(beside) if beside else heights[site.id]
            found[column] = [
                site
                for _, site in sorted(((levels[site.id], site) for site in found[column]), key=itemgetter(0))
            ]
    return found


def _name(site: Site, width: float) -> tuple[str, ...]:
    lines = wrap(visible(site.name), int(width / 8.7), break_on_hyphens=False) or ["?"]
    return tuple(lines[:2])


def _groups(site: Site) -> dict[str, list[Lot]]:
    groups: dict[str, list[Lot]] = {}
    for lot in site.lots:
        groups.setdefault(lot.product, []).append(lot)
    return groups


def _height(site: Site, width: float) -> float:
    height = 12.0 + _NAME * len(_name(site, width)) + (_LINE if site.party or site.country else 0)
    for some in _groups(site).values():
        height += _LINE + 5 + (_CHIP_H + 3) * -(-len(some) // _per_row(width))
    return height + (_LINE if site.more else 0) + 7


def _per_row(width: float) -> int:
    return max(1, int((width - 16) // (_CHIP_W + 3)))


def _across(start: _Box, end: _Box) -> tuple[str, tuple[float, float]]:
    """A curve from the right of one site to the left of another in its row, and where its label stands."""
    x1, y1 = start.x + start.width, start.y + start.height / 2
    x2, y2 = end.x, end.y + end.height / 2
    bend = min((x2 - x1) / 2, _GAP_X)
    path = f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
    if x2 - x1 > _GAP_X + 1:  # it passes behind a column
        return path, (x1 + _GAP_X / 2, y1)
    return path, ((x1 + x2) / 2, (y1 + y2) / 2)


def _around(start: _Box, end: _Box, y: float, lane: int) -> tuple[str, tuple[float, float]]:
    """A way through the gutter between two rows: out on the right, along the lane, and in from the left."""
    slip = 3 * (lane % 4)
    x1, y1 = start.x + start.width, start.y + start.height / 2 + slip
    x2, y2 = end.x, end.y + end.height / 2 + slip
    out, into = x1 + _GAP_X / 2 - 5 - slip, x2 - _GAP_X / 2 + 5 + slip
    first, second = (8 if y > y1 else -8), (8 if y2 > y else -8)
    turn = -8 if into < out else 8
    path = (
        f"M{x1:.0f},{y1:.0f} H{out - 8:.0f} Q{out:.0f},{y1:.0f} {out:.0f},{y1 + first:.0f} V{y - first:.0f} "
        f"Q{out:.0f},{y:.0f} {out + turn:.0f},{y:.0f} H{into - turn:.0f} Q{into:.0f},{y:.0f} {into:.0f},{y + second:.0f} "
        f"V{y2 - second:.0f} Q{into:.0f},{y2:.0f} {into + 8:.0f},{y2:.0f} H{x2:.0f}"
    )
    return path, ((out + into) / 2, y + 8)


def _arc(start: _Box, end: _Box, steps: int) -> tuple[str, tuple[float, float]]:
    """An arc on the left of a tall picture: the further, the wider. Neighbours are joined straight down."""
    y1, y2 = start.y + min(24.0, start.height / 2), end.y + min(24.0, end.height / 2)
    out = start.x - min(_ARCS - 12, 16 + 11 * steps)
    middle = out + (start.x - out) * 0.25
    return (
        f"M{start.x:.0f},{y1 + 6:.0f} C{out:.0f},{y1 + 6:.0f} {out:.0f},{y2 - 6:.0f} {end.x:.0f},{y2 - 6:.0f}",
        (middle, (y1 + y2) / 2),
    )


def _weight(flow: Flow) -> float:
    """Kilograms as the thickness of a line needs them; what makes no sense weighs nothing."""
    return flow.kg if flow.kg is not None and 0 <= flow.kg < math.inf else 0.0


def _carried(flow: Flow) -> str:
    what = mass(flow.kg) if flow.kg is not None else "mass not stated"
    return what + (f" in {flow.consignments} consignments" if flow.consignments > 1 else "")


def _flow(
    flow: Flow,
    boxes: dict[str, _Box],
    heaviest: float,
    way: tuple[str, tuple[float, float]],
    scale: float = 1.0,
) -> Markup:
    path, (x, y) = way
    names = f"{boxes[flow.source].site.name} to {boxes[flow.target].site.name}: {_carried(flow)}"
    out = Markup(
        '<path class="flow{mark}" d="{path}" stroke-width="{thick}" marker-end="url(#{arrow})"><title>{title}</title></path>'
    ).format(
        mark=" root" if flow.papers else "",
        path=path,
        thick=f"{(1.4 + 5 * (_weight(flow) / heaviest) ** 0.4) * scale:.1f}",
        arrow=("wide" if scale == 1.0 else "tall") + ("-arrow-root" if flow.papers else "-arrow"),
        title=visible(names),
    )
    if scale == 1.0 and flow.kg is not None:
        out += Markup('<text class="carried" x="{x}" y="{y}">{text}</text>').format(
            x=f"{x:.0f}", y=f"{y - 5:.0f}", text=mass(flow.kg)
        )
    return out + _tags(flow.papers, x - 8.5 * len(flow.papers[:6]), y + 9)


def _tags(papers: Sequence[int], x: float, y: float) -> Markup:
    """Numbered papers, as they stand in the text."""
    out = Markup("")
    shown = papers[:6]
    for place, number in enumerate(shown):
        at = x + 17 * place + 8.5
        out += Markup(
            '<circle class="tag" cx="{x}" cy="{y}" r="8"/><text class="tag-number" x="{x}" y="{ty}">{n}</text>'
        ).format(x=f"{at:.1f}", y=f"{y:.1f}", ty=f"{y + 3.6:.1f}", n=number)
    if len(papers) > len(shown):
        out += Markup('<text class="sub" x="{x}" y="{y}">+{n}</text>').format(
            x=f"{x + 17 * len(shown) + 4:.1f}", y=f"{y + 3.6:.1f}", n=len(papers) - len(shown)
        )
    return out


def _box(box: _Box) -> Markup:
    site = box.site
    root = bool(site.papers) or any(lot.root for lot in site.lots)
    out = Markup(
        '<g class="site{mark}"><title>{title}</title><rect class="box" x="{x}" y="{y}" width="{w}" height="{h}" rx="5"/>'
    ).format(
        mark=" root" if root else "",
        title=visible(f"{site.name}, {site.country or 'country not stated'}, {site.id}"),
        x=f"{box.x:.0f}",
        y=f"{box.y:.0f}",
        w=f"{box.width:.0f}",
        h=f"{box.height:.0f}",
    )
    x, y = box.x + 9, box.y + 8
    for line in box.lines:
        y += _NAME - 1
        out += _text("name", x, y, line)
    if site.party or site.country:
        y += _LINE
        told = " · ".join(part for part in (site.country[:3], site.party) if part)
        out += _text("sub", x, y, _cut(told, int(box.width / 5.6)))
    for product, lots in _groups(site).items():
        y += _LINE + 4
        out += _text("product", x, y, _cut(product, int(box.width / 5.4)))
        row = _per_row(box.width)
        for place, lot in enumerate(lots):
            at, column = divmod(place, row)
            out += _chip(lot, x + column * (_CHIP_W + 3), y + 5 + at * (_CHIP_H + 3))
        y += 1 + (_CHIP_H + 3) * -(-len(lots) // row)
    if site.more:
        y += _LINE
        out += _text("sub", x, y, f"and {site.more} more")
    return out + _tags(site.papers, box.x + 6, box.y - 1) + Markup("</g>")


def _chip(lot: Lot, x: float, y: float) -> Markup:
    share = "" if not lot.share else f"{lot.share:.0%}" if lot.share >= 0.01 else f"{lot.share:.1%}"
    level = 0 if not lot.share else 1 if lot.share < 0.1 else 2 if lot.share < 0.5 else 3
    number = lot.number.rsplit("-", 1)[-1][-4:]
    words = (
        f"{lot.product} {lot.number}"
        + (", root" if lot.root else "")
        + (f", {share} tainted" if share else "")
    )
    out = Markup(
        '<g class="chip t{level}{root}"><title>{title}</title><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3"/>'
    ).format(
        level=level, root=" is-root" if lot.root else "", title=visible(words), x=f"{x:.0f}", y=f"{y:.0f}", w=_CHIP_W, h=_CHIP_H
    )  # fmt: skip
    label = f"{number.lstrip('0') or '0'}" if share else number
    text = f"{'◆ ' if lot.root else ''}{label}{' · ' + share if share and lot.share < 0.9995 else ''}"
    return out + _text("lot", x + _CHIP_W / 2, y + 12.2, text) + Markup("</g>")


def _text(kind: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{kind}" x="{x}" y="{y}">{text}</text>').format(
        kind=kind, x=f"{x:.0f}", y=f"{y:.1f}", text=visible(text)
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _svg(
    kind: str,
    width: float,
    height: float,
    title: str,
    chain: Chain,
    flows: Iterable[Markup],
    boxes: Iterable[_Box],
) -> Markup:
    head = Markup(
        '<svg class="chain {kind}" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{kind}-title {kind}-desc" '
        'xmlns="http://www.w3.org/2000/svg"><title id="{kind}-title">{title}</title><desc id="{kind}-desc">{text}</desc>'
        '<defs><marker id="{kind}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="12" markerHeight="12" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="arrow" d="M0,0 L8,4 L0,8 z"/></marker>'
        '<marker id="{kind}-arrow-root" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="12" markerHeight="12" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="arrow root" d="M0,0 L8,4 L0,8 z"/></marker></defs>'
    ).format(kind=kind, w=f"{width:.0f}", h=f"{height:.0f}", title=visible(title), text=described(chain))
    return head + Markup("").join(flows) + Markup("").join(_box(box) for box in boxes) + Markup("</svg>")
