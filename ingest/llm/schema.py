"""The JSON schema of an answer as servers that enforce schemas take it ("strict").

Their rules (https://platform.openai.com/docs/guides/structured-outputs): every object closed, every
property required, and only the plain keywords. What is dropped here, such as the length of a text,
still holds: pydantic checks it when the answer is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel, JsonValue

_KEPT = ("description", "type", "enum", "items", "anyOf", "$ref")

Schema = dict[str, JsonValue]


def strict(answer: type[BaseModel]) -> Schema:
    """A schema that every answer that ``answer`` takes and that spells out its defaults meets.

    Raises ``TypeError`` for what strict schemas cannot say: objects with keys of any name.
    """
    made = answer.model_json_schema()
    definitions: dict[str, Schema] = made.get("$defs", {})
    # A model that holds itself is but a reference; the outermost has to be an object.
    root = made.get("$ref", "").rpartition("/")[2]
    schema = _strict(definitions.get(root, made), answer.__name__)
    if definitions:
        schema["$defs"] = {name: _strict(part, name) for name, part in definitions.items()}
    return schema


def _strict(schema: Mapping[str, JsonValue], where: str) -> Schema:
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # servers refuse anything beside it
    kept: Schema = {key: schema[key] for key in _KEPT if key in schema}
    if "properties" in schema:
        kept.pop("description", None)  # the docstring of a class speaks to developers
    if "const" in schema:
        kept["enum"] = [schema["const"]]
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        kept["anyOf"] = [_strict(part, where) for part in cast(list[Schema], choices)]
    if "items" in schema:
        kept["items"] = _strict(cast(Schema, schema["items"]), where)
    if "prefixItems" in schema or (schema.get("type") == "object" and "properties" not in schema):
        raise TypeError(f"{where}: an answer's objects need names and its lists one type of item.")
    if "properties" in schema:
        properties = cast(dict[str, Schema], schema["properties"])
        kept["properties"] = {
            name: _strict(part, f"{where}.{name}") for name, part in properties.items()
        }
        kept["required"] = list(properties)
        kept["additionalProperties"] = False
    return kept
