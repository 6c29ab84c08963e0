"""Graphs written by hand are run by onnxruntime as meant; the weights are the ones we know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from ingest.errors import MissingPart
from ingest.models import Samples
from ingest.transcribe import moonshine_network, moonshine_weights
from ingest.transcribe.onnx_graph import Graph


def session(graph: bytes, place: Path, **weights: Samples) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(place)
    )
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in weights.values()]
    options.add_external_initializers(list(weights), values)
    return onnxruntime.InferenceSession(graph, sess_options=options)


def test_operators_attributes_constants_and_given_weights(tmp_path: Path) -> None:
    (tmp_path / "stand-in").write_bytes(b"x")
    g = Graph("test", stand_in="stand-in")
    x = g.input("x", ["n", 3])
    y = g.op("MatMul", x, g.weight("w", [3, 2]))
    y = g.op("Add", y, g.constant(np.array([1.0, -1.0], np.float32)))
    assert g.weight("w", [3, 2]) == "w"
    left, right = g.ops("Split", y, n=2, axis=-1)
    g.output(g.op("LeakyRelu", right, alpha=0.5), "right", ["n", 1])
    g.output(left, "left", ["n", 1])
    g.output(g.op("ArgMax", y, axis=-1, keepdims=0), "best", ["n"], "int64")
    w = np.arange(6, dtype=np.float32).reshape(3, 2)
    rows = np.array([[1, 0, -1], [-1, 0, 0]], np.float32)
    right_, left_, best = session(g.to_bytes(), tmp_path, w=w).run(None, {"x": rows})
    expected = rows @ w + np.array([1, -1])
    np.testing.assert_allclose(left_, expected[:, :1])
    np.testing.assert_allclose(
        right_, np.where(expected[:, 1:] < 0, 0.5 * expected[:, 1:], expected[:, 1:])
    )
    np.testing.assert_array_equal(best, expected.argmax(1))


def test_the_network_hears_as_the_wheels_own_graph_does() -> None:
    """The first token's candidates, against the original quantised decoder."""
    from tests.ingest.sounds import speech

    sound = speech("beckett.wav")
    place = moonshine_weights.folder()
    assert place is not None
    raw, _ = moonshine_weights.read()
    weights = moonshine_network.prepare(raw)

    def ours(graph: bytes) -> onnxruntime.InferenceSession:
        return session(graph, place, **{k: v for k, v in weights.items() if k.encode() in graph})

    encoder = onnxruntime.InferenceSession(place / "encoder_model.ort")
    mask = np.ones((1, len(sound)), np.int64)
    [states] = encoder.run(None, {"input_values": sound[None], "attention_mask": mask})
    feed = {
        "encoder_attention_mask": mask,
        "input_ids": np.array([[1]]),
        "encoder_hidden_states": states,
        "use_cache_branch": np.array([False]),
    }
    heads, width = moonshine_network.HEADS, moonshine_network.HEAD_WIDTH
    for i in range(moonshine_network.LAYERS):
        for side, n in (("decoder", 0), ("encoder", states.shape[1])):
            for kind in ("key", "value"):
                feed[f"past_key_values.{i}.{side}.{kind}"] = np.zeros(
                    (1, heads, n, width), np.float32
                )
    original = onnxruntime.InferenceSession(place / "decoder_model_merged.ort")
    logits = original.run(["logits"], feed)[0][0, 0]

    memory = ours(moonshine_network.encoder(weights)).run(None, {"samples": sound[None]})
    frames = moonshine_network.frames(len(sound))
    assert memory[0].shape == (1, heads, frames, width) == (1, heads, states.shape[1], width)
    step = {"token": np.array([[1]]), "parent": np.array([0]), "position": np.array([0])}
    step["beams"] = np.array([-1, 1, heads, width])
    step["mask"] = np.zeros((1, 1, 1, frames), np.float32)
    for i in range(moonshine_network.LAYERS):
        step[f"keys.{i}"], step[f"values.{i}"] = memory[2 * i], memory[2 * i + 1]
        for kind in ("keys", "values"):
            step[f"past_{kind}.{i}"] = np.zeros((1, heads, 0, width), np.float32)
    chances, tokens, attention = ours(moonshine_network.decoder(weights)).run(
        ["chances", "tokens", "attention"], step
    )
    assert tokens[0, 0] == logits.argmax()
    assert set(tokens[0, :3]) <= set(np.argsort(logits)[-8:])
    softmax = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert chances[0, 0] == pytest.approx(softmax.max(), abs=0.15)
    assert attention.shape == (1, 1, frames)
    assert attention.sum() == pytest.approx(1, abs=1e-3)


def test_weights_that_are_not_the_ones_known_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel of another version, or a damaged one, as Python would find it."""
    assets = tmp_path / "moonshine_voice" / "assets" / "tiny-en"
    assets.mkdir(parents=True)
    (tmp_path / "moonshine_voice" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert moonshine_weights.folder() == assets
    with pytest.raises(MissingPart, match="missing"):
        moonshine_weights.read()
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"):
        (assets / name).write_bytes(b"something else")
    with pytest.raises(MissingPart, match="not the one expected"):
        moonshine_weights.read()
