"""Asking in a terminal what only a person can say of a CRM's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from service.cli import render_crm
from service.cli.text import plain
from service.crm.shapes import ALL, NEW, SKIP, FieldName

if TYPE_CHECKING:
    from service.crm.shapes import Choices, CrmPreview, Question

_FIELDS = sorted(get_args(FieldName))


def answer(found: CrmPreview, choices: Choices) -> Choices:
    """The choices with the first open question answered."""
    question = found.questions[0]
    if question.about == "mapping":
        return _mapping(found, choices)
    click.echo(plain(question.text))
    match question.about:
        case "dates":
            return choices.model_copy(update={"dates": _one_of("dmy", "mdy")})
        case "decimal":
            return choices.model_copy(update={"decimal": _one_of("point", "comma")})
        case "rate":
            rate = click.prompt("Dollars", type=click.FloatRange(0, 100_000, min_open=True))
            return choices.model_copy(update={"rates": {**choices.rates, question.currency: rate}})
        case "stages":
            return choices.model_copy(update={"stages": _stages(question)})
    line = question.line or 0
    return choices.model_copy(update={"matches": {**choices.matches, line: _whose(question)}})


def _mapping(found: CrmPreview, choices: Choices) -> Choices:
    render_crm.columns(found, numbered=True)
    click.echo(plain(found.questions[0].text))
    given = click.prompt(
        "Enter to go on, or NUMBER=FIELD to change one (NUMBER= leaves it out)",
        default="",
        show_default=False,
    )
    if not given.strip():
        return choices.model_copy(update={"mapping_is_right": True})
    number, _, field = given.partition("=")
    if not number.strip().isdecimal() or not 1 <= int(number) <= len(found.columns):
        click.echo(f"There is no column {plain(number)}.")
        return choices
    if field.strip() not in ("", *_FIELDS):
        click.echo(f"Fields are {', '.join(_FIELDS)}.")
        return choices
    column = found.columns[int(number) - 1].column
    return choices.model_copy(update={"columns": {**choices.columns, column: field.strip()}})


def _one_of(*ways: str) -> str:
    told: str = click.prompt("Which", type=click.Choice(ways))
    return told


def _stages(question: Question) -> tuple[str, ...]:
    for n, one in enumerate(question.stages, start=1):
        click.echo(f"  {n}  {plain(one.stage or 'no stage')} ({one.deals_n})")
    while True:
        given = str(click.prompt("Numbers with commas between, all, or none")).strip().lower()
        if given in ("all", "none"):
            return (ALL,) if given == "all" else ()
        numbers = [part.strip() for part in given.split(",")]
        if all(n.isdecimal() and 1 <= int(n) <= len(question.stages) for n in numbers):
            return tuple(question.stages[int(n) - 1].stage for n in numbers)


def _whose(question: Question) -> str:
    ways = [*([NEW] if question.may_be_new else []), SKIP]
    for n, one in enumerate(question.candidates, start=1):
        click.echo(f"  {n}  {plain(one.name)} ({plain(one.account_id)}): {plain(one.why)}")
    ids = [one.account_id for one in question.candidates]
    several = f"1–{len(ids)}, " if len(ids) > 1 else "1, " if ids else ""
    while True:
        given = str(click.prompt(f"{several}an account's id, {' or '.join(ways)}")).strip()
        if given.isdecimal() and 1 <= int(given) <= len(ids):
            return ids[int(given) - 1]
        if given and (given in ways or given not in (NEW, SKIP)):
            return given
