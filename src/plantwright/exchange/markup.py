"""XML as event logs come in it, read piece by piece: no document types, so no entities and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, BinaryIO, Protocol
from xml.parsers import expat

from plantwright.exchange.text import refuse

if TYPE_CHECKING:
    from plantwright.exchange.tables import Table

DEEPEST = 32
LONGEST_TEXT = 1_000_000


class Sink(Protocol):
    """What is made of the elements of a document, as they come."""

    def start(self, tag: str, attributes: Mapping[str, str], depth: int) -> None:
        """An element begins; the root has depth 1."""

    def end(self, tag: str, text: str, depth: int) -> None:
        """An element ends; `text` is what stood directly in it."""

    def table(self) -> Table:
        """What was read."""


def read_xml_log(file: BinaryIO, name: str, largest: int) -> Table:
    """The cells of an XES or OCEL 2.0 document, told by what stands in its root.

    Raises LogError for a document type (it could name files or unfold without end), for elements nested deeper than `DEEPEST`, for
    what is not well formed, and for what is neither.
    """
    return _Reader(name, largest).read(file)


class _Reader:
    """The parser's state: where it is in the document, and what is made of it."""

    def __init__(self, name: str, largest: int) -> None:
        self._name, self._largest = name, largest
        self._depth = 0
        self._texts: list[list[str]] = [[]]
        self._length = 0
        self._sink: Sink | None = None
        # Without namespaces: prefixes are taken off, so that a log in any of them is read.
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, file: BinaryIO) -> Table:
        """Read to the end."""
        try:
            while piece := file.read(1 << 20):
                self._parser.Parse(piece, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = f"is not well-formed XML: {expat.ErrorString(error.code)}"
            raise refuse(self._name, "PW3007", reason, error.lineno) from error
        except (LookupError, ValueError) as error:
            raise refuse(self._name, "PW3007", f"is in an encoding that is not known: {error}") from error
        if self._sink is None:
            raise refuse(self._name, "PW3007", "is XML, but neither XES nor OCEL 2.0")
        return self._sink.table()

    def _doctype(self, *_: object) -> None:
        raise refuse(self._name, "PW3007", "declares a document type, which no log needs and which can hide a bomb; it is not read",
                     self._parser.CurrentLineNumber)  # fmt: skip

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise refuse(
                self._name, "PW3007", f"has elements nested deeper than {DEEPEST}", self._parser.CurrentLineNumber
            )
        tag = tag.rpartition(":")[2]
        self._texts.append([])
        if self._sink is None and self._depth == 2:
            self._sink = self._choose(tag)
        if self._sink is not None:
            self._sink.start(tag, attributes, self._depth)

    def _choose(self, tag: str) -> Sink | None:
        if tag in ("object-types", "event-types", "objects", "events"):
            from plantwright.exchange.ocel_xml import OcelXml

            return OcelXml(self._name)
        if tag in ("extension", "global", "classifier", "trace", "event", "string", "date", "int", "float", "boolean", "id", "list", "container"):  # fmt: skip
            from plantwright.exchange.xes_reading import XesEvents

            return XesEvents(self._name)
        raise refuse(self._name, "PW3007", f"is XML, but neither XES nor OCEL 2.0: its root holds {tag!r}")

    def _text(self, data: str) -> None:
        self._length += len(data)
        if self._length > LONGEST_TEXT:
            raise refuse(
                self._name, "PW3007", "holds a text of more than a million characters", self._parser.CurrentLineNumber
            )
        self._texts[-1].append(data)

    def _end(self, tag: str) -> None:
        text = "".join(self._texts.pop())
        self._length = 0
        if self._sink is not None:
            self._sink.end(tag.rpartition(":")[2], text.strip(), self._depth)
        self._depth -= 1
