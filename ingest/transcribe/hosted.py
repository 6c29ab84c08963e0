"""Hosted transcription at any server that speaks OpenAI's ``/v1/audio/transcriptions``.

Pieces are joined to uploads of minutes, so that a call takes tens of requests and not hundreds.
Servers differ in what they give back: segments that name their speakers, word times, times of
sentences, or nothing but text. A model that tells speakers apart is asked for that; whatever is
refused is asked for more plainly. A server that gives nothing but text is sent one piece at a time,
so that its words are at least within the right seconds.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from ingest.audio import encode
from ingest.errors import BadInput, EngineFailed, FirsthandError, MissingPart, withheld
from ingest.models import Piece, Word
from ingest.transcribe.spread import TimedWord, on_clock, spread
from ingest.transcribe.uploads import by_piece, joined, length_s, uploads

if TYPE_CHECKING:
    from openai import OpenAI, OpenAIError

    from ingest.library import Options
    from ingest.transcribe import Transcriber
    from ingest.transcribe.known_voices import KnownVoices

Way = Literal["diarized", "timed", "text"]

UPLOAD_S = 240.0
# Fewer uploads mean fewer times that voices have to be known again. OpenAI refuses more than 25 MB
# (this is 5) and, for gpt-4o-transcribe-diarize, more than 1,400 s.
DIARIZED_UPLOAD_S = 1200.0
_FORMATS: dict[Way, Literal["diarized_json", "verbose_json", "json"]] = {
    "diarized": "diarized_json",
    "timed": "verbose_json",
    "text": "json",
}
_BIT_RATE = 32_000
_TIMEOUT_S = 180.0  # for an upload of UPLOAD_S, and longer in proportion
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one upload came back as: the text, and words with times where the server gave them."""

    text: str
    words: tuple[TimedWord, ...]


@dataclass(frozen=True, slots=True)
class _Server:
    """Whom to ask, and how. ``prompt`` holds the names that may be said."""

    client: OpenAI
    options: Options
    timeout_s: float
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is wanted of an upload; ``samples`` are voices by name, as data URLs."""

    way: Way
    samples: Mapping[str, str] = field(default_factory=dict)


def open_hosted(
    options: Options,
    *,
    timeout_s: float = _TIMEOUT_S,
    retries: int = _RETRIES,
    diarized_s: float = DIARIZED_UPLOAD_S,
) -> Transcriber:
    """An engine at the options' server, which needs a key only where the server does.

    Passing faults are tried again up to ``retries`` times by the client, each time later.
    ``diarized_s``: the longest upload to a model that tells voices apart.
    """
    from openai import OpenAI

    if options.openai_base_url is None and not options.openai_api_key:
        raise MissingPart(
            "Hosted transcription needs a key: set OPENAI_API_KEY, or FIRSTHAND_OPENAI_BASE_URL to"
            " a server that asks for none."
        )
    client = OpenAI(
        base_url=options.openai_base_url,
        api_key=options.openai_api_key or "none",
        timeout=timeout_s,
        max_retries=retries,
    )

    def hear(
        pieces: Iterable[Piece], *, vocabulary: Sequence[str] = ()
    ) -> Iterator[tuple[Piece, list[Word]]]:
        from ingest.transcribe.whisper import vocabulary_prompt

        if _tells_voices(options):  # such a model takes no prompt: OpenAI refuses it
            yield from _voiced(_Server(client, options, timeout_s), uploads(pieces, diarized_s))
        else:
            server = _Server(client, options, timeout_s, vocabulary_prompt(vocabulary))
            yield from _plain(server, uploads(pieces, UPLOAD_S))

    return hear


def _tells_voices(options: Options) -> bool:
    return "diari" in options.openai_model.casefold()  # gpt-4o-transcribe-diarize, …-diarization


def _voiced(server: _Server, found: Iterator[list[Piece]]) -> Iterator[tuple[Piece, list[Word]]]:
    """Words with their speakers, as far as the server gives them; then without."""
    from ingest.transcribe.known_voices import KnownVoices

    known = KnownVoices()
    for upload in found:
        words = _told_apart(server, upload, known)
        if words is None:
            yield from _plain(server, _shorter(upload, found))
            return
        yield from zip(upload, words, strict=True)


def _shorter(upload: list[Piece], rest: Iterable[list[Piece]]) -> Iterator[list[Piece]]:
    yield from uploads(upload, UPLOAD_S)
    for longer in rest:
        yield from uploads(longer, UPLOAD_S)


def _told_apart(
    server: _Server, upload: Sequence[Piece], known: KnownVoices
) -> list[list[Word]] | None:
    """Each piece's words with their speakers; ``None`` when the server does not tell them apart."""
    from ingest.transcribe import diarized

    samples = known.samples()
    body = _ask(server, upload, _Wish("diarized", samples))
    if body is None and samples:
        known.refuse_samples()
        samples = {}
        body = _ask(server, upload, _Wish("diarized"))
    if body is None:
        return None
    try:
        segments = diarized.read(body, length_s(upload))
    except ValueError as error:
        raise _no_transcript(server.options) from error
    if segments is None:
        return None
    return diarized.words_of(upload, segments, known.names(upload, segments, list(samples)))


def _plain(server: _Server, found: Iterable[list[Piece]]) -> Iterator[tuple[Piece, list[Word]]]:
    """Words with times, as far as the server gives them; then by their pieces."""
    timed = True
    for upload in found:
        if timed and (body := _ask(server, upload, _Wish("timed"))) is not None:
            words = _by_piece(upload, _read(body, server.options))
            yield from zip(upload, words, strict=True)
            continue
        timed = False
        for piece in upload:
            body = _ask(server, [piece], _Wish("text"))
            text = _read(body, server.options).text if body is not None else ""
            yield piece, spread(text.split(), piece.speech, 1.0)


def _ask(server: _Server, upload: Sequence[Piece], wish: _Wish) -> str | None:
    """The body of one request's answer; ``None`` when the server refuses to give what is wished."""
    import openai

    options, timed = server.options, wish.way == "timed"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.ogg"
        encode(path, joined(upload), bit_rate=_BIT_RATE)
        try:
            raw = server.client.audio.transcriptions.with_raw_response.create(
                file=path,
                model=options.openai_model,
                response_format=_FORMATS[wish.way],
                timestamp_granularities=["word", "segment"] if timed else openai.omit,
                # A model that tells voices apart wants it said, and takes no long sound without.
                chunking_strategy="auto" if _tells_voices(options) and not timed else openai.omit,
                known_speaker_names=list(wish.samples) or openai.omit,
                known_speaker_references=list(wish.samples.values()) or openai.omit,
                prompt=server.prompt or openai.omit,
                timeout=server.timeout_s * max(length_s(upload) / UPLOAD_S, 1.0),
            )
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            if wish.way != "text":
                return None
            raise _told(error, options) from error
        except openai.OpenAIError as error:
            raise _told(error, options) from error
    return raw.text


def _told(error: OpenAIError, options: Options) -> FirsthandError:
    """The client's error as one sentence, and whether another try can help."""
    import openai

    server = _named(options)
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return BadInput(f"{server} refused the key for transcription: check OPENAI_API_KEY.")
    if isinstance(error, openai.NotFoundError):
        return BadInput(
            f"{server} knows no transcription model {options.openai_model!r}: check"
            " FIRSTHAND_OPENAI_MODEL and FIRSTHAND_OPENAI_BASE_URL."
        )
    if isinstance(error, openai.RateLimitError):
        return EngineFailed(f"{server} asks to slow down, again and again: try later.")
    if isinstance(error, openai.APITimeoutError):
        return EngineFailed(f"{server} did not answer in time: try again.")
    if isinstance(error, openai.InternalServerError):
        return EngineFailed(f"{server} failed ({error.status_code}): try again later.")
    if isinstance(error, openai.APIStatusError):
        said = withheld(str(error.message), options.openai_api_key, options.openai_base_url)
        return BadInput(f"{server} refused the sound ({error.status_code}: {said[:200]}).")
    if isinstance(error, openai.APIConnectionError):
        return EngineFailed(f"{server} cannot be reached: check the address and the connection.")
    return EngineFailed(f"{server} could not be asked ({type(error).__name__}): try again.")


def _named(options: Options) -> str:
    """Whom the sound goes to, as it is told to people: no path and no password, which are secrets
    with some.
    """
    return urlsplit(options.openai_base_url or "").netloc.rpartition("@")[2] or "OpenAI"


def _read(body: str, options: Options) -> _Answer:
    """Words with times if there are any, else the sentences' words spread over each sentence."""
    try:
        found = json.loads(body)
        text = str(found["text"])
        sentences = [_sentence(s) for s in found.get("segments") or []]
        sure = [(start, end, confidence) for start, end, _, confidence in sentences]
        if found.get("words"):
            words = [_timed(w, sure) for w in found["words"]]
            return _Answer(text, tuple(on_clock(text.split(), words)))
        spoken = [
            TimedWord(w.text, w.start_s, w.end_s, w.confidence)
            for start, end, said, confidence in sentences
            for w in spread(said.split(), [(start, end)], confidence)
        ]
        return _Answer(text, tuple(spoken))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _no_transcript(options) from error


def _no_transcript(options: Options) -> EngineFailed:
    return EngineFailed(
        f"{_named(options)} answered with something that is no transcript:"
        " check FIRSTHAND_OPENAI_BASE_URL."
    )


def _sentence(found: Mapping[str, float | str]) -> tuple[float, float, str, float]:
    confidence = math.exp(min(float(found.get("avg_logprob", 0.0)), 0.0))
    return float(found["start"]), float(found["end"]), str(found["text"]), confidence


def _timed(
    found: Mapping[str, float | str], sure: Sequence[tuple[float, float, float]]
) -> TimedWord:
    start, end = float(found["start"]), float(found["end"])
    middle = (start + end) / 2
    confidence = next((c for a, b, c in sure if a <= middle <= b), 1.0)
    return TimedWord(str(found["word"]).strip(), start, end, confidence)


def _by_piece(upload: Sequence[Piece], answer: _Answer) -> list[list[Word]]:
    """Each word in the piece it was said in, on the recording's clock."""
    if not answer.words and answer.text.strip():
        whole = [(piece, span) for piece in upload for span in piece.speech]
        words = spread(answer.text.split(), [span for _, span in whole], 1.0)
        return [[w for w in words if p.start_s <= w.start_s < p.end_s] for p in upload]
    return by_piece(upload, answer.words)
