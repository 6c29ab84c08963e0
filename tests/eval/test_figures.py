from __future__ import annotations

import numpy as np

from eval.bootstrap import Estimate
from eval.figures import Figure, count, share, table


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_a_figure_beside_its_target_the_baselines_and_what_was_saved() -> None:
    figures = [
        share("cited", "hit@1", np.array([0.75, 0.5, 1.0]), 0.85),
        share("cited", "refused", np.array([0.1, 0.0, 0.2]), 0.12, least=False),
        count("safe", "leaks", 2),
        Figure("safe", "nothing to score", Estimate(None, None, None), 0.5),
    ]
    told = rows(table(figures, {"hit@1": 0.7, "leaks": 2.0}, {"top-k": {"hit@1": 0.4}, "B": None}))
    assert told[0][5:] == ["top-k", "B (absent)", "saved", "change"]
    assert told[2][0] == "**cited**"
    assert told[3][:3] == ["hit@1", "0.750", "0.51–0.99"]
    assert told[3][3:] == ["≥ 0.85", "**no**", "0.400", "–", "0.700", "+0.050"]
    assert told[4][3:5] == ["≤ 0.12", "yes"]
    assert told[5][0] == "**safe**"
    assert told[6] == ["leaks", "2", "–", "≤ 0", "**no**", "–", "–", "2", "0"]
    assert told[7][1:5] == ["–", "–", "≥ 0.5", "–"]
