"""Logs in a database: the rows that a query gives."""

from __future__ import annotations

import re
from typing import Any

from plantwright.exchange.excel import column
from plantwright.exchange.tables import MOST_COLUMNS, Table, tidied
from plantwright.exchange.text import refuse, unique_names

_READS = re.compile(r"^(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:select|with|values|table)\b", re.IGNORECASE | re.DOTALL)
_PIECE = 50_000
MOST_ROWS = 50_000_000


def query_cells(url: str, query: str) -> tuple[str, Table]:
    """The rows of a query, and what its database is called; the database is not changed.

    `url` is a URL as SQLAlchemy takes it, such as ``sqlite:///mes.db`` or ``postgresql+psycopg://reader@host/mes``. Raises LogError
    where SQLAlchemy or the database's driver is not installed, for a query that does not read, and with what the database says.
    """
    try:
        import sqlalchemy
    except ImportError as error:
        reason = "needs SQLAlchemy to read a database, which is not installed: pip install 'plantwright[sql]'"
        raise refuse("database", "PW3040", reason) from error
    try:
        address = sqlalchemy.engine.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise refuse(
            "database", "PW3041", "the URL cannot be read; it is such as sqlite:///mes.db", value=""
        ) from error
    # A password has no place in a message or a report.
    name = f"{address.get_backend_name()} {address.database or address.host or ''}".strip()
    if not _READS.match(query):
        raise refuse(name, "PW3042", "a query must begin with SELECT or WITH: nothing is written to a shop's database")
    if address.get_backend_name() == "sqlite":
        _refuse_absent(address.database, name)
    try:
        engine = sqlalchemy.create_engine(address)
    except ModuleNotFoundError as error:
        reason = f"the driver of this database is not installed: pip install {error.name}"
        raise refuse(name, "PW3040", reason) from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise refuse(name, "PW3041", f"this database is not known: {error}") from error
    try:
        with engine.connect() as connection:
            try:
                return name, _fetch(connection, query, name)
            finally:
                connection.rollback()
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = f"the database says: {getattr(error, 'orig', None) or error}"
        raise refuse(name, "PW3041", reason) from error
    finally:
        engine.dispose()


def _refuse_absent(database: str | None, name: str) -> None:
    """SQLite would make a new, empty database where none is."""
    from pathlib import Path

    if database and database != ":memory:" and not database.startswith("file:") and not Path(database).is_file():
        raise refuse(name, "PW3005", f"cannot be read: there is no file {database!r}")


def _fetch(connection: Any, query: str, name: str) -> Table:
    import polars as pl

    result = _reading_only(connection).exec_driver_sql(query)
    names = unique_names([str(key).strip() for key in result.keys()])  # noqa: SIM118  (not a dict)
    if len(names) > MOST_COLUMNS:
        raise refuse(name, "PW3002", f"the query gives {len(names)} columns; a log has at most {MOST_COLUMNS}")
    cells: list[list[Any]] = [[] for _ in names]
    for piece in result.partitions(_PIECE):
        for own, values in zip(cells, zip(*piece, strict=True), strict=True):
            own.extend(map(_plain, values))
        if len(cells[0]) > MOST_ROWS:
            raise refuse(name, "PW3008", f"the query gives more than {MOST_ROWS:,} rows")
    if not cells or not cells[0]:
        raise refuse(name, "PW3003", "the query gives no rows")
    frame = pl.DataFrame([column(key, own) for key, own in zip(names, cells, strict=True)])
    notes = {"kind": "a query", "lines": "the number of the row, from 1"}
    return Table(tidied(frame), pl.Series("row", range(1, frame.height + 1), dtype=pl.Int64), notes)


def _reading_only(connection: Any) -> Any:
    """The connection, told to refuse what writes: Python's driver of SQLite commits a WITH that ends in an INSERT at once."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("pragma query_only = on")
    elif connection.dialect.name == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    return connection.execution_options(stream_results=True)


def _plain(cell: Any) -> Any:
    """Numbers of fixed point as floats; bytes have no place in a log."""
    from decimal import Decimal

    if isinstance(cell, Decimal):
        return float(cell)
    return None if isinstance(cell, bytes | bytearray | memoryview) else cell
