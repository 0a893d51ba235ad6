"""ClickHouse's engine as the package chdb has it, behind as much of the HTTP interface as the history asks for. Run by a Python with chdb."""

from __future__ import annotations

import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chdb import session  # type: ignore[import-not-found]

FOLDER = Path(tempfile.mkdtemp(prefix="chdb"))
SESSION: Any = session.Session(str(FOLDER / "db"))
ONE = threading.Lock()


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        query = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
        try:
            with ONE:
                found = self._found(query, body)
            status = 200
        except Exception as error:
            found, status = str(error).encode(), 500
        self.send_response(status)
        self.send_header("Content-Length", str(len(found or b"")))
        self.end_headers()
        self.wfile.write(found or b"")

    def _found(self, query: str, body: bytes) -> bytes:
        if not query:
            return SESSION.query(body.decode()).bytes() or b""
        rows = FOLDER / "rows"
        rows.write_bytes(body)
        SESSION.query(f"INSERT INTO {query.split()[2]} FROM INFILE '{rows}' FORMAT RowBinary")
        return b""

    def log_message(self, *_: Any) -> None:
        return


server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
print(server.server_port, flush=True)
sys.stdin.close()
server.serve_forever()
