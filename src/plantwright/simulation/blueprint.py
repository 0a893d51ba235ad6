"""From a plant to the world that the engine runs: names become rows, once for all replications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

from plantwright.plant.document import collector_paused
from plantwright.plant.plant import Plant
from plantwright.plant.reading import with_factors
from plantwright.simulation import center_rows, mover_rows, product_rows, store_rows
from plantwright.simulation.changes import dates_of, made_until
from plantwright.simulation.drawn_rows import Numbers, drawn_rows
from plantwright.simulation.drum_rows import add_drums, drums_of
from plantwright.simulation.economics import Economics, economics
from plantwright.simulation.identity import Keys
from plantwright.simulation.memory import build
from plantwright.simulation.records import draw_by
from plantwright.simulation.releases import release_rows
from plantwright.simulation.sequence_rows import add_turns
from plantwright.simulation.streams import run_key
from plantwright.simulation.tables import NOTHING, Least, Tables
from plantwright.simulation.tool_rows import carried_until
from plantwright.simulation.uncertainty import TOGETHER, Seeds, drawn, is_uncertain, posterior_factors
from plantwright.simulation.world import World


class Blueprint:
    """A plant made ready for the engine.

    Parameters
    ----------
    plant : Plant
    end, warmup : float
        Seconds; `end` counts from the start, the warm-up included.
    bucket : float
        Length in seconds of the buckets in which work in process and output are recorded; 0 for none.
    saturated : bool
        Replace every release by a loop with more lots than the plant can work on, in the mix of the demand.
    lots : int, optional
        How many lots that loop has; `loads.lots_to_saturate` if not given.
    least : Least
        What there must be room for, as a run that began in another plant goes on in this one.
    since : float
        Dated changes until then, in seconds from the start, are made already.
    factors : sequence of mapping
        By what numbers of the plant file are multiplied in each replication, by their paths, besides what is drawn.

    listed : bool
        Whether that loop starts the orders of the plant's lists in turn, over and over.

    Attributes
    ----------
    plant : Plant
        With the changes that are made taken from its list.
    """

    @collector_paused()
    def __init__(
        self,
        plant: Plant,
        end: float,
        warmup: float,
        bucket: float,
        saturated: bool,
        lots: int | None = None,
        least: Least = NOTHING,
        since: float = 0.0,
        *,
        listed: bool = False,
        factors: Sequence[Mapping[str, float]] = (),
    ) -> None:
        self._given = plant
        plant = made_until(plant, since)
        self._size = (end, warmup, bucket, saturated, lots)
        self._since = since
        self._listed = listed
        self._least = least
        self._economics: dict[float, Economics | None] = {}
        self._numbers: Numbers | None = None
        self.plant = plant
        self._factors = factors
        tables = Tables(plant, end, least, draws=plant.posterior is not None or bool(factors))
        store_rows.add_stores(tables)
        center_rows.add_people(tables)
        center_rows.add_centers(tables)
        product_rows.add_products(tables)
        mover_rows.add_lanes(tables)
        mover_rows.add_movers(tables)
        mover_rows.add_ways(tables)
        product_rows.add_days(tables)
        add_turns(tables)
        add_drums(tables)
        product_rows.add_releases(tables, *release_rows(plant, end, saturated, lots, listed))
        product_rows.add_initial_lots(tables)
        self.names = {
            "product": list(plant.products),
            "center": list(tables.centers),
            "crew": [*plant.people, *plant.tools, *plant.loops],
            "operation": tables.names["operation"],
            "machine": tables.names["machine"],
            "store": tables.names["store"],
            "mover": tables.names["mover"],
            "defect": tables.names["defect"],
            "lot_class": list(tables.classes),
        }
        self._drawn = drawn_rows(tables) if lots or not saturated else None
        self.template = build(tables, warmup, bucket)
        self.names["machine"] += [name for name in least.keepers if name not in self.names["machine"]]
        self._routes = tables.route_names
        self._more_names: dict[str, list[Any]] = {
            "setup": list(tables.setups),
            "defect": tables.names["defect"],
            "calendar": tables.calendar_names,
            "tended": tables.tended_names,
            "sequenced": list(tables.sequenced),
            "turn": tables.turn_names,
            "drum": list(tables.drums),
            "line": list(plant.lines),
            "skill": tables.skill_names,
            "route": tables.route_names,
        }

    @property
    def recipe(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """With what arguments and options this is made anew in another process; a template holds addresses that are this one's own."""
        return (self._given, *self._size, self._least, self._since), {"listed": self._listed, "factors": self._factors}

    @cached_property
    def later(self) -> tuple[tuple[float, Blueprint], ...]:
        """The instants of the dated changes to come before the end, and the plant from each on, made ready."""
        end = self._size[0]
        found: list[tuple[float, Blueprint]] = []
        before = self
        for time in dates_of(self.plant):
            if self._since < time < end:
                after = Blueprint(before.plant, *self._size, before.least, time, listed=self._listed)
                found.append((time, after))
                before = after
        for number, (_, after) in enumerate(found, 1):
            after.__dict__["later"] = tuple(found[number:])  # what it would find out itself, made ready again
        return tuple(found)

    @property
    def last(self) -> Blueprint:
        """The plant as it is at the end of a run, made ready."""
        return self.later[-1][1] if self.later else self

    @property
    def least(self) -> Least:
        """What a changed plant must have room for, if a run of this one is to go on in it."""
        centers = self.template.records["center"]
        machines = centers["machines"] // centers["beside"].clip(1)
        rows = {name: int(count) for name, count in zip(self.names["center"], machines, strict=False) if count > 0}
        keepers = self.names["machine"][int(self.template.run.machines[0]) :]
        return Least(
            rows,
            int(self.template.run.hold_width[0]),
            tuple(keepers),
            tuple(dict.fromkeys((product, steps) for product, steps, _ in self._routes)),
            self._more_names["sequenced"],
            tuple(carried_until(self.plant, self._least)),
            tuple(drums_of(self.plant, self._least, self._more_names["drum"])),
        )

    @cached_property
    def keys(self) -> Keys:
        """What tells the rows of each concept apart."""
        return Keys(self.template, {**self.names, **self._more_names})

    def economics(self, horizon: float) -> Economics | None:
        """`economics` of the plant, worked out once for all replications."""
        if horizon not in self._economics:
            self._economics[horizon] = economics(self.plant, horizon)
        return self._economics[horizon]

    @cached_property
    def is_uncertain(self) -> bool:
        """Whether the plant, as it is or after a dated change, has numbers that are drawn anew in each replication."""
        return any(is_uncertain(blueprint.plant) for blueprint in (self, *(after for _, after in self.later)))

    def in_replication(self, seed: int, replication: int, seeds: Seeds = TOGETHER) -> Blueprint:
        """The plant with the numbers that it has in one replication of a seed, made ready; itself where all are known."""
        if not self.is_uncertain and not self._factors:
            return self
        given = self._factors[replication] if self._factors else {}
        if self._drawn is not None:
            factors = posterior_factors(self.plant, run_key(seed + seeds.records, replication))
            both = {**factors, **{path: factors.get(path, 1.0) * factor for path, factor in given.items()}}
            numbers = self._drawn.numbers(both if given else factors)
            if numbers is not None:
                like = copy(self)
                like._numbers = numbers
                return like
        own = drawn(with_factors(self.plant, given) if given else self.plant, seed, replication, seeds)
        return Blueprint(own, *self._size, self._least, self._since, listed=self._listed)

    def world(self, seed: int, replication: int) -> World:
        """A fresh world for one replication of a seed."""
        fresh = self.template.clone()
        if self._drawn is not None and self._numbers is not None:
            self._drawn.write(self._numbers, fresh)
        draw_by(fresh, run_key(seed, replication))
        return fresh
