"""The commands with a language model: what they say before, beside and instead of its words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest.library import Library, Options
from service.call_ledger import LedgerItem
from service.cli import main, render, render_answer, render_codebook
from service.cli.text import plain
from service.quotes import Spoken, cut, statement
from service.reading import CallText
from service.shapes import Answer, Coverage, DroppedSentence, Filters, Provenance
from tests import reader
from tests.llm_server import LlmServer, failing
from tests.postgres import database_of_filled
from tests.service import memo_model
from tests.service.cli.test_printed import HOSTILE

Run = Callable[..., Result]
ORDER = "demo accounts add calls show delete speakers correct ask themes memo coverage".split()


def honest(prompt: str, data: Any) -> Any:
    model = memo_model if prompt.startswith("memo_") else reader
    return model.honest(prompt, data)


@pytest.fixture
def run(filled_home: Path, llm_server: LlmServer) -> Run:
    """Runs a command in the filled home, with a model that reads honestly."""
    llm_server.model = honest
    env = {
        "FIRSTHAND_MODEL": "openai:test-model",
        "FIRSTHAND_MODEL_BASE_URL": llm_server.base_url,
        "FIRSTHAND_MODEL_PRICES": "1/10",
        "OPENAI_API_KEY": "sk-secret-0123456789",
        "COLUMNS": "100",
    }

    def invoke(*args: str, status: int = 0, **more: str) -> Result:
        runner = CliRunner(env={**env, **more})
        result = runner.invoke(main, ["--home", str(filled_home), *args])
        assert result.exit_code == status, result.output
        assert "sk-secret" not in result.output
        return result

    return invoke


def even(text: str) -> str:
    return " ".join(text.split())


def test_what_leaves_is_said_once_for_each_host_and_model(run: Run) -> None:
    first = run("ask", "What do customers need?")
    assert "Sent to 127.0.0.1:" in first.stderr
    assert "model openai:test-model" in first.stderr
    assert "every question, the names of accounts" in first.stderr
    assert "transcript" not in first.stderr, "asking sends no transcript"
    assert "Sent to" not in first.stdout
    assert "Sent to" not in run("ask", "Who is at risk?").stderr
    # Another model, or what was masked until now, is news.
    assert "Sent to" in run("ask", "Who leaves?", FIRSTHAND_MODEL="openai:another").stderr
    assert "nothing is masked" in run("ask", "Who goes?", FIRSTHAND_MODEL_MASK="false").stderr
    assert "the whole transcript of every call" in run("read").stderr
    drafted = run("memo")
    assert "your vision" in drafted.stderr
    assert "0 confirmed needs, 1 need found by the model and not confirmed" in even(drafted.stdout)


def test_programs_are_told_nothing_and_it_is_still_news_to_people(run: Run) -> None:
    assert "Sent to" not in run("ask", "What do customers need?", "--json").output
    assert "Sent to" in run("ask", "What do customers need?").stderr


def test_without_a_model_nothing_is_said(filled_home: Path) -> None:
    result = CliRunner().invoke(main, ["--home", str(filled_home), "ask", "What do they need?"])
    assert result.stderr == ""


def test_doctor_lists_what_leaves(run: Run) -> None:
    shown = even(run("doctor").stdout)
    assert "What leaves this machine: Sent to 127.0.0.1:" in shown
    assert "– every question, the names of accounts, and the words that may answer" in shown
    assert "Nothing leaves this machine" not in shown


def test_add_says_it_and_reads(run: Run, plain_call: Path) -> None:
    added = run("add", str(plain_call))
    assert "the whole transcript of every call" in added.stderr
    # The other calls waited for a model since before; they are read with it.
    assert json.loads(run("read", "--json").stdout) == {"read": 0, "unread": []}


def test_themes_read_first_and_show_what_was_found(run: Run) -> None:
    shown = run("themes")
    assert "the whole transcript" in shown.stderr
    text = even(shown.stdout)
    assert "Found by the model, not yet confirmed, most revenue first" in text
    assert "1. An alarm has to say which freezer it is" in text
    assert "confirm what the model found, below" in text
    assert "2 accounts · $650,000 a year" in text
    assert "not yet confirmed by a person" in text
    (line,) = [x for x in shown.stdout.splitlines() if "confirm theme-" in x and "label" not in x][
        :1
    ]
    confirmed = run("codebook", "confirm", line.split()[-1])
    assert "An alarm has to say which freezer it is" in confirmed.stdout
    text = even(run("themes").stdout)
    assert "Confirmed themes, most revenue first 1. An alarm has to say" in text
    assert "2. " in text.partition("Found by the model")[2], "their rank goes on after yours"
    # Within the same filters, unlike groups by likeness.
    assert (
        "Found by the model" not in run("themes", "--segment", "Research", "--tier", "smb").stdout
    )


def test_a_group_by_likeness_needs_a_name(filled_home: Path) -> None:
    def bare(*args: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(filled_home), *args])

    for item in json.loads(bare("evidence", "--json").stdout):
        if item["role"] == "customer" and item["strength"] == 1:
            bare("evidence", "kind", item["id"], item["kind"], "--strength", "2")
    themes = json.loads(bare("themes", "--json").stdout)
    group = next(t["id"] for t in themes if t["by"] == "likeness")
    refused = bare("codebook", "confirm", group)
    assert refused.exit_code == 1
    assert "Nobody named this group yet" in refused.stderr


def test_a_model_that_fails_does_not_stop_themes(run: Run, llm_server: LlmServer) -> None:
    llm_server.model = lambda _prompt, _data: failing(401, "no such key")
    shown = run("themes")
    assert "firsthand: The model has not read everything." in shown.stderr
    assert "OPENAI_API_KEY" in shown.stderr
    assert shown.stdout


def test_a_memo_asks_a_model_that_fails_once(run: Run, llm_server: LlmServer) -> None:
    llm_server.model = lambda _prompt, _data: failing(401, "no such key")
    failed = run("memo", status=1)
    assert "OPENAI_API_KEY" in failed.stderr
    assert len(llm_server.history) == 4


def test_the_page_says_what_leaves_before_it_is_served(run: Run, filled_home: Path) -> None:
    options = Options(filled_home / "models", database_url=database_of_filled())
    library = Library(filled_home, options)
    with library.holding("serve.lock"):  # so that it ends at once
        told = run("serve", status=1).stderr
    library.close()
    assert told.index("Sent to 127.0.0.1") < told.index("is in use by another process")
    assert "when you ask" in told


def test_an_answer_says_who_wrote_it_and_what_was_dropped(run: Run, llm_server: LlmServer) -> None:
    def model(prompt: str, data: Any) -> Any:
        given = reader.honest(prompt, data)
        if prompt == "answer_question":
            given["sentences"].append(
                {"text": "They pay for 99 horses.", "rests_on": ["T1"], "against": False}
            )
        return given

    llm_server.model = model
    run("read")
    shown = even(run("ask", "What do customers need?").stdout)
    assert "sentences written by openai:test-model, each checked against the quotes" in shown
    assert "2 accounts, $650,000 a year" in shown
    assert "more quote" in shown
    assert "1 sentence did not check out; --verbose shows what and why" in shown
    assert "99 horses" not in shown
    whole = even(run("ask", "What do customers need?", "--verbose").stdout)
    assert "Dropped of what openai:test-model wrote: 1 sentence did not check out" in whole
    assert "✗ dropped They pay for 99 horses. because" in whole


def test_an_answer_without_the_model_says_why(run: Run, llm_server: LlmServer) -> None:
    run("read")
    llm_server.model = lambda _prompt, _data: "no JSON at all"
    shown = run("ask", "What do customers need?").stdout
    assert "! Answered without the language model." in even(shown)
    assert "sentences written by" not in shown


def test_evidence_tells_who_found_it(run: Run) -> None:
    run("read")
    shown = even(run("evidence", "FC-2").stdout)
    assert "found by the model" in shown
    assert "need, as the model read it: An alarm has to say which freezer it is." in shown
    assert "read by openai:test-model" in even(run("show", "FC-2").stdout)


def test_what_the_model_missed_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    item = LedgerItem(
        id="FC-1:1:0-5",
        call_id="FC-1",
        utterance=1,
        quote="It rings.",
        speaker="Noor",
        role="customer",
        kind="pain",
        strength=1,
        hand="first",
        status="read",
        missed=True,
    )
    render_codebook.evidence([item])
    shown = even(capsys.readouterr().out)
    assert "found by the rules, passed over by the model: not counted" in shown


def test_spending_names_what_it_was_for(run: Run) -> None:
    run("read")
    run("ask", "What do customers need?")
    shown = even(run("spending").stdout)
    assert "FRZ-1 with product (FC-1)" in shown
    assert "all 4 calls" in shown
    assert "question" in shown
    assert "in all; no limit is set." in shown
    document = json.loads(run("spending", "--json").stdout)
    assert document["spent_usd"] > 0
    assert {"kind", "subject", "title", "cost_usd"} <= set(document["purposes"][0])


def test_help_lists_commands_in_the_order_of_use() -> None:
    shown = CliRunner().invoke(main, ["--help"]).stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in shown.splitlines() if line.strip()][:12] == ORDER
    assert "..." not in shown, "each says in a line what it does"


def test_hostile_words_of_a_model_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    spoken = Spoken("C1", 0, "It broke.", "Ana", "customer", 0.0, "A1", 1.0, 2.0)
    answer = Answer(
        question="x",
        kind="aggregate",
        filters=Filters(),
        coverage=Coverage(
            accounts_in_scope=1,
            accounts_heard=1,
            accounts_silent=(),
            calls_read=1,
            arr_in_scope_usd=1.0,
            arr_heard_usd=1.0,
        ),
        abstained=False,
        reason=None,
        statements=(statement("It broke.", [cut(spoken)], {"A1": 1.0}),),
        provenance=Provenance(
            mode="llm",
            model=HOSTILE,
            note=HOSTILE,
            dropped=(DroppedSentence(text=HOSTILE, why=HOSTILE), DroppedSentence(text="", why="x")),
        ),
    )
    render_answer.answer(answer, {}, verbose=True)
    call = CallText.model_validate(
        {
            "call_id": "C-1",
            "title": HOSTILE,
            "date": None,
            "account_id": None,
            "source": "zoom",
            "state": "ready",
            "has_audio": False,
            "file_name": "c.json",
            "content_sha256": "0" * 64,
            "duration_s": None,
            "engine": None,
            "model": None,
            "speakers": [{"label": "S1", "name": "S1", "role": "customer", "basis": "file"}],
            "utterances_n": 0,
            "warnings": [],
            "created_at": "2026-05-05T00:00:00Z",
            "read_by": HOSTILE,
            "suggested": [{"label": "S1", "name": HOSTILE, "utterance": 0, "words": HOSTILE}],
            "dropped": [{"what": "need", "text": HOSTILE, "why": HOSTILE}],
        }
    )
    render.call(call, "firsthand")
    shown = capsys.readouterr().out
    assert "not repeated here" in shown
    assert "S1 is perhaps" in shown
    assert not {"\x1b", "\u202e", "\u2066"} & set(shown)
    assert f"S1={plain(HOSTILE)}'" in shown, "a command is one line, quoted for the shell"
