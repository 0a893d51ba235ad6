"""Plants thrown together at random: whatever they are, the engine's books must agree with each other at the end."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.compiling import advance
from plantwright.simulation.deadlock import raise_if_locked
from plantwright.simulation.memory import add_lots
from plantwright.simulation.world import World
from tests.simulation.plants import shop

DAY = 86400.0


def maybe(draw: st.DrawFn, *words: str) -> str:
    """One of the words, or nothing."""
    return draw(st.sampled_from(["", *words]))


def center(draw: st.DrawFn, name: str, first: bool) -> str:
    machines = draw(st.sampled_from(["1", "1", "2", "3"] if first else ["1", "2", "3", "unlimited"]))
    words = [f"machines: {machines}", maybe(draw, "shift: day", "shift: [day, late]")]
    if machines != "unlimited":
        words += [
            maybe(draw, "setup: 10 min", "setup: {default: exponential 20 min, minor: 3 min}"),
            maybe(
                draw,
                "failures: [{every: exponential 5 h, repair: exponential 1 h}]",
                "failures: [{every: exponential 9 h, clock: calendar, repair: 2 h, by: repair 1}]",
            ),
            maybe(
                draw,
                "maintenance: [{every: 20 h, lasts: 30 min}]",
                "maintenance: [{every: 8 h, clock: working, lasts: 1 h, by: repair 1}]",
            ),
            maybe(draw, "batch: {max: 3 lots, min: 1 lot, wait: 20 min}", "batch: {max: 12 pieces, wait: 5 min}"),
            maybe(draw, "buffer: 0 lots", "buffer: 2 lots", "buffer: 9 pieces"),
            maybe(draw, "rule: EDD", "rule: [priority, least setup]", "rule: [least setup, SPT]", "rule: LIFO"),
        ]
    return f"  {name}: {{{', '.join(word for word in words if word)}}}"


def step(draw: st.DrawFn, k: int, count: int, centers: int) -> str:
    words = [
        f"at: c{draw(st.integers(0, centers - 1)) if k else 0}",
        "time: " + draw(st.sampled_from(["10 min/lot", "exponential 3 min/piece", "uniform 5..20 min/lot", "15 min/batch"])),
        maybe(draw, "load: 4 min/lot"),
        maybe(draw, "unload: exponential 2 min/lot"),
        maybe(draw, "staff: [{skill: run}]", "staff: [{skill: run, for: load}, {skill: set, for: setup}]",
              "staff: [{skill: run, count: 2, for: [run, unload]}]", "staff: [{skill: set 2, for: [setup, run]}]"),
        maybe(draw, "yield: 80 %", "yield: 70 %, scrap: lot"),
        maybe(draw, f"rework: {{share: 30 %, back to: s{draw(st.integers(0, k))}, at most: 2}}",
              f"rework: {{share: 40 %, back to: s{draw(st.integers(0, k))}, then: scrap}}"),
        maybe(draw, "share: 50 %"),
    ]  # fmt: skip
    if k + 1 < count:
        words.append(maybe(draw, f"next: {{s{draw(st.integers(k + 1, count - 1))}: 60 %, end: 40 %}}"))
    return f"      - s{k}: {{{', '.join(word for word in words if word)}}}"


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    centers, products = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    lines = [
        "plant: Any",
        "shifts:",
        '  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}',
        '  late: {days: Mon-Sat, from: "15:00", to: "22:00"}',
        "people:",
        "  ana: {shift: day, skills: {set: 2, run: 1}}",
        "  crew: {count: 2, shift: [day, late], skills: {run: 2, repair: 1}}",
        f"  night: {{{draw(st.sampled_from(['count: 1', 'count: 2, shift: late']))}, skills: {{set: 3, repair: 2, run: 1}}}}",
        "work centers:",
        *(center(draw, f"c{k}", k == 0) for k in range(centers)),
        "products:",
    ]
    orders = []
    for p in range(products):
        steps = draw(st.integers(1, 4))
        release = draw(
            st.sampled_from(
                ["{orders: orders.csv}", "{every: exponential 2 h, due: 1 d}", "{conwip: 3 lots}", "{conwip: 9 pieces}",
                 "saturated", "{every: 1 h, when full: lost}"]
            )
        )  # fmt: skip
        lines += [
            f"  p{p}:",
            f"    lot: {draw(st.integers(1, 5))} pieces",
            f"    family: {draw(st.sampled_from(['x', 'y']))}",
            f"    release: {release}",
            *draw(st.sampled_from([[], ["    demand: {rate: 10 pieces/day, unmet: backlog}"]])),
            "    routing:",
            *(step(draw, k, steps, centers) for k in range(steps)),
        ]
        for hour in draw(st.lists(st.integers(0, 23), min_size=1, max_size=8)):
            orders.append(f"p{p} {hour:02d}:30 quantity={draw(st.integers(1, 12))} priority={draw(st.integers(0, 2))}")
    return shop("\n".join(lines) + "\n", *orders)


def played(plant: Plant, saturated: bool, days: float) -> World:
    world = Blueprint(plant, days * DAY, 0.0, 0.0, saturated).world(3, 0)
    while (code := advance(world)) == codes.NEEDS_LOTS:
        add_lots(world, len(world.records["lot"]))
    assert code == codes.FINISHED
    return world


def chain(following: Any, head: int) -> list[int]:
    """What hangs on a list, from its head on."""
    found = []
    while head >= 0:
        found.append(int(head))
        assert len(found) <= len(following), "a list that bites its tail"
        head = following[head]
    return found


def check_lots(world: World) -> None:
    """Every lot is free or in one place only; pieces and lots add up; queues count what hangs on them."""
    lot, ticket, center, machine, operation = (
        world.records[name] for name in ("lot", "ticket", "center", "machine", "operation")
    )

    def lined_up(head: int) -> list[int]:
        return [int(ticket["lot"][one]) for one in chain(ticket["next"], head)]

    free = chain(lot["next"], int(world.run.free_lot[0]))
    assert len(free) == world.run.free_lots[0]
    places: list[int] = []
    slots = world.records["slot"]
    first = int(world.run.first_slot_of_lots[0])
    delayed = slots["entity"][first:][slots["place"][first:] >= 0]
    for c in range(len(center)):
        queue = lined_up(int(center["head"][c]))
        held = queue if center["machines"][c] > 0 else delayed[operation["center"][lot["operation"][delayed]] == c]
        assert len(held) == center["queue"][c]
        assert center["queue_pieces"][c] == pytest.approx(lot["pieces"][held].sum(), abs=1e-6)
        assert all(operation["center"][lot["operation"][one]] == c for one in queue)
        places += queue + lined_up(int(center["outside_head"][c]))
        own = machine[machine["center"] == c]
        if center["machines"][c] > 0:
            assert (own["job"] == codes.EMPTY).sum() == center["empty"][c]
            assert len(chain(machine["idle_next"], int(center["idle_head"][c]))) == own["in_idle"].sum()
        if center["places"][c] >= 0 and not center["places_in_pieces"][c]:
            # What was let in for an empty batch machine waits in front where its batch starts without it.
            machines = center["machines"][c] if center["batch"][c] else center["empty"][c]
            assert center["queue"][c] <= center["places"][c] + machines * center["batch_lots"][c]
    for m in range(len(machine)):
        held = chain(lot["next"], int(machine["head"][m]))
        assert bool(held) == (machine["job"][m] != codes.EMPTY)
        places += held
    places += [int(one) for one in delayed]
    assert len(set(places)) == len(places)
    assert sorted(places + free) == list(range(len(lot)))
    assert len(places) == world.run.wip[0]
    for p, product in enumerate(world.records["product"]):
        inside = [one for one in places if lot["product"][one] == p]
        assert len(inside) == product["wip"]
        pieces = product["done_pieces"] + product["scrapped_pieces"] + lot["pieces"][inside].sum()
        assert pieces == pytest.approx(product["started_pieces"], abs=1e-6)
        stock = world.records["store"][p]
        # Where nobody asks for it, what is finished is not counted.
        if stock["counted"]:
            assert stock["level"] + product["sold"] == pytest.approx(product["done_pieces"], abs=1e-6)


def check_people(world: World) -> None:
    """Nobody is held twice, nobody works off shift, and who waits holds no one."""
    hold, crew, machine = (world.records[name] for name in ("hold", "crew", "machine"))
    width = int(world.run.hold_width[0])
    for q in range(len(crew)):
        assert hold["count"][(hold["crew"] == q) & (hold["count"] > 0)].sum() == crew["busy"][q]
        there = crew["count"][q] if world.calendar.on[crew["calendar"][q]] else 0
        assert 0 <= crew["busy"][q] <= there
    for m in range(len(machine)):
        held = hold["count"][m * width : (m + 1) * width].sum()
        if not machine["running"][m]:
            assert held == 0
        if machine["wants"][m]:
            assert machine["on"][m]
    waiting = machine["wants"].sum() + world.records["center"]["waits"].sum()
    assert waiting == world.run.waiting[0]


def check_time(world: World, days: float) -> None:
    """Every machine was in some state all the time, and nothing lies in the past."""
    np.testing.assert_allclose(world.arrays["state_time"][: int(world.run.machines[0])].sum(axis=1), days * DAY)
    slots = world.records["slot"]
    ahead = slots["time"][slots["place"] >= 0]
    assert (ahead >= days * DAY).all()
    assert not math.isnan(float(world.run.wip_area[0]))


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(plants(), st.booleans(), st.floats(1.2, 12))
def test_the_books_agree(plant: Plant, saturated: bool, days: float) -> None:
    try:
        world = played(plant, saturated, days)
    except SimulationError as refused:
        # Nothing but a release without an end, and people where there are no machines, may be refused before a run.
        assume(not any(words in str(refused) for words in ("there is no end", "are claimed for a machine")))
        raise
    with suppress(SimulationError):
        raise_if_locked(world, plant)
    check_lots(world)
    check_people(world)
    check_time(world, days)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(plants(), st.floats(1.2, 6))
def test_a_run_is_the_same_whatever_room_it_has_for_lots(plant: Plant, days: float) -> None:
    """Memory that grows while the run goes on changes nothing."""
    try:
        blueprint = Blueprint(plant, days * DAY, 0.0, 0.0, False)
    except SimulationError as refused:
        assume(not any(words in str(refused) for words in ("there is no end", "are claimed for a machine")))
        raise
    roomy, tight = blueprint.world(1, 0), blueprint.world(1, 0)
    add_lots(roomy, 5000)
    tight.run.lot_margin[0] = tight.run.free_lots[0]
    for world in (roomy, tight):
        while advance(world) == codes.NEEDS_LOTS:
            add_lots(world, 300)
    for name in ("product", "crew"):
        assert (roomy.records[name] == tight.records[name]).all()
    assert (roomy.arrays["state_time"] == tight.arrays["state_time"]).all()
    assert roomy.run.events[0] == tight.run.events[0]
