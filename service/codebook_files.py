"""The codebook as a file: CSV for spreadsheets and YAML for editors, in and out.

What is exported and loaded again is the same codebook. A file with any fault is refused as a whole,
in one sentence that names the line or entry and the field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from ingest.errors import BadInput, NotFound, TooLarge
from ingest.library import Library
from ingest.redaction import NOTHING, Redaction
from ingest.transcripts.clean import clean_name
from ingest.transcripts.decode import decode
from service import codebook_csv, codebook_yaml
from service.codebook import list_codes, put_codes
from service.codebook_entry import NewCode, checked, refuse_twins
from service.codebook_store import CODES_LIMIT
from service.shapes import Code

LARGEST = 4_000_000  # bytes

Format = Literal["csv", "yaml"]

_READ: dict[Format, Callable[[str], list[tuple[str, NewCode]]]] = {
    "csv": codebook_csv.read,
    "yaml": codebook_yaml.read,
}
_WRITE: dict[Format, Callable[[Sequence[Code]], bytes]] = {
    "csv": codebook_csv.write,
    "yaml": codebook_yaml.write,
}
_ENDINGS: dict[str, Format] = {".csv": "csv", ".yaml": "yaml", ".yml": "yaml"}


def format_of(path: Path) -> Format:
    """The format by the name's ending. Raises ``BadInput``."""
    try:
        return _ENDINGS[path.suffix.lower()]
    except KeyError:
        raise BadInput(
            f"{clean_name(path.name[:120])}: a codebook is a .csv or a .yaml file; "
            "the ending must be one of them."
        ) from None


def import_file(library: Library, path: Path) -> list[Code]:
    """Load a codebook file. Raises ``NotFound``, ``TooLarge`` or ``BadInput``, naming the file."""
    form = format_of(path)
    name = clean_name(path.name[:120])
    if not path.is_file():
        raise NotFound(f"{name}: there is no such file; check the path.")
    if path.stat().st_size > LARGEST:
        raise TooLarge(f"{name}: it has over {LARGEST:,} bytes, which no codebook needs.")
    try:
        return import_bytes(library, path.read_bytes(), form)
    except BadInput as problem:
        raise type(problem)(f"{name}: {problem}") from problem


def import_bytes(library: Library, data: bytes, form: Format) -> list[Code]:
    """Load a codebook, as ``put_codes`` does. Raises ``TooLarge`` or ``BadInput``."""
    return put_codes(library, read(data, form))


def read(data: bytes, form: Format) -> list[NewCode]:
    """The codes in a file's bytes, checked. Raises ``TooLarge`` or ``BadInput``."""
    if len(data) > LARGEST:
        raise TooLarge(f"The codebook has over {LARGEST:,} bytes, which none needs.")
    if not data.strip():
        raise BadInput("There is nothing in it; give every code a label at least.")
    found = _READ[form](decode(data))
    if not found:
        raise BadInput("There are no codes in it; give every code a label at least.")
    if len(found) > CODES_LIMIT:
        raise BadInput(f"It has {len(found):,} codes and may have {CODES_LIMIT:,}; leave some out.")
    clean = [(where, checked(code, where)) for where, code in found]
    refuse_twins((where, code.label) for where, code in clean)
    return [code for _, code in clean]


def export(connection: sa.Connection, form: Format, redaction: Redaction = NOTHING) -> bytes:
    """The active codes, masked, as a file's bytes."""
    codes = sorted(list_codes(connection), key=lambda c: c.label.casefold())
    return _WRITE[form](redaction.value(codes))
