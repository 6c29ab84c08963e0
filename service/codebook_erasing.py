"""Takes what is erased out of the codebook and its history, before it is.

What was judged about it goes with it. Besides, its words may have been written elsewhere: as an
example that was exported and loaded again, in a definition, as the name of a code. Wherever six
words in a row are those that go, an example goes and any other text has a gap in their place.
A dismissed theme that a model named by the call is left with its number alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from ingest.tables import codebook_history, codes, judgements
from service.codebook_judging import is_named_after, nameless
from service.codebook_store import called
from service.codebook_undo import Before, Row, merged
from service.gone import Gone

_TEXTS = ("label", "definition", "include", "exclude")


def forget(connection: sa.Connection, gone: Gone, themes: Sequence[str] = ()) -> None:
    """Take out every trace of what goes, while the call is still there.

    ``themes`` are ids of those that a model named and that go with the call.
    """
    history = connection.execute(sa.select(codebook_history)).all()
    into = merged(connection)
    words = _Words(gone, {into[theme]: theme for theme in themes if theme in into})
    for row in map(dict, connection.execute(sa.select(judgements)).mappings().all()):
        where = judgements.c.judgement_id == row["judgement_id"]
        if words.judged(row):
            connection.execute(judgements.delete().where(where))
        elif (told := words.quoted(row)) != row["words"]:
            connection.execute(judgements.update().where(where).values(words=told))
    for code in map(dict, connection.execute(sa.select(codes)).mappings().all()):
        clean = words.without(code)
        if clean != code:
            where = codes.c.code_id == code["code_id"]
            connection.execute(codes.update().where(where).values(clean))
    cleaned = [(entry, words.before(entry.before)) for entry in history]
    for entry, before in cleaned:
        what = entry.what
        for old, new in words.renamed.items():
            what = what.replace(called(old), called(new))
        what = gone.named(what)
        if (before, what) != (entry.before, entry.what):
            where = codebook_history.c.seq == entry.seq
            connection.execute(
                codebook_history.update().where(where).values(before=before, what=what)
            )


@dataclass(slots=True)
class _Words:
    """What goes, and which labels had to change because they repeated it."""

    gone: Gone
    dismissed: Mapping[str, str] = field(default_factory=dict)  # code to theme, see ``forget``
    renamed: dict[str, str] = field(default_factory=dict)

    def judged(self, row: Mapping[str, object]) -> bool:
        """Whether the words that were judged go: said in the call, or written elsewhere."""
        words = str(row["words"])
        if row["call_id"] is None:
            return self.gone.gaps(words) != words
        return self.gone.has(row["call_id"], row["utterance"])

    def quoted(self, row: Mapping[str, object]) -> str:
        """The words of one that stays, as they read from now on."""
        words = str(row["words"])
        call_id = row["call_id"]
        return self.gone.named(words) if call_id is None else self.gone.quoted(str(call_id), words)

    def without(self, row: Row) -> Row:
        """A row of the codes whose texts are its own."""
        clean = {**row, **{name: self.gone.without(str(row[name])) for name in _TEXTS}}
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
                {**j, "words": self.quoted(j)} for j in before["judgements"] if not self.judged(j)
            ],
            merged=before["merged"],
        )
