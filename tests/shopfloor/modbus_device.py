"""Modbus devices for tests: pyModbusTCP's server, which is neither ours nor pymodbus, and one that says any bytes."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from pyModbusTCP.server import DataBank, DataHandler, DeviceIdentification, ModbusServer

MBPOLL = shutil.which("mbpoll")
needs_mbpoll = pytest.mark.skipif(MBPOLL is None, reason="mbpoll is not installed")


class Device(DataHandler):
    """A device's memory; some addresses can be forbidden, and every request is written down."""

    def __init__(self) -> None:
        super().__init__(DataBank())
        self.forbidden: dict[str, set[int]] = {}
        self.exception: dict[int, int] = {}
        """By unit id: the number with which it refuses everything."""
        self.requests: list[tuple[int, str, int, int]] = []

    def _asked(self, table: str, address: int, count: int, info: object, read: Callable[..., object]) -> object:
        unit = info.recv_frame.mbap.unit_id  # type: ignore[attr-defined]
        self.requests.append((unit, table, address, count))
        if unit in self.exception:
            return DataHandler.Return(exp_code=self.exception[unit])
        if self.forbidden.get(table, set()) & set(range(address, address + count)):
            return DataHandler.Return(exp_code=2)
        return read(address, count, info)

    def read_h_regs(self, address: int, count: int, srv_info: object) -> object:
        return self._asked("holding", address, count, srv_info, super().read_h_regs)

    def read_i_regs(self, address: int, count: int, srv_info: object) -> object:
        return self._asked("input", address, count, srv_info, super().read_i_regs)

    def read_coils(self, address: int, count: int, srv_info: object) -> object:
        return self._asked("coil", address, count, srv_info, super().read_coils)

    def read_d_inputs(self, address: int, count: int, srv_info: object) -> object:
        return self._asked("discrete", address, count, srv_info, super().read_d_inputs)

    def put(self, address: int, *words: int) -> None:
        """Holding registers from an address on."""
        assert self.data_bank.set_holding_registers(address, list(words))


class Served:
    """A device on a port of its own, that can be switched off and on."""

    def __init__(self, device: Device, identity: DeviceIdentification | None = None) -> None:
        self.device = device
        self._server = ModbusServer("127.0.0.1", 0, no_block=True, data_hdl=device, device_id=identity)
        self.on()

    @property
    def port(self) -> int:
        return self._server.port

    def on(self) -> None:
        self._server.start()
        self._server.port = self._server._service.server_address[1]
        while not self._server.is_run:
            time.sleep(0.001)

    def off(self) -> None:
        self._server.stop()
        while self._server.is_run:
            time.sleep(0.001)

    def round(self, times: int = 2, seconds: float = 0.5) -> None:
        """Wait until it was asked so many times, if it is asked at all."""
        until, asked = time.monotonic() + seconds, len(self.device.requests)
        while len(self.device.requests) < asked + times and time.monotonic() < until:
            time.sleep(0.002)


@contextmanager
def served(device: Device | None = None, identity: DeviceIdentification | None = None) -> Iterator[Served]:
    """A device while it is on."""
    it = Served(device or Device(), identity)
    try:
        yield it
    finally:
        it.off()


def mbpoll(port: int, *words: str, write: tuple[str, ...] = ()) -> dict[int, str]:
    """What mbpoll (a client by libmodbus) reads, by address from 0; or it writes."""
    assert MBPOLL is not None
    how = [MBPOLL, "-m", "tcp", "-p", str(port), "-0", "-1", "-o", "5", *words, "127.0.0.1"]
    done = subprocess.run([*how, "--", *write] if write else how, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {}
    for line in done.stdout.splitlines():
        if line.startswith("["):
            address, _, value = line.partition("]:")
            found[int(address[1:])] = value.strip()
    return found


@contextmanager
def saying(answer: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """A port at which each request is answered with any bytes; None says nothing. The connection is then left open."""
    listener = socket.create_server(("127.0.0.1", 0))
    ending = threading.Event()

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while not ending.is_set() and (request := connection.recv(1_024)):
                said = answer(request)
                if said:
                    connection.sendall(said)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(10)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        ending.set()
        listener.close()


@contextmanager
def tunnel(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port with TLS in front of one without."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4_096):
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                outer, _ = listener.accept()
                with suppress(OSError):
                    outer = context.wrap_socket(outer, server_side=True)
                    inner = socket.create_connection(("127.0.0.1", port))
                    for pair in ((outer, inner), (inner, outer)):
                        threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
