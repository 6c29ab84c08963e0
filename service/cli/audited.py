"""Which commands are written into the audit log, and as what; the others only look.

Whoever reads or changes the home's files without these commands is not seen here: the command line
is for those whose files they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ingest.library import Library
    from service.access.audit import Action, Entry


@dataclass(frozen=True, slots=True)
class Act:
    """What a command does. ``subject`` and ``counts`` are parameters of it: the id of what it is
    done to, and what there may be several of. With ``when`` it only looks unless one of those
    parameters is given, with ``unless`` where that one is.
    """

    action: Action
    kind: str
    subject: str = ""
    otherwise: str = ""  # the parameter that is the subject where that one is not given
    counts: str = ""
    user: str = ""  # the parameter that is a sign-in name: its user's id is the subject
    role: str = ""  # the parameter that is a role
    when: tuple[str, ...] = ()
    unless: str = ""
    after: bool = False  # written when it is done: before, the log has to be empty


ACTS: Mapping[str, Act] = {
    "demo": Act("add", "sample"),
    "accounts import": Act("change", "accounts", unless="dry_run"),
    "crm apply": Act("change", "accounts"),
    "crm forget": Act("delete", "mapping", subject="mapping_id"),
    "crm undo": Act("change", "accounts"),
    "accounts book": Act("change", "booking", subject="account_id"),
    "accounts unbook": Act("change", "booking", subject="account_id"),
    "add": Act("add", "call", subject="again", counts="paths"),
    "show": Act("export", "call", subject="call_id"),
    "delete": Act("delete", "call", subject="call_id"),
    "clip": Act("export", "clip", subject="call_id"),
    "reel": Act("export", "reel", counts="quotes"),
    "speakers": Act("change", "speakers", subject="call_id", when=("fixes", "merges")),
    "correct": Act(
        "change",
        "call",
        subject="call_id",
        when=("text", "speaker", "new_speaker", "restore", "taken_back"),
    ),
    "ask": Act("ask", "question"),
    "themes": Act("change", "reading"),  # a model reads what waits
    "read": Act("change", "reading"),
    "memo": Act("add", "memo"),
    "memos save": Act("change", "memo", subject="memo_id"),
    "memos export": Act("export", "memo", subject="memo_id"),
    "answers delete": Act("delete", "answer", subject="answer_id"),
    "picks add": Act("add", "pick", subject="answer_id"),
    "picks remove": Act("delete", "pick", subject="pick_id"),
    "codebook import": Act("change", "codebook"),
    "codebook export": Act("export", "codebook"),
    "codebook add": Act("add", "code"),
    "codebook describe": Act("change", "code", subject="code"),
    "codebook rename": Act("change", "code", subject="code"),
    "codebook pin": Act("change", "code", subject="code"),
    "codebook unpin": Act("change", "code", subject="code"),
    "codebook dismiss": Act("change", "code", subject="code"),
    "codebook restore": Act("change", "code", subject="code"),
    "codebook remove": Act("delete", "code", subject="code"),
    "codebook merge": Act("change", "code", subject="into", counts="codes"),
    "codebook split": Act("change", "code", subject="code", counts="places"),
    "codebook confirm": Act("add", "code", subject="candidate"),
    "codebook judge": Act("change", "code", subject="code"),
    "codebook attach": Act("change", "call", subject="call_id"),
    "codebook status": Act("change", "code", subject="code"),
    "codebook undo": Act("change", "codebook"),
    "loop export": Act("export", "loop"),
    "loop sent": Act("change", "entry", subject="entry"),
    "loop dismiss": Act("change", "entry", subject="entry"),
    "loop restore": Act("change", "entry", subject="entry"),
    "hooks add": Act("add", "hook"),
    "hooks rotate": Act("change", "hook", subject="hook_id"),
    "hooks test": Act("export", "hook", subject="hook_id"),
    "hooks disable": Act("change", "hook", subject="hook_id"),
    "hooks enable": Act("change", "hook", subject="hook_id"),
    "hooks remove": Act("delete", "hook", subject="hook_id"),
    "hooks replay": Act("export", "hook", subject="delivery_id", otherwise="hook_id"),
    "evidence add": Act("add", "evidence", subject="call_id"),
    "evidence reject": Act("change", "evidence", subject="evidence_id"),
    "evidence kind": Act("change", "evidence", subject="evidence_id"),
    "evidence restore": Act("change", "evidence", subject="evidence_id"),
    "jobs retry": Act("change", "job", counts="job_ids"),
    "jobs cancel": Act("change", "job", subject="job_id"),
    "jobs forget": Act("delete", "job", subject="job_id"),
    "settings": Act("change", "settings", when=("changes",)),
    "doctor": Act("change", "home", when=("repair",)),
    "migrate": Act("export", "home"),
    "backup": Act("export", "home"),
    "restore": Act("add", "home", after=True),
    "audit export": Act("export", "audit"),
    "users add": Act("add", "user", role="role"),
    "users password": Act("change", "user", user="name"),
    "users role": Act("change", "user", user="name", role="role"),
    "users disable": Act("change", "user", user="name"),
    "users enable": Act("change", "user", user="name"),
    "users remove": Act("delete", "user", user="name"),
    "users sign-out": Act("delete", "session", user="name"),
    "tokens add": Act("add", "token", user="user", role="role"),
    "tokens revoke": Act("delete", "token", subject="token_id"),
    "workspaces add": Act("add", "workspace", subject="name"),
    "workspaces rename": Act("change", "workspace", subject="name"),
    "workspaces remove": Act("delete", "workspace", subject="name"),
    "consent": Act("change", "call", subject="call_id"),
    "digest": Act("export", "digest", unless="dry_run"),
    "goals set": Act("change", "goal"),
    "goals calendar load": Act("change", "calendar", counts="files", unless="dry_run"),
    "goals calendar remove": Act("delete", "calendar"),
    "erase-person": Act("delete", "person", unless="dry_run"),
    "retention": Act("delete", "call", unless="dry_run"),
}

# These change nothing that the home holds, or what they start writes for itself.
LOOKS = frozenset(
    {
        "accounts",
        "accounts show",
        "answers list",
        "answers show",
        "audit check",
        "audit list",
        "calls",
        "codebook history",
        "codebook list",
        "coverage",
        "crm calls",
        "crm mappings",
        "crm preview",
        "evidence list",
        "goals list",
        "heatmap",
        "hooks deliveries",
        "hooks list",
        "jobs list",
        "jobs show",
        "loop list",
        "mcp",
        "memos check",
        "memos diff",
        "memos list",
        "memos show",
        "memos versions",
        "models",
        "models get",
        "picks list",
        "serve",
        "spending",
        "theme",
        "timeline",
        "tokens list",
        "users list",
        "users sessions",
        "watch",
        "worker",
        "workspaces list",
    }
)


_MADE = "firsthand.made"


def made(subject: str) -> None:
    """Have the id of what this command made in the log as well: before, it was not known."""
    click.get_current_context().meta[_MADE] = subject


@contextmanager
def audited(library: Library, context: click.Context) -> Iterator[None]:
    """Write what the command does before it does it, once, and afterwards when it failed.

    Raises ``Unavailable`` when it cannot be written.
    """
    act = ACTS.get(name_of(context))
    given = context.params
    looks = act is None or (
        given.get(act.unless) if act.unless else act.when and not any(map(given.get, act.when))
    )
    if act is None or looks or context.meta.setdefault("audited", False):
        yield
        return
    context.meta["audited"] = True
    from service.access.audit import write, write_failed

    entry = _entry(act, context, library)
    allowed = None if act.after else write(library, entry)
    try:
        yield
    except BaseException as problem:
        if allowed is not None and not _is_success(problem):
            write_failed(library, allowed)
        raise
    if act.after:
        write(library, entry)
    elif made := context.meta.get(_MADE):
        write(library, replace(entry, subject=made, result="done"))


def name_of(context: click.Context) -> str:
    """The command as it is called, without the program's name: ``codebook add``."""
    names = []
    at: click.Context | None = context
    while at is not None and at.parent is not None:
        names.append(at.info_name or "")
        at = at.parent
    return " ".join(reversed(names))


def _entry(act: Act, context: click.Context, library: Library) -> Entry:
    from service.access.audit import Entry
    from service.access.person import at_the_machine

    subject = context.params.get(act.subject) or context.params.get(act.otherwise)
    if act.user:
        subject = _user_id(library, context.params[act.user])
    several = context.params.get(act.counts)
    detail: dict[str, int | str] = {act.counts: len(several)} if isinstance(several, tuple) else {}
    if act.role:
        detail["role"] = str(context.params[act.role])
    return Entry(
        person=at_the_machine(),
        action=act.action,
        kind=act.kind,
        subject=subject if isinstance(subject, str) else "",
        result="done" if act.after else "allowed",
        detail=detail,
    )


def _user_id(library: Library, name: str) -> str:
    from service.access.users import find_named

    with library.read() as connection:
        user = find_named(connection, name)
    return user.id if user else "unknown"


def _is_success(problem: BaseException) -> bool:
    return isinstance(problem, SystemExit) and problem.code in (None, 0)
