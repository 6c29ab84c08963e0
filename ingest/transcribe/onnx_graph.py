"""Writes an ONNX graph as bytes, so that a network can be laid out in code and run by onnxruntime.

The ``onnx`` package is 18 MB that only this would use. A graph without its weights is a few
kilobytes of protobuf (https://protobuf.dev/programming-guides/encoding), whose field numbers are
those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3. Weights are declared as external
and handed to the session by name, so they are never copied into a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Dimension = int | str
Attribute = int | float | str | Sequence[int]

MICROSOFT = "com.microsoft"  # onnxruntime's own operators
_ELEMENT_TYPES = {"float32": 1, "int64": 7}
_OPSET, _IR_VERSION = 17, 8


class Graph:
    """A network under construction: every call of ``op`` adds a node and returns what it yields."""

    def __init__(self, name: str, *, stand_in: str) -> None:
        self._name = name
        self._stand_in = stand_in
        self._weights: set[str] = set()
        self._nodes: list[tuple[str, tuple[str, ...], list[str], str, Mapping[str, Attribute]]] = []
        self._renamed: dict[str, str] = {}
        self._tensors: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._count = 0

    def input(self, name: str, shape: Sequence[Dimension], dtype: str = "float32") -> str:
        self._inputs.append(_value_info(name, shape, dtype))
        return name

    def output(
        self, value: str, name: str, shape: Sequence[Dimension], dtype: str = "float32"
    ) -> None:
        """Make ``value`` an output of the whole network under the given name."""
        self._renamed[value] = name
        self._outputs.append(_value_info(name, shape, dtype))

    def weight(self, name: str, shape: Sequence[int]) -> str:
        """Declare a float32 tensor which the session is given under this name."""
        if name in self._weights:
            return name
        self._weights.add(name)
        place = _field(13, _text(1, "location") + _text(2, self._stand_in))
        dims = b"".join(_number(1, size) for size in shape)
        head = dims + _number(2, _ELEMENT_TYPES["float32"]) + _text(8, name)
        self._tensors.append(_field(5, head + place + _number(14, 1)))
        return name

    def constant(
        self, value: NDArray[np.float32] | NDArray[np.int64] | Sequence[int] | float
    ) -> str:
        dtype = np.float32 if isinstance(value, float) else None
        array = np.asarray(value, dtype=dtype)
        name = self._fresh()
        dims = b"".join(_number(1, size) for size in array.shape)
        head = dims + _number(2, _ELEMENT_TYPES[str(array.dtype)]) + _text(8, name)
        self._tensors.append(_field(5, head + _field(9, array.tobytes())))
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Attribute) -> str:
        """Add an operator with one result; an empty input name leaves an optional input out."""
        return self.ops(kind, *inputs, n=1, domain=domain, **attributes)[0]

    def ops(
        self, kind: str, *inputs: str, n: int, domain: str = "", **attributes: Attribute
    ) -> list[str]:
        """Add an operator with ``n`` results."""
        results = [self._fresh() for _ in range(n)]
        self._nodes.append((kind, inputs, results, domain, attributes))
        return results

    def to_bytes(self) -> bytes:
        """The finished model: an ONNX ``ModelProto``."""
        graph = b"".join(
            _field(1, _node(kind, self._named(inputs), self._named(results), domain, attributes))
            for kind, inputs, results, domain, attributes in self._nodes
        )
        graph += _text(2, self._name) + b"".join(self._tensors)
        graph += b"".join(_field(11, value) for value in self._inputs)
        graph += b"".join(_field(12, value) for value in self._outputs)
        opsets = _field(8, _text(1, "") + _number(2, _OPSET))
        opsets += _field(8, _text(1, MICROSOFT) + _number(2, 1))
        return _number(1, _IR_VERSION) + _field(7, graph) + opsets

    def _named(self, values: Sequence[str]) -> list[str]:
        return [self._renamed.get(value, value) for value in values]

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"


def _node(
    kind: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    domain: str,
    attributes: Mapping[str, Attribute],
) -> bytes:
    message = b"".join(_text(1, name) for name in inputs)
    message += b"".join(_text(2, name) for name in outputs)
    message += _text(4, kind) + (_text(7, domain) if domain else b"")
    return message + b"".join(_field(5, _attribute(k, v)) for k, v in attributes.items())


def _attribute(name: str, value: Attribute) -> bytes:
    head = _text(1, name)
    if isinstance(value, float):
        return head + _tag(2, 5) + np.float32(value).tobytes() + _number(20, 1)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return head + _text(4, value) + _number(20, 3)
    return head + b"".join(_number(8, item) for item in value) + _number(20, 7)


def _value_info(name: str, shape: Sequence[Dimension], dtype: str) -> bytes:
    dims = b"".join(
        _field(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in shape
    )
    tensor = _number(1, _ELEMENT_TYPES[dtype]) + _field(2, dims)
    return _text(1, name) + _field(2, _field(1, tensor))


def _tag(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _number(field: int, value: int) -> bytes:
    return _tag(field, 0) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _field(field, value.encode())


def _field(field: int, payload: bytes) -> bytes:
    return _tag(field, 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers are written as their 64-bit two's complement
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
