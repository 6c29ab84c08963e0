"""What commands share: --home, --workspace and --json, the open library, errors as one sentence."""

from __future__ import annotations

import functools
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, NoReturn, ParamSpec, TypedDict, TypeVar

import click

from service.cli.text import masked, redaction

if TYPE_CHECKING:
    from datetime import date

    from ingest.library import Library
    from ingest.redaction import Redaction
    from service.settings import Settings
    from service.shapes import Filters

# Not masked: whoever sits here may know what it is that is masked, and whom mail was sent.
_OURS = ("mask_names", "digest_to", "mailed_to")
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Where:
    """The home and the workspace that the options name, for a command and those under it."""

    home: str | None = None
    workspace: str | None = None

    def over(self, other: Where) -> Where:
        return Where(self.home or other.home, self.workspace or other.workspace)

    @property
    def program(self) -> str:
        """What a person types to get there."""
        home = f" --home {shlex.quote(self.home)}" if self.home else ""
        return f"firsthand{home}" + (f" --workspace {self.workspace}" if self.workspace else "")


@dataclass(frozen=True, slots=True)
class Shell:
    """What a command was called with: the settings and how to answer.

    ``where`` is what the options said of the home. ``originals`` shows private details as they are:
    who runs a command can read the files anyway.
    """

    settings: Settings
    as_json: bool
    where: Where = Where()
    originals: bool = False

    @property
    def program(self) -> str:
        """What a person types to reach the same workspace."""
        return self.where.program

    @contextmanager
    def library(self) -> Iterator[Library]:
        """The workspace's library, closed afterwards; what the command does is in its audit log."""
        from service.redaction import by_itself

        with self._opened(self.settings) as library:
            if not self.originals:
                with library.read() as connection:
                    redaction.set(by_itself(connection))
            with self._audited(library):
                yield library

    @contextmanager
    def people(self) -> Iterator[Library]:
        """The main workspace's library, which knows the users of all of them; likewise.

        Nothing is masked: users are no customers. Raises ``NotFound`` for a workspace that is none.
        """
        from service.settings import MAIN
        from service.workspaces import get

        with self._opened(self.settings.of(MAIN)) as library:
            get(library, self.settings.workspace)
            with self._audited(library):
                yield library

    def _audited(self, library: Library) -> AbstractContextManager[None]:
        from service.cli.audited import audited

        return audited(library, click.get_current_context())

    @contextmanager
    def _opened(self, settings: Settings) -> Iterator[Library]:
        from sqlalchemy.exc import OperationalError

        from ingest.errors import Unavailable
        from service.workspaces import open_library

        library = open_library(settings)
        try:
            yield library
        except OperationalError as problem:
            if "database is locked" not in str(problem.orig):
                raise
            raise Unavailable(
                f"{library.home} is in the middle of another change; try again when it is over."
            ) from problem
        finally:
            library.close()

    def redaction(self, library: Library) -> Redaction:
        """What masks a file that somebody takes along."""
        from ingest.redaction import NOTHING
        from service.redaction import shown

        if self.originals:
            return NOTHING
        with library.read() as connection:
            return shown(library, connection)

    def document(self, value: object) -> None:
        """One JSON document on stdout."""
        click.echo(to_json(value))


def to_json(value: object, *, indent: int | None = 2) -> str:
    """A model, a dataclass, or lists and dictionaries of them, as JSON, masked."""
    from pydantic_core import to_json as encode
    from pydantic_core import to_jsonable_python

    masks = redaction.get()
    if masks is not None:
        value = masks.json(to_jsonable_python(value), keep=_OURS)
    return encode(value, indent=indent).decode()


def command(function: Callable[Concatenate[Shell, P], R]) -> Callable[..., R]:
    """Give a command its common options, and turn errors into one sentence and exit
    status 1.
    """

    @click.option("--home", metavar="DIR", help="Home folder; also FIRSTHAND_HOME.")
    @click.option("--workspace", metavar="NAME", help="Workspace; also FIRSTHAND_WORKSPACE.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
    @click.option("--originals", is_flag=True, help="Private details as they are, not masked.")
    @functools.wraps(function)
    def wrapped(
        home: str | None,
        workspace: str | None,
        as_json: bool,
        originals: bool,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        from ingest.errors import FirsthandError
        from service import logs

        before = redaction.set(None)
        try:
            # What a group is given holds for the command under it.
            context = click.get_current_context()
            context.obj = where = Where(home, workspace).over(context.obj)
            settings = _settings(where)
            logs.set_up(logs.Log(settings.log, settings.log_level, settings.options().workspace))
            return function(Shell(settings, as_json, where, originals), *args, **kwargs)
        except FirsthandError as problem:
            fail(str(problem))
        except Exception as problem:
            # What is heavy to import is imported only now.
            from ingest.database import passing

            if (why := passing(problem)) is None:
                raise
            fail(str(why))
        finally:
            redaction.reset(before)

    return wrapped


def _settings(where: Where) -> Settings:
    from pydantic import ValidationError

    from service.settings import Settings

    try:
        settings = Settings()
    except ValidationError as problem:
        first = problem.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        if name.lower() in Settings.model_fields:  # those that others name have their own
            name = f"FIRSTHAND_{name}"
        fail(f"The setting {name} cannot be used: {first['msg']}.")
    if where.home:
        settings = settings.model_copy(update={"home": Path(where.home)})
    return settings.of(where.workspace) if where.workspace else settings


def fail(sentence: str) -> NoReturn:
    """Say what went wrong on stderr and end with status 1."""
    click.echo(f"firsthand: {masked(sentence)}", err=True)
    sys.exit(1)


def account_names(library: Library) -> dict[str, str]:
    """Names of all accounts by id, for printing."""
    from ingest.store import list_accounts

    with library.read() as connection:
        return {a.account_id: a.name for a in list_accounts(connection)}


def event(**fields: object) -> None:
    """One line of JSON on stderr, for programs that watch."""
    told = {k: masked(v) if isinstance(v, str) else v for k, v in fields.items()}
    click.echo(json.dumps(told, default=str), err=True)


def day(text: str | None) -> date | None:
    """A date as people write it. Raises ``BadInput``."""
    if text is None:
        return None
    from ingest.transcripts.dates import parse_date

    return parse_date(text)


class Chosen(TypedDict):
    """The filter options as click hands them over."""

    top: int | None
    tier: str | None
    segment: str | None
    region: str | None
    accounts: tuple[str, ...]
    since: str | None
    until: str | None


_FILTER_OPTIONS = (
    click.option(
        "--top", type=click.IntRange(min=1), metavar="N", help="Only the N accounts with most ARR."
    ),
    click.option("--tier", metavar="T", help="Only accounts of this tier."),
    click.option("--segment", metavar="S", help="Only accounts of this segment."),
    click.option("--region", metavar="R", help="Only accounts of this region."),
    click.option(
        "--account", "accounts", multiple=True, metavar="ID", help="Only this account; repeatable."
    ),
    click.option("--since", metavar="D", help="Only calls on or after this date (YYYY-MM-DD)."),
    click.option("--until", metavar="D", help="Only calls on or before this date (YYYY-MM-DD)."),
)


def filter_options(function: Callable[P, R]) -> Callable[P, R]:
    """The filters of the contract, as options; see ``Chosen``."""
    for option in reversed(_FILTER_OPTIONS):
        function = option(function)
    return function


def filters(chosen: Chosen) -> Filters:
    """The filters from their options. Raises ``BadInput`` for a date that is none."""
    from service.shapes import Filters

    return Filters(
        top=chosen["top"],
        tier=chosen["tier"],
        segment=chosen["segment"],
        region=chosen["region"],
        accounts=chosen["accounts"] or None,
        since=day(chosen["since"]),
        until=day(chosen["until"]),
    )
