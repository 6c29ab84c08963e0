"""BERTopic's topics of what customers say (Grootendorst 2022, arXiv:2203.05794).

Not a dependency: through sentence-transformers it declares torch. It needs neither, given our
vectors; uv installs it without them:

    echo 'sentence-transformers ; python_version < "0"' > without.txt
    uv pip install --override without.txt -c constraints.txt bertopic

It adds half a minute.
"""

from __future__ import annotations

import importlib

from eval.cases import Corpus
from eval.gold import Place
from ingest.embed import open_embedder

_SHORT = 5  # words; less is "yeah, exactly", which names no topic
# The best of 3, 5, 7 and the default of 10 on Larkspur (2 of 6 needs; the others found none).
_SMALLEST = 5


def topics(corpus: Corpus) -> list[list[Place]]:
    """The utterances of each topic; what BERTopic calls outliers belongs to none."""
    said = [
        place
        for place in corpus.customer_places(corpus.account_of)
        if len(corpus.texts[place].split()) >= _SHORT
    ]
    texts = [corpus.texts[place] for place in said]
    vectors = open_embedder(threads=2).embed(texts)
    flat = importlib.import_module("umap").UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=42
    )
    model = importlib.import_module("bertopic").BERTopic(
        embedding_model=None, umap_model=flat, min_topic_size=_SMALLEST
    )
    labels, _ = model.fit_transform(texts, vectors)
    groups: dict[int, list[Place]] = {}
    for place, label in zip(said, labels, strict=True):
        if label >= 0:
            groups.setdefault(int(label), []).append(place)
    return list(groups.values())
