"""The recogniser that is always there: Moonshine tiny, English, from the weights in the wheel.

Pieces are decoded in batches, which costs a third of decoding them one by one, with two hypotheses
for each (a ninth fewer errors than one). What small models are known for is watched: on
music and noise they write the same words over and over. Such a piece is heard again in two halves,
and the likelier hearing is kept. Tokens of other scripts are never written: the model knows
English only, and on silence it falls into them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.models import RATE, Piece, Samples, Word
from ingest.transcribe import moonshine_network as network
from ingest.transcribe import moonshine_weights
from ingest.transcribe.beam import BEGIN, Hearing, Search
from ingest.transcribe.word_times import frame_spans, out_of_pauses

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, OrtValue

BATCH = 12  # pieces decoded together: 170 MB of keys and values
BEAMS = 2  # hypotheses kept for each piece
_TOKENS_PER_S = 13  # nobody speaks faster
_FRAME_S = network.HOP / RATE
_LOST = -1.0  # mean log probability of tokens; clear speech has -0.05 to -0.15
_MARGIN_S = 0.15  # of silence put around a piece
_PEAK = 0.5  # each piece is brought to this level; the network was trained on levelled speech
_SPACE = "▁".encode()


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    encoder: InferenceSession
    decoder: InferenceSession
    tokens: Sequence[bytes]
    written: NDArray[np.int64]  # the token of each column that the decoder gives


def hear(
    pieces: Iterable[Piece], *, vocabulary: Sequence[str] = ()
) -> Iterator[tuple[Piece, list[Word]]]:
    """Words of each piece, in order; ``BATCH`` pieces are read before the first is given back.

    The network takes no vocabulary; it is accepted because every engine does.
    """
    del vocabulary
    waiting = iter(pieces)
    while batch := list(islice(waiting, BATCH)):
        yield from zip(batch, _words_of(batch), strict=True)


def _words_of(batch: Sequence[Piece]) -> list[list[Word]]:
    net = _network()
    heard = [[pair] for pair in zip(batch, _hear(net, batch), strict=True)]
    halves = {
        i: parts
        for i, [(piece, hearing)] in enumerate(heard)
        if _failed(hearing) and (parts := split(piece)) is not None
    }
    second = iter(_hear(net, [half for parts in halves.values() for half in parts]))
    for i, parts in halves.items():
        heard[i] = max(heard[i], [(half, next(second)) for half in parts], key=_likelihood)
    return [
        [w for piece, hearing in pairs for w in _words(net.tokens, piece, hearing)]
        for pairs in heard
    ]


def _hear(net: _Network, pieces: Sequence[Piece]) -> list[Hearing]:
    if not pieces:
        return []
    sounds = [_levelled(piece.samples) for piece in pieces]
    memory, mask = _encode(net, sounds)
    return _decode(net, memory, mask, [int(_TOKENS_PER_S * len(s) / RATE) for s in sounds])


def split(piece: Piece) -> tuple[Piece, Piece] | None:
    """A piece in two at a long pause near its middle; ``None`` where nobody paused."""
    middle = (piece.start_s + piece.end_s) / 2
    half = (piece.end_s - piece.start_s) / 2
    pauses = [(a, b) for (_, a), (b, _) in pairwise(piece.speech) if abs(a - middle) < half / 2]
    if not pauses:
        return None
    a, b = max(pauses, key=lambda p: (p[1] - p[0]) * (half - abs(p[0] - middle)))
    cut = round(((a + b) / 2 - piece.start_s) * RATE)
    at = piece.start_s + cut / RATE
    left = tuple(span for span in piece.speech if span[0] < at)
    right = piece.speech[len(left) :]
    return (
        Piece(piece.channel, piece.start_s, piece.samples[:cut], left),
        Piece(piece.channel, at, piece.samples[cut:], right),
    )


def _failed(hearing: Hearing) -> bool:
    return not hearing.complete or _mean_log(hearing.chances) < _LOST


def _likelihood(heard: Sequence[tuple[Piece, Hearing]]) -> tuple[bool, float]:
    """What ended by itself is better than what did not; then the surer one is better."""
    complete = all(hearing.complete for _, hearing in heard)
    return complete, _mean_log(np.concatenate([hearing.chances for _, hearing in heard]))


def _mean_log(chances: Samples) -> float:
    return float(np.log(np.maximum(chances, 1e-6)).mean()) if len(chances) else 0.0


def _levelled(samples: Samples) -> Samples:
    """A piece at the level of speech in training, between short silences."""
    loudest = float(np.percentile(np.abs(samples), 99.9)) if len(samples) else 0.0
    gain = _PEAK / loudest if loudest > 1e-6 else 1.0
    margin = round(_MARGIN_S * RATE)
    return np.pad(np.clip(samples * np.float32(gain), -1, 1), margin)


def _decode(
    net: _Network,
    memory: Sequence[OrtValue],
    mask: Samples,
    limits: Sequence[int],
    *,
    beams: int = BEAMS,
) -> list[Hearing]:
    """The likeliest tokens that a beam search finds for every sound, at most ``limits`` of them."""
    import onnxruntime

    searches = [Search(limit, beams) for limit in limits]
    live = list(range(len(limits)))  # which sound each group of rows belongs to
    token = np.full((len(live) * beams, 1), BEGIN, np.int64)
    parent = np.arange(len(live) * beams)
    empty = np.zeros((len(live) * beams, network.HEADS, 0, network.HEAD_WIDTH), np.float32)
    past = [onnxruntime.OrtValue.ortvalue_from_numpy(empty)] * (2 * network.LAYERS)
    position = 0
    while any(not searches[i].done for i in live):
        step = _step(net, token, parent, position, mask, memory, past)
        past, position = step.past, position + 1
        for group, i in enumerate(live):
            rows = slice(group * beams, (group + 1) * beams)
            if not searches[i].done:
                searches[i].advance(step.tokens[rows], step.chances[rows], step.attention[group])
        keep = list(range(len(live)))
        going = [group for group in keep if not searches[live[group]].done]
        if going and len(going) <= len(live) // 2:
            keep = going
            memory = [_rows(value, keep) for value in memory]
            mask = mask[keep]
        nexts = [searches[live[group]].next_rows() for group in keep]
        token = np.array([[t] for row in nexts for _, t in row], np.int64)
        parent = np.array(
            [group * beams + r for group, row in zip(keep, nexts, strict=True) for r, _ in row]
        )
        live = [live[group] for group in keep]
    return [search.best() for search in searches]


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    tokens: NDArray[np.int64]  # (rows, candidates), likeliest first
    chances: Samples  # the same shape
    attention: Samples  # (pieces, beams, frames)
    past: list[OrtValue]


def _step(
    net: _Network,
    token: NDArray[np.int64],
    parent: NDArray[np.int64],
    position: int,
    mask: Samples,
    memory: Sequence[OrtValue],
    past: Sequence[OrtValue],
) -> _Step:
    from onnxruntime import OrtValue

    value = OrtValue.ortvalue_from_numpy
    beams = len(token) // len(mask)
    feed = {
        "token": value(token),
        "parent": value(parent),
        "position": value(np.array([position])),
        "beams": value(np.array([-1, beams, network.HEADS, network.HEAD_WIDTH])),
        "mask": value(mask),
    }
    for i in range(network.LAYERS):
        feed[f"keys.{i}"], feed[f"values.{i}"] = memory[2 * i], memory[2 * i + 1]
        feed[f"past_keys.{i}"], feed[f"past_values.{i}"] = past[2 * i], past[2 * i + 1]
    ahead = [f"next_{kind}.{i}" for i in range(network.LAYERS) for kind in ("keys", "values")]
    out = net.decoder.run_with_ort_values(["tokens", "chances", "attention", *ahead], feed)
    tokens, chances, attention = (part.numpy() for part in out[:3])
    return _Step(net.written[tokens], chances, attention, list(out[3:]))


def _encode(net: _Network, sounds: Sequence[Samples]) -> tuple[list[OrtValue], Samples]:
    """Keys and values of each layer for all sounds, and the mask over the shorter ones' rest.

    Sounds go through the encoder by themselves: it normalises over the whole of its input, so
    silence put behind a sound would change how it is heard. Each core takes one at a time. The
    decoder is another matter: its steps are small and mostly read weights, so that all pieces in
    one search cost half of what they cost shared out among the cores.
    """
    from onnxruntime import OrtValue

    lengths = [network.frames(len(sound)) for sound in sounds]
    shape = (len(sounds), network.HEADS, max(lengths), network.HEAD_WIDTH)
    memory = [np.zeros(shape, np.float32) for _ in range(2 * network.LAYERS)]
    mask = np.zeros((len(sounds), 1, 1, max(lengths)), np.float32)

    def encode(row: int) -> None:
        heard = net.encoder.run(None, {"samples": sounds[row][None]})
        for kept, layer in zip(memory, heard, strict=True):
            kept[row, :, : lengths[row]] = layer[0]
        mask[row, ..., lengths[row] :] = -1e9

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        list(pool.map(encode, range(len(sounds))))
    return [OrtValue.ortvalue_from_numpy(kept) for kept in memory], mask


def _rows(value: OrtValue, rows: Sequence[int]) -> OrtValue:
    from onnxruntime import OrtValue

    return OrtValue.ortvalue_from_numpy(value.numpy()[list(rows)])


def _words(vocabulary: Sequence[bytes], piece: Piece, hearing: Hearing) -> list[Word]:
    """Tokens joined to words, each with its times and the mean probability of its tokens."""
    if not hearing.tokens:
        return []
    spans = frame_spans(hearing.attention)
    groups = _groups(vocabulary, hearing.tokens)
    begin = piece.start_s - _MARGIN_S
    edges = (begin + spans * _FRAME_S).tolist()
    times = [(edges[group[0]][0], edges[group[-1]][1]) for group in groups]
    looks = (begin + (hearing.attention.argmax(axis=1) + 0.5) * _FRAME_S).tolist()
    peaks = [sum(looks[i] for i in group) / len(group) for group in groups]
    placed = out_of_pauses(times, peaks, piece.speech)
    words = []
    for group, (start, end) in zip(groups, placed, strict=True):
        raw = b"".join(vocabulary[hearing.tokens[i]] for i in group)
        text = raw.replace(_SPACE, b" ").decode("utf-8", errors="replace").strip()
        if text:
            words.append(Word(text, start, end, float(hearing.chances[group].mean())))
    return words


def _groups(vocabulary: Sequence[bytes], tokens: Sequence[int]) -> list[list[int]]:
    """Which tokens make up each word: a word begins at a token that begins with a space."""
    groups: list[list[int]] = []
    for i, token in enumerate(tokens):
        if not groups or vocabulary[token].startswith(_SPACE):
            groups.append([])
        groups[-1].append(i)
    return groups


@cache
def _network() -> _Network:
    """Both graphs with their weights, made once for each process (0.4 s, 250 MB)."""
    import onnxruntime

    raw, tokens = moonshine_weights.read()
    written = np.array([i for i, token in enumerate(tokens) if _english(token)])
    raw["proj_out"] = np.ascontiguousarray(raw["proj_out"][:, written])
    weights = network.prepare(raw)
    place = moonshine_weights.folder()

    def session(graph: bytes) -> InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(place)
        )
        names = [name for name in weights if name.encode() in graph]
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[name]) for name in names]
        options.add_external_initializers(names, values)
        return onnxruntime.InferenceSession(
            graph, sess_options=options, providers=["CPUExecutionProvider"]
        )

    return _Network(
        session(network.encoder(weights)), session(network.decoder(weights)), tokens, written
    )


def _english(token: bytes) -> bool:
    """Latin letters (names have accents), punctuation and currency; bytes of any text."""
    try:
        text = token.replace(_SPACE, b"").decode()
    except UnicodeDecodeError:
        return True
    if text.startswith("<<"):  # marks for other uses of the model
        return False
    return all(ord(c) < 0x250 or 0x2010 <= ord(c) <= 0x2044 or c == "€" for c in text)
