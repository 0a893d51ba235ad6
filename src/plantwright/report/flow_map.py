"""The plant drawn as its flow: work centers as boxes in the order in which work comes to them, with what waits before each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plantwright.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.ways import ways_of
from plantwright.report import words
from plantwright.report.layers import Layered, is_bend, layered
from plantwright.report.limits import AT_WORK, BUSY, shares
from plantwright.simulation.loads import expected_visits, mix
from plantwright.simulation.run import Run

if TYPE_CHECKING:
    from plantwright.improvement.study import Study

MOST_CENTERS, MOST_EDGES, MOST_BACK, LEAST_EDGE = 14, 22, 4, 0.02
BOX, HIGH, GAP, ROW, BEND, TOP = 158.0, 78.0, 48.0, 28.0, 14.0, 24.0
"""In units of the picture: a box's width and height, the gap between layers, between boxes, and what an edge that passes takes."""
HUB = 6
"""A delay with more neighbours than this, such as a wait between any two steps, is not drawn."""
COLUMNS = 5
"""As many layers stand beside each other; what is longer is cut in bands below each other, which can still be read on paper."""
NAME = 19


@dataclass(frozen=True, slots=True)
class _Flow:
    nodes: list[str]
    weights: dict[tuple[str, str], float]
    positions: dict[str, float]


def flow_map(study: Study, plant: Plant) -> dict[str, Any]:
    """What the template draws: boxes with their places, edges as paths, the size of the picture, how many were left out."""
    flow = _flow(plant)
    limits = {study.limit.subject, *study.limit.tied_with} if study.limit.kind not in ("demand", "release") else set()
    kept = _kept(flow, study, plant, limits)
    if len(kept) < len(flow.nodes):
        flow = _flow(plant, frozenset(kept))
    weights = _strongest(flow.weights)
    laid = layered(kept, weights, flow.positions)
    places, width, height = _places(laid)
    most = max(weights.values(), default=1.0)
    back = sorted(laid.back, key=lambda edge: -weights[edge])[:MOST_BACK]
    return {
        "width": f"{width:.0f}",
        "height": f"{height:.0f}",
        "boxes": [_box(study, plant, name, places[name], name in limits) for name in kept],
        "edges": [_edge(way, places, weights[edge] / most) for edge, way in laid.ways.items()]
        + [_back(edge, places, weights[edge] / most) for edge in back],
        "left": _counted(len(plant.work_centers) - len(kept), "work center", "is less busy, or lots only wait there"),
        "thin": _counted(len(flow.weights) - len(laid.ways) - len(back), "way", "carries little"),
        "words": _in_words(laid, weights),
    }


def _counted(number: int, word: str, why: str) -> str:
    """``3 ways are not drawn: each carries little``; nothing for none."""
    return (
        "" if number == 0 else f"{words.plural(number, word)} {'is' if number == 1 else 'are'} not drawn: each {why}."
    )


def _flow(plant: Plant, kept: frozenset[str] | None = None) -> _Flow:
    """How many lots go from each work center to each, and where in their ways they come to it, as a share of the way.

    With `kept`, only these are looked at, and work goes straight through the others.
    """
    rates = mix(plant)
    weights: dict[tuple[str, str], float] = {}
    seen: dict[str, list[tuple[float, float]]] = {}
    for name, product in plant.products.items():
        visits = expected_visits(product)
        following = _following(product)
        places = {step.name: k / max(1, len(product.routing) - 1) for k, step in enumerate(product.routing)}
        homes = {step.name: [c.center for c in step.at if kept is None or c.center in kept] for step in product.routing}
        for step in product.routing:
            rate = rates[name] * visits[step.name] / len(step.at)
            for center in homes[step.name]:
                seen.setdefault(center, []).append((places[step.name], rate))
            for other, share in _reached(step.name, following, homes).items():
                for edge in ((one, then) for one in homes[step.name] for then in homes[other]):
                    weights[edge] = weights.get(edge, 0.0) + rate * share / len(homes[other])
    positions = {
        name: sum(at * rate for at, rate in found) / max(1e-12, sum(rate for _, rate in found))
        for name, found in seen.items()
    }
    nodes = sorted(seen, key=lambda name: positions[name])
    return _Flow(nodes, {edge: w for edge, w in weights.items() if edge[0] != edge[1]}, positions)


def _following(product: Product) -> dict[str, dict[str, float]]:
    """The steps that may follow each, with their shares, those to which lots are sent back among them."""
    ways = ways_of(product)
    found = {}
    for step in product.routing:
        followers = {other: step.next.get(other, 1.0) for other in ways.following[step.name]}
        if step.rework:
            followers[step.rework.back_to] = followers.get(step.rework.back_to, 0.0) + step.rework.share
        found[step.name] = followers
    return found


def _reached(
    step: str, following: Mapping[str, Mapping[str, float]], homes: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """The next steps at work centers that are drawn, with their shares, whatever lies between."""
    found: dict[str, float] = {}
    passed: set[str] = set()
    ahead = list(following[step].items())
    while ahead:
        other, share = ahead.pop()
        if homes[other]:
            found[other] = found.get(other, 0.0) + share
        elif other not in passed:
            passed.add(other)
            ahead += [(then, share * part) for then, part in following[other].items()]
    return found


def _kept(flow: _Flow, study: Study, plant: Plant, limits: set[str]) -> list[str]:
    """All work centers but delays that lie between all others; the limit and the busiest where they are very many."""
    near = {name: {other for edge in flow.weights if name in edge for other in edge} for name in flow.nodes}
    drawn = [name for name in flow.nodes if plant.work_centers[name].machines is not None or len(near[name]) <= HUB]
    busy = {name: sum(shares(study.baseline, name).get(state, 0.0) for state in BUSY) for name in drawn}
    first = sorted(drawn, key=lambda name: (name not in limits, -busy[name]))[:MOST_CENTERS]
    return [name for name in drawn if name in first]


def _strongest(weights: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """The edges along which most goes: of each work center the first to it and from it, and others as many as can be read."""
    ordered = sorted(weights, key=lambda edge: -weights[edge])
    chosen: list[tuple[str, str]] = []
    for end in (0, 1):
        firsts: dict[str, tuple[str, str]] = {}
        for edge in ordered:
            firsts.setdefault(edge[end], edge)
        chosen += firsts.values()
    total = sum(weights.values())
    chosen += [edge for edge in ordered if weights[edge] >= LEAST_EDGE * total][:MOST_EDGES]
    kept = sorted(dict.fromkeys(chosen), key=lambda edge: -weights[edge])[:MOST_EDGES]
    return {edge: weights[edge] for edge in kept}


def _places(laid: Layered) -> tuple[dict[str, tuple[float, float]], float, float]:
    """The left upper corner of each box and the place of each bend; the width and the height of the picture."""
    places: dict[str, tuple[float, float]] = {}
    top, width = TOP, 0.0
    columns = math.ceil(len(laid.layers) / math.ceil(len(laid.layers) / COLUMNS))
    for start in range(0, len(laid.layers), columns):
        band = laid.layers[start : start + columns]
        heights = [sum(_tall(node) + ROW for node in row) - ROW for row in band]
        tall = max(heights, default=0.0)
        for k, (row, height) in enumerate(zip(band, heights, strict=True)):
            x, y = 22.0 + k * (BOX + GAP), top + (tall - height) / 2
            for node in row:
                places[node] = (x, y)
                y += _tall(node) + ROW
            width = max(width, x + BOX + 22.0)
        top += tall + 2 * ROW
    return places, max(width, BOX + 44.0), top - 2 * ROW + (34.0 if laid.back else 10.0)


def _tall(node: str) -> float:
    return BEND if is_bend(node) else HIGH


def _box(study: Study, plant: Plant, name: str, place: tuple[float, float], limit: bool) -> dict[str, Any]:
    run, center = study.baseline, plant.work_centers[name]
    states = shares(run, name) if center.machines is not None else {}
    working = sum(states.get(state, 0.0) for state in AT_WORK)
    lost = sum(states.get(state, 0.0) for state in BUSY) - working
    waiting, lying = (_lots(run, what, name) for what in ("buffer level", "lots delayed"))
    size = "a delay" if center.machines is None else words.plural(center.machines, "machine")
    said = f"{100 * working:.0f} % working" + (f", {100 * lost:.0f} % setup or down" if lost >= 0.005 else "")
    queue = ", ".join(
        filter(None, [_amount(waiting, "lots wait"), _amount(lying, "lie" if _amount(waiting, "") else "lots lie")])
    )
    room = "" if center.buffer is None else f", room for {center.buffer.value:g} {words.several(center.buffer.unit)}"
    title = [name, size, said if states else "", (queue or "none wait") + room, "the limit" if limit else ""]
    return {
        "x": f"{place[0]:.1f}",
        "y": f"{place[1]:.1f}",
        "name": words.shortened(name, NAME),
        "size": size,
        "busy": f"{100 * working:.0f} %" if states else "",
        "working": f"{working * (BOX - 16):.1f}",
        "lost": f"{lost * (BOX - 16):.1f}",
        "queue": queue,
        "limit": limit,
        "title": "; ".join(filter(None, title)),
    }


def _lots(run: Run, what: str, name: str) -> float:
    return next((e.mean for e in run.named(what) if e.of.get("work center") == name), 0.0)


def _amount(lots: float, what: str) -> str:
    """``0.5 lots wait``; nothing for hardly any."""
    return f"{words.plain(lots, 0 if lots >= 10 else 1)} {what}" if lots >= 0.05 else ""


def _edge(way: tuple[str, ...], places: Mapping[str, tuple[float, float]], share: float) -> dict[str, str]:
    """A smooth line from the right side of a box, past the bends, to the left side of another."""
    points = [
        _out(way[0], places),
        *(point for node in way[1:-1] for point in _through(node, places)),
        _into(way[-1], places),
    ]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (u, v) in pairwise(points):
        if u < x:  # on to the next band, which begins at the left border again, through the gap between the two
            gap = max(y, v - HIGH / 2 - ROW)
            path += f" H{x + 10:.1f} V{gap:.1f} H{u - 8:.1f} V{v:.1f} H{u:.1f}"
        elif v == y:
            path += f" L{u:.1f} {v:.1f}"
        else:
            middle = (x + u) / 2
            path += f" C{middle:.1f} {y:.1f} {middle:.1f} {v:.1f} {u:.1f} {v:.1f}"
    return {"path": path, "wide": f"{1.2 + 2.8 * share:.1f}", "kind": "forth"}


def _back(edge: tuple[str, str], places: Mapping[str, tuple[float, float]], share: float) -> dict[str, str]:
    """A line that leads back, below the boxes."""
    (x, y), (u, v) = places[edge[0]], places[edge[1]]
    x, u, low = x + 0.62 * BOX, u + 0.38 * BOX, max(y, v) + HIGH + 24.0
    path = f"M{x:.1f} {y + HIGH:.1f} C{x:.1f} {low:.1f} {u:.1f} {low:.1f} {u:.1f} {v + HIGH + 6:.1f}"
    return {"path": path, "wide": f"{1.2 + 2.8 * share:.1f}", "kind": "back"}


def _out(node: str, places: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    return places[node][0] + BOX, places[node][1] + HIGH / 2


def _into(node: str, places: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    return places[node][0] - 7.0, places[node][1] + HIGH / 2


def _through(node: str, places: Mapping[str, tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    x, y = places[node]
    return (x, y + BEND / 2), (x + BOX, y + BEND / 2)


def _in_words(laid: Layered, weights: Mapping[tuple[str, str], float]) -> str:
    """The picture for those who do not see it: from where to where work goes."""
    followers: dict[str, list[str]] = {}
    for one, other in weights:
        followers.setdefault(one, []).append(other)
    order = [node for row in laid.layers for node in row if not is_bend(node)]
    told = [f"{node} to {' and '.join(followers[node])}" for node in order if node in followers]
    return "Work goes from " + "; from ".join(told) + "." if told else "One work center."
