"""Whisper of any size through faster-whisper: several times slower than Moonshine, and far better
on distant microphones, accents and other languages.

Our own voice detector has already cut the pieces, so Whisper's is off; and no piece is prompted
with the text of the one before, which is how Whisper falls into loops.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import prompts
from ingest.errors import EngineFailed
from ingest.models import RATE, Piece, Word

if TYPE_CHECKING:
    from faster_whisper import BatchedInferencePipeline

    from ingest.transcribe import Transcriber

BATCH = 8
_PROMPT_CHARACTERS = 600  # Whisper reads at most 224 tokens of a prompt


def open_whisper(folder: Path) -> Transcriber:
    """Load a CTranslate2 model from a folder: int8 on the CPU, float16 where there is CUDA."""
    import ctranslate2
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    cuda = ctranslate2.get_cuda_device_count() > 0
    try:
        model = WhisperModel(
            str(folder),
            device="cuda" if cuda else "cpu",
            compute_type="float16" if cuda else "int8",
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineFailed(
            f"The Whisper model in {folder} cannot be loaded ({error}): fetch it again."
        ) from error
    pipeline = BatchedInferencePipeline(model=model)

    def hear(
        pieces: Iterable[Piece], *, vocabulary: Sequence[str] = ()
    ) -> Iterator[tuple[Piece, list[Word]]]:
        prompt = vocabulary_prompt(vocabulary)
        language: str | None = None
        waiting = iter(pieces)
        while batch := list(islice(waiting, BATCH)):
            words, language = _hear(pipeline, batch, prompt, language)
            yield from zip(batch, words, strict=True)

    return hear


def vocabulary_prompt(vocabulary: Sequence[str]) -> str | None:
    """The names as a prompt, the first ones first, as many as the engine will read."""
    names: list[str] = []
    for name in dict.fromkeys(" ".join(word.split()) for word in vocabulary):
        if name and sum(len(n) + 2 for n in names) + len(name) <= _PROMPT_CHARACTERS:
            names.append(name)
    return prompts.render("transcribe", names=", ".join(names)) if names else None


def _hear(
    pipeline: BatchedInferencePipeline,
    batch: Sequence[Piece],
    prompt: str | None,
    language: str | None,
) -> tuple[list[list[Word]], str]:
    """Words of each piece, and the language, which is found once and then kept for the call."""
    ends = list(accumulate(len(piece.samples) for piece in batch))
    starts = [0, *ends[:-1]]
    clips = [{"start": a / RATE, "end": b / RATE} for a, b in zip(starts, ends, strict=True)]
    segments, info = pipeline.transcribe(
        np.concatenate([piece.samples for piece in batch]),
        language=language,
        beam_size=5,
        batch_size=BATCH,
        vad_filter=False,
        clip_timestamps=clips,
        condition_on_previous_text=False,
        word_timestamps=True,
        initial_prompt=prompt,
    )
    words: list[list[Word]] = [[] for _ in batch]
    for segment in segments:
        at = max(bisect_right(starts, round(segment.start * RATE)) - 1, 0)
        piece, begin = batch[at], starts[at] / RATE
        for word in segment.words or []:
            start, end = (
                min(max(piece.start_s + t - begin, piece.start_s), piece.end_s)
                for t in (word.start, word.end)
            )
            if text := word.word.strip():
                words[at].append(Word(text, float(start), float(end), float(word.probability)))
    return words, info.language
