"""``python -m eval reference``: the reference pages of the documents, written from the code.

``docs/cli.md`` is what every command says of itself, ``docs/api.md`` the API's own description
(OpenAPI 3.1) for people. A test holds both against the code.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from fastapi.routing import APIRoute

from ingest.library import Library, Options
from service.api import create_app
from service.api.needs import need_of
from service.cli import main as firsthand
from service.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"
_WRITTEN = "<!-- Written by `python -m eval reference`; a test checks it. -->"
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_WIDTH = 80

Json = Mapping[str, Any]


def pages() -> dict[str, str]:
    """Each page's name in ``docs`` and its text."""
    return {"cli.md": commands_page(), "api.md": api_page()}


def write() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def commands_page() -> str:
    """What ``firsthand … --help`` says, of every command."""
    parts = [
        "# Commands\n",
        _WRITTEN + "\n",
        "What each says with `--help`. Exit status: 0 done, 1 something failed (named on stderr), "
        "2 usage. With `--json` there is one JSON document on stdout; its form is in "
        "[the contract](contract.md).\n",
    ]
    for path, command in _commands("firsthand", firsthand):
        context = click.Context(command, info_name=path, terminal_width=_WIDTH)
        parts.append(f"## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            one = command.commands[name]
            if not one.hidden:
                yield from _commands(f"{path} {name}", one)


def api_page() -> str:
    """Every request, who may make it, what it takes and gives; then the shapes."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        library = Library(home, Options(models=home / "models"))
        try:
            app = create_app(library, Settings(home=home))
            told = app.openapi()
            roles = _roles(app.state.apps())
        finally:
            library.close()
    parts = [
        "# API\n",
        _WRITTEN + "\n",
        "A running server describes itself at `/openapi.json`. JSON both ways unless said "
        "otherwise; what goes wrong is a problem document (RFC 9457) with one sentence for people "
        "in `detail`. How to sign in, and what scripts may rely on: [the contract](contract.md).\n",
    ]
    by_tag: dict[str, list[str]] = {}
    for path, operations in told["paths"].items():
        for method in _METHODS:
            if operation := operations.get(method):
                name = f"{method.upper()} {path}"
                text = _operation(name, operation, roles.get((method.upper(), path)))
                by_tag.setdefault(operation.get("tags", ["other"])[0], []).append(text)
    for tag, operations in sorted(by_tag.items()):
        parts.append(f"## {tag.capitalize()}\n")
        parts.extend(operations)
    parts.append("## Shapes\n")
    shapes = told["components"]["schemas"]
    parts.extend(_shape(name, shapes[name]) for name in sorted(shapes, key=_title))
    return "\n".join(parts)


def _roles(apps: Any) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for app in apps:
        for route in _routes(app.routes):
            role = need_of(route.endpoint).role
            for method in route.methods or ():
                found[method, route.path] = role or "anybody"
    return found


def _routes(routes: Any) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif inner := getattr(route, "original_router", None):
            yield from _routes(inner.routes)


def _operation(name: str, operation: Json, role: str | None) -> str:
    lines = [f"### {name}\n", _prose(operation.get("description", "")) + "\n"]
    if role is not None:
        lines.append(f"For: {role}.\n")
    if parameters := operation.get("parameters"):
        lines += ["| parameter | in | what |", "|---|---|---|"]
        for one in parameters:
            what = _and(_type(one["schema"]), one.get("description"), one["schema"].get("default"))
            needed = "" if one.get("required") else " (optional)"
            lines.append(f"| `{one['name']}` | {one['in']}{needed} | {what} |")
        lines.append("")
    if body := operation.get("requestBody"):
        for kind, content in body["content"].items():
            form = f": {_type(content['schema'])}" if content.get("schema") else ""
            lines.append(f"Takes `{kind}`{form}.\n")
    for status, answer in operation["responses"].items():
        if status.isdigit() and int(status) < 400:
            given = [
                f"`{kind}` {_type(content['schema'])}" if content.get("schema") else f"`{kind}`"
                for kind, content in answer.get("content", {}).items()
            ]
            lines.append(f"Gives {status}{': ' + ', '.join(given) if given else ''}.\n")
    return "\n".join(lines)


def _shape(name: str, schema: Json) -> str:
    lines = [f"### {_title(name)} {{ #{_anchor(name)} }}\n"]
    if about := schema.get("description"):
        lines.append(_prose(about) + "\n")
    if fields := schema.get("properties"):
        lines += ["| field | what |", "|---|---|"]
        needed = schema.get("required", ())
        for field, one in fields.items():
            default = None if field in needed else one.get("default")
            lines.append(f"| `{field}` | {_and(_type(one), one.get('description'), default)} |")
        lines.append("")
    elif "enum" in schema or "anyOf" in schema or "items" in schema:
        lines.append(_type(schema) + "\n")
    return "\n".join(lines)


def _type(schema: Json) -> str:
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        return f"[{_title(name)}](#{_anchor(name)})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(one) for one in several))
    match schema.get("type"):
        case "array":
            inner = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
            return f"list of {_type(inner)}"
        case "object":
            values = schema.get("additionalProperties")
            return f"object of {_type(values)}" if isinstance(values, dict) and values else "object"
        case None:
            return "anything"
        case str(kind):
            form = schema.get("format")
            return f"{kind} ({form})" if form else kind
        case other:
            raise TypeError(f"a type {other!r} in the description")


def _and(kind: str, about: str | None, default: object) -> str:
    told = [kind, *([_prose(about)] if about else [])]
    if default not in (None, [], {}, ""):
        told.append(f"else `{default}`")
    return "; ".join(told).replace("|", r"\|")


def _prose(text: str) -> str:
    """Our docstrings' double backticks as Markdown has them."""
    return " ".join(re.sub(r"``([^`]*)``", r"`\1`", text).split())


def _title(name: str) -> str:
    return name.rpartition("__")[2]


def _anchor(name: str) -> str:
    return "shape-" + re.sub(r"[^a-z0-9]+", "-", name.lower())
