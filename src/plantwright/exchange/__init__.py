"""Foreign formats in and out: event logs in CSV, Excel, Parquet, XES, OCEL and from databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plantwright.exchange.event_log import read_log, read_query
    from plantwright.exchange.mapping_file import LogMapping, mapping_text, read_mapping

__all__ = ["LogMapping", "mapping_text", "read_log", "read_mapping", "read_query"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from plantwright.exchange import event_log, mapping_file

        return getattr(event_log if name in ("read_log", "read_query") else mapping_file, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
