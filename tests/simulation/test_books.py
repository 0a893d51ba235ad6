"""On plants with any features: what the log tells of single lots and machines adds up to what the engine's books say.

Pieces that come are finished, scrapped or still there; Little's law holds at each station and in the plant; every machine is in
some state all the time. Of each kind both sides are counted on their own: the log lot by lot, the books as sums over time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest

import tests.twin.features  # noqa: F401 - fills FEATURES
from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation import Event, begin
from plantwright.simulation.codes import STATES
from plantwright.simulation.world import World
from tests.twin.test_twin import Pairs, drawn

END = 1.5 * 86400.0 + 17.3  # at an instant at which nothing else ends
FORKED = {"parts from the start", "parts side by side"}
UNTOLD: dict[str, set[str]] = {
    "check_pieces": {*FORKED, "changes of unit"},
    "check_states": set(),
    "check_waits": {"transit", "vehicles", "ways that take a time"},
    "check_lots": FORKED,
}
"""What the log does not tell of plants with these features: what parts have in common, how many pieces are lost as units change, when
a lot that waits for its vehicle, or is on its way, got its place.
"""
CLOSE = {"rel": 1e-9, "abs": 1e-6}


class Books:
    """A plant that was run to its end, once with its log."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        state = begin(plant, horizon=END, log=True).run_until(END)
        self.world: World = state._finished()
        self.names = state._blueprint.names
        self.last = state._blueprint.plant
        self.log: list[Event] = list(state.history())

    def lots_inside(self) -> Any:
        """The rows of lots that are in process."""
        world, free, lot = self.world, set(), int(self.world.run.free_lot[0])
        while lot >= 0:
            free.add(lot)
            lot = int(world.records["lot"]["next"][lot])
        rows = world.records["lot"]
        return rows[[k for k in range(len(rows)) if k not in free and rows["product"][k] >= 0]]

    def check_pieces(self) -> None:
        """What was started of a product is done, scrapped or in process, to the piece; and so says the log."""
        inside = self.lots_inside()
        told: dict[str, Counter[str]] = defaultdict(Counter)
        for event in self.log:
            if event.what in ("released", "completed", "scrapped") and event.product is not None:
                told[event.what][event.product] += event.amount or 0.0  # type: ignore[assignment]
        for p, (name, product) in enumerate(self.plant.products.items()):
            book = self.world.records["product"][p]
            mine = inside[inside["product"] == p]
            there = sum(lot.quantity for lot in product.at_start)
            assert len(mine) == book["wip"]
            assert told["completed"][name] == pytest.approx(book["done_pieces"], **CLOSE)
            assert told["scrapped"][name] == pytest.approx(book["scrapped_pieces"], **CLOSE)
            assert told["released"][name] == pytest.approx(book["started_pieces"], **CLOSE)
            gone = book["done_pieces"] + book["scrapped_pieces"]
            assert gone + mine["pieces"].sum() == pytest.approx(book["started_pieces"] + there, **CLOSE)

    def check_states(self) -> None:
        """Every machine was in one state or another all the time, for as long as its changes say."""
        machines = int(self.world.run.machines[0])  # what stops together has a row behind them
        book = self.world.arrays["state_time"][:machines]
        spent = np.zeros_like(book)
        leads = self.world.records["machine"]["lead"][:machines]
        rows = {self.names["machine"][m]: m for m in range(machines) if leads[m] == m}
        there = np.zeros(machines)
        since: dict[str, tuple[float, str]] = {}
        over = [Event(END, "state", None, None, None, None, name, "not there", None) for name in rows]
        for event in [*self.log, *over]:
            if event.what != "state":
                continue
            name, state = str(event.machine), str(event.detail)
            at, old = since.pop(name, (event.time, state))
            assert old != state or name not in since
            if old in STATES:
                spent[rows[name], STATES.index(old)] += event.time - at
                there[rows[name]] += event.time - at
            since[name] = (event.time, state)
        if not self.plant.changes:
            assert there == pytest.approx(np.where(leads == np.arange(machines), END, 0.0), **CLOSE)
        np.testing.assert_allclose(spent, book, rtol=1e-9, atol=1e-5)

    def check_waits(self) -> None:
        """Little's law at each station: lots in front of it over time are the waits of single lots, those of lots still there too."""
        waits: Counter[str] = Counter()
        came: dict[int, tuple[float, str]] = {}
        for event in self.log:
            lot = event.lot
            gone = event.what in ("ended", "started", "scrapped", "reworked", "completed")
            if lot in came and (gone or self.is_sent_back(event)):
                center = self.last.work_centers[came[lot][1]]
                if center.machines is None and event.what == "started":
                    continue  # at a pure delay its time there is what counts
                at, where = came.pop(lot)
                waits[where] += event.time - at  # type: ignore[assignment]
            if event.what == "queued" and lot is not None:
                came[lot] = (event.time, str(event.work_center))
        for at, where in came.values():
            waits[where] += END - at  # type: ignore[assignment]
        for c, name in enumerate(self.last.work_centers):
            assert waits[name] == pytest.approx(self.world.records["center"]["queue_area"][c], **CLOSE), name

    def is_sent_back(self, event: Event) -> bool:
        """Whether a lot does not wait any more since it is too late, and goes back to where its clock began."""
        if event.what != "queue time passed":
            return False
        routing = self.last.products[str(event.product)].routing
        limit = next(operation.queue_time for operation in routing if operation.name == event.detail)
        return limit is not None and limit.past == "rework"

    def check_lots(self) -> None:
        """Little's law in the plant: lots in process over time are the times of single lots, those of lots still there too."""
        spent: Counter[str] = Counter()
        came: dict[int, tuple[float, str]] = {}
        pieces: dict[int, float] = defaultdict(float)
        for event in self.log:
            if event.lot is None or event.product is None:
                continue
            left = event.amount or 0.0
            if event.what == "scrapped":
                left = pieces[event.lot] - left
            elif event.what == "split":
                pieces[int(str(event.detail))] -= left
            elif event.what == "merged":
                pieces[int(str(event.detail))] += left
                left = 0.0
            elif event.what == "joined":
                left = 0.0
            elif event.what not in ("released", "queued", "started", "ended", "completed"):
                continue
            pieces[event.lot] = left
            # A lot that was there at the start says nothing before something happens to it.
            came.setdefault(event.lot, (event.time if event.what in ("released", "split") else 0.0, event.product))
            if event.what == "completed" or left <= 1e-9:
                at, product = came.pop(event.lot)
                spent[product] += event.time - at  # type: ignore[assignment]
        for at, product in came.values():
            spent[product] += END - at  # type: ignore[assignment]
        told = {event.lot for event in self.log}
        for lot in self.lots_inside():
            if lot["number"] not in told:  # it was there at the start, and nothing happened to it
                spent[list(self.last.products)[lot["product"]]] += END  # type: ignore[assignment]
        for p, name in enumerate(self.plant.products):
            assert spent[name] == pytest.approx(self.world.records["product"]["wip_area"][p], **CLOSE), name


def test_the_books_of_any_plant_agree_with_its_log() -> None:
    told: Counter[str] = Counter()
    pairs = Pairs()
    for number in range(100):
        chosen = pairs.choose(14)
        # A user's own rule is known only while its plant is drawn.
        features = tuple(feature for feature in chosen if feature != "a rule of a user's own")
        plant, on = drawn(features, number) or (None, ())
        pairs.count(chosen, on)
        if plant is None:
            continue
        try:
            books = Books(plant)
        except SimulationError:
            continue
        for check in (books.check_pieces, books.check_states, books.check_waits, books.check_lots):
            if UNTOLD[check.__name__] & set(features):
                continue
            told[check.__name__] += 1
            try:
                check()
            except AssertionError as failed:
                source = plant.document.source if plant.document else ""
                raise AssertionError(f"plant {number} {features}\n{source}\n{check.__name__}: {failed}") from failed
    assert min(told[name] for name in UNTOLD) >= 15, told
