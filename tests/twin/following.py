"""What follows what in a routing (3.2, 8): next steps, forks, and where the ways come together."""

from __future__ import annotations

from plantwright.plant.products import Product


def named_after(product: Product, step: int) -> list[int]:
    """The steps that name this one in `after`."""
    name = product.routing[step].name
    return [i for i, other in enumerate(product.routing) if name in other.after]


def followers(product: Product, step: int) -> list[int]:
    """The steps that may follow a step (3.2, 8)."""
    operation = product.routing[step]
    if operation.next:
        return [i for i, other in enumerate(product.routing) if other.name in operation.next]
    named = named_after(product, step)
    if named or step + 1 == len(product.routing) or product.routing[step + 1].after:
        return named
    return [step + 1]


def place_behind(product: Product, step: int) -> int | None:
    """The step that stands behind one, whatever its `next` (3.2, 8)."""
    named = named_after(product, step)
    if named or step + 1 == len(product.routing) or product.routing[step + 1].after:
        return named[0] if named else None
    return step + 1


def beginnings(product: Product) -> list[int]:
    """The first step, and those that an `after` names and that nothing leads to."""
    led_to = {target for step in range(len(product.routing)) for target in followers(product, step)}
    return [
        step for step in range(len(product.routing)) if step == 0 or (named_after(product, step) and step not in led_to)
    ]


def parts_behind(product: Product, step: int) -> list[int]:
    """The first steps of the parts into which a step forks its lots; none if it does not."""
    named = [] if product.routing[step].next else named_after(product, step)
    return named if len(named) > 1 else []


def side_by_side(product: Product, one: int, other: int) -> bool:
    """Whether two steps are done by different parts of one lot."""
    forks = [beginnings(product), *(parts_behind(product, step) for step in range(len(product.routing)))]
    for firsts in forks:
        leads_to_one, leads_to_other = (
            {first for first in firsts if step == first or step in further(product, first)} for step in (one, other)
        )
        if leads_to_one and leads_to_other and not leads_to_one & leads_to_other:
            return True
    return False


def further(product: Product, step: int) -> set[int]:
    """The steps to which a lot may still come from a step, further down in the list."""
    ahead, seen = [step], set[int]()
    while ahead:
        here = ahead.pop()
        last = product.routing[here].share_until
        beyond = None if last is None else place_behind(product, [step.name for step in product.routing].index(last))
        found = {
            target for target in (*followers(product, here), beyond) if target is not None and target > here
        } - seen
        seen |= found
        ahead += found
    return seen


def counted_ways(product: Product) -> dict[int, list[int]]:
    """What follows each step; where parts come together, on the first of their ways only."""
    found: dict[int, list[int]] = {}
    come: dict[int, list[int]] = {}
    for step in range(len(product.routing)):
        found[step] = []
        for target in followers(product, step):
            if not any(side_by_side(product, step, other) for other in come.setdefault(target, [])):
                come[target].append(step)
                found[step].append(target)
    return found
