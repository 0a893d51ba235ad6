"""What the commands share: how they show results, progress and errors."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click


def show_json(document: dict[str, Any]) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def tell_compiling() -> None:
    """Compile the engine if it is not, and say why the first run on a machine takes longer.

    The compiler does not heed Ctrl-C while it is at work, so it works on a thread of its own; nothing is lost if the program ends.
    """
    from plantwright.simulation.compiling import COMPILING, NOT_KEPT, compile_engine, is_compiled

    if is_compiled():
        return
    click.echo(COMPILING, err=True)
    done: list[Any] = []
    work = threading.Thread(target=lambda: done.append(compile_engine(quiet=True)), daemon=True)
    work.start()
    try:
        while work.is_alive():
            work.join(0.05)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.stderr.flush()
        os._exit(130)
    if done and done[0].problem:
        click.echo(NOT_KEPT.format(problem=done[0].problem), err=True)


@contextmanager
def progress(label: str, quiet: bool = False) -> Iterator[Callable[..., None] | None]:
    """A progress bar on standard error where a person is watching: a function of (done, total)."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=100, label=label, file=sys.stderr, width=30, item_show_func=str) as bar:
        shown = 0
        bar.current_item = ""

        def step(done: int, total: int, *rest: object) -> None:
            nonlocal shown
            percent = int(100 * done / max(1, total))
            if percent > shown:
                bar.update(percent - shown)
                shown = percent

        def say(text: str) -> None:
            bar.current_item = text
            bar.render_progress()

        step.say = say  # type: ignore[attr-defined]
        yield step


def leading(step: Callable[..., None]) -> Callable[[Sequence[tuple[str, Any]]], None]:
    """Shows the leading moves beside a progress bar."""
    from plantwright.report.words import figures, money_scale

    def watch(leaders: Sequence[tuple[str, Any]]) -> None:
        said = []
        for title, made in leaders[:2]:
            divisor, prefix = (
                money_scale(made.mean) if made.name in ("net present value", "contribution") else (1.0, "")
            )
            brings, unit = (
                (made.mean / 86400, "d") if made.unit == "s" else (made.mean / divisor, f"{prefix}{made.unit}")
            )
            said.append(f"{title} {brings:+.3g} {unit}" if figures(made.mean) else title)
        step.say("; ".join(said)[:60])  # type: ignore[attr-defined]

    return watch


def duration(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """An option that is a time: checked before any work is done."""
    from plantwright.units import UnitError, read

    if value is None or value == "auto":
        return value
    try:
        seconds = read(value, "duration")
    except UnitError as error:
        raise click.BadParameter(str(error)) from error
    if seconds < 0 or (seconds == 0 and parameter.name in ("horizon", "bucket")):
        raise click.BadParameter(f"{value!r} must be more than nothing")
    return seconds


def share(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """An option that is a share between 0 % and 100 %: checked before any work is done."""
    from plantwright.units import UnitError, read

    if value is None:
        return None
    try:
        given = read(value, "share")
    except UnitError as error:
        raise click.BadParameter(str(error)) from error
    if not 0 < given < 1:
        raise click.BadParameter(f"{value!r} must be between 0 % and 100 %")
    return given
