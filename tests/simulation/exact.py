"""Answers that are known without a simulation: formulas of queues, and lines solved as Markov chains. Nothing of the engine is here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product

import numpy as np

Levels = tuple[int, ...]
Outcome = tuple[int, int, float]
"""What a machine does in a slot: its state after it (1 up, 0 down), the pieces it finishes, and how likely that is."""


def wait_of_servers(servers: int, load: float) -> float:
    """Mean wait of M/M/c with mean service 1 and arrivals at rate `load` (Erlang 1917): C(c, a) / (c - a)."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last) / (servers - load)


def wait_of_one_server(load: float, squared_cv: float) -> float:
    """Mean wait of M/G/1 with mean service 1 (Pollaczek 1930, Khinchine 1932)."""
    return load * (1 + squared_cv) / 2 / (1 - load)


def waits_by_class(loads: Sequence[float]) -> list[float]:
    """Mean waits of M/M/1 with mean service 1, where classes go one before the other without preemption (Cobham 1954)."""
    waits, above = [], 0.0
    for load in loads:
        waits.append(sum(loads) / (1 - above) / (1 - above - load))
        above += load
    return waits


def lost_share(load: float, places: int) -> float:
    """Share of arrivals lost by M/M/1 with so many places, the server's own among them."""
    return (1 - load) * load**places / (1 - load ** (places + 1))


def rate_of_closed_network(demands: Sequence[float], lots: int) -> float:
    """Throughput of single exponential servers with so many lots in a loop: mean value analysis (Reiser and Lavenberg 1980)."""
    queues, rate = [0.0] * len(demands), 0.0
    for count in range(1, lots + 1):
        times = [demand * (1 + queue) for demand, queue in zip(demands, queues, strict=True)]
        rate = count / sum(times)
        queues = [rate * time for time in times]
    return rate


def running_share(machines: int, failing: float) -> float:
    """Share of its time that each of several machines runs, all mended by one man (Palm 1947): `failing` is the rate of failure of
    a running machine over the rate of repair.
    """
    weights = [math.perm(machines, down) * failing**down for down in range(machines + 1)]
    return 1 - sum(down * weight for down, weight in enumerate(weights)) / sum(weights) / machines


def stationary(moves: Callable[[Levels], Iterable[tuple[Levels, float]]], start: Levels) -> dict[Levels, float]:
    """The long-run share of each state of a chain that is given by its moves with their probabilities or rates."""
    index, rows, states = {start: 0}, [], [start]
    for state in states:
        row = list(moves(state))
        rows.append(row)
        for target, _ in row:
            if target not in index:
                index[target] = len(states)
                states.append(target)
    flow = np.zeros((len(states), len(states)))
    for source, row in enumerate(rows):
        for target, weight in row:
            flow[index[target], source] += weight
            flow[source, source] -= weight
    flow[0] = 1.0
    right = np.zeros(len(states))
    right[0] = 1.0
    return dict(zip(states, np.linalg.solve(flow, right).tolist(), strict=True))


def at_work_after(levels: Levels, places: Sequence[int]) -> list[bool]:
    """Which machines of a saturated line can work, with blocking after service.

    ``levels[k]`` counts the pieces that machine k has finished and machine k + 1 has not. Those lie on the places between, on
    machine k + 1 unless it holds a finished piece, and on machine k, which they then block.
    """
    blocked = False
    working = []
    for k in reversed(range(len(levels) + 1)):
        blocked = k < len(levels) and levels[k] > places[k] + (0 if blocked else 1)
        working.append(not blocked and (k == 0 or levels[k - 1] > 0))
    return working[::-1]


def at_work_before(levels: Levels, places: Sequence[int]) -> list[bool]:
    """Which machines can work, with blocking before service: with a piece, and fewer than `places` between it and the next."""
    last = len(levels)
    return [(k == 0 or levels[k - 1] > 0) and (k == last or levels[k] < places[k]) for k in range(last + 1)]


def passed_on(levels: Levels, done: Sequence[int]) -> Levels:
    """The levels after machine k has finished ``done[k]`` pieces."""
    return tuple(level + done[k] - done[k + 1] for k, level in enumerate(levels))


def exponential_line(
    mu: Sequence[float], p: Sequence[float], r: Sequence[float], places: Sequence[int]
) -> tuple[float, float]:
    """Throughput and work in process of a saturated line with exponential work, failure while working and repair; the piece
    stays on its machine, blocking is after service.
    """
    count = len(mu)

    def moves(state: Levels) -> Iterable[tuple[Levels, float]]:
        levels, up = state[: count - 1], state[count - 1 :]
        for k, works in enumerate(at_work_after(levels, places)):
            if not up[k]:
                yield levels + up[:k] + (1,) + up[k + 1 :], r[k]
            elif works:
                yield passed_on(levels, [int(j == k) for j in range(count)]) + up, mu[k]
                if p[k] > 0:
                    yield levels + up[:k] + (0,) + up[k + 1 :], p[k]

    shares = stationary(moves, (0,) * (count - 1) + (1,) * count)
    rate = wip = 0.0
    for state, share in shares.items():
        levels = state[: count - 1]
        working = at_work_after(levels, places)
        rate += share * mu[-1] * (working[-1] and state[-1])
        wip += share * (sum(levels) + working[0])
    return rate, wip


def slotted_line(
    machines: int, working: Callable[[Levels], list[bool]], outcomes: Callable[[int, int, bool], list[Outcome]]
) -> float:
    """Pieces in a slot of a saturated line in which all machines step together.

    `working` says which machines can work, from the levels at the start of the slot, and `outcomes` what becomes of machine k in
    a state, at work or not.
    """

    def steps(state: Levels) -> Iterable[tuple[tuple[Outcome, ...], float]]:
        at_work = working(state[: machines - 1])
        each = [outcomes(k, state[machines - 1 + k], at_work[k]) for k in range(machines)]
        for chosen in product(*each):
            yield chosen, math.prod(likely for _, _, likely in chosen)

    def moves(state: Levels) -> Iterable[tuple[Levels, float]]:
        for chosen, likely in steps(state):
            done = [finished for _, finished, _ in chosen]
            yield passed_on(state[: machines - 1], done) + tuple(up for up, _, _ in chosen), likely

    shares = stationary(moves, (0,) * (machines - 1) + (1,) * machines)
    return sum(share * likely * chosen[-1][1] for state, share in shares.items() for chosen, likely in steps(state))


def deterministic_line(p: float, r: float, levels: int) -> float:
    """Pieces in a slot of two equal machines by Gershwin and Schick (1983): work takes a slot; a machine that works fails with
    probability `p` at the start of a slot and is mended with `r`; the machine before is blocked while `levels` pieces are between.
    """

    def outcomes(_machine: int, up: int, at_work: bool) -> list[Outcome]:
        if not at_work:
            return [(up, 0, 1.0)]
        works = 1 - p if up else r
        return [(1, 1, works), (0, 0, 1 - works)]

    return slotted_line(2, lambda between: at_work_before(between, [levels]), outcomes)


def bernoulli_line(p: Sequence[float], working: Callable[[Levels], list[bool]]) -> float:
    """Pieces in a slot of machines that finish a piece with probability ``p[k]`` in a slot in which they can work."""

    def outcomes(machine: int, _up: int, at_work: bool) -> list[Outcome]:
        return [(1, 1, p[machine]), (1, 0, 1 - p[machine])] if at_work else [(1, 0, 1.0)]

    return slotted_line(len(p), working, outcomes)
