"""All tools there are, in the order in which they are listed."""

from __future__ import annotations

from service.account_page import AccountPage
from service.assistants import tools, writing
from service.assistants.tool import Tool
from service.moment import Moment
from service.one_theme import OneTheme
from service.reading import CallText
from service.shapes import Answer, CoverageReport, Job

TOOLS = (
    Tool("ask", "Ask customers", tools.Ask, Answer, "ask", "ask", costly="ask"),
    Tool("themes", "Themes by rank", tools.ListThemes, tools.Themes, "themes"),
    Tool("theme", "One theme", tools.ShowTheme, OneTheme, "theme", subject="theme_id"),
    Tool("coverage", "Who was heard", tools.Coverage, CoverageReport, "coverage", None),
    Tool("accounts", "Accounts", tools.ListAccounts, tools.Accounts, "accounts", None),
    Tool("account", "One account", tools.ShowAccount, AccountPage, "account", subject="account_id"),
    Tool("calls", "Calls", tools.ListCalls, tools.Calls, "calls", None),
    Tool("call", "One call", tools.ShowCall, CallText, "call", subject="call_id"),
    Tool("quote", "Check a quote", tools.ShowQuote, Moment, "call", subject="call_id"),
    Tool("memos", "Memos", tools.ListMemos, tools.Memos, "memos", None),
    Tool("memo", "One memo", tools.ShowMemo, tools.MemoPart, "memo", subject="memo_id"),
    Tool(
        "draft_memo",
        "Draft a memo",
        writing.DraftMemo,
        Job,
        "memos",
        "add",
        role="editor",
        costly="memo",
        changes=True,
    ),
    Tool("job", "How far a draft is", writing.ShowJob, Job, "jobs", None, role="editor"),
    Tool(
        "pick",
        "Pick for the memo",
        writing.PickStatement,
        writing.Picks,
        "answer",
        "change",
        subject="answer_id",
        role="editor",
        changes=True,
    ),
)
