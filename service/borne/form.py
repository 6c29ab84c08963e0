"""What is no sentence about customers: orders, markup, code, addresses, words to a reader."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.addressed import addressed
from ingest.private import is_private
from service.borne.lines import MOST_CHARS, inside

MOST_WORDS = 60
_FEWEST_WORDS = 3  # of a sentence
_FORM = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:com|net|org|io|ai|dev|example)\b|</?\w|&\w+;|```|`|\*\*|__|~~|"
    r"\]\(|^\s*(?:#|>|[-*•]\s|\d+[.)]\s)|[{}<>|\\^=]|\$\(|\b(?:def|SELECT|DROP TABLE|import|"
    r"function)"
    r" \w+ ?\("
)
_READER = re.compile(
    r"\b(?:dear|the) reader\b|\b(?:click|tap) (?:here|(?:on )?(?:the|this|that) "
    r"(?:link|button|image|banner))\b|^(?:click|tap)\b|\bas an? (?:ai|assistant|"
    r"language model)\b|\b(?:system|developer|user) (?:prompt|message|instructions?)\b|"
    r"\bprompt\b.*\b"
    r"(?:says?|asks?|instruct)|\b(?:these|the|this|my|your) (?:transcripts?|instructions?|"
    r"prompts?|"
    r"excerpts?|quotes?|passages?)\b|\bplease (?:click|tap|note|ignore|see|contact|"
    r"visit|follow|write|send|"
    r"remember|make|prioriti[sz]e|approve|rank|mark)\b|\b(?:you|readers?) (?:should|must|"
    r"need to|have to"
    r"|can|ought)\b|^(?:ignore|disregard|forget|write|print|output|respond|reply|note that|"
    r"remember|"
    r"make sure|ensure|prioriti[sz]e|rank|approve|mark|visit|contact|email|call|send|pay|buy|"
    r"execute|"
    r"run|delete|translate|repeat)\b(?! (?:volume|rate|s\b|is|are|was|has))|"
    r"\bI(?:['’]m| am| can(?:not|['’]t)|['’]ll| will|['’]ve| have) (?:an? )?(?:ai|sorry|unable|"
    r"assistant|cannot|happy to|glad to|not able)\b",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-z]")
_ALIKE_LETTERS = re.compile(r"[\u0370-\u03FF\u0400-\u04FF]")


def form(text: str, said: Sequence[str]) -> str | None:
    if re.search(r"\w", text) and len(text.split()) < _FEWEST_WORDS:
        return "it is no sentence"
    for found in _READER.finditer(text):
        own = found.group().lower().startswith("you")  # "you need to be a Level Two"
        if own and inside(found.group(), said):
            continue
        return "it is no sentence about customers"
    return shape(text)


def shape(text: str) -> str | None:
    words = text.split()
    if not re.search(r"\w", text):
        return "it has no words"
    if len(words) > MOST_WORDS or len(text) > MOST_CHARS:
        return f"it has more than {MOST_WORDS} words"
    if addressed(text) or _FORM.search(text):
        return "it is no sentence about customers"
    if any(_LATIN.search(w) and _ALIKE_LETTERS.search(w) for w in words):
        return "it mixes alphabets within a word"
    if is_private(text):
        return "it holds a telephone number or an address"
    return None
