"""A run goes on in a changed plant: the state of its world carried over into the world of the plant as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.errors import SimulationError
from plantwright.plant.changing import cannot_become
from plantwright.simulation import codes
from plantwright.simulation.carried_agenda import CarriedAgenda
from plantwright.simulation.codes import CARDS
from plantwright.simulation.identity import rows_from, tickets_from
from plantwright.simulation.marks import ARRAYS, COLUMNS, POOLS, STATE, VALUES, fields_of
from plantwright.simulation.memory import add_lots
from plantwright.simulation.records import draw_by
from plantwright.simulation.sequence_rows import carry_turns
from plantwright.simulation.world import World

if TYPE_CHECKING:
    from plantwright.plant.plant import Plant
    from plantwright.simulation.blueprint import Blueprint

_OWN_WAYS = frozenset({"hold", "calendar", "took"})
"""Concepts and arrays that are carried over in ways of their own."""


def carried(world: World, before: Blueprint, after: Blueprint) -> World:
    """The world of a changed plant in which the run goes on: all that goes on goes on.

    Parameters
    ----------
    world : World
        Stopped before an instant, its log fetched.
    before, after : Blueprint
        Of the plant as it was, which made `world`, and of the plant as it is now, made with `before`.

    Raises
    ------
    SimulationError
        If lots stand at a step, or work at a work center, that is no more.
    """
    made = _Carrying(world, before, after)
    made.lots()
    made.fields()
    made.arrays()
    made.holds()
    made.agenda = CarriedAgenda(world, made.new, made.rows)
    made.calendars()
    made.releases()
    made.turns()
    made.loops()
    made.stops()
    made.machines()
    made.keepers()
    made.demand()
    made.finish()
    return made.new


class _Carrying:
    agenda: CarriedAgenda

    def __init__(self, world: World, before: Blueprint, after: Blueprint) -> None:
        self.old, self.new = world, after.template.clone()
        self.before, self.after = before, after
        self.rows = rows_from(before.keys, after.keys)
        self.now = float(world.run.now[0])
        if reasons := cannot_become(before.plant, after.plant):
            raise SimulationError("the run cannot go on in the changed plant: " + "; ".join(reasons))

    def row_of(self, target: str, values: Any) -> Any:
        """Rows of a concept, as they are in the new world."""
        if target in POOLS and target != "ticket":
            return values
        known = self.rows[target]
        return np.where(values < 0, values, known[np.clip(values, 0, len(known) - 1)])

    def pairs(self, concept: str) -> tuple[Any, Any]:
        """Rows of a concept that are in both worlds: in the old one, and in the new one."""
        there = self.rows[concept][: len(self.old.records[concept])]
        found = np.flatnonzero(there >= 0)
        return found, there[found]

    def lots(self) -> None:
        """As many rows for lots as there were, in the same places."""
        count = len(self.old.records["lot"])
        first = int(self.new.run.first_slot_of_lots[0])
        self.new.resize(
            {
                "lot": count,
                "ticket": count * int(self.new.run.width[0]),
                "carry": len(self.old.records["carry"]),
                "holding": len(self.old.records["holding"]),
                **{array: count for array, concept in ARRAYS.items() if concept == "lot"},
                "slot": first + count,
                "heap": first + count,
                "heap_time": first + count + codes.CHILDREN,
                "heap_key": first + count + codes.CHILDREN,
            }
        )
        slot = self.new.records["slot"]
        slot["kind"][first:] = codes.DELAY_EVENT
        slot["entity"][first:] = np.arange(count)
        self.new.records["ticket"]["lot"] = np.repeat(np.arange(count), int(self.new.run.width[0]))
        self.rows["ticket"] = tickets_from(self.old, self.new)

    def fields(self) -> None:
        """Every field of state of what is in both plants."""
        for concept in STATE:
            if concept in _OWN_WAYS:
                continue
            old, new = self.old.records[concept], self.new.records[concept]
            if concept in POOLS and concept != "ticket":
                here = there = np.arange(len(old))
            else:
                here, there = self.pairs(concept)
            for field, (target, adds) in fields_of(concept).items():
                values = self.row_of(target, old[field][here]) if target else old[field][here]
                if adds:
                    values = values + new[field][there] - self.before.template.records[concept][field][here]
                new[field][there] = values
        self.new.records["center"]["turn"] = self.new.records["center"]["first_turn"]  # those that are over are passed
        # An order of material on its way is a lot without a product: its operation is the store.
        ordered = np.flatnonzero(self.old.records["lot"]["product"] < 0)
        stores = self.rows["store"][
            np.minimum(self.old.records["lot"]["operation"][ordered], len(self.rows["store"]) - 1)
        ]
        self.new.records["lot"]["operation"][ordered] = stores
        draw_by(self.new, int(self.old.run.key[0]))
        self.new.run.logging[0] = self.old.run.logging[0]

    def arrays(self) -> None:
        """The tables of what machines and products did, and of what lots carry with them."""
        for name, concept in ARRAYS.items():
            if name in _OWN_WAYS:
                continue
            if concept == "lot":
                self._of_lots(name)
                continue
            here, there = self.pairs(concept)
            self.new.arrays[name][there] = self.old.arrays[name][here]

    def _of_lots(self, name: str) -> None:
        """An array with a row for each lot: its columns are those of the same operation or name."""
        old, new = self.old.arrays[name], self.new.arrays[name]
        concept, _, field = COLUMNS[name].partition(".")
        target = VALUES.get(name, "")
        if not field:
            for one, other in enumerate(self.rows[concept][:-1]):
                if other >= 0:
                    new[:, other] = old[:, one]
            return
        before, after = self.old.records[concept], self.new.records[concept]
        used = "rework" if name == "reworks" else None
        product_of = np.searchsorted(self.old.records["product"]["first_operation"], before["main"], side="right") - 1
        for one, other in zip(*self.pairs(concept), strict=True):
            if before[field][one] < 0 or after[field][other] < 0 or (used and before[used][one] <= 0):
                continue
            of = self.old.records["lot"]["product"] == product_of[one]
            column = old[of, before[field][one]]
            new[of, after[field][other]] = self.row_of(target, column) if target else column

    def holds(self) -> None:
        """Whom each machine holds; who was held for a need that is no more is let go."""
        old, new = self.old.records["hold"], self.new.records["hold"]
        width, wide = int(self.old.run.hold_width[0]), int(self.new.run.hold_width[0])
        before = self._at_work(self.old)
        machines = self.rows["machine"][: int(self.old.run.machines[0] + self.old.run.keepers[0])]
        places = (machines[:, None] * wide + np.arange(width)).ravel()
        held = old[: len(places)]
        needs, crews = self.row_of("need", held["need"]), self.row_of("crew", held["crew"])
        stays = np.repeat(machines >= 0, width) & ((needs >= 0) | (held["count"] == 0))
        new[places[stays]] = held[stays]
        new["need"][places[stays]], new["crew"][places[stays]] = needs[stays], crews[stays]
        for field in ("phases", "tends"):
            new[field] = self.new.records["need"][field][new["need"]]
        rows = new["count"][: len(self.new.records["machine"]) * wide].reshape(-1, max(1, wide))
        self.new.records["machine"]["holds"] = (rows > 0).sum(axis=1) if wide else 0
        crew = self.new.records["crew"]
        for who, count in self._at_work(self.new).items():
            before[who] = before.get(who, 0) - count
        for who, freed in before.items():
            if freed:
                crew["busy_area"][who] += crew["busy"][who] * (self.now - crew["since"][who])
                crew["since"][who] = self.now
                crew["busy"][who] -= freed

    def _at_work(self, world: World) -> dict[int, int]:
        """How many of each crew, by its row in the new world, machines hold; in the new world claims that are tended are counted, too."""
        need = world.records["need"]
        found: dict[int, int] = {}
        claims: dict[int, tuple[int, int, int]] = {}
        holds = world.records["hold"]
        for held in holds[holds["count"] != 0]:
            who = int(held["crew"] if world is self.new else self.row_of("crew", held["crew"]))
            if need["tends"][held["need"]] <= 1:
                found[who] = found.get(who, 0) + int(held["count"])
                continue
            first = int(world.records["skill"]["first"][need["skill"][held["need"]]])
            place = world.records["eligible"]["crew"][first:].tolist().index(held["crew"])
            row = int(need["first_tended"][held["need"]]) + place
            claims[row] = (claims.get(row, (0, 0, 0))[0] + int(held["count"]), int(need["tends"][held["need"]]), who)
        if world is self.new:
            world.records["tended"]["claims"] = 0
        for row, (count, tends, who) in claims.items():
            found[who] = found.get(who, 0) - (-count // tends)
            if world is self.new:
                world.records["tended"]["claims"][row] = count
        return found

    def calendars(self) -> None:
        """Where each calendar stands."""
        new = self.new.records["calendar"]
        times = self.new.records["calendar_row"]["time"]
        on = self.new.records["calendar_row"]["on"]
        for c in range(int(self.new.run.calendars[0])):
            first, count = int(new["first"][c]), int(new["rows"][c])
            cursor = max(0, int(np.searchsorted(times[first : first + count], self.now)) - 1)
            new["cursor"][c] = cursor
            new["on"][c] = on[first + cursor]
            self.agenda.move(int(new["slot"][c]), float(times[first + cursor + 1]) if cursor + 1 < count else None)

    def releases(self) -> None:
        """Rules that are new begin; lists of orders go on where the clock stands."""
        old, new = self.old.records["release"], self.new.records["release"]
        known = {int(there): int(here) for here, there in zip(*self.pairs("release"), strict=True)}
        for r in range(int(self.new.run.releases[0])):
            before = known.get(r)
            same = before is not None and old["rule"][before] == new["rule"][r]
            if same and (new["rule"][r] != codes.BY_ORDERS or self._same_orders(before, r)):
                continue
            self.agenda.move(int(new["slot"][r]), None)
            new["fresh"][r] = 1
            first, count = int(new["first_order"][r]), int(new["orders"][r])
            times = self.new.records["order"]["time"][first : first + count]
            new["cursor"][r] = np.searchsorted(times, self.now) if new["rule"][r] == codes.BY_ORDERS else 0

    def _same_orders(self, before: int | None, r: int) -> bool:
        def listed(world: World, row: int | None) -> Any:
            first = int(world.records["release"]["first_order"][row])
            return world.records["order"][first : first + int(world.records["release"]["orders"][row])]

        one, other = listed(self.old, before), listed(self.new, r)
        fields = ("time", "pieces", "due", "priority")
        return len(one) == len(other) and all((one[field] == other[field]).all() for field in fields)

    def turns(self) -> None:
        """In which turns of a sequence lots have started, and how many are still to start in each."""
        carry_turns(self.old, self.new, self.rows["turn"], self._in_process())

    def loops(self) -> None:
        """A loop that is new counts the lots of its releases that are in process already."""
        release, lot = self.new.records["release"], self.new.records["lot"]
        known = set(self.pairs("loop")[1].tolist())
        for r in range(int(self.new.run.releases[0])):
            loop = int(release["loop"][r])
            if release["rule"][r] != codes.LOOP or loop in known:
                continue
            holding = self.new.records["holding"]  # of cards that they had of an older loop
            holding["cards"][(holding["pool"] == CARDS) & (holding["release"] == r)] = 0.0
            mine = np.flatnonzero(self._in_process() & (lot["product"] >= 0) & (lot["release"] == r))
            lot["cards"][mine] = lot["pieces"][mine] if self.new.records["loop"]["pieces"][loop] else 1.0
            self.new.records["loop"]["cards"][loop] -= lot["cards"][mine].sum()

    def _in_process(self) -> Any:
        lot = self.new.records["lot"]
        there = np.ones(len(lot), bool)
        at = int(self.new.run.free_lot[0])
        for _ in range(int(self.new.run.free_lots[0])):
            there[at] = False
            at = int(lot["next"][at])
        return there

    def stops(self) -> None:
        """Failures and maintenance that are new begin to count, and so do those of machines that come back."""
        new, gone = self.new.records["mode"], self.old.records["machine"]["gone"]
        known = {int(there): int(here) for here, there in zip(*self.pairs("mode"), strict=True)}
        machines = {int(there): int(here) for here, there in zip(*self.pairs("machine"), strict=True)}
        for k in range(int(self.new.run.modes[0])):
            before, machine = machines.get(int(new["machine"][k])), int(new["machine"][k])
            left = before is None or gone[before] == 2
            if k in known and not left:
                continue
            self.agenda.move(int(new["slot"][k]), None)
            new["pending"][k] = 0
            new["fresh"][k] = int(not left or not self._is_to_go(machine))
            new["first"][k] = self.after.template.records["mode"]["first"][k]

    def demand(self) -> None:
        """Customers come at the midnights from now on, if there are any."""
        slot, days = int(self.new.run.slot_demand[0]), int(self.new.run.days[0])
        times = self.new.records["day"]["time"][:days]
        if days == 0:
            self.agenda.move(slot, None)
        elif slot not in self.agenda.pending():
            self.new.run.day[0] = day = int(np.searchsorted(times, self.now))
            self.agenda.move(slot, float(times[day]) if day < days else None)

    def machines(self) -> None:
        """Machines that are new arrive, those that are no more leave when they are empty."""
        machine, plan = self.new.records["machine"], self.after.template.records["machine"]
        known = {int(there): int(here) for here, there in zip(*self.pairs("machine"), strict=True)}
        gone = self.old.records["machine"]["gone"]
        for m in range(int(self.new.run.machines[0])):
            before = known.get(m)
            left = before is not None and gone[before] == 2
            if plan["gone"][m]:
                machine["gone"][m] = machine["gone"][m] or 1
                continue
            machine["gone"][m] = 0
            if before is None or left:
                machine["fresh"][m] = 1
                machine["on"][m] = 0
                lead = before if before is None else int(self.old.records["machine"]["lead"][before])
                if lead is None or (gone[lead : lead + self.old.records["machine"]["beside"][lead]] == 2).all():
                    machine["state"][m] = codes.OFF_SHIFT
                    machine["since"][m] = self.now
            elif self._stops_changed(before, m):
                machine["fresh"][m] = 2
        known_centers = set(self.pairs("center")[1].tolist())
        for c in range(int(self.new.run.centers[0])):
            if c not in known_centers:
                self.new.records["center"]["empty"][c] = 0

    def keepers(self) -> None:
        """What stops several machines and is new has their hours."""
        machine, center = self.new.records["machine"], self.new.records["center"]
        known = set(self.pairs("machine")[1].tolist())
        first = int(self.new.run.machines[0])
        for q in range(first, first + int(self.new.run.keepers[0])):
            if not self._is_to_go(q):
                machine["gone"][q] = 0
            elif q not in known:
                machine["gone"][q] = 2
            if q not in known and machine["open_always"][q] == 0:
                machine["on"][q] = self.new.records["calendar"]["on"][center["calendar"][machine["center"][q]]]

    def _is_to_go(self, m: int) -> bool:
        """Whether a machine, or that of which something stops all places, is no more in the changed plant."""
        machine = self.after.template.records["machine"]
        first = int(machine["first_member"][m])
        if m >= int(self.new.run.machines[0]) and self._is_whole(m):
            return bool(machine["gone"][self.after.template.records["member"]["machine"][first]])
        return bool(machine["gone"][m])

    def _is_whole(self, q: int) -> bool:
        return bool((self.new.records["machine"]["whole"][: int(self.new.run.machines[0])] == q).any())

    def _stops_changed(self, before: int, m: int) -> bool:
        """Whether a machine has lost a failure or maintenance, or has a new one."""
        old, new = self.old.records, self.new.records

        def keys(records: Mapping[str, Any], row: int) -> list[tuple[int, int]]:
            first = int(records["machine"]["first_mode"][row])
            modes = records["mode"][first : first + int(records["machine"]["modes"][row])]
            return [(int(mode["key"]), int(mode["clock"])) for mode in modes]

        return bool(keys(old, before) != keys(new, m))

    def finish(self) -> None:
        """Room for as many lots as the changed plant needs at once."""
        self.new.run.changed[0] = 1
        if _times(self.before.plant) != _times(self.after.plant):
            self.new.run.stretched[0] = 1
        missing = int(self.new.run.lot_margin[0]) - int(self.new.run.free_lots[0])
        if missing > 0:
            add_lots(self.new, missing)


def _times(plant: Plant) -> list[object]:
    """What says how the time of a job is made of that of its pieces."""
    operations = [
        (product.name, operation.name, operation.at, operation.time, operation.interval, operation.sample)
        for product in plant.products.values()
        for operation in product.routing
    ]
    return [operations, [(name, center.unlike) for name, center in plant.work_centers.items()]]
