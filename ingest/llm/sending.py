"""Sends one question: within the limits, paid for, and again where that may help."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

import sqlalchemy as sa
from pydantic import BaseModel

import prompts
from ingest.llm import replies
from ingest.llm.budget import Charge, Purse
from ingest.llm.client import open_chat, server_of, untraced
from ingest.llm.errors import ModelFailed
from ingest.llm.faults import Passing, as_reply, fault
from ingest.llm.limits import Bucket
from ingest.llm.modes import Mode, bind, system_text
from ingest.llm.options import ModelOptions
from ingest.llm.question import Question
from ingest.llm.replies import Ending, Reply
from ingest.llm.tokens import estimate

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from tenacity import RetryCallState

A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")

TRIES = 5
_LONGEST_BACKOFF_S = 30.0


class Sender:
    """Shared by all threads. ``sleep`` and ``clock`` count in seconds."""

    def __init__(
        self,
        options: ModelOptions,
        engine: sa.Engine,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self._options = options
        self._sleep = sleep
        self._purse = Purse(options, engine)
        self._seats = threading.BoundedSemaphore(options.concurrency)
        self._requests = Bucket(options.requests_per_minute, clock=clock, sleep=sleep)
        self._tokens = Bucket(options.tokens_per_minute, clock=clock, sleep=sleep)
        self._chat: BaseChatModel | None = None
        self._opening = threading.Lock()

    @property
    def chat(self) -> BaseChatModel:
        """Made when first needed: importing LangChain takes a second."""
        with self._opening:
            if self._chat is None:
                self._chat = open_chat(self._options)
            return self._chat

    def send(
        self, question: Question[A], mode: Mode, rejected: tuple[str, str] | None = None
    ) -> Reply:
        """The reply, whole. ``rejected``: an earlier reply to the same, and what was wrong with it.

        Raises ``Unsupported`` when the server does not know the mode, else a ``FirsthandError``.
        """
        with self._seats:
            return self._retried(lambda: self._once(question, mode, rejected))

    def stream(self, question: Question[A], mode: Mode) -> Generator[str, None, Reply]:
        """The reply's text as it comes, some pieces empty, and the whole of it in the end.

        Raises as ``send`` does, or ``Unstreamable``; once the first piece is out a fault is not
        tried again: a broken connection raises ``Passing`` then. Takes a seat until it is closed.
        """
        with self._seats:
            first, rest = self._retried(lambda: self._begun(question, mode))
            with closing(rest):
                yield first
                return (yield from rest)

    def _once(self, question: Question[A], mode: Mode, rejected: tuple[str, str] | None) -> Reply:
        messages = _messages(question, mode, rejected)
        tokens = question.tokens + (estimate(rejected[0]) if rejected else 0)
        with self._paid(question, tokens) as charge:
            try:
                with untraced():
                    message = bind(self.chat, mode, question.schema).invoke(messages)
            except Exception as error:  # noqa: BLE001 - each provider's client has its own
                thrown = as_reply(error)
                if thrown is None:
                    raise self._fault(error, mode, charge, tokens, streaming=False) from None
                reply = thrown
            else:
                reply = replies.read(message)
            charge.used(*(reply.tokens or (tokens, estimate(reply.text))))
            return reply

    def _begun(self, question: Question[A], mode: Mode) -> tuple[str, Generator[str, None, Reply]]:
        pieces = self._pieces(question, mode)
        return next(pieces), pieces

    def _pieces(self, question: Question[A], mode: Mode) -> Generator[str, None, Reply]:
        text: list[str] = []
        beside: list[str] = []
        ending: Ending = "whole"
        counted: tuple[int, int] | None = None
        with (
            self._paid(question, question.tokens) as charge,
            closing(self._chunks(question, mode)) as chunks,
        ):
            try:
                for chunk in chunks:
                    charge.used(question.tokens, 0)
                    counted = _sum(counted, replies.tokens(chunk))
                    if (told := replies.ending(chunk)) != "whole":
                        ending = told
                    piece = replies.argument_piece(chunk) if mode == "tools" else chunk.text
                    beside.append(chunk.text)
                    text.append(piece)
                    yield piece
            except Exception as error:  # noqa: BLE001 - each provider's client has its own
                thrown = as_reply(error)
                if thrown is None:
                    raise self._fault(
                        error, mode, charge, question.tokens, streaming=True
                    ) from None
                ending = thrown.ending
            finally:
                if charge.tokens is not None:
                    came = "".join(text) or "".join(beside)
                    charge.used(*(counted or (question.tokens, estimate(came))))
            if charge.tokens is None:
                whom = server_of(self._options)
                raise Passing(ModelFailed(f"{whom} answers nothing, again and again: try later."))
            return Reply("".join(text) or "".join(beside), ending, counted)

    def _chunks(self, question: Question[A], mode: Mode) -> Generator[AIMessageChunk, None, None]:
        # A chat model streams chunks, whatever the type of what is bound to it says.
        chunks = bind(self.chat, mode, question.schema).stream(_messages(question, mode, None))
        while True:
            with untraced():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield cast("AIMessageChunk", chunk)

    @contextmanager
    def _paid(self, question: Question[A], tokens: int) -> Iterator[Charge]:
        """Room within the limits per minute and in the budget."""
        request = question.request
        with self._purse.charge(request.prompt, request.purpose, tokens) as charge:
            self._requests.take(1)
            self._tokens.take(tokens)
            try:
                yield charge
            finally:
                if charge.tokens is not None:
                    self._tokens.correct(sum(charge.tokens) - tokens)

    def _fault(
        self, error: Exception, mode: Mode, charge: Charge, tokens: int, *, streaming: bool
    ) -> Exception:
        found = fault(error, self._options, mode, streaming=streaming)
        if charge.tokens is None and isinstance(found, Passing) and found.billed:
            charge.used(tokens, 0)
        return found

    def _retried(self, once: Callable[[], T]) -> T:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        retrying = Retrying(
            retry=retry_if_exception_type(Passing),
            stop=stop_after_attempt(TRIES),
            wait=_wait_s,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except Passing as passing:
            raise passing.finally_ from None


def _messages(
    question: Question[A], mode: Mode, rejected: tuple[str, str] | None
) -> list[BaseMessage]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    messages: list[BaseMessage] = [
        SystemMessage(system_text(question.request.prompt, mode, question.schema)),
        HumanMessage(question.document),
    ]
    if rejected:
        # With the model's words between them: many templates want the sides to take turns.
        text, why = rejected
        messages += [AIMessage(text or "{}"), HumanMessage(prompts.render("again", why=why))]
    return messages


def _wait_s(state: RetryCallState) -> float:
    """What the server asked for, else twice as long each time; never all callers at once."""
    raised = state.outcome.exception() if state.outcome else None
    if isinstance(raised, Passing) and raised.wait_s is not None:
        return raised.wait_s + random.uniform(0.0, 1.0)
    return random.uniform(0.5, 1.0) * min(_LONGEST_BACKOFF_S, 2.0**state.attempt_number)


def _sum(a: tuple[int, int] | None, b: tuple[int, int] | None) -> tuple[int, int] | None:
    return (a[0] + b[0], a[1] + b[1]) if a and b else a or b
