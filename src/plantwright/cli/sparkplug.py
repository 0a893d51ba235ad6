"""The commands on Sparkplug traffic: take it down, judge it."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from plantwright.cli.show import duration, show_json


@click.group("sparkplug")
def sparkplug_command() -> None:
    """Does Sparkplug traffic keep to the standard?

    \b
    plantwright sparkplug record mqtt://broker:1883 -o session.jsonl
    plantwright sparkplug check session.jsonl --primary-host scada
    """


@sparkplug_command.command("record")
@click.argument("broker", metavar="BROKER")
@click.option("-o", "output", type=click.Path(path_type=Path), required=True, help="The recording to write (.jsonl).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=1884,
    show_default=True,
    help="Where clients connect, on this machine.",
)
@click.option(
    "--for", "seconds", callback=duration, metavar="TIME", help="Stop after so long, such as 10min; else Ctrl-C stops."
)
def record_command(broker: str, output: Path, port: int, seconds: float | None) -> int:
    """Take down what clients say to a broker: let them connect to this machine in its place. BROKER is such as mqtt://broker:1883."""
    from plantwright import actions
    from plantwright.actions.studies import check_output

    target = check_output(output, (".jsonl",))
    until = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: until.set())

    def ready(at: int) -> None:
        click.echo(f"Clients that connect to 127.0.0.1:{at} are recorded. Ctrl-C stops.", err=True)

    count = actions.record_sparkplug(broker, target, until, port=port, seconds=seconds, ready=ready)
    click.echo(f"Wrote {target}: {count:,} entries. Next: plantwright sparkplug check {target}")
    return 0


@sparkplug_command.command("check")
@click.argument("recording", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--primary-host", default="", metavar="ID", help="The host for which the edge nodes wait.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check_command(recording: Path, primary_host: str, as_json: bool) -> int:
    """Which of the standard's assertions recorded traffic breaks. Exit code 1: one that says MUST."""
    from plantwright import actions

    found = actions.check_sparkplug(recording, primary_host)
    if as_json:
        entries = [{"id": one.id, "entry": one.at + 1, "advice": one.is_advice, "text": one.text} for one in found]
        show_json({"schema": "plantwright.sparkplug/1", "recording": str(recording), "findings": entries})
    else:
        for one in found:
            click.echo(f"{recording}:{one.at + 1}  {one.id}: {one.text}{' (advice)' if one.is_advice else ''}")
        must = sum(not one.is_advice for one in found)
        click.echo(f"{must} findings, {len(found) - must} of advice." if found else "Nothing found.")
    return int(any(not one.is_advice for one in found))
