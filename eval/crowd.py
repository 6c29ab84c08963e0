"""A home with very many calls in it, made up fast: what ``eval.scale`` measures on.

Every utterance is one of Larkspur's with most of its content words replaced by words of the
sentence model's vocabulary, which is in order of frequency, drawn by Zipf's law (the n-th word with
weight 1/n): lengths, questions and function words are those of speech, and most words are rare, as
in real text. Calls are cut, keyed and stored by the product's own code. Only the sentence model is
not asked: a passage's vector is a real passage's with as much noise again, so that neighbourhoods
are neither empty nor all alike.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate, cycle, islice
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from eval.retrieval import read_lookups
from ingest.embed import DIM, Vectors
from ingest.keywords import STOP
from ingest.library import Library
from ingest.models import Account, Role, Speaker, Utterance
from ingest.passages import passages
from ingest.store import insert_call, put_accounts, replace_words
from ingest.tables import calls
from ingest.tables import passages as stored

LARKSPUR = Path(__file__).with_name("corpora") / "larkspur"
_VOCABULARY = Path(__file__).parent.parent / "ingest" / "weights" / "minilm-l6-v2.tokenizer.json"
ACCOUNTS = 200
UTTERANCES = 220  # of a call
_REPLACED = 0.7  # of the content words
_AT_ONCE = 25  # calls in a transaction
WORD = re.compile(r"[^\W\d_]{3,}")

Call = tuple[Sequence[Utterance], Sequence[Speaker]]


def fill(library: Library, passages_n: int) -> None:
    """Add calls until there are ``passages_n`` passages; a home that has them is left alone."""
    with library.change() as connection:
        there = connection.scalar(sa.select(sa.func.count()).select_from(stored)) or 0
        made = connection.scalar(sa.select(sa.func.count()).select_from(calls)) or 0
        put_accounts(
            connection, (Account(account_id=a, name=a) for a in map(account, range(ACCOUNTS)))
        )
    crowd = Crowd(library)
    while there < passages_n:
        with library.change() as connection:
            for number in range(made, made + _AT_ONCE):
                there += crowd.add(connection, number)
        made += _AT_ONCE


class Crowd:
    """Makes up calls for a library, each from its number alone."""

    def __init__(self, library: Library, utterances: int = UTTERANCES) -> None:
        self._library = library
        self._utterances = utterances
        self._real = real_call(10**9)

    @cached_property
    def _seeds(self) -> Vectors:
        return self._library.embedder.embed([p.text for p in passages("seed", *self._real)])

    def add(self, connection: sa.Connection, number: int) -> int:
        """Store the call of this number, of an account that is there; how many passages it has."""
        call_id = name(number)
        spoken, voices = self.call(number)
        cut = passages(call_id, spoken, voices)
        insert_call(connection, row(call_id, account(number % ACCOUNTS)))
        replace_words(connection, call_id, voices, spoken)
        self._library.index.put(connection, call_id, cut, self.vectors(len(cut), number))
        return len(cut)

    def call(self, number: int) -> Call:
        return _made_up(self._real, random.Random(number), self._utterances)

    def vectors(self, count: int, seed: int) -> Vectors:
        """Unit vectors near real passages'."""
        return _near(self._seeds, count, seed)


def name(number: int) -> str:
    """The id of a call."""
    return f"crowd-{number:06}"


def account(number: int) -> str:
    return f"ACC-{number:04}"


def row(call_id: str, account_id: str | None) -> dict[str, object]:
    """A finished call's row."""
    return {
        "call_id": call_id,
        "title": call_id,
        "account_id": account_id,
        "source": "evaluation",
        "state": "ready",
        "media": "",
        "media_type": "",
        "is_recording": False,
        "content_sha256": call_id,
        "warnings": [],
        "created_at": datetime.now(UTC),
    }


def real_call(utterances: int) -> Call:
    """So many utterances (at most all) of Larkspur's calls, as one call of two people."""
    told = []
    for _, spoken, voices in read_lookups(LARKSPUR).calls:
        roles: dict[str, Role] = {voice.label: voice.role for voice in voices}
        told += [(roles[u.speaker], u.text) for u in spoken]
    voices = (
        Speaker(label="customer", name="Ana Ruiz", role="customer", basis="file"),
        Speaker(label="internal", name="Ben Okoye", role="internal", basis="file"),
    )
    return _numbered(told[:utterances]), voices


def _made_up(real: Call, rng: random.Random, utterances: int) -> Call:
    """A call of so many utterances like a stretch of the real one, in other words."""
    spoken, voices = real
    start = rng.randrange(len(spoken))
    words = zipf(rng)

    def other(match: re.Match[str]) -> str:
        keeps = match[0].lower() in STOP or rng.random() > _REPLACED
        return match[0] if keeps else next(words)

    stretch = islice(cycle(spoken), start, start + utterances)
    return _numbered([(u.speaker, WORD.sub(other, u.text)) for u in stretch]), voices


def _numbered(told: Sequence[tuple[str, str]]) -> list[Utterance]:
    return [
        Utterance(i=i, speaker=speaker, start_s=None, end_s=None, text=text)
        for i, (speaker, text) in enumerate(told)
    ]


def zipf(rng: random.Random) -> Iterator[str]:
    vocabulary = _vocabulary()
    weights = list(accumulate(1 / n for n in range(1, len(vocabulary) + 1)))
    while True:
        yield from rng.choices(vocabulary, cum_weights=weights, k=1_000)


def _vocabulary() -> list[str]:
    pieces = json.loads(_VOCABULARY.read_text("utf-8"))["model"]["vocab"]
    whole = (w for w in sorted(pieces, key=pieces.__getitem__) if w.isalpha() and w.isascii())
    return [word for word in whole if len(word) > 2 and word not in STOP]


def _near(seeds: Vectors, count: int, seed: int) -> Vectors:
    """Unit vectors, each a real one with noise of the same length."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, DIM)) / np.sqrt(DIM)
    vectors = seeds[rng.integers(len(seeds), size=count)] + noise
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
