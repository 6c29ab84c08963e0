"""The gate for words that a model claims were said: they stand in the utterance, or they do not.

What may differ is how words are written down: case, white space, typographic marks, characters
that are the same by Unicode's own account (NFKC), what is invisible, and punctuation at either
end. Nothing else: a number, a "not", a name or a date is right or it is refused. (Published fuzzy
matchers let "not" dropped, 400 → 4000 and March → May pass.) The words found are then widened to
whole sentences, so that no "not" is cut away from them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from ingest import cues
from ingest.private import is_private, private_details
from ingest.signs import sentences

Refused = Literal[
    "no words given",
    "leaves words out",
    "a number is altered",
    "a negation is altered",
    "these words were not said here",
]

LONG = 70  # words; a sentence beyond this is quoted in part
_CLAUSE = 15  # words, where no boundary is nearer
_BACK = 60  # words; so far back something may govern what is said

# --- folding ---------------------------------------------------------------------------------

_MARK = "\0"  # stands in the folded text wherever a word may begin or end
_APOSTROPHES = frozenset("'‘’‚‛′ʼ＇`´ʹˈ")
_QUOTES = frozenset('"“”„‟″«»＂')
_HYPHENS = frozenset("-‐‑−－﹣")
_DASHES = frozenset("–‒—―﹘")
_INVISIBLE = frozenset("­​‌‍⁠﻿‎‏‪‫‬‭‮⁦⁧⁨⁩᠎")
# Compatibility forms that carry sense: 10² is not 102, 16½ not 161/2.
_MEANT = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")
_MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe text; sorting them is quadratic
_MONEY = "$€£¥₹"
_BEHIND = frozenset("%‰°+#" + _MONEY)  # belong to what they stand behind
_BEFORE = frozenset(_MONEY + "#@")  # and to what they stand before
_BEFORE_DIGIT = frozenset("-.+~<>")
_JOINS = frozenset("'-./&@+\\")  # make one word of two
_JOINS_DIGITS = frozenset(",:")
_STRIPPED = frozenset("%#&@+" + _MONEY)  # are not punctuation at the end of words
_SPACED = frozenset(" …—")
# Scripts without spaces between words: any two letters may be parted, numerals may not.
_UNSPACED = re.compile(r"[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF]")
_NUMERALS = frozenset("〇零一二三四五六七八九十百千万萬億亿兆两兩")


def find_exactly(words: str, text: str) -> tuple[int, int] | None:
    """Where ``words`` stand in ``text`` word for word, as a span of ``text``; the first place.

    Never inside a word or a number ("16" is not in "1,600", nor "can" in "can't"), and never
    across words that were left out, whatever stands for them.
    """
    wanted = _bare(words)
    if not wanted:
        return None
    needle, _ = _marked(_fold(wanted))
    haystack, origin = _marked(_fold(text))
    at = haystack.find(needle)
    if at < 0:
        return None
    return origin[at + 1][0], origin[at + len(needle) - 2][1]


def refusal(words: str, text: str) -> Refused | None:
    """Why ``words`` are not taken for words of ``text``; ``None`` when they are."""
    if not _bare(words):
        return "no words given"
    if find_exactly(words, text) is not None:
        return None
    wanted, have = _tokens(words), _tokens(text)
    digits = [w for w in wanted if any(c.isdigit() for c in w)]
    if not set(digits) <= set(have):
        return "a number is altered"
    missing, rest = Counter(wanted) - Counter(have), iter(have)
    if any(cues.NEGATION.fullmatch(w) or w.endswith("n't") for w in missing):
        return "a negation is altered"
    if all(word in rest for word in wanted):
        return "leaves words out"
    return "these words were not said here"


_Folded = list[tuple[str, int, int]]  # a character and the span of the text it comes from


def _fold(text: str) -> _Folded:
    """The text's characters as they are compared, each with where it comes from."""
    return list(_joined(list(_folded(text))))


def _folded(text: str) -> Iterator[tuple[str, int, int]]:
    at, size = 0, len(text)
    while at < size:
        end = at + 1
        while end < size and end - at <= _MOST_MARKS and unicodedata.combining(text[end]):
            end += 1
        for char in _alike(text[at:end]):
            yield char, at, end
        at = end


def _alike(cluster: str) -> str:
    """One letter with its accents, in the one way in which it is compared."""
    first = cluster[0]
    if len(cluster) == 1:
        if first in _INVISIBLE:
            return ""
        if first.isascii():
            return " " if first.isspace() else "'" if first == "`" else first.lower()
        if first.isspace():
            return " "
        if first in _APOSTROPHES:
            return "'"
        if first in _QUOTES:
            return '"'
        if first in _HYPHENS:
            return "-"
        if first in _DASHES:
            return "–" if first in "–‒" else "—"
        if first == "…":
            return "…"
    if unicodedata.category(first) in ("No", "Nl") or unicodedata.decomposition(first).startswith(
        _MEANT
    ):
        return first.casefold() + unicodedata.normalize("NFKD", cluster[1:])
    once = unicodedata.normalize("NFKD", cluster).casefold()
    return unicodedata.normalize("NFKD", once).replace("⁄", "/")


def _joined(chars: _Folded) -> Iterator[tuple[str, int, int]]:
    """Runs of white space, dots and dashes as one character each.

    A hyphen holds two words together and a dash parts them ("sixty-two", "sixty — two"), so the
    two stay different, whichever character was typed.
    """
    at, size = 0, len(chars)
    before = ""
    while at < size:
        run = at
        while run < size and chars[run][0] in " .…-–—":
            run += 1
        if run == at:
            before = chars[at][0]
            yield chars[at]
            at += 1
            continue
        marks = "".join(c[0] for c in chars[at:run])
        after = chars[run][0] if run < size else ""
        for char, first, end in _run(marks, before, after):
            yield char, chars[at + first][1], chars[at + end - 1][2]
        before, at = " ", run


def _run(marks: str, before: str, after: str) -> list[tuple[str, int, int]]:
    """What a run of white space, dots and dashes between two characters comes to."""
    tight = marks.strip(" ")
    size = len(marks)
    if not tight:
        glued = (before in _MONEY and after.isdigit()) or (before.isdigit() and after == "%")
        return [] if glued and before else [(" ", 0, size)]
    if set(tight) <= {".", "…", " "}:
        dots = tight.replace(" ", "")
        if len(dots) > 1 or dots == "…":
            return [("…", 0, size)]
        at = marks.index(".")
        around = [(" ", 0, at)] if at else []
        return [*around, (".", at, at + 1), *([(" ", at + 1, size)] if at + 1 < size else [])]
    if marks == "-" or (marks == "–" and before.isdigit() and after.isdigit()):
        return [("-", 0, 1)]
    if marks.endswith(" -") and after.isdigit() and set(marks) <= {" ", "-"} and len(tight) == 1:
        return [(" ", 0, size - 1), ("-", size - 1, size)]  # a minus
    if set(marks) <= set(" -–—"):
        return [("—", 0, size)]
    # A stop and a dash, in whichever order: each as it stands.
    return [(c, n, n + 1) for n, c in enumerate(marks) if c != " "]


def _marked(chars: _Folded) -> tuple[str, list[tuple[int, int]]]:
    """The folded text with a mark at every place where words may begin or end, and the origins."""
    out: list[str] = []
    origin: list[tuple[int, int]] = []
    size = len(chars)
    for n in range(size + 1):
        if _parts(chars, n):
            out.append(_MARK)
            origin.append(
                (chars[n][1],) * 2 if n < size else (chars[-1][2],) * 2 if size else (0, 0)
            )
        if n < size:
            out.append(chars[n][0] if chars[n][0] != _MARK else "\ufffd")
            origin.append(chars[n][1:])
    return "".join(out), origin


def _parts(chars: _Folded, n: int) -> bool:
    """Whether words may begin or end before character ``n``."""
    if n in (0, len(chars)):
        return True
    left, right = chars[n - 1], chars[n]
    a, b = left[0], right[0]
    if left[1:] == right[1:]:
        return False  # two letters that are written as one
    if a in _SPACED or b in _SPACED:
        return True
    if _letter(a) and _letter(b):
        loose = _UNSPACED.match(a) or _UNSPACED.match(b)
        return bool(loose) and not (_numeral(a) and _numeral(b))
    if _letter(a):
        after = chars[n + 1][0] if n + 1 < len(chars) else ""
        return not (b in _BEHIND or _holds(a, b, after))
    if _letter(b):
        before = chars[n - 2][0] if n > 1 else ""
        glued = a in _BEFORE or (b.isdigit() and a in _BEFORE_DIGIT)
        return not (glued or _holds(before, a, b))
    return not (a in "-+" and b in _MONEY) and not (b in _BEHIND and a in _BEHIND)


def _holds(a: str, joint: str, b: str) -> bool:
    """Whether ``joint`` makes one word of what stands on its two sides."""
    if not (a and b and _letter(a) and _letter(b)):
        return False
    return joint in _JOINS or (joint in _JOINS_DIGITS and a.isdigit() and b.isdigit())


def _letter(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def _numeral(char: str) -> bool:
    return char.isdigit() or char in _NUMERALS


def _bare(words: str) -> str:
    """The words without the punctuation and blanks at either end."""
    first, end = 0, len(words)
    while first < end and _idle(words[first]) and not _signs(words, first, end):
        first += 1
    while first < end and _idle(words[end - 1]):
        end -= 1
    return words[first:end]


def _idle(char: str) -> bool:
    if char.isspace() or char in _INVISIBLE or char in "`´":
        return True
    return char not in _STRIPPED and unicodedata.category(char)[0] in "PC"


def _signs(words: str, first: int, end: int) -> bool:
    """Whether what begins here is the sign or the point of a number."""
    after = words[first + 1] if first + 1 < end else ""
    return after.isdigit() and (words[first] in _HYPHENS or words[first] == ".")


def _tokens(text: str) -> list[str]:
    folded = "".join(" " if c in _SPACED else c for c, _, _ in _fold(text))
    return [word for chunk in folded.split() if (word := _bare(chunk))]


# --- widening --------------------------------------------------------------------------------

_WORD = re.compile(r"\S+")
_CLOSED = re.compile(r"[.!?…][\"'”’)\]]*$")
_CONJUNCTION = r"(?:and|but|so|because|or|though|although|while|whereas|then|when|which|who)"
_WEAK = re.compile(rf"[,;:–—]$|^-+$|^{_CONJUNCTION}$", re.IGNORECASE)
# Where a new matter begins, and nothing before it governs any more.
_STRONG = re.compile(r"[;–—]$|^-+$|^(?:but|because)$", re.IGNORECASE)
_GOVERNS = re.compile(
    r"^(?:no|not|never|nothing|nobody|none|nor|neither|without|cannot|hardly|barely|if|unless|"
    r"until|whether|say|says|said|saying|claims?|claimed|reckons?|reckoned|thinks?|thought|tells?|"
    r"told|heard|hears?|hearing|reports?|reported|according|apparently|supposedly|allegedly|"
    r"rumou?rs?|suppose|imagine|might|may|could|would|maybe|perhaps|only)\W*$|n['’]t\W*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^\W*(?:if|unless|until|except|not|no|never|or|but|though|he|she|they|i|we|somebody|someone|"
    r"apparently|supposedly|maybe|only|when|provided|as)\b",
    re.IGNORECASE,
)


def widened(span: tuple[int, int], text: str) -> tuple[int, int] | None:
    """The span grown to whole sentences; ``None`` when they hold what nobody may be shown.

    Of a sentence longer than ``LONG`` words, the clause around the span, with what governs it: a
    negation, a condition, or whoever is said to have said it.
    """
    first, end = span
    for low, high in whole_sentences(text):
        if low < end and first < high:
            long = len(text[low:high].split()) > LONG
            if low < first:
                first = _back(text, low, first) if long else low
            if end < high:
                end = _on(text, end, high) if long else high
    return (first, end) if showable(text, first, end) else None


def showable(text: str, first: int, end: int) -> bool:
    """Whether no telephone or card number and no address stands in, or reaches into, the span."""
    if is_private(text[first:end]):
        return False
    return all(one.end <= first or end <= one.first for one in private_details(text))


def whole_sentences(text: str) -> list[tuple[int, int]]:
    """As ``ingest.signs.sentences``, but what runs on without a stop stays one sentence."""
    spans: list[tuple[int, int]] = []
    for first, end in sentences(text):
        if spans and not _CLOSED.search(text[max(spans[-1][1] - 8, spans[-1][0]) : spans[-1][1]]):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((first, end))
    return spans


def _back(text: str, low: int, first: int) -> int:
    """Where the clause begins that ``first`` is in, and what governs it."""
    words = list(_WORD.finditer(text, low, first))
    if words and words[-1].end() == first:  # the span began inside a word
        first = words.pop().start()
    begins = len(words)
    for n in range(len(words) - 1, max(-1, len(words) - 1 - _CLAUSE), -1):
        said = words[n].group()
        if _WEAK.search(said):
            begins = n if said[0].isalpha() and said[-1].isalpha() else n + 1
            break
        begins = n
    for n in range(begins - 1, max(-1, begins - 1 - _BACK), -1):
        if _STRONG.search(words[n].group()):
            break
        if _GOVERNS.search(words[n].group()):
            # With its subject: "he said", "somebody told me", "we do not".
            begins = max(0, n - 2)
    return words[begins].start() if begins < len(words) else first


def _on(text: str, end: int, high: int) -> int:
    """Where the clause ends that ``end`` is in, and what takes it back afterwards."""
    words = list(_WORD.finditer(text, end, high))
    stop, n = end, 0
    if words and words[0].start() == end:
        stop, n = words[0].end(), 1
    if text[end - 1 : end] not in ",;" or n:
        stop, n = _clause(words, n, stop)
    for _ in range(2):
        if n >= len(words) or not _AFTER.match(words[n].group()):
            break
        stop, n = _clause(words, n + 1, words[n].end())
    return stop


def _clause(words: list[re.Match[str]], n: int, stop: int) -> tuple[int, int]:
    for at in range(n, min(len(words), n + _CLAUSE)):
        said = words[at].group()
        if _WEAK.search(said):
            opens = said[0].isalpha() and said[-1].isalpha()
            return (stop, at) if opens else (words[at].end(), at + 1)
        stop = words[at].end()
    return stop, min(len(words), n + _CLAUSE)
