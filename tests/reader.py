"""A language model for tests: a Python function that reads the small corpus (``tests/corpus.py``).

``honest`` does what the prompts ask, by a few words it knows; tests make it dishonest by changing
what it gives back.
"""

from __future__ import annotations

import re
from typing import Any

# (words it is known by, kind, need, problem, stance)
_MATTERS = (
    (
        r"alarm|clipboard|message that says|exhausted",
        "pain",
        "An alarm has to say which freezer it is.",
        "The alarm rings and does not say which freezer, so they walk the rooms by hand.",
        "has_it",
    ),
    (
        r"Boreal|we will leave",
        "competitor",
        "Boreal Systems is asked for a quote and they will leave if the alarms stay like this.",
        "",
        "has_it",
    ),
    (
        r"wonderful|pick up the phone",
        "praise",
        "The service team picks up the phone.",
        "",
        "has_it",
    ),
)


def honest(prompt: str, data: Any) -> dict[str, Any]:  # JSON as it comes over the wire
    """The answer to any of the prompts about calls and questions."""
    return _ANSWERS[prompt](data)


def read(data: Any) -> dict[str, Any]:
    matters = []
    for words, kind, need, problem, stance in _MATTERS:
        said = [
            {"utterance": i, "words": text}
            for i, side, _, text in data["utterances"]
            if side == "customer" and re.search(words, text)
        ]
        if said:
            matters.append(
                {
                    "kind": kind,
                    "stance": stance,
                    "need": need,
                    "problem": problem,
                    "intensity": 2,
                    "hand": "first",
                    "said": said,
                }
            )
    return {"matters": matters, "names": []}


def group(data: Any) -> dict[str, Any]:
    """One group for each need; a theme that is there is known by its label."""
    there = {theme["label"]: theme["key"] for theme in data["themes"]}
    groups: dict[str, dict[str, Any]] = {}
    for matter in data["matters"]:
        label = matter["need"].rstrip(".") or matter["words"][:60]
        group = groups.setdefault(
            label,
            {
                "theme": there.get(label, ""),
                "label": "" if label in there else label,
                "statement": "" if label in there else matter["need"],
                "kind": "" if label in there else matter["kind"],
                "matters": [],
                "against": [],
            },
        )
        group["against" if matter["stance"] == "no_trouble" else "matters"].append(matter["id"])
    return {"groups": list(groups.values())}


def plan(data: Any) -> dict[str, Any]:
    question = data["question"].lower()
    kind = "lookup"
    if "how many accounts" in question or "how many customers" in question:
        kind = "count"
    elif "customers" in question or "who" in question:
        kind = "aggregate"
    named = [name for name in data["accounts"] if name.split()[0].lower() in question]
    return {
        "kind": kind,
        "accounts": named,
        "tier": "",
        "segment": "",
        "region": "",
        "top": 0,
        "since": "",
        "until": "",
        "themes": [
            t["key"] for t in data["themes"] if "alarm" in question and "larm" in t["label"]
        ],
        "kinds": [],
        "superlative": "most" in question,
        "searches": [data["question"]],
    }


def answer(data: Any) -> dict[str, Any]:
    """A sentence for every theme; without any, on the first moment that shares a long word."""
    sentences = [
        {"text": theme["statement"], "rests_on": [theme["key"]], "against": False}
        for theme in data.get("themes", [])
        if theme["kind"] != "praise"
    ]
    asked = set(re.findall(r"\w{5,}", data["question"].lower()))
    for moment in data.get("moments", []) if not sentences else []:
        if asked & set(re.findall(r"\w{5,}", moment["text"].lower())):
            sentences.append(
                {"text": moment["text"], "rests_on": [moment["key"]], "against": False}
            )
            break
    return {"sentences": sentences, "ours": []}


_ANSWERS = {
    "read_call": read,
    "group_matters": group,
    "plan_question": plan,
    "answer_question": answer,
}
