"""Utterances of people who were erased: they keep their number and their time, and say nothing.

Others' quotes are anchored by number, so an erased utterance stays where it was, with ``ERASED`` in
place of its words and of its speaker's name. It is never evidence, never found and never quoted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ingest.models import Call, Utterance

ERASED = "[erased]"
_AROUND_S = 0.5  # of a pause that is silenced as well: words are seldom timed to the tenth
# A line of a transcript that was put into a recording lies within so many seconds of where it is
# said, nearly always (eval/LOG.md).
OFF_S = 1.5
_EVER_S = 1e7  # no recording is as long


def is_erased(utterance: Utterance) -> bool:
    return utterance.text == ERASED


def spoken_still(words: Iterable[Utterance]) -> list[Utterance]:
    """The utterances that say something."""
    return [u for u in words if not is_erased(u)]


def emptied(utterance: Utterance, label: str) -> Utterance:
    """The utterance without its words, given to ``label``."""
    return Utterance(
        i=utterance.i,
        speaker=label,
        start_s=utterance.start_s,
        end_s=utterance.end_s,
        text=ERASED,
    )


def silences(words: Sequence[Utterance], going: Collection[int]) -> list[tuple[float, float]]:
    """The spans of sound, in seconds and in order, that hold the utterances ``going``.

    A pause between two of them goes too, and of one beside somebody else's words the half second
    next to them. Where others speak at the same time, they fall silent as well.
    """
    timed = sorted(
        (u for u in words if u.start_s is not None and u.end_s is not None),
        key=lambda u: (u.start_s or 0.0, u.end_s or 0.0),
    )
    return list(_joined(_spans(timed, going)))


def in_recording(
    call: Call, words: Sequence[Utterance], going: Collection[int]
) -> list[tuple[float, float]] | None:
    """``silences`` of a call's recording; ``None`` where nothing tells when they spoke in it.

    Where the words are those of a meeting tool, it lacks some and others lie at a guessed place: of
    such a recording only what lies within lines of those who stay that were heard in it is kept.
    """
    if call.words_from != "transcript":
        return silences(words, going)
    placed = all(u.start_s is not None and u.end_s is not None for u in words if u.i in going)
    if not (call.agreement and placed):
        return None
    wide = [
        (max(0.0, u.start_s - OFF_S), u.end_s + OFF_S)
        for u in words
        if u.i in going and u.start_s is not None and u.end_s is not None
    ]
    stay = [u for u in words if u.i not in going and not is_erased(u) and u.confidence != 0]
    return list(_joined(sorted([*wide, *_between(stay)])))


def _between(words: Sequence[Utterance]) -> Iterator[tuple[float, float]]:
    at = 0.0
    for u in sorted(words, key=lambda u: u.start_s or 0.0):
        if u.start_s is not None and u.end_s is not None:
            if u.start_s > at:
                yield at, u.start_s
            at = max(at, u.end_s)
    yield at, _EVER_S


def _spans(timed: Sequence[Utterance], going: Collection[int]) -> Iterator[tuple[float, float]]:
    ended = 0.0  # of all that was said before
    by_others = True
    for n, utterance in enumerate(timed):
        start, end = utterance.start_s or 0.0, utterance.end_s or 0.0
        if utterance.i in going:
            before = min(start, max(ended, start - _AROUND_S) if by_others else ended)
            after = end + _AROUND_S
            for other in timed[n + 1 :]:
                if (other.start_s or 0.0) >= end:
                    after = min(after, other.start_s or 0.0)
                    break
            yield before, max(end, after)
        if end >= ended:
            ended, by_others = end, utterance.i not in going


def _joined(spans: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    last: tuple[float, float] | None = None
    for span in spans:
        if last is not None and span[0] <= last[1]:
            last = last[0], max(last[1], span[1])
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
