"""The command that an assistant starts to ask this home."""

from __future__ import annotations

import click

from service.cli.leaving import lines
from service.cli.shell import Shell, command


@click.command()
@click.option("--write", "writes", is_flag=True, help="Let it draft memos and pick for them, too.")
@command
def mcp(shell: Shell, *, writes: bool) -> None:
    """Answer an assistant over stdin and stdout (MCP).

    Not for people: an assistant's settings name this command. What the assistant is told goes where
    it runs, private details masked unless --originals. What it sees and asks is in the audit log.
    `firsthand serve` answers assistants at /mcp.

    \b
    Example: {"mcpServers": {"firsthand": {"command": "firsthand", "args": ["mcp"]}}}
    """
    from service.assistants.stdio import serve
    from service.doctor import leaving
    from service.logs import say

    acts = {"ask", "memo"} if writes else {"ask"}
    with shell.library() as library:
        # Each time, and no news that was told: whoever reads this may be a program.
        every = leaving(shell.settings, library)
        for line in lines([one for one in every if acts & set(one.acts)]):
            say(line)
        say("Answering an assistant; what it is told goes where it runs.")
        serve(library, shell.settings, writes=writes, originals=shell.originals)
