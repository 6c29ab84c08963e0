"""Makes a whole Whisper model of a few hundred kilobytes with random weights, without torch.

It hears nothing sensible: it writes random letters. But it is loaded, prompted, batched, decoded
and aligned by the same code as a real one.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WIDTH, HEADS, LAYERS, MELS = 32, 2, 2, 80
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
    *[f"<|{i * 0.02:.2f}|>" for i in range(1501)],
]


def make(folder: Path, *, seed: int = 0) -> Path:
    """Write the model's folder as faster-whisper wants it: config, weights, vocabulary, tokens."""
    from ctranslate2.specs import WhisperSpec
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.decoders import ByteLevel as Bytes
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE({letter: i for i, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = Bytes()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    vocabulary = letters + SPECIAL

    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    random = np.random.default_rng(seed)

    def weights(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return (random.standard_normal(shape) * 0.3).astype(np.float32)

    def fill(part: object, name: str, *shape: int) -> None:
        setattr(part, name, weights(*shape))

    def norm(part: object) -> None:
        setattr(part, "gamma", np.ones(WIDTH, np.float32))  # noqa: B010 - the spec is untyped
        setattr(part, "beta", np.zeros(WIDTH, np.float32))  # noqa: B010

    def linear(part: object, out: int, into: int) -> None:
        fill(part, "weight", out, into)
        fill(part, "bias", out)

    for side in (spec.encoder, spec.decoder):
        norm(side.layer_norm)
        for layer in side.layer:
            norm(layer.self_attention.layer_norm)
            linear(layer.self_attention.linear[0], 3 * WIDTH, WIDTH)
            linear(layer.self_attention.linear[1], WIDTH, WIDTH)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
            linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH)
    for layer in spec.decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], WIDTH, WIDTH)
        linear(layer.attention.linear[1], 2 * WIDTH, WIDTH)
        linear(layer.attention.linear[2], WIDTH, WIDTH)
    for conv, into in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, WIDTH)):
        fill(conv, "weight", WIDTH, into, 3)
        fill(conv, "bias", WIDTH)
    fill(spec.encoder.position_encodings, "encodings", 1500, WIDTH)
    fill(spec.decoder.position_encodings, "encodings", 448, WIDTH)
    fill(spec.decoder.embeddings, "weight", len(vocabulary), WIDTH)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight

    spoken = {letter for letter in letters if letter.isascii() and letter.islower()} | {"Ġ"}
    spec.config.suppress_ids = [i for i, token in enumerate(letters) if token not in spoken]
    spec.config.suppress_ids_begin = [len(letters)]
    spec.config.lang_ids = [len(letters) + 2]
    spec.config.alignment_heads = [
        (layer, head) for layer in range(LAYERS) for head in range(HEADS)
    ]
    spec.register_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    return folder
