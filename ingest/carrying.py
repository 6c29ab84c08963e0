"""Keeping people's corrections of a call when it is heard anew, where they still fit.

Both hearings have labels and utterances of their own; only time is common to them (the number of
the utterance, where a transcript has no times). What does not fit is not forced on the new hearing
and not dropped in silence either: it is given back as lost.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.correction_log import Lost
from ingest.models import Speaker, Utterance

_Pair = tuple[Utterance, Utterance, float]  # of the old hearing, of the new one, shared seconds


@dataclass(frozen=True, slots=True)
class Carried:
    """The new hearing with the corrections of the old one, and those that did not fit."""

    words: tuple[Utterance, ...]
    speakers: tuple[Speaker, ...]
    lost: tuple[Lost, ...]


def carry(
    old_words: Sequence[Utterance],
    old_voices: Sequence[Speaker],
    new_words: Sequence[Utterance],
    new_voices: Sequence[Speaker],
) -> Carried:
    """The new hearing with people's corrections of the old one.

    A corrected name or role goes to the new labels that speak most of the old one's time. Labels
    that were merged are merged again. An utterance that was moved takes along the new utterance
    of which it makes up half. A corrected text goes to the new utterance that holds the same
    machine words at an overlapping time.
    """
    pairs = list(_pairs(old_words, new_words))
    was = _Voices(old_words, old_voices, pairs)
    voices = [_same(was.heir(v.label), v) for v in new_voices]
    words, moves_lost = _moved(was, new_words, voices, pairs)
    words, texts_lost = _reworded(words, old_words, pairs)
    speaking = {word.speaker for word in words}
    voices = [v for v in voices if v.label in speaking]
    there = {(v.name, v.role) for v in voices}
    speakers_lost = [
        Lost(what="speaker", speaker=v.name)
        for v in old_voices
        if (v.named_by_person or v.basis == "person") and (v.name, v.role) not in there
    ]
    names = {v.label: v.name for v in old_voices}
    utterances_lost = [
        Lost(
            what=what,
            utterance=old.i,
            start_s=old.start_s,
            speaker=names.get(old.speaker),
            text=old.text,
        )
        for what, old in (*(("move", u) for u in moves_lost), *(("text", u) for u in texts_lost))
    ]
    return Carried(tuple(words), tuple(voices), (*speakers_lost, *utterances_lost))


class _Voices:
    """Who the voices of the old hearing are in the new one."""

    def __init__(
        self, words: Sequence[Utterance], voices: Sequence[Speaker], pairs: Iterable[_Pair]
    ) -> None:
        self.by_label = {v.label: v for v in voices}
        said: Counter[tuple[str, str]] = Counter((_heard_as(u), u.speaker) for u in words)
        # Whose the words are that were heard as each label: its own, or of whom it went into.
        self.owner = {
            label: label if label in self.by_label else _most(said, label)
            for label in {_heard_as(u) for u in words}
        }
        self.moved = [u for u in words if u.speaker != self.owner[_heard_as(u)]]
        shared: Counter[tuple[str, str]] = Counter()
        for old, new, seconds in pairs:
            shared[new.speaker, _heard_as(old)] += round(1000 * seconds)
        # The old label that each new one is.
        self.same = {new: _most(shared, new) for new, _ in shared}
        self.shared = shared

    def heir(self, new_label: str) -> Speaker | None:
        """The old speaker whose words a new label speaks."""
        return self.by_label.get(self.owner.get(self.same.get(new_label, ""), ""))

    def home(self, old_label: str) -> str | None:
        """The new label of an old speaker: what was heard as them, before what went into them."""
        mine = [new for new, old in self.same.items() if self.owner[old] == old_label]
        return max(
            mine,
            key=lambda new: (self.same[new] == old_label, self.shared[new, self.same[new]], new),
            default=None,
        )

    def merged(self, new_label: str) -> bool:
        """Whether what a new label speaks was merged into another speaker."""
        old = self.same.get(new_label)
        return old is not None and self.owner[old] != old


def _moved(
    was: _Voices, words: Sequence[Utterance], voices: list[Speaker], pairs: Sequence[_Pair]
) -> tuple[list[Utterance], list[Utterance]]:
    """``words`` under the speakers that people gave them, and the moves that did not fit.

    A speaker whom only a person told apart is added to ``voices`` where words are theirs.
    """
    moves = {old.i: old for old in was.moved}
    claims: dict[int, Counter[str]] = {}
    reach: dict[int, list[tuple[float, int]]] = {}
    for old, new, seconds in pairs:
        if old.i in moves:
            claims.setdefault(new.i, Counter())[old.speaker] += round(1000 * seconds)
            reach.setdefault(old.i, []).append((seconds, new.i))
    homes: dict[str, str] = {}

    def home(old_label: str) -> str:
        if old_label not in homes:
            homes[old_label] = was.home(old_label) or _added(was.by_label[old_label], voices)
        return homes[old_label]

    found = []
    for word in words:
        label = word.speaker
        if was.merged(label):
            heir = was.heir(label)
            label = label if heir is None else home(heir.label)
        for target, ms in claims.get(word.i, Counter()).most_common(1):
            if 2 * ms >= round(1000 * _length(word)) and target in was.by_label:
                label = home(target)
        if label != word.speaker:
            word = word.model_copy(update={"speaker": label, "original_speaker": word.speaker})
        found.append(word)
    spoken_by = {word.i: word.speaker for word in found}
    lost = [
        old
        for old in was.moved
        if old.i not in reach or spoken_by[max(reach[old.i])[1]] != homes.get(old.speaker)
    ]
    return found, lost


def _added(speaker: Speaker, voices: list[Speaker]) -> str:
    label = free_label({v.label for v in voices}, speaker.label)
    voices.append(speaker.model_copy(update={"label": label}))
    return label


def free_label(taken: set[str], wanted: str | None = None) -> str:
    """A label for a speaker whom a person told apart."""
    if wanted is not None and wanted not in taken:
        return wanted
    n = 1
    while f"P{n}" in taken:
        n += 1
    return f"P{n}"


def _reworded(
    words: Sequence[Utterance], old_words: Sequence[Utterance], pairs: Iterable[_Pair]
) -> tuple[list[Utterance], list[Utterance]]:
    """``words`` with the texts that people corrected, and the corrections that did not fit."""
    corrected = {u.i: u for u in old_words if u.original is not None}
    found = {word.i: word for word in words}
    for old, new, _ in pairs:
        if old.i not in corrected:
            continue
        word = found[new.i]
        at = _find(word.text, old.original or "")
        if at is not None:
            text = word.text[: at[0]] + old.text + word.text[at[1] :]
            found[new.i] = word.model_copy(
                update={"text": text, "original": word.original or word.text}
            )
            del corrected[old.i]
    return list(found.values()), list(corrected.values())


def _same(was: Speaker | None, voice: Speaker) -> Speaker:
    """The new voice with what a person said of the old one."""
    kept: dict[str, object] = {}
    if was is not None and was.basis == "person":
        kept |= {"role": was.role, "basis": "person", "doubt": 0.0}
    if was is not None and was.named_by_person:
        kept |= {"name": was.name, "named_by_person": True}
    return voice.model_copy(update=kept)


def _heard_as(word: Utterance) -> str:
    return word.original_speaker or word.speaker


def _most(counted: Counter[tuple[str, str]], first: str) -> str:
    """The second of the pairs that begin with ``first`` and were counted most."""
    return max((n, second) for (one, second), n in counted.items() if one == first)[1]


def _pairs(old_words: Sequence[Utterance], new_words: Sequence[Utterance]) -> Iterator[_Pair]:
    """What of the two hearings was said at the same time, in the order of the new one."""
    timed = sorted((u for u in old_words if _timed(u)), key=_start)
    starts = [_start(u) for u in timed]
    longest = max(map(_length, timed), default=0.0)
    by_number = {u.i: u for u in old_words}
    for new in new_words:
        if _timed(new):
            first = bisect_left(starts, _start(new) - longest)
            for old in timed[first : bisect_left(starts, _start(new) + _length(new))]:
                end = min(_start(old) + _length(old), _start(new) + _length(new))
                if (seconds := end - max(_start(old), _start(new))) > 0:
                    yield old, new, seconds
        same = by_number.get(new.i)
        if same is not None and not (_timed(same) and _timed(new)):
            yield same, new, _length(new)


def _timed(word: Utterance) -> bool:
    return word.start_s is not None and word.end_s is not None


def _start(word: Utterance) -> float:
    return word.start_s or 0.0


def _length(word: Utterance) -> float:
    """Seconds; one where there are no times."""
    if word.start_s is None or word.end_s is None:
        return 1.0
    return word.end_s - word.start_s


def _find(text: str, words: str) -> tuple[int, int] | None:
    """Where ``words`` stand in ``text``, whatever the case, punctuation and spacing between."""
    parts = re.findall(r"\w+", words)
    if not parts:
        return None
    found = re.search(r"\b" + r"\W+".join(map(re.escape, parts)) + r"\b[.,;:!?]*", text, re.I)
    return found.span() if found else None
