"""Recording and transcript of one call: whether they are, and which of them has the better words.

The sound is always the recording's. The words and names are the meeting tool's unless it lacks a
part of the call or heard it worse than we did; then they are ours, and it only names the voices.
The figures are measured in ``eval/LOG.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from ingest.agreement import Agreement, compare, retimed, unheard
from ingest.errors import shown
from ingest.joined import Joined
from ingest.models import Transcript, Utterance, Word
from ingest.stage_forms import Told

# Of the words of the shorter, the share in runs of four that both have. Two calls that are not one
# have 0.023 at most, those of which the tool misheard half of the words 0.1 and more.
SAME = 0.08
# Of a short text one phrase that everybody says is that much. So there have to be so many words in
# runs, and two runs, unless a single one is most of what is said (chosen, not measured).
_LEAST, _MOST_OF = 20, 0.5
_WHOLE = 0.8  # of what was heard in the recording; a transcript of less lacks a part
_HEARD_WORSE = 0.6  # of the transcript's words, heard alike by a recogniser that was sure
_SURE = 0.85  # mean confidence of the recogniser's words
_OFF_S = 1.0  # from here on people are told that the clocks were apart
_NAMES_VOICE = 0.8  # of a voice's matched words are one person's: it is theirs


def same_call(agreement: Agreement) -> bool:
    """Whether a transcript that agrees so well with a recording is of the same call."""
    apart = agreement.runs >= 2 or agreement.shared >= _MOST_OF
    return agreement.shared >= SAME and agreement.in_runs >= _LEAST and apart


def told(heard: Told, words: Sequence[Word], transcript: Transcript, other: Joined) -> Told:
    """What a call says that has both; or why they are not of one call (``Told.apart``).

    ``words`` are those that ``heard`` is made of.
    """
    found = compare(transcript.utterances, words)
    # Once decided it stays so, whatever another engine hears; then a short text may be aligned too.
    decided = other.asked or other.words_from is not None
    if not same_call(found) and not (decided and found.shared >= SAME):
        if not decided:
            return heard.model_copy(update={"apart": why_apart(found, other.file_name)})
        return _unaligned(heard, transcript, other)
    update: dict[str, object] = {
        "participants": transcript.participants,
        "agreement": round(found.words, 3),
        "offset_s": found.offset_s,
    }
    sure = fmean(word.confidence for word in words)
    if found.covered < _WHOLE or (found.words < _HEARD_WORSE and sure >= _SURE):
        update |= {"words_from": "recording", "warnings": (*heard.warnings, _ours(found, other))}
        update["utterances"] = _named(heard.utterances, transcript.utterances, found)
        return heard.model_copy(update=update)
    warnings = []
    if found.offset_s is not None and abs(found.offset_s) >= _OFF_S:
        warnings.append(
            f"The clock of {shown(other.file_name)} was {abs(found.offset_s):,.1f} s "
            f"{'behind' if found.offset_s > 0 else 'ahead of'} the recording's; its times were set "
            "right by the words."
        )
    if missing := unheard(transcript.utterances, found.pairs):
        n = len(missing)
        warnings.append(
            f"{n} {'line' if n == 1 else 'lines'} of {shown(other.file_name)} "
            f"{'was' if n == 1 else 'were'} not heard in the recording: "
            f"{'it plays' if n == 1 else 'they play'} at the nearest moment."
        )
    return heard.model_copy(
        update={
            **update,
            "words_from": "transcript",
            "utterances": retimed(transcript.utterances, found.pairs),
            "channels_apart": False,
            "engine": None,
            "model": None,
            "speakers_doubt": 0.0,
            "warnings": tuple(warnings),
        }
    )


def why_apart(found: Agreement, file_name: str) -> str:
    if found.shared >= SAME:
        n = found.in_runs
        return (
            f"{shown(file_name)} looked like the transcript of this recording, but only {n} words "
            "stand alike in both, which is too little to tell. If they are one call, delete one "
            "of them and add its file with --join."
        )
    return (
        f"{shown(file_name)} looked like the transcript of this recording, but they are two calls: "
        f"only {found.shared:.0%} of the words stand in both. If they are one call, delete one of "
        "them and add its file with --join."
    )


def on_the_clock(
    before: Sequence[Utterance], told: Told, other: Joined | None
) -> Sequence[Utterance]:
    """What the call said ``before``, on the clock of what is told now, to be compared with it.

    The same transcript's utterances are the same by number. One whose words give way to those of
    the recording is moved by how far the clocks are apart.
    """
    if other is None:
        return before
    now = told.utterances
    if len(now) == len(before) and all(
        (b.original or b.text) == u.text for b, u in zip(before, now, strict=True)
    ):
        return [
            b.model_copy(update={"start_s": u.start_s, "end_s": u.end_s})
            for b, u in zip(before, now, strict=True)
        ]
    undecided = other.words_from is None and other.came_last == "recording"
    if not undecided or not told.offset_s:
        return before
    by = told.offset_s
    return [
        b
        if b.start_s is None or b.end_s is None
        else b.model_copy(
            update={"start_s": max(0.0, b.start_s + by), "end_s": max(0.0, b.end_s + by)}
        )
        for b in before
    ]


def _unaligned(heard: Told, transcript: Transcript, other: Joined) -> Told:
    """A person said that it is of this call: the words are the transcript's, at its own times."""
    warning = (
        f"{shown(other.file_name)} could not be aligned with the recording, in which hardly any "
        "of its words were heard; its own times were kept, so quotes may play at another moment."
    )
    return heard.model_copy(
        update={
            "utterances": transcript.utterances,
            "participants": transcript.participants,
            "channels_apart": False,
            "engine": None,
            "model": None,
            "speakers_doubt": 0.0,
            "warnings": (warning,),
            "words_from": "transcript",
            "agreement": 0.0,
        }
    )


def _ours(found: Agreement, other: Joined) -> str:
    name = shown(other.file_name)
    if found.covered < _WHOLE:
        return (
            f"The words are those heard in the recording: {name} has only {found.covered:.0%} of "
            "the call. It was used for the names."
        )
    return (
        f"The words are those heard in the recording: only {found.words:.0%} of those in {name} "
        "were heard alike. It was used for the names."
    )


def _named(
    heard: Sequence[Utterance], transcript: Sequence[Utterance], found: Agreement
) -> tuple[Utterance, ...]:
    """``heard`` with the names of those whose words the voices speak, where that is clear."""
    says = {u.i: u.speaker for u in transcript}
    counted: dict[str, Counter[str]] = {}
    for i, _, word in found.pairs:
        middle = (word.start_s + word.end_s) / 2
        for u in heard:
            if (u.start_s or 0.0) <= middle <= (u.end_s or 0.0):
                counted.setdefault(u.speaker, Counter())[says[i]] += 1
                break
    names: dict[str, str] = {}
    for label, said in counted.items():
        [(name, n)] = said.most_common(1)
        if n >= _NAMES_VOICE * said.total():
            names[label] = name
    # Two voices of one name: the one is not told from the other.
    once = {label: name for label, name in names.items() if [*names.values()].count(name) == 1}
    return tuple(u.model_copy(update={"speaker": once.get(u.speaker, u.speaker)}) for u in heard)
