"""The history of one run: every lot, start, end, state and person, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.codes import LOG_DETAILS, LOG_WORDS, STATES
from plantwright.simulation.layout import RECORDS
from plantwright.simulation.recording import Settled
from plantwright.simulation.replications import Cancel, one
from plantwright.simulation.spans import horizon_of, seconds_of
from plantwright.simulation.timeline import local_start

if TYPE_CHECKING:
    import polars

_LOTS = (codes.LOG_SPLIT, codes.LOG_MERGED, codes.LOG_JOINED)
"""Kinds whose detail is the number of another lot."""


class Event(NamedTuple):
    """One row of a history; None where a column has no meaning.

    ``time`` is in seconds from the start of the run. ``detail`` depends on what happened: the state that a machine came into, the
    crew or tool that was seized or let go, the operation that a lot goes back to. ``amount``: pieces of the lot, or people or tools.
    """

    time: float
    what: str
    lot: int | None
    product: str | None
    operation: str | None
    work_center: str | None
    machine: str | None
    detail: str | None
    amount: float | None


COLUMNS = Event._fields


class Reader:
    """Gives the rows that an engine wrote their names.

    Parameters
    ----------
    names : mapping
        The names of the rows of each concept, as `Blueprint.names` holds them.
    start : datetime
        The local date and time at which the run begins.
    """

    def __init__(self, names: Mapping[str, list[str]], start: datetime) -> None:
        self._start = start
        self._names = {
            concept: np.array([*listed, None], object)
            for concept, listed in {**names, "state": [*STATES, "not there"]}.items()
        }
        self._words = np.array(LOG_WORDS, object)

    def columns(self, rows: Any) -> dict[str, Any]:
        """The columns of `Event` for rows of the concept ``log``, as arrays."""
        kind = rows["kind"]
        return {
            "time": rows["time"].tolist(),
            "what": self._words[kind],
            "lot": np.array([int(lot) if lot >= 0 else None for lot in rows["lot"]], object),
            **{name: self._names[name][rows[name]] for name in ("product", "operation")},
            "work_center": self._names["center"][rows["center"]],
            "machine": self._names["machine"][rows["machine"]],
            "detail": self._details(kind, rows["detail"]),
            "amount": np.where(kind == codes.LOG_STATE, None, rows["amount"].astype(object)),
        }

    def _details(self, kind: Any, detail: Any) -> Any:
        found = np.full(len(kind), None, object)
        for one_kind, concept in LOG_DETAILS.items():
            chosen = kind == one_kind
            found[chosen] = self._names[concept][detail[chosen]]
        chosen = np.isin(kind, _LOTS)
        found[chosen] = detail[chosen].astype(str)
        return found

    def frame(self, rows: Any) -> polars.DataFrame:
        """The rows as a Polars frame: the columns of `Event`, and the local date and time as the second."""
        import polars as pl

        zone = str(self._start.tzinfo)
        text = dict.fromkeys(("what", "product", "operation", "work_center", "machine", "detail"), pl.String)
        frame = pl.DataFrame(
            {name: list(column) for name, column in self.columns(rows).items()},
            schema={name: text.get(name, pl.Int64 if name == "lot" else pl.Float64) for name in COLUMNS},
        )
        begin = pl.lit(self._start.astimezone(UTC)).cast(pl.Datetime("us", "UTC"))
        passed = pl.duration(microseconds=(pl.col("time") * 1e6).round().cast(pl.Int64))
        stamped = frame.with_columns((begin + passed).dt.convert_time_zone(zone).alias("timestamp"))
        return stamped.select("time", "timestamp", *COLUMNS[1:])


class LogTo(Protocol):
    """What takes the log of a run: frames of its rows, and the word that it is complete."""

    def write(self, rows: polars.DataFrame, /) -> None: ...

    def complete(self) -> None: ...


class Recorder(Settled):
    """The sink that hands what an engine writes on to a log."""

    def __init__(self, log: LogTo, blueprint: Blueprint) -> None:
        reader = Reader(blueprint.names, local_start(blueprint.plant))
        super().__init__(lambda rows: log.write(reader.frame(rows)))
        self._log = log

    def close(self) -> None:
        """Hand on what is held back, and tell that the log is complete."""
        super().close()
        self._log.complete()


@dataclass(frozen=True)
class History:
    """What happened in one replication of a run, from its first second on, the warm-up included.

    Iterating over it gives an `Event` for each row; what happened at one instant stands in the order in which it happened.
    """

    plant: str
    seed: int
    replication: int
    end: float
    start: datetime
    rows: Any
    names: Mapping[str, list[str]]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Event]:
        return map(Event._make, zip(*Reader(self.names, self.start).columns(self.rows).values(), strict=True))

    def table(self) -> polars.DataFrame:
        """The rows as a Polars frame: the columns of `Event`, and the local date and time as the second."""
        return Reader(self.names, self.start).frame(self.rows)


def history(
    plant: Plant,
    *,
    horizon: str | float = "auto",
    warmup: str | float = 0.0,
    seed: int = 1,
    replication: int = 1,
    saturated: bool = False,
    lots: int | None = None,
    cancel: Cancel | None = None,
) -> History:
    """Everything that happens in one replication of a simulation: the same luck as `simulate` has with that seed.

    Parameters
    ----------
    plant : Plant
    horizon, warmup : str or float
        As `simulate` takes them, but there is no ``"auto"`` warm-up; the history begins with the warm-up.
    seed : int
    replication : int
        From 1 on.
    saturated, lots
        As `simulate` takes them; with `saturated`, `lots` is needed.
    cancel : Cancel, optional
        Stops the run; the history ends there.

    Returns
    -------
    History
    """
    start = seconds_of(warmup)
    end = start + horizon_of(plant, horizon)
    blueprint = Blueprint(plant, end, start, 0.0, saturated, lots).in_replication(seed, replication - 1)
    pieces: list[Any] = [np.zeros(0, RECORDS["log"])]
    sink = Settled(pieces.append)
    one(blueprint, seed, replication - 1, cancel or Cancel(), sink)
    sink.close()
    return History(plant.name, seed, replication, end, local_start(plant), np.concatenate(pieces), blueprint.last.names)


class Telling:
    """One replication whose log is told as it is played, piece by piece, so that it takes little memory however long it is.

    Parameters
    ----------
    plant : Plant
    horizon : str or float
        As `simulate` takes it; what is told begins with the first second.
    seed : int
    replication : int
        From 1 on.

    Attributes
    ----------
    start : datetime
        The local date and time at which it begins.
    end : float
        Seconds from then until it ends.
    machines : mapping of str to str
        The name of every machine that it has at some time, and of its work center.
    """

    def __init__(self, plant: Plant, *, horizon: str | float = "auto", seed: int = 1, replication: int = 1) -> None:
        self.plant, self.seed, self.replication = plant, seed, replication
        self.start = local_start(plant)
        self.end = horizon_of(plant, horizon)
        blueprint = Blueprint(plant, self.end, 0.0, 0.0, False).in_replication(seed, replication - 1)
        names, rows = blueprint.last.names, blueprint.last.template.records["machine"]["center"]
        self.machines: Mapping[str, str] = {
            name: names["center"][center]
            for name, center in zip(names["machine"], rows.tolist(), strict=False)
            if 0 <= center < len(names["center"]) and plant.work_centers.get(names["center"][center]) is not None
        }
        self._blueprint = blueprint

    def play(self, log: LogTo, cancel: Cancel | None = None) -> None:
        """Play it into a log. `log` may take its time: nothing is played ahead of what it has not taken but the next rows."""
        one(self._blueprint, self.seed, self.replication - 1, cancel or Cancel(), Recorder(log, self._blueprint.last))
