"""Foreign formats in and out: event logs in CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plantwright.exchange.csv_log import read_log

__all__ = ["read_log"]


def __getattr__(name: str) -> Any:
    if name == "read_log":
        from plantwright.exchange.csv_log import read_log

        return read_log
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
