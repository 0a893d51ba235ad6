"""Find the defects of an event log and repair what can be repaired; nothing is dropped in silence."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from plantwright.calibration.alike import near_copies, reported_often
from plantwright.calibration.blanks import fill_blanks
from plantwright.calibration.clocks import below_the_step, clock_defects
from plantwright.calibration.cut_orders import begun_before, cut_orders, ends_from_starts, last_activity, order_warnings
from plantwright.calibration.due_dates import doubtful_dues, due_dates, due_defects
from plantwright.calibration.effects import Effects, with_effects
from plantwright.calibration.instants import mend_instants
from plantwright.calibration.names import is_lumped, is_rework, machine_number, operation_name, tidy
from plantwright.calibration.overlaps import overlaps
from plantwright.calibration.quality import CleanLog, Defect, Quality
from plantwright.calibration.quantities import contradictions
from plantwright.calibration.quiet import Quiet, quiet_of, seconds_awake
from plantwright.calibration.recent import most_recent
from plantwright.calibration.refusing import refuse_if_hopeless, refuse_times
from plantwright.calibration.spelling import respelt
from plantwright.events import EventLog, each, is_spreadsheet_date

if TYPE_CHECKING:
    import polars

_OFTEN = 10
"""A duration that is not worked time comes again and again, to the second: at least so often."""

DAY = 86400.0


_FAR, _FAR_DAYS, _FAR_SHARE = 4.0, 180.0, 0.02
"""A date is taken to be typed wrong where it lies further from the middle half of the log than four times the span of that and half a
year, if no more than 2 % of the rows do.
"""


def clean(log: EventLog, unattended: bool = False, most_reports: int | None = None) -> CleanLog:
    """The rows of a log that can be used, repaired, and the report on its quality, as `examine`; the most recent, if only so many are
    asked for.
    """
    used, quality, quiet = examine(log, unattended)
    part = None
    if most_reports is not None:
        used, part = most_recent(used, most_reports)
    dues, doubtful = due_dates(log.dues, used), doubtful_dues(log.dues, used)
    return CleanLog(_repaired(used), quality, quiet, part, dues, doubtful, log.shape == "completions", log.centers)


def examine(log: EventLog, unattended: bool = False) -> tuple[polars.DataFrame, Quality, Quiet]:
    """The rows of a log that can be used as they are, the report on its quality, and the rests that it shows.

    Reports that run on through hours in which nothing ever begins or ends count without these hours, unless machines run
    `unattended` in them. Raises LogError for a log too damaged to use.
    """
    import polars

    table, mended, names = _mended(log)
    checked = {"start", "span"} <= {choice.what for choice in log.mapping}
    marks = _marks(table, checked)
    table = table.with_columns(*marks.values())
    refuse_times(log.name, table)
    clocks, steps = clock_defects(table)
    table, short = below_the_step(table, steps)
    aside: dict[str, list[int]] = {}
    for row in log.aside:
        aside.setdefault(row.reason.partition(":")[0], []).append(row.row)
    for reason, condition in _SET_ASIDE:
        rows = table.filter(polars.col(condition))["row"].to_list()
        if rows:
            aside.setdefault(reason, []).extend(rows)
    # Where no row is set aside, a copy of a large log is spared.
    useless = any(table[condition].any() for _, condition in _SET_ASIDE)
    used = table.filter(~polars.any_horizontal(condition for _, condition in _SET_ASIDE)) if useless else table
    refuse_if_hopeless(log, used)
    measured = used.select("start", "end").filter(~used["imputed"])
    quiet = Quiet() if unattended else quiet_of(measured["start"], measured["end"])
    used, through = _without_quiet(used, quiet)
    closing = last_activity(used)
    orders, cycle = cut_orders(used, *closing)
    overlapping, twice = overlaps(table, quiet)
    defects = [
        *mended, *_time_defects(table), *clocks, short, *through, *_unread(log), *overlapping, *_name_defects(table), *_rework(table),
        *contradictions(table), *due_defects(log.dues, used), *orders, begun_before(used, cycle[0]), ends_from_starts(used),
    ]  # fmt: skip
    repaired = int(used.select(polars.any_horizontal(REPAIRED).sum()).item())
    effects = Effects(table, used, twice, cycle, steps, names)
    quality = Quality(
        name=log.name,
        rows_read=log.rows_read,
        kept=used.height - repaired,
        repaired=repaired,
        joined=log.joined,
        set_aside={reason: tuple(sorted(rows)) for reason, rows in aside.items()},
        defects=with_effects(defects, effects),
        mapping=log.mapping,
        notes=log.notes,
        warnings=(*log.warnings, *order_warnings(used, *closing, orders)),
        orders=used["order"].n_unique(),
        stations=used["station"].n_unique(),
        workers=used["worker"].drop_nulls().n_unique(),
        first=_minute(used["start"].min()),
        last=_minute(used["end"].max()),
    )
    return used, quality, quiet


REPAIRED = ("imputed", "zero", "variant", "through", "moved", "filled", "respelt")
"""Marks of rows that are used otherwise than they were written."""


def _mended(log: EventLog) -> tuple[polars.DataFrame, list[Defect], dict[str, tuple[int, int]]]:
    """The rows with what can be mended in names, blanks and times before anything is counted, the report on that, and how many names
    of each kind there were and are.
    """
    import polars

    table, spelt, names = respelt(_with_seconds(log))
    table, blanks = fill_blanks(table, log.blank)
    table, instants = mend_instants(table, any(one.kind == "mixed date formats" for one in log.mended))
    read = [Defect(one.kind, one.rows.len(), tuple(one.rows), one.cause, one.action) for one in log.mended]
    for one in log.mended:
        table = table.with_columns(polars.col("filled") | polars.col("row").is_in(one.rows.implode()))
    table = table.with_columns(reported_often(table))
    table = table.with_columns(near_copies(table))
    near = tuple(table.filter("near copy")["row"].to_list())
    alike = Defect(
        "near copies", len(near), near, "the same report once more, its times some seconds apart or its names spelt otherwise: saved by two programs",
        "the first is kept, the copies are set aside",
    )  # fmt: skip
    return table, [*read, spelt, *blanks, *instants, alike], names


def _with_seconds(log: EventLog) -> polars.DataFrame:
    """The rows with their seconds: end less start, but what really passed where the clock was changed in between."""
    import polars

    wall = (polars.col("end") - polars.col("start")).dt.total_seconds().cast(polars.Float64)
    if log.elapsed is None:
        return log.table.with_columns(wall.alias("seconds"))
    joined = log.table.join(log.elapsed, on=["row", "start", "end"], how="left", maintain_order="left")
    return joined.with_columns(polars.coalesce("seconds", wall).alias("seconds"))


_SET_ASIDE = (
    ("copy of another row", "is copy"),
    ("it ends before it starts", "negative"),
    ("its date lies far from all others", "far"),
    ("near copy of another row", "near copy"),
    ("its start and its end are dates of no day", "nowhen"),
)


def _without_quiet(used: polars.DataFrame, quiet: Quiet) -> tuple[polars.DataFrame, list[Defect]]:
    """The rows with the seconds that lie outside quiet hours, and the report on those that run through them."""
    import polars

    if not quiet.rests:
        return used.with_columns(polars.lit(False).alias("through")), []
    awake = seconds_awake(quiet, used["start"], used["end"])
    through = (used["end"] - used["start"]).dt.total_seconds() > awake
    # Where nothing rests, what really passed stays: the clock may have been changed in between.
    used = used.with_columns(
        polars.select(polars.when(through).then(awake).otherwise(used["seconds"]).alias("seconds")).to_series(),
        through.alias("through"),
    )
    rows = _rows(used, "through")
    cause = f"they run through hours in which nothing ever begins or ends: {quiet.said}; work rests then"
    action = "kept; only the other hours count as work (say --unattended if machines run on)"
    return used, [Defect("runs through quiet hours", len(rows), rows, cause, action)]


def _unread(log: EventLog) -> list[Defect]:
    rows = tuple(sorted({cell.row for cell in log.unread}))
    shown = ", ".join(repr(cell.reason) for cell in log.unread[:3])
    return [
        Defect("unreadable numbers", len(rows), rows, f"no number where one belongs, such as {shown}",
               "kept, as if that number were not stated"),
    ]  # fmt: skip


def _minute(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else ""


def _marks(table: polars.DataFrame, checked: bool) -> dict[str, polars.Series]:
    """One column of yes and no for each defect of a single row; `checked` is whether durations are stated beside starts and ends."""
    import polars

    seconds, span = table["seconds"], table["span"]
    negative, far = seconds < 0, _far(table)
    copy = table["copy of"].is_not_null() | table["near copy"]
    stated_nothing = (span == 0).fill_null(False) & (seconds > 0)
    often = table.filter(stated_nothing)["seconds"].value_counts().filter(polars.col("count") >= _OFTEN)["seconds"]
    imputed = stated_nothing & seconds.is_in(often.implode())
    if not checked:
        # Nothing contradicts such ends; but that work begins at midnight and takes as long each time is no chance.
        midnight = (table["start"].dt.time() == time()) & (seconds > 0)
        often = table.filter(midnight)["seconds"].value_counts().filter(polars.col("count") >= _OFTEN)["seconds"]
        imputed = imputed | (midnight & seconds.is_in(often.implode()))
    contradicts = (span.is_not_null() & ((span - seconds).abs() >= 60.0)).fill_null(False) & ~imputed & (seconds >= 0)
    dated = each(table["span text"], is_spreadsheet_date, polars.Boolean).fill_null(False)
    variant, variant_station = (each(table[what], _is_variant, polars.Boolean) for what in ("activity", "station"))
    return {
        "is copy": table["copy of"].is_not_null().alias("is copy"),
        "negative": (negative & ~far & ~copy).alias("negative"),
        "far": (far & ~copy).alias("far"),
        "zero": (seconds == 0).alias("zero"),
        "imputed": imputed.alias("imputed"),
        "contradicts": (contradicts & ~dated).alias("contradicts"),
        "dated": dated.alias("dated"),
        "dated contradicts": (contradicts & dated).alias("dated contradicts"),
        "variant": (variant | variant_station).alias("variant"),
    }


def _is_variant(name: str) -> bool:
    return name != tidy(name)


def _far(table: polars.DataFrame) -> polars.Series:
    """Rows whose start or end lies so far from the bulk of the log that its date must be typed wrong."""

    starts, ends = table["start"].dt.epoch("s"), table["end"].dt.epoch("s")
    low, high = (float(starts.quantile(share, "nearest") or 0.0) for share in (0.25, 0.75))
    most = max(_FAR * (high - low), _FAR_DAYS * DAY)
    far = (starts < low - most) | (starts > high + most) | (ends < low - most) | (ends > high + most)
    far = far & ~table["nowhen"]
    few = int(far.sum() or 0) <= max(1.0, _FAR_SHARE * table.height)
    return far & few


def _rows(table: polars.DataFrame, condition: polars.Expr | str) -> tuple[int, ...]:
    import polars

    expression = polars.col(condition) if isinstance(condition, str) else condition
    return tuple(table.filter(expression)["row"].to_list())


def _time_defects(table: polars.DataFrame) -> list[Defect]:
    import polars

    def defect(kind: str, condition: polars.Expr | str, cause: str, action: str) -> Defect:
        rows = _rows(table, condition)
        return Defect(kind, len(rows), rows, cause, action)

    values = sorted({f"{value / 60:g}" for value in table.filter("imputed")["seconds"].unique()}, key=float)
    midnight = polars.col("start").dt.time() == polars.time(0, 0)
    long = (polars.col("seconds") > DAY) & ~polars.col("far")
    dated = _rows(table, "dated")
    agree = (
        "; its time agrees with its start and end"
        if not len(_rows(table, "dated contradicts"))
        else "; it contradicts start and end too"
    )
    return [
        defect("imputed ends", "imputed",
               f"its end is always {' or '.join(values)} min after its start, though the record states a duration of nothing or starts at 00:00: the end is made up",
               "kept for its place in the route; its time is the median of the measured reports of the same operation"),
        defect("contradicting spans", "contradicts", "the stated duration is not end less start: typed by hand, or swapped with a neighbour",
               "kept; start and end are believed, which place it in the order's route"),
        Defect("spreadsheet dates", len(dated), dated, f"a duration that a spreadsheet turned into a date of 1899{agree}",
               "kept; start and end are believed"),
        defect("surplus copies", "is copy", "the same report in every cell: saved twice", "the first is kept, the copies are set aside"),
        defect("zero durations", polars.col("zero") & ~polars.col("noend") & ~polars.col("nowhen"), "start and end are the same: only a moment was noted",
               "kept for its place in the route; its time is the median of the measured reports of the same operation"),
        defect("negative durations", "negative", "it ends before it starts", "set aside"),
        defect("dates far away", "far", "its start or end lies months or years from all others: a date typed wrong", "set aside"),
        defect("longer than a day", long, "a report over more than 24 hours: somebody forgot to end it, or work paused",
               "kept; all of it counts as work, but for hours in which nothing ever begins or ends"),
        defect("starts at midnight", midnight, "it starts at 00:00 to the minute: often only the date was known",
               "kept; not used to find the hours of work where its end is made up"),
    ]  # fmt: skip


def _name_defects(table: polars.DataFrame) -> list[Defect]:
    import polars

    variant = _rows(table, "variant")
    examples = list(dict.fromkeys(
        name for pair in table.filter("variant").select("activity", "station").unique(maintain_order=True).rows() for name in pair if _is_variant(name)
    ))  # fmt: skip
    named, at = (each(table[what], machine_number, polars.String) for what in ("activity", "station"))
    differ = table.filter((named != at).fill_null(False))
    merged = [each(table[what], is_lumped, polars.Boolean) for what in ("activity", "station", "worker", "product")]
    lumped = table.filter(polars.any_horizontal(one.fill_null(False) for one in merged))
    return [
        Defect("irregular names", len(variant), variant, "blanks too many or too few, such as " + ", ".join(map(repr, examples[:3])),
               "repaired: blanks made regular, so that one thing has one name"),
        Defect("machine in the activity is not the station", differ.height, tuple(differ["row"].to_list()),
               "the routing names one machine, another did it", "kept; the station is believed"),
        Defect("merged names", lumped.height, tuple(lumped["row"].to_list()), "names such as 'other' stand for several: rare values were merged",
               "kept as one thing of that name; what they were is gone"),
    ]  # fmt: skip


def _rework(table: polars.DataFrame) -> list[Defect]:
    import polars

    flagged = polars.col("rework").fill_null(False)
    named = each(table["activity"], is_rework, polars.Boolean).alias("named")
    table = table.with_columns(named)
    if table["rework"].null_count() == table.height:
        return []
    unflagged, unnamed = _rows(table, polars.col("named") & ~flagged), _rows(table, flagged & ~polars.col("named"))
    return [
        Defect("rework by name, not marked", len(unflagged), unflagged,
               f"{int(named.sum())} rows are rework by their name, {table.filter(flagged).height} are marked as rework: the mark is not reliable",
               "kept; both count as rework"),
        Defect("rework by mark, not by name", len(unnamed), unnamed, "marked as rework in an activity of another name", "kept; both count as rework"),
    ]  # fmt: skip


def _repaired(used: polars.DataFrame) -> polars.DataFrame:
    """The rows with regular names and with what was done told from the machine that did it."""
    import polars

    station, activity = (each(used[what], tidy, polars.String) for what in ("station", "activity"))
    operation = each(activity, operation_name, polars.String)
    own = _own_operations(station, operation)
    named = polars.select(polars.when(operation != "").then(operation).otherwise(own)).to_series()
    rework = each(activity, is_rework, polars.Boolean)
    return used.with_columns(
        station.alias("station"),
        activity.alias("activity"),
        named.alias("operation"),
        (rework | used["rework"].fill_null(False)).alias("rework"),
        (~(used["imputed"] | used["zero"])).alias("timed"),
    ).sort("start", "end", "row")


def _own_operations(stations: polars.Series, operations: polars.Series) -> polars.Series:
    """The operation that each station does most often, or its own name where none is said there."""
    import polars

    pairs = polars.DataFrame([stations.alias("at"), operations.alias("does")]).filter(polars.col("does") != "")
    counts = pairs.group_by("at", "does", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    most = dict(counts.unique("at", keep="first").select("at", "does").iter_rows())
    return each(stations, lambda station: most.get(station, station), polars.String)
