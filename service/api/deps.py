"""What routes ask for: the open library and the settings of their application."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from ingest.library import Library
from service.api.door import Caller
from service.api.job_feed import JobFeed
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


def _uploads(request: Request) -> Uploads:
    return Uploads(_library(request), _settings(request))


def _feed(request: Request) -> JobFeed:
    return cast(JobFeed, request.app.state.feed)


LibraryDep = Annotated[Library, Depends(_library)]
# The main home, where users are kept.
PeopleDep = Annotated[Library, Depends(_people)]
CallerDep = Annotated[Caller, Depends(_caller)]
SettingsDep = Annotated[Settings, Depends(_settings)]
FeedDep = Annotated[JobFeed, Depends(_feed)]
UploadsDep = Annotated[Uploads, Depends(_uploads)]
