"""Hosted models that tell speakers apart, against a real server, well-behaved and not."""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import BadInput, EngineFailed
from ingest.library import Options
from ingest.models import RATE, Piece, Samples, Word
from ingest.transcribe import VoicedWord, hosted
from tests.ingest.sounds import speech
from tests.ingest.transcribe.servers import Asked, Reply, serving
from tests.ingest.transcribe.test_hosted import AT_ONCE, form, piece, seconds_of_upload

pytest.importorskip("openai", reason="the [openai] extra is not installed")

MODEL = "gpt-4o-transcribe-diarize"
Told = tuple[str | None, float, float, str]  # speaker, start, end, text
REFUSED = Reply(b'{"error": {"message": "response_format is not supported"}}', 400)


def diarized(*segments: Told) -> Reply:
    return Reply(
        json.dumps(
            {
                "task": "transcribe",
                "duration": 1.0,
                "text": " ".join(text for *_, text in segments),
                "segments": [
                    {
                        "type": "transcript.text.segment",
                        "id": f"seg_{i}",
                        "speaker": speaker,
                        "start": start,
                        "end": end,
                        "text": text,
                    }
                    for i, (speaker, start, end, text) in enumerate(segments)
                ],
            }
        ).encode()
    )


def in_turn(*replies: Reply) -> Callable[[Asked], Reply]:
    left = list(replies)
    return lambda _: left.pop(0)


def hear(
    address: str, pieces: Sequence[Piece], *, upload_s: float = 1200.0, model: str = MODEL
) -> list[tuple[Piece, list[Word]]]:
    options = Options(
        models=Path("unused"),
        openai_base_url=f"{address}/v1",
        openai_api_key="sk-secret",
        openai_model=model,
    )
    engine = hosted.open_hosted(options, retries=2, diarized_s=upload_s)
    return list(engine(pieces, vocabulary=("Larkspur",)))


def by_speaker(heard: Sequence[tuple[Piece, list[Word]]]) -> list[tuple[str, str]]:
    """Who said which word; a word of nobody is "?"."""
    return [
        (word.speaker if isinstance(word, VoicedWord) else "?", word.text)
        for _, words in heard
        for word in words
    ]


# --- one upload ---------------------------------------------------------------------------------


def test_segments_become_words_with_their_speakers() -> None:
    pieces = [piece(100.0, 4.0), piece(200.0, 6.0)]
    # In the upload: the first piece at 0 s, the second at 4.5 s.
    reply = diarized(
        ("A", 0.0, 2.0, " We are slow."), ("B", 2.0, 4.0, " Why?"), ("A", 5.5, 7.5, " No idea.")
    )
    with serving(lambda _: reply) as served:
        heard = hear(served.address, pieces)
    assert [p for p, _ in heard] == pieces
    first, second = (words for _, words in heard)
    assert [w.text for w in first] == ["We", "are", "slow.", "Why?"]
    speakers = [speaker for speaker, _ in by_speaker(heard)]
    assert speakers == ["voice_1"] * 3 + ["voice_2"] + ["voice_1"] * 2
    assert first[0].start_s == pytest.approx(100.0)
    assert first[2].end_s == pytest.approx(102.0)
    assert (first[3].start_s, first[3].end_s) == pytest.approx((102.0, 104.0))
    assert second[0].start_s == pytest.approx(201.0)
    assert second[1].end_s == pytest.approx(203.0)
    [asked] = served.asked
    fields = form(asked)
    assert fields["model"] == [MODEL]
    assert fields["response_format"] == ["diarized_json"]
    assert fields["chunking_strategy"] == ["auto"]
    assert not {"prompt", "timestamp_granularities[]", "known_speaker_names[]"} & set(fields)
    assert seconds_of_upload(asked) == pytest.approx(11.0, abs=0.1)


def test_words_are_spread_over_the_speech_in_their_segment() -> None:
    paused = Piece(0, 10.0, piece(0.0, 10.0).samples, ((10.0, 13.0), (17.0, 20.0)))
    with serving(lambda _: diarized(("A", 0.0, 10.0, "one two three four"))) as served:
        [(_, words)] = hear(served.address, [paused])
    assert [w.text for w in words] == ["one", "two", "three", "four"]
    assert all(w.end_s <= 13.0 + 1e-6 or w.start_s >= 17.0 - 1e-6 for w in words)


def test_a_segment_across_two_pieces_is_parted() -> None:
    pieces = [piece(0.0, 2.0), piece(50.0, 2.0, channel=1)]
    with serving(lambda _: diarized(("A", 0.0, 4.5, "this that"))) as served:
        (_, left), (_, right) = hear(served.address, pieces)
    assert [w.text for w in left] == ["this"]
    assert [w.text for w in right] == ["that"]
    assert right[0].start_s >= 50.0


def test_an_upload_is_as_long_as_the_server_takes() -> None:
    pieces = [piece(30.0 * i, 20.0) for i in range(5)]
    with serving(lambda _: diarized(("A", 0.0, 1.0, "yes"))) as served:
        heard = hear(served.address, pieces, upload_s=45.0)
    assert [round(seconds_of_upload(asked)) for asked in served.asked] == [41, 41, 20]
    assert [p.start_s for p, words in heard if words] == [0.0, 60.0, 120.0]


def test_a_passing_fault_is_tried_again() -> None:
    answer = in_turn(Reply(b"{}", 429, AT_ONCE), diarized(("A", 0.0, 1.0, "fine")))
    with serving(answer) as served:
        heard = hear(served.address, [piece(0.0, 2.0)])
    assert by_speaker(heard) == [("voice_1", "fine")]
    assert len(served.asked) == 2


def test_silence_is_an_empty_answer() -> None:
    with serving(lambda _: diarized()) as served:
        assert [words for _, words in hear(served.address, [piece(0.0, 2.0)])] == [[]]
    assert len(served.asked) == 1


# --- servers that do not tell apart -------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_refuses_is_asked_the_plain_way(status: int) -> None:
    def answer(asked: Asked) -> Reply:
        if form(asked)["response_format"] == ["diarized_json"]:
            return Reply(REFUSED.body, status)
        words = [{"word": "fine", "start": 1.0, "end": 1.5}]
        return Reply(json.dumps({"text": "Fine.", "words": words}).encode())

    with serving(answer) as served:
        heard = hear(served.address, [piece(10.0, 3.0), piece(20.0, 3.0)], upload_s=5.0)
    assert by_speaker(heard) == [("?", "Fine."), ("?", "Fine.")]
    formats = [form(asked)["response_format"][0] for asked in served.asked]
    assert formats == ["diarized_json", "verbose_json", "verbose_json"]


def test_a_server_of_text_only_is_asked_piece_by_piece_and_not_prompted() -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(b'{"text": "Hello."}') if "json" in form(asked)["response_format"] else REFUSED

    with serving(answer) as served:
        heard = hear(served.address, [piece(0.0, 3.0), piece(60.0, 3.0)])
    assert by_speaker(heard) == [("?", "Hello."), ("?", "Hello.")]
    assert all("prompt" not in form(asked) for asked in served.asked)
    assert form(served.asked[-1])["chunking_strategy"] == ["auto"]


def test_text_without_segments_is_asked_for_again() -> None:
    """Azure has answered so: the text alone, with status 200."""

    def answer(asked: Asked) -> Reply:
        timed = form(asked)["response_format"] == ["verbose_json"]
        return REFUSED if timed else Reply(b'{"text": "Hello."}')

    with serving(answer) as served:
        heard = hear(served.address, [piece(0.0, 3.0), piece(60.0, 3.0)])
    assert [[w.text for w in words] for _, words in heard] == [["Hello."], ["Hello."]]


# --- garbage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"<html>a proxy's page</html>",
        b"",
        b"[]",
        b"{}",
        b'{"text": "a", "segments": "many"}',
        b'{"text": "a", "segments": [{"start": 0, "end": 1, "speaker": "A"}]}',
        b'{"text": "a", "segments": [{"end": 1, "speaker": "A", "text": "a"}]}',
        b'{"text": "a", "segments": [{"start": "x", "end": 1, "speaker": "A", "text": "a"}]}',
        b'{"text": "a", "segments": [{"start": NaN, "end": 1, "speaker": "A", "text": "a"}]}',
        b'{"text": "a", "segments": [{"start": 0, "end": 1e999, "speaker": "A", "text": "a"}]}',
        b'{"text": "a", "segments": [{"start": 0, "end": 1, "speaker": {}, "text": "a"}]}',
        b'{"text": "a", "segments": [{"start": 4000, "end": 5000, "speaker": "A", "text": "a"}]}',
    ],
)
def test_an_answer_that_is_no_transcript(body: bytes) -> None:
    with (
        serving(lambda _: Reply(body)) as served,
        pytest.raises(EngineFailed, match="no transcript"),
    ):
        hear(served.address, [piece(0.0, 2.0)])


def test_a_lasting_fault_is_one_sentence() -> None:
    reply = Reply(b'{"error": {"message": "no\\nsuch luck"}}', 400, AT_ONCE)
    with serving(lambda _: reply) as served, pytest.raises(BadInput, match="refused the sound"):
        hear(served.address, [piece(0.0, 2.0)])


def test_times_that_cannot_be_are_clamped() -> None:
    reply = diarized(
        ("A", 3.0, 1.0, "backwards"),
        ("B", -5.0, 1.0, "early"),
        ("A", 1.5, 99.0, "long"),
        ("B", 50.0, 51.0, "Thanks."),
    )
    with serving(lambda _: reply) as served:
        heard = hear(served.address, [piece(10.0, 4.0)])
    assert [text for _, text in by_speaker(heard)] == ["early", "long", "backwards", "Thanks."]
    assert all(10.0 <= w.start_s <= w.end_s <= 14.0 for _, words in heard for w in words)


def test_hostile_labels_go_no_further() -> None:
    labels = ["<script>alert(1)</script>", "x" * 10_000, "voice_2", "S1\n"]
    reply = diarized(*((label, float(i), i + 1.0, "word") for i, label in enumerate(labels)))
    with serving(lambda _: reply) as served:
        heard = hear(served.address, [piece(0.0, 4.0)])
    assert [who for who, _ in by_speaker(heard)] == ["voice_1", "voice_2", "voice_3", "voice_4"]


@pytest.mark.parametrize("label", [None, "", "   "])
def test_a_segment_without_a_speaker_is_nobodys(label: str | None) -> None:
    reply = diarized(("A", 0.0, 1.0, "mine"), (label, 1.0, 2.0, "whose"))
    with serving(lambda _: reply) as served:
        heard = hear(served.address, [piece(0.0, 2.0)])
    assert by_speaker(heard) == [("voice_1", "mine"), ("?", "whose")]


def test_forty_speakers_are_not_believed() -> None:
    reply = diarized(*((f"spk{i}", i / 10, (i + 1) / 10, "word") for i in range(40)))
    with serving(lambda _: reply) as served:
        heard = hear(served.address, [piece(0.0, 4.0)])
    assert by_speaker(heard) == [("?", "word")] * 40


# --- several uploads ----------------------------------------------------------------------------


def voice(pitch: float) -> Samples:
    """The reader's voice, or the same higher or lower, as another's."""
    read = speech("two_cities.wav")
    at = np.arange(0, len(read) - 1, pitch)
    return np.asarray(np.interp(at, np.arange(len(read)), read), np.float32)


HIGH, LOW = voice(1.3), voice(0.78)


def spoken(sound: Samples, start_s: float, from_s: float, seconds: float = 10.0) -> Piece:
    samples = sound[round(from_s * RATE) : round((from_s + seconds) * RATE)]
    return Piece(0, start_s, samples, ((start_s, start_s + seconds),))


# Two pieces of ten seconds fill an upload: low, then high; in the next one high, then low.
CALL = [
    spoken(LOW, 0.0, 0.0),
    spoken(HIGH, 20.0, 0.0),
    spoken(HIGH, 40.0, 12.0),
    spoken(LOW, 60.0, 12.0),
]
FIRST = diarized(("A", 0.0, 10.0, "low"), ("B", 10.5, 20.5, "high"))


def sample(url: str) -> Samples:
    kind, _, data = url.partition(",")
    assert kind == "data:audio/wav;base64"
    with wave.open(io.BytesIO(base64.b64decode(data)), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (1, RATE)
        values = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return np.asarray(values / 32767, np.float32)


def test_voices_are_sent_along_and_keep_their_names() -> None:
    def answer(asked: Asked) -> Reply:
        names = form(asked).get("known_speaker_names[]")
        if names is None:
            return FIRST
        low, high = names
        return diarized((high, 0.0, 10.0, "high"), (low, 10.5, 20.0, "low"), ("A", 20, 20.5, "new"))

    with serving(answer) as served:
        heard = hear(served.address, CALL, upload_s=21.0)
    assert by_speaker(heard) == [
        ("voice_1", "low"),
        ("voice_2", "high"),
        ("voice_2", "high"),
        ("voice_1", "low"),
        ("voice_3", "new"),
    ]
    first, second = (form(asked) for asked in served.asked)
    assert "known_speaker_references[]" not in first
    assert second["known_speaker_names[]"] == ["voice_1", "voice_2"]
    for url, sound in zip(second["known_speaker_references[]"], (LOW, HIGH), strict=True):
        clip = sample(url)
        assert 2.0 <= len(clip) / RATE <= 10.0
        assert clip == pytest.approx(sound[RATE : RATE + len(clip)], abs=1e-3)


def test_a_server_that_ignores_the_samples() -> None:
    second = diarized(("A", 0.0, 10.0, "high"), ("B", 10.5, 20.5, "low"))
    with serving(in_turn(FIRST, second)) as served:
        heard = hear(served.address, CALL, upload_s=21.0)
    assert by_speaker(heard) == [
        ("voice_1", "low"),
        ("voice_2", "high"),
        ("voice_2", "high"),
        ("voice_1", "low"),
    ]


def test_a_server_that_refuses_the_samples() -> None:
    def answer(asked: Asked) -> Reply:
        if "known_speaker_names[]" in form(asked):
            return Reply(b'{"error": {"message": "must be between 1.2 and 10.0 seconds"}}', 400)
        high_first = len(served.asked) > 1
        return diarized(
            ("A", 0.0, 10.0, "high" if high_first else "low"),
            ("B", 10.5, 20.5, "low" if high_first else "high"),
        )

    more = [*CALL, spoken(HIGH, 80.0, 2.0), spoken(LOW, 100.0, 2.0)]
    with serving(answer) as served:
        heard = hear(served.address, more, upload_s=21.0)
    sent = ["known_speaker_names[]" in form(asked) for asked in served.asked]
    assert sent == [False, True, False, False]
    assert {*by_speaker(heard)} == {("voice_1", "low"), ("voice_2", "high")}


def test_a_voice_never_heard_before_is_somebody_new() -> None:
    pieces = [spoken(LOW, 0.0, 0.0), spoken(HIGH, 20.0, 0.0)]
    with serving(lambda _: diarized(("A", 0.0, 10.0, "word"))) as served:
        heard = hear(served.address, pieces, upload_s=11.0)
    assert by_speaker(heard) == [("voice_1", "word"), ("voice_2", "word")]


def test_no_more_samples_are_sent_than_the_server_takes() -> None:
    pieces = [spoken(HIGH, 0.0, 0.0, 16.0), spoken(HIGH, 20.0, 0.0)]
    six = diarized(*((f"S{i}", 2.5 * i, 2.5 * i + 2.2 + i / 20, "word") for i in range(6)))
    with serving(in_turn(six, diarized())) as served:
        hear(served.address, pieces, upload_s=17.0)
    # The four who were heard longest.
    names = form(served.asked[1])["known_speaker_names[]"]
    assert names == ["voice_6", "voice_5", "voice_4", "voice_3"]


def test_who_is_told_only_together_with_others_is_not_sent_along() -> None:
    both = diarized(("A", 0.0, 10.0, "all of it"), ("B", 4.0, 9.0, "over it"))
    with serving(in_turn(both, diarized())) as served:
        hear(served.address, [CALL[0], CALL[1]], upload_s=11.0)
    assert form(served.asked[1])["known_speaker_names[]"] == ["voice_1"]
    [url] = form(served.asked[1])["known_speaker_references[]"]
    assert len(sample(url)) == 4 * RATE
