"""The keyword index on SQLite: two FTS5 tables, one per role, scored by its BM25."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from ingest.keywords.terms import TOKENIZE
from ingest.keywords.weights import AROUND_WEIGHT, BEST, around
from ingest.models import Role
from ingest.passages import Passage

# Up to so many calls are named in the query itself, which lets FTS5 skip all others; more than
# these are cut from the best of all.
_NAMED_CALLS = 256


def put(connection: sa.Connection, call_id: str, passages: Sequence[Passage]) -> None:
    """Index a call's passages in place of whatever was indexed of it."""
    _create(connection)
    drop(connection, call_id)
    by_role: dict[Role, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_role[passage.role].append(passage)
    for role, own in by_role.items():
        rows = [
            {"id": p.passage_id, "scope": _token(call_id), "text": p.text, "around": beside}
            for p, beside in zip(own, around(own), strict=True)
        ]
        insert = f"INSERT INTO {_table(role)} VALUES (:id, :scope, :text, :around)"  # noqa: S608
        connection.execute(sa.text(insert), rows)


def drop(connection: sa.Connection, call_id: str) -> None:
    """Forget a call."""
    for role in _existing(connection):
        table = _table(role)
        delete = f"DELETE FROM {table} WHERE {table} MATCH :query"  # noqa: S608
        connection.execute(sa.text(delete), {"query": f'scope : "{_token(call_id)}"'})


def drop_all(connection: sa.Connection) -> None:
    """Forget every call."""
    for role in _existing(connection):
        connection.execute(sa.text(f"DELETE FROM {_table(role)}"))  # noqa: S608


def settle(connection: sa.Connection) -> None:
    """FTS5 only marks a deleted row's words as deleted, until it comes to merge what holds them.

    (It has an option against that from SQLite 3.42 on, which Debian 12 has not.)
    """
    for role in _existing(connection):
        table = _table(role)
        connection.execute(sa.text(f"INSERT INTO {table}({table}) VALUES ('optimize')"))  # noqa: S608


def match(
    connection: sa.Connection, role: Role, terms: Sequence[str], calls: Collection[str] | None
) -> dict[str, float]:
    """BM25 (higher is better) of the passages with any of the terms, by passage id.

    ``calls`` may narrow it; passages of other calls can still be among the answers.
    """
    if not terms or role not in _existing(connection):
        return {}
    query = " OR ".join(f'"{term}"' for term in terms)
    if calls is not None and len(calls) <= _NAMED_CALLS:
        scope = " OR ".join(_token(call_id) for call_id in calls)
        query = f"scope : ({scope}) AND {{text around}} : ({query})"
    table = _table(role)
    # Without any text in them, bm25's first two columns weigh nothing.
    select = (
        f"SELECT passage_id, -bm25({table}, 0, 0, 1, {AROUND_WEIGHT}) AS score FROM {table} "  # noqa: S608
        f"WHERE {table} MATCH :query ORDER BY score DESC LIMIT {BEST}"
    )
    rows = connection.execute(sa.text(select), {"query": query}).all()
    return {row.passage_id: row.score for row in rows}


def frequencies(
    connection: sa.Connection, role: Role, stemmed: Iterable[str]
) -> tuple[dict[str, int], int]:
    """In how many passages each stem stands, and how many passages there are."""
    if role not in _existing(connection):
        return dict.fromkeys(stemmed, 0), 0
    table = _table(role)
    select = sa.text(f"SELECT doc FROM {table}_terms WHERE term = :term AND col = 'text'")  # noqa: S608
    counts = {s: connection.scalar(select, {"term": s}) or 0 for s in set(stemmed)}
    total = connection.scalar(sa.text(f"SELECT count(*) FROM {table}_docsize"))  # noqa: S608
    return counts, total or 0


def passage_ids(connection: sa.Connection) -> set[str]:
    """Every passage that is indexed."""
    return {
        passage_id
        for role in _existing(connection)
        for passage_id in connection.scalars(sa.text(f"SELECT passage_id FROM {_table(role)}"))  # noqa: S608
    }


def _create(connection: sa.Connection) -> None:
    for role in ("customer", "internal"):
        table = f"passage_words_{role}"
        connection.execute(
            sa.text(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} "
                f"USING fts5(passage_id UNINDEXED, scope, text, around, {TOKENIZE})"
            )
        )
        connection.execute(
            sa.text(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {table}_terms USING fts5vocab({table}, col)"
            )
        )


def _existing(connection: sa.Connection) -> list[Role]:
    select = "SELECT name FROM sqlite_master WHERE name LIKE 'passage\\_words\\_%' ESCAPE '\\'"
    names = set(connection.scalars(sa.text(select)))
    roles: tuple[Role, ...] = ("customer", "internal")
    return [role for role in roles if _table(role) in names]


def _table(role: Role) -> str:
    return {"customer": "passage_words_customer", "internal": "passage_words_internal"}[role]


def _token(call_id: str) -> str:
    """A call's id as one word of digits, which no tokenizer splits, folds or stems."""
    digest = hashlib.sha256(call_id.encode("utf-8", "replace")).digest()
    return str(int.from_bytes(digest[:8]))
