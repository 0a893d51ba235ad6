"""A Dask cluster as a `concurrent.futures.Executor`: who may be connected to, and what is said where it cannot be."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plantwright.errors import InputError, Place, Problem

_LOG = logging.getLogger("plantwright")
CONNECT_SECONDS = 10.0
"""So long a scheduler has to answer, and its first worker to come."""


class ClusterError(InputError):
    """A cluster that cannot be used."""

    code = "PW1930"


def refuse(address: str, code: str, reason: str) -> ClusterError:
    """The error for a cluster at that address."""
    return ClusterError([Problem(code, Place(), f"--cluster {address}", reason)])


@contextmanager
def cluster_executor(address: str, *, insecure: bool = False) -> Iterator[Executor]:
    """The workers of the Dask cluster whose scheduler is at that address, as an executor, as long as the block lasts.

    A worker that is lost is said in the log of ``plantwright``; Dask runs what it had to do again on the others.

    Parameters
    ----------
    address : str
        ``tls://host:port``; certificates are those of Dask's own configuration. ``tcp://host:port`` on this machine's loopback only.
    insecure : bool
        Allow ``tcp://`` elsewhere: whoever reaches such a cluster can run any code on it, and read what is sent.

    Raises
    ------
    ClusterError
        Where the address is wrong or not secure, Dask is not installed, nobody answers, there is no worker, one of them runs
        another version, or the scheduler is lost on the way.
    """
    host, port = checked_address(address, insecure)
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        reason = "needs Dask, which is not installed: pip install 'plantwright[cluster]'"
        raise refuse(address, "PW1931", reason) from error
    security = _security(address, distributed)
    _answers(address, host, port, security)
    with _quiet():
        yield from _connected(address, distributed, security, insecure)


def _connected(address: str, distributed: Any, security: Any, insecure: bool) -> Iterator[Executor]:
    from plantwright.actions.cluster_workers import ClusterWorkers, heeding_ctrl_c
    from plantwright.simulation.executing import OtherVersionError

    try:
        client = distributed.Client(
            address, security=security, timeout=CONNECT_SECONDS, set_as_default=False, name="plantwright"
        )
    except Exception as error:
        raise refuse(
            address, "PW1934", f"no Dask scheduler answers as it should there: {_first_line(error)}"
        ) from error
    workers = ClusterWorkers(client, lambda worker: _refused(address, worker, insecure))
    try:
        client.subscribe_topic("all", workers.heard)
        _check_workers(address, client, insecure)
        try:
            with heeding_ctrl_c(workers):
                yield workers
        finally:
            workers.shutdown(wait=False)
    except distributed.KilledWorker as error:
        reason = "a replication was lost with every worker that ran it; they may lack memory (their logs say why)"
        raise refuse(address, "PW1937", reason) from error
    except OtherVersionError as error:
        raise refuse(address, "PW1938", str(error)) from error
    except ImportError as error:
        reason = f"a worker cannot load Plantwright ({error}); install the same version on every worker"
        raise refuse(address, "PW1938", reason) from error
    except (CancelledError, distributed.comm.CommClosedError) as error:
        if workers.refusal is not None:
            raise workers.refusal from error
        raise refuse(address, "PW1937", "the scheduler was lost; see to it that it runs, and begin again") from error
    finally:
        _leave(client)


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask says of a connection that ends is its traceback; what it means is said by the errors here."""
    loggers = [
        logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado.application", "asyncio")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def workers_at(address: str | None, insecure: bool = False) -> Iterator[Executor | None]:
    """The executor of the cluster at an address; None, which is threads of this machine, where none is given."""
    if address is None:
        yield None
        return
    with cluster_executor(address, insecure=insecure) as executor:
        yield executor


def checked_address(address: str, insecure: bool) -> tuple[str, int]:
    """Host and port of a scheduler. Raises ClusterError for an address that is none, or that is not secure."""
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in ("tls", "tcp") or not host or not port or parts.path.strip("/") or "@" in parts.netloc:
        raise refuse(address, "PW1932", "is not the address of a scheduler; it is such as tls://scheduler.example:8786")
    if parts.scheme == "tcp" and not insecure and not is_loopback(host):
        reason = (
            "is not encrypted, and whoever reaches such a cluster can run code on it; give it certificates and use tls://, or, in a "
            "network that you trust wholly, --insecure-cluster"
        )
        raise refuse(address, "PW1933", reason)
    return host, port


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by a way that does not leave it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _security(address: str, distributed: Any) -> Any:
    """Keys and certificates as Dask's configuration names them; for tls:// they must be there."""
    security = distributed.Security()
    if not address.startswith("tls:"):
        return security
    wanted = {
        "ca-file": security.tls_ca_file,
        "client.cert": security.tls_client_cert,
        "client.key": security.tls_client_key,
    }
    absent = [f"distributed.comm.tls.{word}" for word, given in wanted.items() if not given]
    if absent:
        reason = (
            f"Dask's configuration does not say {', '.join(absent)}; give them in ~/.config/dask/distributed.yaml or the environment, "
            "such as DASK_DISTRIBUTED__COMM__TLS__CA_FILE"
        )
        raise refuse(address, "PW1935", reason)
    nowhere = [f"{word}: {given}" for word, given in wanted.items() if "\n" not in given and not Path(given).is_file()]
    if nowhere:
        reason = f"Dask's configuration names files that are not there: {', '.join(nowhere)}; give their paths from the root of the disk on"
        raise refuse(address, "PW1935", reason)
    security.require_encryption = True
    try:
        security.get_connection_args("client")
    except (OSError, ValueError) as error:
        raise refuse(address, "PW1935", f"a certificate or key cannot be used: {_first_line(error)}") from error
    return security


def _answers(address: str, host: str, port: int, security: Any) -> None:
    """Whether a Dask scheduler greets who comes: Dask itself would try a closed port again and again, and wait for ever at another's."""
    try:
        plain = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    except OSError as error:
        reason = f"cannot be reached: {error.strerror or error}; is the scheduler running ('dask scheduler'), at that host and port?"
        raise refuse(address, "PW1934", reason) from error
    try:
        greeted = _greeting(plain, host, security if address.startswith("tls:") else None)
    except ssl.SSLError as error:
        reason = f"no trust between its certificate and yours ({error.reason}); is it a scheduler with --tls-ca-file of the same authority?"
        raise refuse(address, "PW1935", reason) from error
    except OSError:
        greeted = b""
    if not greeted:
        reason = "who listens there does not greet as a Dask scheduler does; is it the right port, and tls:// or tcp:// as it was started?"
        raise refuse(address, "PW1934", reason)


def _greeting(plain: socket.socket, host: str, security: Any) -> bytes:
    """The first byte of what is said to who comes, encrypted where there is a `security`; none where nothing is said."""
    with plain:
        if security is None:
            return plain.recv(1)
        context: ssl.SSLContext = security.get_connection_args("client")["ssl_context"]
        with context.wrap_socket(plain, server_hostname=host) as encrypted:
            return encrypted.recv(1)


def _check_workers(address: str, client: Any, insecure: bool) -> None:
    from plantwright.simulation.executing import versions_here

    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise refuse(address, "PW1936", f"has no worker; start some, such as 'dask worker {address}'") from error
    workers: Mapping[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    refusals = (_refused(address, worker, insecure) for worker in workers)
    if refusal := next((one for one in refusals if one is not None), None):
        raise refusal
    own = versions_here()
    everybody = client.get_versions(packages=[name for name in own if name != "python"])
    said = everybody["workers"] | {"the scheduler": everybody["scheduler"]}
    wrong = []
    for who, told in sorted(said.items()):
        there = told["packages"] | {"python": ".".join(told["packages"]["python"].split(".")[:2])}
        wrong += [f"{who} has {name} {there.get(name) or '(none)'}" for name in own if there.get(name) != own[name]]
    if wrong:
        needed = ", ".join(f"{name} {version}" for name, version in own.items())
        reason = (
            f"numbers are the same everywhere only with the same versions as here ({needed}): {'; '.join(wrong[:10])}"
        )
        raise refuse(address, "PW1938", reason)


def _refused(address: str, worker: str, insecure: bool) -> ClusterError | None:
    """Why nothing may be sent to a worker; None where it may."""
    if insecure or worker.startswith("tls:") or is_loopback(_host(worker)):
        return None
    reason = (
        f"its worker {worker} is reached without encryption; start it with certificates, or at --host 127.0.0.1, or allow it "
        "with --insecure-cluster"
    )
    return refuse(address, "PW1933", reason)


def _host(worker: str) -> str:
    return urlsplit(worker).hostname or ""


def _leave(client: Any) -> None:
    """Let a cluster go, whether it still answers or not."""
    try:
        client.close(timeout=2)
    except Exception as error:
        _LOG.debug("the cluster did not say good-bye: %s", error)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
