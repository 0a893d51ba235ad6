"""The log of a run in XES (IEEE 1849), which process-mining programs read.

Each lot is a trace: its operations are scheduled when it comes into a queue, started and completed; ``org:resource`` is the
machine, ``org:group`` the work center. Each machine is a trace too, of its states and of the people it had; the trace attribute ``of``
(lot, machine or plant) tells them apart. The lifecycle is the standard's own (schedule, start, complete; assign and
withdraw for people).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from xml.sax.saxutils import quoteattr

from plantwright.exchange.run_log import LogFile

if TYPE_CHECKING:
    import polars

_EXTENSIONS = (("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time"), ("Organizational", "org"))
_TRANSITIONS = {
    "queued": "schedule",
    "started": "start",
    "ended": "complete",
    "state": "start",
    "people seized": "assign",
    "people let go": "withdraw",
    "tool seized": "assign",
    "tool let go": "withdraw",
}
_OPERATION = ("queued", "started", "ended")
_PIECES = ("released", "queued", "started", "ended", "split")
"""What says how many pieces a lot has. Scrap takes some away; a lot without pieces is gone."""
_GONE = ("completed", "merged", "joined")
_LEAST = 1e-9
# XML 1.0 knows no way to write these.
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def _text(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(value.translate(_UNWRITABLE))}/>'


class XesLog(LogFile):
    """A log file in XES. In memory are the lots that are on their way, no more."""

    def __init__(self, path: Path, plant: str) -> None:
        super().__init__(path)
        self._plant = plant
        self._open_lots: dict[int, list[str]] = {}
        self._pieces: dict[int, float] = {}
        self._parted: set[int] = set()
        self._others: dict[str, Path] = {}
        self._people: dict[str, list[str]] = {}
        self._worked: dict[str, list[str]] = {}

    def _open(self) -> None:
        self._file: TextIO = (self.folder / "log.xes").open("w", encoding="utf-8", newline="\n")
        self._file.write(_head(self._plant))

    def write(self, rows: polars.DataFrame) -> None:
        others: dict[str, list[str]] = {}
        stamps = rows["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z")
        for row, stamp in zip(rows.iter_rows(named=True), stamps, strict=True):
            machine = f"{row['work_center']} / {row['machine']}"
            self._watch(row, machine)
            event = self._event(row, stamp, machine)
            if row["lot"] is not None:
                self._of_lot(row, event)
            else:
                trace = f"machine {machine}" if row["machine"] is not None else "plant"
                others.setdefault(trace, []).append(event)
        for trace, events in others.items():
            path = self._others.setdefault(trace, self.folder / f"trace {len(self._others)}")
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(events)

    def _watch(self, row: dict[str, Any], machine: str) -> None:
        """Keep in mind who is at a machine, and who has been since its work began."""
        held = self._people.setdefault(machine, [])
        if row["what"] == "people seized":
            held.append(row["detail"])
            self._worked.setdefault(machine, []).append(row["detail"])
        elif row["what"] == "people let go" and row["detail"] in held:
            held.remove(row["detail"])
        elif row["what"] == "started" and row["machine"] is not None:
            self._worked[machine] = list(held)

    def _event(self, row: dict[str, Any], stamp: str, machine: str) -> str:
        what = row["what"]
        name = row["operation"] if what in _OPERATION else row["detail"] if what == "state" else what
        parts = [
            _text("concept:name", name),
            _text("lifecycle:transition", _TRANSITIONS.get(what, "complete")),
            f'<date key="time:timestamp" value="{stamp}"/>',
        ]
        if row["machine"] is not None:
            parts.append(_text("org:resource", row["machine"]))
        if row["work_center"] is not None:
            parts.append(_text("org:group", row["work_center"]))
        if what not in _OPERATION and row["operation"] is not None:
            parts.append(_text("operation", row["operation"]))
        if what != "state" and row["detail"] is not None:
            parts.append(_text("detail", row["detail"]))
        if what in ("started", "ended") and (people := self._worked.get(machine)):
            parts.append(_text("people", ", ".join(dict.fromkeys(people))))
        if row["amount"] is not None:
            parts.append(f'<float key="amount" value="{row["amount"]!r}"/>')
        return "<event>" + "".join(parts) + "</event>\n"

    def _of_lot(self, row: dict[str, Any], event: str) -> None:
        lot, what, amount = row["lot"], row["what"], row["amount"] or 0.0
        if lot not in self._open_lots:
            attributes = _text("of", "lot") + _text("product", row["product"] or "") + f'<int key="lot" value="{lot}"/>'
            self._open_lots[lot] = [_trace(f"{row['product']} {lot}", attributes)]
        self._open_lots[lot].append(event)
        if what == "split":
            self._parted |= {lot, int(row["detail"])}
        if what in _PIECES:
            self._pieces[lot] = amount
        elif what == "scrapped":
            self._pieces[lot] = self._pieces.get(lot, math.inf) - amount
        # Of what was parted from a lot, a part that is scrapped may be waited for where the parts come together.
        scrapped = what == "scrapped" and self._pieces[lot] <= _LEAST and lot not in self._parted
        if what in _GONE or scrapped:
            self._close(lot)

    def _close(self, lot: int) -> None:
        self._file.writelines([*self._open_lots.pop(lot), "</trace>\n"])
        self._pieces.pop(lot, None)
        self._parted.discard(lot)

    def _finish(self, wanted: bool) -> Path | None:
        with self._file as file:
            if not wanted:
                return None
            for lot in list(self._open_lots):
                self._close(lot)
            for trace, path in self._others.items():
                file.write(_trace(trace, _text("of", trace.partition(" ")[0])))
                file.writelines(_lines(path))
                file.write("</trace>\n")
            file.write("</log>\n")
        return self.folder / "log.xes"


def _lines(path: Path) -> Iterable[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _trace(name: str, attributes: str) -> str:
    return f"<trace>{_text('concept:name', name)}{attributes}\n"


def _head(plant: str) -> str:
    extensions = "".join(
        f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        for name, prefix in _EXTENSIONS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
        f"{extensions}"
        f'<global scope="trace">{_text("concept:name", "unknown")}</global>\n'
        f'<global scope="event">{_text("concept:name", "unknown")}{_text("lifecycle:transition", "complete")}'
        '<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/></global>\n'
        '<classifier name="operation and transition" keys="concept:name lifecycle:transition"/>\n'
        '<classifier name="operation" keys="concept:name"/>\n'
        f"{_text('concept:name', plant)}{_text('lifecycle:model', 'standard')}\n"
    )
