"""Deciding on a candidate theme by its id: it becomes a code, or is put aside for good."""

from __future__ import annotations

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from service.codebook import confirm_candidate, dismiss_candidate
from service.redaction import meant
from service.shapes import Code, EvidenceKind, Filters, Theme
from service.themes import themes


def confirm(
    library: Library,
    candidate_id: str,
    label: str | None = None,
    *,
    definition: str | None = None,
    kind: EvidenceKind | None = None,
) -> Code:
    """The new code. What a model named keeps its name and meaning where none is given.

    Raises ``NotFound``, ``BadInput`` for a group by likeness without ``label``, and what
    ``confirm_candidate`` raises.
    """
    theme = _candidate(library, candidate_id)
    named = theme.by == "model"
    shown = [theme.label, theme.statement, theme.definition]
    with library.read() as connection:
        label = label and meant(library, connection, label, shown)
        definition = definition and meant(library, connection, definition, shown)
    if label is None and not named:
        raise BadInput("Nobody named this group yet; say what you call it.")
    told = theme.definition if definition is None and named else definition or ""
    called = theme.label if label is None else label
    return confirm_candidate(library, theme, called, definition=told, kind=kind)


def dismiss(library: Library, candidate_id: str) -> Code:
    """The dismissed code that remembers it. Raises ``NotFound``."""
    return dismiss_candidate(library, _candidate(library, candidate_id))


def _candidate(library: Library, candidate_id: str) -> Theme:
    for theme in themes(library, Filters()):
        if theme.id == candidate_id and theme.status == "candidate":
            return theme
    raise NotFound(
        f"There is no candidate {candidate_id[:80]!r} among all themes; see `firsthand themes`."
    )
