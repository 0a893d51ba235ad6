"""A network laid out in layers from left to right, as Sugiyama, Tagawa and Toda (1981) do: no place is given by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 8
"""So many times the layers are put in order anew, each by the places of its neighbours."""

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layered:
    """Nodes by layer, from top to bottom, and each edge as the nodes that it passes.

    An edge over several layers passes a bend in each between, so that it does not run through other nodes. ``back`` are the edges
    that lead to an earlier layer, or to the same node.
    """

    layers: tuple[tuple[str, ...], ...]
    ways: Mapping[Edge, tuple[str, ...]]
    back: tuple[Edge, ...]


def layered(nodes: Sequence[str], weights: Mapping[Edge, float], positions: Mapping[str, float]) -> Layered:
    """Lay out a network.

    Parameters
    ----------
    nodes : sequence of str
    weights : mapping
        How much goes along each edge.
    positions : mapping
        Where in its way work mostly comes to a node; an edge to a smaller one leads back.
    """
    order = sorted(nodes, key=lambda node: (positions[node], nodes.index(node)))
    place = {node: k for k, node in enumerate(order)}
    forward = [edge for edge in weights if place[edge[0]] < place[edge[1]]]
    back = tuple(edge for edge in weights if place[edge[0]] >= place[edge[1]])
    layer_of: dict[str, int] = {}
    for node in order:
        layer_of[node] = max((layer_of[one] + 1 for one, other in forward if other == node), default=0)
    _pull_right(order, forward, layer_of)
    rows: list[list[str]] = [[] for _ in range(1 + max(layer_of.values(), default=0))]
    for node in order:
        rows[layer_of[node]].append(node)
    ways: dict[Edge, tuple[str, ...]] = {}
    links: list[Edge] = []
    for one, other in forward:
        bends = [f"\0{one}\0{other}\0{k}" for k in range(layer_of[one] + 1, layer_of[other])]
        for k, bend in enumerate(bends, layer_of[one] + 1):
            rows[k].append(bend)
        way = (one, *bends, other)
        ways[one, other] = way
        links += list(pairwise(way))
    _untangle(rows, links)
    return Layered(tuple(map(tuple, rows)), ways, back)


def is_bend(node: str) -> bool:
    """Whether a name is that of a bend of an edge."""
    return node.startswith("\0")


def _pull_right(order: Sequence[str], forward: Sequence[Edge], layer_of: dict[str, int]) -> None:
    """A node whose work only goes much further on stands just before it, and not at the left border."""
    for node in reversed(order):
        followers = [layer_of[other] for one, other in forward if one == node]
        leaders = [one for one, other in forward if other == node]
        if followers and not leaders:
            layer_of[node] = max(layer_of[node], min(followers) - 1)


def crossings(rows: Sequence[Sequence[str]], links: Sequence[Edge]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    place = {node: k for row in rows for k, node in enumerate(row)}
    layer = {node: k for k, row in enumerate(rows) for node in row}
    total = 0
    for i, (a, b) in enumerate(links):
        for c, d in links[i + 1 :]:
            if layer[a] == layer[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0:
                total += 1
    return total


def _untangle(rows: list[list[str]], links: Sequence[Edge]) -> None:
    """Put each layer in the order of the mean places of its neighbours, forth and back, and keep the order with the fewest crossings."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for one, other in links:
        after.setdefault(one, []).append(other)
        before.setdefault(other, []).append(one)
    best, fewest = [list(row) for row in rows], crossings(rows, links)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        neighbours = before if sweep % 2 == 0 else after
        for k in range(len(rows)) if sweep % 2 == 0 else reversed(range(len(rows))):
            place = {
                node: i / max(1, len(row) - 1) if len(row) > 1 else 0.5 for row in rows for i, node in enumerate(row)
            }
            means = {
                node: sum(place[one] for one in near) / len(near) if (near := neighbours.get(node)) else place[node]
                for node in rows[k]
            }
            rows[k].sort(key=lambda node: means[node])
        if (now := crossings(rows, links)) < fewest:
            best, fewest = [list(row) for row in rows], now
    rows[:] = best
