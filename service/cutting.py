"""Cutting clips, in a process of its own like all that decodes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest.errors import BadInput, Conflict, MissingPart
from ingest.listen import NOBODY
from service.assembling import Assembled, Captions, Line
from service.hands import Failed, HandDied, Hands, tidy
from service.handwork import Cutting
from service.looking import memory_for_a_file

SPEAKER = "espeak-ng"
_LONGEST_S = 900.0  # for fifty quotes of twenty minutes, on a busy machine
_hands = Hands(2)


def assembled(
    lines: Sequence[Line],
    out: Path,
    captions: Captions,
    *,
    title: str,
    even: bool,
    longest_s: float,
    called: Mapping[str, str],
) -> Assembled:
    """``service.assembling.assemble``. ``called``: how people know the files that are cut from.

    Raises what it raises, ``MissingPart`` where nothing can speak, and ``Conflict`` when it broke
    off.
    """
    tidy()
    task = Cutting(
        lines=tuple(lines),
        out=out,
        captions=captions,
        title=title,
        even=even,
        longest_s=longest_s,
        speaker=_speaker() if captions == "spoken" else None,
        memory=memory_for_a_file(),
    )
    try:
        told = json.loads(_hands.do(task, NOBODY, _LONGEST_S))
    except (HandDied, Failed) as problem:
        raise Conflict(f"The clip could not be made ({problem}). Try again.") from problem
    except BadInput as problem:
        sentence = str(problem)
        for name, known in called.items():
            sentence = sentence.replace(name, known)
        raise type(problem)(sentence) from problem
    return Assembled(told["seconds"], tuple(told["whole"]), tuple(told["left"]))


def _speaker() -> Path:
    found = shutil.which(SPEAKER)
    if found is None:
        raise MissingPart(
            f"Captions are spoken by {SPEAKER}, which is not on this machine: install it (on "
            "Debian: apt-get install espeak-ng), or have them written."
        )
    return Path(found).resolve()
