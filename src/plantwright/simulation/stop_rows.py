"""What stops machines, as rows for the engine: failures, maintenance, warming up, and the keepers that stop several at once."""

from __future__ import annotations

from collections.abc import Sequence

from plantwright.distributions import Distribution
from plantwright.plant.resources import Failure, Machine, Maintenance, WorkCenter
from plantwright.simulation import codes
from plantwright.simulation.records import key_of
from plantwright.simulation.store_rows import takes
from plantwright.simulation.tables import Row, Tables

_CLOCKS = {"working": codes.WORKING_CLOCK, "calendar": codes.CALENDAR_CLOCK, "count": codes.COUNT_CLOCK}
_THEN = {"resume": codes.RESUME, "restart": codes.RESTART, "scrap": codes.SCRAP}


def failure_row(tables: Tables, m: int, failure: Failure, key: int, of: tuple[str, int] | None = None) -> Row:
    """The row of a failure of machine row `m`; `of`: the work center that it is of, and its number there."""
    every, repair = (None if of is None else (of[0], word, of[1]) for word in ("every", "repair"))
    return {
        "machine": m,
        "kind": codes.REPAIR,
        "clock": _CLOCKS[failure.clock],
        "then": _THEN[failure.then],
        "every": tables.distribution(failure.every, every),
        "lasts": tables.distribution(failure.repair, repair),
        "key": key,
        **tables.needs(failure.by),
        **takes(tables, failure.takes),
    }


def care_row(tables: Tables, m: int, care: Maintenance, key: int, share: float) -> Row:
    """The row of maintenance of machine row `m`; where it is spread, the first is due after `share` of the time between two."""
    return {
        "machine": m,
        "kind": codes.MAINTENANCE,
        "clock": _CLOCKS[care.clock],
        "every": tables.distribution(care.every),
        "lasts": tables.distribution(care.lasts),
        "first": (care.every.mean if care.spread is None else care.spread) * share if care.first == "spread" else 0.0,
        "first_drawn": -1 if care.first == "spread" else tables.distribution(care.first),
        "key": key,
        **tables.needs(care.by),
        **takes(tables, {}),
    }


def add_stops(tables: Tables, m: int, name: str, center: WorkCenter, k: int) -> None:
    """Rows for what stops the k-th machine of a work center, which is machine row `m`."""
    own = center.unlike[k] if k < len(center.unlike) else None
    lucky = center.luck or name
    for j, failure in enumerate((*center.failures, *(own.failures if own else ()))):
        of = (name, j) if j < len(center.failures) else None
        tables.rows["mode"].append(failure_row(tables, m, failure, key_of("failure", lucky, k, j), of))
    for j, care in enumerate((*center.maintenance, *(own.maintenance if own else ()))):
        if care.per == "machine":
            share = (k + 1) / (center.machines or 1)
            tables.rows["mode"].append(care_row(tables, m, care, key_of("maintenance", lucky, k, j), share))


def counts_pieces(center: WorkCenter, own: Machine | None) -> bool:
    """Whether a clock of a machine counts pieces."""
    stops: tuple[Failure | Maintenance, ...] = (
        *center.failures,
        *center.maintenance,
        *(own.failures if own else ()),
        *(own.maintenance if own else ()),
    )
    return any(stop.clock == "count" for stop in stops)


def start_up_row(tables: Tables, name: str, center: WorkCenter, k: int) -> int:
    """The row of the k-th machine's warming up, added; -1 where it needs none."""
    if center.start_up is None:
        return -1
    tables.rows["mode"].append(
        {
            "machine": len(tables.rows["machine"]),
            "kind": codes.IN_SETUP,
            "clock": codes.WORKING_CLOCK,
            "every": tables.distribution(Distribution.constant(0.0)),
            "lasts": tables.distribution(center.start_up.lasts),
            "key": key_of("start-up", center.luck or name, k),
            **tables.needs(()),
            **takes(tables, {}),
        }
    )
    return len(tables.rows["mode"]) - 1


def add_keepers(tables: Tables) -> None:
    """Rows of what stops several machines together: maintenance of whole work centers, and areas."""
    for name, center in tables.plant.work_centers.items():
        together = {j: care for j, care in enumerate(center.maintenance) if care.per == "work center"}
        if together and center.machines:
            first = len(tables.rows["mode"])
            tables.rows["mode"] += [
                _of_all(tables, care, ("center", center.luck or name, j)) for j, care in together.items()
            ]
            _add_keeper(tables, name, _machines(tables, [name]), first, False)
    for name, area in tables.plant.areas.items():
        first = len(tables.rows["mode"])
        q = len(tables.rows["machine"])
        for j, failure in enumerate(area.failures):
            tables.rows["mode"].append(failure_row(tables, q, failure, key_of("failure", "area", name, j)))
        tables.rows["mode"] += [_of_all(tables, care, ("area", name, j)) for j, care in enumerate(area.maintenance)]
        _add_keeper(tables, name, _machines(tables, area.work_centers), first, True)
    for name, center in tables.plant.work_centers.items():
        if center.places > 1:
            _add_whole_machines(tables, name, center)
    _tell_members(tables)


def _tell_members(tables: Tables) -> None:
    """Each machine knows the keepers that may stop it."""
    keepers: dict[int, list[int]] = {}
    for q, keeper in enumerate(tables.rows["machine"]):
        first = keeper.get("first_member", 0)
        for member in tables.rows["member"][first : first + keeper.get("members", 0)]:
            keepers.setdefault(member["machine"], []).append(q)
    for m, of in keepers.items():
        tables.rows["machine"][m] |= {"first_kept_by": len(tables.rows["kept_by"]), "kept_by": len(of)}
        tables.rows["kept_by"] += [{"keeper": q} for q in of]


def _machines(tables: Tables, centers: Sequence[str]) -> list[int]:
    """The machine rows of work centers."""
    rows = [tables.rows["center"][tables.centers[center]] for center in dict.fromkeys(centers)]
    return [row["first_machine"] + k for row in rows for k in range(row["machines"])]


def _of_all(tables: Tables, care: Maintenance, key: tuple[str, str, int]) -> Row:
    return care_row(tables, len(tables.rows["machine"]), care, key_of("maintenance", *key), 1.0)


def _add_whole_machines(tables: Tables, name: str, center: WorkCenter) -> None:
    """A keeper for each machine with several places, which stops all of them."""
    rows = _machines(tables, [name])
    for k in range(len(rows) // center.places):
        places = rows[k * center.places : (k + 1) * center.places]
        first, q = len(tables.rows["mode"]), len(tables.rows["machine"])
        add_stops(tables, q, name, center, k)
        if len(tables.rows["mode"]) > first:
            _add_keeper(tables, tables.names["machine"][places[0]], places, first, False)
            for m in places:
                tables.rows["machine"][m]["whole"] = q


def _add_keeper(tables: Tables, name: str, machines: Sequence[int], first: int, always: bool) -> None:
    """The row of what stops some machine rows together: modes from row `first` on, at any hour or in those of the machines."""
    first_member = len(tables.rows["member"])
    tables.rows["member"] += [{"machine": m} for m in machines]
    tables.names["machine"].append(name)
    tables.rows["machine"].append(
        {
            # The first of its machines says where it is; its hours are theirs only where all are of one work center.
            "center": tables.rows["machine"][machines[0]]["center"],
            "open_always": int(always),
            "lead": len(tables.rows["machine"]),
            "beside": 1,
            "whole": -1,
            "on": 1,
            "head": -1,
            "stop_mode": -1,
            "warm_up": -1,
            "fails": -1,
            "only": -1,
            "first_mode": first,
            "modes": len(tables.rows["mode"]) - first,
            "first_member": first_member,
            "members": len(tables.rows["member"]) - first_member,
        }
    )
