"""The keyword index on PostgreSQL: a column of words (tsvector) under a GIN index.

The words come stemmed, so that both databases know the same ones. What stands around a passage is
looked up rather than stored again: a word counts for its passage and, at less weight, for those
beside it. They are scored by BM25F (Robertson, Zaragoza and Taylor 2004), neighbours as its fields.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from ingest.keywords.terms import stems
from ingest.keywords.weights import AROUND_WEIGHT, BEST, NEIGHBOURS
from ingest.models import Role
from ingest.passages import Passage

# PostgreSQL's limits: 2,046 bytes of a word, and 16,383 places.
_LONGEST = 500
_PLACES = 16_000

_PUT = sa.text(
    "INSERT INTO passage_words (passage_id, call_id, role, place, last, length, words) "
    "VALUES (:id, :call, :role, :place, :last, :length, CAST(:words AS tsvector))"
)
# As FTS5 has it, b is 0.75 and k1 is 1.2, and what stands in most passages weighs next to nothing.
# 1.645 (π²/6) takes back what ts_rank divides by, so that a word said once counts 1.
_MATCH = """
    WITH whole AS (
        SELECT count(*) AS n, avg(length) AS length FROM passage_words WHERE role = :role
    ), asked AS (
        SELECT t, term, CAST(
            greatest(ln((whole.n - held.n + 0.5) / (held.n + 0.5)), 1e-6) AS real
        ) AS weight
        FROM whole, unnest(CAST(:terms AS tsquery[])) WITH ORDINALITY AS terms (term, t), LATERAL (
            SELECT count(*) AS n FROM passage_words WHERE role = :role AND words @@ term
        ) AS held
    ), held AS MATERIALIZED (
        SELECT t, weight, call_id, place, last,
            1.645 * ts_rank(words, term) / (0.25 + 0.75 * held.length / whole.length) AS times
        FROM whole, asked JOIN passage_words AS held ON words @@ term
        WHERE role = :role {scope}
    ), around AS (
        SELECT call_id, place + step AS place, weight,
            sum(CASE step WHEN 0 THEN times ELSE :around * times END) AS times
        FROM held JOIN unnest(CAST(:steps AS int[])) AS step ON place + step BETWEEN 0 AND last
        GROUP BY t, weight, call_id, place + step
    ), best AS (
        SELECT call_id, place, sum(weight * 2.2 * times / (times + 1.2)) AS score
        FROM around GROUP BY call_id, place ORDER BY score DESC, call_id, place LIMIT :best
    )
    SELECT passage_id, score FROM best JOIN passage_words USING (call_id, place)
    WHERE role = :role ORDER BY score DESC, passage_id
"""
_ALL = sa.text(_MATCH.format(scope=""))
_SOME = sa.text(_MATCH.format(scope="AND call_id = ANY(:calls)"))


def put(connection: sa.Connection, call_id: str, passages: Sequence[Passage]) -> None:
    drop(connection, call_id)
    by_role: dict[Role, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_role[passage.role].append(passage)
    rows = [
        {
            "id": passage.passage_id,
            "call": call_id,
            "role": role,
            "place": place,
            "last": len(own) - 1,
            "length": len(said),
            "words": _vector(said),
        }
        for role, own in by_role.items()
        for place, (passage, said) in enumerate(zip(own, stems([p.text for p in own]), strict=True))
    ]
    if rows:
        connection.execute(_PUT, rows)


def drop(connection: sa.Connection, call_id: str) -> None:
    delete = sa.text("DELETE FROM passage_words WHERE call_id = :call")
    connection.execute(delete, {"call": call_id})


def drop_all(connection: sa.Connection) -> None:
    connection.execute(sa.text("DELETE FROM passage_words"))


def settle(_connection: sa.Connection) -> None:
    """Nothing is left to do: a row has its words with it."""


def match(
    connection: sa.Connection, role: Role, terms: Sequence[str], calls: Collection[str] | None
) -> dict[str, float]:
    given = {
        "terms": [" <-> ".join(map(_quoted, words)) for words in stems(terms) if words],
        "role": role,
        "around": AROUND_WEIGHT,
        "steps": list(range(-NEIGHBOURS, NEIGHBOURS + 1)),
        "best": BEST,
    }
    if calls is None:
        rows = connection.execute(_ALL, given)
    else:
        rows = connection.execute(_SOME, {**given, "calls": list(calls)})
    return {row.passage_id: row.score for row in rows}


def frequencies(
    connection: sa.Connection, role: Role, stemmed: Iterable[str]
) -> tuple[dict[str, int], int]:
    count = sa.text("SELECT count(*) FROM passage_words WHERE role = :role")
    total = connection.scalar(count, {"role": role}) or 0
    held = sa.text(
        "SELECT asked.n, held.n FROM unnest(CAST(:terms AS tsquery[])) WITH ORDINALITY "
        "AS asked (term, n), LATERAL ("
        "SELECT count(*) AS n FROM passage_words WHERE role = :role AND words @@ term) AS held"
    )
    wanted = list(dict.fromkeys(stemmed))
    rows = connection.execute(held, {"terms": list(map(_quoted, wanted)), "role": role})
    return {wanted[n - 1]: count for n, count in rows}, total


def passage_ids(connection: sa.Connection) -> set[str]:
    return set(connection.scalars(sa.text("SELECT passage_id FROM passage_words")))


def _vector(said: Sequence[str]) -> str:
    """A tsvector as it is written; what is beyond its places is left out."""
    places: dict[str, list[str]] = defaultdict(list)
    for n, stem in enumerate(said[:_PLACES], start=1):
        places[stem].append(f"{n}A")
    return " ".join(f"{_quoted(stem)}:{','.join(at)}" for stem, at in places.items())


def _quoted(stem: str) -> str:
    return "'" + stem[:_LONGEST].replace("\\", "\\\\").replace("'", "''") + "'"
