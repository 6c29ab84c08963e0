"""The people of a workspace, for its admins."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, SecretStr

from ingest.errors import Conflict, Forbidden
from ingest.models import Frozen
from service.access import users as core
from service.access.person import Role
from service.access.users import MAIN, User
from service.api.auditing import note_made
from service.api.deps import CallerDep, PeopleDep
from service.api.door import Caller
from service.api.needs import GuardedRoute, needs

router = APIRouter(prefix="/api/users", tags=["users"], route_class=GuardedRoute)


class Member(Frozen):
    """A user as the admins of one workspace see them. ``elsewhere``: they are in others as well."""

    id: str
    name: str
    role: Role
    sso: bool
    disabled: bool
    elsewhere: bool
    created_at: datetime


class NewUser(Frozen):
    name: str = Field(min_length=1, max_length=254)
    role: Role = "viewer"
    password: SecretStr | None = Field(
        default=None, description="without one they come by single sign-on only"
    )


class UserPatch(Frozen):
    """What is left out stays."""

    role: Role | None = None
    password: SecretStr | None = None
    disabled: bool | None = None


@router.get("")
@needs("admin")
def every(people: PeopleDep, caller: CallerDep) -> list[Member]:
    """The members of this workspace, by name."""
    with people.read() as connection:
        found = core.list_users(connection, caller.workspace)
    return [_member(user, caller.workspace) for user in found]


@router.post("", status_code=201)
@needs("admin", "change")
def add(people: PeopleDep, caller: CallerDep, request: Request, wanted: NewUser) -> Member:
    """Let somebody in here. Somebody who has an account already becomes a member as well; no
    password is given for them then.
    """
    _require_no_token(caller)
    password = wanted.password.get_secret_value() if wanted.password else None
    if password is not None:
        _require_main(caller)
    with people.change() as connection:
        user = core.find_named(connection, wanted.name)
        if user is None:
            user = core.add_user(
                connection,
                wanted.name,
                password=password,
                role=wanted.role,
                now=datetime.now(UTC),
                workspace=caller.workspace,
            )
        elif user.role_in(caller.workspace) is not None:
            raise Conflict(f"{user.name} is here already.")
        elif password is not None:
            raise Conflict(f"{user.name} has an account already; add them without a password.")
        else:
            core.set_role(connection, user.id, wanted.role, workspace=caller.workspace)
            user = core.get_user(connection, user.id)
        _note(request, caller, user, role=wanted.role)
    return _member(user, caller.workspace)


@router.patch("/{user_id}")
@needs("admin", "change")
def patch(
    people: PeopleDep, caller: CallerDep, request: Request, user_id: str, wanted: UserPatch
) -> Member:
    """Change what somebody may do here. Their password, and whether they are let in at all, only an
    admin of the main workspace changes.
    """
    _require_no_token(caller)
    if wanted.password is not None or wanted.disabled is not None:
        _require_main(caller)
    now = datetime.now(UTC)
    with people.change() as connection:
        user = _here(core.get_member(connection, user_id, caller.workspace), caller)
        if wanted.role is not None:
            core.set_role(connection, user_id, wanted.role, workspace=caller.workspace)
        if wanted.password is not None:
            core.set_password(connection, user_id, wanted.password.get_secret_value())
        if wanted.disabled is True:
            core.disable(connection, user_id, now=now)
        elif wanted.disabled is False:
            core.enable(connection, user_id)
        user = core.get_user(connection, user_id)
        what: dict[str, int | str] = {} if wanted.role is None else {"role": wanted.role}
        if wanted.disabled is not None:
            what["disabled"] = int(wanted.disabled)
        if wanted.password is not None:
            what["password"] = 1
        _note(request, caller, user, **what)
    return _member(user, caller.workspace)


@router.delete("/{user_id}", status_code=204)
@needs("admin", "delete")
def remove(people: PeopleDep, caller: CallerDep, user_id: str) -> Response:
    """Let somebody in here no more; of an account that is in no other workspace nothing stays."""
    _require_no_token(caller)
    with people.change() as connection:
        user = _here(core.get_member(connection, user_id, caller.workspace), caller)
        if len(user.memberships) > 1:
            core.remove_from(connection, user_id, caller.workspace, now=datetime.now(UTC))
        else:
            core.remove(connection, user_id)
    return Response(status_code=204)


def _note(request: Request, caller: Caller, user: User, **what: int | str) -> None:
    assert caller.person is not None  # the routes need an admin
    note_made(request, caller.person, "change", "user", user.id, **what)


def _here(user: User, caller: Caller) -> User:
    if caller.person is not None and user.id == caller.person.user_id:
        raise Conflict("That is you; have another admin do it, or `firsthand users`.")
    return user


def _require_main(caller: Caller) -> None:
    # Else an admin of one workspace could give somebody a password, and with it come in as them in
    # another that they are let into later.
    if caller.workspace != MAIN:
        raise Forbidden("Passwords and whole accounts are for admins of the main workspace.")


def _require_no_token(caller: Caller) -> None:
    # A token that leaked would else make people who outlive it.
    if caller.person is not None and caller.person.via == "token":
        raise Forbidden("A token lets nobody in or out; sign in for that.")


def _member(user: User, workspace: str) -> Member:
    role = user.role_in(workspace)
    assert role is not None
    return Member(
        role=role,
        elsewhere=len(user.memberships) > 1,
        **user.model_dump(include={"id", "name", "sso", "disabled", "created_at"}),
    )
