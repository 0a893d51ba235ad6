"""The commands collect and discover: machines into a history."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plantwright.cli.show import duration, show_json

if TYPE_CHECKING:
    from plantwright.shopfloor.collecting.collector import SourceState


@click.command("collect")
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG.yaml")
@click.option(
    "--for", "seconds", callback=duration, metavar="TIME", help="Stop after so long, such as 8h; else Ctrl-C stops."
)
@click.option("--check", "only_check", is_flag=True, help="Only say what is wrong with the file, or how it reads.")
@click.option(
    "--json", "as_json", is_flag=True, help="Notes as JSON lines, and how the sources stood as the last of them."
)
def collect_command(config: Path, seconds: float | None, only_check: bool, as_json: bool) -> int:
    """Read machines into a history, without a gap where the protocol allows it.

    Start with 'plantwright discover HOST', which writes CONFIG.yaml. Notes (a lost connection, a clock that is off, readings that
    are none) are shown as they arise and kept with the readings. Exit code 1: a source is quarantined in the end.

    \b
    plantwright collect shop-floor.yaml
    plantwright collect shop-floor.yaml --for 8h --json
    """
    from plantwright import actions
    from plantwright.shopfloor.history.places import without_password

    read = actions.read_collector(config, os.environ)
    if only_check:
        return _show_config(read, as_json)
    until = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: until.set())
    if seconds is not None:
        timer = threading.Timer(seconds, until.set)
        timer.daemon = True
        timer.start()

    def say(source: str, code: str, text: str) -> None:
        if as_json:
            _line({"source": source, "code": code, "text": text})
        else:
            click.echo(f"\r\033[K{source}: {text} [{code}]" if _watching() else f"{source}: {text} [{code}]", err=True)

    if not as_json:
        click.echo(
            f"Reading {len(read.sources)} sources into {without_password(read.history)}. Ctrl-C stops.", err=True
        )
    states = actions.collect(read, until, watch=None if as_json else _watch, say=say)
    if as_json:
        _line({"schema": "plantwright.collect/1", "sources": [_state(state) for state in states]})
    else:
        for state in states:
            click.echo(
                f"{state.name}: {state.readings:,} readings kept, {state.state}{f' ({state.says})' if state.says else ''}"
            )
    return int(any(state.state == "quarantined" for state in states))


@click.command("discover")
@click.argument("host", metavar="HOST")
@click.option(
    "--connector", "kinds", multiple=True, metavar="KIND", help="Ask by this connector only; may be given again."
)
@click.option(
    "--timeout",
    callback=duration,
    default="3s",
    show_default=True,
    metavar="TIME",
    help="How long to wait for an answer.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write a collector's file that reads what was found (.yaml)."
)
@click.option("--json", "as_json", is_flag=True, help="What was found as one JSON document.")
def discover_command(host: str, kinds: Sequence[str], timeout: float, output: Path | None, as_json: bool) -> int:
    """Find what a machine offers, and write the file with which to read it. HOST is a name, a name with port, or an address.

    \b
    plantwright discover 192.168.1.20 -o shop-floor.yaml
    plantwright discover http://mill:5000
    """
    from plantwright import actions
    from plantwright.actions.studies import check_output

    target = check_output(output, (".yaml", ".yml")) if output else None
    try:
        drafts = list(actions.discover(host, kinds, timeout))
    except KeyError as error:
        from plantwright.shopfloor.connectors import kind_names

        raise click.UsageError(
            f"There is no connector {error.args[0]!r}; there are: {', '.join(kind_names())}."
        ) from error
    if as_json:
        show_json({"schema": "plantwright.discover/1", "host": host, "sources": [_draft(draft) for draft in drafts]})
    elif not drafts:
        click.echo(
            f"Nothing that a connector knows answers at {host}. Is it on, is the port right, does a firewall stand between?",
            err=True,
        )
    for draft in [] if as_json else drafts:
        click.echo(f"{draft.name}: {draft.words.get('connector', '')}, {len(draft.offers)} tags")
        for tag in draft.offers:
            click.echo("  " + "  ".join(part for part in (tag.name, tag.kind, tag.kinds[-1], tag.unit) if part))
        for note in draft.notes:
            click.echo(f"  Note: {note}")
    if target and drafts:
        target.write_text(actions.draft_collector(drafts), encoding="utf-8")
        click.echo(f"Wrote {target}. Next: plantwright collect {target}", err=as_json)
    return 0 if drafts else 1


def _show_config(read: Any, as_json: bool) -> int:
    from plantwright.shopfloor.connectors import ConnectorKind
    from plantwright.shopfloor.history.places import without_password

    def kind_of(source: Any) -> ConnectorKind:
        return source.kind  # type: ignore[no-any-return]

    if as_json:
        sources = [{"name": name, "connector": kind_of(source).name} for name, source in read.sources.items()]
        show_json({"schema": "plantwright.collector/1", "history": without_password(read.history), "sources": sources})
        return 0
    click.echo(f"{len(read.sources)} sources into {without_password(read.history)}:")
    for name, source in read.sources.items():
        click.echo(f"  {name}: {kind_of(source).name}, {kind_of(source).says}")
    return 0


def _line(document: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps(document, ensure_ascii=False))


def _watching() -> bool:
    return sys.stderr.isatty()


def _watch(states: Sequence[SourceState]) -> None:
    if not _watching():
        return
    total = sum(state.readings for state in states)
    apart = [f"{state.name} {state.state}" for state in states if state.state not in ("reading", "done")]
    text = f"{total:,} readings kept" + (f"; {', '.join(apart[:4])}" if apart else "")
    click.echo(f"\r\033[K{text}", nl=False, err=True)


def _state(state: SourceState) -> dict[str, Any]:
    return {
        "name": state.name,
        "state": state.state,
        "readings": state.readings,
        "waiting": state.waiting,
        "says": state.says,
    }


def _draft(draft: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "name": draft.name,
        "words": dict(draft.words),
        "offers": [asdict(tag) for tag in draft.offers],
        "notes": list(draft.notes),
    }
