"""An S3 server on loopback (moto), and a way to it that can be made bad.

``Way`` is a TCP proxy in front of the server: it passes bytes on, and for requests that a test
names answers with an error, waits, or cuts the answer off after some bytes.
"""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import boto3
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "calls"
BUSY = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: 48\r\n"
    b"Connection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>            "
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls one request. ``cut`` is after how many bytes of the answer the line breaks."""

    answer: bytes | None = None
    wait_s: float = 0.0
    cut: int | None = None


class Way:
    """The proxy. ``fault`` is asked with each request's first line and says what befalls it."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.asked: list[str] = []
        self.fault: Callable[[str], Fault | None] = lambda _line: None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def next_times(self, n: int, method: str, fault: Fault) -> None:
        """The next ``n`` requests of that method are befallen by ``fault``."""
        left = [n]

        def find(line: str) -> Fault | None:
            if left[0] > 0 and line.startswith(method):
                left[0] -= 1
                return fault
            return None

        self.fault = find

    def close(self) -> None:
        self._over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One request a connection: the answer says that the line closes, so none is missed."""
        with client, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                block = client.recv(65536)
                if not block:
                    return
                head += block
            line = head.split(b"\r\n", 1)[0].decode()
            self.asked.append(line)
            fault = self.fault(line) or Fault()
            if fault.wait_s and self._over.wait(fault.wait_s):
                return
            if fault.answer is not None:
                _read_body(client, head)
                client.sendall(fault.answer)
                return
            with socket.create_connection(self._to) as server:
                first, rest = head.split(b"\r\n", 1)
                server.sendall(first + b"\r\nConnection: close\r\n" + rest)
                up = threading.Thread(target=_pump, args=(client, server), daemon=True)
                up.start()
                _pump(server, client, fault.cut)


def _read_body(client: socket.socket, head: bytes) -> None:
    fields, _, body = head.partition(b"\r\n\r\n")
    for field in fields.lower().split(b"\r\n"):
        if field.startswith(b"content-length:"):
            left = int(field.split(b":")[1]) - len(body)
            while left > 0 and (block := client.recv(65536)):
                left -= len(block)


def _pump(source: socket.socket, sink: socket.socket, most: int | None = None) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            if most is not None:
                block, most = block[:most], most - len(block[:most])
            sink.sendall(block)
            if most == 0:
                return


def look_at_who_asks(way: Way, *, looks: bool) -> None:
    """Whether the server checks keys from now on; as it starts it takes any."""
    _post(f"{way.address}/moto-api/reset-auth", b"0" if looks else b"inf")


def _post(address: str, body: bytes = b"") -> None:
    headers = {"Content-Type": "text/plain"}
    request = urllib.request.Request(address, body, headers, method="POST")
    urllib.request.urlopen(request).close()


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """A server with one bucket, behind a ``Way`` that the ``AWS_*`` variables lead to."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    _post(f"http://{host}:{port}/moto-api/reset")  # its state outlives the server
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket=BUCKET)
    way = Way((host, port))
    monkeypatch.setenv("AWS_ENDPOINT_URL", way.address)
    try:
        yield way
    finally:
        way.close()
        client.close()
        server.stop()
