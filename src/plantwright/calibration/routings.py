"""Routings: a line of steps, some of them optional or side by side, with branches where orders go other ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_low

from plantwright.calibration.along import ALONG, Line, State, find_line
from plantwright.calibration.decisions import Choice, Decision, Ways, counted, decisions_of
from plantwright.calibration.drift import Drift
from plantwright.calibration.paths import (
    BEGIN,
    END,
    Odd,
    Pair,
    Path,
    RoutingStep,
    mended,
    orders_of,
    sure_pairs,
    usual_order,
)
from plantwright.calibration.proportions import Proportion
from plantwright.calibration.routes_alike import USUAL, Alike, find_alike
from plantwright.calibration.side_by_side import SideBySide, block_of, blocks, concurrent, overlaps
from plantwright.calibration.visits import History, Step

__all__ = ["ALONG", "BEGIN", "END", "RoutingFound", "RoutingStep", "SideBySide", "find_routings", "step_names"]


@dataclass(frozen=True)
class RoutingFound:
    """The routing of one product.

    Attributes
    ----------
    steps : tuple of RoutingStep
        All steps: those before the line, those of the line in their order, then those beside it.
    follows : mapping
        What came after `BEGIN` and each step (or steps side by side) and how often. The chain has one property that matters: its expected number
        of visits to each step is that of the log, whatever the order of the steps. `line` keeps it.
    orders, variants : int
        Of the product, and on how many different ways.
    line : Line
        The steps that orders come to in their order, those that some leave out, and the branches.
    inner : mapping
        Of steps side by side: how many orders did each of those that came to them.
    odd : tuple of Odd
        Orders booked against a sure order of steps; their steps count in that order.
    paths : mapping
        The steps of each order of the product, as the routing calls them.
    place : mapping
        How many items of the line lie behind an order that has done a step: along the line it goes on from there.
    front : tuple of RoutingStep
        The steps before the line: most orders that do them begin with them.
    alike : tuple of str
        Other products whose ways cannot be told from its own.
    borrowed : int
        Where it has too few orders of its own: of how many orders its shares are.
    decided : Ways
        Where each order went on to, and when.
    changed : mapping
        Shares that changed during the log: what followed then is what followed since.
    """

    product: str
    steps: tuple[RoutingStep, ...]
    follows: Mapping[State, Mapping[State, int]]
    orders: int
    variants: int
    line: Line
    inner: Mapping[RoutingStep, Proportion]
    odd: tuple[Odd, ...]
    paths: Mapping[str, tuple[RoutingStep, ...]]
    place: Mapping[State, int]
    front: tuple[RoutingStep, ...] = ()
    alike: tuple[str, ...] = ()
    borrowed: int = 0
    decided: Ways = field(default_factory=lambda: Ways((), {END: 0}, {}))
    changed: Mapping[Choice, Drift] = field(default_factory=dict)

    @property
    def beside(self) -> tuple[RoutingStep, ...]:
        """The steps beside the line, to which branches lead."""
        inside = {
            step for item in self.line.items for step in (item.steps if isinstance(item, SideBySide) else (item,))
        }
        return tuple(step for step in self.steps if step not in inside)

    @property
    def side_by_side(self) -> tuple[SideBySide, ...]:
        """Steps that go on side by side."""
        return tuple(item for item in self.line.items if isinstance(item, SideBySide))

    def shares(self, step: State) -> dict[State, float]:
        """What came after a step (or `BEGIN`) with its share, the most frequent first; shares add up to one."""
        return {target: share.value for target, share in _proportions(self.follows.get(step, {END: 1})).items()}

    def ways(self, step: State) -> dict[State, Proportion]:
        """Where orders go on to from a step (or `BEGIN`): `ALONG` the line, or to a step itself; as so many of so many."""
        return _proportions(self.line.ways.get(step, {}))

    def done(self, step: State) -> Proportion | None:
        """By how many of the orders that come by a step is done; None where by all."""
        if step in self.inner:
            return self.inner[step] if self.inner[step].missed > 0 else None  # type: ignore[index]
        share = self.line.shares.get(step)
        number = self.line.passing.get(step, 0)
        return None if share is None else Proportion(share * number, number)


def _proportions(counts: Mapping[State, int]) -> dict[State, Proportion]:
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return {target: Proportion(count, total) for target, count in ranked}


def find_routings(history: History, changes: Mapping[Choice, Drift] | None = None) -> dict[str, RoutingFound]:
    """The routing of each product. The last step of an order that is still under way is not counted as an end, nor the first of one that
    began before the log as a begin, where others of its product began within it. Of shares that changed, those since count.
    """
    products: dict[str, list[Path]] = {}
    for order, visits in history.orders.items():
        path = Path(order, tuple(visits), order in history.open_orders, order in history.begun)
        products.setdefault(visits[0].product, []).append(path)
    everywhere = {product: orders_of(paths) for product, paths in products.items()}
    whole: Counter[Pair] = sum(everywhere.values(), Counter())
    beside = {product: overlaps(paths) for product, paths in products.items()}
    tests = sum(len(own) for own in beside.values())
    alike = {name: group for group in find_alike(products) for name in group.products}
    made = {}
    for product, paths in products.items():
        group = alike[product]
        like = [path for name in group.products for path in products[name]] if product in group.thin else paths
        pairs = concurrent(overlaps(like) if like is not paths else beside[product], tests)
        before = orders_of(like) if like is not paths else everywhere[product]
        made[product] = _routing(product, paths, like, sure_pairs(before, whole) - pairs, pairs, group, changes or {})
    return made


@dataclass(frozen=True)
class _Where:
    """Where a step stands on the line: at which item, and, of steps side by side, on which branch and the how many of it."""

    item: int
    branch: int = -1
    inner: int = 0


def _routing(
    product: str,
    paths: Sequence[Path],
    like: Sequence[Path],
    sure: frozenset[Pair],
    pairs: frozenset[Pair],
    group: Alike,
    changes: Mapping[Choice, Drift],
) -> RoutingFound:
    """The routing of a product, from orders `like` its own."""
    mends = [mended(path, sure) for path in like]
    right = [path for path, _ in mends]
    order = usual_order(right, orders_of(right))
    items = _items(order, [block_of(branches, like) for branches in blocks(order, pairs)])
    where = _places(items)
    own = {path.order for path in paths}
    labels = {path.order: _labels(path, where) for path, _ in mends}
    ends = {path.order: [visit.end for visit in path.visits] for path in right}
    if product in group.thin:
        labels, ends = _usual(labels, ends, own)
    left = {order: _states(steps, ends[order], items, where) for order, steps in labels.items()}
    ways = {order: tuple(state for state, _ in way) for order, way in left.items()}
    like = [path for path in like if path.order in ways]
    states = sorted({state for way in ways.values() for state in way}, key=lambda state: _rank(state, items, where))
    place = {state: _rank(state, items, where)[0] + 1 for state in states} | _reached(ways.values(), items)
    decided = Ways.of(_decisions(product, like, left), items, place)
    follows = _follows(decided, changes, ways)
    _reach_the_end(states, follows)
    blocked = frozenset(item for item in items if isinstance(item, SideBySide))
    line = find_line(
        [item for item in items if item in states], follows, _among(place, items, states), blocked & set(states)
    )
    inside = [step for item in line.items for step in (item.steps if isinstance(item, SideBySide) else (item,))]
    beside = [state for state in states if state not in line.items]
    front = tuple(state for state in beside if isinstance(state, RoutingStep) and _opens(state, follows))
    kept = {item: items.index(item) for item in line.items}
    return RoutingFound(
        product,
        (*front, *inside, *(state for state in beside if state not in front)),  # type: ignore[arg-type]
        follows,
        len(paths),
        len({path.steps for path in paths}),
        line,
        _inner(like, ways, labels),
        tuple(odd for _, odd in mends if odd is not None and odd.order in own),
        {name: steps for name, steps in labels.items() if name in own},
        {state: sum(at < behind for at in kept.values()) for state, behind in place.items()},
        front,
        tuple(name for name in group.products if name != product),
        len(like) if product in group.thin else 0,
        decided,
        {choice: changes[choice] for choice in (decided.choices() if changes else ()) if choice in changes},
    )


def _items(order: Sequence[Step], side_by_side: Sequence[SideBySide]) -> list[State]:
    """Steps in their order, those that go on side by side in one place: that of their first."""
    block = {step.step: own for own in side_by_side for step in own.steps}
    return list(dict.fromkeys(block.get(step, RoutingStep(*step)) for step in order))


def _places(items: Sequence[State]) -> dict[Step, _Where]:
    where: dict[Step, _Where] = {}
    for at, item in enumerate(items):
        if isinstance(item, SideBySide):
            for number, branch in enumerate(item.branches):
                where |= {step.step: _Where(at, number, inner) for inner, step in enumerate(branch)}
        elif isinstance(item, RoutingStep):
            where[item.step] = _Where(at)
    return where


def _labels(path: Path, where: Mapping[Step, _Where]) -> tuple[RoutingStep, ...]:
    """The steps of an order: in their place on the line, or `again` where they came before or what follows them did."""
    seen: set[Step] = set()
    reached: dict[int, int] = {}
    at, made = -1, []
    for step in path.steps:
        own = where[step]
        in_place = own.item > at or (own.item == at and own.branch >= 0 and own.inner > reached.get(own.branch, -1))
        again = step in seen or not in_place
        seen.add(step)
        if not again:
            reached = {**reached, own.branch: own.inner} if own.item == at else {own.branch: own.inner}
            at = own.item
        made.append(RoutingStep(*step, again=again))
    return tuple(made)


def _usual(
    labels: Mapping[str, tuple[RoutingStep, ...]], ends: Mapping[str, list[datetime]], own: Container[str]
) -> tuple[dict[str, tuple[RoutingStep, ...]], dict[str, list[datetime]]]:
    """Orders without what fewer than one in four of them did, and none of a product's own."""
    done = Counter(step for steps in labels.values() for step in set(steps))
    kept = {step for step, times in done.items() if times >= USUAL * len(labels)}
    kept |= {step for order, steps in labels.items() if order in own for step in steps}
    usual = {order: tuple(step for step in steps if step in kept) for order, steps in labels.items()}
    left = {
        order: [end for step, end in zip(labels[order], own_ends, strict=True) if step in kept]
        for order, own_ends in ends.items()
    }
    return {order: steps for order, steps in usual.items() if steps}, left


def _states(
    labels: Iterable[RoutingStep], ends: Iterable[datetime], items: Sequence[State], where: Mapping[Step, _Where]
) -> tuple[tuple[State, datetime], ...]:
    """An order as steps of the line and beside it, each with when it was done; who goes past steps side by side comes to them and does none."""
    made: list[tuple[State, datetime]] = []
    at = -1
    for label, end in zip(labels, ends, strict=True):
        own = where[label.step].item
        if label.again:
            made.append((label, end))
            continue
        passed = [item for item in items[at + 1 : own] if isinstance(item, SideBySide)]
        if own <= at:
            made[-1] = made[-1][0], max(made[-1][1], end)
        made += [(item, made[-1][1] if made else end) for item in passed] + ([(items[own], end)] if own > at else [])
        at = max(at, own)
    return tuple(made)


def _decisions(
    product: str, paths: Sequence[Path], ways: Mapping[str, tuple[tuple[State, datetime], ...]]
) -> Iterator[Decision]:
    others = any(not path.begun for path in paths)
    for path in paths:
        begun = path.begun and others
        yield from decisions_of(product, begun, path.under_way, ways[path.order], path.visits[0].start)


def _follows(
    decided: Ways, changes: Mapping[Choice, Drift], ways: Mapping[str, tuple[State, ...]]
) -> dict[State, Counter[State]]:
    """What followed each step how often, since its shares changed."""
    follows = counted(decided.today(changes))
    # Where nothing else leads to a step, an order that was seen there first must do.
    led_to = {after for own in follows.values() for after in own}
    for seen_first in sorted({way[0] for way in ways.values()} - led_to, key=str):
        follows.setdefault(BEGIN, Counter())[seen_first] += 1
    return follows


def _opens(step: RoutingStep, follows: Mapping[State, Mapping[State, int]]) -> bool:
    """Whether most orders that do a step beside the line begin with it."""
    into = sum(targets.get(step, 0) for targets in follows.values())
    return not step.again and 2 * follows.get(BEGIN, {}).get(step, 0) >= into


def _reached(ways: Iterable[Sequence[State]], items: Sequence[State]) -> dict[State, int]:
    """How many items of the line orders that do a step beside it usually have behind them: the median."""
    number = {item: at + 1 for at, item in enumerate(items)}
    found: dict[State, list[int]] = {}
    for way in ways:
        reached = 0
        for state in way:
            if state in number:
                reached = number[state]
            else:
                found.setdefault(state, []).append(reached)
    return {state: median_low(places) for state, places in found.items()}


def _rank(state: State, items: Sequence[State], where: Mapping[Step, _Where]) -> tuple[int, bool]:
    """Where a step stands among all."""
    if isinstance(state, RoutingStep):
        return where[state.step].item, state.again
    return items.index(state), False


def _among(place: Mapping[State, int], items: Sequence[State], states: Sequence[State]) -> dict[State, int]:
    """Places among the items that orders come to."""
    there = [at for at, item in enumerate(items) if item in states]
    return {state: sum(at < behind for at in there) for state, behind in place.items()}


def _inner(
    paths: Sequence[Path], ways: Mapping[str, tuple[State, ...]], labels: Mapping[str, tuple[RoutingStep, ...]]
) -> dict[RoutingStep, Proportion]:
    """How many orders did each step of those that came to steps side by side; those that are still there are not counted."""
    made: dict[RoutingStep, Proportion] = {}
    for block in {state for way in ways.values() for state in way if isinstance(state, SideBySide)}:
        came = [
            path.order
            for path in paths
            if block in ways[path.order] and not (path.under_way and ways[path.order][-1] == block)
        ]
        for step in block.steps:
            made[step] = Proportion(sum(step in labels[order] for order in came), max(1, len(came)))
    return made


def _reach_the_end(states: Sequence[State], follows: dict[State, Counter[State]]) -> None:
    """Every step must lead to an end: where only orders under way were seen, they end after their last step."""
    while True:
        reach: set[State] = {END}
        grown = True
        while grown:
            more = {state for state in states if state not in reach and reach & set(follows.get(state, ()))}
            reach |= more
            grown = bool(more)
        lost = [state for state in states if state not in reach]
        if not lost:
            return
        # The last of them in the usual order is where such orders were last seen.
        follows.setdefault(lost[-1], Counter())[END] += 1


def step_names(steps: Iterable[RoutingStep]) -> dict[RoutingStep, str]:
    """A name for each step: its operation, with the work center where the same operation is done at several, and whether it is
    done again.
    """
    steps = list(steps)
    often = Counter(operation for operation, _ in {step.step for step in steps})
    made: dict[RoutingStep, str] = {}
    for step in steps:
        name = step.operation if often[step.operation] == 1 else f"{step.operation} at {step.center}"
        name = f"{name} again" if step.again else name
        while name in made.values():
            name = f"{name}, too"
        made[step] = name
    return made
