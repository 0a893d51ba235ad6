"""Actions on the shop floor: read machines into a history, and find what there is to read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.registry import action

if TYPE_CHECKING:
    from plantwright.shopfloor.collecting.collector import SourceState
    from plantwright.shopfloor.config import CollectorConfig
    from plantwright.shopfloor.connectors import Draft
    from plantwright.shopfloor.connectors.sparkplug.conformance import Finding


@action("machine.read")
def read_collector(path: str | Path, environment: Mapping[str, str] | None = None) -> CollectorConfig:
    """A collector's file. Raises ConfigError with all that is wrong with it."""
    from plantwright.shopfloor.config import read_config

    return read_config(path, environment)


@action("machine.collect")
def collect(
    config: CollectorConfig,
    until: threading.Event,
    *,
    watch: Callable[[Sequence[SourceState]], None] | None = None,
    say: Callable[[str, str, str], None] | None = None,
) -> list[SourceState]:
    """Read all sources of a collector's file into its history until an event is set; returns how they stood in the end. Raises
    HistoryError where the history cannot be written.
    """
    from plantwright.shopfloor.collecting.collector import Collector
    from plantwright.shopfloor.history.opening import open_recorder

    recorder = open_recorder(config.history, config.keep)
    try:
        collector = Collector(config, recorder, say=say)
        collector.run(until, watch)
        return collector.states()
    finally:
        recorder.close()


@action("machine.read")
def discover(host: str, kinds: Sequence[str] = (), timeout: float = 3.0) -> Iterator[Draft]:
    """Sources that answer at a host, a host with port, or an address; each as the words with which to read it."""
    from plantwright.shopfloor.discovering import discover_sources

    return discover_sources(host, kinds, timeout)


@action("machine.read")
def draft_collector(drafts: Sequence[Draft]) -> str:
    """The text of a collector's file for what was found."""
    from plantwright.shopfloor.discovering import draft_text

    return draft_text(drafts)


@action("machine.read")
def check_sparkplug(path: str | Path, primary_host: str = "") -> list[Finding]:
    """The assertions of the Sparkplug standard that a recording breaks. Raises WireError where it is no recording."""
    from plantwright.shopfloor.connectors.sparkplug.conformance import check, read_recording

    return check(read_recording(Path(path)), primary_host)


@action("machine.read")
def record_sparkplug(
    broker: str,
    path: str | Path,
    until: threading.Event,
    *,
    port: int = 0,
    seconds: float | None = None,
    ready: Callable[[int], None] | None = None,
) -> int:
    """Take down what clients that connect here say to a broker, until an event is set; how many entries were written. `ready` is told
    the port. Raises ConnectionLost where the port cannot be served, or the broker is encrypted.
    """
    from plantwright.shopfloor.connectors import ConnectionLost
    from plantwright.shopfloor.connectors.mqtt.broker import Broker
    from plantwright.shopfloor.connectors.sparkplug.conformance import Recorder, write_recording

    try:
        scheme, host, number = Broker(broker).address
        if scheme != "mqtt":
            raise ValueError("what is encrypted cannot be taken down; use mqtt:// and a listener without TLS")
        recorder = Recorder((host, number), port)
    except (OSError, ValueError, OverflowError) as error:
        raise ConnectionLost(f"{getattr(error, 'strerror', None) or error} [PW5001]") from error
    if ready is not None:
        ready(recorder.port)
    until.wait(seconds)
    recorder.close()
    seen = list(recorder.seen)
    write_recording(Path(path), seen)
    return len(seen)


@action("machine.read")
def collector_schema() -> dict[str, Any]:
    """The JSON Schema of the collector's file."""
    from plantwright.shopfloor.config import config_schema

    return config_schema()
