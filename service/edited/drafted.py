"""The untouched draft as a text: what a person begins to edit, and what code stands for in it.

A sentence that is still as drafted, with the same citations, needs no other proof: code wrote it
from the ledger, and with the memo it is checked anew whenever it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.edited.text import Place, citation, read
from service.export.blocks import Block, Chart, Heading, Mark, Para, Prose, Said, Table, View
from service.export.view import viewed
from service.shapes import Memo, Quote

Unit = tuple[str, frozenset[Place]]  # a sentence's words and where they point

_MARKUP = re.compile(r"([\\*]|!(?=\[)|\[(?=\^))")
_OPENING = re.compile(r"^(#{1,6}(?=\s)|[-+>|](?=\s|$|\|)|[>|])")
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s)")


@dataclass(frozen=True, slots=True)
class Draft:
    """``sentences`` are those that code wrote, each with the quotes it rests on."""

    memo: Memo
    view: View
    text: str
    sentences: dict[Unit, tuple[Quote, ...]]


def draft_of(memo: Memo) -> Draft:
    """The draft that ``memo`` is, as it holds now."""
    view, quotes = viewed(memo)
    text = "\n".join(_written(view, quotes)) + "\n"
    by_place: dict[Place, list[Quote]] = {}
    for quote in quotes:
        by_place.setdefault((quote.call_id, quote.utterance), []).append(quote)
    sentences: dict[Unit, tuple[Quote, ...]] = {}
    for piece in read(text):
        for one in piece.sentences:
            own = (_told(by_place[place], one.words) for place in one.places)
            sentences[one.words, frozenset(one.places)] = tuple(own)
    return Draft(memo, view, text, sentences)


def _told(quotes: Sequence[Quote], words: str) -> Quote:
    """Of the quotes at one place the one that the sentence shows, else the first."""
    shown = (q for q in quotes if " ".join(q.text.split())[:20] in words)
    return next(shown, quotes[0])


def _written(view: View, quotes: Sequence[Quote]) -> Iterator[str]:
    yield f"# {escaped(view.title)}"
    chart = 0
    for section in view.sections:
        yield ""
        yield f"## {escaped(section.title)}"
        before: Block | None = None
        for block in section.blocks:
            if not (_is_item(block) and before is not None and _is_item(before)):
                yield ""
            chart += isinstance(block, Chart)
            yield from _block(block, quotes, chart)
            before = block


def _is_item(block: Block) -> bool:
    return isinstance(block, Para) and block.tone in ("bullet", "prompt")


def _block(block: Block, quotes: Sequence[Quote], chart: int) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"### {escaped(block.text)}"
        if block.facts:
            yield f"*{escaped(block.facts)}*"
    elif isinstance(block, Said):
        yield f"> “{escaped(block.text)}”"
        yield f"> — {escaped(block.by)} {_marks([block.mark], quotes)}"
    elif isinstance(block, Chart):
        yield f"![{escaped(block.title).replace(']', '')}](chart:{chart})"
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Prose):
        raise TypeError("a draft has no edited prose")
    else:
        yield _para(block, quotes)


def _para(block: Para, quotes: Sequence[Quote]) -> str:
    words = escaped(block.text)
    if block.tone == "quiet" and words:
        words = f"*{words}*"
    lead = f"**{escaped(block.lead)}** " if block.lead else ""
    marks = _marks(block.marks, quotes)
    whole = f"{lead}{words}{' ' if marks else ''}{marks}"
    return f"{ {'bullet': '- ', 'prompt': '- [ ] '}.get(block.tone, '') }{whole}"


def _table(table: Table) -> Iterator[str]:
    def row(cells: Iterable[str]) -> str:
        return "| " + " | ".join(escaped(c).replace("|", "\\|") for c in cells) + " |"

    yield row(table.columns)
    sides = ("---:" if n in table.numbers else "---" for n in range(len(table.columns)))
    yield f"| {' | '.join(sides)} |"
    yield from map(row, table.rows)


def _marks(marks: Iterable[Mark], quotes: Sequence[Quote]) -> str:
    places = ((quotes[m.number - 1].call_id, quotes[m.number - 1].utterance) for m in marks)
    return "".join(map(citation, dict.fromkeys(places)))


def escaped(text: str) -> str:
    """One line of ``text`` so that it is read as exactly that."""
    plain = _OPENING.sub(r"\\\1", _MARKUP.sub(r"\\\1", text.strip()))
    return _NUMBER.sub(r"\1\\\2", plain)
