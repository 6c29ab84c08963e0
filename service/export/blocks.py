"""What a memo is made of on any page: sections of simple blocks, and the notes under them.

Text in blocks is clean (``service.export.words.clean``): one line, legal XML, nothing obeyed by a
terminal. It is words, never markup; each writer escapes it for its own format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Tone = Literal["plain", "bullet", "prompt", "quiet"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A reference to a note. ``first`` is where the note itself belongs.

    ``whole`` is whether the text before the first mark shows all of the quote, so that a note at
    the foot of the same page need not repeat it.
    """

    number: int
    first: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph with the marks of the quotes it rests on; ``lead`` is how it opens, set apart."""

    text: str
    marks: tuple[Mark, ...] = ()
    tone: Tone = "plain"
    lead: str = ""
    kind: Literal["para"] = "para"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section with a line of facts under it; ``page`` begins a new page."""

    text: str
    facts: str = ""
    page: bool = False
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Said:
    """A quote set apart."""

    text: str
    by: str
    mark: Mark
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; columns whose index is in ``numbers`` are set flush right.

    ``widths`` are the columns' shares of the page.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    widths: tuple[float, ...] = ()
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing as SVG with what it shows in words, and the same numbers as a table."""

    title: str
    description: str
    svg: str
    table: Table
    kind: Literal["chart"] = "chart"


@dataclass(frozen=True, slots=True)
class Span:
    """Words within edited prose. ``doubt`` is what is wrong with the evidence for the sentence
    that ends here; it is shown behind it. ``doubted`` are all words of such a sentence.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    bold: bool = False
    italic: bool = False
    doubted: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph as a person wrote it: each sentence with its own marks."""

    spans: tuple[Span, ...]
    tone: Tone = "plain"
    kind: Literal["prose"] = "prose"


Block = Para | Prose | Heading | Said | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """``page`` begins a new page where there are pages; ``together`` is not parted by one."""

    title: str
    blocks: tuple[Block, ...]
    page: bool = False
    together: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A quote and where it stands. ``link`` plays the recording at that second, if ``timed``."""

    number: int
    text: str
    who: str
    where: str
    link: str
    timed: bool
    doubt: str


@dataclass(frozen=True, slots=True)
class View:
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    day: date
