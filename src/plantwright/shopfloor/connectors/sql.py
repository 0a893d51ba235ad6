"""Tables of a database: rows that were not read yet, again and again, by a column that grows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from plantwright.plant.readers import Quantity, Text
from plantwright.plant.structures import Word
from plantwright.shopfloor.config import Secret, SecretText
from plantwright.shopfloor.connectors import ConnectionLost, ConnectorKind, Inlet, needs
from plantwright.shopfloor.connectors.tables import TABLE_WORDS, TableReader, TableShape, shape_of

if TYPE_CHECKING:
    import polars

AT_ONCE = 20_000


@dataclass(frozen=True)
class SqlTable:
    """Reads the rows of a table in the order of a column that grows, such as a serial number, and asks for new ones every few seconds.

    Rows that come in later under a smaller value than one that was read are not seen; a time will do for it only where no two rows can have
    the same.
    """

    name: str
    url: Secret
    table: str
    after: str
    shape: TableShape = field(default_factory=TableShape)
    every: float = 5.0
    once: bool = False

    def run(self, inlet: Inlet) -> None:
        """Read what is there and what comes."""
        reader = TableReader(self.name, self.shape)
        with self._connected() as connection:
            while not inlet.stopping.is_set():
                rows = self._rows(connection, (inlet.resume or {}).get("after"))
                if rows is not None:
                    last = _plain(rows[self.after][-1])
                    reader.put(rows, inlet, {"after": last})
                    if rows.height >= AT_ONCE:
                        continue
                inlet.alive()
                if self.once:
                    return
                inlet.stopping.wait(self.every)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        sqlalchemy = needs("sqlalchemy", "sql")
        try:
            engine = sqlalchemy.create_engine(self.url.plain)
        except Exception as error:
            raise ConnectionLost(f"the URL of the database cannot be used: {_said(error, self.url)}") from None
        try:
            with engine.connect() as connection:
                yield connection
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise ConnectionLost(f"the database says: {_said(error, self.url)}") from None
        finally:
            engine.dispose()

    def _rows(self, connection: Any, after: Any) -> polars.DataFrame | None:
        """The next rows, None where there are none."""
        import polars

        sqlalchemy = needs("sqlalchemy", "sql")
        order = sqlalchemy.column(self.after)
        schema, _, table = self.table.rpartition(".")
        query = sqlalchemy.select(sqlalchemy.text("*")).select_from(sqlalchemy.table(table, schema=schema or None))
        if after is not None:
            query = query.where(order > _typed(after))
        result = connection.execute(query.order_by(order).limit(AT_ONCE))
        names, rows = list(result.keys()), result.fetchall()
        connection.rollback()
        if self.after not in names:
            raise ConnectionLost(
                f"the table {self.table!r} has no column {self.after!r}; there are: {', '.join(names)}"
            )
        if not rows:
            return None
        columns = {name: [_cell(row[i]) for row in rows] for i, name in enumerate(names)}
        return polars.DataFrame({name: polars.Series(name, values, strict=False) for name, values in columns.items()})


def _cell(value: Any) -> Any:
    """A value that a column of a frame holds."""
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, bool | int | float | str | datetime | date):
        return value
    return str(value)


def _plain(value: Any) -> Any:
    """A value that JSON knows; a moment is told from a text by its key."""
    return {"moment": value.isoformat()} if isinstance(value, datetime | date) else value


def _typed(value: Any) -> Any:
    return datetime.fromisoformat(value["moment"]) if isinstance(value, Mapping) else value


def _said(error: Exception, url: Secret) -> str:
    """What a database says, without the URL, which may hold a password."""
    text = str(getattr(error, "orig", None) or error).splitlines()[0] if str(error) else type(error).__name__
    for part in (url.plain, url.plain.partition("://")[2].partition("@")[0].partition(":")[2]):
        text = text.replace(part, "***") if part else text
    return text[:300]


def _make(name: str, url: Secret, table: str, after: str, **values: Any) -> SqlTable:
    if "://" not in url.plain:
        raise ValueError("'url' is that of a database, such as sqlite:///mes.db or postgresql+psycopg://host/mes")
    shape = shape_of(values)
    return SqlTable(name, url, table, after, shape, **values)


KIND = ConnectorKind(
    "sql",
    "reads new rows of a table of a database",
    (
        Word(
            "url", SecretText(), example="{env: MES_URL}", meaning="the database, as SQLAlchemy takes it", needed=True
        ),
        Word(
            "table",
            Text(),
            example="readings",
            meaning="the table or view, with its schema before a dot if it needs one",
            needed=True,
        ),
        Word(
            "after",
            Text(),
            example="id",
            meaning="a column that grows with each row, such as a serial number",
            needed=True,
        ),
        Word("every", Quantity("duration"), "", "5 s", "how often new rows are asked for", "5 s"),
        *TABLE_WORDS,
    ),
    _make,
    extra="sql",
    live=False,
)
