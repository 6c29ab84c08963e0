"""The words of texts and of questions, as the keyword index knows them on every database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

MOST_TERMS = 32
# FTS5's tokenizer is the one that tells words apart and stems them, whatever the database.
TOKENIZE = "tokenize='porter unicode61 remove_diacritics 2'"
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
        scratch.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, {TOKENIZE})")
        scratch.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, instance)")
        rows = [(n, text.encode("utf-8", "replace").decode()) for n, text in enumerate(texts)]
        scratch.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)
        for term, row in scratch.execute("SELECT term, doc FROM words ORDER BY doc, offset"):
            found[row].append(term)
    finally:
        scratch.close()
    return found
