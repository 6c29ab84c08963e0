"""An entry of the codebook as a person or a file gives it: checked and cleaned."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.errors import BadInput
from ingest.models import Frozen
from ingest.transcripts.clean import clean_name, clean_text
from service.shapes import EvidenceKind

TEXT_LIMIT = 5000  # characters of a definition and of what is included or excluded
EXAMPLE_LIMIT = 2000
EXAMPLES_LIMIT = 500  # of a code, each of examples and counterexamples


class NewCode(Frozen):
    """A code as it is given. What is not set stays as it is in a code that is known already."""

    label: str
    definition: str = ""
    include: str = ""
    exclude: str = ""
    kind: EvidenceKind = "pain"
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


def folded(text: str) -> str:
    """As labels and examples are compared: without regard to case and spacing."""
    return " ".join(text.casefold().split())


def checked(code: NewCode, where: str) -> NewCode:
    """``code`` without what cannot be seen; the same fields are set.

    Raises ``BadInput``, a sentence that begins with ``where``, for an empty or long label and for
    texts over their limits.
    """
    try:
        label = clean_name(code.label)
    except BadInput as problem:
        raise BadInput(f"{where}, label: {problem}.") from problem
    if not label:
        raise BadInput(f"{where}: the label is empty; every code needs one.")
    changes: dict[str, object] = {"label": label}
    for name in ("definition", "include", "exclude"):
        if name in code.model_fields_set:
            changes[name] = _text(getattr(code, name), TEXT_LIMIT, f"{where}, {name}")
    for name in ("examples", "counterexamples"):
        if name in code.model_fields_set:
            changes[name] = _examples(getattr(code, name), f"{where}, {name}")
    return code.model_copy(update=changes)


def refuse_twins(labels: Iterable[tuple[str, str]]) -> None:
    """Raises ``BadInput`` naming both places when two of ``(place, label)`` are one label."""
    seen: dict[str, str] = {}
    for where, label in labels:
        other = seen.setdefault(folded(label), where)
        if other != where:
            raise BadInput(
                f"{where} has the label {label[:80]!r}, which {other} has already; "
                "keep one of them."
            )


def _text(raw: str, limit: int, where: str) -> str:
    text = clean_text(raw)
    if len(text) > limit:
        raise BadInput(
            f"{where}: it has {len(text):,} characters and may have {limit:,}; shorten it."
        )
    return text


def _examples(raw: Iterable[str], where: str) -> tuple[str, ...]:
    """Each once, in order, without empty ones."""
    texts: dict[str, str] = {}
    for n, example in enumerate(raw, start=1):
        text = _text(example, EXAMPLE_LIMIT, f"{where}, number {n}")
        if text:
            texts.setdefault(folded(text), text)
    if len(texts) > EXAMPLES_LIMIT:
        raise BadInput(
            f"{where}: there are {len(texts):,} and may be {EXAMPLES_LIMIT}; keep the best."
        )
    return tuple(texts.values())
