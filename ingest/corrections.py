"""People's corrections: who is who, what was really said; and keeping them when heard anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.derive import derive
from ingest.errors import BadInput
from ingest.library import Library
from ingest.marks import follow
from ingest.models import Call, Role, Speaker, Utterance
from ingest.readings import load
from ingest.store import get_call, list_utterances, put_speakers, replace_words
from ingest.transcripts.clean import clean_name, clean_text


@dataclass(frozen=True, slots=True)
class SpeakerFix:
    """A speaker's true name, role, or both."""

    name: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class UtteranceFix:
    """An utterance's true text, true speaker (a label), or both."""

    text: str | None = None
    speaker: str | None = None


def correct(
    library: Library,
    call_id: str,
    *,
    speakers: Mapping[str, SpeakerFix] | None = None,
    utterances: Mapping[int, UtteranceFix] | None = None,
) -> Call:
    """Apply a person's corrections and compute anew what follows from them.

    Raises ``NotFound`` for the call and ``BadInput`` for a label or an utterance that it lacks.
    """
    with library.read() as connection:
        call = get_call(connection, call_id)
        words = list_utterances(connection, call_id)
        reading = load(connection, call_id)
    texts = {u.i: u.text for u in words if u.i in (utterances or {})}
    voices = _fixed_speakers(call, speakers or {})
    words = _fixed_utterances(call, words, utterances or {})
    derived = derive(library.embedder, call_id, words, voices, reading=reading)
    with library.change() as connection:
        if utterances:
            replace_words(connection, call_id, voices, words)
        else:
            put_speakers(connection, call_id, voices)
        derived.write(connection, library.index)
        follow(library, connection, call_id, texts=texts)
        return get_call(connection, call_id)


def _fixed_speakers(call: Call, fixes: Mapping[str, SpeakerFix]) -> list[Speaker]:
    labels = {s.label for s in call.speakers}
    for label in fixes:
        if label not in labels:
            there = ", ".join(sorted(labels)) or "none"
            raise BadInput(f"Call {call.call_id} has no speaker {label!r}; it has: {there}.")
    fixed = []
    for speaker in call.speakers:
        fix = fixes.get(speaker.label)
        if fix is not None:
            changes: dict[str, object] = {}
            if fix.name and (name := clean_name(fix.name)):
                changes |= {"name": name, "named_by_person": True}
            if fix.role is not None:
                changes |= {"role": fix.role, "basis": "person", "doubt": 0.0}
            speaker = speaker.model_copy(update=changes)
        fixed.append(speaker)
    return fixed


def _fixed_utterances(
    call: Call, words: Sequence[Utterance], fixes: Mapping[int, UtteranceFix]
) -> list[Utterance]:
    labels = {s.label for s in call.speakers}
    numbers = {u.i for u in words}
    fixes = {
        i: fix if fix.text is None else replace(fix, text=clean_text(fix.text))
        for i, fix in fixes.items()
    }
    for i, fix in fixes.items():
        if i not in numbers:
            raise BadInput(f"Call {call.call_id} has no utterance {i}; it has {len(words)}.")
        if fix.speaker is not None and fix.speaker not in labels:
            raise BadInput(f"Call {call.call_id} has no speaker {fix.speaker!r}.")
        if fix.text is not None and not fix.text:
            raise BadInput(f"The text of utterance {i} would be empty; give the words said.")
    fixed = []
    for word in words:
        fix = fixes.get(word.i, UtteranceFix())
        changes: dict[str, object] = {"speaker": fix.speaker} if fix.speaker else {}
        if fix.text is not None and fix.text != word.text:
            # The first machine text stays; putting it back ends the correction.
            machine = word.original if word.original is not None else word.text
            changes |= {"text": fix.text, "original": None if fix.text == machine else machine}
        fixed.append(word.model_copy(update=changes))
    return fixed


# --- hearing anew ------------------------------------------------------------------------------


def carry(
    old_words: Sequence[Utterance],
    old_voices: Sequence[Speaker],
    new_words: Sequence[Utterance],
    new_voices: Sequence[Speaker],
) -> tuple[list[Utterance], list[Speaker]]:
    """The new hearing with people's corrections of the old one, where they still fit.

    A speaker's corrected name and role go to the new label that speaks most of the old one's time.
    A corrected text goes to the new utterance that holds the same machine words at an overlapping
    time; where the machine now hears something else, the correction is not forced on it.
    """
    voices = _carry_speakers(old_words, old_voices, new_words, new_voices)
    corrected = [u for u in old_words if u.original is not None]
    words = []
    for word in new_words:
        for old in corrected:
            at = _find(word.text, old.original or "")
            if at is not None and _overlap(old, word) > 0:
                text = word.text[: at[0]] + old.text + word.text[at[1] :]
                word = word.model_copy(
                    update={"text": text, "original": word.original or word.text}
                )
        words.append(word)
    return words, voices


def _carry_speakers(
    old_words: Sequence[Utterance],
    old_voices: Sequence[Speaker],
    new_words: Sequence[Utterance],
    new_voices: Sequence[Speaker],
) -> list[Speaker]:
    shared: Counter[tuple[str, str]] = Counter()
    for new in new_words:
        for old in old_words:
            shared[new.speaker, old.speaker] += round(1000 * _overlap(old, new))
    by_label = {s.label: s for s in old_voices}
    voices = []
    for voice in new_voices:
        claims = {label: ms for (mine, label), ms in shared.items() if mine == voice.label and ms}
        was = by_label.get(max(claims, key=lambda label: claims[label])) if claims else None
        voices.append(voice if was is None else _carry_speaker(was, voice))
    return voices


def _carry_speaker(was: Speaker, voice: Speaker) -> Speaker:
    kept: dict[str, object] = {}
    if was.basis == "person":
        kept |= {"role": was.role, "basis": "person", "doubt": 0.0}
    if was.named_by_person:
        kept |= {"name": was.name, "named_by_person": True}
    return voice.model_copy(update=kept)


def _overlap(a: Utterance, b: Utterance) -> float:
    """Seconds that both last; utterances without times overlap when their numbers are equal."""
    if a.start_s is None or a.end_s is None or b.start_s is None or b.end_s is None:
        return float(a.i == b.i)
    return max(0.0, min(a.end_s, b.end_s) - max(a.start_s, b.start_s))


def _find(text: str, words: str) -> tuple[int, int] | None:
    """Where ``words`` stand in ``text``, whatever the case, punctuation and spacing between."""
    parts = re.findall(r"\w+", words)
    if not parts:
        return None
    found = re.search(r"\b" + r"\W+".join(map(re.escape, parts)) + r"\b[.,;:!?]*", text, re.I)
    return found.span() if found else None
