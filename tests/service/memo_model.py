"""A scripted model that reads, sorts and words the small corpus (``tests/corpus.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.llm_server import Data, Said

Sentence = dict[str, Any]
NOTHING: Sentence = {"text": "", "rests_on": []}
MODEL = "openai:test-model"

# Account, kind, stance, need, intensity, utterance and words of each matter.
_MATTERS: dict[str, list[tuple[str, str, str, int, list[tuple[int, str]]]]] = {
    "FRZ-1": [
        (
            "pain",
            "has_it",
            "The alarm does not say which freezer it is.",
            3,
            [
                (1, "It goes off at three in the morning and nobody can tell which freezer it is"),
                (3, "Eleven false alarms in March alone."),
                (3, "We lost two thousand samples."),
                (6, "What I need is a message that says which freezer, how warm"),
            ],
        ),
        ("praise", "has_it", "They value the service team.", 2, [(8, "wonderful, by the way")]),
    ],
    "FRZ-2": [
        (
            "pain",
            "has_it",
            "The alarm does not say which freezer it is.",
            3,
            [
                (1, "The alarm rings and does not say which freezer"),
                (3, "We end up walking the rooms by hand with a clipboard"),
            ],
        ),
        (
            "competitor",
            "has_it",
            "Boreal Systems was asked for a quote.",
            3,
            [(5, "Procurement asked Boreal Systems for a quote")],
        ),
    ],
    "FRZ-3": [
        (
            "request",
            "has_it",
            "The export is to be signed.",
            2,
            [(1, "Our auditors want a signed record"), (4, "I wish the export were signed")],
        )
    ],
    "FRZ-4": [
        ("praise", "has_it", "They love how quiet it is.", 2, [(1, "I love how quiet")]),
    ],
}


def reading(prompt: str, data: Data) -> Said | None:
    """The answer to a request that comes before the memo's own."""
    if prompt == "read_call":
        account = data["title"].split()[0]
        matters = [
            {
                "kind": kind,
                "stance": stance,
                "need": need,
                "problem": "",
                "intensity": weight,
                "hand": "first",
                "said": [{"utterance": i, "words": words} for i, words in said],
            }
            for kind, stance, need, weight, said in _MATTERS[account]
        ]
        return {"matters": matters, "names": []}
    if prompt == "group_matters":
        alarms = [m["id"] for m in data["matters"] if "which freezer" in m["need"]]
        group = {
            "theme": "",
            "label": "An alarm that says which freezer it is",
            "statement": "The alarm rings and does not say which freezer it is.",
            "kind": "pain",
            "matters": alarms,
            "against": [],
        }
        return {"groups": [group]}
    return None


def keys(data: Data, words: str) -> list[str]:
    """The keys of the quotes that have ``words``."""
    return [q["key"] for q in quotes(data) if words in q["words"]]


def quotes(node: Data) -> Iterator[dict[str, str]]:
    if isinstance(node, list):
        for one in node:
            yield from quotes(one)
    elif isinstance(node, dict) and "words" in node:
        yield node
    elif isinstance(node, dict):
        for one in node.values():
            yield from quotes(one)


def honest(prompt: str, data: Data) -> Said:
    """Points at the right words."""
    told = reading(prompt, data)
    if told is not None:
        return told

    def on(text: str, *words: str) -> Sentence:
        found = [keys(part, w)[:1] for w in words]
        return {"text": text, "rests_on": [k for one in found for k in one]}

    part = data
    if prompt == "memo_needs":
        needs = []
        for part in data["needs"]:
            bet = on("Name the freezer in the alarm, and how warm it is.", "how warm")
            test = on("Staff no longer walk the rooms by hand.", "by hand")
            needs.append(
                {
                    "need": part["key"],
                    "behind": on(
                        "Nobody can tell which freezer an alarm is about, and samples were lost.",
                        "three in the morning",
                        "two thousand samples",
                    ),
                    "cost": on("Walking the rooms takes about sixty hours a month.", "sixty hours"),
                    "workaround": on("They walk the rooms with a clipboard.", "clipboard"),
                    "asked_for": on(
                        "They need a message that says which freezer and how warm.", "how warm"
                    ),
                    "bet": bet if part.get("bet_wanted") else NOTHING,
                    "test": test if part.get("bet_wanted") else NOTHING,
                }
            )
        return {"needs": needs}
    if prompt == "memo_risks":
        accounts = []
        for part in data["accounts"]:
            said = on("They will leave if the alarms stay like this.", "we will leave")
            accounts.append({"account": part["key"], **(said if said["rests_on"] else NOTHING)})
        return {"accounts": accounts}
    if prompt == "memo_fit":
        key = data["needs"][0]["key"]
        readings = {"names": "serves", "mute": "conflicts", "louder": "leaves open"}
        lines = [
            {
                "sentence": v["key"],
                "need": key if word else "",
                "reading": readings[word] if word else "none",
            }
            for v in data["vision"]
            for word in [next((w for w in readings if w in v["text"]), "")]
        ]
        return {"lines": lines}
    if prompt == "memo_summary":
        return {
            "sentences": [
                on("The alarm rings and does not say which freezer it is.", "does not say which"),
                on("They will leave if the alarms stay like this.", "we will leave"),
            ]
        }
    raise AssertionError(prompt)


def lying(sentences: list[str], rests_on: Callable[[Data], list[str]]) -> Callable[..., Said]:
    """A model that answers with ``sentences`` in every place of a memo, in turn."""
    turn = iter(range(10**6))

    def sentence(data: Data) -> Sentence:
        return {"text": sentences[next(turn) % len(sentences)], "rests_on": rests_on(data)}

    def model(prompt: str, data: Data) -> Said:
        told = reading(prompt, data)
        if told is not None:
            return told
        if prompt == "memo_needs":
            parts = ("behind", "cost", "workaround", "asked_for", "bet", "test")
            found = [*data["needs"], {"key": "N99"}]
            return {
                "needs": [{"need": n["key"], **{p: sentence(data) for p in parts}} for n in found]
            }
        if prompt == "memo_risks":
            found = [*data["accounts"], {"key": "R99"}]
            return {"accounts": [{"account": a["key"], **sentence(data)} for a in found]}
        if prompt == "memo_fit":
            lines = [
                {"sentence": key, "need": need, "reading": told}
                for key, need, told in (
                    ("V1", "N77", "serves"),
                    ("V99", "N1", "serves"),
                    ("V2", "N1", "<b>perfect</b>"),
                )
            ]
            return {"lines": lines}
        return {"sentences": [sentence(data) for _ in range(12)]}

    return model
