"""``python -m service.cli``: the same as the command ``firsthand``."""

from service.cli import main

main(prog_name="firsthand")
