"""The commands on a shop's records: calibrate, inspect; calibrate takes a plant's totals in place of records, too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plantwright.cli.show import progress, show_json, tell_compiling
from plantwright.cli.study import cluster_options

if TYPE_CHECKING:
    from plantwright.actions.logs import LogMapping
    from plantwright.events import EventLog

LOG = click.argument("log", metavar="LOG")
_QUERY = click.option(
    "--query", metavar="SQL", help="The rows to read, where LOG is the URL of a database (sqlite:///mes.db)."
)
_MAP = click.option("--map", "pairs", multiple=True, metavar="WHAT=COLUMN",
                    help="Which column is what, as in --map case='Case ID', or a mapping file (map.yaml); may be given again.")  # fmt: skip
_ZONE = click.option(
    "--zone", metavar="ZONE", help="Where the plant stands, such as Europe/Berlin: its clock, and when it changes."
)
_DOWNTIME = click.option("--downtime", type=click.Path(path_type=Path), metavar="FILE",
                         help="An export of machine stops, which cut the work they interrupt.")  # fmt: skip
UNATTENDED = click.option("--unattended", is_flag=True,
                          help="Machines run on in hours in which no report begins or ends; else work rests then.")  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


class Share(click.ParamType[float]):
    """A share such as 20%."""

    name = "share"

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share of one that is written."""
        try:
            number = float(str(value).strip().removesuffix("%")) / (100 if "%" in str(value) else 1)
        except ValueError:
            number = float("nan")
        if not self.least <= number <= self.most:
            self.fail(f"{value!r} is not a share from {100 * self.least:g}% to {100 * self.most:g}%", param, ctx)
        return number


def _mapping(pairs: tuple[str, ...]) -> LogMapping | dict[str, str] | None:
    """What ``--map`` says: a mapping file, single columns, or both; a single column goes before the file's."""
    from plantwright import actions

    files = [pair for pair in pairs if "=" not in pair and pair.lower().endswith((".yaml", ".yml"))]
    columns = {}
    for pair in (pair for pair in pairs if pair not in files):
        what, separator, column = pair.partition("=")
        if not separator:
            raise click.BadParameter(
                f"{pair!r} is not WHAT=COLUMN, such as case='Case ID', nor a mapping file (.yaml)", param_hint="--map"
            )
        columns[what.strip()] = column.strip()
    if len(files) > 1:
        raise click.BadParameter("one mapping file only", param_hint="--map")
    return actions.read_log_mapping(files[0], columns) if files else columns or None


LONGEST_WINDOW = "last 90 d"
_WINDOW = click.option("--window", metavar="TIME",
                       help=f"Of a history of machines (a collector's file, or its folder): which time of it; '{LONGEST_WINDOW}' where none is named.")  # fmt: skip
_READING = (_MAP, _QUERY, _WINDOW, _ZONE, _DOWNTIME)
_READING_NAMES = ("pairs", "query", "window", "zone", "downtime")


def reading_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say how a log is read."""
    for option in reversed(_READING):
        command = option(command)
    return command


def read_records(log: str, options: dict[str, Any]) -> EventLog:
    """The records in a file, or those that a query of a database gives; what says how they are read is taken out of `options`."""
    from plantwright import actions

    pairs, query, window, *_ = given = [options.pop(name) for name in _READING_NAMES]
    how = dict(zip(_READING_NAMES[3:], given[3:], strict=True))
    if "://" not in log and actions.is_shop_floor(log):
        floor = actions.open_floor(log, os.environ)
        return actions.history_log(floor, floor.window(window or LONGEST_WINDOW))
    if window is not None:
        raise click.BadParameter("only the history of machines has a window; LOG is none", param_hint="--window")
    if "://" not in log:
        if query is not None:
            raise click.BadParameter(
                "a query needs the URL of a database as LOG, such as sqlite:///mes.db", param_hint="--query"
            )
        return actions.read_event_log(log, _mapping(pairs), **how)
    if query is None:
        raise click.UsageError("LOG is a database: say which rows with --query 'select ...'")
    return actions.query_event_log(log, query, _mapping(pairs), **how)


@click.command("inspect")
@LOG
@reading_options
@click.option(
    "--save-map",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write which column was taken for what, and why, as a mapping file (.yaml) to change and give to --map.",
)
@UNATTENDED
@JSON
def inspect_command(log: str, save_map: Path | None, unattended: bool, as_json: bool, **how: Any) -> int:
    """The quality of an event log: every kind of defect, how many rows have it, what is done about each.

    \b
    plantwright inspect LOG.csv
    plantwright inspect sqlite:///mes.db --query "select * from reports"
    """
    from plantwright import actions

    zone = how["zone"]
    records = read_records(log, how)
    if save_map is not None:
        actions.save_log_mapping(records, save_map, log, zone)
    quality = actions.inspect_event_log(records, unattended=unattended)
    if as_json:
        show_json(quality.to_dict())
    else:
        click.echo(str(quality))
        if save_map is not None:
            click.echo(
                f"\nWrote {save_map}. Change what is wrong in it, then: plantwright inspect {log} --map {save_map}"
            )
    return 0


@click.command("calibrate")
@click.argument("log", metavar="LOG|PLANT")
@click.option("-o", "output", type=click.Path(path_type=Path), required=True, help="The plant file to write (.yaml).")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="A page with the log's quality and each fit as a picture, or with each guess in its range (.html).",
)
@reading_options
@UNATTENDED
@click.option("--names", is_flag=True, help="Write the names of people; pseudonyms otherwise.")
@click.option(
    "--purpose",
    metavar="WORDS",
    help="With --names: what their pace and scrap are for, which is written beside; neither is said by name without.",
)
@click.option(
    "--hold-out",
    "hold_out",
    type=Share(0.05, 0.5),
    metavar="SHARE",
    help="Also fit on the first part, simulate the rest (such as 20%), and compare it with what happened.",
)
@click.option(
    "--posterior",
    default=200,
    show_default=True,
    type=click.IntRange(0, 5000),
    metavar="ROWS",
    help="Keep so many ways in which its numbers may be beside the plant, to draw from; 0 for none.",
)
@click.option(
    "--most-reports",
    default=200_000,
    show_default=True,
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Of a log with more reports, make the plant of the orders that began last, with so many reports.",
)
@click.option(
    "--replications",
    default=20,
    show_default=True,
    type=click.IntRange(2),
    help="Of the comparison with the log, or of each plant that is tried.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the random draws.")
@cluster_options
@JSON
def calibrate_command(log: str, output: Path, report: Path | None, as_json: bool, **options: Any) -> int:
    """Make a plant file of a shop's production records, and say how well it reproduces them.

    Without a log: of a plant file or workbook that states totals, move the numbers that are marked as guesses, within their ranges, until
    the totals match, and say which could not be told apart.

    \b
    plantwright calibrate LOG.csv -o shop.yaml --report fit.html
    plantwright calibrate LOG.csv -o shop.yaml --hold-out 20%
    plantwright calibrate LOG.csv -o shop.yaml --map case="Order" --map start="Began"
    plantwright calibrate shop.xlsx -o shop.yaml
    plantwright calibrate shop-floor.yaml -o shop.yaml --window "last 30 d"
    """
    from plantwright import actions
    from plantwright.actions.logs import check_calibration_outputs

    if actions.is_plant(log) and not actions.is_shop_floor(log):
        from plantwright.cli.totals import OPTIONS_OF_A_PLANT, calibrate_plant, refuse_options_of_logs

        refuse_options_of_logs(click.get_current_context(), log)
        return calibrate_plant(
            Path(log), output, report, as_json, **{name: options[name] for name in OPTIONS_OF_A_PLANT}
        )
    check_calibration_outputs(log, output, report)
    options["purpose"] = actions.stated_purpose(options["purpose"], names=options["names"])
    records = read_records(log, options)
    tell_compiling()
    with progress("Calibrating", as_json) as step:
        calibration = actions.calibrate_log(records, progress=step, **options)
    written = actions.save_calibration(calibration, output, report)
    if as_json:
        show_json(calibration.to_dict())
    else:
        click.echo(str(calibration))
        click.echo(f"\nWrote {', '.join(map(str, written))}. Next: plantwright improve {output}")
    return 0 if calibration.fit.reproduces else 1
