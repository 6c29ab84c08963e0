"""The sentence model: right vectors, whatever the text, and any other model in its place."""

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.embed import DIM, MiniLM, Spread, Wrapped, open_embedder
from ingest.errors import EngineFailed


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return open_embedder()


def test_vectors_have_unit_length_and_keep_the_order(minilm: MiniLM) -> None:
    texts = ["The export is slow.", "Good morning.", "The export is slow."]
    vectors = minilm.embed(texts)
    assert vectors.shape == (3, DIM)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vectors[0], vectors[2])


# Cosines of the published float32 model, computed with its own weights on onnxruntime.
@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        ("How long does invoicing take?", "It takes us nineteen days to send a bill.", 0.423),
        ("How long does invoicing take?", "The weather was lovely in Lisbon.", -0.0163),
        ("a man is eating food", "a man eats a piece of bread", 0.7175),
    ],
)
def test_rounding_moves_similarities_little(
    minilm: MiniLM, a: str, b: str, published: float
) -> None:
    first, second = minilm.embed([a, b])
    assert float(first @ second) == pytest.approx(published, abs=0.06)


def test_a_text_has_one_vector_whatever_stands_beside_it(minilm: MiniLM) -> None:
    alone = minilm.embed(["Short."])
    beside = minilm.embed(["A much longer text " * 40, "Short."])
    assert np.array_equal(alone[0], beside[1])


def test_spread_over_two_cores_the_vectors_are_the_same(minilm: MiniLM) -> None:
    for count in (0, 1, 2, 7, 12):
        texts = [f"The export takes {n} minutes." for n in range(count)]
        assert np.array_equal(Spread(minilm).embed(texts), minilm.embed(texts))


def test_no_texts_make_no_vectors(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, DIM)


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "word " * 50_000, "x" * 100_000, "日本語🙂"])
def test_any_text_gets_a_finite_vector(minilm: MiniLM, text: str) -> None:
    vectors = minilm.embed([text])
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors) == pytest.approx(1, abs=1e-5)


def test_another_model_can_take_its_place() -> None:
    def function(texts: list[str]) -> Sequence[Sequence[float]]:
        return [[3.0, 4.0] for _ in texts]

    wrapped = Wrapped("two", 2, function)
    assert wrapped.embed(["a", "b"]) == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8]]))
    assert wrapped.embed([]).shape == (0, 2)


@pytest.mark.parametrize("answer", [[[1.0, 2.0, 3.0]], [], [[0.0, 0.0]], [[float("nan"), 1.0]]])
def test_a_wrong_answer_of_another_model_is_told(answer: list[list[float]]) -> None:
    with pytest.raises(EngineFailed, match="two"):
        Wrapped("two", 2, lambda _texts: answer).embed(["a"])
