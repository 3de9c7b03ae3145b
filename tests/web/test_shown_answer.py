"""A student's answer with what deductions rest on."""

from __future__ import annotations

from grader.core.result import ItemResult, QuestionResult
from grader.web.shown_answer import explained


def question(answer: str, *evidence: tuple[str, ...]) -> QuestionResult:
    items = tuple(
        ItemResult(id=f"i{number}", label="Wrong", points=-1, applied=True, evidence=quotes)
        for number, quotes in enumerate(evidence)
    )
    return QuestionResult(id="q", title="Q", score=0, max_score=2, status="graded", items=items, answer=answer)


def test_quotes_are_marked_with_the_numbers_of_their_items():
    shown = explained(question("U is 64×27 and $b$ is (27,).", (), ("U is 64×27",), ("$b$ is (27,)",)))
    assert shown.labels == {"i1": "1", "i2": "2"}
    assert shown.html.count("<mark") >= 2 and 'data-label="1"' in shown.html and 'data-label="2"' in shown.html


def test_one_place_of_two_items_has_both_numbers():
    assert explained(question("U is 64×27", ("U is 64×27",), ("U is 64×27",))).labels == {"i0": "1", "i1": "2"}


def test_a_quote_that_does_not_stand_in_the_answer_has_no_number():
    shown = explained(question("Nothing of it.", ("elsewhere",)))
    assert shown.labels == {} and "<mark" not in shown.html


def test_no_answer():
    assert explained(question("", ("x",))).labels == {}


def test_nothing_that_a_student_writes_becomes_markup():
    shown = explained(question("<script>alert(1)</script> U is <b onclick=x>64</b>", ("U is <b onclick=x>64</b>",)))
    assert "<script" not in shown.html and "<b onclick" not in shown.html
