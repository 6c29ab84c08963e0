"""A command with commands under it that lists when none of them is named."""

from __future__ import annotations

import click


class Listing(click.Group):
    """``firsthand evidence CALL`` is ``firsthand evidence list CALL``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *self.get_help_option_names(ctx)}:
            args = ["list", *args]
        return super().parse_args(ctx, args)
