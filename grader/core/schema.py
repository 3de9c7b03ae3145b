"""The published JSON Schema of `rubric.yaml`, made from the models that validate it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from grader.core.checks import KINDS
from grader.core.rubric import Rubric


def rubric_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12). A check is written with its kind as a key: {id, points, forward: {…}}."""
    models = [(Rubric, "validation"), *((kind.declaration, "validation") for kind in KINDS.values())]
    _, schema = models_json_schema(models, ref_template="#/$defs/{model}")
    definitions = schema["$defs"]
    check = definitions["Check"]
    properties = {key: value for key, value in check["properties"].items() if key not in ("kind", "declaration")}
    check["properties"] = properties | {
        name: {"$ref": f"#/$defs/{kind.declaration.__name__}"} for name, kind in KINDS.items()
    }
    check["required"] = ["id", "points"]
    check["oneOf"] = [{"required": [name]} for name in KINDS]
    definitions.pop("Declaration", None)
    definitions["AnswerSlot"]["required"] = []  # `question` is filled in from the question it stands in
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rubric",
        "$ref": "#/$defs/Rubric",
        "$defs": definitions,
    }
