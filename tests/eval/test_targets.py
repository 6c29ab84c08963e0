"""Targets hang on the mode, and by nothing but the figure's name."""

from eval.bootstrap import Estimate
from eval.figures import Figure
from eval.targets import OWN, WITH_MODEL, aimed


def test_with_a_model_more_is_asked_for() -> None:
    figures = [
        Figure("questions", "abstention F1", Estimate(0.9, None, None), 0.85),
        Figure("questions", "false abstain", Estimate(0.06, None, None), 0.12, least=False),
        Figure("themes, candidates", "candidate@10 need recall", Estimate(0.9, None, None)),
        Figure("pairs", "others", Estimate(0.9, None, None), 0.8),
    ]
    assert list(aimed(figures, OWN)) == figures
    assert [f.met for f in figures] == [True, True, None, True]
    assert [f.met for f in aimed(figures, WITH_MODEL)] == [False, False, False, True]
