"""The voice encoder: its input as librosa computes it, and voices that lie apart."""

from __future__ import annotations

import io
import os
import pickle

import numpy as np
import pytest

from ingest.models import RATE, Samples
from ingest.voices import MELS, SIZE, WINDOW, Mels, embed, load_encoder, mel_frames
from ingest.weights import make_ge2e
from tests.ingest.sounds import silence, speech

# librosa 0.11: melspectrogram(y=two_tones(), sr=16000, n_fft=400, hop_length=160, n_mels=40), a
# frame in the middle and the first one, in these bands.
BANDS = [0, 5, 6, 7, 26, 27, 28, 39]
INSIDE = [7.14908e-18, 1.64311, 0.178192, 3.62947e-17, 0.00321577, 0.148187, 0.0132872, 7.15432e-18]
EDGE = [0.0101206, 0.537211, 0.161524, 0.0165913, 0.00581389, 0.063661, 0.0101008, 1.15076e-05]


def two_tones() -> Samples:
    t = np.arange(800) / RATE
    tones = 0.1 * np.sin(2 * np.pi * 440 * t) + 0.05 * np.sin(2 * np.pi * 3000 * t)
    return tones.astype(np.float32)


def windows(voice: Samples, frames: int = WINDOW) -> list[Mels]:
    mels = mel_frames(voice)
    return [mels[i : i + frames] for i in range(0, len(mels) - frames, WINDOW)]


def mean_voice(voice: Samples) -> Samples:
    mean = embed(load_encoder(), windows(voice)).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def test_mels_are_librosas() -> None:
    mels = mel_frames(two_tones())
    assert mels.shape == (6, MELS)
    assert mels[2, BANDS] == pytest.approx(INSIDE, rel=1e-4, abs=1e-9)
    assert mels[0, BANDS] == pytest.approx(EDGE, rel=1e-4, abs=1e-9)


def test_a_voice_is_like_itself_and_unlike_another() -> None:
    one, other = speech("two_cities.wav"), speech("beckett.wav")
    first, second = mean_voice(one[: len(one) // 2]), mean_voice(one[len(one) // 2 :])
    another = mean_voice(other)
    assert first @ second > 0.9
    assert first @ another < 0.8
    assert second @ another < 0.8


def test_embeddings_have_length_one_and_do_not_depend_on_their_batch() -> None:
    session = load_encoder()
    some = windows(speech("beckett.wav"))
    together = embed(session, some * 8)
    assert together.shape == (8 * len(some), SIZE)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert together[-1] == pytest.approx(embed(session, some[-1:])[0], abs=1e-5)


def test_loudness_does_not_matter() -> None:
    session = load_encoder()
    voice = speech("beckett.wav")
    loud, quiet = embed(session, windows(voice)), embed(session, windows(voice * np.float32(0.03)))
    assert (loud * quiet).sum(axis=1).min() > 0.999


def test_a_short_window_still_names_its_voice() -> None:
    session = load_encoder()
    voice = speech("two_cities.wav")
    means = np.stack([mean_voice(voice), mean_voice(speech("beckett.wav"))])
    short = embed(session, windows(voice, 60))
    assert ((short @ means.T).argmax(axis=1) == 0).mean() > 0.9


def test_silence_is_no_voice_and_no_error() -> None:
    assert np.isfinite(embed(load_encoder(), windows(silence(4)))).all()
    assert embed(load_encoder(), []).shape == (0, SIZE)


def test_the_weights_script_runs_no_code_from_a_checkpoint() -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return (os.system, ("false",))

    stream = io.BytesIO(pickle.dumps(Harm()) + pickle.dumps(0) * 4)
    with pytest.raises(pickle.UnpicklingError, match="not expected"):
        make_ge2e.read_model_state(stream.getvalue())
