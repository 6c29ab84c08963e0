"""Joins what was said with who spoke: words and turns become utterances, the citable units.

Neither clock is exact: a recogniser's words are off by up to half a second, a turn's edge by a
quarter. Sentences are the better witness. So the words' speakers are chosen together, as the
cheapest reading of the whole: a word far from a turn of its speaker costs, and so does a change of
speaker, little after a full stop or in a pause and much in the middle of a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from ingest.models import Turn, Utterance, Word

LONGEST_WORDS, LONGEST_S = 80, 45.0
_SENTENCE_END = (".", "?", "!", "…")
_CLAUSE_END = (",", ";", ":", "—", "–")
_REST_S = 2.0  # after a finished sentence, and twice that anywhere, a silence ends an utterance
_BACKCHANNEL_WORDS = 3  # "Mm-hm." and "Right, yeah." do not break the other's sentence
_BREATH_S = 0.7  # one side going on after this: it never stopped speaking
# Prices. A word outside its speaker's turns: at once, and for every second away from them. A change
# of speaker: after a sentence, after a clause, anywhere else; what a second of pause takes off, and
# the least that is left. So one or two words at an inexact edge follow their sentence, not more.
_OUTSIDE, _PER_S, _DEAREST = 0.5, 2.5, 4.0
_AFTER_SENTENCE, _AFTER_CLAUSE, _ANYWHERE = 0.3, 2.2, 3.0
_PAUSE_PER_S, _IN_PAUSE = 4.0, 0.8


def align(words: Sequence[Word], turns: Sequence[Turn]) -> list[Utterance]:
    """Utterances in order of time, numbered from 0, of words and turns in order of time.

    No word is lost, added or changed. With no turns at all everybody is ``S1``.
    """
    words = _ordered(words)
    runs = _runs(words, _speakers(words, turns))
    return _numbered((label, part) for label, run in _whole(runs) for part in _parts(run))


def align_told(words: Sequence[Word], speakers: Sequence[str]) -> list[Utterance]:
    """Utterances of words whose ``speakers`` are told, one for each word.

    Words of one speaker that follow each other were said in one go, even where somebody else's lie
    between them in time: so speech that overlaps is not shredded into single words.
    """
    runs = [(label, _ordered(run)) for label, run in _runs(words, speakers)]
    whole = _whole([(label, run) for label, run in runs if run])
    return _numbered((label, part) for label, run in whole for part in _parts(_ordered(run)))


def align_channels(words_by_channel: Sequence[Sequence[Word]]) -> list[Utterance]:
    """Utterances of a call whose channels are its speakers: ``S1`` the left one, ``S2`` the right.

    They are interleaved by their beginnings. One side's sentences stay together unless the other
    side says more than a backchannel between them.
    """
    sentences = [
        (f"S{channel + 1}", sentence)
        for channel, words in enumerate(words_by_channel)
        for sentence in _sentences(_ordered(words))
    ]
    sentences.sort(key=lambda s: s[1][0].start_s)
    return _numbered((label, part) for label, run in _whole(sentences) for part in _parts(run))


def _runs(words: Sequence[Word], labels: Sequence[str]) -> list[tuple[str, list[Word]]]:
    """Neighbouring words of one speaker together."""
    runs: list[tuple[str, list[Word]]] = []
    for word, label in zip(words, labels, strict=True):
        if runs and runs[-1][0] == label:
            runs[-1][1].append(word)
        else:
            runs.append((label, [word]))
    return runs


def _ordered(words: Sequence[Word]) -> list[Word]:
    """Times at least 0, none running backwards; empty words left out."""
    out: list[Word] = []
    at = 0.0
    for word in words:
        if not word.text.strip():
            continue
        at = max(at, word.start_s, 0.0)
        out.append(Word(word.text.strip(), at, max(at, word.end_s), word.confidence))
    return out


def _speakers(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """The speaker of each word: the cheapest path through words and speakers (Viterbi)."""
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    if len(names) < 2 or not words:
        return [names[0] if names else "S1"] * len(words)
    costs = np.stack([_costs(words, [t for t in turns if t.speaker == n]) for n in names], axis=1)
    total = costs[0]
    back = np.zeros(costs.shape, np.int64)
    for i in range(1, len(words)):
        cheapest = int(total.argmin())
        changed = total[cheapest] + _change(words[i - 1], words[i])
        back[i] = np.where(changed < total, cheapest, np.arange(len(names)))
        total = np.minimum(total, changed) + costs[i]
    label = int(total.argmin())
    labels = []
    for i in range(len(words) - 1, -1, -1):
        labels.append(names[label])
        label = int(back[i, label])
    return labels[::-1]


def _costs(words: Sequence[Word], turns: Sequence[Turn]) -> NDArray[np.float64]:
    """What it costs to give each word to the speaker of these turns (in order, not empty)."""
    middles = np.array([(w.start_s + w.end_s) / 2 for w in words])
    starts = np.array([t.start_s for t in turns])
    ends = np.maximum.accumulate([t.end_s for t in turns])
    before = np.searchsorted(starts, middles, side="right") - 1
    since = np.where(before >= 0, middles - ends[np.maximum(before, 0)], np.inf)
    after = np.minimum(before + 1, len(turns) - 1)
    until = np.where(before + 1 < len(turns), starts[after] - middles, np.inf)
    away = np.minimum(since, until)
    return np.where(away <= 0, 0.0, np.minimum(_OUTSIDE + _PER_S * away, _DEAREST))


def _change(before: Word, after: Word) -> float:
    if before.text.endswith(_SENTENCE_END):
        return _AFTER_SENTENCE
    price = _AFTER_CLAUSE if before.text.endswith(_CLAUSE_END) else _ANYWHERE
    return max(price - _PAUSE_PER_S * (after.start_s - before.end_s), _IN_PAUSE)


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words up to a sentence's end or a long silence."""
    held: list[Word] = []
    for word in words:
        if held and word.start_s - held[-1].end_s >= _REST_S:
            yield held
            held = []
        held.append(word)
        if word.text.endswith(_SENTENCE_END):
            yield held
            held = []
    if held:
        yield held


def _whole(runs: Sequence[tuple[str, list[Word]]]) -> list[tuple[str, list[Word]]]:
    """Join neighbouring runs of a speaker, also across a backchannel that cut a sentence in two.

    The backchannel then follows what it was said to.
    """
    out: list[tuple[str, list[Word]]] = []
    for label, run in runs:
        if out and out[-1][0] == label:
            out[-1] = (label, out[-1][1] + run)
        elif (
            len(out) > 1
            and out[-2][0] == label
            and len(out[-1][1]) <= _BACKCHANNEL_WORDS
            and _goes_on(out[-2][1][-1], run[0])
        ):
            out[-2] = (label, out[-2][1] + run)
        else:
            out.append((label, run))
    return out


def _goes_on(before: Word, after: Word) -> bool:
    """Whether a speaker went on speaking, though the other said a word."""
    pause = after.start_s - before.end_s
    return pause < (_BREATH_S if before.text.endswith(_SENTENCE_END) else _REST_S)


def _parts(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Cut one speaker's run at silences, and a monologue into parts one can cite."""
    first = 0
    for i in range(1, len(run)):
        silence = run[i].start_s - run[i - 1].end_s
        finished = run[i - 1].text.endswith(_SENTENCE_END)
        if silence >= (_REST_S if finished else 2 * _REST_S):
            yield from _halves(run[first:i])
            first = i
    yield from _halves(run[first:])


def _halves(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Halve what is too long at the best place: a sentence's end, a pause, near the middle."""
    if len(run) <= LONGEST_WORDS and run[-1].end_s - run[0].start_s <= LONGEST_S:
        yield run
        return
    if len(run) == 1:
        yield run
        return

    def worth(i: int) -> float:
        before, pause = run[i - 1].text, run[i].start_s - run[i - 1].end_s
        ends = (
            4.0 if before.endswith(_SENTENCE_END) else 1.0 if before.endswith(_CLAUSE_END) else 0.0
        )
        return ends + min(pause, 1.5) - 3.0 * abs(i / len(run) - 0.5)

    best = max(range(1, len(run)), key=worth)
    yield from _halves(run[:best])
    yield from _halves(run[best:])


def _numbered(parts: Iterator[tuple[str, Sequence[Word]]]) -> list[Utterance]:
    in_order = sorted(parts, key=lambda part: part[1][0].start_s)
    return [
        Utterance(
            i=i,
            speaker=label,
            start_s=round(words[0].start_s, 2),
            end_s=round(max(word.end_s for word in words), 2),
            text=" ".join(word.text for word in words),
            confidence=round(min(1.0, max(0.0, fmean(word.confidence for word in words))), 3),
        )
        for i, (label, words) in enumerate(in_order)
    ]
