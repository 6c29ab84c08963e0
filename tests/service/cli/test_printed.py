"""What `ask` and `themes` print for people, from hand-made answers and through the commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main, render_answer, render_themes
from service.quotes import Spoken, cut, statement
from service.shapes import Answer, Coverage, Filters, Hand, Statement, Theme

Printed = Callable[..., str]

NAMES = {f"A{n}": f"Account {n}" for n in range(30)}
HOSTILE = "[bold]<b>x</b>\x1b[31m\u202egnp.\u2066" + "y" * 300


def voice(n: int, *words: str, hand: Hand = "first", before: str | None = None) -> Statement:
    spoken = [Spoken(f"C{n}", i, w, "Ana", "customer", 0.0, f"A{n}", 1.0, 2.0) for i, w in
              enumerate(words)]  # fmt: skip
    lead = f"Ana (Account {n})" if before is None else before
    quotes = [cut(s, hand=hand) for s in spoken]
    return statement(f"{lead}: “{words[0]}”", quotes, {f"A{n}": 1000.0})


def counted(text: str, voices: Sequence[Statement]) -> Statement:
    quotes = [v.quotes[0] for v in voices]
    return statement(text, quotes, dict.fromkeys(NAMES, 1000.0))


def answer(
    statements: Sequence[Statement] = (),
    *,
    counter: Sequence[Statement] = (),
    internal: Sequence[Statement] = (),
    nearest: Sequence[Statement] = (),
    reason: str | None = None,
    abstained: bool = False,
) -> Answer:
    return Answer(
        question="What do they need?",
        kind="aggregate",
        filters=Filters(),
        coverage=Coverage(
            accounts_in_scope=30,
            accounts_heard=20,
            accounts_silent=("A29",),
            calls_read=20,
            arr_in_scope_usd=1.0,
            arr_heard_usd=1.0,
        ),
        abstained=abstained,
        reason=reason,
        statements=tuple(statements),
        counter=tuple(counter),
        internal=tuple(internal),
        nearest=tuple(nearest),
    )


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    def show(given: Answer, *, verbose: bool = False) -> str:
        render_answer.answer(given, NAMES, verbose=verbose)
        return " ".join(capsys.readouterr().out.split())

    return show


def test_a_voice_is_told_from_a_statement_that_counts() -> None:
    one = voice(1, "It broke “again”, in March. And we lost a day.")
    assert render_answer.lead(one) == "Ana (Account 1)"
    assert render_answer.lead(
        voice(1, "It broke.", before="Against “Alarms”: Ana (Account 1)")
    ) == ("Against “Alarms”: Ana (Account 1)")
    cut_off = one.model_copy(update={"text": "Ana (Account 1): “It broke “again”, in…”"})
    assert render_answer.lead(cut_off) == "Ana (Account 1)"
    assert render_answer.lead(counted("“Alarms”: 2 accounts worth $2,000 a year", [one])) is None


def test_a_counted_statement_says_its_sentence_and_a_long_list_is_brief(printed: Printed) -> None:
    voices = [voice(n, f"Words of {n}. " + "long " * 60, "And more.") for n in range(16)]
    theme = counted("Alarms: 16 accounts worth $16,000 a year, 16 of the Top 20", voices)
    brief = printed(answer([theme, *voices]))
    assert "1. Alarms: 16 accounts worth $16,000 a year" in brief
    assert "+ 14 more quotes" in brief
    assert "16 accounts in their own words" in brief
    assert "2. Account 0 $1,000 a year + 1 more quote" in brief
    assert "And more." not in brief
    assert "--verbose prints every quote" in brief
    whole = printed(answer([theme, *voices]), verbose=True)
    assert whole.count("And more.") == 16
    assert "more quote" not in whole
    assert "--verbose" not in whole
    assert "firsthand themes" not in brief
    assert "firsthand themes" in printed(answer(voices))


def test_a_count_names_its_accounts_and_what_to_know(printed: Printed) -> None:
    one = voice(1, "It broke.")
    shown = printed(answer([counted("Alarms: 1 account worth $1,000 a year: Account 1.", [one])]))
    assert "1. Alarms: 1 account worth $1,000 a year Account 1 “It broke.”" in shown
    noted = counted("Alarms: 1 account worth $1,000 a year, 1 of the Top 20. Only one.", [one])
    assert "1 of the Top 20 ! Only one. Account 1" in printed(answer([noted]))
    side = counted("smb: 2 accounts worth $2,000 a year spoke of it.", [one, voice(2, "So?")])
    assert "spoke of it. Account 1, Account 2" in printed(answer([side]))


def test_a_short_answer_is_whole(printed: Printed) -> None:
    shown = printed(answer([voice(1, "It broke.", "Twice.")]))
    assert "“Twice.”" in shown
    assert "own words" not in shown
    assert "--verbose" not in shown
    threat = printed(answer([voice(1, "We leave.", before="Account 1 (CRM health: red)")]))
    assert "1. Account 1 (CRM health: red) $1,000" in threat


def test_what_speaks_against_what_is_near_and_hearsay(printed: Printed) -> None:
    near = [voice(2, "Near.")]
    found = answer([voice(1, "Yes.")], nearest=near, counter=[voice(3, "No.", hand="third")])
    shown = printed(found)
    assert "What speaks against it" in shown
    assert "hearsay: about others" in shown
    assert "Also near" in shown
    assert "no clear answer" not in shown
    none = printed(answer(nearest=near, reason="Nobody spoke of it.", abstained=True))
    assert "No answer: Nobody spoke of it." in none
    assert "Nearest, but no clear answer" in none
    assert "Also near" not in none


def test_what_only_your_own_people_said_has_no_revenue(printed: Printed) -> None:
    spoken = Spoken("C1", 0, "We could ship it.", "Ida", "internal", 0.0, "A1", 1.0, 2.0)
    said = Statement(
        text="Said by your own people, not by customers: “We could ship it.”",
        accounts=(),
        accounts_n=0,
        arr_usd=0.0,
        quotes=(cut(spoken),),
    )
    shown = printed(answer(internal=[said], reason="No.", abstained=True))
    assert "Said only by your own people" in shown
    assert "Ida, Account 1, C1 [0]" in shown
    assert "$0" not in shown


def test_account_data_is_the_answer(printed: Printed) -> None:
    shown = printed(answer(reason="Not heard yet: Account 29."))
    assert "Not heard yet: Account 29." in shown
    assert "No answer" not in shown
    assert shown.count("Account 29") == 1


def test_hostile_names_and_labels_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    names = {"A1": HOSTILE}
    said = voice(1, HOSTILE)
    render_answer.answer(answer([counted(HOSTILE, [said]), said], reason=HOSTILE), names)
    theme = Theme(
        id="code-1",
        label=HOSTILE,
        statement=HOSTILE,
        kind="pain",
        rank=1,
        status="confirmed",
        accounts=(),
        accounts_n=0,
        top_accounts_n=0,
        arr_usd=0.0,
        mentions_n=1,
        evidence=said.quotes,
        first_heard=None,
        last_heard=None,
        definition=HOSTILE,
        notes=(HOSTILE,),
    )
    group = theme.model_copy(update={"status": "candidate"})
    found = group.model_copy(update={"by": "model"})
    render_themes.themes(
        [theme], [found], [group], [], names, by="arr", program="firsthand", verbose=False
    )
    shown = capsys.readouterr().out
    assert "[bold]<b>x</b> [31m" in shown
    assert not {"\x1b", "\u202e", "\u2066"} & set(shown)


def themes(home: Path, *options: str) -> str:
    result = CliRunner().invoke(main, ["--home", str(home), "themes", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def run(home: Path, *args: str) -> str:
    result = CliRunner().invoke(main, ["--home", str(home), *args])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_themes_of_an_empty_home(tmp_path: Path) -> None:
    assert "Nothing to name yet" in themes(tmp_path / "new")


def test_themes_say_what_to_do_first_and_how_to_confirm(filled_home: Path) -> None:
    for item in json.loads(run(filled_home, "evidence", "--json")):
        if item["role"] == "customer" and item["strength"] == 1:
            run(filled_home, "evidence", "kind", item["id"], item["kind"], "--strength", "2")
    shown = themes(filled_home)
    assert "No theme is confirmed yet, so none is ranked" in shown
    assert "Candidate groups: not confirmed, not ranked" in shown
    lines = [line.strip() for line in shown.splitlines()]
    (confirm,) = [line for line in lines if "codebook confirm theme-" in line][:1]
    assert confirm.startswith(f"firsthand --home {filled_home} codebook confirm theme-")
    assert confirm.endswith('--label "…"')
    # A group is confirmed by its id among all calls, so filters show the same ones.
    assert confirm in [line.strip() for line in themes(filled_home, "--tier", "smb").splitlines()]

    group = confirm.split()[5]
    run(filled_home, "codebook", "confirm", group, "--label", "Alarms that say nothing")
    run(filled_home, "codebook", "add", "Drawers")
    shown = " ".join(themes(filled_home).split())
    assert "Confirmed themes, most revenue first" in shown
    assert "1. Alarms that say nothing" in shown
    assert "of the Top 20" in shown
    assert "confidence" in shown
    assert "No theme is confirmed yet" not in shown
    assert "most mentions first" in themes(filled_home, "--by", "mentions")
    smb = " ".join(themes(filled_home, "--tier", "smb").split())
    heading = "In the codebook, but no words for it were found in scope"
    assert "Drawers" in smb.partition(heading)[2].partition("If somebody did speak")[0]
