"""Tables of a database: new rows again and again, gone on with after a stop, nothing told of the password."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from plantwright.shopfloor.config import ConfigError, Secret, parse_config
from plantwright.shopfloor.connectors import sql
from plantwright.shopfloor.connectors.sql import SqlTable
from plantwright.shopfloor.connectors.tables import TableShape
from plantwright.shopfloor.history.memory import MemoryHistory
from tests.shopfloor.checklist import Collected, collecting


class Mes:
    """A database with a table of readings."""

    def __init__(self, path: Path) -> None:
        self.url = Secret(f"sqlite:///{path}")
        self.connection = sqlite3.connect(path)
        self.connection.execute("create table readings (id integer primary key, at text, load real, state text)")

    def add(self, *loads: float | None) -> None:
        count = self.connection.execute("select count(*) from readings").fetchone()[0]
        rows = [
            (f"2025-03-03 07:{(count + i) // 60:02}:{(count + i) % 60:02}", load, "ACTIVE")
            for i, load in enumerate(loads)
        ]
        self.connection.executemany("insert into readings (at, load, state) values (?, ?, ?)", rows)
        self.connection.commit()


@pytest.fixture
def mes(tmp_path: Path) -> Mes:
    return Mes(tmp_path / "mes.db")


def table(mes: Mes, **words: object) -> SqlTable:
    shape = TableShape(time="at", types={"state": "EXECUTION"}, events=("id",))
    return SqlTable("mill", mes.url, "readings", "id", shape, **words)  # type: ignore[arg-type]


def read(mes: Mes, history: MemoryHistory | None = None) -> Collected:
    with collecting(("mill", table(mes, once=True)), history=history) as found:
        found.until(lambda: all(state.state == "done" and not state.waiting for state in found.collector.states()))  # type: ignore[union-attr]
    return found


def test_rows_become_readings(mes: Mes) -> None:
    mes.add(1.5, None, 2.5)
    found = read(mes)
    assert found.values("mill/load") == [1.5, 2.5]
    assert [text for text, _ in found.events("mill/state")] == ["ACTIVE"] * 3


def test_it_goes_on_behind_the_last_row_that_is_kept(mes: Mes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "AT_ONCE", 7)
    history = MemoryHistory()
    mes.add(*range(20))
    read(mes, history)
    mes.add(*range(20, 25))
    found = read(mes, history)
    assert found.values("mill/load") == list(range(25))
    assert history.positions()["mill"]["at"] == {"after": 25}


def test_new_rows_are_read_as_they_come(mes: Mes) -> None:
    with collecting(("mill", table(mes, every=0.02))) as found:
        for number in range(5):
            mes.add(float(number))
            found.until(lambda number=number: number in found.values("mill/load"))  # type: ignore[misc]


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    connector = SqlTable("mill", Secret("postgresql+psycopg://joe:s3cret@127.0.0.1:1/mes"), "readings", "id")
    assert "s3cret" not in repr(connector)
    with collecting(("mill", connector)) as found:
        found.until(lambda: bool(found.of("PW5001")))
    assert "the database says" in found.of("PW5001")[0]
    assert "s3cret" not in str(found.notes)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"table": "reading"}, "no such table: reading"),
        ({"after": "serial"}, r"no such column: serial|has no column 'serial'; there are: id, at, load, state"),
    ],
)
def test_what_is_not_there_is_said(mes: Mes, words: dict[str, str], said: str) -> None:
    import re

    mes.add(1.0)
    given = {"table": "readings", "after": "id", **words}
    with collecting(("mill", SqlTable("mill", mes.url, **given))) as found:
        found.until(lambda: bool(found.of("PW5001")))
    assert re.search(said, found.of("PW5001")[0])


def test_its_words() -> None:
    config = parse_config(
        "sources: {mes: {connector: sql, url: {env: MES}, table: dbo.readings, after: id, time: at, every: 1 min}}",
        environment={"MES": "sqlite:///x.db"},
    )
    made = config.sources["mes"].connector
    assert isinstance(made, SqlTable)
    assert (made.url.plain, made.table, made.after, made.every, made.shape.time) == (
        "sqlite:///x.db",
        "dbo.readings",
        "id",
        60.0,
        "at",
    )
    with pytest.raises(ConfigError, match="'url' is that of a database"):
        parse_config("sources: {mes: {connector: sql, url: mes.db, table: readings, after: id}}")
