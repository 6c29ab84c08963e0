"""The keyword index: which passages hold a question's words, by BM25 over stemmed words.

On SQLite it is two FTS5 tables (one per role) in the same database, written in the same
transaction as the passages, so the two can never disagree. PostgreSQL's text search would take the
place of ``match`` and ``put`` here; nothing outside this file knows which it is.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from ingest.models import Role
from ingest.passages import Passage

# A passage is also found by the words around it, at less weight: the neighbours on each side.
NEIGHBOURS = 3
AROUND_WEIGHT = 0.4
MOST_TERMS = 32
# Up to so many calls are named in the query itself, which lets FTS5 skip all others; more than
# these are cut from the best of all.
_NAMED_CALLS = 256
_BEST = 2_000
_TOKENIZE = "tokenize='porter unicode61 remove_diacritics 2'"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

# Words that every question has.
STOP = frozenset(
    """a about above across after again against all also am an and any are as at be because been
    before being below between both but by can could did do does doing down during each few for
    from further had has have having he her here hers herself him himself his how i if in into is
    it its itself just let many may me might more most much must my myself no nor not of off on
    once only or other our ours out over own same shall she should so some such than that the
    their theirs them themselves then there these they this those through to too under until up
    upon us very was we were what when where which while who whom whose why will with would you
    your yours""".split()
)
# Words with which one asks about a conversation, and which say nothing about its matter.
FRAME = frozenset(
    """according answer answers ask asked asking asks call called caller calls client clients
    conclusion conversation conversations customer customers describe described discuss discussed
    discusses discussing discussion discussions everyone explain explained feel feels felt find
    found gave get gets give given got group main meeting mention mentioned mentions need needs
    opinion opinions people point points question questions regarding concerning said say saying
    says someone speak speaker speakers spoke summarise summarize summary talk talked talking talks
    team tell tells think thinks thought told topic topics view views want wanted wants""".split()
)


def content_terms(question: str) -> list[str]:
    """The words that say what is asked for, lower case, each once, at most ``MOST_TERMS``.

    Where nothing but the frame of a question is left, the frame is taken, then any word.
    """
    words = list(dict.fromkeys(w.lower().replace("’", "'") for w in _WORD.findall(question)))
    meant = [w for w in words if w.removesuffix("'s") not in STOP]
    chosen = [w for w in meant if w.removesuffix("'s") not in FRAME]
    return (chosen or meant or words)[:MOST_TERMS]


def stems(texts: Sequence[str]) -> list[list[str]]:
    """Each text's words as the index knows them, in order: lower case, no accents, Porter stem."""
    found: list[list[str]] = [[] for _ in texts]
    scratch = sqlite3.connect(":memory:")
    try:
        scratch.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, {_TOKENIZE})")
        scratch.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, instance)")
        rows = [(n, text.encode("utf-8", "replace").decode()) for n, text in enumerate(texts)]
        scratch.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)
        for term, row in scratch.execute("SELECT term, doc FROM words ORDER BY doc, offset"):
            found[row].append(term)
    finally:
        scratch.close()
    return found


def put(connection: sa.Connection, call_id: str, passages: Sequence[Passage]) -> None:
    """Index a call's passages in place of whatever was indexed of it."""
    _create(connection)
    drop(connection, call_id)
    by_role: dict[Role, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_role[passage.role].append(passage)
    for role, own in by_role.items():
        rows = [
            {"id": p.passage_id, "scope": _token(call_id), "text": p.text, "around": around}
            for p, around in zip(own, _around(own), strict=True)
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
        f"WHERE {table} MATCH :query ORDER BY score DESC LIMIT {_BEST}"
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
                f"USING fts5(passage_id UNINDEXED, scope, text, around, {_TOKENIZE})"
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


def _around(own: Sequence[Passage]) -> list[str]:
    """For each passage the text of its neighbours."""
    texts = [p.text for p in own]
    return [
        "\n".join(texts[max(0, n - NEIGHBOURS) : n] + texts[n + 1 : n + 1 + NEIGHBOURS])
        for n in range(len(texts))
    ]
