"""Cells of a table that a spreadsheet shows and does not run."""

from __future__ import annotations

import re

# Also after apostrophes, so that a text that has one of its own keeps it; and the wide forms that
# spreadsheets take for the narrow ones in some countries.
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def harmless(cell: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula:
    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if FORMULA.match(cell) else cell
