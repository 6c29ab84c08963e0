"""How many tokens a text is, roughly, without asking anyone.

Tokenizers differ by model, and the best known one fetches its tables from the internet; for limits
and budgets a guess that errs upward is enough. What is *accounted for* is what the server counts.
"""

from __future__ import annotations

import math

# English prose has 4.2 to 4.6 bytes a token with today's vocabularies, JSON with short strings
# fewer: 3.6 overestimates the one and is near the other. Other scripts have more bytes a token.
_BYTES = 3.6


def estimate(text: str) -> int:
    """Tokens of ``text``, an estimate."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES)
