"""The rules for questions 2, 3 and the three on dropout, on answers that were written in other words than they."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from grader.core.answers.suggest import suggest
from grader.core.submission import Answer

QUESTIONS = ("fc-inline-2", "fc-inline-3", "dropout-inline-1", "dropout-inline-2", "dropout-inline-3")


def read(file):
    return YAML(typ="safe").load(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def results(pack):
    """Entries of a question, each with what was suggested."""

    def of(name, corpus):
        entries = [entry for entry in read(corpus / "own_c.yaml") if entry["question"] == name]
        return [(entry, suggest(pack.question(name), Answer(name, entry["text"], "test"))) for entry in entries]

    return of


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_wrong_deduction(results, corpus, name):
    wrong = [
        (entry["id"], item.id)
        for entry, items in results(name, corpus)
        for item in items
        if item.suggested == "deduct" and item.id not in entry["applied"]
    ]
    assert wrong == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_most_answers_are_decided_and_right(results, corpus, name):
    found = results(name, corpus)
    decided = [(entry, items) for entry, items in found if all(item.suggested != "unknown" for item in items)]
    right = [
        entry
        for entry, items in decided
        if {item.id for item in items if item.suggested == "deduct"} == set(entry["applied"])
    ]
    assert len(found) >= 30
    assert len(decided) >= 0.85 * len(found)
    assert len(right) >= 0.95 * len(decided)


@pytest.mark.parametrize("file", ["own_c.yaml", "seeds.yaml"])
def test_labels_name_items_of_the_rubric(pack, corpus, file):
    entries = [entry for entry in read(corpus / file) if entry.get("pack", "cs231n_a2") == "cs231n_a2"]
    for entry in entries:
        known = {item.id for item in pack.question(entry["question"]).items}
        assert set(entry["applied"]) <= known, entry
        assert entry["reason"]


def test_evidence_is_quoted_from_the_answer(results, corpus):
    for name in QUESTIONS:
        for entry, items in results(name, corpus):
            for item in items:
                assert all(quote in entry["text"] for quote in item.evidence)
