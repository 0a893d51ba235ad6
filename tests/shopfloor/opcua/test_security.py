"""Security of OPC UA against node-opcua: every policy and mode, every kind of user, whom is trusted and what is refused."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("asyncua")

from asyncua import ua
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from plantwright.shopfloor.connectors import Connector
from plantwright.shopfloor.connectors.opcua.security import check_trust, fingerprint
from plantwright.shopfloor.connectors.opcua.session import Access, Link, find
from tests.shopfloor.checklist import Checklist, Rig, collecting
from tests.shopfloor.opcua.node import NodeServer, Proxy, running
from tests.shopfloor.opcua.test_reading import LOAD, MillRig, connector

POLICIES = ("Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss")
MODES = ("sign", "sign and encrypt")
PASSWORD = "very secret 42"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the collector's file would be; its own certificate is made there once."""
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServer]:
    with running(tmp_path_factory.mktemp("pki"), anonymous=True) as served:
        yield served


@pytest.fixture
def proxy(server: NodeServer) -> Iterator[Proxy]:
    between = Proxy(server.port)
    yield between
    between.close()


def person(folder: Path, issuer: tuple[x509.Certificate, rsa.RSAPrivateKey] | None = None, name: str = "Ana") -> Any:
    """A certificate and its key, by itself or by an issuer."""
    key = rsa.generate_private_key(65537, 2048)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer[0].subject if issuer else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=name == "CA", path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"urn:{name}")]), critical=False)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = serialization.BestAvailableEncryption(PASSWORD.encode())
    as_text = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    (folder / f"{name}.key").write_bytes(key.private_bytes(*as_text, secret))
    return made, key


@pytest.fixture(scope="module")
def users(folder: Path) -> dict[str, dict[str, Any]]:
    person(folder)
    return {
        "nobody": {},
        "password": {"user": "collector", "password": PASSWORD},
        "certificate": {"user certificate": "Ana.pem", "user key": "Ana.key", "key password": PASSWORD},
    }


@pytest.mark.parametrize("user", ["nobody", "password", "certificate"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("policy", POLICIES)
def test_it_is_read(
    server: NodeServer, folder: Path, users: dict[str, dict[str, Any]], policy: str, mode: str, user: str
) -> None:
    words = {"security": f"{policy} {mode}", "trust": fingerprint(server.certificate), **users[user]}
    with collecting(("mill", connector(server.url, folder, **words))) as found:
        found.until(lambda: bool(found.samples(LOAD)))
        state = server.tell("state")["sessions"]
        assert [(one["policy"].rpartition("#")[2], one["mode"], one["user"]) for one in state] == [
            (policy, {"sign": "Sign", "sign and encrypt": "SignAndEncrypt"}[mode], user)
        ]


class TestOfTheChecklistEncrypted(Checklist):
    @pytest.fixture
    def rig(self, server: NodeServer, proxy: Proxy, folder: Path, users: dict[str, dict[str, Any]]) -> Iterator[Rig]:
        words = {"security": "auto", "trust": fingerprint(server.certificate), **users["password"]}

        class Secured(MillRig):
            remembers = True
            secret = PASSWORD

            def connector(self) -> Connector:
                return connector(self.proxy.url, folder, **words)

            def off(self, seconds: float) -> None:
                pytest.skip("a server whose clock is off by a year takes no certificate, and is not connected to")

        server.tell("set", name="load", value=0.5)
        yield Secured(server, proxy)
        server.tell("off", seconds=0)


def refused(server: NodeServer, folder: Path, **words: Any) -> str:
    """Why it is not read."""
    with collecting(("mill", connector(server.url, folder, **words))) as found:
        found.until(lambda: bool(found.of("PW5001")))
        assert not found.samples(LOAD)
        return found.of("PW5001")[0]


def test_whom_nobody_trusts_is_refused_with_what_to_compare(server: NodeServer, folder: Path) -> None:
    said = refused(server, folder, security="auto")
    assert fingerprint(server.certificate) in said
    other = "AB:" * 31 + "AB"
    assert "none of those that are trusted" in refused(server, folder, security="auto", trust=other)


def test_a_server_without_security_is_refused_unless_that_is_said(tmp_path: Path) -> None:
    more = {"securityModes": [1], "securityPolicies": ["http://opcfoundation.org/UA/SecurityPolicy#None"]}
    with running(tmp_path / "pki", more=more) as bare:
        assert "say 'security: none'" in refused(bare, tmp_path, security="auto")
        with collecting(("mill", connector(bare.url, tmp_path, security="none"))) as found:
            found.until(lambda: bool(found.samples(LOAD)))


def test_a_wrong_password_is_told(server: NodeServer, folder: Path) -> None:
    words = {"security": "auto", "trust": fingerprint(server.certificate), "user": "collector", "password": "guessed"}
    said = refused(server, folder, **words)
    assert "does not let the user 'collector' in" in said
    assert "guessed" not in said


def test_its_own_certificate_is_made_once_and_its_key_is_its_own(server: NodeServer, tmp_path: Path) -> None:
    words = {"security": "auto", "trust": fingerprint(server.certificate)}
    for _ in range(2):
        with collecting(("mill", connector(server.url, tmp_path, **words))) as found:
            found.until(lambda: bool(found.samples(LOAD)))
        made = tmp_path / "certificates" / "collector.pem"
        if os.name == "posix":
            assert stat.S_IMODE(made.stat().st_mode) == 0o600
        before = made.read_bytes()
    assert made.read_bytes() == before


def test_trusted_is_what_is_pinned_or_issued_by_what_is_trusted(tmp_path: Path) -> None:
    authority = person(tmp_path, name="CA")
    issued, _ = person(tmp_path, authority, name="mill")
    stranger, _ = person(tmp_path, name="stranger")
    der: Callable[[x509.Certificate], bytes] = lambda one: one.public_bytes(serialization.Encoding.DER)  # noqa: E731
    check_trust(der(issued), [fingerprint(der(issued)).lower().replace(":", "")])
    check_trust(der(issued), [tmp_path / "mill.pem"])
    check_trust(der(issued), [tmp_path / "CA.pem"])
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    (trusted / "ours.der").write_bytes(der(authority[0]))
    check_trust(der(issued), [trusted])
    for trust in ([trusted], [tmp_path / "mill.pem"], [fingerprint(der(issued))], []):
        with pytest.raises(Exception, match="is not trusted"):
            check_trust(der(stranger), trust)
    child, _ = person(tmp_path, (issued, person(tmp_path, name="no")[1]), name="child")
    with pytest.raises(Exception, match="is not trusted"):
        check_trust(der(child), [tmp_path / "mill.pem"])


def test_a_subscription_that_is_the_sessions_own_is_transferred_already(server: NodeServer, folder: Path) -> None:
    """node-opcua answers BadNothingToDo, on which asyncua makes it anew and loses what it held."""

    async def story() -> tuple[bool, bool, int]:
        own = folder / "certificates"
        own.mkdir(exist_ok=True)
        access = Access(
            server.url,
            trust=[fingerprint(server.certificate)],
            certificate=own / "collector.der",
            key=own / "collector.pem",
        )
        link = Link(access, await find(access), 60.0)
        await link.open(None)
        try:
            made = await link.uaclient.session.create_subscription(ua.CreateSubscriptionParameters(), lambda _: None)
            asked = ua.TransferSubscriptionsParameters(SubscriptionIds=[made.SubscriptionId], SendInitialValues=False)
            (told,) = await link.uaclient.session.transfer_subscriptions(asked)
            is_own = await link.transfer(made.SubscriptionId)
            return is_own, await link.transfer(made.SubscriptionId + 1000), told.StatusCode.value
        finally:
            await link.end()
            await link.drop()

    assert asyncio.run(story()) == (True, False, ua.StatusCodes.BadNothingToDo)


def test_keys_are_renewed_while_it_is_read(server: NodeServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = []
    begin, channel = Link.__init__, Link.open_secure_channel

    def short(self: Link, *given: Any) -> None:
        begin(self, *given)
        self.secure_channel_timeout = 400

    async def counted(self: Link, renew: bool = False) -> None:
        await channel(self, renew)
        renewed.append(renew)

    monkeypatch.setattr(Link, "__init__", short)
    monkeypatch.setattr(Link, "open_secure_channel", counted)
    words = {"security": "auto", "trust": fingerprint(server.certificate)}
    server.tell("set", name="load", value=0.5)
    with collecting(("mill", connector(server.url, folder, **words))) as found:
        found.until(lambda: bool(found.samples(LOAD)))
        server.tell("count", name="load", **{"from": 100, "to": 299, "each": 15})
        found.until(lambda: 299 in found.values(LOAD))
        assert [v for v in found.values(LOAD) if v >= 100] == list(range(100, 300))
        assert not found.of("PW5001")
    assert renewed.count(True) >= 1
