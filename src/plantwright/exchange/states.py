"""Machine states (running, idle, down) as reports of work, setups and breakdowns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.events import ColumnChoice, SetAside
from plantwright.exchange.reading import Reading, Shaped, shown
from plantwright.exchange.times import read_times

if TYPE_CHECKING:
    import polars

_WORDS = {
    "work": "run running active execute executing producing production working busy processing auto automatic completing unholding "
            "produktion läuft betrieb",
    "setup": "setup set-up changeover setting rüsten umrüsten einrichten",
    "breakdown": "down breakdown fault faulted alarm error failure failed unplanned_stop interrupted aborted aborting störung defekt",
    "idle": "idle ready standby waiting starved blocked stopped stop off offline held hold feed_hold suspended paused break planned_stop "
            "program_stopped program_completed optional_stop wait unavailable maintenance starting stopping resetting clearing complete "
            "leerlauf stillstand pause wartung aus",
}  # fmt: skip
_PHRASES = {
    "in production": "work",
    "set up": "setup",
    "in betrieb": "work",
    "machine down": "breakdown",
    "planned stop": "idle",
}

STATES: dict[str, str] = {word: kind for kind, words in _WORDS.items() for word in words.split()} | _PHRASES
"""What machines, MTConnect (EXECUTION) and PackML call their states, and what each is: work, setup, breakdown, or idle."""


def of_states(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> Shaped:
    """Reports of the states of machines: each lasts until its own end, or until the next state of that machine.

    States in which work is done, set up or broken down are kept; idle ones end the state before them. An order that is not said while a
    machine is down is the one before, while it is set up the one after.
    """
    import polars as pl

    states = with_ends(frame, chosen, reading)
    machine, case, activity = (chosen[role].column for role in ("resource", "case", "activity"))
    order = (
        pl.when(pl.col("kind") == "setup").then(pl.col(case).backward_fill().over(machine))
        .when(pl.col("kind") == "breakdown").then(pl.col(case).forward_fill().over(machine)).otherwise(pl.col(case))
    )  # fmt: skip
    states = states.with_columns(order.alias(case))
    aside = [
        SetAside(row, "had not ended when the log ended")
        for row in states.filter(pl.col("end").is_null() & (pl.col("kind") != "idle"))["row"]
    ]
    stops = stops_of(states.filter(pl.col("kind") == "breakdown"), machine, chosen["state"].column)
    ended = states.filter((pl.col("kind") != "idle") & pl.col("end").is_not_null())
    nobodys = ended.filter(pl.col(case).is_null())
    down = nobodys.filter(pl.col("kind") == "breakdown").height
    aside += [SetAside(row, "no order") for row in nobodys.filter(pl.col("kind") != "breakdown")["row"]]
    if down:
        reading.notes["stops"] = (
            f"{down:,} while no order was at the machine; they are stops of the machine, not of an order"
        )
    kept = ended.filter(pl.col(case).is_not_null())
    merged = (
        kept.sort(machine, "start", "row")
        .with_columns(_new_run([machine, case, activity, "kind"]).cum_sum().alias("run"))
        .group_by("run", maintain_order=True)
        .agg(pl.col("end").last().alias("last"), pl.exclude("last", "run").first())
        .with_columns(pl.col("last").alias("end"), pl.lit(None, pl.Float64).alias("span"))
        .sort("row")
    )
    unread = frame.height - states.height
    joined = frame.height - merged.height - len(aside) - unread
    seen = set(states["row"].to_list()) if unread else set()
    aside += [
        SetAside(row, "no machine, no state or no time") for row in frame["row"].to_list() if unread and row not in seen
    ]
    return Shaped(merged, aside, joined, "machine states", stops)


def with_ends(frame: polars.DataFrame, chosen: Mapping[str, ColumnChoice], reading: Reading) -> polars.DataFrame:
    """The rows with a machine, a state and a time, sorted by machine and time, with ``start``, ``end`` and ``kind``."""
    import polars as pl

    names = [chosen[role].column for role in ("timestamp", "start", "end") if role in chosen]
    times = read_times([frame[name].rename(shown(name)) for name in names], reading)
    reading.notes["times"] = f"{times[0].written} ({times[0].evidence})"
    machine, state = chosen["resource"].column, chosen["state"].column
    frame = frame.with_columns(times[0].values.alias("start"), times[-1].values.alias("end"))
    frame = frame.filter(pl.col(name).is_not_null() for name in ("start", machine, state)).sort(machine, "start", "row")
    if len(times) == 1:
        frame = frame.with_columns(pl.col("start").shift(-1).over(machine).alias("end"))
    words = frame[state].cast(pl.String)
    known = {word: (STATES | dict(reading.states)).get(word.strip().lower()) for word in words.unique().to_list()}
    strange = {word: int((words == word).sum()) for word, kind in known.items() if kind is None}
    if strange:
        reading.warnings.append(
            "states that are not known are taken for idle: " + ", ".join(f"{word} ({number:,})" for word, number in strange.items())
            + "; a mapping file says what they are"
        )  # fmt: skip
    kinds = words.replace_strict({word: kind or "idle" for word, kind in known.items()}, return_dtype=pl.String)
    reading.notes["states"] = ", ".join(f"{word} read as {kind or 'idle'}" for word, kind in sorted(known.items()))
    return frame.with_columns(kinds.alias("kind"))


def stops_of(rows: polars.DataFrame, machine: str, reason: str | None) -> polars.DataFrame:
    """The table of stops: ``row``, ``station``, ``start``, ``end``, ``reason``."""
    import polars as pl

    why = pl.col(reason).cast(pl.String) if reason else pl.lit(None, pl.String)
    return rows.filter(pl.col("end") > pl.col("start")).select(
        "row", pl.col(machine).cast(pl.String).alias("station"), "start", "end", why.alias("reason")
    )


def _new_run(columns: list[str]) -> polars.Expr:
    """Whether a row begins a new run: of another machine, order, activity or kind than the row before, or not where that ended."""
    import polars as pl

    changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in columns]
    return pl.any_horizontal(*changed, pl.col("start").ne_missing(pl.col("end").shift(1)))
