"""Backups made wrong: a good one taken apart, changed, and put together again."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from service.backup_file import DATABASE, MANIFEST

Parts = dict[str, bytes]


def taken_apart(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put_together(path: Path, parts: Parts, *, packed: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return path


def manifest_of(parts: Parts) -> dict[str, Any]:
    found = json.loads(parts[MANIFEST])
    assert isinstance(found, dict)
    return found


def listed(parts: Parts, **changes: object) -> Parts:
    """With a manifest that names these parts as they are."""
    manifest = manifest_of(parts) | changes
    bodies = {name: body for name, body in parts.items() if name != MANIFEST}
    manifest["parts"] = {
        name: {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        for name, body in bodies.items()
    }
    return bodies | {MANIFEST: json.dumps(manifest).encode()}


def rewritten(parts: Parts, scratch: Path, change: Callable[[sqlite3.Connection], object]) -> Parts:
    """With something changed in the database, and a manifest that fits it."""
    file = scratch / "changed.db"
    file.write_bytes(parts[DATABASE])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        change(connection)
    body = file.read_bytes()
    file.unlink()
    return listed(parts | {DATABASE: body})
