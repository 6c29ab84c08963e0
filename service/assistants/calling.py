"""One call of a tool: who may, what the audit log says of it, and what the assistant is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pydantic import JsonValue, ValidationError

from ingest.database import passing
from ingest.errors import FirsthandError, Forbidden
from ingest.library import Library
from ingest.models import Frozen
from service.access.audit import Entry, write_failed
from service.access.person import Person, require
from service.access.sights import Sights
from service.assistants.bounds import bounded
from service.assistants.links import ToolLinks
from service.assistants.text import text_of
from service.assistants.tool import Arguments, Tool
from service.redaction import shown

log = logging.getLogger(__name__)

_UNFORESEEN = "Something unexpected went wrong; the server's log has the details."


@dataclass(frozen=True, slots=True)
class Assistant:
    """An assistant that is connected. ``person`` is whom it works for, ``address`` where it comes
    from; ``writes`` says whether it may change anything. ``limit`` raises ``TooOften``; ``then``
    is called with what a tool that changes something has given, ``after`` after every call.
    """

    library: Library
    person: Person
    links: ToolLinks
    writes: bool
    sights: Sights
    address: str = ""
    originals: bool = False
    limit: Callable[[Tool, Person], None] = lambda _tool, _person: None
    then: Callable[[Library, Frozen], Frozen] = lambda _library, told: told
    after: Callable[[Library], None] = lambda _library: None
    refusal: str = "This assistant may only read."

    def may(self, tool: Tool) -> bool:
        return self.person.may(tool.role) and (self.writes or tool.role == "viewer")


@dataclass(frozen=True, slots=True)
class Told:
    """What an assistant is told: a text and, unless it ``failed``, the same as JSON."""

    text: str
    structured: dict[str, JsonValue] = field(default_factory=dict)
    failed: bool = False


def call(assistant: Assistant, tool: Tool, given: Mapping[str, object]) -> Told:
    """Whatever goes wrong is told in one sentence."""
    try:
        return _answered(assistant, tool, given)
    except Exception as error:  # an assistant is answered whatever happens
        if (why := passing(error)) is not None:
            return Told(str(why), failed=True)
        log.exception("an error that nobody foresaw")
        return Told(_UNFORESEEN, failed=True)
    finally:
        assistant.after(assistant.library)


def _answered(assistant: Assistant, tool: Tool, given: Mapping[str, object]) -> Told:
    try:
        arguments = tool.takes.model_validate(given)
    except ValidationError as error:
        return _failed(assistant, _invalid(error))
    try:
        return _told(assistant, tool, arguments)
    except FirsthandError as error:
        return _failed(assistant, str(error))


def _told(assistant: Assistant, tool: Tool, arguments: Arguments) -> Told:
    with _admitted(assistant, tool, arguments):
        found = arguments.answer(assistant.library)
        if tool.changes:
            found = assistant.then(assistant.library, found)
    short, left_out = bounded(found, arguments.bounds())
    if not assistant.originals:
        with assistant.library.read() as connection:
            short = shown(assistant.library, connection).value(short)
    structured = assistant.links.beside_quotes(short.model_dump(mode="json"))
    assert isinstance(structured, dict)
    structured |= {"link": assistant.links.page(short), "left_out": dict(left_out)}
    return Told(text_of(short, left_out, assistant.links), structured)


@contextmanager
def _admitted(assistant: Assistant, tool: Tool, arguments: Arguments) -> Iterator[None]:
    """As ``service.api.needs`` does for routes: the role, the limits and the log come first."""
    library = assistant.library
    subject = getattr(arguments, tool.subject) if tool.subject else ""
    entry = Entry(
        person=assistant.person,
        action=tool.action or "see",
        kind=tool.kind,
        subject=subject,
        result="allowed" if tool.changes else "done",
        address=assistant.address,
        detail={"through": "mcp"} | ({"originals": 1} if assistant.originals else {}),
    )
    try:
        require(assistant.person, tool.role)
        if not assistant.may(tool):
            raise Forbidden(assistant.refusal)
    except Forbidden:
        assistant.sights.note(library, replace(entry, result="refused"))
        raise
    assistant.limit(tool, assistant.person)
    noted = None
    if tool.action is not None or assistant.originals:
        noted = assistant.sights.note(library, entry)
    try:
        yield
    except BaseException:
        if tool.changes and noted is not None:
            write_failed(library, noted)
        raise


def _failed(assistant: Assistant, sentence: str) -> Told:
    """A sentence may repeat what somebody said."""
    if not assistant.originals:
        with assistant.library.read() as connection:
            sentence = shown(assistant.library, connection).text(sentence)
    return Told(sentence, failed=True)


def _invalid(error: ValidationError) -> str:
    # The first fault is enough to act on, and repeating the input back could echo anything.
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the arguments"
    return f"{where}: {first['msg']}."
