from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from ingest.llm.schema import strict
from ingest.llm.tokens import estimate


class Colour(Enum):
    RED = "red"


class Leaf(BaseModel):
    """A leaf."""

    kind: Literal["leaf"] = "leaf"
    default: str = Field(default="x", min_length=1, max_length=3, pattern="x", examples=["x"])
    title: int | None = Field(default=None, ge=0, description="how much")


class Twig(BaseModel):
    kind: Literal["twig"]
    properties: list[Branch] = []


class Branch(BaseModel):
    parts: tuple[Annotated[Leaf | Twig, Field(discriminator="kind")], ...]
    first: Leaf = Field(description="the first of them")
    colour: Colour = Colour.RED


def parts(schema: object) -> list[dict[str, object]]:
    """All objects in a schema that describe something, names of properties apart."""
    found: list[dict[str, object]] = []
    if isinstance(schema, dict):
        found.append(schema)
        for key, value in schema.items():
            inner = value.values() if key in ("properties", "$defs") else [value]
            found += [part for one in inner for part in parts(one)]
    elif isinstance(schema, list):
        found += [part for one in schema for part in parts(one)]
    return found


def test_everything_is_closed_required_and_plain() -> None:
    schema = strict(Branch)
    for part in parts(schema):
        assert set(part) <= {
            "$defs", "$ref", "additionalProperties", "anyOf", "description", "enum", "items",
            "properties", "required", "type",
        }  # fmt: skip
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])  # type: ignore[call-overload]  # a dict
        if "$ref" in part:
            assert set(part) == {"$ref"}
    assert schema["type"] == "object"
    # What a field is, is for the model; the docstring of a class is not.
    told = [part["description"] for part in parts(schema) if "description" in part]
    assert told == ["how much"]
    # Fields that are called like a keyword are fields all the same.
    assert ["kind", "default", "title"] in [part.get("required") for part in parts(schema)]


def test_it_takes_what_the_answer_takes() -> None:
    leaf = {"kind": "leaf", "default": "x", "title": None}
    tree = {"parts": [leaf, {"kind": "twig", "properties": []}], "first": leaf, "colour": "red"}
    jsonschema.validate(tree, strict(Branch))
    Branch.model_validate(tree)
    for wrong in ({**tree, "colour": "blue"}, {**tree, "more": 1}, {"parts": [], "first": leaf}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, strict(Branch))


class Free(BaseModel):
    counts: dict[str, int]


class Pair(BaseModel):
    both: tuple[int, str]


@pytest.mark.parametrize("answer", [Free, Pair])
def test_what_strict_schemas_cannot_say_is_an_error_of_ours(answer: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match=rf"{answer.__name__}\."):
        strict(answer)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    # Counted with OpenAI's o200k_base: 13, 8 and 15 tokens.
    [
        ("We chip ice out of the freezer by hand and lose a morning.", 13, 20),
        ('{"call":"c-1","at":42}', 6, 12),
        ("Мы теряем целое утро, скалывая лёд.", 8, 20),
        ("", 0, 0),
    ],
)
def test_the_estimate_errs_upward(text: str, least: int, most: int) -> None:
    assert least <= estimate(text) <= most
