"""Actions on the shop floor: read machines into a history, and find what there is to read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.actions.registry import action

if TYPE_CHECKING:
    from plantwright.shopfloor.collecting.collector import SourceState
    from plantwright.shopfloor.config import CollectorConfig
    from plantwright.shopfloor.connectors import Draft


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
