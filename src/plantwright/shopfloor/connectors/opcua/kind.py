"""The kind ``opcua``: its words, and the connector that they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plantwright.plant.document import Scalar
from plantwright.plant.readers import Context, Number, Quantity, Reader, Text
from plantwright.plant.structures import NAMES, Word
from plantwright.shopfloor.config import ConfigContext, FilePath, SecretText
from plantwright.shopfloor.connectors import ConnectorKind, Draft, Inlet, needs

POLICY_NAMES = ("Aes256_Sha256_RsaPss", "Basic256Sha256", "Aes128_Sha256_RsaOaep")
MODE_NAMES = ("sign and encrypt", "sign")
FOLDER = "certificates"
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:?){32}")
_NODE = re.compile(r"(?:nsu=.+;|ns=\d+;)?[isgb]=.+")


class SecurityWord(Reader):
    """Which security is wanted."""

    kind = "auto, none, or a policy such as Basic256Sha256, and behind it 'sign' where nothing is to be encrypted"

    def text(self, text: str, context: Context) -> str:
        policy, _, mode = text.partition(" ")
        if text in ("auto", "none") or (policy in POLICY_NAMES and mode in ("", *MODE_NAMES)):
            return text
        raise ValueError(f"{text!r} is no security; there are auto, none, {', '.join(POLICY_NAMES)}")


class Trusted(Reader):
    """Certificates that are trusted: fingerprints, or files and folders beside the collector's file."""

    kind = "the SHA-256 of a certificate, or the path of one, or a list of them"
    schema: Mapping[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

    def read(self, node: Any, context: Context, path: str) -> Any:
        items = [node] if isinstance(node, Scalar) else getattr(node, "items", None)
        if not isinstance(items, list | tuple) or not all(isinstance(one, Scalar) and one.text for one in items):
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here")
            return None
        assert isinstance(context, ConfigContext)
        return tuple(one.text if _FINGERPRINT.fullmatch(one.text) else context.path_of(one.text) for one in items)


@dataclass
class OpcuaServer:
    """Reads the variables of an OPC UA server.

    Parameters
    ----------
    name : str
        Of the source.
    access : mapping
        How it is reached, by the names of `session.Access`.
    wanted : mapping
        What of it is read, by the names of `reading.Wanted`.
    pace : mapping
        How often, by the names of `subscribing.Pace`.
    """

    name: str
    access: Mapping[str, Any] = field(repr=False)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    pace: Mapping[str, Any] = field(default_factory=dict)
    _reader: Any = field(default=None, init=False, repr=False)

    def run(self, inlet: Inlet) -> None:
        """Read until the collector stops. Raises ConnectionLost."""
        if self._reader is None:
            from plantwright.shopfloor.connectors.opcua.reading import Reader, Wanted
            from plantwright.shopfloor.connectors.opcua.session import Access
            from plantwright.shopfloor.connectors.opcua.subscribing import Pace

            access, wanted = Access(**self.access), Wanted(self.name, **self.wanted)
            self._reader = Reader(access, wanted, Pace(**self.pace))
        self._reader.run(inlet)


def _make(
    name: str,
    url: str,
    folder: Path | None = None,
    nodes: Sequence[str] = (),
    security: str = "auto",
    trust: Sequence[str | Path] = (),
    certificate: Path | None = None,
    key: Path | None = None,
    user: str = "",
    password: Any = "",
    user_certificate: Path | None = None,
    user_key: Path | None = None,
    key_password: Any = "",
    machine: str = "",
    most_nodes: int = 50_000,
    **pace: Any,
) -> OpcuaServer:
    needs("asyncua", "opcua")
    if not url.startswith("opc.tcp://"):
        raise ValueError(f"'url: {url}' is no address of an OPC UA server, such as opc.tcp://192.168.1.30:4840")
    if "@" in url:
        raise ValueError("a user stands in 'user' and 'password', not in the address")
    if user and user_certificate:
        raise ValueError("'user' and 'user certificate' do not go together")
    if bool(user_certificate) != bool(user_key) or bool(certificate) != bool(key):
        raise ValueError("a certificate and its key go together")
    if password and not user:
        raise ValueError("'password' needs 'user'")
    own = (folder or Path()) / FOLDER
    access = {
        "url": url,
        "security": security,
        "trust": tuple(trust),
        "certificate": certificate or own / "collector.der",
        "key": key or own / "collector.pem",
        "user": user,
        "password": getattr(password, "plain", password),
        "user_certificate": user_certificate,
        "user_key": user_key,
        "key_password": getattr(key_password, "plain", key_password),
    }
    roots = tuple(one for one in nodes if _NODE.fullmatch(one))
    patterns = tuple(one for one in nodes if one not in roots)
    wanted = {"roots": roots, "patterns": patterns, "machine": machine, "most": most_nodes}
    return OpcuaServer(name, access, wanted, pace)


def _discover(host: str, timeout: float) -> Iterator[Draft]:
    needs("asyncua", "opcua")
    from plantwright.shopfloor.connectors.opcua.discovering import discover

    return discover(host, timeout)


KIND = ConnectorKind(
    "opcua",
    "reads the variables of an OPC UA server by subscriptions",
    (
        Word("url", Text(), "", "opc.tcp://192.168.1.30:4840", "the server's address", needed=True),
        Word("security", SecurityWord(), "", "Basic256Sha256", "auto: the best that the server offers; a policy, and 'sign' behind it where nothing is to be encrypted; or none", "auto"),
        Word("trust", Trusted(), "", "mill.der", "the server's certificate, or one that issued it: its SHA-256, its file, or a folder of them"),
        Word("user", Text(), "", "collector", "as whom it is read", "nobody"),
        Word("password", SecretText(), "", "{env: MILL_PASSWORD}", "of the user"),
        Word("user certificate", FilePath(), "", "collector.pem", "a certificate as whom it is read"),
        Word("user key", FilePath(), "", "collector.key", "its key"),
        Word("key password", SecretText(), "", "{env: KEY_PASSWORD}", "of the user's key"),
        Word("certificate", FilePath(), "", "own.der", "the collector's own certificate", "made once, in the folder 'certificates'"),
        Word("key", FilePath(), "", "own.pem", "its key", "made with it"),
        Word("nodes", NAMES, "", "['ns=2;s=Mill', 'Mill 1/Axes/*']", "nodes below which all is read, by id; or patterns of paths", "all below Objects"),
        Word("machine", Text(), "", "mill 1", "the machine to which all belongs", "the first object of a variable's path"),
        Word("every", Quantity("duration"), "", "1 s", "how often the server tells what is new", "1 s"),
        Word("sampling", Quantity("duration"), "", "250 ms", "how often the server looks at a variable", "250 ms"),
        Word("holds", Quantity("duration"), "", "5 min", "how long a cut, or a stop of the collector, may last before something is lost", "5 min"),
        Word("queue", Number(least=1, most=100_000, whole=True), "", "1000", "values that the server holds of each variable", "as 'holds' and 'sampling' ask for"),
        Word("most nodes", Number(least=1, whole=True), "", "50000", "a server with more is quarantined", "50000"),
    ),
    _make,
    _discover,
    extra="opcua",
    in_folder=True,
)  # fmt: skip
