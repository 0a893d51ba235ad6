"""The commands on a shop's records: calibrate, inspect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plantwright.cli.show import progress, show_json, tell_compiling

if TYPE_CHECKING:
    from plantwright.actions.logs import LogMapping
    from plantwright.events import EventLog

_LOG = click.argument("log", metavar="LOG")
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
_UNATTENDED = click.option("--unattended", is_flag=True,
                          help="Machines run on in hours in which no report begins or ends; else work rests then.")  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


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
