"""Signing in and out, with a password of this server or by single sign-on; and who one is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import Field, SecretStr

from ingest.errors import Conflict, FirsthandError, NotFound
from ingest.models import Frozen
from service.access import oidc, sessions, users
from service.access.admitting import admit
from service.access.person import Role
from service.access.signing_in import SignIn
from service.access.users import MAIN
from service.api.deps import CallerDep, PeopleDep, SettingsDep
from service.api.door import Caller, Cookie
from service.api.needs import GuardedRoute, needs
from service.api.page import Page, RoomRoute
