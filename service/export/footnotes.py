"""True footnotes for Word documents, which python-docx (1.2) cannot make.

A document has one more part, ``word/footnotes.xml``: two separators that Word insists on, then a
footnote for each note. The text refers to it by id; a note used again is a cross-reference
(``NOTEREF``) to the bookmark around its first mark. ECMA-376-1, 17.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from service.export.blocks import Mark, Note

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
MARK_STYLE, TEXT_STYLE = "footnote reference", "footnote text"
QUIET = "5D6878"


def add_footnotes(document: Document, notes: list[tuple[Note, bool]]) -> None:
    """The notes as a part of ``document``; with each whether its quote is shown in full above."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    ElementTree.register_namespace("w", _WORD)
    root = ElementTree.Element(_w("footnotes"))
    for number, kind in ((-1, "separator"), (0, "continuationSeparator")):
        note = ElementTree.SubElement(
            root, _w("footnote"), {_w("type"): kind, _w("id"): str(number)}
        )
        run = ElementTree.SubElement(ElementTree.SubElement(note, _w("p")), _w("r"))
        ElementTree.SubElement(run, _w(kind))
    for one, shown in notes:
        _footnote(root, one, shown=shown)
    body = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    part = Part(PackURI("/word/footnotes.xml"), _TYPE, body, document.part.package)
    document.part.relate_to(part, _RELATION)


def add_styles(document: Document) -> None:
    """The two styles of footnotes, by the names Word knows them under."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    mark = document.styles.add_style(MARK_STYLE, WD_STYLE_TYPE.CHARACTER)
    mark.font.superscript = True
    text = document.styles.add_style(TEXT_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    text.base_style = document.styles["Normal"]
    text.font.size = Pt(8)
    text.paragraph_format.space_after = Pt(2)


def add_marks(line: Paragraph, marks: tuple[Mark, ...]) -> None:
    """The marks at the end of ``line``, parted by commas."""
    for n, mark in enumerate(marks):
        if n:
            line.add_run(", ", style=MARK_STYLE)
        if mark.first:
            _first(line, mark.number)
        else:
            _again(line, mark.number)


def _first(line: Paragraph, number: int) -> None:
    mark = _element("footnoteReference", id=str(number))
    around = {"id": str(number), "name": f"_note{number}"}
    line._p.append(_element("bookmarkStart", **around))
    line.add_run(style=MARK_STYLE)._r.append(mark)
    line._p.append(_element("bookmarkEnd", id=str(number)))


def _again(line: Paragraph, number: int) -> None:
    for part in ("begin", "code", "separate", "shown", "end"):
        run = line.add_run(str(number) if part == "shown" else None, style=MARK_STYLE)
        if part == "code":
            code = _element("instrText")
            code.text = f" NOTEREF _note{number} \\h "
            run._r.append(code)
        elif part != "shown":
            run._r.append(_element("fldChar", fldCharType=part))


def _footnote(root: ElementTree.Element, note: Note, *, shown: bool) -> None:
    one = ElementTree.SubElement(root, _w("footnote"), {_w("id"): str(note.number)})
    line = ElementTree.SubElement(one, _w("p"))
    style = ElementTree.SubElement(ElementTree.SubElement(line, _w("pPr")), _w("pStyle"))
    style.set(_w("val"), _id(TEXT_STYLE))
    number = ElementTree.SubElement(line, _w("r"))
    properties = ElementTree.SubElement(number, _w("rPr"))
    ElementTree.SubElement(properties, _w("rStyle")).set(_w("val"), _id(MARK_STYLE))
    ElementTree.SubElement(number, _w("footnoteRef"))
    doubt = f" ({note.doubt})" if note.doubt else ""
    _run(line, " " if shown else f" “{note.text}” ")
    _run(line, f"{note.who} · {note.where}{doubt}", colour=QUIET)


def _run(line: ElementTree.Element, words: str, colour: str | None = None) -> None:
    run = ElementTree.SubElement(line, _w("r"))
    if colour is not None:
        properties = ElementTree.SubElement(run, _w("rPr"))
        ElementTree.SubElement(properties, _w("color")).set(_w("val"), colour)
    text = ElementTree.SubElement(run, _w("t"))
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    text.text = words


def _w(name: str) -> str:
    return f"{{{_WORD}}}{name}"


def _element(tag: str, /, **attributes: str) -> BaseOxmlElement:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{tag}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _id(style: str) -> str:
    """As python-docx makes the id of a style."""
    return style.replace(" ", "")
