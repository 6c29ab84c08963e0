"""A memo as a Word document: true footnotes, tables, charts as pictures with their words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from service.export.blocks import (
    Block,
    Chart,
    Heading,
    Mark,
    Note,
    Para,
    Prose,
    Said,
    Section,
    Table,
    View,
)
from service.export.footnotes import add_footnotes, add_marks, add_styles
from service.export.pdf import png

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

_INK = "1C2430"
_QUIET = "5D6878"
_ACCENT = "1F5F8B"
_ASK = "FFF7E0"
_DOUBT = "7A4B00"
_PAGE = 16.0  # centimetres between the margins


def docx(page: View) -> bytes:
    """The document's bytes. The view's text is clean, so it is legal XML."""
    from docx import Document as new_document
    from docx.shared import Cm

    document = new_document()
    _styles(document)
    add_styles(document)
    for part in document.sections:
        part.left_margin = part.right_margin = Cm(2.5)
        part.top_margin = part.bottom_margin = Cm(2.2)
    document.core_properties.title = page.title[:255]
    document.core_properties.author = "Firsthand"
    document.add_paragraph(page.title, style="Title")
    _quiet(document.add_paragraph(page.subtitle))
    _facts(document, page.facts)
    for section in page.sections:
        _section(document, section)
    add_footnotes(document, _notes(page))
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _section(document: Document, section: Section) -> None:
    heading = document.add_heading(section.title, level=1)
    heading.paragraph_format.page_break_before = section.page
    for block in section.blocks:
        _block(document, block)


def _notes(page: View) -> list[tuple[Note, bool]]:
    """Every note with whether the text shows all of it where it is first used."""
    whole = {m.number for section in page.sections for m in _marks(section) if m.first and m.whole}
    return [(note, note.number in whole) for note in page.notes]


def _marks(section: Section) -> Iterator[Mark]:
    for block in section.blocks:
        if isinstance(block, Para):
            yield from block.marks
        elif isinstance(block, Prose):
            for span in block.spans:
                yield from span.marks
        elif isinstance(block, Said):
            yield block.mark


def _styles(document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, size, bold in (
        ("Normal", 10.5, False),
        ("Title", 22, True),
        ("Heading 1", 15, True),
        ("Heading 2", 11.5, True),
        ("List Bullet", 10.5, False),
    ):
        style = document.styles[name]
        style.font.name = "Calibri"
        # Word takes the theme's font for headings unless each script is told otherwise.
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{script}"), None)
        style.font.size = Pt(size)
        style.font.bold = bold
        style.font.color.rgb = RGBColor.from_string(_INK)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)


def _facts(document: Document, facts: tuple[tuple[str, str], ...]) -> None:
    table = document.add_table(rows=1, cols=len(facts))
    for cell, (value, label) in zip(table.rows[0].cells, facts, strict=True):
        _shade(cell._tc, "F4F7FA")
        line = cell.paragraphs[0]
        _run(line, value, size=16, bold=True)
        _run(cell.add_paragraph(), label, size=8.5, colour=_QUIET)


def _block(document: Document, block: Block) -> None:
    from docx.shared import Cm

    if isinstance(block, Heading):
        document.add_heading(block.text, level=2)
        if block.facts:
            line = document.add_paragraph(block.facts)
            _quiet(line).paragraph_format.keep_with_next = True
    elif isinstance(block, Said):
        line = document.add_paragraph()
        line.paragraph_format.left_indent = Cm(0.7)
        line.paragraph_format.keep_together = True
        _run(line, f"“{block.text}”", italic=True)
        line.add_run().add_break()
        _run(line, block.by, size=8.5, colour=_QUIET)
        add_marks(line, (block.mark,))
    elif isinstance(block, Table):
        _table(document, block)
    elif isinstance(block, Chart):
        _chart(document, block)
    elif isinstance(block, Prose):
        _prose(document, block)
    else:
        _para(document, block)


def _para(document: Document, block: Para) -> None:
    line = document.add_paragraph(style="List Bullet" if block.tone == "bullet" else None)
    if block.tone == "prompt":
        _shade(line._p, _ASK)
    if block.lead:
        _run(line, f"{block.lead} ", bold=True)
    quiet = block.tone == "quiet"
    _run(line, block.text, size=9.5 if quiet else None, colour=_QUIET if quiet else None)
    add_marks(line, block.marks)


def _prose(document: Document, block: Prose) -> None:
    from docx.enum.text import WD_COLOR_INDEX

    line = document.add_paragraph(style="List Bullet" if block.tone == "bullet" else None)
    if block.tone == "prompt":
        _shade(line._p, _ASK)
    quiet = block.tone == "quiet"
    for span in block.spans:
        run = _run(line, span.text, bold=span.bold or None, italic=span.italic or None)
        if quiet:
            _quiet(line)
        if span.doubted:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        add_marks(line, span.marks)
        if span.doubt:
            _run(line, f" [{span.doubt}]", size=8, colour=_DOUBT, bold=True)


def _chart(document: Document, block: Chart) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm

    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    _run(title, block.title, bold=True)
    picture = document.add_picture(io.BytesIO(png(block.svg)), width=Cm(_PAGE))
    described = picture._inline.find(qn("wp:docPr"))
    described.set("title", block.title)
    described.set("descr", block.description)


def _table(document: Document, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    table = document.add_table(rows=0, cols=len(block.columns), style="Light List")
    table.autofit = not block.widths
    for n, row in enumerate((block.columns, *block.rows)):
        line_of_cells = table.add_row()
        _unparted(line_of_cells._tr, heading=n == 0)
        cells = line_of_cells.cells
        for i, (cell, text) in enumerate(zip(cells, row, strict=True)):
            line = cell.paragraphs[0]
            _run(line, text, size=9.5, bold=n == 0)
            if i in block.numbers:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if block.widths:
                cell.width = Cm(_PAGE * block.widths[i])
    document.add_paragraph()


def _unparted(row: BaseOxmlElement, *, heading: bool) -> None:
    """Keep a row on one page; the heading is repeated on each."""
    from docx.oxml import OxmlElement

    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def _quiet(line: Paragraph) -> Paragraph:
    from docx.shared import Pt, RGBColor

    for run in line.runs:
        run.font.size = Pt(9)
        run.font.color.rgb = RGBColor.from_string(_QUIET)
    return line


def _run(
    line: Paragraph,
    text: str,
    *,
    size: float | None = None,
    colour: str | None = None,
    bold: bool | None = None,
    italic: bool | None = None,
) -> Run:
    from docx.shared import Pt, RGBColor

    run = line.add_run(text)
    run.bold, run.italic = bold, italic
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = RGBColor.from_string(colour)
    return run


def _shade(element: BaseOxmlElement, colour: str) -> None:
    """Lay a colour behind a cell or a paragraph."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), colour)
    properties = (
        element.get_or_add_tcPr() if element.tag == qn("w:tc") else element.get_or_add_pPr()
    )
    properties.append(shade)
