"""Finds what was said about something: keywords and meaning together, down to the utterance.

A passage's score is the sum of its BM25 score, its cosine and, where the question names speakers,
how much of it is theirs, each in standard deviations over the passages asked about; plus the same
for the stretch of conversation around it. The passage decides where to look; inside it, the
utterance that holds most of the question's words is the one to quote.

Where a question asks for a number, a time, a reason or a person, what holds one is preferred, the
more so the more the turns before it were about the matter: speakers name the matter first and
answer a turn or two later. How the constants were chosen is in ``eval/LOG.md``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import answers, keywords
from ingest.embed import Embedder, Vectors
from ingest.erased import ERASED
from ingest.index import Block, Index, Sizes
from ingest.models import Role
from ingest.naming import shares, speakers_named
from ingest.nearest import nearest
from ingest.tables import passages, speakers, utterances

# Where there are too many passages to score them all, only calls that hold one of the nearest
# passages by vector or by keyword are looked at.
_NEAREST = 100
_MOST_CALLS = 60
_MEANING_WEIGHT = 1.5  # of the cosine, where BM25 and the speaker weigh one
_STRETCH = 11  # passages on each side over which a score spreads, falling off linearly
_STRETCH_WEIGHT = 1.0
_BESIDE = 2  # passages on each side of the found one that make its run
_LOOKED_AT = 40  # of the best passages, those whose words are read to order them finally
_KEYWORD_WEIGHT = 4.0  # of the share of the question's words that stand in the run
_ANSWER_WEIGHT = 1.0  # of holding the sort of answer asked for, whatever was said before
_TOPIC_WEIGHT = 0.7  # of what was said before, when this holds the sort of answer asked for
_FADING = (1.0, 0.8)  # how much of the topic of the last passage, and of the one before, remains
_MAX_CHARS = 2_000  # of a question


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a call, and the utterance there to quote (of the role asked for).

    ``first`` to ``last`` (inclusive) is the run of utterances around it. ``score`` orders the hits
    of one search and means nothing across searches. ``keyword`` (0 to 1) is how much of the
    question's content words stand in the run, each weighed by its rarity; ``cosine`` (-1 to 1) is
    the nearness in meaning of the passage. ``stretch`` is the score of the conversation around it:
    who wants much to read rather than something to quote does better in its order.
    """

    call_id: str
    utterance: int
    score: float
    first: int
    last: int
    keyword: float
    cosine: float
    stretch: float = 0.0


def search(
    connection: sa.Connection,
    index: Index,
    embedder: Embedder,
    query: str,
    *,
    role: Role = "customer",
    call_ids: Collection[str] | None = None,
    limit: int = 10,
) -> list[Hit]:
    """The best places for ``query`` in ready calls, best first, at most one per passage.

    ``call_ids`` narrows it to these calls; ``None`` means all. Any text is a valid query; one
    without a letter or a digit finds nothing. Raises ``Conflict`` when ``embedder`` is not the
    model that made the index.
    """
    index.accept(connection, embedder.name)
    question = query[:_MAX_CHARS].encode("utf-8", "replace").decode()
    terms = keywords.content_terms(question)
    if not terms or limit < 1:
        return []
    sizes = index.sizes(connection, role, call_ids)
    if not sizes:
        return []
    named = None if call_ids is None else sizes.keys()
    who, names = speakers_named(connection, role, question, named)
    # Whoever is named is known by their voice; seldom does anybody say their own name.
    terms = [t for t in terms if t.removesuffix("'s") not in names] or terms
    vector = embedder.embed([question])[0]
    words = keywords.match(connection, role, terms, named)
    if sum(count for _, count in sizes.values()) > index.exact:
        stamps = _narrow(connection, index, role, vector, words, sizes)
    else:
        stamps = {call_id: stamp for call_id, (stamp, _) in sizes.items()}
    blocks = index.blocks(connection, role, stamps)
    theirs = shares(connection, role, blocks, who)
    asked = answers.sorts(question)
    found = _rank(blocks, vector, words, theirs, bool(asked), max(limit, _LOOKED_AT))
    return _quote(connection, role, terms, asked, found)[:limit]


@dataclass(frozen=True, slots=True)
class _Found:
    """A passage that scored well: its own utterances, and those of its run.

    ``topic`` is what the passages before it were about the matter asked for, zero at least.
    """

    call_id: str
    score: float
    cosine: float
    own: tuple[int, int]
    run: tuple[int, int]
    stretch: float
    topic: float


def _narrow(
    connection: sa.Connection,
    index: Index,
    role: Role,
    vector: Vectors,
    words: Mapping[str, float],
    sizes: Sizes,
) -> dict[str, str]:
    """Of the calls in scope those that hold the best passages by meaning or by words."""
    near = nearest(connection, index, role, vector, _NEAREST, sizes)
    chosen: dict[str, str] = {}
    for scores in (near, words):
        best = sorted(scores, key=scores.__getitem__, reverse=True)[: _NEAREST * 5]
        select = sa.select(passages.c.passage_id, passages.c.call_id)
        rows = connection.execute(select.where(passages.c.passage_id.in_(best)))
        owner = {row.passage_id: row.call_id for row in rows}
        of_calls = dict.fromkeys(owner[i] for i in best if owner.get(i) in sizes)
        chosen |= {call_id: sizes[call_id][0] for call_id in list(of_calls)[:_MOST_CALLS]}
    return chosen


def _rank(
    blocks: Sequence[Block],
    vector: Vectors,
    words: Mapping[str, float],
    theirs: NDArray[np.float64],
    answering: bool,
    limit: int,
) -> list[_Found]:
    if not blocks:
        return []
    cosines = np.concatenate([block.vectors @ vector for block in blocks]).astype(np.float64)
    keyed = np.array([words.get(i, 0.0) for block in blocks for i in block.passage_ids])
    about = _standard(keyed) + _MEANING_WEIGHT * _standard(cosines)
    own = about + _standard(theirs)
    ends = np.cumsum([len(block.passage_ids) for block in blocks])
    stretch = np.concatenate([_spread(part) for part in np.split(own, ends[:-1])])
    topic = np.concatenate([_topic(part) for part in np.split(about, ends[:-1])])
    scores = own + _STRETCH_WEIGHT * stretch
    best = np.argsort(-(scores + answering * _TOPIC_WEIGHT * topic), kind="stable")[:limit]
    found = []
    for place in best:
        b = int(np.searchsorted(ends, place, side="right"))
        block = blocks[b]
        n = int(place - (ends[b] - len(block.passage_ids)))
        found.append(
            _Found(
                block.call_id,
                float(scores[place]),
                float(cosines[place]),
                (block.first[n], block.last[n]),
                _reach(block, n, _BESIDE),
                float(stretch[place]),
                float(topic[place]),
            )
        )
    return found


def _topic(about: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is left at each passage of the ones before it, the strongest; zero at least."""
    left = np.zeros_like(about)
    for back, remains in enumerate(_FADING, start=1):
        np.maximum(left[back:], remains * about[:-back], out=left[back:])
    return left


def _reach(block: Block, n: int, passages_n: int) -> tuple[int, int]:
    """First and last utterance of passage ``n`` and so many passages on each side of it."""
    end = min(len(block.passage_ids) - 1, n + passages_n)
    return block.first[max(0, n - passages_n)], block.last[end]


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """In standard deviations from the mean; zeros where all are alike."""
    deviation = float(values.std())
    centred: NDArray[np.float64] = values - values.mean()
    return centred / deviation if deviation > 1e-12 else np.zeros_like(values)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each passage's mean over its stretch, nearer ones weighing more; same length."""
    kernel = 1.0 - np.abs(np.arange(-_STRETCH, _STRETCH + 1)) / (_STRETCH + 1)
    total = np.convolve(values, kernel)[_STRETCH:-_STRETCH]
    weight = np.convolve(np.ones_like(values), kernel)[_STRETCH:-_STRETCH]
    spread: NDArray[np.float64] = total / weight
    return spread


def _quote(
    connection: sa.Connection,
    role: Role,
    terms: Sequence[str],
    asked: Sequence[answers.Sort],
    found: Sequence[_Found],
) -> list[Hit]:
    """Choose in each place the utterance to quote, and order the places by what stands there."""
    spoken = _spoken(connection, found)
    # Places overlap: each utterance is stemmed once.
    texts = {
        (place.call_id, i): text
        for place, rows in zip(found, spoken, strict=True)
        for i, _, text in rows
    }
    wanted, *stemmed = keywords.stems([" ".join(terms), *texts.values()])
    rarity = _rarity(connection, role, wanted)
    total = sum(rarity.values()) or 1.0
    stems = dict(zip(texts, map(set, stemmed), strict=True))
    hits = []
    for place, rows in zip(found, spoken, strict=True):
        held = {i: stems[place.call_id, i] & rarity.keys() for i, _, _ in rows}
        own = {
            i: (answers.share(asked, text), sum(rarity[t] for t in held[i]), len(text))
            for i, who, text in rows
            if who == role and place.own[0] <= i <= place.own[1]
        }
        if not own:
            continue
        best = max(own, key=own.__getitem__)  # of equals the longer one says more
        keyword = sum(rarity[t] for t in set[str]().union(*held.values())) / total
        answer = own[best][0] * (_ANSWER_WEIGHT + _TOPIC_WEIGHT * place.topic)
        score = place.score + _KEYWORD_WEIGHT * keyword + answer
        hits.append(
            Hit(place.call_id, best, score, *place.run, keyword, place.cosine, place.stretch)
        )
    return sorted(hits, key=lambda hit: -hit.score)


def _spoken(
    connection: sa.Connection, found: Sequence[_Found]
) -> list[list[tuple[int, Role, str]]]:
    """For each place number, role and text of the utterances there, in order."""
    u, s = utterances.c, speakers.c
    wanted: dict[str, set[int]] = {}
    for place in found:
        wanted.setdefault(place.call_id, set()).update(range(place.run[0], place.run[1] + 1))
    rows: dict[str, list[tuple[int, Role, str]]] = {}
    for call_id, numbers in wanted.items():
        select = (
            sa.select(u.i, s.role, u.text)
            .join(speakers, sa.and_(s.call_id == u.call_id, s.label == u.speaker))
            .where(u.call_id == call_id, u.i.in_(sorted(numbers)), u.text != ERASED)
            .order_by(u.i)
        )
        rows[call_id] = [(i, role, text) for i, role, text in connection.execute(select).all()]
    return [
        [row for row in rows[place.call_id] if place.run[0] <= row[0] <= place.run[1]]
        for place in found
    ]


def _rarity(connection: sa.Connection, role: Role, stemmed: Sequence[str]) -> dict[str, float]:
    """Each stem's inverse document frequency (as in BM25, kept above zero)."""
    counts, total = keywords.frequencies(connection, role, stemmed)
    return {
        stem: math.log(1.0 + (total - count + 0.5) / (count + 0.5))
        for stem, count in counts.items()
    }
