"""Derives ``ge2e.onnx``, the voice encoder, from Resemblyzer's published checkpoint.

Source:  https://github.com/resemble-ai/Resemblyzer, wheel ``Resemblyzer-0.1.4-py3-none-any.whl`` on
         PyPI, file ``resemblyzer/pretrained.pt`` (17,090,379 bytes, SHA-256 below).
Licence: Apache-2.0, Copyright Resemble AI / Corentin Jemine.
Method:  Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification".

The checkpoint carries the optimiser's state too and would need torch to read. This script takes
the model's fourteen arrays out without torch (and without letting the pickle run code), and writes
the graph with the arrays as float16 (2.8 MB, cast to float32 on loading): embeddings keep a cosine
above 0.99999 with those of the float32 weights. It is run only to derive the file anew, in an
environment of its own, because the project itself does not need the package ``onnx``:

    pip install numpy onnx && pip download --no-deps Resemblyzer==0.1.4
    python ingest/weights/make_ge2e.py Resemblyzer-0.1.4-py3-none-any.whl
"""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
LAYERS, HIDDEN, MELS = 3, 256, 40
DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


def main(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        checkpoint = archive.read("resemblyzer/pretrained.pt")
    found = _sha256(checkpoint)
    if found != SHA256:
        raise SystemExit(f"{wheel}: pretrained.pt has SHA-256 {found}, expected {SHA256}.")
    target = Path(__file__).with_name("ge2e.onnx")
    target.write_bytes(build_graph(read_model_state(checkpoint)))
    print(f"{target}: {target.stat().st_size} bytes, SHA-256 {_sha256(target.read_bytes())}")


def read_model_state(checkpoint: bytes) -> dict[str, NDArray[np.float32]]:
    """Arrays of ``model_state`` in torch's legacy file format.

    The format: five pickles one after the other (magic number, version, platform, the object, the
    storages' keys in order), then for each key a little-endian element count and the raw elements.
    """
    stream = io.BytesIO(checkpoint)
    unpicklers = [_Restricted(stream) for _ in range(5)]
    _magic, _version, _platform, checkpoint_object, keys = [u.load() for u in unpicklers]
    dtypes = unpicklers[3].storages
    storages: dict[str, NDArray[Any]] = {}
    for key in keys:
        (count,) = struct.unpack("<q", stream.read(8))
        dtype = dtypes[key]
        storages[key] = np.frombuffer(stream.read(count * dtype.itemsize), dtype)
    return {
        name: tensor.array(storages) for name, tensor in checkpoint_object["model_state"].items()
    }


def build_graph(state: dict[str, NDArray[np.float32]]) -> bytes:
    """ONNX: ``mels`` (frames, windows, 40) → ``voices`` (windows, 256), each of length 1."""
    onnx = importlib.import_module("onnx")
    node, tensor = onnx.helper.make_node, onnx.TensorProto
    weights: dict[str, NDArray[Any]] = {}
    nodes = []
    x = "mels"
    for layer in range(LAYERS):
        w, r = (_onnx_gates(state[f"lstm.weight_{kind}_l{layer}"]) for kind in ("ih", "hh"))
        biases = [_onnx_gates(state[f"lstm.bias_{kind}_l{layer}"]) for kind in ("ih", "hh")]
        weights |= {f"w{layer}": w[None], f"r{layer}": r[None]}
        weights[f"b{layer}"] = np.concatenate(biases)[None]
        inputs = [x, f"w{layer}", f"r{layer}", f"b{layer}"]
        outputs = [f"all{layer}", f"last{layer}"]
        nodes.append(node("LSTM", inputs, outputs, hidden_size=HIDDEN))
        nodes.append(node("Squeeze", [f"all{layer}", "direction"], [f"x{layer}"]))
        x = f"x{layer}"
    nodes[-1] = node("Squeeze", [f"last{LAYERS - 1}", "first"], ["hidden"])
    weights |= {"linear": state["linear.weight"].T, "bias": state["linear.bias"]}
    nodes += [
        node("MatMul", ["hidden", "linear"], ["product"]),
        node("Add", ["product", "bias"], ["sum"]),
        node("Relu", ["sum"], ["positive"]),
        node("LpNormalization", ["positive"], ["voices"], axis=1, p=2),
    ]
    stored = [
        onnx.numpy_helper.from_array(np.ascontiguousarray(a, np.float16), f"{name}_half")
        for name, a in weights.items()
    ]
    casts = [node("Cast", [f"{name}_half"], [name], to=tensor.FLOAT) for name in weights]
    axes = {"direction": 1, "first": 0}
    stored += [onnx.numpy_helper.from_array(np.array([i]), name) for name, i in axes.items()]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        casts + nodes,
        "ge2e",
        [value("mels", tensor.FLOAT, ["frames", "windows", MELS])],
        [value("voices", tensor.FLOAT, ["windows", HIDDEN])],
        stored,
    )
    opsets = [onnx.helper.make_opsetid("", 17)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _onnx_gates(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """From torch's order (input, forget, cell, output) to ONNX's (input, output, forget, cell)."""
    i, f, g, o = np.split(array, 4)
    return np.concatenate([i, o, f, g])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Tensor:
    """What a pickled tensor says about itself: which storage, from where, in which shape."""

    def __init__(self, key: str, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]):
        self.key, self.offset, self.shape, self.stride = key, offset, shape, stride

    def array(self, storages: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        flat = storages[self.key][self.offset :]
        strides = [step * flat.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(flat, self.shape, strides).astype(np.float32)


class _Restricted(pickle.Unpickler):
    """Knows tensors, parameters and ordered dictionaries, and refuses everything else."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.storages: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        allowed: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda key, offset, shape, stride, *_: _Tensor(
                key, offset, shape, stride
            ),
            ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
        }
        if module == "torch" and name in DTYPES:
            return name
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not expected in this checkpoint")
        return allowed[module, name]

    def persistent_load(self, pid: Any) -> str:
        """``("storage", type, key, device, count, view)`` → the key, its type remembered."""
        _tag, storage_type, key, *_ = pid
        self.storages[key] = DTYPES[str(storage_type)]
        return str(key)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
