"""What is being erased, and how it is found wherever people or models repeated it.

A whole call, or what one person said in it. Its words are found by six in a row, wherever they
stand; names, titles and addresses as whole words. What a person said about it in words of their
own stays theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from pydantic import JsonValue

from ingest import correction_log, runs
from ingest.runs import RUN, WORD, Run
from ingest.store import list_utterances
from ingest.tables import accounts, calls, codebook_history, evidence_edits, judgements, speakers

GAP = "[…]"
Mask = Callable[[str], str]


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Gone:
    """``utterances`` are their numbers in the call, ``None`` for all of it; ``said`` the runs of
    words said there, and ``earlier`` digests of those said in hearings before.

    ``named`` takes names out of any text. ``quoted`` takes them out of quotes of other people,
    given the call's id: their utterances have to read the same. ``wide`` is what ``named`` is for
    texts that are about the calls in which the person spoke.
    """

    call_id: str
    utterances: frozenset[int] | None = None
    said: frozenset[Run] = frozenset()
    earlier: frozenset[bytes] = frozenset()
    named: Mask = _same
    wide: Mask | None = None
    quoted: Callable[[str, str], str] = field(default=lambda _call_id, text: text)

    @property
    def whole(self) -> bool:
        return self.utterances is None

    def has(self, call_id: object, utterance: object) -> bool:
        """Whether these words are what goes."""
        if call_id != self.call_id:
            return False
        return self.utterances is None or utterance in self.utterances

    def gaps(self, text: str) -> str:
        """``text`` with a gap wherever it repeats what goes."""
        spans = [found.span() for found in WORD.finditer(text)]
        found = runs.runs(text)
        taken = {n + k for n, run in enumerate(found) if self._goes(run) for k in range(RUN)}
        clean, at = "", 0
        for n in sorted(taken):
            if n - 1 not in taken:
                clean += text[at : spans[n][0]] + GAP
            at = spans[n][1]
        return clean + text[at:]

    def without(self, text: str) -> str:
        """``text`` with neither the words nor the names."""
        return self.named(self.gaps(text))

    def told_without(self, node: JsonValue) -> JsonValue:
        """``node`` with every text put through ``without``, and quotes of others as they read."""
        about = self.named if self.wide is None else self.wide
        return self._told(node, lambda text: about(self.gaps(text)))

    def _told(self, node: JsonValue, clean: Mask) -> JsonValue:
        if isinstance(node, str):
            return clean(node)
        if isinstance(node, list):
            return [self._told(item, clean) for item in node]
        if isinstance(node, dict):
            if "utterance" in node:
                call_id = str(node.get("call_id"))
                return _each(node, lambda text: self.quoted(call_id, text))
            return {key: self._told(value, clean) for key, value in node.items()}
        return node

    def _goes(self, run: Run) -> bool:
        return run in self.said or (bool(self.earlier) and runs.digest(run) in self.earlier)


def _each(node: dict[str, JsonValue], mask: Mask) -> JsonValue:
    return {key: mask(value) if isinstance(value, str) else value for key, value in node.items()}


def gone(connection: sa.Connection, call_id: str) -> Gone:
    """The whole call, while it is still there."""
    return Gone(
        call_id,
        said=said_in(connection, call_id),
        earlier=runs.earlier(connection, call_id),
        named=masking(_names(connection, call_id), GAP),
    )


def said_in(
    connection: sa.Connection,
    call_id: str,
    utterances: frozenset[int] | None = None,
    names: Iterable[str] = (),
) -> frozenset[Run]:
    """The runs of words known to have been said in the call, or in those utterances of it.

    ``names`` are those of who said them, for what a hearing lost.
    """

    def wanted(number: object) -> bool:
        return utterances is None or number in utterances

    texts: list[str] = []
    for utterance in list_utterances(connection, call_id):
        if wanted(utterance.i):
            texts += [utterance.text, utterance.original or ""]
    texts += correction_log.texts(connection, call_id, utterances, names)
    for table in (judgements, evidence_edits):
        query = sa.select(table.c.words, table.c.utterance).where(table.c.call_id == call_id)
        texts += [row.words for row in connection.execute(query) if wanted(row.utterance)]
    for before in connection.scalars(sa.select(codebook_history.c.before)):
        texts += [
            str(j["words"])
            for j in before["judgements"]
            if j["call_id"] == call_id and wanted(j["utterance"])
        ]
    return frozenset(run for text in texts for run in runs.runs(text))


def masking(names: Iterable[str], gap: str) -> Mask:
    """What puts ``gap`` in the place of each of ``names``, as whole words in whatever case."""
    longest = sorted({" ".join(name.split()) for name in names} - {""}, key=len, reverse=True)
    if not longest:
        return _same
    told = "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest)
    pattern = re.compile(rf"(?<!\w)(?:{told})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(gap, text)


def _names(connection: sa.Connection, call_id: str) -> list[str]:
    """The call's title and the names and addresses of those who spoke in it and in no other; no
    account's.
    """
    found: list[str] = []
    for column in (speakers.c.name, speakers.c.email, calls.c.title, calls.c.file_name):
        own = column.table.c.call_id
        here = set(connection.scalars(sa.select(column).where(own == call_id)))
        elsewhere = set(connection.scalars(sa.select(column).where(own != call_id)))
        found += here - elsewhere - {None}
    theirs = {name.casefold() for name in connection.scalars(sa.select(accounts.c.name))}
    # A single word is anybody's: "Ana", "Intro". An address and a file's name are nobody else's.
    return [
        name
        for name in found
        if (len(name.split()) > 1 or "@" in name or "." in name[1:])
        and name.casefold() not in theirs
    ]
