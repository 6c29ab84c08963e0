import pytest

from eval.pronounce import pronounceable, without_stage


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mr. Probert, at three a.m.", "Mister Probert, at three ay em"),
        ("a new VP of product", "a new vee pee of product"),
        ("Pruitt. P, R, U, I, double T.", "Pruitt. pee, are, you, eye, double tee."),
        ("What, a pigeon? I, they're in Cancún!", "What, a pigeon? I, they're in Cancun!"),
        ('Put me down as a "huh."', "Put me down as a huh."),
        ("on the scheduling —", "on the scheduling"),
        ("six-forty — no, seven", "six forty, no, seven"),
    ],
)
def test_pronounceable(written: str, read: str) -> None:
    assert pronounceable(written) == read


def test_digits_are_refused() -> None:
    with pytest.raises(ValueError, match="write the number out"):
        pronounceable("call 919")


def test_stage_directions_are_not_said() -> None:
    assert without_stage("[laughs] A huh. [pause] Got it.") == "A huh. Got it."
