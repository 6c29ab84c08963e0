"""Private details are masked in what people see: a "•" for each of their characters.

A masked text is as long as its original, so every offset, anchor and highlight stays true, and a
quote of a masked text is the masked quote. Nothing masked is ever kept: what is written back is
put right first (``restored``).
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue

from ingest.errors import BadInput
from ingest.private import may_be_private, private_details

T = TypeVar("T")
_Context = tuple[str, str, str]  # before, the row, after

MARK: Final = "•"
_ROW: Final = re.compile(f"{MARK}+")
# What is left around a mask can look private by itself; so often is it looked at again.
_PASSES = 4
_HEAD = 6  # known details are looked up by how they begin
_START: Final = re.compile(r"(?<!\w)[\w+(]")
# Where the details are in texts that were looked at. By a hash of the text: what was erased must
# not stay in memory.
_Spans = dict[tuple[int, int], tuple[tuple[int, int], ...]]
_SPANS: Final[_Spans] = {}
_REMEMBERED = 1 << 16
_WORDS_OF_OURS: Final = frozenset(
    "kind role state hand confidence status mode tone tag op sort reading colour".split()
)
_AROUND: Final = (24, 16, 12, 8, 4)  # characters beside a row of marks that tell which one it is


def redact(text: str, names: Collection[str] = ()) -> str:
    """``text`` with private details and ``names`` masked; as long as before."""
    return Redaction(names).text(text)


class Redaction:
    """What is masked: private details, ``names`` as whole words, and ``known`` details.

    ``known`` were found where they were said; elsewhere the words may be missing that tell what
    they are. ``ids`` are never masked, whatever they look like. Without ``details`` only
    names and known ones are masked.
    """

    def __init__(
        self,
        names: Collection[str] = (),
        known: Collection[str] = (),
        ids: Collection[str] = (),
        *,
        details: bool = True,
    ) -> None:
        self._details = details
        self._names = _pattern(names)
        self._ids = frozenset(ids)
        self._known = frozenset(known)
        self._lengths: dict[str, set[int]] = {}
        for one in known:
            self._lengths.setdefault(one[:_HEAD], set()).add(len(one))
        self._spans: _Spans = {}
        self._more_to_mask = bool(self._known) or self._names is not None

    @property
    def masks(self) -> bool:
        """Whether anything can be masked."""
        return self._details or self._more_to_mask

    def text(self, text: str) -> str:
        """As long as before. Time is linear in the text."""
        if text in self._ids:
            return text
        masked = _remembering(_SPANS, text, _own) if self._details else text
        return _remembering(self._spans, masked, self._more) if self._more_to_mask else masked

    def _more(self, masked: str) -> str:
        """With names and known details masked as well."""
        if self._known and may_be_private(masked):
            masked = _over(masked, self._known_in(masked))
        if self._names is not None:
            masked = _over(masked, (m.span() for m in self._names.finditer(masked)))
        return masked

    def json(self, value: JsonValue, *, keep: Collection[str] = ()) -> JsonValue:
        """All strings but keys, ids, words of ours, and the values of ``keep``.

        The value itself when nothing changes.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            items = [self.json(one, keep=keep) for one in value]
            return value if all(a is b for a, b in zip(items, value, strict=True)) else items
        if isinstance(value, dict):
            found = {
                k: v if _is_ours(k) or k in keep else self.json(v, keep=keep)
                for k, v in value.items()
            }
            return value if all(found[k] is v for k, v in value.items()) else found
        return value

    def value(self, value: T) -> T:
        """A model, a dataclass, or tuples and dictionaries of them, with all its strings masked."""
        return self._value(value)  # type: ignore[return-value]  # of the type that came

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            # A drawing is ours: only what is written in it is theirs.
            if value.startswith("<svg"):
                return re.sub(r"(?<=>)[^<>]+(?=<)", lambda m: self.text(m.group()), value)
            return self.text(value) if type(value) is str else value
        if isinstance(value, BaseModel):
            told = {k: getattr(value, k) for k in type(value).model_fields if not _is_ours(k)}
            return value.model_copy(update={k: self._value(v) for k, v in told.items()})
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [f.name for f in dataclasses.fields(value) if f.init and not _is_ours(f.name)]
            return dataclasses.replace(value, **{n: self._value(getattr(value, n)) for n in names})
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        if isinstance(value, list):
            return list(map(self._value, value))
        if isinstance(value, dict):
            return {k: self._value(v) for k, v in value.items()}
        return value

    def _known_in(self, text: str) -> Iterator[tuple[int, int]]:
        done = 0
        for start in _START.finditer(text):
            at = start.start()
            if at < done:
                continue
            lengths = self._lengths.get(text[at : at + _HEAD])
            for length in sorted(lengths, reverse=True) if lengths else ():
                if text[at : at + length] in self._known:
                    done = at + length
                    yield at, done
                    break


def restored(written: str, originals: Sequence[str], redaction: Redaction) -> str:
    """``written`` with every row of marks put back as it is in the ``originals``.

    The first of these is what was changed, the others are where its words may come from. A row is
    known by its length and the text around it. What people write as "•" themselves stays.
    Raises ``BadInput`` for a row that is in none of them, or could be several.
    """
    if MARK not in written:
        return written
    # Words cut out of one of them may begin or end within a row.
    cuts = {
        original[at : at + len(written)]
        for original in originals
        if (at := redaction.text(original).find(written)) >= 0
    }
    if len(cuts) == 1:
        return cuts.pop()
    places = _places(originals, redaction)
    in_order = _in_order(written, originals, redaction)
    parts: list[str] = []
    done = 0
    for n, row in enumerate(_ROW.finditer(written)):
        there = _there(places, list(_contexts(written, row)))
        if len(there) == 1:
            [under] = there
        elif in_order:
            under = in_order[n]
        elif len(row.group()) == 1:  # a bullet of theirs
            under = MARK
        else:
            raise BadInput(
                "A private detail is masked here, and it cannot be told which one: leave each row "
                f"of {MARK} and the words around it as they are, or write the detail itself."
            )
        parts += (written[done : row.start()], under)
        done = row.end()
    return "".join([*parts, written[done:]])


def _there(places: Mapping[_Context, set[str]], around: Sequence[_Context]) -> set[str]:
    """What the row may be, by as much of the text beside it as is the same, else by its length."""
    both, *beside, alone = (places.get(key, set()) for key in around)
    if both:
        return both
    before, sure_before = _most(beside[::2])
    after, sure_after = _most(beside[1::2])
    if before & after or abs(sure_before - sure_after) < 2:
        # Where the two sides are of two places, something between was taken out.
        return before & after or before | after or alone
    return before if sure_before > sure_after else after


def _most(beside: Sequence[set[str]]) -> tuple[set[str], int]:
    """What the longest text on one side that is the same says, and how sure that is."""
    found = next(((one, len(_AROUND) - n) for n, one in enumerate(beside) if one), None)
    return found or (set(), 0)


def _in_order(written: str, originals: Sequence[str], redaction: Redaction) -> list[str]:
    """What stands under the rows one by one, when what was changed has just the same rows."""
    original = originals[0] if originals else ""
    rows = list(_ROW.finditer(redaction.text(original)))
    if [row.group() for row in rows] != _ROW.findall(written):
        return []
    return [original[row.start() : row.end()] for row in rows]


def _places(originals: Iterable[str], redaction: Redaction) -> dict[_Context, set[str]]:
    """What stands under each row of marks, by the row and the text around it."""
    found: dict[_Context, set[str]] = {}
    for text in originals:
        masked = redaction.text(text)
        for row in _ROW.finditer(masked):
            under = text[row.start() : row.end()]
            for key in _contexts(masked, row):
                found.setdefault(key, set()).add(under)
    return found


def _contexts(text: str, row: re.Match[str]) -> Iterator[_Context]:
    first, end = row.span()
    most = _AROUND[0]
    yield text[max(0, first - most) : first], row.group(), text[end : end + most]
    for size in _AROUND:
        yield text[max(0, first - size) : first], row.group(), ""
        yield "", row.group(), text[end : end + size]
    yield "", row.group(), ""


def _remembering(spans: _Spans, text: str, mask: Callable[[str], str]) -> str:
    """``mask(text)``, looked up where it was made before."""
    key = (hash(text), len(text))
    there = spans.get(key)
    if there is None:
        there = tuple(m.span() for m in _ROW.finditer(mask(text)))
        if len(spans) >= _REMEMBERED:
            spans.clear()
        spans[key] = there
    return _over(text, there)


def _own(text: str) -> str:
    """With the details masked that the text itself tells."""
    for _ in range(_PASSES):
        found = [(one.first, one.end) for one in private_details(text)]
        if not found:
            break
        text = _over(text, found)
    return text


def _over(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for first, end in spans:
        parts += (text[done:first], MARK * (end - first))
        done = end
    return "".join([*parts, text[done:]]) if parts else text


def _pattern(names: Collection[str]) -> re.Pattern[str] | None:
    """Names as they stand in texts, and in handles made of them: "Dana Ruiz", "dana.ruiz"."""
    ways = {
        r"[\s._-]*".join(map(re.escape, unicodedata.normalize(form, name).split()))
        for name in names
        for form in ("NFC", "NFD")
        if name.strip()
    }
    if not ways:
        return None
    longest_first = "|".join(sorted(ways, key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?:{longest_first})(?![^\W\d_])", re.IGNORECASE)


def _is_ours(name: str) -> bool:
    """Whether a field holds an id or a word of ours, which somebody may be called."""
    return name == "id" or name.endswith("_id") or name in _WORDS_OF_OURS


NOTHING: Final = Redaction(details=False)  # shows everything as it is
