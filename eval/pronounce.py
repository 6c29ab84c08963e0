"""Writes a transcript's line the way a synthetic voice has to get it to say it as a person would.

Abbreviations, spelt letters and stage directions are broken out into words; names that the voices
misread are respelt. Only the voice gets this text: the ground truth keeps the transcript's words.
"""

from __future__ import annotations

import re
import unicodedata

_RESPELT = {
    "Imogen": "Immojen",
    "Deveraux": "Devero",
    "Hmm": "Hum",
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "a.m.": "ay em",
    "p.m.": "pee em",
}
_NAMES = (
    "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue are ess tee you vee "
    "double-you ex why zee"
)
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES.split(), strict=True))
# Letters said one by one: VP, CRM; "P, R, U, I"; "double T".
_SPELT = re.compile(
    r"\b[B-DF-HJ-NP-TV-XZ]{2,4}\b|\b[A-Z](?=, [A-Z]\b)|(?<=\b[A-Z], )[A-Z]\b|(?<=double )[A-Z]\b"
)


def without_stage(text: str) -> str:
    """The words that are said: ``[laughs]`` is done, not said."""
    return " ".join(re.sub(r"\[[^\]]*\]", " ", text).split())


def pronounceable(text: str) -> str:
    """ASCII for the voice. Raises ``ValueError`` on digits: how they are said is not ours to guess.

    A last dash (cut short) and quotation marks go; a dash inside becomes a comma.
    """
    if re.search(r"\d", text):
        raise ValueError(f"Digits in “{text}”: write the number out in words as it is said.")
    for written, read in _RESPELT.items():
        text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", read, text)
    text = _SPELT.sub(lambda letters: " ".join(_LETTERS[letter] for letter in letters[0]), text)
    text = re.sub(r"\s*[—–]\s*(?=\w)", ", ", text).replace("—", "").replace("–", "").strip()
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text).replace('"', "").replace("’", "'")
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
