"""What a person's corrections make of a call's speakers and utterances; nothing is stored here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.carrying import free_label
from ingest.erased import is_erased
from ingest.errors import BadInput
from ingest.models import Call, Participant, Role, Speaker, Utterance
from ingest.roles import settle
from ingest.transcripts.clean import clean_name, clean_text

_DOUBT_NEW = 0.3  # that the role of a speaker told apart by a person is wrong, when not given


@dataclass(frozen=True, slots=True)
class SpeakerFix:
    """A speaker's true name, role, or both."""

    name: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class NewSpeaker:
    """Somebody whom nobody told apart yet; without ``role`` the way of speaking decides."""

    name: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class UtteranceFix:
    """An utterance's true text, true speaker (a label, or somebody new), or both."""

    text: str | None = None
    speaker: str | NewSpeaker | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A call's speakers and utterances after the corrections, and what those were, in words.

    ``what`` is empty when nothing changed.
    """

    speakers: tuple[Speaker, ...]
    words: tuple[Utterance, ...]
    what: str


@dataclass(slots=True)
class _Desk:
    """A call under correction. ``voices`` are by label."""

    call_id: str
    voices: dict[str, Speaker]
    words: dict[int, Utterance]
    moved: bool = False
    what: list[str] = field(default_factory=list)


def fixed(
    call: Call,
    words: Sequence[Utterance],
    speakers: Mapping[str, SpeakerFix],
    merge: Mapping[str, str],
    utterances: Mapping[int, UtteranceFix],
) -> Fixed:
    """The call after all of them. Raises ``BadInput`` for a label or an utterance it lacks."""
    desk = _Desk(call.call_id, {s.label: s for s in call.speakers}, {u.i: u for u in words})
    for label, fix in speakers.items():
        _fix_speaker(desk, label, fix)
    for label, into in merge.items():
        _merge(desk, label, into)
    _fix_utterances(desk, utterances)
    if desk.moved:
        _resettle(desk)
    return Fixed(tuple(desk.voices.values()), tuple(desk.words.values()), "; ".join(desk.what))


def _speaker(desk: _Desk, label: str) -> Speaker:
    if label not in desk.voices:
        there = ", ".join(sorted(desk.voices)) or "none"
        raise BadInput(f"Call {desk.call_id} has no speaker {label!r}; it has: {there}.")
    return desk.voices[label]


def _fix_speaker(desk: _Desk, label: str, fix: SpeakerFix) -> None:
    was = _speaker(desk, label)
    changes: dict[str, object] = {}
    if fix.name and (name := clean_name(fix.name)):
        changes |= {"name": name, "named_by_person": True}
    if fix.role is not None:
        changes |= {"role": fix.role, "basis": "person", "doubt": 0.0}
    desk.voices[label] = now = was.model_copy(update=changes)
    if now == was:
        return
    told = [f"{was.name} is {now.name}"] if now.name != was.name else []
    if now.basis == "person" and (now.role, now.basis) != (was.role, was.basis):
        told.append(f"{now.name} is {_side(now.role)}")
    desk.what += told or [f"{now.name} is confirmed"]


def _side(role: Role) -> str:
    return "a customer" if role == "customer" else "one of us"


def _merge(desk: _Desk, label: str, into: str) -> None:
    gone, kept = _speaker(desk, label), _speaker(desk, into)
    if label == into:
        raise BadInput(f"Speaker {label!r} cannot be merged into itself; name two speakers.")
    changes: dict[str, object] = {}
    if gone.named_by_person and not kept.named_by_person:
        changes |= {"name": gone.name, "named_by_person": True}
    if gone.basis == "person" != kept.basis:
        changes |= {"role": gone.role, "basis": "person", "doubt": 0.0}
    desk.voices[into] = kept.model_copy(update=changes)
    for word in desk.words.values():
        if word.speaker == label:
            _move(desk, word, into)
    desk.voices.pop(label, None)
    desk.what.append(f"{gone.name} merged into {desk.voices[into].name}")


def _fix_utterances(desk: _Desk, fixes: Mapping[int, UtteranceFix]) -> None:
    reworded, moved, newcomers = [], [], dict[NewSpeaker, str]()
    for i, fix in fixes.items():
        if i not in desk.words:
            raise BadInput(f"Call {desk.call_id} has no utterance {i}; it has {len(desk.words)}.")
        if is_erased(desk.words[i]):
            raise BadInput(f"What was said in utterance {i} of {desk.call_id} was erased.")
        if fix.text is not None and _reword(desk, i, fix.text):
            reworded.append(i)
        label = fix.speaker
        if isinstance(label, NewSpeaker):
            if label not in newcomers:
                newcomers[label] = _add(desk, label, desk.words[i])
            label = newcomers[label]
        if label is not None:
            _speaker(desk, label)
            if label != desk.words[i].speaker:
                _move(desk, desk.words[i], label)
                moved.append((i, label))
    if reworded:
        which = f"utterance {reworded[0]}" if len(reworded) == 1 else f"{len(reworded)} utterances"
        desk.what.append(f"The text of {which}")
    if moved:
        names = sorted({desk.voices[label].name for _, label in moved})
        which = f"Utterance {moved[0][0]}" if len(moved) == 1 else f"{len(moved)} utterances"
        desk.what.append(f"{which} given to {', '.join(names)}")
    speaking = {word.speaker for word in desk.words.values()}
    left = {label for label in desk.voices if label not in speaking} if moved else set()
    desk.voices = {label: v for label, v in desk.voices.items() if label not in left}


def _reword(desk: _Desk, i: int, given: str) -> bool:
    """Whether the text is another one now."""
    word, text = desk.words[i], clean_text(given)
    if not text:
        raise BadInput(f"The text of utterance {i} would be empty; give the words said.")
    machine = word.original if word.original is not None else word.text
    # The first machine text stays; putting it back ends the correction.
    if text == clean_text(machine):
        text = machine
    if text == word.text:
        return False
    original = None if text == machine else machine
    desk.words[i] = word.model_copy(update={"text": text, "original": original})
    return True


def _move(desk: _Desk, word: Utterance, label: str) -> None:
    heard_as = word.original_speaker or word.speaker
    original = None if label == heard_as else heard_as
    desk.words[word.i] = word.model_copy(update={"speaker": label, "original_speaker": original})
    desk.moved = True


def _add(desk: _Desk, new: NewSpeaker, word: Utterance) -> str:
    name = clean_name(new.name)
    if not name:
        raise BadInput("The new speaker has no name; give one.")
    heard = {u.original_speaker for u in desk.words.values() if u.original_speaker is not None}
    label = free_label({*desk.voices, *heard})
    role = new.role or _speaker(desk, word.speaker).role
    desk.voices[label] = Speaker(
        label=label,
        name=name,
        role=role,
        basis="person" if new.role else "speech",
        doubt=0.0 if new.role else _DOUBT_NEW,
        named_by_person=True,
    )
    return label


def _resettle(desk: _Desk) -> None:
    """Judge anew, by what they now say, whose role is only known from the way of speaking."""
    if all(v.basis != "speech" for v in desk.voices.values()):
        return
    people = [
        Participant(name=v.label, email=v.email, role=None if v.basis == "speech" else v.role)
        for v in desk.voices.values()
    ]
    for settled in settle(list(desk.words.values()), people):
        was = desk.voices[settled.label]
        if was.basis != "speech":
            continue
        now = was.model_copy(update={"role": settled.role, "doubt": settled.doubt})
        if now.role != was.role:
            desk.what.append(f"so {now.name} seems to be {_side(now.role)}")
        desk.voices[settled.label] = now
