"""How the demo tells its story on a terminal."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import click

from service.cli.progress import reporter
from service.cli.shell import event
from service.cli.text import money, plain

if TYPE_CHECKING:
    from types import TracebackType

    from service.demo import DemoResult
    from service.settings import Settings
    from service.shapes import Job

SHOWN = 5  # statements of the answer printed


class Narrator:
    """Tells what happens; holds the progress bars while it does."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._report = self._stack.enter_context(reporter(as_json=self._as_json))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def tell(self, sentence: str) -> None:
        if self._as_json:
            event(event="demo", message=sentence)
        else:
            click.echo(sentence, err=True)

    def report(self, job: Job) -> None:
        self._report(job)

    def close(self, result: DemoResult, settings: Settings) -> None:
        """The story's end: the answer, the memo, and where to look."""
        self._stack.close()
        if self._as_json:
            return
        answer, memo = result.answer, result.memo
        heard = answer.coverage
        click.echo(f"\n“{answer.question}”")
        click.echo(
            f"Heard {heard.accounts_heard} of {heard.accounts_in_scope} accounts, "
            f"{money(heard.arr_heard_usd)} of {money(heard.arr_in_scope_usd)} a year. "
            "Themes of the codebook first, most revenue first; each in their own words:\n"
        )
        for n, statement in enumerate(answer.statements[:SHOWN], start=1):
            quote = statement.quotes[0]
            account = memo.names.get(quote.account_id or "", quote.account_id or "")
            click.echo(f"{n}. {plain(statement.text)}")
            click.echo(f"   “{plain(quote.text)}”")
            where = f"{quote.call_id} [{quote.utterance}]"
            click.echo(f"   {plain(quote.speaker)}, {plain(account)}, {where}\n")
        more = max(0, len(answer.statements) - SHOWN)
        click.echo(
            f"… {more} more statements, and {len(answer.counter)} that speak against them.\n"
        )
        click.echo(f"The memo “{plain(memo.title)}”, as of day {memo.day} ({memo.as_of}):")
        for path in result.files:
            click.echo(f"  {path}")
        click.echo("\nHear it: start the page and open it in a browser:")
        click.echo(f"  firsthand --home {settings.home} serve")
        click.echo(f"  http://{settings.host}:{settings.port}/")
