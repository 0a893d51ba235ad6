"""Files that are dropped in a folder: CSV, Excel and Parquet, read once and moved when all of it is kept."""

from __future__ import annotations

from plantwright.shopfloor.connectors.files.kind import KIND

__all__ = ["KIND"]
