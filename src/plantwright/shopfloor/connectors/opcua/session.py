"""A session with a server that outlives its connection: it is activated again, or its subscription is transferred to a new one.

asyncua's own way of coming back transfers the subscription within the session that it has just activated again; a server answers that
with BadNothingToDo, as nothing is to be transferred, and asyncua then makes the subscription anew, so that all that its queues held is
lost. Here a session that goes on keeps its subscription, and BadNothingToDo means that it has it already.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asyncua import Client, ua
from asyncua.client.ua_session import UaSession
from asyncua.crypto import uacrypto
from asyncua.ua import uaerrors

from plantwright.shopfloor.connectors import ConnectionLost
from plantwright.shopfloor.connectors.opcua.security import (
    NONE,
    POLICIES,
    Chosen,
    check_trust,
    choose,
    offers,
    own_certificate,
)
from plantwright.shopfloor.connectors.opcua.values import Variable

PATIENCE = 10.0
"""Seconds in which a server has to answer."""
LARGEST_MESSAGE = 64 * 2**20
NAME = "Plantwright collector"

logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # it logs requests, and passwords in them


@dataclass(frozen=True, slots=True)
class Access:
    """How a server is reached: its address, its security, and as whom.

    Parameters
    ----------
    url : str
    security : str
        ``auto``, ``none``, or a policy and, behind a space, a mode.
    trust : sequence of str or Path
        Fingerprints, files and folders of certificates.
    certificate, key : Path
        The collector's own.
    user : str
    password : str
    user_certificate, user_key : Path, optional
    key_password : str
    """

    url: str
    security: str = "auto"
    trust: Sequence[str | Path] = ()
    certificate: Path = Path("certificates/collector.der")
    key: Path = Path("certificates/collector.pem")
    user: str = ""
    password: str = field(default="", repr=False)
    user_certificate: Path | None = None
    user_key: Path | None = None
    key_password: str = field(default="", repr=False)


@dataclass
class Held:
    """What is known of a session when its connection is lost.

    Parameters
    ----------
    endpoint : Chosen
    token : NodeId
        Of the session; null where it is not known, as after a restart of the collector.
    nonce : bytes or None
        The last one of the server.
    policies : list
        The server's ways to log in.
    subscription : int
    sequence : int
        Number of the last message that was handed over.
    published : int
        When that was sent, in nanoseconds.
    keep_alive : float
        Seconds after which the server says that it has nothing to say.
    variables : list of Variable
    tags : list of int
    last : dict of int to int
        The time of the last value of each variable.
    """

    endpoint: Chosen
    token: ua.NodeId = field(default_factory=ua.NodeId)
    nonce: bytes | None = None
    policies: list[Any] = field(default_factory=list)
    subscription: int = 0
    sequence: int = 0
    published: int = 0
    keep_alive: float = 0.0
    variables: list[Variable] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    last: dict[int, int] = field(default_factory=dict)


class Session(UaSession):  # type: ignore[misc]
    """The session's services; its messages are asked for by `subscribing.Listener`."""

    def ensure_publish_loop(self) -> None:
        """None is run."""


class Caller(Client):  # type: ignore[misc]
    """A client that notices a connection that is closed before anything was said on it; asyncua waits for an answer all the same."""

    async def send_hello(self) -> None:
        said = asyncio.create_task(super().send_hello())
        wire = self.uaclient.protocol
        while not said.done():
            if wire is None or wire.is_closed:
                said.cancel()
                await asyncio.gather(said, return_exceptions=True)
                raise ConnectionError("the connection is closed by the other side")
            await asyncio.wait({said}, timeout=0.05)
        said.result()

    async def open_secure_channel(self, renew: bool = False) -> None:
        try:
            await super().open_secure_channel(renew)
        except AssertionError as error:  # asyncua has met a fault in the place of a channel
            raise ConnectionError(
                "the server refuses a secure channel: does it trust the collector's certificate, and is its clock right?"
            ) from error


class Link(Caller):
    """A connection to a server with an activated session.

    Parameters
    ----------
    access : Access
    endpoint : Chosen
    seconds : float
        For which the server is asked to keep the session without a word.
    """

    def __init__(self, access: Access, endpoint: Chosen, seconds: float) -> None:
        super().__init__(access.url, timeout=PATIENCE)
        self.uaclient.session = Session(self.uaclient)
        self.name = self.description = NAME
        self.max_messagesize, self.max_chunkcount = LARGEST_MESSAGE, 0
        self.session_timeout = int(max(seconds, 60.0) * 1000)
        self._access, self.endpoint = access, endpoint
        self._renewing: asyncio.Task[None] | None = None
        self.new_session = True
        self.bare_password = False

    async def open(self, held: Held | None) -> None:
        """Connect, and activate the session that is held, or a new one (``new_session``)."""
        await self._secure()
        await self.connect_socket()
        await self.send_hello()
        await self.open_secure_channel()
        self._renewing = asyncio.create_task(self._renew())
        if held is not None and not held.token.is_null() and await self._again(held):
            self.new_session = False
            return
        answer = await self.create_session()
        best = offers(answer.ServerEndpoints)
        if (
            self._access.security == "auto"
            and self.endpoint.policy
            and choose(best, "auto").policy != self.endpoint.policy
        ):
            raise ConnectionLost(
                "the list of endpoints was tampered with on the way: the server itself offers better ones"
            )
        bare = self.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri in (None, "", NONE)
        self.bare_password = bool(self._access.password) and not self.endpoint.policy and bare
        await self._log_in()

    def hold(self, held: Held) -> None:
        """Note what is needed to go on with this session."""
        held.token = self.uaclient.session.authentication_token
        held.nonce, held.policies = self._server_nonce, self._policy_ids

    async def transfer(self, subscription: int) -> bool:
        """Take over a subscription from a session before; whether it is this session's now."""
        asked = ua.TransferSubscriptionsParameters(SubscriptionIds=[subscription], SendInitialValues=False)
        try:
            (result,) = await self.uaclient.session.transfer_subscriptions(asked)
        except (ua.UaStatusCodeError, ValueError):
            return False
        return bool(result.StatusCode.is_good() or result.StatusCode.value == ua.StatusCodes.BadNothingToDo)

    async def end(self) -> None:
        """Close the session, but leave its subscription for as long as the server holds it."""
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.uaclient.session.close_session(False), 2.0)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.close_secure_channel(), 1.0)

    async def drop(self) -> None:
        """Let go of the connection."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        self.disconnect_socket()

    async def _again(self, held: Held) -> bool:
        self.uaclient.session.restore_authentication_token(held.token)
        self._server_nonce, self._policy_ids = held.nonce, held.policies
        try:
            await self._log_in()
        except ua.UaStatusCodeError:
            self.uaclient.session.reset_authentication_token()
            self._server_nonce = None
            return False
        return True

    async def _log_in(self) -> None:
        access = self._access
        await self.activate_session(access.user or None, access.password or None, self.user_certificate)

    async def _secure(self) -> None:
        access, endpoint = self._access, self.endpoint
        if access.user_certificate is not None and access.user_key is not None:
            try:
                certificate, key = _file(access.user_certificate), _file(access.user_key, access.key_password)
                await self.load_client_certificate(certificate.path_or_content, certificate.extension)
                await self.load_private_key(key.path_or_content, key.password, key.extension)
            except (OSError, ValueError, TypeError) as error:
                raise ConnectionLost(f"the user's certificate or key cannot be read: {_first(error)}") from error
        if not endpoint.policy:
            return
        try:
            self.application_uri = own_certificate(access.certificate, access.key)
            await self.set_security(
                POLICIES[endpoint.policy],
                _file(access.certificate),
                _file(access.key),
                server_certificate=endpoint.certificate,
                mode=_mode(endpoint.mode),
            )
        except (OSError, ValueError, TypeError) as error:
            raise ConnectionLost(f"the collector's own certificate or key cannot be used: {_first(error)}") from error

    async def _renew(self) -> None:
        """Renew the channel's keys in time."""
        while True:
            await asyncio.sleep(max(self.secure_channel_timeout * 0.75 / 1000, 0.05))
            await self.open_secure_channel(renew=True)
            self.uaclient.revolve_security_token()


def _file(path: Path, password: str = "") -> uacrypto.CertProperties:
    """A certificate or key, in PEM or DER as its content says."""
    content = path.read_bytes()
    kind = "pem" if b"-----BEGIN" in content else "der"
    return uacrypto.CertProperties(content, kind, password or None)


def _first(error: BaseException) -> str:
    """The first sentence of an error."""
    return str(error).partition(". ")[0]


def _mode(mode: str) -> ua.MessageSecurityMode:
    return ua.MessageSecurityMode.Sign if mode == "sign" else ua.MessageSecurityMode.SignAndEncrypt


async def endpoints(url: str, timeout: float = PATIENCE) -> list[ua.EndpointDescription]:
    """What a server offers."""
    client = Caller(url, timeout=timeout)
    client.max_messagesize = LARGEST_MESSAGE
    return list(await client.connect_and_get_server_endpoints())


async def find(access: Access) -> Chosen:
    """The endpoint of a server that is taken, with a certificate that is trusted. Raises ConnectionLost."""
    found = offers(await endpoints(access.url))
    chosen = choose(found, access.security)
    if chosen.policy:
        check_trust(chosen.certificate, access.trust)
    return chosen


def why(error: BaseException, access: Access) -> str:
    """What a person should know of an error."""
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return f"{access.url} does not answer within {PATIENCE:.0f} s"
    if isinstance(
        error, uaerrors.BadSecurityChecksFailed | uaerrors.BadCertificateUntrusted | uaerrors.BadCertificateInvalid
    ):
        return (
            f"the server refuses the collector's certificate ({error.code_name if hasattr(error, 'code_name') else type(error).__name__}): "
            f"let it trust {access.certificate}"
        )
    if isinstance(
        error, uaerrors.BadUserAccessDenied | uaerrors.BadIdentityTokenRejected | uaerrors.BadIdentityTokenInvalid
    ):
        who = f"the user {access.user!r}" if access.user else "this user" if access.user_certificate else "no user"
        return f"the server does not let {who} in ({type(error).__name__})"
    if isinstance(error, ua.UaStatusCodeError):
        return f"the server says {type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{access.url}: {error.strerror}"
    return f"{access.url}: {error or type(error).__name__}"
