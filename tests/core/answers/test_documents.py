"""The examples in the documents of the exact kinds can be declared as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from grader.core.answers.counts import Counts
from grader.core.answers.graph import Graph
from grader.core.answers.shapes import Shapes

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs" / "kinds"


@pytest.mark.parametrize(("name", "kind"), [("counts", Counts), ("shapes", Shapes), ("graph", Graph)])
def test_the_example_is_a_declaration_and_its_items_name_what_exists(name, kind):
    written = re.search(r"```yaml\n(.*?)```", (DOCUMENTS / f"{name}.md").read_text(), re.DOTALL)[1]
    example = YAML(typ="safe").load(written.replace("  …\n", ""))
    question = example[0] if isinstance(example, list) else example
    declared = kind.model_validate(question[name])
    named = [item["when"]["not"] if isinstance(item["when"], dict) else item["when"] for item in question["items"]]
    assert named and set(named) <= set(declared.names)
