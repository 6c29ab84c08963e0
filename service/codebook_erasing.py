"""Takes a call's words out of the codebook and its history before the call is erased.

What was judged about the call goes with it. Besides, its words may have been written elsewhere: as
an example that was exported and loaded again, in a definition, as the name of a code. Wherever six
words in a row are those of the call, an example goes and any other text has a gap in their place.
A dismissed theme that a model named by the call is left with its number alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from ingest import correction_log
from ingest.store import list_utterances
from ingest.tables import codebook_history, codes, evidence_edits, judgements
from service.codebook_judging import is_named_after, nameless
from service.codebook_store import called
from service.codebook_undo import Before, Row, merged

_RUN = 6  # words; fewer in a row are anybody's
_Run = tuple[str, ...]
_WORD = re.compile(r"\w+")
_TEXTS = ("label", "definition", "include", "exclude")


def forget(connection: sa.Connection, call_id: str, themes: Sequence[str] = ()) -> None:
    """Take out every trace of the call's words, while the call is still there.

    ``themes`` are ids of those that a model named and that go with the call.
    """
    history = connection.execute(sa.select(codebook_history)).all()
    into = merged(connection)
    words = _Words(
        call_id,
        _said(connection, call_id, [entry.before for entry in history]),
        {into[theme]: theme for theme in themes if theme in into},
    )
    for row in connection.execute(sa.select(judgements)).mappings().all():
        if words.judged(row["call_id"], row["words"]):
            where = judgements.c.judgement_id == row["judgement_id"]
            connection.execute(judgements.delete().where(where))
    for row in connection.execute(sa.select(codes)).mappings().all():
        clean = words.without(dict(row))
        if clean != row:
            where = codes.c.code_id == row["code_id"]
            connection.execute(codes.update().where(where).values(clean))
    cleaned = [(entry, words.before(entry.before)) for entry in history]
    for entry, before in cleaned:
        what = entry.what
        for old, new in words.renamed.items():
            what = what.replace(called(old), called(new))
        if (before, what) != (entry.before, entry.what):
            where = codebook_history.c.seq == entry.seq
            connection.execute(
                codebook_history.update().where(where).values(before=before, what=what)
            )


def gaps(connection: sa.Connection, call_id: str) -> Callable[[str], str]:
    """What puts a gap into a text wherever it repeats the call, while the call is still there."""
    befores = connection.scalars(sa.select(codebook_history.c.before)).all()
    return _Words(call_id, _said(connection, call_id, befores)).gaps


def _said(connection: sa.Connection, call_id: str, befores: Iterable[Before]) -> set[_Run]:
    """The runs of words known to have been said in the call, also in earlier hearings of it."""
    texts = []
    for utterance in list_utterances(connection, call_id):
        texts += [utterance.text, utterance.original or ""]
    texts += correction_log.texts(connection, call_id)
    for table in (judgements, evidence_edits):
        texts += connection.scalars(sa.select(table.c.words).where(table.c.call_id == call_id))
    for before in befores:
        texts += [str(j["words"]) for j in before["judgements"] if j["call_id"] == call_id]
    return {run for text in texts for run in _runs(text)}


def _runs(text: str) -> list[_Run]:
    words = [word.casefold() for word in _WORD.findall(text)]
    return [tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1)]


@dataclass(slots=True)
class _Words:
    """What one call said, and which labels had to change because they repeated it."""

    call_id: str
    said: set[_Run]
    dismissed: Mapping[str, str] = field(default_factory=dict)  # code to theme, see ``forget``
    renamed: dict[str, str] = field(default_factory=dict)

    def gaps(self, text: str) -> str:
        """``text`` with a gap wherever it repeats the call."""
        spans = [found.span() for found in _WORD.finditer(text)]
        runs = _runs(text)
        taken = {n + k for n, run in enumerate(runs) if run in self.said for k in range(_RUN)}
        clean, at = "", 0
        for n in sorted(taken):
            if n - 1 not in taken:
                clean += text[at : spans[n][0]] + "[…]"
            at = spans[n][1]
        return clean + text[at:]

    def judged(self, call_id: object, words: str) -> bool:
        return call_id == self.call_id or (call_id is None and self.gaps(words) != words)

    def without(self, row: Row) -> Row:
        """A row of the codes whose texts are its own."""
        clean = {**row, **{name: self.gaps(str(row[name])) for name in _TEXTS}}
        theme = self.dismissed.get(str(row["code_id"]))
        if theme is not None and is_named_after(str(row["label"]), theme):
            self.renamed[str(row["label"])] = nameless(theme)
            return {**clean, "label": nameless(theme), "definition": ""}
        if clean["label"] != row["label"]:
            # Two labels may have become one; the id keeps them apart.
            clean["label"] = f"{str(clean['label'])[:180]} {row['code_id']}"
            self.renamed[str(row["label"])] = str(clean["label"])
        return clean

    def before(self, before: Before) -> Before:
        return Before(
            codes={
                code_id: None if row is None else self.without(row)
                for code_id, row in before["codes"].items()
            },
            judgements=[
                j for j in before["judgements"] if not self.judged(j["call_id"], str(j["words"]))
            ],
            merged=before["merged"],
        )
