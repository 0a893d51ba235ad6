"""From an event log to a plant, with the log's quality and how well the plant reproduces it."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.calibration.arrivals import find_arrivals
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import ORDERS, Draft, Found
from plantwright.calibration.finding import find, find_history
from plantwright.calibration.left_out import with_outliers
from plantwright.calibration.matching import NOT_REPRODUCED, Fit, Match, Progress, match
from plantwright.calibration.measured import TIMES, renamed, times_name
from plantwright.calibration.policy import find_policy
from plantwright.calibration.quality import Quality
from plantwright.calibration.recent import MOST_HELD_OUT, MOST_REPORTS, Recent, most_recent
from plantwright.calibration.skills import Purpose, check_purpose
from plantwright.calibration.stops import find_stops
from plantwright.events import EventLog
from plantwright.plant import Plant, build_plant, mapping_text
from plantwright.plant.content import content_of

if TYPE_CHECKING:
    import altair
    import polars

    from plantwright.calibration.holdout.scores import HoldOut
    from plantwright.simulation import Cancel

POSTERIOR = "posterior.csv"
POSTERIOR_ROWS = 200


@dataclass(frozen=True)
class Calibration:
    """A plant made of an event log.

    ``found`` is all that was found in the log; ``draft`` the plant file's words; ``fit`` how well the plant reproduces the log.
    ``hold_out`` is how well plants made of its first parts predict the rest, if that was asked for, and
    ``posterior`` the table of ways in which the numbers that were found may be (`believing.posterior_text`). ``recent`` is which part of a
    large log the plant is made of.
    """

    plant: Plant
    quality: Quality
    found: Found
    draft: Draft
    fit: Fit
    hold_out: HoldOut | None = None
    posterior: str = ""
    recent: Recent | None = None

    def text(self, orders: str = ORDERS, times: str = TIMES, posterior: str = POSTERIOR) -> str:
        """The plant file; `orders` is what the list of releases beside it is called, `times` the file of measured times and
        `posterior` the table of what is believed of times, if there are any.
        """
        quality = self.quality
        opening = [
            f"# Made from the event log {quality.name}: {quality.rows_read:,} rows, {quality.orders} orders, {quality.first} to {quality.last}.",
            *([f"# Of these, {self.recent.words}."] if self.recent is not None else []),
            *(f"# WARNING: {warning}" for warning in quality.warnings),
            f"# {'It reproduces the totals of the log' if self.fit.reproduces else NOT_REPRODUCED}:",
            *(f"#   {total.name}: {total.simulated} simulated, {total.log} in the log" for total in self.fit.totals()),
            *(f"#   {reason}" for reason in self.fit.why),
            f"# {100 * self.fit.waiting:.0f} % of the waiting was added, as machines, hours and people do not make it: it was fitted, not found.",
            f"# Times are local, as the log has them. No {'' if self.found.history.dues else 'due dates, '}prices or costs were in the log.",
        ]
        words = self.draft.words
        coming = find_arrivals(self.found.history, self.found.weeks).words
        released = find_policy(self.found.history).words
        comments = {"products": f"orders come: {coming}\n{released}"} | self.draft.comments
        if orders != ORDERS:
            products = {
                name: own | {"release": {"orders": orders}} for name, own in self.draft.words["products"].items()
            }
            words = words | {"products": products}
        if times != TIMES:
            words = renamed(words, times)
        if self.posterior:
            words = words | {"posterior": posterior}
            comments = comments | {
                "posterior": "how little the log knows of its numbers: each replication draws other ones"
            }
        if self.hold_out is not None:
            names = {ORDERS: orders, TIMES: times}
            files = {names[name]: text for name, text in self.draft.files.items()} | {posterior: self.posterior}
            of = content_of(build_plant(words, name="plant.yaml", files=files))
            words = words | {"hold-out": self.hold_out.words() | {"of": of}}
            comments = comments | {
                "hold-out": f"{self.hold_out.verdict()}\nIt is of the plant as it stands here: run calibrate --hold-out again after changes."
            }
        return "\n".join(opening) + "\n" + mapping_text(words, comments)

    def to_dict(self) -> dict[str, Any]:
        """The calibration as JSON shows it."""
        from plantwright.calibration.show import found_dict

        return {
            "schema": "plantwright.calibration/1",
            "quality": self.quality.to_dict(),
            "recent": None if self.recent is None else self.recent.to_dict(),
            "fit": self.fit.to_dict(),
            **found_dict(self.found),
            "hold-out": None if self.hold_out is None else self.hold_out.to_dict(),
        }

    def table(self, name: str) -> polars.DataFrame:
        """One of the tables, as a Polars frame.

        They are those that JSON has too (docs/reference/json.md), such as ``parameters`` (every number found, with the interval in which the true one
        lies with 95 %), ``operation times``, ``waiting``, ``skills`` or ``machines``, with ``routings``, ``orders``, and ``hold-out`` if a part was held out; KeyError
        for another name, which names all.
        """
        if name == "hold-out" and self.hold_out is not None:
            import polars

            return polars.DataFrame(self.hold_out.rows())
        from plantwright.calibration.show import found_table

        return found_table(self.found, name)

    def chart(self, name: str) -> altair.ConcatChart:
        """One of the pictures, as an Altair chart.

        ``operation times``, ``setup times`` and ``breakdowns`` show the measured and the fitted cumulative shares of each; ``hours`` when
        each work center works, and the hours taken for open. KeyError for another name, ValueError where the log has none.
        """
        from plantwright.calibration.charts import found_chart

        return found_chart(self.found, name)

    def __str__(self) -> str:
        from plantwright.calibration.show import calibration_text

        return calibration_text(self)


def inspect_log(log: EventLog, *, unattended: bool = False) -> Quality:
    """The quality of an event log; `unattended` as in `calibrate`. Times far beyond all others are looked for in the part of a large log that a
    plant would be made of. Raises LogError for one too damaged to use."""
    cleaned = clean(log, unattended, MOST_REPORTS)
    seen = find_history(cleaned)
    repairs = find_stops(seen.table, seen.history, seen.centers, seen.places, cleaned.quiet).values()
    return with_outliers(cleaned, (*seen.outliers, *(one.outliers for one in repairs if one.outliers is not None)))


def calibrate(
    log: EventLog,
    *,
    name: str | None = None,
    names: bool = False,
    purpose: Purpose | None = None,
    unattended: bool = False,
    hold_out: float | None = None,
    posterior: int = POSTERIOR_ROWS,
    most_reports: int = MOST_REPORTS,
    replications: int = 20,
    seed: int = 1,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Calibration:
    """Make a plant of an event log, and hold it against the log.

    Parameters
    ----------
    log : EventLog
        As `plantwright.exchange.read_log` gives it.
    name : str, optional
        What the plant is called; the log's name if not given.
    names : bool
        Whether people keep their names; else they are ``person 01`` and so on.
    purpose : Purpose, optional
        What pace and scrap of people are wanted for by name; it is written beside them. With `names` and without it, neither is said.
    unattended : bool
        Whether machines run on in hours in which no report ever begins or ends; else work rests then.
    hold_out : float, optional
        The share of the log that is held out in each window (`plantwright.calibration.holdout.holding.hold_out`); none if not given.
    posterior : int
        How many ways in which its times, yields, shares and failures may be are kept beside the plant, to draw from; none if 0.
    most_reports : int
        Of a log with more reports, the plant is made of the orders that began last, with so many reports in all
        (`plantwright.calibration.recent.most_recent`); its quality is told of all.
    replications, seed, threads, executor, progress, cancel
        Of the comparison with the log, as `plantwright.simulation.simulate` takes them.

    Returns
    -------
    Calibration

    Raises
    ------
    LogError
        For a log too damaged to use, that spans less than a week, or of which too little could be held out.
    InputError
        For a purpose without `names`.
    Interrupted
        If it was stopped.
    """
    check_purpose(purpose, names)
    cleaned = clean(log, unattended, most_reports)
    found = find(cleaned, log.name, name, names, purpose)
    part = progress if hold_out is None else _first_part(progress)
    matched: Match = match(
        found, replications=replications, seed=seed, threads=threads, executor=executor, progress=part, cancel=cancel
    )
    held = None
    if hold_out is not None:
        from plantwright.calibration.holdout import holding

        options = holding.Options(unattended, replications, seed, threads, executor)
        tested, _ = most_recent(cleaned.table, MOST_HELD_OUT)
        kept = log if cleaned.recent is None and tested is cleaned.table else _rows_of(log, tested)
        held = holding.hold_out(kept, hold_out, options=options, progress=_last_part(progress), cancel=cancel)
    believed = ""
    if posterior:
        from plantwright.calibration.believing import posterior_text

        believed = posterior_text(found, matched.draft, posterior, seed)
    quality = with_outliers(cleaned, found.times.outliers)
    return Calibration(matched.plant, quality, found, matched.draft, matched.fit, held, believed, cleaned.recent)


def _rows_of(log: EventLog, table: polars.DataFrame) -> EventLog:
    """The log with the rows of a cleaned one only."""
    own = log.table.filter(log.table["row"].is_in(table["row"].implode()))
    return replace(log, table=own, rows_read=own.height, aside=(), joined=0, unread=())


def _first_part(progress: Progress | None) -> Progress | None:
    """Progress of the fit, where a hold-out follows: a quarter of all."""
    return progress and (lambda done, of: progress(round(100 * done / max(1, of)), 400))


def _last_part(progress: Progress | None) -> Progress | None:
    """Progress of the hold-out after the fit."""
    return progress and (lambda done, of: progress(100 + round(300 * done / max(1, of)), 400))


def save(calibration: Calibration, path: str | Path) -> tuple[Path, ...]:
    """Write the plant file and, beside it, its list of releases, named after it; the files written.

    Each file is written whole or not at all (OSError).
    """
    from plantwright.plant.writing import write_whole

    files = files_of(calibration, path)
    for place, text in files.items():
        write_whole(place, text)
    return tuple(files)


def orders_path(path: str | Path) -> Path:
    """Where the list of releases of a plant file stands."""
    target = Path(path)
    return target.with_name(f"{target.stem}-orders.csv")


def times_path(path: str | Path) -> Path:
    """Where the measured times that a plant file draws from stand, if there are any."""
    target = Path(path)
    return target.with_name(times_name(target.stem))


def posterior_path(path: str | Path) -> Path:
    """Where the table of what is believed of a plant's times stands, if there is one."""
    target = Path(path)
    return target.with_name(f"{target.stem}-posterior.csv")


def files_of(calibration: Calibration, path: str | Path) -> dict[Path, str]:
    """The files that `save` writes, and what is in them."""
    orders, times = orders_path(path), times_path(path)
    own = calibration.draft.files
    made = {orders: own[ORDERS]} | ({times: own[TIMES]} if TIMES in own else {})
    believed = posterior_path(path)
    made |= {believed: calibration.posterior} if calibration.posterior else {}
    return made | {Path(path): calibration.text(orders.name, times.name, believed.name)}
