"""Parts of a multipart stream, from bytes that come in whatever pieces."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.shopfloor.connectors.mtconnect.documents import MOST_BYTES, Malformed

LONGEST_HEAD = 16_384


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a Content-Type names; None where it is no multipart."""
    kind, _, rest = content_type.partition(";")
    if not kind.strip().lower().startswith("multipart/"):
        return None
    for word in rest.split(";"):
        key, _, value = word.partition("=")
        if key.strip().lower() == "boundary" and value.strip().strip('"'):
            return value.strip().strip('"').encode("latin-1", "replace")
    return None


class Parts:
    """Takes bytes in and gives the parts that are complete.

    A part with a Content-Length has so many bytes, another ends at the next boundary. Some agents write the boundary with its two
    dashes into the Content-Type: both are taken.
    """

    def __init__(self, boundary: bytes, most: int = MOST_BYTES) -> None:
        self._mark = b"--" + boundary
        self._most = most
        self._held = bytearray()
        self._length: int | None = None
        self._in_body = False
        self._searched = 0
        self.ended = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The parts that these bytes complete. Raises Malformed where a part is too large or has no head."""
        self._held += data
        while not self.ended:
            if not self._in_body and not self._head():
                return
            part = self._body()
            if part is None:
                return
            yield part

    def _head(self) -> bool:
        """Read a boundary and the headers of a part; whether they are there."""
        held = self._held
        at = held.find(self._mark)
        if at < 0:
            if len(held) > LONGEST_HEAD:
                raise Malformed(f"no boundary in {len(held):,} bytes of a stream")
            return False
        after = at + len(self._mark)
        if held[after : after + 2] == b"--":
            self.ended = True
            return False
        crlf, lf = held.find(b"\r\n\r\n", after), held.find(b"\n\n", after)
        end, width = (crlf, 4) if crlf >= 0 and (lf < 0 or crlf < lf) else (lf, 2)
        if end < 0:
            if len(held) - after > LONGEST_HEAD:
                raise Malformed("the head of a part has no end")
            return False
        self._length = self._length_in(bytes(held[after:end]))
        del held[: end + width]
        self._in_body, self._searched = True, 0
        return True

    def _length_in(self, head: bytes) -> int | None:
        for line in head.splitlines():
            key, _, value = line.partition(b":")
            if key.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value) if len(value.strip()) < 16 else self._most + 1
                if length > self._most:
                    raise Malformed(f"a part of {length:,} bytes or more; at most {self._most:,} are read")
                return length
        return None

    def _body(self) -> bytes | None:
        held = self._held
        if self._length is not None:
            if len(held) < self._length:
                return None
            part = bytes(held[: self._length])
            del held[: self._length]
        else:
            at = held.find(self._mark, max(0, self._searched - len(self._mark)))
            if at < 0:
                if len(held) > self._most:
                    raise Malformed(f"a part of more than {self._most:,} bytes")
                self._searched = len(held)
                return None
            part = bytes(held[:at]).rstrip(b"\r\n")
            del held[:at]
        self._in_body = False
        return part
