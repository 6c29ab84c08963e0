"""Whether a passage found bears on the question, or is merely the nearest thing there is."""

from __future__ import annotations

from ingest.search import Hit

# To be borne, a good part of the question's own words (weighed by how telling they are) must stand
# in the passage, or its meaning must be close; see eval/LOG.md for how these were chosen.
KEYWORDS = 0.5
COSINE = 0.45


def bears(hit: Hit) -> bool:
    return hit.keyword >= KEYWORDS or hit.cosine >= COSINE
