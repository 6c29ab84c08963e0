"""Writes ``moonshine-tiny-en.json``: where each tensor of the recogniser lies in the wheel's files.

Source:  ``moonshine_voice/assets/tiny-en`` in the wheel ``moonshine-voice==0.0.73``.
Licence: MIT, Copyright Useful Sensors / Moonshine AI (https://github.com/moonshine-ai/moonshine).
         Nothing of the weights is copied into this project; the list holds names and places only.

The files are in onnxruntime's own format. Saved again as ONNX they show which operator uses which
tensor; the same bytes are then looked for in the original file. Run this only to derive the list
anew, in an environment that has ``onnx`` and the wheel:

    python ingest/weights/moonshine_make_table.py

Beside it lies ``vad-silero-v6.onnx``: ``faster_whisper/assets/silero_vad_v6.onnx`` from the wheel
``faster-whisper==1.2.1``, unchanged; Silero VAD, MIT, Copyright Silero Team
(https://github.com/snakers4/silero-vad).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx  # type: ignore[import-not-found]
import onnxruntime
from numpy.typing import NDArray

TARGET = Path(__file__).parent / "moonshine-tiny-en.json"
ENCODER, DECODER, TOKENS = "encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"
PRODUCTS = {"DynamicQuantizeMatMul", "MatMulIntegerToFloat"}
NORMS = {"LayerNormalization", "SkipLayerNormalization"}
# The encoder's other tensors, and what they are called in the checkpoint.
PLAIN = {
    "conv1.weight_add_tensor": "encoder.conv1.weight",
    "conv2.weight_add_tensor": "encoder.conv2.weight",
    "conv2.bias": "encoder.conv2.bias",
    "conv3.weight_add_tensor": "encoder.conv3.weight",
    "conv3.bias": "encoder.conv3.bias",
    "onnx::Mul_2080": "encoder.groupnorm.weight",
    "onnx::Add_2081": "encoder.groupnorm.bias",
}
EMBEDDING = "model.decoder.embed_tokens.weight_merged_0"
Place = dict[str, object]


def main() -> None:
    spec = find_spec("moonshine_voice")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "assets" / "tiny-en"
    tensors = {**_encoder(folder / ENCODER), **_decoder(folder / DECODER)}
    files = {
        name: {
            "bytes": (folder / name).stat().st_size,
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        }
        for name in (ENCODER, DECODER, TOKENS)
    }
    parts = [
        ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in part.items())
        for part in (files, dict(sorted(tensors.items())))
    ]
    TARGET.write_text(f'{{"files": {{\n{parts[0]}\n}},\n"tensors": {{\n{parts[1]}\n}}}}\n', "utf-8")


def _encoder(path: Path) -> dict[str, Place]:
    graph, values = _opened(path)
    data = path.read_bytes()
    found = {name: _place(path.name, data, values[old]) for old, name in PLAIN.items()}
    for node in graph.node:
        at = "encoder." + _layer(node.name)
        if node.op_type in PRODUCTS:
            found |= _product(at, node, values, path.name, data)
        elif node.op_type in NORMS:
            at = "encoder.layer_norm" if node.op_type.startswith("Skip") else at
            weight = next(name for name in node.input if name.endswith(".weight"))
            found[at] = _place(path.name, data, values[weight])
    return found


def _decoder(path: Path) -> dict[str, Place]:
    """The branch without a cache has every tensor once."""
    whole, values = _opened(path)
    fork = next(node for node in whole.node if node.op_type == "If")
    graph = next(a.g for a in fork.attribute if a.name == "else_branch")
    values |= {i.name: onnx.numpy_helper.to_array(i) for i in graph.initializer}
    data = path.read_bytes()
    found = {"decoder.embed": _scaled(EMBEDDING, values, path.name, data)}
    for node in graph.node:
        at = _layer(node.name).removeprefix("model.")
        if node.op_type in PRODUCTS:
            found |= _product(at, node, values, path.name, data)
        elif node.op_type in NORMS:
            found[at] = _place(path.name, data, values[node.input[1]])
    return found


def _opened(path: Path) -> tuple[onnx.GraphProto, dict[str, NDArray[np.generic]]]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.optimized_model_filepath = str(copy)
        options.add_session_config_entry("session.save_model_format", "ONNX")
        onnxruntime.InferenceSession(path, sess_options=options)
        graph = onnx.load(copy).graph
    return graph, {i.name: onnx.numpy_helper.to_array(i) for i in graph.initializer}


def _product(
    at: str,
    node: onnx.NodeProto,
    values: dict[str, NDArray[np.generic]],
    file: str,
    data: bytes,
) -> dict[str, Place]:
    weight = next(n for n in node.input if n in values and n.endswith("_quantized"))
    found = {at: _scaled(weight.removesuffix("_quantized"), values, file, data)}
    for name in node.input:
        if name in values and "bias" in name:
            found[at + ".bias"] = _place(file, data, values[name])
    return found


def _scaled(name: str, values: dict[str, NDArray[np.generic]], file: str, data: bytes) -> Place:
    place = _place(file, data, values[name + "_quantized"])
    scale, zero = values[name + "_scale"], values[name + "_zero_point"]
    return place | {"scale": float(scale.item()), "zero": int(zero.item())}


def _place(file: str, data: bytes, value: NDArray[np.generic]) -> Place:
    offset = data.find(value.tobytes())
    if offset < 0 or data.find(value.tobytes(), offset + 1) >= 0:
        raise ValueError(f"a tensor of shape {value.shape} is not just once in {file}")
    return {"file": file, "offset": offset, "shape": list(value.shape)}


def _layer(name: str) -> str:
    """``/model/decoder/layers.0/mlp/fc1/MatMul_quant`` → ``model.decoder.layers.0.mlp.fc1``."""
    return name.rsplit("/", 1)[0].strip("/").replace("/", ".")


if __name__ == "__main__":
    main()
