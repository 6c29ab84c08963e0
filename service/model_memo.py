"""A memo worded by a language model, section by section: it points at quotes, code checks.

Needs, ranks, numbers, plan and boards stay what code made of them. A sentence that its quotes bear
stands before the words that code would have led with; one that they do not bear is dropped, and the
section says what it said without a model. Few requests: one for four needs, one each for the
accounts at risk, the vision and the opening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

import prompts
from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.llm import Llm, Purpose, Request
from ingest.llm.errors import BudgetSpent, Misshapen, ModelRefused, TooLong
from service.coverage import widest
from service.known import known_here
from service.memo import heading
from service.memo_checking import Desk
from service.memo_offered import Evidences, Offer
from service.memo_placing import FitRead, NeedsRead, RisksRead, SummaryRead, placed
from service.recheck import quotes_of
from service.scope import resolve
from service.shapes import Memo, Provenance

NEEDS, RISKS, FIT, SUMMARY = "memo_needs", "memo_risks", "memo_fit", "memo_summary"

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class _Section:
    """A request of the memo, and what it was made of."""

    prompt: str
    answer: type[BaseModel]
    offer: Offer

    @property
    def called(self) -> str:
        keys = [one.key for one in self.offer.subjects]
        return f"{self.prompt.replace('_', ' ')}, {', '.join(keys)}"

    def request(self, memo_id: str) -> Request[BaseModel]:
        purpose = Purpose("memo", memo_id)
        data = dict(self.offer.data)
        return Request(self.prompt, data, self.answer, purpose, self.offer.calls)


def written(
    library: Library,
    llm: Llm,
    memo: Memo,
    progress: Progress = lambda _stage, _fraction: None,
) -> Memo:
    """``memo``, as code drafted it, with the model's sentences that check out.

    Each reply is kept as it comes, so that a memo that stops half-way asks only for the rest when
    it is drafted again. A section that the model declines, or cannot answer in its shape or length,
    stays as code wrote it. Raises ``ModelFailed`` and ``BudgetSpent`` else.
    """
    with library.read() as connection:
        everyone = resolve(connection, memo.filters.model_copy(update={"top": None}))
        scope = resolve(connection, widest(connection, resolve(connection, memo.filters)))
        evidence = Evidences(library, connection, memo, scope, everyone)
        known = known_here(library, connection)
    desk = Desk(scope, known, library)
    room = llm.options.context_tokens
    first = [
        *(_Section(NEEDS, NeedsRead, offer) for offer in evidence.needs(room)),
        *(_Section(RISKS, RisksRead, offer) for offer in evidence.risks(room)),
        *(_Section(FIT, FitRead, offer) for offer in evidence.fit()),
    ]
    last = [_Section(SUMMARY, SummaryRead, offer) for offer in evidence.summary()]
    sections = [*first, *last]
    left: list[str] = []
    answers: dict[int, BaseModel] = {}
    for n, answer in _asked(llm, memo.id, first, left):
        answers[n] = answer
        progress("writing", len(answers) / len(sections))
    for n, answer in _asked(llm, memo.id, last, left):
        answers[len(first) + n] = answer
    for n, answer in sorted(answers.items()):
        memo = placed(desk, memo, sections[n].offer, answer)
    progress("writing", 1.0)
    cited = {q.call_id for q in quotes_of(memo)}
    titles = {call.call_id: heading(call) for call in everyone.calls}
    return memo.model_copy(
        update={
            "calls": {c: title for c, title in titles.items() if c in cited},
            "provenance": Provenance(
                mode="llm",
                model=llm.name,
                prompts={one.prompt: prompts.digest(one.prompt) for one in sections},
                dropped_quotes=memo.provenance.dropped_quotes,
                dropped=tuple(desk.dropped),
                note=" ".join(left) or None,
            ),
        }
    )


def _asked(
    llm: Llm, memo_id: str, sections: Sequence[_Section], left: list[str]
) -> Iterator[tuple[int, BaseModel]]:
    """Each section's number with its answer, as they come; what failed is raised at the end.

    ``left`` is told why a section stands as code wrote it.
    """
    failed: list[FirsthandError] = []
    for n, result in llm.ask_all([section.request(memo_id) for section in sections]):
        if isinstance(result, (Misshapen, ModelRefused, TooLong)):
            # Asking again would not help, and the memo is whole without.
            left.append(f"As code wrote it ({sections[n].called}): {result}")
        elif isinstance(result, FirsthandError):
            failed.append(result)
        else:
            yield n, result
    spent = [one for one in failed if isinstance(one, BudgetSpent)]
    for problem in (*spent, *failed):
        raise problem
