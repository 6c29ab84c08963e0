"""Where recordings and transcripts lie: files named by the hash of their content.

A folder of the home, or an S3-compatible bucket; both hold the same names in the same places, so
that one can be copied into the other as it is.
"""

from __future__ import annotations

from pathlib import Path

from ingest.errors import BadInput
from ingest.media.folder import Folder
from ingest.media.port import Kept, Media

__all__ = ["Folder", "Kept", "Media", "open_media"]


def open_media(home: Path, url: str | None, workspace: str | None = None) -> Media:
    """The store that ``url`` names, else the home's own folder; nothing is asked of it yet.

    Of a bucket a ``workspace`` has what lies under a prefix of its own. Raises ``BadInput``
    for a ``url`` that is not ``s3://bucket/prefix``.
    """
    if url is None:
        return Folder(home / "media")
    from ingest.media.bucket import Bucket
    from ingest.media.s3 import named

    try:
        name, prefix = named(url)
    except ValueError as problem:
        raise BadInput(f"FIRSTHAND_MEDIA_URL cannot be used: {problem}.") from problem
    if workspace is not None:
        prefix = f"{prefix}/workspaces/{workspace}".lstrip("/")
    return Bucket(name, prefix, scratch=home / "fetched")
