"""Everything that is said to a model: one Markdown file each, with ``$variables``.

Prompts are files so that a change of words is seen as the change of behaviour it is; answers,
memos and calls keep their digests. Transcripts are full of braces, so variables are written as in
``string.Template``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent


def render(name: str, **variables: str) -> str:
    """The prompt ``name``.md with every variable put in; values are never read as templates.

    Raises ``ValueError`` unless exactly the variables that the file names are given, and
    ``FileNotFoundError`` when there is no such prompt.
    """
    template = Template(_text(name))
    if not template.is_valid():
        raise ValueError(
            f"prompts/{name}.md has a $ that begins no variable: write $$ for a dollar."
        )
    wanted = set(template.get_identifiers())
    if wanted != set(variables):
        missing, unknown = sorted(wanted - set(variables)), sorted(set(variables) - wanted)
        raise ValueError(f"prompts/{name}.md: variables missing {missing}, unknown {unknown}.")
    return template.substitute(variables).strip()


def digest(name: str) -> str:
    """SHA-256 of the prompt's file as it stands, in hexadecimal."""
    return hashlib.sha256(_text(name).encode()).hexdigest()


def _text(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not the name of a prompt.")
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
