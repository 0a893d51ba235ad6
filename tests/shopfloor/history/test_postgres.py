"""What a history in PostgreSQL does beside what every history does."""

from __future__ import annotations

import itertools

import psycopg
import pytest

from plantwright.shopfloor.history import HistoryError, HistoryUnavailable
from plantwright.shopfloor.history.describing import describe
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.history.opening import open_history, open_recorder
from plantwright.shopfloor.history.places import without_password
from plantwright.shopfloor.history.postgres import PostgresRecorder
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Samples, Tag

DAY = 86_400 * NANOSECONDS
EVER = (0, 2**62)
NAMES = itertools.count()


@pytest.fixture
def url(postgres: str) -> str:
    return f"{postgres}#own{next(NAMES)}"


def batch(start: int, count: int = 100) -> Batch:
    numbers = range(start, start + count)
    return Batch("mill", Samples.of([0] * count, numbers, numbers), position={"next": start + count})


def declared(url: str, keep: Keep | None = None) -> PostgresRecorder:
    recorder = open_recorder(url, keep)
    assert isinstance(recorder, PostgresRecorder)
    recorder.declare([Tag("mill/count", "sample", "mill"), Tag("mill/word", "event", "mill")])
    return recorder


def test_one_process_writes_at_a_time_and_there_must_be_a_history(url: str) -> None:
    with pytest.raises(HistoryError, match="there is no history"):
        open_history(url)
    recorder = declared(url)
    with pytest.raises(HistoryError, match="is being written by another process"):
        open_recorder(url)
    recorder.close()
    open_recorder(url).close()
    with pytest.raises(HistoryError, match="no name of a schema"):
        open_recorder(url + "; DROP")


def test_a_connection_that_is_cut_loses_nothing(url: str) -> None:
    recorder = declared(url)
    recorder.append([batch(0)])
    with psycopg.connect(url.partition("#")[0], autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    with pytest.raises(HistoryUnavailable, match="does not answer"):
        recorder.append([batch(100)])
    recorder.append([batch(100)])
    assert open_history(url).samples([0], *EVER)["value"].to_list() == list(range(200))
    assert recorder.positions() == {"mill": {"next": 200}}
    recorder.close()


def test_a_batch_is_kept_whole_or_not_at_all(url: str) -> None:
    recorder = declared(url)
    bad = Batch("mill", Samples.of([0], [1], [1.0]), position={"next": float("nan")})  # which JSON does not know
    with pytest.raises(HistoryError):
        recorder.append([batch(0), bad])
    assert open_history(url).samples([0], *EVER).is_empty()
    assert recorder.positions() == {}
    recorder.append([batch(0)])
    assert recorder.positions() == {"mill": {"next": 100}}
    recorder.close()


def test_retention_leaves_the_minutes(url: str) -> None:
    recorder = declared(url, Keep(samples=3, events=5))
    times = [day * DAY + second * NANOSECONDS for day in range(10) for second in range(120)]
    words = Events.of([1] * 10, [day * DAY for day in range(10)], ["a\0b"] * 10)
    recorder.append([Batch("mill", Samples.of([0] * 1200, times, [0.5] * 1200), words)])
    recorder.let_go(lambda: 9 * DAY + 5)
    recorder.let_go(lambda: 9 * DAY + 5)
    history = open_history(url)
    assert len(history.samples([0], *EVER)) == 4 * 120
    assert history.events([1], *EVER)["value"].to_list() == ["a\ufffdb"] * 6
    assert history.minutes([0], *EVER)["count"].to_list() == [60] * 20
    told = describe(url)
    assert told.keep == history.keeps() == Keep(samples=3, events=5)
    assert (told.rows["samples"], told.rows["events"], told.rows["minutes"]) == (480, 6, 12)
    recorder.close()


def test_a_password_is_never_shown() -> None:
    assert without_password("postgresql://ana:s3cret@db/x#line") == "postgresql://ana:***@db/x#line"
    assert without_password("postgresql://db/x?user=ana&password=s3cret") == "postgresql://db/x?user=ana&password=***"
    assert without_password("history") == "history"
    with pytest.raises(HistoryUnavailable) as caught:
        open_recorder("postgresql://ana:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(caught.value)
    assert caught.value.code == "PW5105"
