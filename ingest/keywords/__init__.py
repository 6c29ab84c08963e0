"""The keyword index: which passages hold a question's words, by words stemmed alike everywhere.

It lies in the same database as the passages and is written in the same transaction, so the two can
never disagree: FTS5 on SQLite, text search on PostgreSQL. Nothing outside this package knows which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

import sqlalchemy as sa

from ingest.keywords import fts5, tsvector
from ingest.keywords.terms import FRAME, MOST_TERMS, STOP, content_terms, stems
from ingest.models import Role
from ingest.passages import Passage

__all__ = [
    "FRAME",
    "MOST_TERMS",
    "STOP",
    "content_terms",
    "drop",
    "drop_all",
    "frequencies",
    "match",
    "passage_ids",
    "put",
    "settle",
    "stems",
]


def put(connection: sa.Connection, call_id: str, passages: Sequence[Passage]) -> None:
    """Index a call's passages in place of whatever was indexed of it."""
    _index(connection).put(connection, call_id, passages)


def drop(connection: sa.Connection, call_id: str) -> None:
    """Forget a call."""
    _index(connection).drop(connection, call_id)


def drop_all(connection: sa.Connection) -> None:
    """Forget every call."""
    _index(connection).drop_all(connection)


def match(
    connection: sa.Connection, role: Role, terms: Sequence[str], calls: Collection[str] | None
) -> dict[str, float]:
    """How well (higher is better) passages with any of the terms match, by passage id.

    ``calls`` may narrow it; passages of other calls can still be among the answers.
    """
    return _index(connection).match(connection, role, terms, calls) if terms else {}


def frequencies(
    connection: sa.Connection, role: Role, stemmed: Iterable[str]
) -> tuple[dict[str, int], int]:
    """In how many passages each stem stands, and how many passages there are."""
    return _index(connection).frequencies(connection, role, stemmed)


def passage_ids(connection: sa.Connection) -> set[str]:
    """Every passage that is indexed."""
    return _index(connection).passage_ids(connection)


def settle(connection: sa.Connection) -> None:
    """Let go for good of the words of what was dropped."""
    _index(connection).settle(connection)


class _Index(Protocol):
    """What a database's module has."""

    def put(
        self, connection: sa.Connection, call_id: str, passages: Sequence[Passage], /
    ) -> None: ...
    def drop(self, connection: sa.Connection, call_id: str, /) -> None: ...
    def drop_all(self, connection: sa.Connection, /) -> None: ...
    def settle(self, connection: sa.Connection, /) -> None: ...
    def match(
        self,
        connection: sa.Connection,
        role: Role,
        terms: Sequence[str],
        calls: Collection[str] | None,
        /,
    ) -> dict[str, float]: ...
    def frequencies(
        self, connection: sa.Connection, role: Role, stemmed: Iterable[str], /
    ) -> tuple[dict[str, int], int]: ...
    def passage_ids(self, connection: sa.Connection, /) -> set[str]: ...


def _index(connection: sa.Connection) -> _Index:
    return tsvector if connection.dialect.name == "postgresql" else fts5
