"""The history of machines: what was read, kept for good, and read by many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.readings import Batch, Tag

if TYPE_CHECKING:
    import polars

    from plantwright.shopfloor.history.keeping import Keep


class HistoryError(PlantwrightError):
    """A history that cannot be opened or read."""

    code = "PW5100"


class HistoryFull(PlantwrightError):  # noqa: N818
    """There is no room for more: the disk is full. Nothing that was acknowledged is lost; the batch may be appended again."""

    code = "PW5101"


class HistoryUnavailable(HistoryFull):
    """The database does not answer. The batch may be appended again; should it have been kept after all, it stands there once."""

    code = "PW5105"


class HistoryDamaged(HistoryError):  # noqa: N818
    """Bytes that were acknowledged cannot be read any more, which no crash explains. What is whole can be kept by mending."""

    code = "PW5102"


class Recorder(Protocol):
    """Writes a history. There is one at a time."""

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        """The ids of tags, in their order: those of tags that are known by name, and new ones. They stay for good."""

    def append(self, batches: Sequence[Batch]) -> None:
        """Keep batches; when it returns they outlast a crash and a power cut. Raises HistoryFull: then none of them is kept."""

    def positions(self) -> Mapping[str, Mapping[str, Any]]:
        """The last position of each source."""

    def close(self) -> None:
        """End writing."""


class History(Protocol):
    """Reads a history, in any process, while it is written.

    Instants are nanoseconds since 1970 in UTC; windows are half-open. Frames are in the order of tag, time and arrival; readings that
    came twice stand there once.
    """

    def tags(self) -> Sequence[Tag]:
        """All tags; a tag's id is its place in this sequence."""

    def samples(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        """Columns: ``tag`` (Int32), ``time`` (Datetime ns, UTC), ``value`` (Float64), ``quality`` (UInt8)."""

    def events(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        """Columns: ``tag`` (Int32), ``time`` (Datetime ns, UTC), ``value`` (String), ``detail`` (String), ``quality`` (UInt8)."""

    def before(self, tags: Sequence[int], instant: int) -> polars.DataFrame:
        """The last event of each tag before an instant, as `events`: what held when a window began."""

    def minutes(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        """Samples by minute: ``tag``, ``minute``, ``count``, ``least``, ``most``, ``mean``, ``first``, ``last``; of good ones only."""

    def newest(self, tags: Sequence[int] = ()) -> int | None:
        """The latest instant that is kept of tags, of all where none is named; None where nothing is."""

    def oldest(self) -> int | None:
        """The earliest instant that is kept, None where nothing is."""

    def keeps(self) -> Keep:
        """How long readings are kept."""

    def amounts(self) -> Mapping[str, tuple[int, int]]:
        """Rows and bytes of ``samples``, ``events``, ``minutes``, and of ``segments`` (what is not sealed yet); bytes are 0 where nobody
        knows them.
        """
