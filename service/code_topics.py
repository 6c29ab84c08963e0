"""The codes of the codebook as topics to look for."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ingest.library import Library
from service.codebook_store import Judgement, judgements_of, list_codes
from service.naming import places_of_names, vendor_names
from service.said import Place
from service.shapes import Code, EvidenceKind
from service.topic import Sort, Topic


def topics_of(library: Library, connection: sa.Connection) -> list[Topic]:
    """The codes, also dismissed ones, as topics to look for, in the order of ``list_codes``."""
    judged = judgements_of(connection)
    vendor = vendor_names(library, connection)
    return [
        _topic(code, judged, places_of_names(connection, code.label, vendor, keep=True))
        for code in list_codes(connection, dismissed=True)
    ]


def _topic(code: Code, judged: Sequence[Judgement], named: frozenset[Place] | None) -> Topic:
    mine = [j for j in judged if j.code_id == code.id]

    def places(verdict: str) -> frozenset[Place]:
        return frozenset(
            (j.call_id, j.utterance)
            for j in mine
            if j.verdict == verdict and j.call_id is not None and j.utterance is not None
        )

    def texts(verdict: str) -> tuple[str, ...]:
        return tuple(j.words for j in mine if j.verdict == verdict and j.utterance is None)

    return Topic(
        text=". ".join(filter(None, (code.label, code.definition, code.include))),
        sort=_sort(code.kind),
        named=named,
        confirmed=places("confirmed"),
        rejected=places("rejected"),
        like=texts("confirmed"),
        unlike=texts("rejected"),
        excluded=code.exclude,
    )


def _sort(kind: EvidenceKind) -> Sort:
    if kind == "praise" or kind == "competitor":
        return kind
    return "need"
