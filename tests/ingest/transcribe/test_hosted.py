"""Hosted transcription against a real server on loopback, well-behaved and not."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import pytest

from ingest.errors import BadInput, EngineFailed, FirsthandError, MissingPart
from ingest.library import Options
from ingest.models import RATE, Piece, Word
from ingest.transcribe import hosted, open_transcriber, uploads
from tests.ingest.sounds import tone
from tests.ingest.transcribe.servers import Asked, Reply, serving

pytest.importorskip("openai", reason="the [openai] extra is not installed")


# A client that is told so waits no longer before it tries again.
AT_ONCE = {"retry-after-ms": "1"}


def piece(start_s: float, seconds: float, *, channel: int = 0) -> Piece:
    return Piece(channel, start_s, tone(seconds), ((start_s, start_s + seconds),))


def hear(
    address: str, pieces: Iterable[Piece], *, vocabulary: tuple[str, ...] = (), model: str = "w-1"
) -> list[tuple[Piece, list[Word]]]:
    options = Options(
        models=Path("unused"),
        openai_base_url=f"{address}/v1",
        openai_api_key="sk-secret",
        openai_model=model,
    )
    engine = open_transcriber(options, "openai")
    assert (engine.name, engine.model) == ("openai", model)
    return list(engine.hear(pieces, vocabulary=vocabulary))


def form(asked: Asked) -> dict[str, list[str]]:
    """The text fields of a multipart body."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        rb'name="([^"]+)"\r\n(?:Content-Type: [^\r]*\r\n)?\r\n(.*?)\r\n--', asked.body, re.DOTALL
    ):
        found.setdefault(name.decode(), []).append(value.decode(errors="replace"))
    return found


def seconds_of_upload(asked: Asked) -> float:
    start = asked.body.index(b"OggS")
    with av.open(io.BytesIO(asked.body[start:]), "r") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    return samples / 48_000


def verbose(*words: tuple[str, float, float], text: str | None = None) -> Callable[[Asked], Reply]:
    answer = {
        "text": text if text is not None else " ".join(word for word, _, _ in words),
        "words": [{"word": word, "start": start, "end": end} for word, start, end in words],
        "segments": [{"start": 0.0, "end": 1000.0, "text": "", "avg_logprob": -0.1}],
    }
    return lambda _: Reply(json.dumps(answer).encode())


def test_words_land_in_their_pieces_on_the_recordings_clock() -> None:
    pieces = [piece(100.0, 4.0), piece(200.0, 6.0, channel=1), piece(300.0, 5.0)]
    # In the upload: the first piece at 0 s, the second at 4.5 s, the third at 11 s.
    words = (("we", 0.5, 0.9), ("are", 4.7, 5.0), ("slow", 10.0, 10.6), ("today", 11.5, 12.0))
    with serving(verbose(*words, text="We are slow today.")) as served:
        heard = hear(served.address, pieces, vocabulary=("Larkspur",))
    assert [p for p, _ in heard] == pieces
    assert [[w.text for w in found] for _, found in heard] == [["We"], ["are", "slow"], ["today."]]
    starts = [w.start_s for _, found in heard for w in found]
    assert starts == pytest.approx([100.5, 200.2, 205.5, 300.5])
    assert all(w.confidence == pytest.approx(0.905, abs=0.01) for _, f in heard for w in f)
    [asked] = served.asked
    fields = form(asked)
    assert asked.path == "/v1/audio/transcriptions"
    assert asked.headers["Authorization"] == "Bearer sk-secret"
    assert fields["model"] == ["w-1"]
    assert fields["response_format"] == ["verbose_json"]
    assert "Larkspur" in fields["prompt"][0]
    assert seconds_of_upload(asked) == pytest.approx(16.5, abs=0.1)


def test_long_calls_become_several_uploads() -> None:
    pieces = [piece(30.0 * i, 29.0) for i in range(10)]
    with serving(verbose(("yes", 1.0, 1.2))) as served:
        heard = hear(served.address, pieces)
    assert len(served.asked) == 2
    assert all(seconds_of_upload(asked) < hosted.UPLOAD_S + 10 for asked in served.asked)
    assert [p.start_s for p, words in heard if words] == [0.0, 240.0]


def test_sentences_without_word_times_are_spread() -> None:
    answer = {
        "text": "It is slow. We left.",
        "segments": [
            {"start": 0.0, "end": 2.0, "text": " It is slow.", "avg_logprob": -0.7},
            {"start": 5.0, "end": 6.0, "text": " We left."},
        ],
    }
    pieces = [piece(10.0, 4.0), piece(50.0, 3.0)]
    with serving(lambda _: Reply(json.dumps(answer).encode())) as served:
        (_, first), (_, second) = hear(served.address, pieces)
    assert [w.text for w in first] == ["It", "is", "slow."]
    assert all(10.0 <= w.start_s < w.end_s <= 12.0 for w in first)
    assert first[0].confidence == pytest.approx(0.497, abs=0.01)
    assert [w.text for w in second] == ["We", "left."]
    assert all(50.5 <= w.start_s < w.end_s <= 51.5 + 1e-6 for w in second)


def test_a_server_that_gives_no_times_is_asked_piece_by_piece() -> None:
    def answer(asked: Asked) -> Reply:
        if form(asked)["response_format"] == ["verbose_json"]:
            return Reply(b'{"error": {"message": "response_format is not supported"}}', 400)
        return Reply(b'{"text": "Hello there."}')

    pieces = [piece(0.0, 3.0), piece(60.0, 3.0), piece(120.0, 3.0)]
    with serving(answer) as served:
        heard = hear(served.address, pieces)
    assert len(served.asked) == 4
    for p, words in heard:
        assert [w.text for w in words] == ["Hello", "there."]
        assert all(p.start_s <= w.start_s < w.end_s <= p.end_s + 1e-6 for w in words)


def test_silence_is_an_empty_answer() -> None:
    with serving(lambda _: Reply(b'{"text": "", "words": [], "segments": []}')) as served:
        assert [words for _, words in hear(served.address, [piece(0.0, 2.0)])] == [[]]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_is_tried_again(status: int) -> None:
    tries = 0

    def answer(asked: Asked) -> Reply:
        nonlocal tries
        tries += 1
        return verbose(("fine", 0.0, 1.0))(asked) if tries == 3 else Reply(b"{}", status, AT_ONCE)

    with serving(answer) as served:
        [(_, words)] = hear(served.address, [piece(0.0, 2.0)])
    assert [w.text for w in words] == ["fine"]
    assert tries == 3


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (401, BadInput, "refused the key"),
        (403, BadInput, "refused the key"),
        (404, BadInput, "no transcription model 'w-1'"),
        (413, BadInput, "refused the sound"),
        (400, BadInput, "refused the sound"),
        (429, EngineFailed, "slow down"),
        (500, EngineFailed, "failed \\(500\\)"),
    ],
)
def test_a_lasting_fault_is_one_sentence(
    status: int, kind: type[FirsthandError], says: str
) -> None:
    reply = Reply(b'{"error": {"message": "no\\nsuch luck"}}', status, AT_ONCE)
    with serving(lambda _: reply) as served, pytest.raises(kind, match=says) as caught:
        hear(served.address, [piece(0.0, 2.0)])
    assert "sk-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>a proxy's page</html>",
        b"",
        b"[]",
        b'"text"',
        b"{}",
        b'{"text": "a", "words": [{"word": "a"}]}',
        b'{"text": "a", "words": "many"}',
        b'{"text": "a", "segments": [{"start": "x", "end": 1, "text": "a"}]}',
    ],
)
def test_an_answer_that_is_no_transcript(body: bytes) -> None:
    with (
        serving(lambda _: Reply(body)) as served,
        pytest.raises(EngineFailed, match="no transcript"),
    ):
        hear(served.address, [piece(0.0, 2.0)])


def test_a_server_that_does_not_answer() -> None:
    def answer(_: Asked) -> Reply:
        time.sleep(1.0)
        return Reply(b'{"text": ""}')

    with serving(answer) as served:
        options = Options(models=Path("unused"), openai_base_url=served.address)
        impatient = hosted.open_hosted(options, timeout_s=0.2, retries=0)
        with pytest.raises(EngineFailed, match="did not answer"):
            list(impatient([piece(0.0, 1.0)]))


def test_a_server_that_is_not_there() -> None:
    with serving(lambda _: Reply()) as served:
        options = Options(models=Path("unused"), openai_base_url=served.address)
    with pytest.raises(EngineFailed, match="cannot be reached"):
        list(hosted.open_hosted(options, retries=0)([piece(0.0, 1.0)]))


def test_without_a_key_openai_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="OPENAI_API_KEY"):
        open_transcriber(Options(models=tmp_path), "openai")


def test_an_unknown_engine(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="auto, moonshine, whisper, openai"):
        open_transcriber(Options(models=tmp_path), "dragon")


def test_an_upload_is_as_long_as_its_offsets_say() -> None:
    sizes = [part.shape[1] for part in uploads.joined([piece(0.0, 1.0), piece(5.0, 2.0)])]
    assert sum(sizes) == 4 * RATE
