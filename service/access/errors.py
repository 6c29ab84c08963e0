"""What a person who is not let in is told."""

from __future__ import annotations

import math

from ingest.errors import FirsthandError


class SignInRefused(FirsthandError):
    """The name and the password do not let anybody in."""

    status = 401


class TooMany(FirsthandError):
    """Asked too often; ``retry_after_s`` is when it may be tried again, in whole seconds."""

    status = 429
    retry = True

    def __init__(self, sentence: str, wait_s: float) -> None:
        super().__init__(sentence)
        self.retry_after_s = max(1, math.ceil(wait_s))
