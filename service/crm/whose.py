"""Which account each record is about: as a person said, as it is known, or still to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.errors import BadInput
from service.crm import asking
from service.crm.matching import Doubt, Match, Matcher, Sure
from service.crm.names import id_key, name_key
from service.crm.records import Record
from service.crm.shapes import NEW, SKIP, Choices, Question
from service.crm.signs import Signs


@dataclass(frozen=True, slots=True)
class Kept:
    """``by_person``: somebody said so, and the name is one more that it goes by."""

    record: Record
    match: Sure | None
    by_person: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """``left_out`` are those that do not count and are of no account here."""

    kept: tuple[Kept, ...]
    skipped: tuple[Record, ...]
    left_out: tuple[Record, ...]
    questions: tuple[Question, ...]


def decide(records: Sequence[Record], signs: Signs, choices: Choices) -> Decided:
    """Raises ``BadInput`` where a line is to be an account that is not here."""
    matcher = Matcher(signs)
    kept: list[Kept] = []
    skipped: list[Record] = []
    left_out: list[Record] = []
    questions: list[Question] = []
    first: dict[tuple[str, str], int] = {}  # the line that is about it
    for record in records:
        word = next((w for line in record.lines if (w := choices.matches.get(line))), None)
        if word == SKIP:
            skipped.append(record)
            continue
        match: Match
        if word is None or word == NEW:
            match = matcher.match(record) if word is None else None
        else:
            match = Sure(_here(word, record, signs))
        if not record.counts and not isinstance(match, Sure):
            left_out.append(record)  # whoever bought nothing is no account, and nobody asks
            continue
        if isinstance(match, Doubt):
            if choices.others == SKIP:
                skipped.append(record)
                continue
            if choices.others is None or not record.name:
                questions.append(asking.match(record, match))
                continue
            match = None
        if match is None and not record.name:
            questions.append(asking.nameless(record))
            continue
        again = [first[key] for key in _keys(record, match, word) if key in first]
        if again:
            if choices.others == SKIP:
                skipped.append(record)
            else:
                questions.append(asking.twice(record, again[0], named=match is None))
            continue
        first |= dict.fromkeys(_keys(record, match, word), record.line)
        kept.append(Kept(record, match, by_person=word is not None))
    return Decided(tuple(kept), tuple(skipped), tuple(left_out), tuple(questions))


def _here(word: str, record: Record, signs: Signs) -> str:
    if word not in signs.accounts:
        raise BadInput(
            f"Line {record.line} is to be the account {word[:80]!r}, which is not here; say an "
            "account's id, new, or skip."
        )
    return word


def _keys(record: Record, match: Sure | None, word: str | None) -> list[tuple[str, str]]:
    """By what two records are about the same account."""
    keys = [("id", id_key(record.crm_id))] if record.crm_id else []
    if match is not None:
        return [*keys, ("account", match.account_id)]
    return keys if word == NEW else [*keys, ("name", name_key(record.name))]
