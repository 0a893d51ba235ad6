"""Write the routing that was found for a product as steps of a plant file, with the evidence in comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plantwright.calibration.along import ALONG, State
from plantwright.calibration.proportions import Proportion
from plantwright.calibration.routings import BEGIN, END, RoutingFound, RoutingStep, SideBySide, step_names

Words = dict[str, Any]

_NAMED_ORDERS = 5
LEAVES = "leave"
"""The step, of no time, behind which nothing follows."""


@dataclass
class Written:
    """The steps of a routing as a plant file has them, with the comments on them by name, and which counts tell its shares: of what may follow a
    step, by its name and the step that follows, and of optional steps.
    """

    steps: list[dict[str, Words]] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    branches: dict[str, dict[str, Proportion]] = field(default_factory=dict)
    optional: dict[str, Proportion] = field(default_factory=dict)


def write_routing(
    routing: RoutingFound,
    delay: Words,
    operation: Callable[[RoutingStep], Words],
    evidence: Callable[[RoutingStep], str],
) -> Written:
    """The steps of a routing.

    Parameters
    ----------
    routing : RoutingFound
    delay : mapping
        Those of a step that takes no time, where lots part or choose.
    operation, evidence : callable
        The words of a step and the comment on them.
    """
    return _Writer(routing, delay, operation, evidence).write()


def needs_delay(routing: RoutingFound) -> bool:
    """Whether some step that takes no time may be needed to write a routing."""
    return len(routing.ways(BEGIN)) > 1 or bool(routing.side_by_side) or bool(routing.line.shares)


class _Writer:
    def __init__(
        self,
        routing: RoutingFound,
        delay: Words,
        operation: Callable[[RoutingStep], Words],
        evidence: Callable[[RoutingStep], str],
    ) -> None:
        self.routing, self.delay = routing, delay
        self.operation, self.evidence = operation, evidence
        self.names = step_names(routing.steps)
        self.items = routing.line.items
        self.first = routing.ways(BEGIN)
        self.made = Written()
        self.rows: list[tuple[str, Words, Mapping[str, Proportion]]] = []
        entered = {
            (target, row == BEGIN) for row, ways in routing.line.ways.items() for target in ways if target != ALONG
        }
        self.by_branch = {target for target, begins in entered if not begins}
        self.at_begin = {target for target, begins in entered if begins}

    # The names of what lots come to.
    def chooses(self, state: State) -> bool:
        """Whether a step of its own says who needs one: where branches lead to that, too, whose lots all do."""
        if not isinstance(state, RoutingStep) or self.routing.done(state) is None or state in self.routing.inner:
            return False
        return state in self.by_branch or state in self.at_begin

    def comes_to(self, state: State) -> str:
        """The name to which lots go that do a step for certain."""
        if state == END:
            return "end"
        if isinstance(state, SideBySide):
            return self.fork_of(state)
        assert isinstance(state, RoutingStep)
        return self.names[state]

    def comes_by(self, at: int) -> str:
        """The name to which lots go along the line that have so many of its items behind them."""
        if at >= len(self.items):
            return "end"
        item = self.items[at]
        return f"{self.names[item]} or not" if self.chooses(item) else self.comes_to(item)  # type: ignore[index]

    def fork_of(self, block: SideBySide) -> str:
        """The step behind which lots go on side by side: the one before where all lots come from there, else one of its own."""
        at = self.items.index(block)
        before = self.items[at - 1] if at else next(reversed(self.routing.front), None)
        only = [
            state for state, place in self.routing.place.items() if place == at and ALONG in self.routing.ways(state)
        ]
        plain = (
            isinstance(before, RoutingStep)
            and set(self.routing.ways(before)) == {ALONG}
            and self.routing.done(before) is None
        )
        if plain and only == [before] and block not in self.by_branch | self.at_begin:
            return self.names[before]  # type: ignore[index]
        return f"{' and '.join(self.names[branch[0]] for branch in block.branches)} side by side"

    def joins_of_its_own(self, block: SideBySide) -> bool:
        """Whether lots come together in a step of its own, not in the next of the line."""
        at = self.items.index(block) + 1
        after = self.items[at] if at < len(self.items) else None
        plain = isinstance(after, RoutingStep) and self.routing.done(after) is None
        return not plain or set(self.routing.ways(block)) != {ALONG}

    # The steps.
    def write(self) -> Written:
        front = self.routing.front
        opening = next(iter(self.first)) if len(self.first) == 1 else None
        beside = [step for step in self.routing.beside if step not in front]
        order: list[State] = [*front, *self.items, *beside]
        if opening is None or opening != order[0] or isinstance(opening, SideBySide):
            self._add("begin", dict(self.delay), self._named(BEGIN))
        for state in order:
            if isinstance(state, SideBySide):
                self._block(state)
            elif isinstance(state, RoutingStep):
                self._step(state)
            if beside and self.items and state == self.items[-1] and self._leaves_out_to_the_next(state):
                self._add(LEAVES, dict(self.delay), {"end": Proportion(1, 1)})
        self._finish()
        return self.made

    def _leaves_out_to_the_next(self, state: State) -> bool:
        """Whether lots that leave out a step go on with what stands behind it in the list."""
        name = self.names.get(state) if isinstance(state, RoutingStep) else None
        return name is not None and any(words.get("share until") == name for _, words, _ in self.rows[-3:])

    def _add(self, name: str, words: Words, ways: Mapping[str, Proportion] | None = None) -> None:
        self.rows.append((name, words, ways or {}))

    def _named(self, state: State) -> dict[str, Proportion]:
        """What follows a step, by the names of the file."""
        made: dict[str, Proportion] = {}
        for target, share in self.routing.ways(state).items():
            name = self.comes_by(self.routing.place.get(state, 0)) if target == ALONG else self.comes_to(target)
            hits = share.hits + (made[name].hits if name in made else 0)
            made[name] = Proportion(hits, share.trials)
        return made

    def _step(self, step: RoutingStep) -> None:
        name = self.names[step]
        done = self.routing.done(step)
        words = self.operation(step)
        first = self.names.get(RoutingStep(*step.step))
        notes = [f"as {first}, once more or later" if step.again and first else self.evidence(step)]
        if done is not None:
            self._optional(step, done, words)
            low, high = done.interval()
            notes.append(f"done by {done.hits:.0f} of {done.trials:.0f} orders ({100 * low:.0f} to {100 * high:.0f} %)")
        if step in self.routing.changed:
            notes.append(self.routing.changed[step].words)
        self.made.comments[name] = "; ".join(notes)
        self._add(name, words, self._named(step))

    def _optional(self, step: RoutingStep, done: Proportion, words: Words) -> None:
        """Say who needs a step: in the first of its words that lots come to."""
        name = self.names[step]
        share = {"share": f"{100 * done.value:.4g} %"}
        if self.chooses(step):
            at = f"{name} or not"
            self._add(at, self.delay | share | {"share until": name})
        else:
            at = name
            branches = set(self.routing.ways(step)) not in ({ALONG}, set())
            words.update(share | ({"share until": name} if branches else {}))
        self.made.optional[at] = done

    def _block(self, block: SideBySide) -> None:
        fork = self.fork_of(block)
        if fork not in self.names.values():
            self._add(fork, dict(self.delay))
            self.made.comments[fork] = _side_by_side(block, self.names)
        for branch in block.branches:
            for number, step in enumerate(branch):
                at = len(self.rows)
                self._step(step)
                if number == 0:
                    self.rows[at][1]["after"] = [fork]
        if fork in self.names.values():
            self.made.comments[self.names[block.branches[0][0]]] += "; " + _side_by_side(block, self.names)
        if self.joins_of_its_own(block):
            ends = [self.names[branch[-1]] for branch in block.branches]
            self._add(f"{' and '.join(ends)} done", self.delay | {"after": ends}, self._named(block))

    def _finish(self) -> None:
        """Leave out what follows where that is the next in the list, and let the next of the line join what goes on side by side."""
        joined = {}
        for block in self.routing.side_by_side:
            if not self.joins_of_its_own(block):
                joined[self.comes_by(self.items.index(block) + 1)] = [
                    self.names[branch[-1]] for branch in block.branches
                ]
        inside = {self.names[step] for block in self.routing.side_by_side for step in block.steps}
        forks = {self.fork_of(block) for block in self.routing.side_by_side}
        for number, (name, words, ways) in enumerate(self.rows):
            later = self.rows[number + 1][0] if number + 1 < len(self.rows) else "end"
            if name in joined:
                words["after"] = joined[name]
            if ways and name not in inside | forks and list(ways) != [later]:
                words["next"] = next(iter(ways))
                if len(ways) > 1:
                    words["next"] = _percent({target: share.value for target, share in ways.items()})
                    self.made.branches[name] = dict(ways)
            self.made.steps.append({name: words})


def _side_by_side(block: SideBySide, names: Mapping[RoutingStep, str]) -> str:
    branches = " | ".join(" > ".join(names[step] for step in branch) for branch in block.branches)
    return f"side by side: {branches}; two went on at the same time in {block.overlapping} of {block.orders} orders"


def _percent(shares: Mapping[str, float]) -> dict[str, str]:
    """Shares in percent with two decimals, that add up to 100 exactly; none is lost."""
    parts = {target: max(1, round(1e4 * share)) for target, share in shares.items()}
    largest = max(parts, key=lambda target: parts[target])
    parts[largest] += 10_000 - sum(parts.values())
    return {target: f"{part / 100:g} %" for target, part in parts.items()}


def product_comment(routing: RoutingFound) -> str:
    """What is to be said of the routing of a product."""
    return "\n".join(_said(routing))


def _said(routing: RoutingFound) -> Iterator[str]:
    orders = "1 order" if routing.orders == 1 else f"{routing.orders} orders"
    ways = "on one way" if routing.variants == 1 else f"on {routing.variants} different ways"
    yield f"{orders} {ways}"
    if routing.borrowed:
        yield f"too few to tell shares: these are of {routing.borrowed} orders of products that go the same way: {_some(routing.alike)}"
    elif routing.alike:
        yield f"goes the same way, as far as orders tell, as {_some(routing.alike)}"
    if END in routing.changed:
        yield f"orders that end early: {routing.changed[END].words}"
    if routing.odd:
        count = f"{len(routing.odd)} of {routing.orders} orders"
        was = "was" if len(routing.odd) == 1 else "were"
        yield f"{count} {was} booked against a sure order of steps ({_some([odd.order for odd in routing.odd])}): all they did counts, in the usual order"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_ORDERS
    return ", ".join(names[:_NAMED_ORDERS]) + (f" and {more} more" if more > 0 else "")
