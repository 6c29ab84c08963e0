"""Numbers and addresses as people say them: "nine one nine, five five five, oh one four two",
"maureen dot tolliver at brackenfell dot com".

Recognisers write down what they hear. This reads the digits out of it; whether they are anybody's
number is for ``ingest.numbers`` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ONES: Final = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "naught": 0, "one": 1, "two": 2, "three": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "niner": 9,
}  # fmt: skip
_TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8,
    "ninety": 9,
}  # fmt: skip
_ONE: Final = "|".join(_ONES)
_GAP: Final = r"[\s,.…–—()/-]"
_ATOM: Final = re.compile(
    rf"(?<![\w'’$€£])(?:(?P<times>double|triple|treble)[ -](?P<again>{_ONE}|[0-9])"
    rf"|(?P<one>{_ONE})(?P<hundred> hundred)?|(?P<teen>{'|'.join(_TEENS)})"
    rf"|(?P<ten>{'|'.join(_TENS)})(?:[ -](?P<unit>one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?P<figures>[0-9]{1,19}))(?![\w'’%])",
    re.IGNORECASE | re.ASCII,
)
# What may stand between two digits of one number.
_BETWEEN: Final = re.compile(
    rf"{_GAP}{{1,4}}(?:(?:dash|hyphen|um|uh|er|erm|then|space|area code|and then){_GAP}{{1,4}})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One or a few digits, ``text[first:end]``. ``plain`` says that they are said one by one."""

    first: int
    end: int
    digits: str
    plain: bool
    figures: bool


def digit_runs(text: str) -> Iterator[list[Atom]]:
    """What stands together, in words or mixed; numbers that are all figures are left out, unless
    each is a single one ("9 1 9 5 5 5 0 1 4 2").
    """
    run: list[Atom] = []
    for found in _ATOM.finditer(text):
        atom = _atom(found)
        if run and not _BETWEEN.fullmatch(text[run[-1].end : atom.first][:16]):
            if _tells(text, run):
                yield run
            run = []
        run.append(atom)
    if _tells(text, run):
        yield run


def _tells(text: str, run: list[Atom]) -> bool:
    if sum(len(atom.digits) for atom in run) < 7:
        return False
    if any(not atom.figures for atom in run):
        return True
    return all(atom.plain for atom in run) and "," not in text[run[0].first : run[-1].end]


def _atom(found: re.Match[str]) -> Atom:
    said = {name: word.lower() for name, word in found.groupdict().items() if word}
    if "figures" in said:
        return Atom(*found.span(), said["figures"], len(said["figures"]) == 1, True)
    if "times" in said:
        again = said["again"] if said["again"].isdigit() else str(_ONES[said["again"]])
        return Atom(*found.span(), again * (2 if said["times"] == "double" else 3), True, False)
    if "one" in said:
        one = str(_ONES[said["one"]])
        whole = "hundred" in said
        return Atom(*found.span(), one + "00" if whole else one, not whole, False)
    if "teen" in said:
        return Atom(*found.span(), str(_TEENS[said["teen"]]), False, False)
    unit = _ONES[said["unit"]] if "unit" in said else 0
    return Atom(*found.span(), f"{_TENS[said['ten']]}{unit}", False, False)


# --- Spelled bank numbers: "G B eight two, W E S T, one two three four" ------------------------
_SPELLED_HEAD: Final = re.compile(
    rf"(?<!\w)[a-z](?!\w){_GAP}{{1,3}}[a-z](?!\w){_GAP}{{1,3}}(?=(?:{_ONE}|[0-9])\b)", re.I | re.A
)
_LETTER: Final = re.compile(r"(?<![\w'’])(?:[A-Za-z]{1,4})(?![\w'’])", re.ASCII)
_BLANKS: Final = re.compile(rf"{_GAP}{{0,4}}")
_LONGEST_BANK_NUMBER = 34  # characters, ISO 13616


def spelled_banks(text: str) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Where a spelled bank number may begin, and what it spells up to each place after that."""
    for head in _SPELLED_HEAD.finditer(text):
        spelled = "".join(c for c in head.group() if c.isalpha()).upper()
        at, ends = head.end(), []
        while len(spelled) < _LONGEST_BANK_NUMBER:
            atom = _ATOM.match(text, at)
            letters = None if atom else _LETTER.match(text, at)
            part = atom or letters
            if part is None:
                break
            spelled += _atom(atom).digits if atom else part.group().upper()
            ends.append((part.end(), spelled))
            blank = _BLANKS.match(text, part.end())
            at = blank.end() if blank else part.end()
        yield head.start(), ends


# --- Addresses --------------------------------------------------------------------------------
_DOT: Final = r"(?:\s+dot\s+|\s?\.\s?|\s?[(\[]\s?dot\s?[)\]]\s?)"
_LABEL: Final = r"[^\W_]{1,40}(?:-[^\W_]{1,40}){0,12}"
_TOP: Final = (
    r"(?:com|org|net|edu|gov|mil|int|io|co|uk|us|ca|au|nz|ie|de|fr|es|pt|it|nl|be|ch|at|dk|se|no|fi|"
    r"pl|eu|in|za|jp|br|mx|info|biz|me|app|dev|ai|tv|example|test|email|tech|online|store|shop|"
    r"health|care|coop|farm|life|xyz|cloud|group|agency)"
)
_AT_DOMAIN: Final = re.compile(
    rf"(?:\s+at\s+|\s?[(\[]\s?at\s?[)\]]\s?|\s@\s?|@\s)(?:(?!at\b){_LABEL}[\s,]{{1,2}}){{0,2}}?{_LABEL}"
    rf"(?:{_DOT}{_LABEL}){{0,3}}?{_DOT}{_TOP}(?:{_DOT}(?:uk|au|nz|za|jp|br|mx|in))?(?![\w'’])"
    r"(?!\s+(?:dot|at)\s)",
    re.IGNORECASE,
)
_PIECE: Final = re.compile(r"[\w.+'’]+")
_JOINS: Final = frozenset("dot underscore dash hyphen minus plus point".split())
_SPELLS: Final = frozenset("double triple capital lowercase uppercase".split())
_NOBODY: Final = frozenset(
    "me us him her them it you is are was were be look looked looking looks i we they he she "
    "that this those these what there here stuff things thing ordered order bought buy buying "
    "found find shop shopping people folks someone somebody anyone work works worked working up "
    "down out in on over back and or but so got get getting seen saw see check checked checking "
    "price prices sold sell selling booked book page pages site website online account accounts "
    "one ones not just only even also as all both team guys now today live lives meet met go "
    "went going email mail".split()
)
_OFFICES: Final = frozenset(
    "info sales support hello contact billing admin office orders hr jobs press accounting "
    "payroll dispatch service reception enquiries inquiries bookings invoices feedback".split()
)
_WRITES: Final = re.compile(
    r"\b(?:e-?mails?|mail|write|drop|address(?:es)?|inbox|gmail|outlook|send (?:it|that|them|this|"
    r"everything|the \w+|me \w+)(?: over)? to|reach (?:me|us|him|her|them)|cc|copy in|contact|"
    r"forward (?:it|that) to|log ?in|username|invite)\b",
    re.IGNORECASE,
)


def spoken_addresses(text: str) -> Iterator[tuple[int, int]]:
    for found in _AT_DOMAIN.finditer(text):
        pieces = list(_PIECE.finditer(text, max(0, found.start() - 120), found.start()))
        if not pieces or _blank(text[pieces[-1].end() : found.start()]):
            continue
        first, strong = _local(text, pieces)
        bracketed = found.group().lstrip()[0] in "([@"
        if strong or bracketed or _addressed(text, first, text[first : found.start()].lower()):
            yield first, found.end()


def _local(text: str, pieces: list[re.Match[str]]) -> tuple[int, bool]:
    """Where the part before "at" begins, and whether it can be nothing but an address."""
    at = len(pieces) - 1
    letters = joined = 0
    while at > 0:
        word, before = pieces[at].group().lower(), pieces[at - 1].group().lower()
        gap = text[pieces[at - 1].end() : pieces[at].start()]
        if before in _JOINS and at > 1 and gap.isspace():
            joined += 1
            at -= 2
        elif _is_digit(word) and gap.isspace() and before not in _NOBODY:
            joined += 1
            at -= 1
        elif (
            (_is_letter(word) or _is_digit(word))
            and len(gap) < 3
            and (_is_letter(before) or before in _SPELLS)
        ):
            letters += 1
            at -= 1
        elif word in _SPELLS:
            at -= 1
        else:
            break
    word = pieces[at].group()
    written = re.search(r"\w[._+]\w|\w[0-9]", word) is not None
    return pieces[at].start(), bool(joined or letters > 1 or written)


def _addressed(text: str, first: int, local: str) -> bool:
    if local in _NOBODY:
        return False
    return local in _OFFICES or _WRITES.search(text[max(0, first - 60) : first]) is not None


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def _is_digit(word: str) -> bool:
    return word in _ONES or (word.isdigit() and len(word) < 5)


def _blank(gap: str) -> bool:
    """Whether something stands between the local part and "at"."""
    return bool(gap.strip(" ,"))
