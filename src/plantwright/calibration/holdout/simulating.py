"""Simulate the rest of a log: a plant that was made of its first part, with new orders drawn from past weeks."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plantwright.calibration.calendars import open_seconds
from plantwright.calibration.drafting import ORDERS, Draft, Found
from plantwright.calibration.holdout.traces import Trace, date_of, moment, traces_of_rows
from plantwright.calibration.releasing import DUE, OWN
from plantwright.calibration.routings import step_names
from plantwright.calibration.visits import order_pieces
from plantwright.plant import Plant, build_plant

if TYPE_CHECKING:
    import polars

    from plantwright.simulation import Cancel

Start = tuple[int, str]
"""When an order begins, and which past order it repeats."""


def with_new_orders(draft: Draft, found: Found, starts: Sequence[Start]) -> Plant:
    """The drafted plant with orders that begin after its log ends: each the product and pieces of a past one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = draft.files[ORDERS].partition("\n")[0].split(",")
    blank = [""] * len({DUE, OWN} & set(header))
    for number, (start, like) in enumerate(starts, 1):
        visits = found.history.orders[like]
        row = [
            f"new {number}",
            visits[0].product,
            f"{date_of(start):%Y-%m-%d %H:%M}",
            f"{order_pieces(visits):g}",
            *blank,
        ]
        writer.writerow(row)
    files = draft.files | {ORDERS: draft.files[ORDERS] + out.getvalue()}
    return build_plant(draft.words, name="plant.yaml", files=files)


def simulated_rest(
    draft: Draft,
    found: Found,
    starts: Sequence[Start],
    cut: int,
    until: int,
    *,
    seed: int,
    replication: int,
    cancel: Cancel | None = None,
) -> list[Trace]:
    """What is done to the orders that begin after the cut, as a log that ends at `until` has it; one replication, from 1 on."""
    from plantwright.simulation import history

    plant = with_new_orders(draft, found, starts)
    horizon = (until - moment(plant.start)) / 1e6
    rows = history(plant, horizon=horizon, seed=seed, replication=replication, cancel=cancel).table()
    return traces_of_run(rows, found, cut, until)


def traces_of_run(rows: polars.DataFrame, found: Found, cut: int, until: int) -> list[Trace]:
    """The visits of each lot that a run released after the cut, those of its parts side by side among them; a setup belongs to the visit that it is for. Machines work on a visit in the
    hours of their work center.
    """
    import polars

    from plantwright.exchange.run_records import records_of_run

    stamp = polars.col("timestamp").dt.replace_time_zone(None)
    released = rows.filter((polars.col("what") == "released") & (stamp >= date_of(cut)))
    lots = {str(lot) for lot in released["lot"]}
    if not lots:
        return []
    whole: dict[str, str] = {}
    for lot, of in rows.filter(polars.col("what") == "split").select("lot", "detail").iter_rows():
        whole[str(lot)] = whole.get(str(of), str(of))
    table = records_of_run(rows, found.log).table.with_columns(polars.col("order").replace(whole))
    table = table.filter(polars.col("order").is_in(list(lots)))
    setups = {
        (order, activity, end): start
        for order, activity, start, end in table.filter(polars.col("type") == "setup")
        .select("order", "activity", "start", "end")
        .iter_rows()
    }
    step_of = {
        (product, name): step.step
        for product, routing in found.routings.items()
        for step, name in step_names(routing.steps).items()
    }
    opened = {
        center: open_seconds(calendar.patterns, calendar.off, found.history.first.date(), date_of(until).date())
        for center, calendar in found.calendars.items()
    }
    always = open_seconds((), (), found.history.first.date(), date_of(until).date())
    work = table.filter(polars.col("type") == "work").select("order", "product", "activity", "start", "end").iter_rows()
    made = []
    for order, product, activity, start, end in work:
        if (product, activity) in step_of:
            operation, center = step_of[product, activity]
            begin = setups.get((order, activity, start), start)
            made.append((order, operation, begin, end, opened.get(center, always)(begin, end)))
    return list(traces_of_rows(made))
