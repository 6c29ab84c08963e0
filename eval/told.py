"""Everything the product hands out about a corpus, as the JSON that others would get.

Scored as documents, not as models: a field that is added to a memo is looked at without anybody
thinking of it. One example: the memo of Larkspur has a quote at ``needs.0.evidence.2``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import BaseModel

from eval.gold import Place
from eval.observed import Observed

Path = tuple[str, ...]
Node = Mapping[str, object]

Sort = Literal["look-up", "answer", "theme", "memo", "board"]


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    sort: Sort
    body: Node


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote and where it stands; ``path`` is of keys and numbers."""

    document: Document
    path: Path
    node: Node

    @property
    def place(self) -> Place:
        return str(self.node["call_id"]), cast(int, self.node["utterance"])

    @property
    def text(self) -> str:
        return str(self.node["text"])

    def under(self, *names: str) -> bool:
        """Whether one of the keys above it begins with one of ``names``."""
        return any(key.startswith(names) for key in self.path)

    def __str__(self) -> str:
        where = ".".join(self.path)
        return f"{self.document.name} {where}: {self.place[0]}#{self.place[1]} {self.text[:160]}"


def documents(seen: Observed) -> list[Document]:
    """Answers, themes with and without codebook, the memo and the board."""
    by_words = {f"{name} by words": answer for name, answer in seen.unfiltered.items()}
    found = [
        Document(name, "look-up" if answer.kind == "lookup" else "answer", _dump(answer))
        for name, answer in {**seen.answers, **by_words}.items()
    ]
    found.append(Document("everyone", "answer", _dump(seen.everyone)))
    for called, lists in (("candidate", seen.candidates), ("confirmed", seen.confirmed)):
        if lists is not None:
            for order in ("everyone", "by_arr", "by_accounts"):
                held = [(f"{called} {order} {t.id}", t) for t in getattr(lists, order)]
                found += [Document(name, "theme", _dump(theme)) for name, theme in held]
    found.append(Document("memo", "memo", _dump(seen.memo)))
    # The board does not say what it was asked for.
    asked = {"filters": {"top": seen.corpus.top_n}}
    found.append(Document("board", "board", {**_dump(seen.board), **asked}))
    return found


def nodes(value: object, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every object in a document, the outer ones first."""
    if isinstance(value, Mapping):
        yield path, value
        for key, inner in value.items():
            yield from nodes(inner, (*path, str(key)))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from nodes(inner, (*path, str(n)))


def quotes(document: Document) -> Iterator[Shown]:
    """Every quote in a document."""
    for path, node in nodes(document.body):
        if {"call_id", "utterance", "text", "speaker"} <= node.keys():
            yield Shown(document, path, node)


def strings(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a document, quotes' texts as well."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings(inner, (*path, str(key)))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from strings(inner, (*path, str(n)))


def _dump(model: BaseModel) -> Node:
    body: Node = model.model_dump(mode="json")
    return body
