"""Hosted transcription at any server that speaks OpenAI's ``/v1/audio/transcriptions``.

Pieces are joined to uploads of a few minutes, so that a call takes tens of requests and not
hundreds; where each piece lies in its upload is kept, so that times stay exact. Servers differ in
what they give back: word times, times of sentences, or nothing but text. A server of the last kind
is sent one piece at a time, so that its words are at least within the right seconds.
"""

from __future__ import annotations

import json
import math
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.audio import encode
from ingest.errors import BadInput, EngineFailed, FirsthandError, MissingPart
from ingest.models import RATE, Piece, Samples, Word
from ingest.transcribe.spread import TimedWord, on_clock, spread

if TYPE_CHECKING:
    from openai import OpenAI, OpenAIError

    from ingest.library import Options
    from ingest.transcribe import Transcriber

UPLOAD_S = 240.0
_BETWEEN_S = 0.5  # silence between two pieces of an upload
_BIT_RATE = 32_000
_TIMEOUT_S = 180.0
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one upload came back as: the text, and words with times where the server gave them."""

    text: str
    words: tuple[TimedWord, ...]


def open_hosted(
    options: Options, *, timeout_s: float = _TIMEOUT_S, retries: int = _RETRIES
) -> Transcriber:
    """An engine at the options' server, which needs a key only where the server does.

    Passing faults are tried again up to ``retries`` times by the client, each time later.
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

        prompt = vocabulary_prompt(vocabulary)
        timed = True
        for upload in _uploads(pieces):
            if timed and (answer := _ask(client, options, upload, prompt, timed=True)) is not None:
                yield from zip(upload, _by_piece(upload, answer), strict=True)
                continue
            timed = False
            for piece in upload:
                answer = _ask(client, options, [piece], prompt, timed=False)
                text = answer.text if answer is not None else ""
                yield piece, spread(text.split(), piece.speech, 1.0)

    return hear


def _uploads(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    upload: list[Piece] = []
    for piece in pieces:
        if upload and sum(len(p.samples) for p in [*upload, piece]) > UPLOAD_S * RATE:
            yield upload
            upload = []
        upload.append(piece)
    if upload:
        yield upload


def _offsets(upload: Sequence[Piece]) -> list[float]:
    """Where each piece begins in its upload, in seconds."""
    starts, at = [], 0.0
    for piece in upload:
        starts.append(at)
        at += len(piece.samples) / RATE + _BETWEEN_S
    return starts


def _ask(
    client: OpenAI, options: Options, upload: Sequence[Piece], prompt: str | None, *, timed: bool
) -> _Answer | None:
    """One request; ``None`` when the server refuses to give times."""
    import openai

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.ogg"
        encode(path, _joined(upload), bit_rate=_BIT_RATE)
        try:
            raw = client.audio.transcriptions.with_raw_response.create(
                file=path,
                model=options.openai_model,
                response_format="verbose_json" if timed else "json",
                timestamp_granularities=["word", "segment"] if timed else openai.omit,
                prompt=prompt or openai.omit,
            )
        except openai.BadRequestError as error:
            if timed:
                return None
            raise _told(error, options) from error
        except openai.OpenAIError as error:
            raise _told(error, options) from error
    return _read(raw.text, options)


def _joined(upload: Sequence[Piece]) -> Iterator[Samples]:
    silence = np.zeros((1, round(_BETWEEN_S * RATE)), np.float32)
    for piece in upload:
        yield piece.samples[None]
        yield silence


def _told(error: OpenAIError, options: Options) -> FirsthandError:
    """The client's error as one sentence, and whether another try can help."""
    import openai

    server = options.openai_base_url or "OpenAI"
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
        said = " ".join(str(error.message).split())[:200]
        return BadInput(f"{server} refused the sound ({error.status_code}: {said}).")
    if isinstance(error, openai.APIConnectionError):
        return EngineFailed(f"{server} cannot be reached: check the address and the connection.")
    return EngineFailed(f"{server} could not be asked ({type(error).__name__}): try again.")


def _read(body: str, options: Options) -> _Answer:
    """Words with times if there are any, else the sentences' words spread over each sentence."""
    server = options.openai_base_url or "OpenAI"
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
        raise EngineFailed(
            f"{server} answered with something that is no transcript: check"
            " FIRSTHAND_OPENAI_BASE_URL."
        ) from error


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
    starts = _offsets(upload)
    placed: list[list[Word]] = [[] for _ in upload]
    for word in answer.words:
        i = max(bisect_right(starts, (word.start_s + word.end_s) / 2) - 1, 0)
        piece = upload[i]
        start, end = (
            min(max(t - starts[i], 0.0) + piece.start_s, piece.end_s)
            for t in (word.start_s, word.end_s)
        )
        placed[i].append(Word(word.text, start, max(start, end), word.confidence))
    return placed
