"""The log of a run read as a shop's own records: what was worked on where, from when until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plantwright.events import COLUMNS, ColumnChoice, EventLog, SetAside, held_once
from plantwright.exchange.text import refuse

if TYPE_CHECKING:
    import polars

RUN_COLUMNS = ("time", "timestamp", "what", "lot", "product", "operation", "work_center", "machine", "detail", "amount")
"""The columns of a run's log, as `plantwright simulate --log` writes them."""


def is_run_log(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is the log of a run."""
    return tuple(columns) == RUN_COLUMNS


def records_of_run(rows: polars.DataFrame, name: str) -> EventLog:
    """The records of work in the log of a run: one for each lot on a machine, and one for each setup.

    Parameters
    ----------
    rows : polars.DataFrame
        The log, with `RUN_COLUMNS`, as it is in a file or as ``plantwright.simulation.history(...).table()`` gives it.
    name : str
        What the log is called.

    Returns
    -------
    EventLog
        Its times are the local ones of the plant. Work on a lot begins when its machine is set up and ends with the operation, with
        stops and pauses in between, as in a shop's own records; the pieces scrapped with its end are the rejected ones. What had
        not ended when the log ended, or began before it, is set aside.

    Raises
    ------
    LogError
        If no work ended in it.
    """
    import polars as pl

    stamp = pl.col("timestamp")
    if rows.schema["timestamp"] == pl.String:
        local = stamp.str.slice(0, 26).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us")
    else:
        local = stamp.dt.replace_time_zone(None)
    numbers = {"lot": pl.Int64, "amount": pl.Float64}
    frame = rows.with_columns(local.alias("timestamp"), *(pl.col(word).cast(kind) for word, kind in numbers.items()))
    found = _Records()
    for line, row in enumerate(frame.iter_rows(named=True), 2):
        found.see(line, row)
    if not found.work:
        raise refuse(name, "PW3003", "no work ended in this log of a run", 2)
    aside = [*found.aside, *(SetAside(job.line, "had not ended when the log ended") for job in found.jobs.values())]
    table = pl.DataFrame(sorted(found.rows(), key=lambda record: record["row"]), schema=_schema())
    table = held_once(table)
    mapping = tuple(ColumnChoice(what, column, "the log of a run") for what, column in _TAKEN.items())
    notes = {"times": "local times of the plant", "kind": "the log of a run"}
    set_aside = tuple(sorted(aside, key=lambda one: one.row))
    joined = rows.height - table.height - len(aside)
    return EventLog(name, table, mapping, rows.height, set_aside, joined, notes, shape="run")


_TAKEN = {
    "case": "lot", "activity": "operation", "resource": "machine", "worker": "detail", "product": "product", "timestamp": "timestamp",
    "quantity": "amount",
}  # fmt: skip


def _schema() -> dict[str, Any]:
    import polars as pl

    kinds: dict[str, Any] = dict.fromkeys(COLUMNS, pl.String)
    kinds |= dict.fromkeys(("row", "copy of"), pl.Int64) | dict.fromkeys(("start", "end"), pl.Datetime("us"))
    kinds |= dict.fromkeys(("span", "quantity", "rejected", "order quantity"), pl.Float64)
    return kinds | {"rework": pl.Boolean}


@dataclass
class _Job:
    """A lot on a machine, or at unlimited ones."""

    line: int
    lot: int
    row: Mapping[str, Any]
    start: Any
    worker: str | None = None


@dataclass
class _Records:
    """What was seen so far: lots that are being worked on, the state of machines, and what is done."""

    jobs: dict[int, _Job] = field(default_factory=dict)
    here: dict[str, int] = field(default_factory=dict)  # the lot that was started last on a machine
    setting: dict[str, tuple[int, Any]] = field(default_factory=dict)  # since when a machine is being set up
    workers: dict[str, str] = field(default_factory=dict)
    ordered: dict[int, float] = field(default_factory=dict)
    work: list[dict[str, Any]] = field(default_factory=list)
    setups: list[dict[str, Any]] = field(default_factory=list)
    last: dict[int, dict[str, Any]] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)

    def see(self, line: int, row: Mapping[str, Any]) -> None:
        """Take the next row of the log."""
        match row["what"]:
            case "released":
                self.ordered[row["lot"]] = row["amount"]
            case "started":
                self._start(line, row)
            case "people seized":
                self.workers[row["machine"]] = row["detail"]
            case "state":
                self._turn(line, row)
            case "ended":
                self._end(line, row)
            case "scrapped":
                done = self.last.get(row["lot"])
                if done is not None and done["end"] == row["timestamp"]:
                    done["rejected"] += row["amount"]
                    done["quantity"] -= row["amount"]

    def _start(self, line: int, row: Mapping[str, Any]) -> None:
        self.jobs[row["lot"]] = _Job(line, row["lot"], row, row["timestamp"])
        if row["machine"] is not None:
            self.here[row["machine"]] = row["lot"]

    def _turn(self, line: int, row: Mapping[str, Any]) -> None:
        machine = row["machine"]
        since = self.setting.pop(machine, None)
        job = self.jobs.get(self.here.get(machine, -1))
        if since is not None and job is not None:
            record = self._record(since[0], job, since[1], row["timestamp"])
            self.setups.append(record | {"type": "setup"})
            for other in self.jobs.values():
                if other.row["machine"] == machine:
                    other.start = row["timestamp"]
        if row["detail"] == "setup":
            self.setting[machine] = (line, row["timestamp"])

    def _end(self, line: int, row: Mapping[str, Any]) -> None:
        job = self.jobs.pop(row["lot"], None)
        if job is None:
            self.aside.append(SetAside(line, "began before the log began"))
            return
        record = self._record(line, job, job.start, row["timestamp"])
        record |= {"type": "work", "quantity": row["amount"], "rejected": 0.0}
        self.work.append(record)
        self.last[row["lot"]] = record

    def _record(self, line: int, job: _Job, start: Any, end: Any) -> dict[str, Any]:
        row = job.row
        return dict.fromkeys(COLUMNS) | {
            "row": line,
            "order": str(job.lot),
            "activity": row["operation"],
            "station": row["work_center"],
            "worker": self.workers.get(row["machine"]),
            "product": row["product"],
            "start": start,
            "end": end,
            "order quantity": self.ordered.get(job.lot),
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """All records."""
        yield from self.work
        yield from self.setups
