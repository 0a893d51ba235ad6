"""Reads SHDR: an adapter over TCP, or files in which its lines were recorded."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plantwright.shopfloor.collecting.skew import Skew
from plantwright.shopfloor.connectors import ConnectionLost, Inlet
from plantwright.shopfloor.connectors.dialing import dial
from plantwright.shopfloor.connectors.mtconnect.assets import asset_detail, asset_tag
from plantwright.shopfloor.connectors.mtconnect.devices import Device
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.connectors.shdr.items import GuessedItems, Items, KnownItems
from plantwright.shopfloor.connectors.shdr.lines import LONGEST_LINE, Assembler, Asset, LinesReader

FIRST_WORDS = 2.0
"""Seconds in which an adapter says what has held for long."""

LINES_AT_ONCE = 5_000


@dataclass
class ShdrConnector:
    """Reads one adapter, or its recorded lines once.

    Parameters
    ----------
    name : str
        The source's.
    machine : str
    device : Device, optional
        The machine's device of a devices file; without it what an item is, is guessed.
    host, port
        Where the adapter is.
    files : sequence of Path
        Recorded lines, read in this order, in place of an adapter.
    heartbeat : float
        Seconds between two questions whether the adapter is still there, until it says how often it wants to be asked.
    """

    name: str
    machine: str
    device: Device | None = None
    host: str = ""
    port: int = 7878
    files: Sequence[Path] = ()
    heartbeat: float = 10.0
    _items: Items | None = field(default=None, repr=False)

    def run(self, inlet: Inlet) -> None:
        """Read until ``inlet.stopping`` is set, or the files end. Raises ConnectionLost."""
        if self.files:
            self._read_files(inlet)
        else:
            self._read_adapter(inlet)

    def _reader(self, inlet: Inlet) -> LinesReader:
        if self._items is None:
            self._items = (
                KnownItems(self.device, self.name, inlet)
                if self.device is not None
                else GuessedItems(self.machine, self.name, inlet)
            )
        assets = asset_tag(self.machine, self.name)
        asset_id = next(iter(inlet.declare([assets])), None) if inlet.wants(assets) else None

        def keep(asset: Asset, time: int, sheet: Sheet) -> None:
            if asset_id is not None:
                sheet.tell(asset_id, time, asset.name, asset_detail(asset.type, asset.xml, asset.xml is None))

        return LinesReader(self._items.find, lambda text, why: inlet.reject(-1, text, why), keep)

    def _read_files(self, inlet: Inlet) -> None:
        """Each file once, from where the last batch ended."""
        reader, at = self._reader(inlet), inlet.resume or {}
        names = [file.name for file in self.files]
        begin = names.index(at["file"]) if at.get("file") in names else 0
        for file in self.files[begin:]:
            skip = int(at.get("line", 0)) if file.name == at.get("file") else 0
            with _opened(file) as lines:
                for number, some in _batches(lines, skip):
                    if inlet.stopping.is_set():
                        return
                    sheet = Sheet(inlet.reject)
                    for text in some:
                        reader.read(text, None, sheet)
                    inlet.put(*sheet.readings(), {"file": file.name, "line": number})
        self._tell_unknown(inlet)

    def _read_adapter(self, inlet: Inlet) -> None:
        """One connection. What an adapter said while it was not connected is lost: a gap."""
        try:
            connection = dial(self.host, self.port, 10.0, inlet.stopping)
        except OSError as error:
            raise ConnectionLost(f"no adapter at {self.host}:{self.port}: {error.strerror or error}") from None
        with connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            inlet.cannot_resume("an adapter does not tell what it said while it was not connected")
            _Talk(connection, inlet, self._reader(inlet), self.heartbeat).run()
        self._tell_unknown(inlet)

    def _tell_unknown(self, inlet: Inlet) -> None:
        if self._items is not None and self._items.unknown:
            some = sorted(self._items.unknown)
            more = f" and {len(some) - 3} more" if len(some) > 3 else ""
            inlet.note("PW5053", f"items that the devices file does not name were left out: {some[:3]}{more}")


class _Talk:
    """Listens to an adapter, and asks now and then whether it is still there."""

    def __init__(self, connection: socket.socket, inlet: Inlet, reader: LinesReader, heartbeat: float) -> None:
        self._connection, self._inlet, self._reader = connection, inlet, reader
        self._heartbeat, self._answers = heartbeat, False
        self._since = time.monotonic()
        self._assembler, self._rest, self._too_long = Assembler(), b"", False

    def run(self) -> None:
        """Until it is stopped. Raises ConnectionLost."""
        self._connection.settimeout(0.25)
        # one room for all that comes: a new one for each piece, most of it given back at once, leaves holes in the memory
        room = memoryview(bytearray(262_144))
        asked, heard = -1e9, time.monotonic()
        while not self._inlet.stopping.is_set():
            now = time.monotonic()
            try:
                if now - asked >= self._heartbeat:
                    self._connection.sendall(b"* PING\n")
                    asked = now
                data = bytes(room[: self._connection.recv_into(room)])
            except TimeoutError:
                if self._answers and time.monotonic() - heard > 2 * self._heartbeat + 0.5:
                    raise ConnectionLost(f"the adapter was silent for {2 * self._heartbeat:g} s") from None
                continue
            except OSError as error:
                raise ConnectionLost(f"the adapter is gone: {error.strerror or error}") from None
            if not data:
                raise ConnectionLost("the adapter ended the connection")
            heard = time.monotonic()
            self._take(data)

    def _take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            if not self._too_long:
                why = f"a line of more than {LONGEST_LINE:,} bytes"
                self._inlet.reject(-1, self._rest[:40].decode("utf-8", "replace"), why)
            self._rest, self._too_long = b"", True
        if lines and self._too_long:
            lines, self._too_long = lines[1:], False
        sheet, now = Sheet(self._inlet.reject), time.time_ns()
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip("\r")
            if text.startswith("*"):
                self._command(text)
            elif text.strip() and (whole := self._assembler.take(text)) is not None:
                self._reader.read(whole, now, sheet)
        self._inlet.alive()
        if len(sheet):
            samples, events = sheet.readings()
            self._clock(max(int(some.time.max()) for some in (samples, events) if len(some)), now)
            self._inlet.put(samples, events, {})

    def _clock(self, newest: int, now: int) -> None:
        """What an adapter says now tells its clock; what it says first, and of days ago, does not."""
        if time.monotonic() - self._since > FIRST_WORDS and abs(newest - now) < Skew.A_DAY:
            self._inlet.clock(newest)

    def _command(self, text: str) -> None:
        words = text[1:].split()
        if words[:1] == ["PONG"]:
            self._answers = True
            if len(words) > 1 and words[1].isdigit() and 100 <= int(words[1]) <= 600_000:
                self._heartbeat = int(words[1]) / 1000


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[str]]:
    try:
        with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            yield _bounded(lines)
    except OSError as error:
        raise ConnectionLost(f"{file} cannot be read: {error.strerror or error}") from None


def _bounded(lines: object) -> Iterator[str]:
    """Lines of a file; one that is too long comes in pieces."""
    while text := lines.readline(LONGEST_LINE):  # type: ignore[attr-defined]
        yield text


def _batches(lines: Iterator[str], skip: int) -> Iterator[tuple[int, list[str]]]:
    """Whole lines in batches, each with the number of the last line that was read, comments left out."""
    assembler, found, number = Assembler(), [], 0  # type: tuple[Assembler, list[str], int]
    for number, text in enumerate(lines, 1):
        whole = None if text.startswith("*") else assembler.take(text.rstrip("\r\n"))
        if number <= skip:
            continue
        if whole is not None and whole.strip():
            found.append(whole)
        if whole is not None and len(found) >= LINES_AT_ONCE:
            yield number, found
            found = []
    if found or number > skip:
        yield number, found
