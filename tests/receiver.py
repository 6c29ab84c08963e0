"""A program that hooks tell: an HTTP server on loopback that fails when told to, and recovers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue

from standardwebhooks import Webhook

# A status, or what it does instead of answering.
Act = int | str  # "hangs", "closes", "drips"


@dataclass
class Receiver:
    """``acts`` are what it does next; without one left it answers 204."""

    port: int = 0
    acts: list[Act] = field(default_factory=list)
    headers_sent: dict[str, str] = field(default_factory=dict)
    came: Queue[tuple[dict[str, str], bytes]] = field(default_factory=Queue)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/in/0123456789"

    def next(self, seconds: float = 120.0) -> tuple[dict[str, str], bytes]:
        """The next message: its headers (their names in small letters) and its body."""
        return self.came.get(timeout=seconds)

    def verified(self, secret: str, seconds: float = 120.0) -> tuple[str, object]:
        """The next message's id and document, checked as the library of the specification does."""
        headers, body = self.next(seconds)
        return headers["webhook-id"], Webhook(secret).verify(body, headers)

    def nothing(self) -> bool:
        """Whether nothing (more) has come."""
        try:
            self.came.get_nowait()
        except Empty:
            return True
        return False


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            act = receiver.acts.pop(0) if receiver.acts else 204
            receiver.came.put(({k.lower(): v for k, v in self.headers.items()}, body))
            if act == "hangs":
                receiver.let_go.wait(60)
            elif act == "drips":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not receiver.let_go.wait(0.05):
                    self.wfile.write(b"X-More: 1\r\n")
            elif isinstance(act, int):
                self.send_response(act)
                for name, value in receiver.headers_sent.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked has given up
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
