"""The keyword index on PostgreSQL: a column of words (tsvector) under a GIN index.

The words come stemmed, so that both databases know the same ones. Own words bear the letter A,
those of the neighbours D.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from ingest.keywords.terms import stems
from ingest.keywords.weights import AROUND_WEIGHT, BEST, around
from ingest.models import Role
from ingest.passages import Passage

# PostgreSQL's limits: bytes of a word (2,046), and places, of which the last must be free.
_LONGEST = 500
_PLACES = 16_000
_GAP = 10  # places between own words and others, so that no phrase reaches over
_WEIGHTS = f"{{{AROUND_WEIGHT},{AROUND_WEIGHT},{AROUND_WEIGHT},1}}"  # of D, C, B, A

_PUT = sa.text(
    "INSERT INTO passage_words (passage_id, call_id, role, words) "
    "VALUES (:id, :call, :role, CAST(:words AS tsvector))"
)
# As in BM25, what stands in most passages weighs next to nothing.
_MATCH = """
    WITH asked AS (SELECT term FROM unnest(CAST(:terms AS tsquery[])) AS term),
    whole AS (SELECT count(*) AS n FROM passage_words WHERE role = :role),
    weighed AS (
        SELECT term, greatest(ln((whole.n - held.n + 0.5) / (held.n + 0.5)), 1e-6) AS weight
        FROM whole, asked, LATERAL (
            SELECT count(*) AS n FROM passage_words WHERE role = :role AND words @@ term
        ) AS held
    )
    SELECT passage_id, sum(weight * ts_rank(CAST(:weights AS real[]), words, term, 1)) AS score
    FROM weighed JOIN passage_words ON words @@ term
    WHERE role = :role {scope}
    GROUP BY passage_id ORDER BY score DESC, passage_id LIMIT :best
"""
_ALL = sa.text(_MATCH.format(scope=""))
_SOME = sa.text(_MATCH.format(scope="AND call_id = ANY(:calls)"))


def put(connection: sa.Connection, call_id: str, passages: Sequence[Passage]) -> None:
    drop(connection, call_id)
    by_role: dict[Role, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_role[passage.role].append(passage)
    for role, own in by_role.items():
        stemmed = stems([p.text for p in own] + around(own))
        rows = [
            {"id": p.passage_id, "call": call_id, "role": role, "words": _vector(said, beside)}
            for p, said, beside in zip(own, stemmed, stemmed[len(own) :], strict=False)
        ]
        connection.execute(_PUT, rows)


def drop(connection: sa.Connection, call_id: str) -> None:
    delete = sa.text("DELETE FROM passage_words WHERE call_id = :call")
    connection.execute(delete, {"call": call_id})


def drop_all(connection: sa.Connection) -> None:
    connection.execute(sa.text("DELETE FROM passage_words"))


def match(
    connection: sa.Connection, role: Role, terms: Sequence[str], calls: Collection[str] | None
) -> dict[str, float]:
    asked = [" <-> ".join(map(_quoted, words)) for words in stems(terms) if words]
    given: dict[str, object] = {"terms": asked, "role": role, "weights": _WEIGHTS, "best": BEST}
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
        "SELECT asked.n, count(words) "
        "FROM unnest(CAST(:terms AS tsquery[])) WITH ORDINALITY AS asked (term, n) "
        "LEFT JOIN passage_words ON words @@ term AND role = :role "
        "GROUP BY asked.n"
    )
    wanted = list(dict.fromkeys(stemmed))
    terms = [f"{_quoted(stem)}:A" for stem in wanted]
    rows = connection.execute(held, {"terms": terms, "role": role})
    return {wanted[n - 1]: count for n, count in rows}, total


def passage_ids(connection: sa.Connection) -> set[str]:
    return set(connection.scalars(sa.text("SELECT passage_id FROM passage_words")))


def _vector(said: Sequence[str], beside: Sequence[str]) -> str:
    """A tsvector as it is written; what is beyond its places is left out."""
    places: dict[str, list[str]] = defaultdict(list)
    for n, stem in enumerate(said[:_PLACES], start=1):
        places[stem].append(f"{n}A")
    start = len(said) + _GAP
    for n, stem in enumerate(beside[: max(0, _PLACES - start)], start=start):
        places[stem].append(f"{n}")
    return " ".join(f"{_quoted(stem)}:{','.join(at)}" for stem, at in places.items())


def _quoted(stem: str) -> str:
    return "'" + stem[:_LONGEST].replace("\\", "\\\\").replace("'", "''") + "'"
