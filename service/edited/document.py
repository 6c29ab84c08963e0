"""A version of a memo as JSON: the same view as its files, for a page that plays its quotes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from xml.etree import ElementTree

from pydantic import SerializerFunctionWrapHandler, model_serializer

from ingest.library import Library
from ingest.models import Frozen
from service.edited import versions
from service.edited.gate import Checked, Status
from service.edited.versions import RESTS_ON, Shown, newest, shown
from service.export.blocks import Block, Chart, Heading, Note, Para, Prose, Table, Tone
from service.export.drawing import ACCENT, INK, LINE, QUIET, WARN
from service.remembering import remembered
from service.shapes import Quote

_COLOURS = {
    INK: "ink",
    QUIET: "quiet",
    LINE: "line",
    ACCENT: "accent",
    WARN: "warn",
    "#ffffff": "inverse",
}
_SVG = "{http://www.w3.org/2000/svg}"
_SAID = (f"{_SVG}title", f"{_SVG}desc")
_HELD = 4  # documents kept in memory


class _Sparse(Frozen):
    """What is empty is left out of the JSON: most fields of most blocks are."""

    @model_serializer(mode="wrap")
    def _filled(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {name: value for name, value in handler(self).items() if value}


class WordsShown(_Sparse):
    """Words that look alike; ``notes`` are the numbers behind them."""

    text: str
    bold: bool = False
    italic: bool = False
    notes: tuple[int, ...] = ()
    doubted: bool = False
    doubt: str = ""


class Shape(_Sparse):
    """A line, bar, dot or text of a drawing; ``colour`` is a name: ink, quiet, line, accent, warn,
    inverse.

    All ``attributes`` are numbers of geometry, or names of SVG.
    """

    tag: str
    attributes: dict[str, str]
    colour: str
    text: str = ""


class TableShown(Frozen):
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


class BlockShown(_Sparse):
    """One block; which fields are filled hangs on its ``kind``."""

    kind: Literal["heading", "said", "prose", "table", "chart"]
    text: str = ""
    facts: str = ""
    tone: Tone = "plain"
    words: tuple[WordsShown, ...] = ()
    notes: tuple[int, ...] = ()
    table: TableShown | None = None
    shapes: tuple[Shape, ...] = ()
    size: str = ""


class SectionShown(Frozen):
    title: str
    blocks: tuple[BlockShown, ...]


class NoteShown(Frozen):
    """A quote as it stands in the call now."""

    number: int
    quote: Quote
    where: str
    doubt: str


class Document(Frozen):
    """A version as it is read. ``failing`` sentences about customers are without evidence."""

    memo_id: str
    version: int
    newest: int
    note: str
    created_at: datetime
    as_of: date
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[SectionShown, ...]
    notes: tuple[NoteShown, ...]
    failing: int


class Finding(Frozen):
    """What the gate says of a sentence; ``start`` and ``end`` count code points of the text."""

    line: int
    start: int
    end: int
    status: Status
    why: str | None
    failing: bool
    quotes: tuple[Quote, ...]


class Findings(Frozen):
    """The sentences of a text that cite something or have to; those as drafted are left out."""

    sentences: tuple[Finding, ...]
    checked: int
    failing: int


def document(library: Library, memo_id: str, n: int | None = None) -> bytes:
    """A version as the JSON of a ``Document``, the newest unless ``n`` says which; from memory
    while the calls are the same. Raises ``NotFound``.
    """
    found = shown(library, memo_id, n)
    with library.read() as connection:
        last = newest(connection, memo_id)
        line = found.version

        def make() -> bytes:
            return _document(found, last).model_dump_json().encode()

        what = ("memo documents", bytes)
        of = (memo_id, line.created_at, line.n, last)
        return remembered(library, connection, what, RESTS_ON, make, of=of, most=_HELD)


def findings(library: Library, memo_id: str, text: str) -> Findings:
    """The gate's findings on ``text``. Raises ``NotFound`` and ``BadInput``."""
    every = versions.checked(library, memo_id, text)
    told = [one for one in every if one.status not in ("drafted", "plain")]
    return Findings(
        sentences=tuple(map(finding, told)),
        checked=len(every),
        failing=sum(one.failing for one in told),
    )


def finding(one: Checked) -> Finding:
    return Finding(
        line=one.sentence.line,
        start=one.sentence.start,
        end=one.sentence.end,
        status=one.status,
        why=one.why,
        failing=one.failing,
        quotes=one.quotes,
    )


def _document(found: Shown, last: int) -> Document:
    line, view = found.version, found.edited.view
    return Document(
        memo_id=line.memo_id,
        version=line.n,
        newest=last,
        note=line.note,
        created_at=line.created_at,
        as_of=view.day,
        title=view.title,
        subtitle=view.subtitle,
        facts=view.facts,
        sections=tuple(
            SectionShown(title=s.title, blocks=tuple(map(_block, s.blocks))) for s in view.sections
        ),
        notes=tuple(map(_note, view.notes, found.edited.quotes)),
        failing=sum(one.failing for one in found.edited.checked),
    )


def _note(note: Note, quote: Quote) -> NoteShown:
    return NoteShown(number=note.number, quote=quote, where=note.where, doubt=note.doubt)


def _block(block: Block) -> BlockShown:
    if isinstance(block, Heading):
        return BlockShown(kind="heading", text=block.text, facts=block.facts)
    if isinstance(block, Table):
        return BlockShown(kind="table", table=_table(block))
    if isinstance(block, Chart):
        drawing = ElementTree.fromstring(block.svg)  # drawn by us
        return BlockShown(
            kind="chart",
            text=block.title,
            facts=block.description,
            table=_table(block.table),
            shapes=tuple(_shape(e) for e in drawing if e.tag not in _SAID),
            size=drawing.get("viewBox", ""),
        )
    if isinstance(block, Prose):
        words = tuple(
            WordsShown(
                text=s.text,
                bold=s.bold,
                italic=s.italic,
                notes=tuple(m.number for m in s.marks),
                doubted=s.doubted,
                doubt=s.doubt,
            )
            for s in block.spans
        )
        return BlockShown(kind="prose", tone=block.tone, words=words)
    if isinstance(block, Para):
        words = (
            WordsShown(text=block.lead and f"{block.lead} ", bold=True),
            WordsShown(text=block.text, notes=tuple(m.number for m in block.marks)),
        )
        return BlockShown(kind="prose", tone=block.tone, words=words)
    return BlockShown(kind="said", text=block.text, facts=block.by, notes=(block.mark.number,))


def _table(table: Table) -> TableShown:
    return TableShown(columns=table.columns, rows=table.rows, numbers=table.numbers)


def _shape(element: ElementTree.Element) -> Shape:
    attributes = dict(element.attrib)
    fill, stroke = attributes.pop("fill", ""), attributes.pop("stroke", "")
    return Shape(
        tag=element.tag.removeprefix(_SVG),
        attributes=attributes,
        colour=_COLOURS.get(fill or stroke, "ink"),
        text=element.text or "",
    )
