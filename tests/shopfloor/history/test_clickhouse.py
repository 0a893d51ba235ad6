"""What a history in ClickHouse does beside what every history does."""

from __future__ import annotations

import itertools
import time

import pytest

from plantwright.shopfloor.history import HistoryError, HistoryUnavailable
from plantwright.shopfloor.history.clickhouse import ClickHouseRecorder
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.history.opening import open_history, open_recorder
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Samples, Tag

DAY = 86_400 * NANOSECONDS
EVER = (0, 2**62)
NAMES = itertools.count()


@pytest.fixture
def url(clickhouse: str) -> str:
    return f"{clickhouse}/own{next(NAMES)}"


def test_a_lease_holds_others_off_until_its_holder_is_silent(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HistoryError, match="there is no history"):
        open_history(url)
    first = open_recorder(url)
    with pytest.raises(HistoryError, match="is being written by another process, which was there 0 s ago"):
        open_recorder(url)
    monkeypatch.setattr("plantwright.shopfloor.history.clickhouse.LEASE", 0.05)
    time.sleep(0.06)
    open_recorder(url).close()
    first.close()
    with pytest.raises(HistoryError, match="no name of a database"):
        open_recorder(url + "; DROP")


def test_retention_leaves_the_minutes(url: str) -> None:
    recorder = ClickHouseRecorder(url, Keep(samples=3, events=5), pace=0)
    times = [day * DAY + second * NANOSECONDS for day in range(10) for second in range(120)]
    words = Events.of([1] * 10, [day * DAY for day in range(10)], ["a\0b" + "c" * 200] * 10)
    recorder.declare([Tag("mill/count", "sample", "mill"), Tag("mill/word", "event", "mill")])
    recorder.append([Batch("mill", Samples.of([0] * 1200, times, [0.5] * 1200), words)])
    recorder.let_go(lambda: 9 * DAY + 5)
    history = open_history(url)
    assert history.minutes([0], *EVER)["count"].to_list() == [60] * 20
    recorder.let_go(lambda: 9 * DAY + 5)
    until = time.monotonic() + 20
    while len(history.samples([0], *EVER)) > 480 or len(history.events([1], *EVER)) > 6:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert history.events([1], *EVER)["value"].to_list() == ["a\0b" + "c" * 200] * 6
    assert history.keeps() == Keep(samples=3, events=5)
    minutes = history.minutes([0], *EVER)
    assert (minutes["count"].to_list(), set(minutes["mean"])) == ([60] * 20, {0.5})
    recorder.close()


def test_a_server_that_is_away_is_said_without_its_password() -> None:
    with pytest.raises(HistoryUnavailable) as caught:
        open_recorder("clickhouse://ana:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(caught.value)
    assert "does not answer" in str(caught.value)
