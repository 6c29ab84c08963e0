"""The port: asks a model for an answer of a shape, and gives back that or one of our errors."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar, cast, overload

import sqlalchemy as sa
from pydantic import BaseModel, ValidationError

from ingest.erasures import Erasures, require_none
from ingest.errors import Cancelled, FirsthandError
from ingest.llm import cache, modes
from ingest.llm.elements import Elements
from ingest.llm.errors import BudgetSpent, Misshapen, ModelFailed, ModelRefused, TooLong
from ingest.llm.faults import Passing, Unstreamable, Unsupported
from ingest.llm.modes import Mode
from ingest.llm.options import ModelOptions
from ingest.llm.question import Question, key_of, prepare
from ingest.llm.replies import Reply, Unusable, parse
from ingest.llm.request import Request
from ingest.llm.sending import Sender
from ingest.llm.streamed import Shape, Streamed

A = TypeVar("A", bound=BaseModel)
E = TypeVar("E")


@dataclass(slots=True)
class _Talk:
    """How far the asking has come: in which mode, and what was tried already."""

    mode: Mode
    rejected: tuple[str, str] | None = None
    asked_again: bool = False
    stepped_down: bool = False
    refused: bool = False


class Llm:
    """One model. Safe to use from any number of threads; nothing is sent before the first request.

    Never to be asked inside ``Library.change``: what a request used is written to the same home.
    """

    def __init__(
        self,
        options: ModelOptions,
        engine: sa.Engine,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = options.name
        self.options = options
        self.since: Erasures | None = None
        self._engine = engine
        self._sender = Sender(options, engine, sleep=sleep, clock=clock)
        self._first: Mode | None = None
        self._starting = threading.Lock()

    def as_of(self, since: Erasures) -> Llm:
        """The same model, asked about words that were read ``since`` then: once a person is erased
        it answers with ``Erased``.
        """
        other = copy.copy(self)
        other.since = since
        return other

    def ask(self, request: Request[A]) -> A:
        """The answer: kept from an earlier time, or the model's.

        Raises ``TooLong`` when the request or the answer is more than the model takes,
        ``ModelRefused``, ``Misshapen`` when no answer had the shape, ``BudgetSpent``,
        ``ModelFailed`` when none came, ``BadInput`` and ``MissingPart`` when the settings name no
        model that can be asked.
        """
        kept = self._kept(request)
        return kept if kept is not None else self._fresh(request)

    def ask_all(
        self, requests: Sequence[Request[A]], *, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, A | FirsthandError]]:
        """Each request's number with its answer or its error, as they come.

        One that fails stops no other. Once the budget is spent, or ``cancelled`` says so, no more
        are begun: each of those gets ``BudgetSpent`` (unless its answer is kept) or ``Cancelled``.
        """
        spent: list[BudgetSpent] = []

        def one(request: Request[A]) -> A | FirsthandError:
            if cancelled():
                return Cancelled("The request was not sent: the work was stopped.")
            try:
                kept = self._kept(request)
                if kept is not None:
                    return kept
                return spent[0] if spent else self._fresh(request)
            except BudgetSpent as error:
                spent.append(error)
                return error
            except FirsthandError as error:
                return error

        pool = ThreadPoolExecutor(self.options.concurrency, "llm")
        try:
            numbers = {pool.submit(one, request): n for n, request in enumerate(requests)}
            for done in as_completed(numbers):
                yield numbers[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)

    @overload
    def stream(self, request: Request[A], *, items: str) -> Streamed[A, object]: ...
    @overload
    def stream(self, request: Request[A], *, items: str, of: type[E]) -> Streamed[A, E]: ...
    def stream(
        self, request: Request[A], *, items: str, of: type[E] | None = None
    ) -> Streamed[A, E]:
        """The elements of the answer's list ``items``, each as soon as its last character is here.

        ``of`` is the type of the elements, for the type checker; it is held against the list's.
        What breaks off is asked for once more as a whole, and goes on behind what was given out.
        The loop over it must not ask anything else when the settings allow but one request at once.
        """
        shape = Shape(request.answer, items, of)
        elements = cast("Generator[E, None, A]", self._elements(request, items, shape))
        return Streamed(elements, shape)

    def warm(self) -> None:
        """Do what the first request would wait for: importing LangChain takes seconds.

        Sends nothing. Raises ``BadInput`` and ``MissingPart`` as ``ask`` does.
        """
        self._mode()

    def _elements(
        self, request: Request[A], items: str, shape: Shape
    ) -> Generator[object, None, A]:
        kept = self._kept(request)
        if kept is not None:
            yield from getattr(kept, items)
            return kept
        question = prepare(request, self.options)
        talk, given = _Talk(self._mode()), list[object]()
        reply, begun = None, False
        while reply is None:
            found = Elements(items)
            pieces = self._sender.stream(question, talk.mode)
            try:
                with closing(pieces):
                    while True:
                        try:
                            piece = next(pieces)
                        except StopIteration as end:
                            reply = end.value
                            break
                        begun = True
                        for value in found.feed(piece):
                            for element in shape.read(question.restore(value)):
                                given.append(element)
                                yield element
            except Unsupported:
                self._step_down(talk)
            except (Passing, Unstreamable):
                break
            except ModelFailed as error:
                if not begun or isinstance(error, TooLong):
                    raise
                break
        answer = self._whole(question, talk, reply)
        for element in getattr(answer, items):
            if element not in given:
                yield element
        return answer

    def _fresh(self, request: Request[A]) -> A:
        return self._whole(prepare(request, self.options), _Talk(self._mode()), None)

    def _whole(self, question: Question[A], talk: _Talk, reply: Reply | None) -> A:
        """The answer in ``reply``, or else by asking as often as ``talk`` still allows."""
        while True:
            answer = self._read(question, talk, reply) if reply is not None else None
            if answer is not None:
                with self._engine.execution_options(writes=True).begin() as connection:
                    require_none(connection, self.since)
                    kept = answer.model_dump_json(by_alias=True)
                    cache.keep(connection, question.key, kept, question.request.calls)
                return answer
            try:
                reply = self._sender.send(question, talk.mode, talk.rejected)
            except Unsupported:
                reply = None
                self._step_down(talk)

    def _read(self, question: Question[A], talk: _Talk, reply: Reply) -> A | None:
        """The answer, or ``None`` with ``talk`` saying how to ask again; raises at its end."""
        if reply.ending == "cut":
            raise TooLong(f"The answer of {self.name} was cut off: ask about less at a time.")
        if reply.ending == "refused":
            if talk.refused:
                raise ModelRefused(
                    f"{self.name} declines to answer: leave this out, or ask another."
                )
            talk.refused = True
            return None
        try:
            return parse(reply.text, question.request.answer, question.restore)
        except Unusable as problem:
            lower = modes.below(self._ladder(), talk.mode)
            if not talk.asked_again:
                talk.asked_again, talk.rejected = True, (reply.text, str(problem))
            elif not talk.stepped_down and lower is not None:
                talk.stepped_down, talk.rejected, talk.mode = True, None, lower
            else:
                raise Misshapen(
                    f"{self.name} gave no answer of the shape that was asked for ({problem}): try"
                    " again, or choose a stronger FIRSTHAND_MODEL."
                ) from None
            return None

    def _kept(self, request: Request[A]) -> A | None:
        with self._engine.connect() as connection:
            found = cache.kept(connection, key_of(request, self.options))
        try:
            return request.answer.model_validate_json(found) if found is not None else None
        except ValidationError:
            return None  # the answer's own checks have changed since

    def _ladder(self) -> tuple[Mode, ...]:
        return modes.ladder(self._sender.chat)

    def _mode(self) -> Mode:
        with self._starting:
            if self._first is None:
                self._first = modes.remembered(self._engine, self.options, self._ladder())
            return self._first

    def _step_down(self, talk: _Talk) -> None:
        """Go on below a mode that the server does not know, and begin there from now on."""
        lower = modes.below(self._ladder(), talk.mode)
        assert lower is not None, "nothing in the last mode can be unsupported"
        with self._starting:
            if self._first == talk.mode:
                self._first = lower
                modes.remember(self._engine, self.options, lower)
        talk.mode = lower


def open_llm(
    options: ModelOptions,
    engine: sa.Engine,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Llm:
    """The model of the settings on a home's database. Takes no time: see ``Llm``."""
    return Llm(options, engine, sleep=sleep, clock=clock)
