"""Requests made from the API's description, sent as nobody and as each role, and what is wrong with
the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import schemathesis
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.python.asgi import ASGIClient, get_client, shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
from starlette.types import Receive, Scope, Send

from ingest.library import Library
from service.access import sessions
from service.access.person import ROLES, Role
from service.access.users import MAIN
from service.api import create_app
from service.api.limits import OFTEN, Limits
from service.api.needs import need_of
from service.settings import Settings
from tests.service.api.doors import ADDRESS, Team, bearer

Operation = APIOperation[Any, Any, Any, Any]
Known = Mapping[str, list[str]]  # what can stand in each place of an address or a body

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_PATIENCE_S = 300  # with a busy machine; what never ends is a fault


# Bodies of the upload protocol are bytes.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


class Recorded:
    """The application, and the endpoint that the last request came to: no other than the one that
    the description names, unless what was sent led elsewhere.
    """

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.endpoint: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        self.endpoint = scope.get("endpoint")


@dataclass
class Fuzzer:
    """``faults`` are told once each, with the first request that had them."""

    client: ASGIClient
    app: Recorded
    library: Library
    team: Team
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  # by who asked
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    _secrets: dict[Role, str] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Open a session for each: whoever signs out is back for the next operation."""
        with self.library.change() as connection:
            for role in ROLES:
                user, now = self.team.ids[role], datetime.now(UTC)
                self._secrets[role] = sessions.begin(connection, user, MAIN, now=now)

    def send(self, case: Case[Any], *, by_session: bool) -> None:
        """As nobody, and then as everybody, the least first."""
        for role in (None, *ROLES):
            headers = {} if role is None else self._credentials(role, by_session=by_session)
            self.client.cookies.clear()
            self.app.endpoint = None
            response = case.call(
                session=self.client, base_url=ADDRESS, headers=headers, timeout=_PATIENCE_S
            )
            self.answers[role or "nobody", response.status_code] += 1
            for fault in self._wrong(case, response, role):
                told = f"{role or 'nobody'}: {response.status_code} {case.as_curl_command()}"
                self.faults.setdefault((case.operation.label, fault), told)

    def _credentials(self, role: Role, *, by_session: bool) -> dict[str, str]:
        if by_session:
            return {"Cookie": f"firsthand={self._secrets[role]}", "Origin": ADDRESS}
        return bearer(self.team.tokens[role])

    def _wrong(self, case: Case[Any], response: Response, role: Role | None) -> Iterator[str]:
        endpoint = self.app.endpoint
        if endpoint is not None:
            need = need_of(endpoint).role
            may = need is None or (role is not None and ROLES.index(role) >= ROLES.index(need))
            if not may and response.status_code != (401 if role is None else 403):
                yield f"answered to {role or 'nobody'} what is for {need}s"
            # Who may is refused for other reasons as well, which a sentence of its own tells.
            if may and need is not None and b"Sign in first" in response.content:
                yield f"not let in as {role}"
        meant = case.operation.definition.raw.get("operationId") if endpoint else None
        if endpoint is None or meant is None or not meant.startswith(endpoint.__name__):
            if response.status_code >= 500:
                yield f"{response.status_code}"
            return
        if not _documented(case.operation, response):
            yield f"undocumented: {response.status_code} {response.headers.get('content-type')}"
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            yield from (_short(one) for one in group.exceptions)


def _documented(operation: Operation, response: Response) -> bool:
    """Every status but a problem's by its number, with the type of what it has in it."""
    told = operation.definition.raw["responses"]
    kind = response.headers.get("content-type", [""])[0].partition(";")[0]
    status = told.get(str(response.status_code))
    if status is None:
        return response.status_code >= 400 and kind == "application/problem+json"
    return not response.content or kind in status.get("content", {})


def _short(failure: BaseException) -> str:
    assert isinstance(failure, Failure)
    return " ".join(f"{failure.title}: {failure.message}".split())[:600]


@contextmanager
def fuzzing(library: Library, team: Team) -> Iterator[Fuzzer]:
    app = create_app(library, Settings(home=library.home))
    # Else most would only be told that they ask too often.
    app.state.limits = Limits(dict.fromkeys(OFTEN, 1_000_000))
    recorded = Recorded(app)
    with get_client(cast(Any, recorded)) as client:
        client.base_url = ADDRESS
        try:
            yield Fuzzer(client, recorded, library, team)
        finally:
            shutdown_lifespans()


def described(app: FastAPI) -> list[Operation]:
    """Every operation; what takes away comes last."""
    told = dict(app.openapi())
    told.pop("security")  # who asks is said here; it would make secrets up
    schema = schemathesis.openapi.from_dict(told)
    every = [cast(Ok[Operation], found).ok() for found in schema.get_all_operations()]
    return sorted(every, key=lambda one: (one.method == "delete", "erasure" in one.path))


def varies(operation: Operation) -> bool:
    """Whether there is anything in it that could be this or that."""
    return bool(operation.body) or any(operation.iter_parameters())


@st.composite
def cases(draw: st.DrawFn, operation: Operation, known: Known) -> Case[Any]:
    """Of what fits the description and what does not, mostly about what there is."""
    mode = GenerationMode.POSITIVE
    if varies(operation) and draw(st.integers(0, 2)) == 0:
        mode = GenerationMode.NEGATIVE
    case: Case[Any] = draw(operation.as_strategy(generation_mode=mode))
    places = dict(case.path_parameters or {})
    for name in places.keys() & known.keys():
        if draw(st.integers(0, 3)):
            places[name] = draw(st.sampled_from(known[name]))
    if places:
        case.path_parameters = places
    if isinstance(case.body, dict | list):
        case.body = _with(draw, case.body, known)
    return case


def _with(draw: st.DrawFn, value: Any, known: Known, name: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _with(draw, v, known, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_with(draw, one, known, name) for one in value]
    if isinstance(value, str) and name in known and draw(st.integers(0, 2)):
        return draw(st.sampled_from(known[name]))
    return value
