"""Every schedule of a small problem, worth out by hand: what the programme is held against. Nothing of the programme is used here."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator

from plantwright.improvement.roadmap.problem import Problem


@functools.cache
def share(age_from: float, age_to: float, lead: float, ramp: float, slices: int = 400) -> float:
    """The mean of what is in force between two ages, by adding up slices: nothing in the lead time, then evenly more."""
    total = 0.0
    for k in range(slices):
        age = age_from + (age_to - age_from) * (k + 0.5) / slices
        total += 0.0 if age < lead else 1.0 if ramp == 0 else min(1.0, (age - lead) / ramp)
    return total / slices


@functools.cache
def discounted_years(discount: float, begin: float, end: float) -> float:
    """The years between two quarters, what is later worth less."""
    total, slices = 0.0, 2000
    for k in range(slices):
        at = begin + (end - begin) * (k + 0.5) / slices
        total += (1 + discount) ** -at
    return total / slices * (end - begin) / 4


def net_present_values(problem: Problem, starts: dict[str, int]) -> list[float]:
    """The net present value of a schedule in each scenario, quarter by quarter; for a few quarters after the last, each by itself.

    Only for problems whose ``after`` is a whole number and whose leads and ramps are whole, so that slices end where kinks are.
    """
    assert math.isfinite(problem.after)
    assert problem.after == 0 or problem.quarters + problem.after == int(problem.quarters + problem.after)
    values = []
    for s in range(len(problem.ceiling)):
        total = -sum(
            move.capital / (1 + problem.discount) ** starts[move.name] for move in problem.moves if move.name in starts
        )
        tail: dict[int, float] = {}
        weights: dict[int, float] = {}
        for quarter in range(problem.quarters + int(problem.after)):
            for j, move in enumerate(problem.moves):
                if move.name in starts:
                    age = quarter - starts[move.name]
                    made = share(age, age + 1, move.lead_time, move.ramp_up) if age >= 0 else 0.0
                    if quarter < problem.quarters:
                        tail[j] = made
                    else:
                        # All that is after the last quarter is one period with the mean of what is in force in it.
                        later = weights.setdefault(-1 - j, 0.0)
                        weights[-1 - j] = later + made * (1 + problem.discount) ** -(quarter + 0.5)
            if quarter < problem.quarters:
                total += _cash(problem, s, starts, tail) * discounted_years(problem.discount, quarter, quarter + 1)
                total -= _yearly(problem, starts, quarter) * discounted_years(problem.discount, quarter, quarter + 1)
        if problem.after:
            whole = sum((1 + problem.discount) ** -(problem.quarters + k + 0.5) for k in range(int(problem.after)))
            late = {j: weights.get(-1 - j, 0.0) / whole for j in range(len(problem.moves))}
            years = discounted_years(problem.discount, problem.quarters, problem.quarters + problem.after)
            total += _cash(problem, s, starts, late) * years
            paid = 0.0
            for k in range(int(problem.after)):
                paid += _yearly(problem, starts, problem.quarters + k) * (1 + problem.discount) ** -(
                    problem.quarters + k + 0.5
                )
            total -= paid / whole * years
        values.append(total)
    return values


def _cash(problem: Problem, s: int, starts: dict[str, int], force: dict[int, float]) -> float:
    other = 0.0
    each: dict[str, float] = {}
    for j, move in enumerate(problem.moves):
        if move.name in starts:
            each[move.name] = problem.selling[s, j] * force.get(j, 0.0)
            other += problem.other[s, j] * force.get(j, 0.0)
    # What a group brings too much is taken from each of its moves alike, the smallest group first.
    for group in sorted(problem.shared, key=lambda one: len(one.moves)):
        there = [name for name in group.moves if name in each]
        whole = sum(each[name] for name in there)
        if whole > group.most[s]:
            each |= {name: each[name] * group.most[s] / whole for name in there}
    sold = sum(each.values())
    places = {move.name: j for j, move in enumerate(problem.moves)}
    for item in problem.together:
        options = [[part] if isinstance(part, str) else part for part in item.moves]
        if all(any(name in starts for name in part) for part in options):
            least = min(max(force.get(places[n], 0.0) for n in part if n in starts) for part in options)
            sold += item.selling[s] * least
            other += item.other[s] * least
    ceiling = problem.ceiling[s]
    if problem.lowers is not None:
        ceiling -= sum(problem.lowers[s, j] * made for j, made in force.items())
    return min(sold, ceiling) + other


def _yearly(problem: Problem, starts: dict[str, int], quarter: int) -> float:
    total = 0.0
    for move in problem.moves:
        if move.name in starts and quarter >= starts[move.name]:
            age = quarter - starts[move.name]
            total += move.yearly * share(age, age + 1, move.lead_time, 0.0)
    return total


def mean_of_worst(values: list[float], tail: float) -> float:
    """The mean of the worst share of the values: the last of them counts in part."""
    left, total = tail * len(values), 0.0
    for value in sorted(values):
        part = min(1.0, left)
        total += part * value
        left -= part
        if left <= 0:
            break
    return total / (tail * len(values))


def schedules(problem: Problem) -> Iterator[dict[str, int]]:
    """Every schedule that keeps the rules; risk and what is brought are not looked at."""
    names = [move.name for move in problem.moves]
    for chosen in itertools.product([None, *range(problem.quarters)], repeat=len(names)):
        starts = {name: start for name, start in zip(names, chosen, strict=True) if start is not None}
        if _keeps(problem, starts):
            yield starts


def _keeps(problem: Problem, starts: dict[str, int]) -> bool:
    spent, busy = [0.0] * problem.quarters, [0.0] * problem.quarters
    for move in problem.moves:
        if move.name not in starts:
            if move.required:
                return False
            continue
        begin = starts[move.name]
        if any(name not in starts or starts[name] > begin for name in move.needs):
            return False
        if any(name in starts for name in move.excludes):
            return False
        spent[begin] += move.capital
        for q in range(begin, min(problem.quarters, begin + max(1, math.ceil(move.lead_time)))):
            busy[q] += move.effort
    if any(part > problem.at_once + 1e-9 for part in busy):
        return False
    if problem.by_quarter is not None and any(a > b + 1e-9 for a, b in zip(spent, problem.by_quarter, strict=True)):
        return False
    return problem.reinvest or sum(spent) <= problem.budget + 1e-9


def best(problem: Problem) -> tuple[float, dict[str, int]] | None:
    """The best schedule by trying them all; None where none keeps the rules."""
    found: tuple[float, dict[str, int]] | None = None
    for starts in schedules(problem):
        if problem.reinvest and not _affordable(problem, starts):
            continue
        values = net_present_values(problem, starts)
        worst = mean_of_worst(values, problem.tail)
        if problem.least is not None and worst < problem.least - 1e-7 * max(1.0, abs(worst)):
            continue
        value = (1 - problem.weight) * sum(values) / len(values) + problem.weight * worst
        if found is None or value > found[0]:
            found = value, starts
    return found


def keeps_all(problem: Problem, starts: dict[str, int]) -> bool:
    """Whether a schedule keeps the rules, and what it spends is there; risk is not looked at."""
    return _keeps(problem, starts) and (not problem.reinvest or _affordable(problem, starts))


def _affordable(problem: Problem, starts: dict[str, int]) -> bool:
    spent = brought = 0.0
    for quarter in range(problem.quarters):
        spent += sum(move.capital for move in problem.moves if starts.get(move.name) == quarter)
        if spent > problem.budget + brought + 1e-6:
            return False
        force = {
            j: share(quarter - starts[move.name], quarter - starts[move.name] + 1, move.lead_time, move.ramp_up)
            for j, move in enumerate(problem.moves)
            if move.name in starts and starts[move.name] <= quarter
        }
        each = [_cash(problem, s, starts, force) for s in range(len(problem.ceiling))]
        brought += (sum(each) / len(each) - _yearly(problem, starts, quarter)) / 4
    return True
