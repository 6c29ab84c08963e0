"""What routes ask for: the open library and the settings of their application."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from ingest.errors import NotSignedIn
from ingest.library import Library
from ingest.redaction import NOTHING, Redaction
from service.access.person import Person
from service.api.door import Caller
from service.api.job_feed import JobFeed
from service.redaction import shown
from service.settings import Settings
from service.uploads import Uploads


def _library(request: Request) -> Library:
    return cast(Library, request.app.state.library)


def _people(request: Request) -> Library:
    return cast(Library, request.app.state.people)


def _caller(request: Request) -> Caller:
    return cast(Caller, request.state.caller)


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def person_of(request: Request) -> Person:
    """Who is asking, where somebody has to have signed in. Raises ``NotSignedIn``."""
    person: Person | None = request.state.person
    if person is None:
        raise NotSignedIn("Sign in first, or send a token as `Authorization: Bearer fh_…`.")
    return person


def _redaction(request: Request) -> Redaction:
    if getattr(request.state, "originals", False):
        return NOTHING
    library = _library(request)
    with library.read() as connection:
        return shown(library, connection)


def _uploads(request: Request) -> Uploads:
    return Uploads(_library(request), _settings(request), person_of(request))


def _feed(request: Request) -> JobFeed:
    return cast(JobFeed, request.app.state.feed)


LibraryDep = Annotated[Library, Depends(_library)]
# The main home, where users are kept.
PeopleDep = Annotated[Library, Depends(_people)]
CallerDep = Annotated[Caller, Depends(_caller)]
SettingsDep = Annotated[Settings, Depends(_settings)]
FeedDep = Annotated[JobFeed, Depends(_feed)]
PersonDep = Annotated[Person, Depends(person_of)]
UploadsDep = Annotated[Uploads, Depends(_uploads)]
# What a file is to be masked with; JSON is masked on its way out (``service.api.masking``).
RedactionDep = Annotated[Redaction, Depends(_redaction)]
