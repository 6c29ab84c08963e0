"""Makes names, titles and texts from strangers' files safe to store, print and compare.

Nothing is escaped here: HTML stays what it was, and every page escapes what it shows.
"""

from __future__ import annotations

import re
import unicodedata

from ingest.errors import BadInput

NAME_LIMIT = TITLE_LIMIT = 200
_CALL_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_AFTER_NAME = re.compile(r"^(?P<name>.*?)\s*(?:\((?P<a>[^()]*)\)|\[(?P<b>[^\[\]]*)\]|\|(?P<c>.*))$")
_NO_COMPANY = {"guest", "external", "extern", "unverified", "host", "co-host", "you", "me"}
# Line and paragraph separators, controls, formats (bidi overrides, zero widths), lone surrogates,
# private and unassigned code points.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean_name(raw: str) -> str:
    """A name without what cannot be seen, spaces made single; BadInput over 200 characters."""
    name = _visible(raw)
    if len(name) > NAME_LIMIT:
        raise BadInput(f"the name {name[:40]!r}… has over {NAME_LIMIT} characters; shorten it")
    return name


def clean_title(raw: str, limit: int = TITLE_LIMIT) -> str | None:
    """A title cut to ``limit`` characters, ``None`` when nothing is left of it."""
    title = _visible(raw)
    return (title if len(title) <= limit else title[: limit - 1] + "…") or None


def clean_text(raw: str) -> str:
    """What was said, to the letter, without characters that are no speech.

    Removed are controls (NUL, escape sequences for terminals) and bidirectional overrides, which
    show a quote other than it reads; half a surrogate pair becomes the replacement character.
    Empty when nothing in it can be seen.
    """
    text = raw.replace("\u2028", "\n").replace("\u2029", "\n")
    text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _CONTROL.sub("", text))
    text = text.translate(_OVERRIDES).strip()
    seen = any(unicodedata.category(c) not in _UNSEEN and not c.isspace() for c in text)
    return text if seen else ""


def name_and_company(label: str) -> tuple[str, str | None]:
    """``Randy Pruitt (Cobbleway)`` → the name and the company; pronouns and "Guest" are neither."""
    label = clean_name(label).rstrip(":").strip(" *_")
    found = _AFTER_NAME.match(label)
    if found is None or not found["name"]:
        return label, None
    inner = (found["a"] or found["b"] or found["c"] or "").strip()
    if "/" in inner or inner.lower() in _NO_COMPANY:
        inner = ""
    return found["name"], inner or None


def check_call_id(raw: str) -> str:
    """``raw`` when it may be a call's id, which becomes part of paths and addresses."""
    if not _CALL_ID.fullmatch(raw):
        raise BadInput(
            f"the call_id {clean_text(raw)[:70]!r} is not one; use 1 to 64 of A-Z a-z 0-9 . _ - "
            "that do not begin with a dot"
        )
    return raw


def _visible(raw: str) -> str:
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in raw)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN)
    return " ".join(unicodedata.normalize("NFC", kept).split())
