"""An edited text as the view that every rendering shows, and that the page shows as well.

Quotes come from the calls; a sentence whose evidence is wanting says so behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import sqlalchemy as sa

from ingest import gate
from ingest.tables import calls
from service.edited.gate import Checked, Desk, Status, check
from service.edited.text import Piece
from service.export.blocks import (
    Block,
    Chart,
    Heading,
    Para,
    Prose,
    Section,
    Span,
    Table,
    Tone,
    View,
)
from service.export.notes import Notes
from service.export.words import clean, counted
from service.shapes import Quote

MARKS: dict[Status, str] = {
    "unevidenced": "not evidenced",
    "not found": "not evidenced: its citation is not found",
    "withdrawn": "not evidenced: its quote was withdrawn",
    "changed": "the quote has changed since",
    "not borne": "not evidenced: its quotes do not bear it",
}
_TONES: dict[str, Tone] = {"bullet": "bullet", "task": "prompt"}
_OPENING = "In short"  # what stands before the first heading


@dataclass(slots=True)
class Edited:
    """The view of a text, with the quote of each of its notes and every sentence as checked."""

    view: View
    quotes: list[Quote]
    checked: list[Checked] = field(default_factory=list)


def edited(connection: sa.Connection, pieces: Sequence[Piece], desk: Desk) -> Edited:
    """What ``pieces`` show, by the desk that they were read for."""
    memo = desk.draft.memo
    named = {**dict(desk.known.names), **memo.names}
    notes = Notes(memo.model_copy(update={"names": named, "calls": _titles(connection, desk)}))
    writer = _Writer(desk, notes, list(_charts(desk.draft.view)))
    title, sections = writer.sections(pieces)
    flags = {s.title: s for s in desk.draft.view.sections}
    made = [
        replace(s, page=flags[s.title].page, together=flags[s.title].together)
        if s.title in flags
        else s
        for s in sections
    ]
    view = replace(
        desk.draft.view,
        title=title or desk.draft.view.title,
        sections=tuple(made),
        notes=tuple(notes.notes),
    )
    return Edited(view, notes.quotes, writer.checked)


def with_doubts(made: Edited) -> View:
    """The view as a file has it: it says first how many sentences are marked."""
    wanting = sum(c.failing for c in made.checked)
    if not wanting:
        return made.view
    stand = "stands" if wanting == 1 else "stand"
    told = f"{counted(wanting, 'sentence')} about customers {stand} without evidence, marked."
    first = Section("Edited by hand", (Para(told, tone="quiet"),))
    return replace(made.view, sections=(first, *made.view.sections))


def _titles(connection: sa.Connection, desk: Desk) -> dict[str, str]:
    """Headings of the calls cited, also of those the draft did not cite."""
    ids = {call_id for call_id, _ in desk.spoken} - set(desk.draft.memo.calls)
    query = sa.select(calls.c.call_id, calls.c.title, calls.c.date).where(calls.c.call_id.in_(ids))
    found = {
        row.call_id: f"{row.title}, {row.date.isoformat()}" if row.date else row.title
        for row in connection.execute(query)
    }
    return {**desk.draft.memo.calls, **found}


def _charts(view: View) -> Iterator[Chart]:
    for section in view.sections:
        yield from (block for block in section.blocks if isinstance(block, Chart))


@dataclass(slots=True)
class _Writer:
    desk: Desk
    notes: Notes
    charts: Sequence[Chart]
    checked: list[Checked] = field(default_factory=list)

    def sections(self, pieces: Sequence[Piece]) -> tuple[str, list[Section]]:
        title, sections = "", []
        heading, blocks = "", list[Block]()
        for is_cell, group in groupby(pieces, lambda p: p.kind == "cell"):
            held = list(group)
            if is_cell:
                blocks += self.tables(held)
                continue
            for piece in held:
                if piece.kind == "title" and not title:
                    title = self.label(piece)
                elif piece.kind in ("title", "section"):
                    if heading or blocks:
                        sections.append(Section(heading or _OPENING, tuple(blocks)))
                    heading, blocks = self.label(piece) or " ", []
                else:
                    self.put(piece, blocks)
        if heading or blocks:
            sections.append(Section(heading or _OPENING, tuple(blocks)))
        return title, sections

    def put(self, piece: Piece, blocks: list[Block]) -> None:
        before = blocks[-1] if blocks else None
        if piece.kind == "chart":
            blocks += self.charts[piece.chart - 1 : piece.chart] if piece.chart else []
        elif piece.kind == "heading":
            blocks.append(Heading(self.label(piece)))
        elif piece.kind == "said":
            blocks.append(self.said(piece))
        elif _is_facts(piece) and isinstance(before, Heading) and not before.facts:
            blocks[-1] = replace(before, facts=self.label(piece))
        else:
            blocks.append(self.prose(piece))

    def prose(self, piece: Piece) -> Prose:
        quiet = _is_quiet(piece)
        spans = [
            replace(span, italic=span.italic and not quiet)
            for one in self.check(piece)
            for span in self.spans(one)
        ]
        return Prose(tuple(spans), _TONES.get(piece.kind, "quiet" if quiet else "plain"))

    def spans(self, one: Checked) -> Iterator[Span]:
        runs = [run for run in one.sentence.runs if run.text]
        marks = self.notes.marks(one.quotes, clean(one.sentence.words))
        doubt = MARKS.get(one.status, "")
        last = max((n for n, run in enumerate(runs) if run.text.strip()), default=-1)
        if last < 0:
            yield Span("", marks, doubt=doubt)
        for n, run in enumerate(runs):
            words, rest = _parted(run.text) if n == last else (run.text, "")
            own = marks if n == last else ()
            told = doubt if n == last else ""
            yield Span(_line(words), own, run.bold, run.italic, one.failing, told)
            if rest:
                yield Span(" ")

    def said(self, piece: Piece) -> Block:
        """The quote as it stands in the call; where it does not stand there, prose in doubt."""
        for one in self.check(piece):
            for quote in one.quotes:
                words = one.sentence.words.strip("“”\"' …")
                if not one.failing and gate.find_exactly(words, quote.text):
                    return self.notes.said(quote)
            return Prose(tuple(self.spans(one)))
        return Prose(())

    def tables(self, cells: Sequence[Piece]) -> Iterator[Table]:
        for table in _tables(cells):
            rows = [[self.cell(cell) for cell in row] for row in table]
            heading = rows.pop(0) if table[0][0].row == 0 else [""] * len(rows[0])
            width = max(len(heading), *(len(row) for row in rows)) if rows else len(heading)
            filled = [tuple(row + [""] * (width - len(row))) for row in [heading, *rows]]
            numbers = tuple(c.column for c in table[0] if c.right)
            yield Table(filled[0], tuple(filled[1:]), numbers)

    def cell(self, piece: Piece) -> str:
        told = []
        for one in self.check(piece):
            doubt = f" [{MARKS[one.status]}]" if one.failing else ""
            notes = "".join(f" ({m.number})" for m in self.notes.marks(one.quotes))
            told.append(f"{clean(one.sentence.words)}{notes}{doubt}")
        return " ".join(told)

    def label(self, piece: Piece) -> str:
        """A heading: words alone, with its doubt in words."""
        told = []
        for one in self.check(piece):
            doubt = f" [{MARKS[one.status]}]" if one.failing else ""
            told.append(clean(one.sentence.words) + doubt)
        return " ".join(told)

    def check(self, piece: Piece) -> list[Checked]:
        found = check(piece, self.desk)
        self.checked += found
        return found


def _tables(cells: Iterable[Piece]) -> Iterator[list[list[Piece]]]:
    """Cells by table and row: rows count on within a table."""
    table: list[list[Piece]] = []
    for cell in cells:
        if cell.column == 0:
            if table and cell.row <= table[-1][0].row:
                yield table
                table = []
            table.append([])
        table[-1].append(cell)
    if table:
        yield table


def _is_quiet(piece: Piece) -> bool:
    runs = [run for one in piece.sentences for run in one.runs if run.text.strip()]
    return piece.kind == "para" and bool(runs) and all(run.italic for run in runs)


def _is_facts(piece: Piece) -> bool:
    return _is_quiet(piece) and not any(s.places or s.astray for s in piece.sentences)


def _parted(text: str) -> tuple[str, str]:
    words = text.rstrip()
    return words, text[len(words) :]


def _line(text: str) -> str:
    """As ``clean``, but a space at either end stays."""
    inner = clean(text)
    lead = " " if text[:1].isspace() else ""
    return f"{lead}{inner}{' ' if inner and text[-1:].isspace() else ''}" if inner else lead
