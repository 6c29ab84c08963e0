"""``python -m eval exchange DIR``: a model server whose answers are files, written by anybody.

Every request to ``/v1/chat/completions`` becomes ``DIR/N.request.json``; whoever plays the model
writes what the schema asks for to ``DIR/N.response.json``. A request that was answered before is
answered from its file, so the folder is a recording: a run over it again waits for nobody. The
files hold what customers said; the folder is for its owner's eyes only.

    0001.request.json    id, digest, prompt (its name), system, data (what the user message holds),
                         again (what was wrong with an answer, when it is asked for once more),
                         schema (of the answer), messages, model, stream
    0001.response.json   the bare answer; {"error": {"status": 429, "message": …}}, which is told
                         once and the question then asked anew; or {"refusal": "…"}
    0001.error.txt       that the response has been no JSON for a while; gone once it is

Nothing is sent while an answer is waited for: who asks needs a long FIRSTHAND_MODEL_TIMEOUT_S. Who
gave up and asks the same again gets the answer that was written meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pydantic import JsonValue

from eval.completions import Asked, Failure, chunks, completion, failure, prompt_of, read

MODEL = "exchange"
_EVERY_S = 0.05  # a file is looked for
_PATIENCE_S = 5.0  # a file may be half written
_REQUEST = re.compile(r"(\d+)\.request\.json")


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests in the folder."""

    answered: int
    unanswered: int


class Exchange:
    """A folder of requests and responses; one server at a time may have it."""

    def __init__(self, folder: Path, timeout_s: float | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.stopping = threading.Event()
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        self._last = 0
        for number, path in self._requests():
            self._last = max(self._last, number)
            if failure(self._response(number)) is None:
                self._held[json.loads(path.read_text("utf-8"))["digest"]] = number

    def put(self, asked: Asked) -> int:
        """The number under which ``asked`` is, written down now unless it was before."""
        with self._lock:
            number = self._held.get(asked.digest)
            if number is None:
                number = self._last = self._last + 1
                self._held[asked.digest] = number
                told = _told(asked, number)
                write(
                    self._path(number, "request.json"),
                    json.dumps(told, indent=1, ensure_ascii=False),
                )
                print(f"… {number:04} {told['prompt'] or 'asked'}", file=sys.stderr)
            return number

    def wait(self, asked: Asked, number: int, gone: Callable[[], bool]) -> JsonValue | Failure:
        """The answer, as soon as there is one; or that nobody waits for it any longer."""
        started = since = time.monotonic()
        seen: tuple[int, int] | None = None
        trouble = self._path(number, "error.txt")
        while (answer := self._response(number)) is None:
            now = time.monotonic()
            if self.stopping.is_set() or gone():
                return Failure(503, "The exchange has ended, or you have.")
            if self._timeout_s is not None and now - started > self._timeout_s:
                return Failure(504, f"Nobody answered {number:04} within {self._timeout_s:g} s.")
            if (stat := _stat(self._path(number, "response.json"))) != seen:
                seen, since = stat, now
            elif seen is not None and now - since > _PATIENCE_S and not trouble.exists():
                write(trouble, f"{number:04}.response.json is no JSON; write it again.\n")
            self.stopping.wait(_EVERY_S)
        trouble.unlink(missing_ok=True)
        failed = failure(answer)
        if failed is not None:
            with self._lock:
                if self._held.get(asked.digest) == number:
                    del self._held[asked.digest]
        return failed or answer

    def counts(self) -> Counts:
        there = [self._response(number) is not None for number, _ in self._requests()]
        return Counts(sum(there), len(there) - sum(there))

    def _requests(self) -> Iterator[tuple[int, Path]]:
        for path in sorted(self.folder.iterdir()):
            if match := _REQUEST.fullmatch(path.name):
                yield int(match[1]), path

    def _response(self, number: int) -> JsonValue:
        """What the response holds; ``None`` while it is not there or not whole."""
        try:
            held: JsonValue = json.loads(self._path(number, "response.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return held

    def _path(self, number: int, what: str) -> Path:
        return self.folder / f"{number:04}.{what}"


@contextmanager
def serving(exchange: Exchange, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in threads of this process; the base URL. Those who wait are told at the end."""
    server = _Server((host, port), _Handler)
    server.exchange = exchange
    thread = threading.Thread(target=server.serve_forever, args=(_EVERY_S,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/v1"
    finally:
        exchange.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def run(folder: Path, host: str, port: int, timeout_s: float | None) -> None:
    """Serve until a signal says to end."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    exchange = Exchange(folder, timeout_s)
    with serving(exchange, host, port) as url:
        print(url, flush=True)
        print(_wishes(folder, url), file=sys.stderr)
        ended.wait()
    counts = exchange.counts()
    print(f"{counts.answered} answered, {counts.unanswered} unanswered", file=sys.stderr)


class _Server(ThreadingHTTPServer):
    exchange: Exchange
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path.rstrip("/") == "/v1/models":
            model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "you"}
            self._reply(200, {"object": "list", "data": [model]})
        else:
            self._fail(Failure(404, "There are /v1/models and /v1/chat/completions."))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.rstrip("/") != "/v1/chat/completions":
            self._fail(Failure(404, "There are /v1/models and /v1/chat/completions."))
            return
        try:
            asked = read(body)
        except ValueError as error:
            self._fail(Failure(400, str(error)))
            return
        exchange = self.server.exchange
        number = exchange.put(asked)
        answer = exchange.wait(asked, number, self._gone)
        try:
            if isinstance(answer, Failure):
                self._fail(answer)
            elif asked.stream:
                self._stream(asked, number, answer)
            else:
                self._reply(200, completion(asked, number, answer))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the file stays, for when the same is asked again

    def _gone(self) -> bool:
        """Whether the asking side has closed the connection."""
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _stream(self, asked: Asked, number: int, answer: JsonValue) -> None:
        self.close_connection = True  # its end is the end of the stream
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks(asked, number, answer):
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def _fail(self, failed: Failure) -> None:
        self._reply(failed.status, failed.body)

    def _reply(self, status: int, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: what is asked is said when its file is there."""


def _told(asked: Asked, number: int) -> dict[str, JsonValue]:
    return {
        "id": number,
        "digest": asked.digest,
        "prompt": prompt_of(asked.system),
        "system": asked.system,
        "data": asked.data,
        "again": asked.again,
        "schema": asked.schema,
        "messages": [*asked.messages],
        "model": asked.model,
        "stream": asked.stream,
    }


def _wishes(folder: Path, url: str) -> str:
    return f"""Answer {folder}/N.request.json by writing {folder}/N.response.json. Who asks needs
  OPENAI_API_KEY=any FIRSTHAND_MODEL=openai:{MODEL} FIRSTHAND_MODEL_BASE_URL={url} \\
  FIRSTHAND_MODEL_TIMEOUT_S=86400"""


def write(path: Path, text: str) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        held = path.stat()
    except FileNotFoundError:
        return None
    return held.st_mtime_ns, held.st_size
