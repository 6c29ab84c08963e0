"""A command with commands under it that does one of them, mostly to list, when none is named."""

from __future__ import annotations

import click


class Listing(click.Group):
    """``firsthand evidence CALL`` is ``firsthand evidence list CALL``."""

    default = "list"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *self.get_help_option_names(ctx)}:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
