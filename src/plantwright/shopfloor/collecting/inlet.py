"""The inlet of one source: what its connector reads is checked here and waits here until it is kept."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plantwright.shopfloor.collecting.deadband import Deadband
from plantwright.shopfloor.collecting.guard import Guard, Rubbish
from plantwright.shopfloor.collecting.skew import Skew
from plantwright.shopfloor.config import SourceConfig
from plantwright.shopfloor.connectors import SourceQuarantined
from plantwright.shopfloor.readings import NANOSECONDS, NO_EVENTS, NO_SAMPLES, Batch, Events, Samples, Tag
from plantwright.units import show_duration

MOST_WAITING = 500_000
"""Readings of a source that may wait to be kept: some 20 MB."""

GAPS, NOTES, SKEW, HEARD = "gaps", "notes", "clock skew", "heard"

BEAT = 60 * NANOSECONDS
"""So often at least it is kept that a source was heard, so that a machine that says nothing new is told from one that says nothing at all;
twice within its ``no data after``.
"""


class SourceInlet:
    """An `Inlet`: a bounded queue of batches with a guard before it.

    Parameters
    ----------
    source : SourceConfig
    declare : callable
        Gives ids to tags, as `Recorder.declare`.
    clock : callable
        The collector's clock, in nanoseconds since 1970.
    wake : callable
        Called when something waits to be kept.
    say : callable
        ``say(source, code, text)`` shows a note to whoever watches.
    position : mapping, optional
        The position that the history holds of this source.
    """

    def __init__(
        self,
        source: SourceConfig,
        declare: Callable[[Sequence[Tag]], list[int]],
        clock: Callable[[], int],
        wake: Callable[[], None],
        say: Callable[[str, str, str], None],
        position: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = source.name
        self.stopping = threading.Event()
        self._source = source
        self._declare, self._clock, self._wake, self._say = declare, clock, wake, say
        self._at: Mapping[str, Any] | None = (position or {}).get("at")
        self._safe = self._at
        self._heard: int | None = (position or {}).get("heard")
        self._waiting: deque[Batch] = deque()
        self._count = 0
        self._taken = 0
        self._change = threading.Condition()
        self._tags: set[str] = set()
        self._beat = min(BEAT, int(source.no_data_after * NANOSECONDS / 2))
        self._guard, self._skew = Guard(), {"": Skew(source.clock_limit)}
        self._deadband = Deadband(source.longest_silence)
        self._said: dict[str, str] = {}
        self._dropping: tuple[int, int] | None = None
        own = [
            Tag(f"{self.name}/{GAPS}", "note", self.name, type="GAP", description="when nothing was known, and why"),
            Tag(f"{self.name}/{NOTES}", "note", self.name, type="NOTE", description="what a person should know"),
            Tag(f"{self.name}/{SKEW}", "sample", self.name, type="CLOCK_SKEW", unit="s"),
            Tag(f"{self.name}/{HEARD}", "note", self.name, type="HEARD", description="once a minute while it is heard"),
        ]
        self._gaps, self._notes, self._skews, self._beats = declare(own)
        self._last_beat = 0
        self.readings = 0

    @property
    def resume(self) -> Mapping[str, Any] | None:
        return self._at

    @property
    def safe(self) -> Mapping[str, Any] | None:
        return self._safe

    @property
    def heard(self) -> int | None:
        return self._heard

    @property
    def waiting(self) -> int:
        """Readings that wait to be kept."""
        return self._count

    def wants(self, tag: Tag) -> bool:
        return self._source.wants(tag)

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        known = self._tags | {tag.name for tag in tags}
        if len(known) > self._source.most_tags:
            raise SourceQuarantined(
                f"{len(known):,} tags, and at most {self._source.most_tags:,} of one source are read; "
                "choose some by 'only', or raise 'most tags'"
            )
        self._tags = known
        ids = self._declare(tags)
        for tag, number in zip(tags, ids, strict=True):
            band = next(
                (b for name in (tag.name, *reversed(tag.kinds)) if (b := self._source.deadbands.get(name))), None
            )
            if band and tag.kind == "sample":
                self._deadband.set(number, *band)
        return ids

    def put(
        self, samples: Samples = NO_SAMPLES, events: Events = NO_EVENTS, position: Mapping[str, Any] | None = None
    ) -> None:
        batch = self._checked(samples, events, position)
        with self._change:
            while self._count >= MOST_WAITING and not self.stopping.is_set():
                self._change.wait(0.5)
            self._enter(batch)

    def offer(
        self, samples: Samples = NO_SAMPLES, events: Events = NO_EVENTS, position: Mapping[str, Any] | None = None
    ) -> bool:
        now = self._clock()
        if self._count >= MOST_WAITING:
            self._dropping = (
                (self._dropping or (now, 0))[0],
                (self._dropping or (now, 0))[1] + len(samples) + len(events),
            )
            return False
        if self._dropping:
            since, count = self._dropping
            self._dropping = None
            self.note(
                "PW5020",
                f"{count:,} readings were dropped: the history is slower than the source; give it a faster disk, or read less",
            )
            self.gap(since, now, "dropped")
        batch = self._checked(samples, events, position)
        with self._change:
            self._enter(batch)
        return True

    def reject(self, tag: int, text: str, why: str) -> None:
        self._tell([self._guard.reject(text, why, self._clock())])

    def gap(self, start: int, end: int, reason: str) -> None:
        detail = json.dumps({"start": start, "end": end})
        self._own(Events.of([self._gaps], [start], [reason], [detail]))

    def cannot_resume(self, reason: str) -> None:
        if self._heard is not None:
            self.gap(self._heard, self._clock(), reason)

    def note(self, code: str, text: str) -> None:
        if self._said.get(code) == text:
            return
        self._said[code] = text
        self._say(self.name, code, text)
        self._own(Events.of([self._notes], [self._clock()], [text], [json.dumps({"code": code})]))

    def clock(self, instant: int, of: str = "") -> None:
        now = self._clock()
        self._hears(now)
        whose = f"the clock of {of}" if of else "its clock"
        if abs(instant - now) > Skew.A_DAY:
            days = (instant - now) / Skew.A_DAY
            raise SourceQuarantined(
                f"{whose} is {abs(days):,.0f} days {'ahead' if days > 0 else 'behind'}; set it (NTP)"
            )
        skew = self._skew.setdefault(of, Skew(self._source.clock_limit)).saw(instant, now)
        if skew is None:
            return
        number = self._skews
        if of:
            (number,) = self._declare(
                [Tag(f"{self.name}/{of}/{SKEW}", "sample", self.name, type="CLOCK_SKEW", unit="s")]
            )
        with self._change:
            self._enter(Batch(self.name, Samples.of([number], [now], [skew / NANOSECONDS])))
        if self._skew[of].too_far(skew):
            side = "ahead of" if skew > 0 else "behind"
            far = f"{abs(skew) / NANOSECONDS:.0f} s {side} the collector's"
            self.note("PW5021", f"{whose} is {far}; set both by NTP")

    def alive(self) -> None:
        self._hears(self._clock())

    def silence(self, since: int) -> None:
        """Say that the source was not heard for too long, once; and when it is heard again. `since` is when it was first listened for."""
        now, limit = self._clock(), self._source.no_data_after
        silent = now - max(self._heard or 0, since) > limit * NANOSECONDS
        if silent and "PW5030" not in self._said:
            self.note("PW5030", f"no data for {show_duration(limit)}; is the machine on, is the network up?")
        elif not silent and "PW5030" in self._said:
            self.forget("PW5030")
            self.note("PW5031", "data again")
            self.forget("PW5031")

    def forget(self, code: str) -> None:
        """What was said under a code holds no longer, so that it is said again when it comes again."""
        self._said.pop(code, None)

    def flush(self, timeout: float = 60.0) -> bool:
        with self._change:
            return self._change.wait_for(lambda: not self._waiting and not self._taken, timeout)

    def take(self) -> list[Batch]:
        """All that waits, for the recorder. Until `kept` or `back` is called it counts as waiting."""
        with self._change:
            taken = list(self._waiting)
            self._waiting.clear()
            self._taken = sum(map(len, taken)) or int(bool(taken))
            return taken

    def kept(self, batches: Sequence[Batch]) -> None:
        """The batches taken last are in the history."""
        with self._change:
            self._count -= sum(map(len, batches))
            self.readings += sum(map(len, batches))
            self._taken = 0
            self._safe = next((b.position.get("at") for b in reversed(batches) if b.position is not None), self._safe)
            self._change.notify_all()

    def back(self, batches: Sequence[Batch]) -> None:
        """The batches taken last could not be kept, and wait again."""
        with self._change:
            self._waiting.extendleft(reversed(batches))
            self._taken = 0

    def stop(self) -> None:
        """Ask the connector to end."""
        self.stopping.set()
        with self._change:
            self._change.notify_all()

    def _checked(self, samples: Samples, events: Events, position: Mapping[str, Any] | None) -> Batch:
        now = self._clock()
        self._hears(now)
        found: list[Rubbish] = []
        if len(samples):
            samples, wrong = self._guard.samples(samples, now)
            samples, found = self._deadband(samples), found + wrong
        if len(events):
            events, wrong = self._guard.events(events, now)
            found = found + wrong
        self._tell(found)
        at = None if position is None else {"heard": now, "at": position}
        return Batch(self.name, samples, events, at)

    def _hears(self, now: int) -> None:
        self._heard = now
        if self._source.kind.live and now - self._last_beat >= self._beat:
            self._last_beat = now
            self._own(Events.of([self._beats], [now], [HEARD]))

    def _tell(self, found: Sequence[Rubbish]) -> None:
        for rubbish in found:
            self.note("PW5022", f"not kept: {rubbish}")

    def _own(self, events: Events) -> None:
        with self._change:
            self._enter(Batch(self.name, events=events))

    def _enter(self, batch: Batch) -> None:
        """Let a batch wait; the lock is held."""
        if not len(batch) and batch.position is None:
            return
        if batch.position is not None:
            self._at = batch.position.get("at")
        self._waiting.append(batch)
        self._count += len(batch)
        self._wake()
