"""Reads the text of a memo: blocks line by line, in them sentences with their citations.

The Markdown is small: headings, paragraphs, bullets, tasks, quotes, tables, ``**bold**``,
``*italic*``, ``[^CALL:14]`` for a citation and ``![…](chart:1)`` for one of the memo's charts.
Anything else, HTML and links among it, is what it is: characters. Spans are in code points of the
text, so that an editor can mark what is meant.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal, NamedTuple
from urllib.parse import quote as percent
from urllib.parse import unquote

from ingest.signs import sentences

Kind = Literal["title", "section", "heading", "para", "bullet", "task", "said", "cell", "chart"]
Place = tuple[str, int]  # a call and the number of an utterance in it

WITHDRAWN = "withdrawn"  # what is left of a citation when its call was erased
LONGEST_TEXT = 400_000  # characters

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_BULLET = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(\[[ xX]\][ \t]+)?")
_CHART = re.compile(r"!\[[^\]\n]*\]\(chart:(\d{1,3})\)[ \t]*")
_RULE = re.compile(r"[ \t]*(?:-[ \t]*){3,}|[ \t]*(?:\*[ \t]*){3,}")
_CELL = re.compile(r"(?:\\.|[^|\\])+")
_UNDER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_TOKEN = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~$&:])|\[\^([^\]\n]{1,400})\]")
_BOLD = re.compile(r"(?<!\\)\*\*(?=[^\s*])(?:\\.|[^*\\])*(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![*\w\\])\*(?=[^\s*])(?:\\.|[^*\\])*(?<=\S)\*(?![*\w])")
_CITED = re.compile(r"(.{1,300}):(\d{1,7})")
_BY = re.compile(r"\s*[—–-]{1,2}\s+")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look alike."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """``start`` to ``end`` is the span of the whole text it stands in, citations included.

    ``places`` are where its citations point, ``astray`` those citations that name no place.
    """

    start: int
    end: int
    line: int
    words: str
    runs: tuple[Run, ...]
    places: tuple[Place, ...] = ()
    astray: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A block. Of a quote the sentence is all of it, and ``by`` who is said to have said it; of a
    table every cell is a piece, in its ``row`` (0 is the heading) and column. ``chart`` counts
    from 1.
    """

    kind: Kind
    line: int
    sentences: tuple[Sentence, ...]
    by: str = ""
    row: int = 0
    column: int = 0
    right: bool = False
    chart: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    start: int
    text: str


def citation(place: Place) -> str:
    """A place as it is written in a text."""
    return f"[^{percent(place[0], safe='-._~ ')}:{place[1]}]"


def place_of(cited: str) -> Place | None:
    """Which place the words between ``[^`` and ``]`` name; ``None`` when they name none."""
    found = _CITED.fullmatch(cited)
    return (unquote(found[1]), int(found[2])) if found else None


def read(text: str) -> list[Piece]:
    """The pieces of ``text`` in their order."""
    return list(_pieces(_lines(text)))


def _lines(text: str) -> list[_Line]:
    lines, at = [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        lines.append(_Line(number, at, line.rstrip("\r")))
        at += len(line) + 1
    return lines


def _pieces(lines: Sequence[_Line]) -> Iterator[Piece]:
    for kind, group in groupby(lines, _sort):
        block = list(group)
        if kind == "heading":
            for line in block:
                yield _heading(line)
        elif kind == "chart":
            for line in block:
                found = _CHART.fullmatch(line.text)
                assert found is not None
                yield Piece("chart", line.number, (), chart=int(found[1]))
        elif kind == "bullet":
            yield from map(_bullet, block)
        elif kind == "quote":
            yield _said(block)
        elif kind == "table":
            yield from _table(block)
        elif kind == "para":
            yield Piece("para", block[0].number, _sentences(_chars(block)))


def _sort(line: _Line) -> str:
    text = line.text
    if not text.strip() or _RULE.fullmatch(text):
        return ""
    if _HEADING.match(text):
        return "heading"
    if _CHART.fullmatch(text):
        return "chart"
    if text.lstrip().startswith(">"):
        return "quote"
    if text.lstrip().startswith("|"):
        return "table"
    return "bullet" if _BULLET.match(text) else "para"


def _heading(line: _Line) -> Piece:
    found = _HEADING.match(line.text)
    assert found is not None
    kinds: tuple[Kind, Kind, Kind] = ("title", "section", "heading")
    kind = kinds[min(len(found[1]), 3) - 1]
    return Piece(kind, line.number, _sentences(_chars([line], found.start(2))))


def _bullet(line: _Line) -> Piece:
    found = _BULLET.match(line.text)
    assert found is not None
    kind: Kind = "task" if found[1] else "bullet"
    return Piece(kind, line.number, _sentences(_chars([line], found.end())))


def _said(block: Sequence[_Line]) -> Piece:
    """A quote: its words are one sentence, whatever stops they hold."""
    inner = [_Line(n.number, n.start + _mark(n.text), n.text[_mark(n.text) :]) for n in block]
    teller = _BY.match(inner[-1].text) if len(inner) > 1 else None
    whole = _sentence(_chars(inner))
    words = _sentence(_chars(inner[:-1] if teller else inner))
    if whole is None or words is None:
        return Piece("said", block[0].number, ())
    by = _sentence(_chars(inner[-1:], teller.end())) if teller else None
    one = replace(whole, words=words.words, runs=words.runs)
    return Piece("said", block[0].number, (one,), by=by.words if by else "")


def _mark(text: str) -> int:
    found = re.match(r"[ \t]*>[ \t]?", text)
    return found.end() if found else 0


def _table(block: Sequence[_Line]) -> Iterator[Piece]:
    under = [n for n, line in enumerate(block[:2]) if n and _UNDER.fullmatch(line.text.strip())]
    sides = block[1].text.strip().strip("|").split("|") if under else []
    row = 0 if under else 1
    for n, line in enumerate(block):
        if n in under:
            continue
        for column, (a, b) in enumerate(_cells(line.text)):
            cell = _Line(line.number, line.start + a, line.text[a:b])
            right = column < len(sides) and sides[column].strip().endswith("-:")
            sentence = _sentence(_chars([cell]))
            held = (sentence,) if sentence else ()
            yield Piece("cell", line.number, held, row=row, column=column, right=right)
        row += 1


def _cells(text: str) -> Iterator[tuple[int, int]]:
    inner = text.rstrip()
    at = len(text) - len(text.lstrip()) + 1
    last = len(inner) - 1 if inner.endswith("|") and not inner.endswith("\\|") else len(inner)
    while at <= last:
        found = _CELL.match(inner, at, last)
        end = found.end() if found else at
        yield at, end
        at = end + 1


# --- within a block ------------------------------------------------------------------------------


class _Cited(NamedTuple):
    word: int
    start: int
    end: int
    told: str


@dataclass(slots=True)
class _Chars:
    """What is to be read of a block: each character, where it stands, and how it looks.

    ``cited`` are its citations: after which word, from where to where, and what they say.
    """

    line: int
    text: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    looks: list[tuple[bool, bool]] = field(default_factory=list)  # bold, italic
    cited: list[_Cited] = field(default_factory=list)
    last: int = 0  # the last character that is not white space
    cited_last: bool = False  # a citation came after it

    def keep(self, char: str, at: int, look: tuple[bool, bool]) -> None:
        if not char.isspace():
            if self.cited_last and char in ".,;:!?…" and self.text and self.text[-1] == " ":
                for held in (self.text, self.at, self.looks):  # "lose a day [^LC-001:14]."
                    held.pop()
            self.cited_last = False
            self.last = len(self.text)
        self.text.append(char)
        self.at.append(at)
        self.looks.append(look)


def _chars(lines: Sequence[_Line], skip: int = 0) -> _Chars:
    parts: list[str] = []
    where: list[int] = []
    for n, line in enumerate(lines):
        first = 0 if n else skip
        if n:
            parts.append(" ")
            where.append(line.start - 1)
        parts.append(line.text[first:])
        where += range(line.start + first, line.start + len(line.text))
    source = "".join(parts)
    marks, bold, italic = _looks(source)
    made = _Chars(lines[0].number)
    at = 0
    for token in [*_TOKEN.finditer(source), None]:
        for n in range(at, token.start() if token else len(source)):
            if n not in marks:
                made.keep(source[n], where[n], (bold[n], italic[n]))
        if token is not None:
            n, at = token.start(), token.end()
            if token[1]:
                made.keep(token[1], where[n], (bold[n], italic[n]))
            else:
                made.cited.append(_Cited(made.last, where[n], where[at - 1] + 1, token[2]))
                made.cited_last = True
    return made


def _looks(source: str) -> tuple[set[int], list[bool], list[bool]]:
    """Which characters only say how others look; which are bold; which italic."""
    marks: set[int] = set()
    bold, italic = [False] * len(source), [False] * len(source)
    for pattern, size, look in ((_BOLD, 2, bold), (_ITALIC, 1, italic)):
        for found in pattern.finditer(source):
            a, b = found.span()
            if a not in marks and b - 1 not in marks:
                marks |= {*range(a, a + size), *range(b - size, b)}
                look[a:b] = [True] * (b - a)
    return marks, bold, italic


def _sentences(chars: _Chars) -> tuple[Sentence, ...]:
    starts = [a for a, _ in sentences("".join(chars.text))][1:]
    ends = [*starts, len(chars.text)]
    found = (_sentence(chars, a, b) for a, b in zip([0, *starts], ends, strict=True))
    return tuple(one for one in found if one is not None)


def _sentence(chars: _Chars, first: int = 0, last: int | None = None) -> Sentence | None:
    """A citation belongs to the sentence of the last word before it."""
    end = len(chars.text) if last is None else last
    low = bisect_left(chars.cited, first, key=lambda c: c.word)
    cited = chars.cited[low : bisect_left(chars.cited, max(end, 1), key=lambda c: c.word)]
    solid = [n for n in range(first, end) if not chars.text[n].isspace()]
    if not solid and not cited:
        return None
    starts = [*(chars.at[n] for n in solid[:1]), *(c.start for c in cited)]
    ends = [*(chars.at[n] + 1 for n in solid[-1:]), *(c.end for c in cited)]
    named = [(c.told, place_of(c.told)) for c in cited]
    return Sentence(
        min(starts),
        max(ends),
        chars.line,
        " ".join("".join(chars.text[first:end]).split()),
        tuple(_runs(chars, first, end)),
        tuple(dict.fromkeys(place for _, place in named if place is not None)),
        tuple(dict.fromkeys(told for told, place in named if place is None)),
    )


def _runs(chars: _Chars, first: int, end: int) -> Iterator[Run]:
    for look, group in groupby(range(first, end), chars.looks.__getitem__):
        yield Run("".join(chars.text[n] for n in group), *look)
