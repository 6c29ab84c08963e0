"""What routes ask for: the open library and the settings of their application."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from ingest.errors import NotSignedIn
from ingest.library import Library
from service.access.person import Person, at_the_machine
from service.api.job_feed import JobFeed
from service.settings import Settings
from service.uploads import Uploads


def _library(request: Request) -> Library:
    return cast(Library, request.app.state.library)


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def person_of(request: Request) -> Person:
    """Who is asking. Raises ``NotSignedIn``."""
    person: Person | None = getattr(request.state, "person", at_the_machine())
    if person is None:
        raise NotSignedIn("Sign in first.")
    return person


def _uploads(request: Request) -> Uploads:
    return Uploads(_library(request), _settings(request), person_of(request))


def _feed(request: Request) -> JobFeed:
    return cast(JobFeed, request.app.state.feed)


LibraryDep = Annotated[Library, Depends(_library)]
SettingsDep = Annotated[Settings, Depends(_settings)]
FeedDep = Annotated[JobFeed, Depends(_feed)]
PersonDep = Annotated[Person, Depends(person_of)]
UploadsDep = Annotated[Uploads, Depends(_uploads)]
