"""A memo as Markdown and as one self-contained HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable

import jinja2
from markupsafe import Markup

from service.export.blocks import Mark, Span, View

# What Markdown, or HTML inside it, takes for markup anywhere; what it does at the beginning of a
# line; and what it would make a link of. A line break cannot occur: the view's text is clean.
_MARKUP = re.compile(r"([\\`*_{}\[\]#!|<>~$&])")
_OPENING = re.compile(r"^(\d*)([-+=:.)])")
_ADDRESS = re.compile(r"(?i)(?<=http)(s?):|(?<=www)(\.)")


def html(page: View) -> str:
    """One page with its own styles, no script, nothing loaded from elsewhere."""
    return _templates(autoescape=True).get_template("memo.html").render(page=page)


def markdown(page: View) -> str:
    """GitHub's Markdown with footnotes."""
    return _templates(autoescape=False).get_template("memo.md").render(page=page)


def _templates(*, autoescape: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service", "templates"),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["md"] = plain
    environment.filters["refs"] = references
    environment.filters["prose"] = prose
    # Drawn by service.export.drawing from plain text: the one thing that is markup already.
    environment.filters["drawn"] = Markup
    return environment


def plain(text: str) -> str:
    """``text`` as Markdown that shows exactly it."""
    escaped = _OPENING.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))
    return _ADDRESS.sub(lambda m: f"{m[1]}\\:" if m[2] is None else "\\.", escaped)


def prose(spans: Iterable[Span]) -> str:
    """Edited prose: bold and italic words, footnote marks, and what is in doubt, said in words."""
    told = ""
    for span in spans:
        look = "**" * span.bold + "*" * span.italic
        inner = span.text.strip()
        lead, tail = (" " * (span.text[:1] == " "), " " * (span.text[-1:] == " "))
        text = plain(inner) if not told else plain(f"x{inner}")[1:]  # no line begins there
        told += f"{lead}{look}{text}{look[::-1]}{references(span.marks)}" if inner else " "
        told += f" **\\[{plain(span.doubt)}\\]**" if span.doubt else ""
        told += tail if inner else ""
    return told.strip()


def references(marks: Iterable[Mark]) -> str:
    """Footnote marks."""
    return "".join(f"[^{mark.number}]" for mark in marks)
