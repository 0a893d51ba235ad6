"""Discovering OPC UA: which endpoints a server has, with which security, and what it offers."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from asyncua import ua

from plantwright.shopfloor.connectors import ConnectionLost, Draft, SourceQuarantined
from plantwright.shopfloor.connectors.opcua.browsing import Browser
from plantwright.shopfloor.connectors.opcua.reading import tag_of
from plantwright.shopfloor.connectors.opcua.security import Chosen, fingerprint, offers
from plantwright.shopfloor.connectors.opcua.session import Access, Link, endpoints
from plantwright.shopfloor.connectors.opcua.values import Variable

PORT = 4840
MOST_NODES = 20_000


def discover(host: str, timeout: float) -> Iterator[Draft]:
    """The server at a host, a host with port, or an address ``opc.tcp://...``, if one answers."""
    url = _url(host)
    if url is None:
        return
    try:
        told = asyncio.run(endpoints(url, timeout))
    except (TimeoutError, OSError, ua.UaError, ValueError):
        return
    yield asyncio.run(_draft(url, told, timeout))


def _url(host: str) -> str | None:
    if host.startswith("opc.tcp://"):
        return host
    if "://" in host:
        return None
    has_port = host.rpartition(":")[2].isdigit() and (host.count(":") == 1 or "]:" in host)
    return f"opc.tcp://{host}" if has_port else f"opc.tcp://{host}:{PORT}"


async def _draft(url: str, told: Sequence[ua.EndpointDescription], timeout: float) -> Draft:
    found = offers(told)
    words: dict[str, Any] = {"connector": "opcua", "url": url}
    notes = [f"offers {', '.join(map(str, found)) or 'no security that is taken'}"]
    best = found[0] if found else Chosen()
    if best.policy:
        words["trust"] = fingerprint(best.certificate)
        notes.append("compare the SHA-256 with what the machine shows: whoever answered here is trusted from now on")
        notes.append("let the server trust certificates/collector.der, which the collector makes when it first starts")
    else:
        words["security"] = "none"
        notes.append("nothing is encrypted or signed: others on the network can read and change what is said")
    if not _lets_in(told, ua.UserTokenType.Anonymous):
        users = _lets_in(told, ua.UserTokenType.UserName)
        words |= {"user": "collector", "password": {"env": "OPCUA_PASSWORD"}} if users else {}
        notes.append("it wants a user" if users else "it wants a user's certificate ('user certificate', 'user key')")
    variables, problem = await _browse(url, found, timeout)
    notes.append(problem or f"has {len(variables):,} variables of {len({one.machine for one in variables}):,} machines")
    name = (told[0].Server.ApplicationName.Text if told else None) or "opcua"
    return Draft(" ".join(name.split())[:60], words, [tag_of(one, name) for one in variables], notes)


def _lets_in(told: Sequence[ua.EndpointDescription], kind: ua.UserTokenType) -> bool:
    return any(policy.TokenType == kind for one in told for policy in one.UserIdentityTokens or [])


async def _browse(url: str, found: Sequence[Chosen], timeout: float) -> tuple[list[Variable], str]:
    """What it has, as nobody and without security where it lets that in; else why that is not known."""
    with tempfile.TemporaryDirectory() as folder:
        access = Access(url, certificate=Path(folder) / "own.der", key=Path(folder) / "own.pem")
        for endpoint in sorted(found, key=lambda one: bool(one.policy)):
            link = Link(access, endpoint, 60.0)
            try:
                await asyncio.wait_for(link.open(None), timeout)
                variables = await asyncio.wait_for(
                    Browser(link.uaclient.session, MOST_NODES).variables((), (), "opcua", ""), 10 * timeout
                )
                await link.end()
                return variables, ""
            except SourceQuarantined as error:
                return [], str(error)
            except (TimeoutError, OSError, ua.UaError, ConnectionLost):
                continue
            finally:
                await link.drop()
    return [], "what it offers is seen only by those whom it trusts"
