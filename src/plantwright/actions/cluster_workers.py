"""The workers of a Dask cluster as an executor: data that goes out once, jobs that stop when nobody waits for them, workers that come and go."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from typing import Any

from plantwright.errors import Interrupted, PlantwrightError
from plantwright.simulation.executing import heeding

_LOG = logging.getLogger("plantwright")
_MOST_SENT = 8
_SENT = "plantwright-"


class ClusterWorkers(Executor):
    """An executor on a Dask client, which stays open.

    Arguments that are bytes go to each worker once, however many jobs have them; a worker that lacks them gets them from another one, or,
    where those are lost, from the scheduler. After Ctrl-C no more work is taken: one that falls into the end of a Dask future's life is
    passed over there.

    Parameters
    ----------
    client : distributed.Client
    refused : callable
        Why a worker at that address may not be used; None where it may. Asked of those that join later.
    """

    def __init__(self, client: Any, refused: Callable[[str], PlantwrightError | None]) -> None:
        self._client, self._refused = client, refused
        # Equal jobs of two runs are not one job: what is taken back in one of them must not be lost for the other.
        self._executor = client.get_executor(pure=False)
        self._sent: dict[str, Any] = {}
        self.interrupted = False
        self.refusal: PlantwrightError | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.interrupted:
            raise KeyboardInterrupt
        if self.refusal is not None:
            raise self.refusal
        there = (self._once(argument) if isinstance(argument, bytes) else argument for argument in args)
        promised: Future[Any] = self._executor.submit(call_while_wanted, fn, *there, **kwargs)
        return promised

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._sent.clear()
        self._executor.shutdown(wait=wait and not cancel_futures)

    def _once(self, data: bytes) -> Any:
        """A task whose result these bytes are: unlike data that is scattered, the scheduler makes it again where it was lost."""
        key = f"{_SENT}{sha256(data).hexdigest()}"
        known = self._sent.pop(key, None)
        if known is None or known.status not in ("pending", "finished"):
            known = self._client.submit(bytes, data, key=key)
        self._sent[key] = known
        while len(self._sent) > _MOST_SENT:
            del self._sent[next(iter(self._sent))]
        return known

    def heard(self, event: Any) -> None:
        """Say in the log which workers are lost, and take all work back where one joins that may not be used."""
        said = event[1] if isinstance(event, tuple) else event
        if not isinstance(said, Mapping) or "worker" not in said:
            return
        if said.get("action") == "remove-worker" and not said.get("expected"):
            again = [*(said.get("processing-tasks") or ()), *(said.get("lost-computed-tasks") or ())]
            jobs = sum(not str(key).startswith(_SENT) for key in again)
            _LOG.warning("The worker %s was lost; %d jobs run again on the others.", said["worker"], jobs)
        if said.get("action") == "add-worker" and self.refusal is None:
            self.refusal = self._refused(said["worker"])
            if self.refusal is not None:
                # This is Dask's own thread, which must not wait for itself.
                threading.Thread(target=self._executor.shutdown, args=(False,), daemon=True).start()


def call_while_wanted(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function on a worker of Dask, and let it know when nobody waits for it any more.

    What was stopped is begun anew if it should be wanted after all, as when its worker was taken for lost and comes back.
    """
    distributed: Any = import_module("distributed")
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def is_given_up() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    try:
        with heeding(is_given_up):
            return fn(*args, **kwargs)
    except Interrupted:
        raise distributed.Reschedule from None


@contextmanager
def heeding_ctrl_c(workers: ClusterWorkers) -> Iterator[None]:
    """Note Ctrl-C with the workers, as long as the block lasts, whatever becomes of the exception."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def note(number: int, frame: Any) -> None:
        workers.interrupted = True
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
