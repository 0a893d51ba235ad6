"""The commands on a history: what it holds, export, sealing, mending."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from plantwright.cli.show import show_json
from plantwright.shopfloor.history.places import without_password

HISTORY = click.argument("history", metavar="HISTORY")


@click.group("history")
def history_command() -> None:
    """What machines have said: look at it, take some of it out, keep it in order.

    \b
    plantwright history info history
    plantwright history export history --tags 'mill 1/*' --from 2026-03-02 --to 2026-03-03 -o mill.csv
    """


@history_command.command("info")
@HISTORY
@click.option("--tags", "show_tags", is_flag=True, help="List its tags.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def info_command(history: str, show_tags: bool, as_json: bool) -> int:
    """What a history holds: tags, readings, days, bytes, gaps. HISTORY is a folder, or the URL of a database."""
    from plantwright import actions

    told = actions.describe_history(history)
    tags = actions.history_tags(history) if show_tags else []
    if as_json:
        show_json(
            {
                "schema": "plantwright.history/1",
                "history": history,
                **told,
                **({"tags listed": tags} if show_tags else {}),
            }
        )
        return 0
    click.echo(_summary(without_password(history), told))
    for tag in tags:
        click.echo("  " + "  ".join(part for part in (tag["name"], tag["kind"], tag["type"], tag["unit"]) if part))
    return 0


@history_command.command("export")
@HISTORY
@click.option(
    "--tags",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    help="Tags by name or type, such as 'mill 1/*'; may be given again; all without.",
)
@click.option(
    "--from",
    "start",
    metavar="TIME",
    help="Such as 2026-03-02, 2026-03-02T06:00 (in --zone), or with its offset: 2026-03-02T06:00Z.",
)
@click.option("--to", "end", metavar="TIME", help="Up to there, itself left out.")
@click.option(
    "--zone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="Of times without an offset, such as Europe/Berlin.",
)
@click.option("--minutes", is_flag=True, help="Samples by minute: count, least, most, mean, first, last.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), required=True, help="The file to write (.csv, .parquet, .xlsx)."
)
@click.option("--json", "as_json", is_flag=True, help="What was written as one JSON document.")
def export_command(
    history: str, patterns: Sequence[str], start: str | None, end: str | None, zone: str, minutes: bool, output: Path, as_json: bool
) -> int:  # fmt: skip
    """Write readings into a file that other programs read. Times in it are UTC."""
    from plantwright import actions

    written = actions.export_history(history, output, patterns, start, end, zone=zone, minutes=minutes)
    if as_json:
        show_json(
            {
                "schema": "plantwright.history-export/1",
                "history": without_password(history),
                "path": str(output),
                **written,
            }
        )
    else:
        click.echo(f"Wrote {written['rows']:,} rows of {written['tags']:,} tags to {output}.")
    return 0


@history_command.command("seal")
@HISTORY
@click.option(
    "--follow",
    is_flag=True,
    help="Go on until standard input ends or Ctrl-C; 'plantwright collect' starts this by itself.",
)
def seal_command(history: str, follow: bool) -> int:
    """Bring what was written into Parquet, merge small parts, and let go of what is kept no longer.

    Another process may write the history meanwhile, and others read it.
    """
    from plantwright import actions

    if not follow:
        done = actions.seal_history(history)
        click.echo("Sealed." if done else "There was nothing to seal.")
        return 0
    ended = _until_input_ends()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: ended.set())
    actions.seal_history(history, follow=ended, say=lambda text: click.echo(text, err=True))
    return 0


@history_command.command("mend")
@HISTORY
@click.option("--json", "as_json", is_flag=True, help="What was mended as one JSON document.")
def mend_command(history: str, as_json: bool) -> int:
    """Keep what is whole of a damaged history, and put the damaged files aside. Exit code 1: something could not be read."""
    from plantwright import actions

    found = actions.mend_history(history)
    if as_json:
        show_json({"schema": "plantwright.history-mend/1", "history": without_password(history), "mended": found})
    elif not found:
        click.echo("Nothing is damaged.")
    for one in [] if as_json else found:
        click.echo(
            f"{one['aside']} was put aside: {one['readings']:,} readings are kept, {one['lost']:,} {one['unit']} could not be read."
        )
    return int(bool(found))


def _until_input_ends() -> threading.Event:
    from plantwright.shopfloor.history.sealer_process import until_input_ends

    return until_input_ends() if not sys.stdin.isatty() else threading.Event()


def _summary(history: str, told: dict[str, Any]) -> str:
    rows, size = told["rows"], told["bytes"]
    lines = [
        f"{history}: {told['tags']:,} tags, {rows['samples'] + rows['events'] + rows.get('segments', 0):,} readings"
    ]
    if told["first"]:
        lines.append(f"  from {told['first']} to {told['last']}")
    for kind in ("samples", "events", "minutes"):
        if rows[kind]:
            amount = f", {_size(size[kind])}, {size[kind] / rows[kind]:.2f} bytes each" if size[kind] else ""
            lines.append(f"  {kind}: {rows[kind]:,}{amount}")
    if rows.get("segments"):
        lines.append(f"  not sealed yet: {rows['segments']:,}, {_size(size['segments'])}")
    kept = ", ".join(
        f"{kind} {f'{days:g} d' if days is not None else 'forever'}" for kind, days in told["keep"].items()
    )
    lines.append(f"  kept: {kept}")
    for gap in told["gaps"][-10:]:
        lines.append(f"  gap of {gap['source']}: {gap['start']} to {gap['end']}: {gap['reason']}")
    if len(told["gaps"]) > 10:
        lines.append(f"  and {len(told['gaps']) - 10:,} gaps before them")
    return "\n".join(lines)


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} bytes"
