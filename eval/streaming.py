"""How soon a sentence of a language model is on the page, and what we add to a question.

Larkspur's calls in a home, what the rules found in them put in as if a model had read it. A
scripted server in OpenAI's protocol plays the model, over HTTP and the product's own client: it
plans, then streams customers' words as sentences, each ``_PAUSE_S`` after the other. A sentence's
delay is from the moment its last brace is written to the moment ``asking`` gives the statement out.
The server runs in the same process, so the delay is never told too short.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pydantic import JsonValue

from eval.bench import Figure
from eval.cases import read_corpus
from eval.completions import Asked, completion, in_pieces, prompt_of, read
from eval.crowd import LARKSPUR
from eval.filling import filled
from ingest.derive import derive
from ingest.keywords import content_terms
from ingest.library import Library, Options
from ingest.llm import ModelOptions
from ingest.readings import Matter, Reading, Words, digest, save
from ingest.store import get_call, list_utterances
from ingest.tables import found_themes, placements
from service import ledger
from service.ask import asking
from service.scope import resolve
from service.shapes import Filters

QUESTIONS = 60
MOST_MS = 300.0
THEMES = 12
_PAUSE_S = 0.4
_SENTENCES = 4
_PIECE = 24  # characters of a streamed chunk
_SENTENCE = re.compile(r"[A-Z][^.!?…]{25,140}\.")


def run() -> Iterator[Figure]:
    with filled(read_corpus(LARKSPUR), None) as library, serving() as server:
        put_readings(library)
        library.close()
        asked = _questions(library, 2 * QUESTIONS)
        told = Library(library.home, _options(library.home, server.url))
        delays = [
            delay for question in asked[:QUESTIONS] if (delay := _delay(told, server, question))
        ]
        if len(delays) < QUESTIONS * 5 // 6:
            raise RuntimeError(f"Only {len(delays)} of {QUESTIONS} questions had a sentence.")
        server.pause_s = 0.0
        took = []
        for question in asked[QUESTIONS:]:
            began = time.perf_counter()
            _ask(told, question)
            took.append(1000 * (time.perf_counter() - began))
        told.close()
        yield Figure("model: sentence written to statement, p50 ms", _quantile(delays, 0.5), None)
        yield Figure(
            "model: sentence written to statement, p95 ms", _quantile(delays, 0.95), MOST_MS
        )
        yield Figure("model: question, answered at once, p50 ms", _quantile(took, 0.5), None)
        yield Figure("model: question, answered at once, p95 ms", _quantile(took, 0.95), None)
        command = [sys.executable, "-m", "eval.streaming", str(library.home), server.url]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        for name, seconds in json.loads(done.stdout).items():
            yield Figure(f"model: {name}, s", seconds, None)


def put_readings(library: Library) -> None:
    """What the rules found, as matters that a model read, sorted under ``THEMES`` themes."""
    rng = random.Random(0)
    with library.read() as connection:
        found = ledger.items(connection, resolve(connection, Filters()))
    with library.change() as connection:
        connection.execute(found_themes.insert(), [*map(_theme, range(THEMES))])
        for call_id in sorted({e.spoken.call_id for e in found}):
            voices = get_call(connection, call_id).speakers
            words = list_utterances(connection, call_id)
            mine = [e for e in found if e.spoken.call_id == call_id]
            matters = tuple(
                Matter(
                    kind=e.kind,
                    content=e.content,
                    need="",
                    problem="",
                    intensity=e.strength,
                    hand=e.hand,
                    said=(Words(utterance=e.spoken.i, words=e.quote().text),),
                )
                for e in mine
            )
            reading = Reading(model="bench", prompt="", said=digest(words, voices), matters=matters)
            save(connection, call_id, reading)
            derive(library.embedder, call_id, words, voices, reading=reading).write(
                connection, library.index
            )
            places = [
                {
                    "call_id": call_id,
                    "matter": n,
                    "theme_id": f"theme-{rng.randrange(THEMES)}" if n % 3 else "",
                    "against": False,
                }
                for n in range(len(matters))
            ]
            connection.execute(placements.insert(), places)


def _theme(number: int) -> dict[str, object]:
    return {
        "theme_id": f"theme-{number}",
        "label": f"What group {number} needs",
        "statement": "These customers need it to work every day.",
        "kind": "pain",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }


def _questions(library: Library, count: int) -> list[str]:
    """In words that customers said; no two alike, so that none is answered from before."""
    rng = random.Random(0)
    with library.read() as connection:
        said = " ".join(
            e.spoken.text for e in ledger.items(connection, resolve(connection, Filters()))
        )
    words = sorted(set(content_terms(said)))
    shapes = (
        "What did they say about {0} when {1} came up?",
        "Which troubles do customers have with {0} and {1}?",
    )
    return [shapes[n % len(shapes)].format(*rng.sample(words, 2)) for n in range(count)]


def _delay(library: Library, server: Server, question: str) -> float | None:
    """Milliseconds from the last brace of the first sentence that is given out to its statement."""
    coming = asking(library, question)
    try:
        first = next(coming)
    except StopIteration:
        return None
    came = time.perf_counter()
    for _ in coming:
        pass
    written = server.written.get(first.text)
    return None if written is None else 1000 * (came - written)


def _ask(library: Library, question: str) -> None:
    for _ in asking(library, question):
        pass


def _quantile(values: Sequence[float], share: float) -> float:
    if share == 0.5:
        return statistics.median(values)
    return sorted(values)[int(share * len(values))]


def _options(home: Path, url: str) -> Options:
    model = ModelOptions(name="openai:scripted", base_url=url, api_key="any")
    return Options(models=home / "models", model=model)


# --- the model ------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """``written`` is when the last brace of each sentence was about to be written."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pause_s = _PAUSE_S
        self.written: dict[str, float] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as servers of models have it
    server: Server

    def do_POST(self) -> None:
        asked = read(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        if prompt_of(asked.system) == "plan_question":
            self._reply(completion(asked, 1, _plan(asked)))
        elif asked.stream:
            self._stream(asked)
        else:
            sentences: list[JsonValue] = [*_sentences(asked)]
            self._reply(completion(asked, 1, {"sentences": sentences, "ours": []}))

    def _stream(self, asked: Asked) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in in_pieces(asked, 1, self._pieces(asked)):
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def _pieces(self, asked: Asked) -> Iterator[str]:
        """The next piece is asked for when this one is on its way."""
        yield '{"sentences":['
        for n, sentence in enumerate(_sentences(asked)):
            whole = json.dumps(sentence, ensure_ascii=False)
            lead = ("," if n else "") + whole[:-1]
            for start in range(0, len(lead), _PIECE):
                yield lead[start : start + _PIECE]
            self.server.written[str(sentence["text"])] = time.perf_counter()
            yield "}"
            time.sleep(self.server.pause_s)
        yield '],"ours":[]}'

    def _reply(self, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _plan(asked: Asked) -> JsonValue:
    data = asked.data
    question = str(data["question"]) if isinstance(data, dict) else ""
    empty: dict[str, JsonValue] = dict.fromkeys(("tier", "segment", "region", "since", "until"), "")
    searches: list[JsonValue] = [f"{question} {n}" for n in ("daily", "by hand", "again")]
    return {
        **empty,
        "kind": "lookup" if question.startswith("What") else "aggregate",
        "accounts": [],
        "top": 0,
        "themes": [],
        "kinds": [],
        "superlative": False,
        "searches": searches,
    }


def _sentences(asked: Asked) -> list[dict[str, JsonValue]]:
    """Sentences of customers, word for word, on what they stand in."""
    data = asked.data
    held = data if isinstance(data, dict) else {}
    found: list[dict[str, JsonValue]] = []
    for key, text in _evidence(held):
        match = _SENTENCE.search(text)
        if match is not None:
            found.append({"text": match.group(), "rests_on": [key], "against": False})
    return found[:_SENTENCES]


def _evidence(held: dict[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for name in ("moments", "matters"):
        listed = held.get(name)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                quotes = one.get("quotes")
                told = [one.get("text"), *(quotes if isinstance(quotes, list) else ())]
                yield str(one["key"]), " ".join(str(text) for text in told if text)


# --- the first request ----------------------------------------------------------------------------


def _first(home: Path, url: str) -> dict[str, float]:
    """In a process of its own: opening the client, then the first question and the second."""
    library = Library(home, _options(home, url))
    spent: dict[str, float] = {}

    def timed(name: str, began: float) -> None:
        spent[name] = time.perf_counter() - began

    began = time.perf_counter()
    assert library.llm is not None
    library.llm.warm()
    timed("client imported and opened", began)
    for name, question in (
        ("first question after that", "What did they say about paper when spring came up?"),
        ("second question", "What did they say about phones when winter came up?"),
    ):
        began = time.perf_counter()
        _ask(library, question)
        timed(name, began)
    library.close()
    return spent


if __name__ == "__main__":
    print(json.dumps(_first(Path(sys.argv[1]), sys.argv[2])))
