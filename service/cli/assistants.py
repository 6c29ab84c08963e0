"""The command that an assistant starts to ask this home."""

from __future__ import annotations

import click

from service.cli.leaving import announce
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
    from service.logs import say

    with shell.library() as library:
        announce(shell, library, "ask", *(("memo",) if writes else ()))
        say("Answering an assistant; what it is told goes where it runs.")
        serve(library, shell.settings, writes=writes, originals=shell.originals)
