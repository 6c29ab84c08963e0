"""Utterances of people who were erased: they keep their number and their time, and say nothing.

Others' quotes are anchored by number, so an erased utterance stays where it was, with ``ERASED`` in
place of its words and of its speaker's name. It is never evidence, never found and never quoted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ingest.models import Utterance

ERASED = "[erased]"
_AROUND_S = 0.5  # of a pause that is silenced as well: words are seldom timed to the tenth


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
