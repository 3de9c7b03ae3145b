"""A rubric made of an export: its questions, items and where answers are found. A beginning, to be edited."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from grader.ingest.gradescope.export import Export, ExportItem, ExportQuestion
from grader.ingest.gradescope.items import DEFAULT_LABEL
from grader.ingest.gradescope.labels import key

_MAX_ID = 60  # characters
_MAX_PROMPT = 600
_PAGE = re.compile(r"\bpages?\b", re.I)
_PAGE_FAULT = re.compile(r"\b(?:select|cho[o]?se|wrong|correct|assign|match)", re.I)
_TAGGING = re.compile(r"\btag(?:s|ged|ging)?\b", re.I)

ItemIds = dict[int, str]


def rubric_skeleton(export: Export, assignment: str = "imported", title: str = "") -> str:
    """The YAML of a rubric that `parse_rubric` accepts, in which every applied item of the export costs what it did.

    assignment: the rubric's identifier; title: by default the export's.
    """
    document = CommentedMap()
    document["assignment"] = assignment
    document["title"] = title or export.title or "Imported assignment"
    ids = question_ids(export)
    headings = Counter(question.heading for question in export.questions)
    document["questions"] = [
        _question(question, ids[question.number], headings[question.heading] == 1) for question in export.questions
    ]
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def question_ids(export: Export) -> dict[str, str]:
    """The skeleton's question id by the export's number."""
    taken: set[str] = set()
    ids = {}
    for question in export.questions:
        title = f"{question.group} {question.title}" if question.group else question.title
        ids[question.number] = _unique(_slug(title) or f"q{question.number}", taken)
    return ids


def item_ids(question: ExportQuestion) -> ItemIds:
    """The skeleton's item id by the item's place in the export's list; items that cost nothing have none."""
    taken: set[str] = set()
    ids = {}
    for place, item in enumerate(question.items):
        if _points(item, question) is not None:
            ids[place] = _unique(_slug(_label(item)) or f"item-{place + 1}", taken)
    return ids


def scoring(question: ExportQuestion) -> str:
    """ "deduct" or "add", by the items' signs; where both occur, the one that gives the printed score."""
    points = [item.points for item in question.items]
    if not any(value > 0 for value in points):
        return "deduct"
    if not any(value < 0 for value in points):
        return "add"
    given = sum(item.points for item in question.items if item.applied)
    return "deduct" if abs(question.max_score + given - question.score) < 1e-6 else "add"


def _question(question: ExportQuestion, identifier: str, heading_is_unique: bool) -> CommentedMap:
    made = CommentedMap()
    made["id"] = identifier
    made["title"] = (
        f"{question.group}: {question.title}" if question.group else question.title or f"Question {question.number}"
    )
    made["points"] = _plain(question.max_score)
    made["scoring"] = scoring(question)
    answer = CommentedMap()
    if question.heading and heading_is_unique:  # "Inline Question 1" of three notebooks finds the wrong one
        answer["heading"] = question.heading[:200]
    answer["prompt"] = " ".join(question.prompt.split())[:_MAX_PROMPT] or question.title
    made["answer"] = answer
    made["items"] = [_item(question.items[place], question, name) for place, name in item_ids(question).items()]
    if not made["items"]:
        made["items"] = [_only_item(question)]
    return made


def _item(item: ExportItem, question: ExportQuestion, identifier: str) -> CommentedMap:
    label = DoubleQuotedScalarString(_label(item))  # ruamel writes a bare ?word in a flow mapping and cannot read it
    made = CommentedMap(id=identifier, points=_plain(_points(item, question) or 0), label=label)
    if _PAGE.search(item.label) and _PAGE_FAULT.search(item.label):
        made["evidence"] = "page"
    elif _TAGGING.search(item.label):
        made["evidence"] = "tagging"
    made.fa.set_flow_style()
    return made


def _only_item(question: ExportQuestion) -> CommentedMap:
    """A question without items gets one, so that it can be marked at all."""
    made = CommentedMap(id="no-credit", points=_plain(-question.max_score), label="No credit")
    made.fa.set_flow_style()
    return made


def _points(item: ExportItem, question: ExportQuestion) -> float | None:
    """What the item is worth in the rubric; None for one that a rubric cannot have or does not need."""
    if item.points == 0 and (not item.label or key(item.label) == "correct"):
        return None
    if scoring(question) == "deduct":
        return None if item.points > 0 else max(item.points, -question.max_score)
    return item.points


def _label(item: ExportItem) -> str:
    if key(item.label) in ("", key(DEFAULT_LABEL)):
        return f"{'Deduction' if item.points < 0 else 'Credit'} of {abs(item.points):g}"
    return item.label


def _slug(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", text.lower())) if text.isascii() else []
    while len("-".join(words)) > _MAX_ID and len(words) > 1:
        words.pop()
    return "-".join(words)[:_MAX_ID]


def _unique(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}-{count}"
    taken.add(found)
    return found


def _plain(points: float) -> float | int:
    return int(points) if points == int(points) else points
