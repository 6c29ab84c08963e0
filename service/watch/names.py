"""What a file's name says by a rule such as ``{account}_{date}_{title}``."""

from __future__ import annotations

import re
import string

from ingest.errors import BadInput, shown

FIELDS = ("account", "account_id", "date", "title", "_")
_DATE = r"(?P<date>\d{4}-?\d\d-?\d\d)"


class NameRule:
    """A rule for names. With ``/`` in it the names of folders count, the last ones of the path.

    A field ends at the first place where what follows it in the rule stands. Names are hostile, so
    no other place is tried: reading one takes no longer than its length asks for.
    """

    def __init__(self, template: str) -> None:
        """Raises ``BadInput`` that says what is wrong with the rule."""
        self.template = template
        pieces = _pieces(template)
        self._parts = template.count("/") + 1
        self._pattern = re.compile(_pattern(pieces), re.IGNORECASE)

    def read(self, path: str) -> dict[str, str] | None:
        """What the path says by field, its ending left out; ``None`` where it does not fit."""
        *folders, name = path.split("/")
        stem, dot, _ending = name.rpartition(".")
        parts = [*folders, stem if dot and stem else name]
        found = self._pattern.fullmatch("/".join(parts[-self._parts :]))
        if found is None:
            return None
        told = {}
        for field, text in found.groupdict().items():
            if said := " ".join(text.split()):
                told["account" if field == "account_id" else field] = said
        return told


def _pieces(template: str) -> list[tuple[str, str | None]]:
    """Pairs of the text before a field and the field, which may be none at the end."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as problem:
        raise _bad(template, f"its braces do not fit together ({problem})") from problem
    seen: set[str] = set()
    pieces: list[tuple[str, str | None]] = []
    before = ""
    for text, field, form, conversion in parsed:
        before += text
        if field is None:  # a brace that is meant as one
            continue
        if field not in FIELDS or form or conversion:
            known = ", ".join(f"{{{one}}}" for one in FIELDS)
            raise _bad(template, f"{{{shown(field)}}} is none of {known}")
        if (field != "_" and field in seen) or {"account", "account_id"} <= seen | {field}:
            raise _bad(template, f"{{{field}}} stands there twice")
        if pieces and not before:
            raise _bad(template, f"something has to stand before {{{field}}} to tell it apart")
        seen.add(field)
        pieces.append((before, field))
        before = ""
    if before:
        pieces.append((before, None))
    if not seen - {"_"}:
        raise _bad(template, "it has no field to read, as in {account}_{date}_{title}")
    return pieces


def _bad(template: str, why: str) -> BadInput:
    return BadInput(f"The rule {shown(template)} for names cannot be used: {why}.")


def _pattern(pieces: list[tuple[str, str | None]]) -> str:
    """Each field together with what ends it is atomic: ``(?>…)``."""
    told = re.escape(pieces[0][0])
    for n, (_before, field) in enumerate(pieces):
        if field is None:
            break
        after, following = pieces[n + 1] if n + 1 < len(pieces) else ("", None)
        ends = re.escape(after) + (r"\Z" if following is None else "")
        if field == "date":
            told += _DATE + ends
            continue
        if following == "date":  # what a date is not may stand in the field
            ends += f"(?={_DATE.replace('?P<date>', '?:')})"
        body = r"[^/]+?" if field == "_" else rf"(?P<{field}>[^/]+?)"
        told += f"(?>{body}{ends})"
    return told
