"""Asking an agent: its documents, and its stream, over HTTP."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.config import Secret
from plantwright.shopfloor.connectors import ConnectionLost
from plantwright.shopfloor.connectors.dialing import dial
from plantwright.shopfloor.connectors.mtconnect.documents import MOST_BYTES, Element, Malformed, errors, parse
from plantwright.shopfloor.connectors.mtconnect.multipart import Parts, boundary_of


class Refused(PlantwrightError):  # noqa: N818  (an answer)
    """The agent answers with an error of its own; ``codes`` are such as ``OUT_OF_RANGE``."""

    code = "PW5051"

    def __init__(self, found: list[tuple[str, str]]) -> None:
        self.codes = {code.upper() for code, _ in found}
        super().__init__("; ".join(f"{code} {text}".strip() for code, text in found[:3]))

    @property
    def out_of_range(self) -> bool:
        """Whether what was asked for is not in the agent's buffer."""
        return "OUT_OF_RANGE" in self.codes or "OUTOFRANGE" in self.codes


@dataclass(frozen=True)
class Address:
    """Where an agent is, and how it is asked.

    Parameters
    ----------
    url : str
        ``http://host:port`` or ``https://``, with a path where the agent is behind one, or to one device.
    user, password : optional
    ca : Path, optional
        A file with the certificates that are trusted in place of the system's.
    timeout : float
        Seconds.
    """

    url: str
    user: str = ""
    password: Secret | None = None
    ca: Path | None = None
    timeout: float = 10.0
    _parts: tuple[str, str, int, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"'url' is such as http://mill:5000; {self.url!r} is not")
        if parts.username is not None or parts.password is not None:
            raise ValueError("'user' and 'password' stand under their own words, not in 'url'")
        port = parts.port or (443 if parts.scheme == "https" else 5000)
        object.__setattr__(self, "_parts", (parts.scheme, parts.hostname, port, parts.path.rstrip("/")))
        if self.ca is not None and parts.scheme != "https":
            raise ValueError("'ca' is for https://")

    @property
    def bare(self) -> bool:
        """Whether a password goes over the network as it is."""
        return self.password is not None and self._parts[0] == "http"

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return self._parts[1], self._parts[2]

    def trusted(self) -> ssl.SSLContext | None:
        """How TLS is checked; None without TLS. Raises ConnectionLost where the certificates cannot be read."""
        if self._parts[0] == "http":
            return None
        try:
            return ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
        except (OSError, ssl.SSLError) as error:
            raise ConnectionLost(f"the certificates of {self.ca} cannot be read: {error}") from None

    def path(self, request: str, values: Mapping[str, object]) -> str:
        """The path of a request with its query."""
        query = f"?{urlencode(values)}" if values else ""
        return f"{self._parts[3]}/{quote(request)}{query}"

    def headers(self) -> dict[str, str]:
        """What is sent with every request."""
        sent = {"Accept": "text/xml, application/xml", "Accept-Encoding": "identity", "User-Agent": "Plantwright"}
        if self.password is not None or self.user:
            plain = f"{self.user}:{'' if self.password is None else self.password.plain}"
            sent["Authorization"] = f"Basic {base64.b64encode(plain.encode()).decode()}"
        return sent


class Agent:
    """Asks one agent. A connection is opened for each request, and ended when `stopping` is set.

    Parameters
    ----------
    address : Address
    stopping : threading.Event
    """

    def __init__(self, address: Address, stopping: threading.Event) -> None:
        self._address, self._stopping = address, stopping

    def ask(self, request: str, **values: object) -> Element:
        """A document. Raises ConnectionLost, Malformed, or Refused where the agent answers with an error."""
        with self._asked(request, values) as answer:
            return self._document(answer, request)

    def stream(self, request: str, silence: float, **values: object) -> Iterator[Element]:
        """The documents of a multipart stream as they come; a single one where the agent does not stream.

        Raises ConnectionLost where it ends, or is silent for so many seconds; Malformed; Refused.
        """
        with self._asked(request, values, silence) as answer:
            boundary = boundary_of(answer.getheader("Content-Type") or "")
            if boundary is None or answer.status != 200:
                yield self._document(answer, request)
                return
            parts, last = Parts(boundary), time.monotonic()
            while not parts.ended:
                data = answer.read1(65_536)
                if not data:
                    break
                for part in parts.feed(data):
                    yield checked(parse(part))
                    last = time.monotonic()
                if time.monotonic() - last > 3 * silence + 30:
                    raise ConnectionLost("a part of the stream does not end")
            raise ConnectionLost("the agent ended its stream")

    @contextmanager
    def _asked(
        self, request: str, values: Mapping[str, object], silence: float | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        trusted, (host, port) = self._address.trusted(), self._address.place
        connection = http.client.HTTPConnection(host, port)
        done, opened = threading.Event(), list[Any]()
        try:
            opened.append(dial(host, port, self._address.timeout, self._stopping))
            threading.Thread(target=self._end_when_stopping, args=(opened, done), daemon=True).start()
            if trusted is not None:
                opened[0] = trusted.wrap_socket(opened[0], server_hostname=host, do_handshake_on_connect=False)
                opened[0].do_handshake()
            connection.sock = opened[0]
            if silence is not None:
                connection.sock.settimeout(silence)
            connection.request("GET", self._address.path(request, values), headers=self._address.headers())
            with closing(connection.getresponse()) as answer:
                yield self._looked_at(answer)
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate is not trusted: {error.verify_message}; name the one that is by 'ca'"
            raise ConnectionLost(why) from None
        except TimeoutError:
            raise ConnectionLost(f"no answer within {silence or self._address.timeout:g} s") from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            if isinstance(error, ssl.SSLError) and "WRONG_VERSION" in str(error):
                raise ConnectionLost("it does not speak TLS; is it http://?") from None
            raise ConnectionLost(str(error) or type(error).__name__) from None
        finally:
            done.set()
            connection.close()
            for one in opened:
                one.close()

    def _looked_at(self, answer: http.client.HTTPResponse) -> http.client.HTTPResponse:
        if answer.status in (401, 403):
            raise ConnectionLost(f"it answers {answer.status} {answer.reason}: 'user' and 'password' are not accepted")
        if 300 <= answer.status < 400:
            raise ConnectionLost(f"it sends on to {answer.getheader('Location')!r}; give that as 'url'")
        if (answer.getheader("Content-Encoding") or "identity").lower() != "identity":
            raise ConnectionLost(f"it answers in {answer.getheader('Content-Encoding')!r} though not asked to")
        return answer

    def _end_when_stopping(self, opened: list[socket.socket], done: threading.Event) -> None:
        """A read that waits for a machine ends when the connector is asked to."""
        while not done.wait(0.2):
            if self._stopping.is_set():
                with suppress(OSError):
                    socket.socket.shutdown(opened[0], socket.SHUT_RDWR)
                return

    def _document(self, answer: http.client.HTTPResponse, request: str) -> Element:
        length = answer.getheader("Content-Length") or ""
        if length.isdigit() and len(length) > 9:
            raise Malformed(f"a document of {length} bytes; at most {MOST_BYTES:,} are read")
        data, until = bytearray(), time.monotonic() + 6 * self._address.timeout
        while piece := answer.read1(262_144):
            data += piece
            if len(data) > MOST_BYTES:
                raise Malformed(f"a document of more than {MOST_BYTES:,} bytes")
            if time.monotonic() > until:
                raise ConnectionLost(f"its answer to {request!r} does not end")
        if length.isdigit() and len(data) < int(length):
            raise ConnectionLost(f"its answer to {request!r} was cut after {len(data):,} of {length} bytes")
        try:
            return checked(parse(bytes(data)))
        except Malformed:
            if answer.status != 200:
                raise Refused([(f"HTTP {answer.status}", f"{answer.reason} to {request!r}")]) from None
            raise


def checked(root: Element) -> Element:
    """A document that is no error. Raises Refused."""
    if found := errors(root):
        raise Refused(found)
    return root
