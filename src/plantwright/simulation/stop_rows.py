"""What stops machines, as rows for the engine: failures, maintenance, warming up, and the keepers that stop several at once."""

from __future__ import annotations

from collections.abc import Sequence

from plantwright.distributions import Distribution
from plantwright.plant.resources import Failure, Maintenance, WorkCenter
from plantwright.simulation import codes
from plantwright.simulation.draws import entity_key
from plantwright.simulation.store_rows import takes
from plantwright.simulation.tables import Row, Tables

_CLOCKS = {"working": codes.WORKING_CLOCK, "calendar": codes.CALENDAR_CLOCK, "count": codes.COUNT_CLOCK}
_THEN = {"resume": codes.RESUME, "restart": codes.RESTART, "scrap": codes.SCRAP}


def failure_row(tables: Tables, m: int, failure: Failure, key: int) -> Row:
    """The row of a failure of machine row `m`."""
    return {
        "machine": m,
        "kind": codes.REPAIR,
        "clock": _CLOCKS[failure.clock],
        "then": _THEN[failure.then],
        "every": tables.distribution(failure.every),
        "lasts": tables.distribution(failure.repair),
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
        "first": care.every.mean * share if care.first == "spread" else 0.0,
        "first_drawn": -1 if care.first == "spread" else tables.distribution(care.first),
        "key": key,
        **tables.needs(care.by),
        **takes(tables, {}),
    }


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
            "key": entity_key("start-up", name, k),
            **tables.needs(()),
            **takes(tables, {}),
        }
    )
    return len(tables.rows["mode"]) - 1


def add_keepers(tables: Tables) -> None:
    """Rows of what stops several machines together: maintenance of whole work centers, and areas."""
    for name, center in tables.plant.work_centers.items():
        together = [care for care in center.maintenance if care.per == "work center"]
        if together and center.machines:
            _add_keeper(tables, name, [name], (), together, ("center", name))
    for name, area in tables.plant.areas.items():
        _add_keeper(tables, name, area.work_centers, area.failures, area.maintenance, ("area", name))


def _add_keeper(
    tables: Tables,
    name: str,
    centers: Sequence[str],
    failures: Sequence[Failure],
    maintenance: Sequence[Maintenance],
    key: tuple[str, str],
) -> None:
    q = len(tables.rows["machine"])
    first, first_member = len(tables.rows["mode"]), len(tables.rows["member"])
    rows = [tables.rows["center"][tables.centers[center]] for center in dict.fromkeys(centers)]
    for row in rows:
        tables.rows["member"] += [{"machine": row["first_machine"] + k} for k in range(row["machines"])]
    tables.rows["mode"] += [
        failure_row(tables, q, failure, entity_key("failure", *key, j)) for j, failure in enumerate(failures)
    ]
    tables.rows["mode"] += [
        care_row(tables, q, care, entity_key("maintenance", *key, j), 1.0) for j, care in enumerate(maintenance)
    ]
    tables.names["machine"].append(name)
    tables.rows["machine"].append(
        {
            # The first of its machines says where it is; its hours are theirs only where all are of one work center.
            "center": tables.centers[centers[0]],
            "open_always": int(key[0] == "area"),
            "on": 1,
            "head": -1,
            "stop_mode": -1,
            "warm_up": -1,
            "keeper": -1,
            "fails": -1,
            "only": -1,
            "first_mode": first,
            "modes": len(tables.rows["mode"]) - first,
            "first_member": first_member,
            "members": len(tables.rows["member"]) - first_member,
        }
    )
