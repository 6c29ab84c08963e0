"""The Moonshine network (https://arxiv.org/abs/2410.15608) laid out anew around its own weights.

The wheel's decoder graph gives only logits. Words need times, and times come from the decoder's
cross attention, so we lay the same layers out again with attention as an output. Two things are
won on the way: weights run in float32, so that a piece is heard alike whatever it is batched with
(the wheel's graph quantises each batch as a whole), and attention is onnxruntime's fused one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ingest.models import Samples
from ingest.transcribe.onnx_graph import MICROSOFT, Dimension, Graph

Weights = Mapping[str, Samples]

LAYERS, HEADS, WIDTH = 6, 8, 288
HEAD_WIDTH = WIDTH // HEADS
CANDIDATES = 8  # likeliest next tokens handed back by each step
HOP = 64 * 3 * 2  # samples for each frame of the encoder: the strides of its convolutions
# The heads of the cross attention that look at the sound of the token they are about to write, as
# (layer, head). Found with words whose times are known (festival, three voices, five texts): each
# of these looks into the right word for 89 to 96 % of tokens; most other heads do so for
# 10 to 30 %.
ALIGNED_HEADS = ((2, 0), (3, 0), (3, 1), (3, 2), (3, 5), (3, 6), (4, 0), (4, 3), (4, 6))
_ROTATED = 32  # of each head's 36 dimensions carry the position
_POSITIONS = 2048
_EPSILON = 1e-5
_SCALE = HEAD_WIDTH**-0.5


def frames(samples: int) -> int:
    """How many frames the encoder makes of so many samples; none when there are too few."""
    for width, stride in ((127, 64), (7, 3), (3, 2)):
        samples = max((samples - width) // stride + 1, 0)
    return samples


def prepare(raw: Weights) -> dict[str, Samples]:
    """The tensors under which the two graphs ask for them, from those of the checkpoint."""
    ready = {name: value for name, value in raw.items() if "_proj" not in name}
    for side in ("encoder", "decoder"):
        for i in range(LAYERS):
            at = f"{side}.layers.{i}.self_attn."
            ready[at + "qkv"] = np.hstack([raw[f"{at}{p}_proj"] for p in "qkv"])
            ready[at + "o_proj"] = raw[at + "o_proj"]
    for i in range(LAYERS):
        at = f"decoder.layers.{i}.encoder_attn."
        ready[at + "q_proj"] = raw[at + "q_proj"] * np.float32(_SCALE)
        ready[at + "o_proj"] = raw[at + "o_proj"]
        ready[at + "kv"] = np.hstack([raw[at + "k_proj"], raw[at + "v_proj"]])
    ready["proj_out"] = raw["proj_out"]
    angles = np.outer(np.arange(_POSITIONS), 10_000.0 ** -(np.arange(0, _ROTATED, 2) / _ROTATED))
    ready["cos"] = np.cos(angles).astype(np.float32)
    ready["sin"] = np.sin(angles).astype(np.float32)
    return ready


def encoder(weights: Weights) -> bytes:
    """``samples (1, n)`` → ``keys.i`` and ``values.i`` ``(1, 8, frames, 36)`` for each layer.

    What comes out is what the decoder's cross attention asks for in every step.
    """
    g = Graph("moonshine encoder", stand_in="tokenizer.bin")
    x = g.op("Unsqueeze", g.input("samples", [1, "n"]), g.constant(np.array([1])))
    x = g.op("Tanh", g.op("Conv", x, _w(g, weights, "encoder.conv1.weight"), strides=[64]))
    x = _normalise_all(g, weights, x)
    for i, stride in ((2, 3), (3, 2)):
        at = f"encoder.conv{i}."
        x = g.op(
            "Conv", x, _w(g, weights, at + "weight"), _w(g, weights, at + "bias"), strides=[stride]
        )
        x = g.op("Gelu", x, domain=MICROSOFT)
    x = g.op("Transpose", x, perm=[0, 2, 1])
    start = g.constant(np.array([0]))
    for i in range(LAYERS):
        at = f"encoder.layers.{i}."
        y = _layer_norm(g, weights, x, at + "input_layernorm")
        q, k, v = _projected(g, weights, y, at + "self_attn.qkv", 3)
        q, k = (_rotate(g, weights, part, start) for part in (q, k))
        y = g.op("MultiHeadAttention", q, k, v, domain=MICROSOFT, num_heads=HEADS, scale=_SCALE)
        x = g.op("Add", x, g.op("MatMul", y, _w(g, weights, at + "self_attn.o_proj")))
        y = _layer_norm(g, weights, x, at + "post_attention_layernorm")
        y = g.op("Gelu", _dense(g, weights, y, at + "mlp.fc1"), domain=MICROSOFT)
        x = g.op("Add", x, _dense(g, weights, y, at + "mlp.fc2"))
    x = _layer_norm(g, weights, x, "encoder.layer_norm")
    by_head = g.constant(np.array([1, -1, HEADS, HEAD_WIDTH]))
    for i in range(LAYERS):
        k, v = _projected(g, weights, x, f"decoder.layers.{i}.encoder_attn.kv", 2)
        for name, part in ((f"keys.{i}", k), (f"values.{i}", v)):
            part = g.op("Transpose", g.op("Reshape", part, by_head), perm=[0, 2, 1, 3])
            g.output(part, name, [1, HEADS, "frames", HEAD_WIDTH])
    return g.to_bytes()


def decoder(weights: Weights) -> bytes:
    """One step of a beam search, for a batch of pieces that are all at the same ``position``.

    A row is one unfinished hypothesis; the rows of a piece lie together, ``beams`` of them, and
    share what the encoder made of it. In: ``token (rows, 1)``; ``parent (rows,)``, the row of the
    step before that each row continues; ``position (1,)``; ``beams``, the shape ``(-1, beams, 8,
    36)``; ``mask (pieces, 1, 1, frames)`` added to cross attention (0 or very negative);
    ``keys.i``/``values.i`` of the encoder ``(pieces, 8, frames, 36)``; the decoder's own past
    ``past_keys.i``/``past_values.i`` ``(rows before, 8, position, 36)``. Out: ``chances`` and
    ``tokens`` ``(rows, CANDIDATES)``, likeliest first; ``attention (pieces, beams, frames)``, the
    mean of ``ALIGNED_HEADS``; the past one step longer in ``next_keys.i`` and ``next_values.i``.
    """
    g = Graph("moonshine decoder", stand_in="tokenizer.bin")
    token = g.input("token", ["rows", 1], "int64")
    parent = g.input("parent", ["rows"], "int64")
    position = g.input("position", [1], "int64")
    by_beam = g.input("beams", [4], "int64")
    mask = g.input("mask", ["pieces", 1, 1, "frames"])
    past: list[Dimension] = ["before", HEADS, "past", HEAD_WIDTH]
    heard: list[Dimension] = ["pieces", HEADS, "frames", HEAD_WIDTH]
    ahead: list[Dimension] = ["rows", HEADS, "next", HEAD_WIDTH]
    by_head = g.constant(np.array([-1, HEADS, 1, HEAD_WIDTH]))
    flat = g.constant(np.array([-1, 1, WIDTH]))
    x = g.op("Gather", _w(g, weights, "decoder.embed"), token)
    seen = []
    for i in range(LAYERS):
        at = f"decoder.layers.{i}."
        y = _layer_norm(g, weights, x, at + "input_layernorm")
        q, k, v = _projected(g, weights, y, at + "self_attn.qkv", 3)
        q, k = (_rotate(g, weights, part, position) for part in (q, k))
        q, k, v = (g.op("Reshape", part, by_head) for part in (q, k, v))
        k = g.op("Concat", g.op("Gather", g.input(f"past_keys.{i}", past), parent), k, axis=2)
        v = g.op("Concat", g.op("Gather", g.input(f"past_values.{i}", past), parent), v, axis=2)
        g.output(k, f"next_keys.{i}", ahead)
        g.output(v, f"next_values.{i}", ahead)
        y = g.op("FusedMatMul", q, k, domain=MICROSOFT, transB=1, alpha=_SCALE)
        y = g.op("MatMul", g.op("Softmax", y, axis=-1), v)
        y = g.op("MatMul", g.op("Reshape", y, flat), _w(g, weights, at + "self_attn.o_proj"))
        x = g.op("Add", x, y)
        y = _layer_norm(g, weights, x, at + "post_attention_layernorm")
        y = g.op("MatMul", y, _w(g, weights, at + "encoder_attn.q_proj"))
        y = g.op(
            "FusedMatMul",
            g.op("Transpose", g.op("Reshape", y, by_beam), perm=[0, 2, 1, 3]),
            g.input(f"keys.{i}", heard),
            domain=MICROSOFT,
            transB=1,
        )
        y = g.op("Softmax", g.op("Add", y, mask), axis=-1)
        seen.append(y)
        y = g.op("MatMul", y, g.input(f"values.{i}", heard))
        y = g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), flat)
        y = g.op("MatMul", y, _w(g, weights, at + "encoder_attn.o_proj"))
        x = g.op("Add", x, y)
        y = _layer_norm(g, weights, x, at + "final_layernorm")
        y, gate = g.ops("Split", _dense(g, weights, y, at + "mlp.fc1"), n=2, axis=-1)
        y = g.op("Mul", y, g.op("QuickGelu", gate, domain=MICROSOFT, alpha=1.0))
        x = g.op("Add", x, _dense(g, weights, y, at + "mlp.fc2"))
    x = g.op("MatMul", _layer_norm(g, weights, x, "decoder.norm"), _w(g, weights, "proj_out"))
    x = g.op("Squeeze", x, g.constant(np.array([1])))
    x = g.op("Softmax", x, axis=-1)
    chances, tokens = g.ops("TopK", x, g.constant(np.array([CANDIDATES])), n=2, axis=-1)
    g.output(chances, "chances", ["rows", CANDIDATES])
    g.output(tokens, "tokens", ["rows", CANDIDATES], "int64")
    aligned = g.constant(np.array([layer * HEADS + head for layer, head in ALIGNED_HEADS]))
    attention = g.op("Gather", g.op("Concat", *seen, axis=1), aligned, axis=1)
    attention = g.op("ReduceMean", attention, axes=[1], keepdims=0)
    g.output(attention, "attention", ["pieces", "beams", "frames"])
    return g.to_bytes()


def _w(g: Graph, weights: Weights, name: str) -> str:
    return g.weight(name, weights[name].shape)


def _dense(g: Graph, weights: Weights, x: str, name: str) -> str:
    return g.op("Add", g.op("MatMul", x, _w(g, weights, name)), _w(g, weights, name + ".bias"))


def _projected(g: Graph, weights: Weights, x: str, name: str, n: int) -> list[str]:
    return g.ops("Split", g.op("MatMul", x, _w(g, weights, name)), n=n, axis=-1)


def _layer_norm(g: Graph, weights: Weights, x: str, name: str) -> str:
    return g.op("LayerNormalization", x, _w(g, weights, name), axis=-1, epsilon=_EPSILON)


def _normalise_all(g: Graph, weights: Weights, x: str) -> str:
    """Group normalisation with one group: over all channels and the whole piece."""
    y = g.op("Reshape", x, g.constant(np.array([0, 1, -1])))
    ones, zeros = g.constant(np.ones(1, np.float32)), g.constant(np.zeros(1, np.float32))
    y = g.op("InstanceNormalization", y, ones, zeros, epsilon=_EPSILON)
    y = g.op("Reshape", y, g.op("Shape", x))
    y = g.op("Mul", y, _w(g, weights, "encoder.groupnorm.weight"))
    return g.op("Add", y, _w(g, weights, "encoder.groupnorm.bias"))


def _rotate(g: Graph, weights: Weights, x: str, start: str) -> str:
    """Rotary position embedding of neighbouring pairs, from position ``start`` on."""
    tables = [g.weight(name, weights[name].shape) for name in ("cos", "sin")]
    return g.op(
        "RotaryEmbedding",
        x,
        start,
        *tables,
        domain=MICROSOFT,
        interleaved=1,
        num_heads=HEADS,
        rotary_embedding_dim=_ROTATED,
    )
