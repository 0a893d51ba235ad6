"""The command virtual: a plant that runs and speaks the shop floor's protocols."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plantwright.cli.show import duration, tell_compiling

if TYPE_CHECKING:
    from plantwright.shopfloor.virtual.running import VirtualPlant


@click.command("virtual")
@click.argument("plant", type=click.Path(path_type=Path), metavar="PLANT")
@click.option("--speed", type=float, default=1.0, show_default=True, help="Seconds of the plant in a second.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is other luck.")
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="What is to happen: changes, cuts, a lying clock, rubbish.",
)
@click.option(
    "--mtconnect",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve an MTConnect agent; 0 takes a free port. [default: 5000 if no other is served]",
)
@click.option("--opcua", type=click.IntRange(0, 65535), metavar="PORT", help="Serve an OPC UA server.")
@click.option(
    "--sparkplug", metavar="BROKER", help="Publish it as a Sparkplug B edge node, such as mqtt://127.0.0.1:1883."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address on which it is served.")
@click.option("--expose", is_flag=True, help="Let --host be one that others reach. No password protects it.")
@click.option(
    "--for", "seconds", callback=duration, metavar="TIME", help="Stop after so long, such as 8h; else Ctrl-C stops."
)
@click.option(
    "--start",
    metavar="DATE",
    help="The first instant of the plant, in its local time. [default: such that it catches up with now]",
)
@click.option(
    "--buffer",
    type=click.IntRange(100, 10_000_000),
    default=131_072,
    show_default=True,
    help="Observations that the MTConnect agent keeps.",
)
@click.option("--json", "as_json", is_flag=True, help="Where it is served, and how it ended, as JSON lines.")
def virtual_command(
    plant: Path, speed: float, seed: int, scenario: Path | None, mtconnect: int | None, opcua: int | None, sparkplug: str | None,
    host: str, expose: bool, seconds: float | None, start: str | None, buffer: int, as_json: bool,
) -> int:  # fmt: skip
    """Run a plant, and serve its machines as if they were real.

    With the same seed and start they do what 'plantwright simulate' says, event by event. What they say is never ahead of the wall
    clock: a plant that runs faster begins in the past, and goes on in real time once it has caught up.

    \b
    plantwright virtual examples/pouch-cell-pilot.yaml --speed 60
    plantwright virtual shop.xlsx --speed 600 --mtconnect 5000 --opcua 4840 --for 2h
    """
    from plantwright import actions

    tell_compiling()
    served = actions.serve_virtual(
        plant, speed=speed, seed=seed, scenario=scenario, mtconnect=mtconnect, opcua=opcua, sparkplug=sparkplug,
        host=host, exposed=expose, lasts=seconds, start=start, buffer=buffer,
    )  # fmt: skip
    until = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: until.set())
    virtual = served.virtual
    if as_json:
        _line({"schema": "plantwright.virtual/1", "plant": virtual.plant.name, "start": virtual.plant.start.isoformat(), "time zone": virtual.plant.time_zone, "seed": seed, "speed": speed, "served": dict(served.addresses)})  # fmt: skip
    else:
        _tell(virtual, served.addresses, speed, expose, host)
    ended = served.run(until, None if as_json or not sys.stderr.isatty() else _watch)
    if as_json:
        _line({"ended": ended, "position": virtual.position, "observations": virtual.said})
    else:
        click.echo(
            f"{'Ended' if ended else 'Stopped'} after {virtual.position / 3600:.1f} hours of the plant; {virtual.said:,} observations."
        )
    return 0


def _tell(virtual: VirtualPlant, addresses: dict[str, str] | object, speed: float, exposed: bool, host: str) -> None:
    plant = virtual.plant
    click.echo(
        f"{plant.name}: {len(virtual.devices) - 1} machines from {plant.start:%Y-%m-%d %H:%M} ({plant.time_zone}) on, at speed {speed:g}.",
        err=True,
    )
    if 0.0 < virtual.pace.catches_up < float("inf"):
        click.echo(
            f"It catches up with now in {virtual.pace.catches_up / 3600:.1f} h, and goes on in real time then.",
            err=True,
        )
    assert isinstance(addresses, dict)
    for protocol, address in addresses.items():
        click.echo(f"  {protocol}: {address}", err=True)
    if exposed:
        click.echo(f"Exposed at {host}: whoever reaches this machine can read it; no password protects it.", err=True)
    if "mtconnect" in addresses:
        click.echo(f"Next: plantwright discover {addresses['mtconnect']} -o shop-floor.yaml", err=True)
    click.echo("Ctrl-C stops.", err=True)


def _watch(virtual: VirtualPlant) -> None:
    click.echo(
        f"\r\033[K{virtual.position / 3600:,.1f} h of the plant, {virtual.said:,} observations", nl=False, err=True
    )


def _line(document: dict[str, object]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
    sys.stdout.flush()
