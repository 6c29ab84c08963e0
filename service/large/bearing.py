"""Whether anything that was said in a large home bears on a question, as in ``service.bearing``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ingest.library import Library
from service.bearing import ALL, Bearing, telling_stems, worded_shares
from service.large.ground import Ground
from service.large.said import LargeSaid
from service.mapped import Vectors
from service.said import Floats, Rows

_FEW = 200  # calls of which vectors are read by themselves; for more all are gone through at once


def large_bearing(
    library: Library,
    ground: Ground,
    call_ids: Collection[str],
    question: tuple[str, Sequence[str]],
    *,
    within_account: bool,
) -> Bearing:
    """How a question (its text and its content words) stands against the bank in these calls."""
    text, about = question
    said = ground.said
    calls = np.array([n for n, c in enumerate(said.call_ids) if c in call_ids], np.int64)
    if not len(calls):
        return Bearing(0.0, 1.0, within_account)
    wanted = telling_stems([" ".join(about)])[0]
    unsaid = sum(stem not in said.vocabulary for stem in wanted) / max(1, len(wanted))
    near = _near(said, calls, library.embedder.embed([text]))
    rows = np.flatnonzero(np.isin(said.call, calls))
    words = worded_shares(said.terms[rows], said.vocabulary, [wanted], ground.matched.fitted.tone)
    bank = np.stack([ground.matched.standings[n].bank for n in calls]).max(axis=0)
    return Bearing(
        _beaten(bank[1], near + words[:, 0]),
        unsaid,
        within_account,
        meaning=_beaten(bank[0], near),
        together=bool(words.max() > ALL),
    )


def _near(said: LargeSaid, calls: Rows, vector: Vectors) -> Floats:
    if len(calls) > _FEW:
        every = said.dot(vector.astype(np.float64))[:, 0]
        found: Floats = every[np.isin(said.call, calls)].astype(np.float64)
        return found
    own = [said.parts[said.call_ids[n]].vectors @ vector[0] for n in calls]
    return np.concatenate(own).astype(np.float64)


def _beaten(bank: Vectors, scores: Floats) -> float:
    return float((bank < scores.max()).mean())
