"""Actions on virtual plants: run one, and serve its machines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from plantwright.actions.registry import action
from plantwright.plant import read_plant

if TYPE_CHECKING:
    from plantwright.shopfloor.virtual.running import VirtualPlant
    from plantwright.shopfloor.virtual.scenario import Scenario

MTCONNECT_PORT = 5000


@dataclass(frozen=True)
class Served:
    """A virtual plant whose machines are served, and where; nothing runs before `run` is called."""

    virtual: VirtualPlant
    addresses: Mapping[str, str]
    lasts: float | None

    def run(self, until: threading.Event, watch: Callable[[VirtualPlant], None] | None = None) -> bool:
        """Run until an event is set, its time is over or the plant ends; whether it ended by itself. `watch` is called twice a second."""
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self.virtual.run()
            except BaseException as error:
                failed.append(error)

        worker = threading.Thread(target=work, name="virtual plant", daemon=True)
        end = None if self.lasts is None else time.monotonic() + self.lasts
        worker.start()
        try:
            while not until.is_set() and (worker.is_alive() or (end is not None and not failed)):
                left = 0.5 if end is None else min(0.5, end - time.monotonic())
                if left <= 0.0:
                    return True
                until.wait(left)
                if watch is not None:
                    watch(self.virtual)
            if failed:
                raise failed[0]
            return not until.is_set()
        finally:
            self.close()
            worker.join(10.0)

    def close(self) -> None:
        """End the plant and its servers."""
        self.virtual.stop()
        for sink in self.virtual.sinks:
            with suppress(Exception):
                sink.close()


@action("plant.read")
def read_virtual_scenario(path: str | Path) -> Scenario:
    """A scenario. Raises ScenarioError with all that is wrong with it."""
    from plantwright.shopfloor.virtual.scenario import read_scenario

    return read_scenario(path)


@action("plant.read")
def serve_virtual(
    path: str | Path,
    *,
    speed: float = 1.0,
    seed: int = 1,
    scenario: str | Path | None = None,
    mtconnect: int | None = None,
    opcua: int | None = None,
    sparkplug: str | None = None,
    host: str = "127.0.0.1",
    exposed: bool = False,
    lasts: float | None = None,
    start: str | None = None,
    buffer: int = 131_072,
) -> Served:
    """A plant made ready to run, with its servers open. Without a protocol it is MTConnect on port 5000.

    Parameters
    ----------
    path : str or Path
    speed : float
        Seconds of the plant in a second of the wall clock.
    seed : int
    scenario : str or Path, optional
    mtconnect, opcua : int, optional
        Ports; 0 is one that is free.
    sparkplug : str, optional
        A broker, such as ``mqtt://127.0.0.1:1883``.
    host : str
        The address on which it is served; one beyond this machine only where it is `exposed`.
    lasts : float, optional
        Seconds of the wall clock for which it runs.
    start : str, optional
        Its first instant, as a local date and time.
    buffer : int
        Observations that the MTConnect agent keeps.

    Raises
    ------
    PlantError, ScenarioError, VirtualError
    """
    from plantwright.shopfloor.virtual.errors import VirtualError
    from plantwright.shopfloor.virtual.pace import placed
    from plantwright.shopfloor.virtual.running import AFTER, VirtualPlant
    from plantwright.shopfloor.virtual.scenario import Scenario, read_scenario, with_changes
    from plantwright.shopfloor.virtual.serving import open_servers

    if not exposed and not _is_loopback(host):
        raise VirtualError(
            f"--host {host}: whoever reaches this machine could read the virtual plant, and no password protects it; "
            "if that is wanted, say --expose as well"
        )
    if sparkplug is not None and not exposed and not _is_loopback(_host_of(sparkplug)):
        raise VirtualError(
            f"--sparkplug {sparkplug}: the broker is beyond this machine, and whoever reads it sees the virtual plant among real ones; "
            "if that is wanted, say --expose as well"
        )
    plant = read_plant(path)
    given = read_scenario(scenario) if scenario is not None else Scenario()
    plant, pace = placed(plant, time.time_ns(), speed, lasts, start)
    plant = with_changes(plant, given, pace.skipped, str(scenario))
    if lasts is None:
        behind = pace.catches_up
        horizon = pace.skipped + (behind * speed if behind < float("inf") else 0.0) + AFTER
    else:
        horizon = max(1.0, pace.position(pace.begun + round(lasts * 1e9)))
    virtual = VirtualPlant(plant, pace, horizon=horizon, seed=seed, scenario=given)
    if mtconnect is None and opcua is None and sparkplug is None:
        mtconnect = MTCONNECT_PORT
    addresses = open_servers(virtual, host, mtconnect=mtconnect, opcua=opcua, sparkplug=sparkplug, buffer=buffer)
    return Served(virtual, addresses, lasts)


def _host_of(broker: str) -> str:
    """The host of a broker's address; as it is where it is none, which is told later."""
    parts = urlsplit(broker if "://" in broker else f"mqtts://{broker}")
    return parts.hostname or "localhost"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
