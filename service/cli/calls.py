"""Commands about what is in the library: accounts, add, calls, show, delete."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.leaving import announce
from service.cli.shell import Shell, account_names, command, day, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from datetime import date

    from ingest.consent import Consent


@click.group(invoke_without_command=True)
@command
def accounts(shell: Shell) -> None:
    """List the accounts, or load them: `accounts import FILE`."""
    if click.get_current_context().invoked_subcommand:
        return
    from service.account_rows import account_rows
    from service.cli import render

    with shell.library() as library, library.read() as connection:
        found = account_rows(connection)
    if shell.as_json:
        shell.document(found)
    else:
        render.accounts(found)


@accounts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@command
def import_(shell: Shell, file: Path, dry_run: bool) -> None:
    """Load or update accounts from a CSV file with at least account_id and name."""
    from ingest.accounts import read_accounts
    from ingest.store import put_accounts

    if dry_run:
        _dry_run(shell, file)
        return
    rows = read_accounts(file)
    with shell.library() as library, library.change() as connection:
        n = put_accounts(connection, rows)
    if shell.as_json:
        shell.document({"imported": n})
    else:
        click.echo(f"{n} accounts loaded from {file.name}.")


def _dry_run(shell: Shell, file: Path) -> None:
    """Exit status 1 where the file would not be loaded."""
    from ingest.accounts import examine_accounts
    from ingest.transcripts.decode import read_bytes
    from service.account_import import preview
    from service.cli import render_account

    given = examine_accounts(read_bytes(file))
    with shell.library() as library, library.read() as connection:
        found = preview(connection, given)
    if shell.as_json:
        shell.document(found)
    else:
        render_account.preview(found)
    if found.faults:
        raise SystemExit(1)


@accounts.command()
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("date_", metavar="DATE")
@command
def book(shell: Shell, account_id: str, date_: str) -> None:
    """Note that a call with ACCOUNT is booked for DATE (YYYY-MM-DD).

    Until then the account counts as booked, not as silent. The booking is over once a call with the
    account of that day or later has been added.
    """
    _book(shell, account_id, day(date_))


@accounts.command()
@click.argument("account_id", metavar="ACCOUNT")
@command
def unbook(shell: Shell, account_id: str) -> None:
    """Take the booking of a call with ACCOUNT back."""
    _book(shell, account_id, None)


def _book(shell: Shell, account_id: str, on: date | None) -> None:
    from datetime import UTC, datetime

    from service.booking import book as keep

    with shell.library() as library:
        found = keep(library, account_id, on, datetime.now(UTC).date())
    if shell.as_json:
        shell.document(found)
    elif on is None:
        click.echo(f"No call with {account_id} is booked.")
    else:
        click.echo(f"A call with {account_id} is booked for {on}.")


@accounts.command("show")
@click.argument("account_id", metavar="ID")
@command
def show_account(shell: Shell, account_id: str) -> None:
    """Print one account: its calls, people, themes, risks and what is not known."""
    from datetime import UTC, datetime

    from service.account_page import account_page
    from service.cli import render_account

    with shell.library() as library:
        page = account_page(library, account_id, datetime.now(UTC).date())
    if shell.as_json:
        shell.document(page)
    else:
        render_account.page(page)


@click.command()
@click.argument("paths", nargs=-1, required=False, type=click.Path(path_type=Path))
@click.option("--account", "account_id", metavar="ID", help="The account these calls are with.")
@click.option("--date", "date_", metavar="D", help="Day of the call (YYYY-MM-DD).")
@click.option("--title", metavar="T", help="Title of the call.")
@click.option(
    "--consent",
    type=click.Choice(["given", "refused"]),
    help="Whether the customer agreed to be quoted.",
)
@click.option(
    "--internal-domain",
    "domains",
    multiple=True,
    metavar="D",
    help="Your own e-mail domain: its people are not customers. Kept from then on.",
)
@click.option("--no-wait", is_flag=True, help="Only queue the work for `serve` or `worker`.")
@click.option("--again", metavar="CALL", help="Hear this call anew, keeping your corrections.")
@click.option("--erased-too", is_flag=True, help="Also files from which a person was erased.")
@click.option(
    "--join", metavar="CALL", help="The file is the recording, or the transcript, of this call."
)
@click.option(
    "--transcriber",
    type=click.Choice(["auto", "moonshine", "whisper", "openai"]),
    help="Engine for these recordings instead of FIRSTHAND_TRANSCRIBER.",
)
@command
def add(
    shell: Shell,
    paths: tuple[Path, ...],
    account_id: str | None,
    date_: str | None,
    title: str | None,
    consent: Consent | None,
    domains: tuple[str, ...],
    no_wait: bool,
    again: str | None,
    erased_too: bool,
    join: str | None,
    transcriber: str | None,
) -> None:
    """Take in recordings and transcripts: files or whole folders.

    A recording and its transcript become one call: the sound of the one, the better words of the
    two. With a language model set, it reads what was added; what is sent to it is said before.

    \b
    Example: firsthand add recordings/ --account ACC-001
    """
    from ingest.facts import add_internal_domains
    from ingest.pipeline import About
    from service.adding import Adding
    from service.cli.progress import reporter

    if not paths and not again:
        raise click.UsageError("Give files or folders to add, or --again CALL.")
    if join and (len(paths) != 1 or paths[0].is_dir()):
        raise click.UsageError("Give one file with --join CALL.")
    about = About(account_id, day(date_), title, consent, erased_too)
    with shell.library() as library:
        announce(shell, library, "add", transcriber=transcriber)
        if domains:
            with library.change() as connection:
                add_internal_domains(connection, domains)
        with reporter(as_json=shell.as_json) as report:
            adding = Adding(library, transcriber=transcriber, report=report)
            if again:
                adding.again(again)
            if join:
                adding.receive(paths[0], about, join=join)
            else:
                adding.walk(paths, about)
            if not no_wait:
                adding.finish()
        outcome = adding.outcome()
    if shell.as_json:
        shell.document(outcome)
    else:
        from service.cli import render

        render.added(outcome)
    if outcome.errors:
        raise SystemExit(1)


@click.command()
@command
def calls(shell: Shell) -> None:
    """List the calls, the latest first."""
    from ingest.store import list_calls
    from service.cli import render

    with shell.library() as library:
        with library.read() as connection:
            found = list_calls(connection)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render.calls(found, names)


@click.command()
@click.argument("call_id", metavar="CALL")
@click.option(
    "--format", "kind", type=click.Choice(["vtt", "txt", "json"]), help="As a file of this kind."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write it here; the ending names the kind."
)
@command
def show(shell: Shell, call_id: str, kind: str | None, out: Path | None) -> None:
    """Print one call: who spoke, and what was said when.

    With --out it goes into a file, as captions, text or JSON. `firsthand add` takes the .json back
    in.

    \b
    Example: firsthand show LC-001 --out call.vtt
    """
    from service import call_files
    from service.cli import render
    from service.reading import read_call

    if out is not None and kind is None:
        kind = out.suffix.lower().removeprefix(".")
        if kind not in call_files.FORMATS:
            raise click.UsageError("Let FILE end in .vtt, .txt or .json, or give --format.")
    with shell.library() as library:
        call = read_call(library, call_id)
        redaction = shell.redaction(library)
    if kind is None:
        if shell.as_json:
            shell.document(call)
        else:
            render.call(call, shell.program)
        return
    body = call_files.render(redaction.value(call), kind)
    if out is None:
        click.echo(body, nl=False)
        return
    try:
        out.write_bytes(body)
    except OSError as problem:
        fail(f"{out} cannot be written ({problem.strerror}); choose another file.")
    if shell.as_json:
        shell.document({"written": str(out)})
    else:
        click.echo(f"Written to {out}.")


@click.command()
@click.argument("call_id", metavar="CALL")
@click.argument("answer", type=click.Choice(["given", "refused"]))
@command
def consent(shell: Shell, call_id: str, answer: Consent) -> None:
    """Note whether the customer agreed to be quoted.

    Where the home asks for consent (`firsthand settings ask_consent=yes`) only calls with consent
    given are counted, found and quoted. A call that is refused can still be read by itself; its
    quotes in answers and memos are withdrawn.
    """
    from ingest.pipeline import About, describe

    with shell.library() as library:
        describe(library, call_id, About(consent=answer))
    if shell.as_json:
        shell.document({"call_id": call_id, "consent": answer})
    else:
        click.echo(f"Consent to {call_id} is noted as {answer}.")


@click.command()
@click.argument("call_id", metavar="CALL")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@command
def delete(shell: Shell, call_id: str, *, yes: bool) -> None:
    """Erase a call and everything that came from it.

    Recording, words, vectors, evidence, what a model read in it, and its quotes in memos. In a
    terminal it says what would go, and asks.
    """
    from service.erase import erase
    from service.erasure import erasure

    with shell.library() as library:
        # Scripts are not asked: nobody is there to answer.
        if sys.stdin.isatty() and not (yes or shell.as_json):
            going = erasure(library, call_id)
            click.echo(f"Deleting “{plain(going.title)}” takes, for good:", err=True)
            for sentence in going.sentences:
                click.echo(f"  {plain(sentence)}", err=True)
            click.confirm("Delete it?", abort=True, err=True)
        erase(library, call_id)
    if shell.as_json:
        shell.document({"deleted": call_id})
    else:
        click.echo(f"{call_id} is erased, with everything that came from it.")


COMMANDS = (accounts, add, calls, show, delete)
