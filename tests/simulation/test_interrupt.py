"""A person who stops a run gets an answer at once: what was done so far, marked as partial, or nothing."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from plantwright.errors import Interrupted
from plantwright.simulation import Cancel, simulate
from tests.simulation.plants import line

PLANT = line((1, 1, 1), release="{conwip: 10 lots}")
LONG = {"horizon": "200 y", "warmup": "1 d", "threads": 2}  # more than a minute of work


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compiling takes its time and is not what is measured here."""
    simulate(PLANT, horizon="1 d", warmup="1 d", replications=2)


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """A program that a shell began in the background ignores Ctrl-C; these tests are of one that does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_word_from_another_thread_stops_a_run() -> None:
    cancel = Cancel()
    timer = threading.Timer(0.3, cancel.stop)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        simulate(PLANT, replications=4, cancel=cancel, **LONG)  # type: ignore[arg-type]
    assert 0.2 < time.monotonic() - began < 2


def test_ctrl_c_stops_a_run() -> None:
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        simulate(PLANT, replications=4, **LONG)  # type: ignore[arg-type]
    assert 0.2 < time.monotonic() - began < 2


def test_ctrl_c_in_the_search_for_the_warm_up() -> None:
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        simulate(PLANT, horizon="200 y", replications=4, threads=2)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("by", ["word", "ctrl-c"])
def test_what_was_done_is_the_answer_and_says_that_it_is_partial(by: str) -> None:
    """Stopped once the third of 400 replications is done: those that are there are the same as ever."""
    cancel = Cancel()

    def progress(done: int, of: int) -> None:
        if done >= 3 and not cancel.stopped:
            if by == "word":
                cancel.stop()
            else:
                raise KeyboardInterrupt

    few = simulate(PLANT, horizon="300 d", warmup="1 d", replications=400, threads=2, progress=progress, cancel=cancel)
    assert few.partial
    assert 3 <= few.replications < 400
    assert len(few.estimate("throughput").values) == few.replications
    assert "stopped early" in str(few)
    whole = simulate(PLANT, horizon="300 d", warmup="1 d", replications=few.replications + 4)
    assert not whole.partial
    assert set(few.estimate("throughput").values) <= set(whole.estimate("throughput").values)


@pytest.mark.parametrize("by", ["word", "ctrl-c"])
def test_of_ten_thousand_replications_none_begins_after_the_stop(by: str) -> None:
    """Stopped as the third of 10,000 is done: what two threads had been given by then is all that may follow."""
    cancel = Cancel()

    def progress(done: int, of: int) -> None:
        assert of == 10_000
        if done < 3:
            return
        if by == "ctrl-c":
            raise KeyboardInterrupt
        cancel.stop()

    few = simulate(
        PLANT, horizon="30 d", warmup="1 d", replications=10_000, threads=2, progress=progress, cancel=cancel
    )
    assert few.partial
    assert 3 <= few.replications <= 12


def test_a_stopped_word_stops_what_comes_after() -> None:
    cancel = Cancel()
    cancel.stop()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        simulate(PLANT, replications=4, cancel=cancel, **LONG)  # type: ignore[arg-type]
    assert time.monotonic() - began < 1


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    simulate(PLANT, horizon="1 d", warmup="1 h", replications=5, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (5, 5)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"replications": 1}, "at least 2"), ({"horizon": "0 d"}, "longer than nothing"), ({"horizon": -5.0}, "longer")],
)
def test_what_cannot_be_run_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        simulate(PLANT, **options)  # type: ignore[arg-type]
