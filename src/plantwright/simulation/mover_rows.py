"""Shared buffers and movers as rows for the engine."""

from __future__ import annotations

import numpy as np

from plantwright.simulation.tables import Tables


def add_lanes(tables: Tables) -> None:
    """A row for every shared buffer; the work centers that it feeds have its places in front of them."""
    for row in tables.rows["center"]:
        row["lane"] = -1
    for lane in tables.plant.buffers.values():
        capacity = lane.capacity
        pieces = int(capacity is not None and capacity.of == "piece")
        first = len(tables.rows["lane_center"])
        for name in lane.feeds:
            center = tables.rows["center"][tables.centers[name]]
            places = -1.0 if capacity is None else capacity.value
            center |= {
                "lane": len(tables.rows["lane"]),
                "places": places,
                "places_in_pieces": pieces,
                "transit": lane.transit,
            }
            tables.rows["lane_center"].append({"center": tables.centers[name]})
        tables.rows["lane"].append({"first_center": first, "centers": len(lane.feeds)})


def add_movers(tables: Tables) -> None:
    """A row for every mover and each of its vehicles, and how long they take between work centers."""
    names = list(tables.centers)
    movers_at: list[list[int]] = [[] for _ in names]
    for name, mover in tables.plant.transport.items():
        if mover.time is not None:
            continue
        k = len(tables.rows["mover"])
        first = len(tables.rows["vehicle"])
        begin = next((start for start, _ in mover.distances), names[0])
        stops = list(dict.fromkeys(place for pair in mover.distances for place in pair))
        rows = {"first_vehicle": first, "vehicles": mover.count, "head": -1, "tail": -1}
        tables.rows["mover"].append(rows | {"stops": len(stops), "first_travel": len(tables.travel)})
        tables.rows["vehicle"] += [{"mover": k, "at": tables.centers[begin], "lot": -1} for _ in range(mover.count)]
        tables.names["mover"].append(name)
        place = {stop: i for i, stop in enumerate(stops)}
        table = [-1.0] * len(stops) ** 2
        for (start, end), distance in mover.distances.items():
            time = distance / (mover.speed or 1.0)
            a, b = place[start], place[end]
            table[a * len(stops) + b] = time
            if (end, start) not in mover.distances:
                table[b * len(stops) + a] = time
        tables.travel += table
        tables.stops.append([place.get(name, -1) for name in names])
        for stop in stops:
            movers_at[tables.centers[stop]].append(k)
    for center, movers in zip(tables.rows["center"], movers_at, strict=True):
        center |= {"fetched": len(movers), "first_mover_at": len(tables.rows["mover_at"])}
        tables.rows["mover_at"] += [{"mover": k} for k in movers]


def add_ways(tables: Tables) -> None:
    """How long lots are carried between locations; the first of the file that has a way goes."""
    plant = tables.plant
    movers = [mover for mover in plant.transport.values() if mover.time is not None]
    if not movers:
        return
    named = [center.location for center in plant.work_centers.values() if center.location]
    locations = {name: k for k, name in enumerate(dict.fromkeys(named), 1)}
    tables.ways = np.full((len(locations) + 1, len(locations) + 1), -1, np.int64)
    for mover in reversed(movers):
        time = tables.distribution(mover.time)
        for start in mover.start:
            tables.ways[locations[start], [locations[end] for end in mover.end]] = time
    for row, center in zip(tables.rows["center"], plant.work_centers.values(), strict=False):
        row["location"] = locations.get(center.location or "", 0)
        row["reached"] = int(tables.ways[:, row["location"]].max() >= 0)
