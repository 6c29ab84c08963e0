"""What a person who is not let in is told."""

from __future__ import annotations

from ingest.errors import FirsthandError


class SignInRefused(FirsthandError):
    """Somebody is not let in, or it is not proven who it is."""

    status = 401
