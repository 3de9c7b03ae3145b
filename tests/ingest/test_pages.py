"""Answers out of PDFs: over page borders, without what pages add, in every script; and where they stand."""

from __future__ import annotations

import pytest

from grader.ingest.answers import find_answers
from grader.ingest.pages import flow
from grader.ingest.pdf import read_pdf

BN_1 = "How does the weight initialization scale affect models with and without batch normalization, and why?"
BN_2 = "What do the results of this experiment imply about the relationship between batch normalization and batch size?"
DROPOUT_1 = "What happens if the values passed through inverse dropout are not divided by p, and why?"
LONG = (
    "With normalization every layer sees inputs of the same spread, so a poorly chosen scale of the weights is undone "
    "before it can grow or shrink from layer to layer, while the plain net learns only in a narrow range of scales."
)
GEORGIAN = "მცირე ბეჩში საშუალო და ვარიაცია ხმაურიანია, ამიტომ ნორმალიზაცია ნაკლებად სანდოა."
UKRAINIAN = "Без ділення на p активації під час навчання менші, ніж під час тестування, тому прогнози зміщені."


@pytest.fixture
def homework(make_pdf) -> bytes:
    """Three answers on three pages; the second runs over a page border."""
    half = GEORGIAN * 2
    return make_pdf(
        ["Batch Normalization", "Inline Question 1:", BN_1, "Answer:", LONG, "Inline Question 2:", BN_2, "Answer:", half],
        [LONG, "Dropout", "Inline Question 1:", DROPOUT_1, "Answer:"],
        [UKRAINIAN],
        header="A2, Ana Student", footer="Page {page} of 3",
    )  # fmt: skip


def test_answers_and_their_pages(homework, slots) -> None:
    answers, _ = find_answers({"hw/a2.pdf": homework}, slots)
    found = {q: (a.text, a.pages) for q, a in answers.items() if a.place == "found"}
    assert found == {
        "bn-inline-1": (LONG, (1,)),
        "bn-inline-2": (f"{GEORGIAN * 2}\n\n{LONG}", (1, 2)),
        "dropout-inline-1": (UKRAINIAN, (3,)),
    }
    assert {a.document for a in answers.values()} == {"hw/a2.pdf"}
    assert answers["bn-inline-2"].source == "hw/a2.pdf, pages 1–2"


def test_what_was_not_found_is_unselected(homework, slots) -> None:
    answers, remarks = find_answers({"hw/a2.pdf": homework}, slots)
    missing = {q for q, a in answers.items() if a.place == "unselected"}
    assert missing == {slot.question for slot in slots} - {"bn-inline-1", "bn-inline-2", "dropout-inline-1"}
    assert all(not answers[q].text and not answers[q].pages for q in missing)
    assert any("fc-inline-1" in remark and "Point at the pages" in remark for remark in remarks)


def test_a_sentence_that_a_page_cuts_is_one(make_pdf, slots) -> None:
    first, second = "The estimates of mean and variance are noisy in a", "small batch and so is the training."
    data = make_pdf(["Batch Normalization", "Inline Question 2:", BN_2, "Answer:", first], [second], header="Ana")
    answer = find_answers({"a2.pdf": data}, slots)[0]["bn-inline-2"]
    assert (answer.text, answer.pages) == (f"{first} {second}", (1, 2))


def test_a_scan_is_said_to_be_one(make_pdf, slots) -> None:
    answers, remarks = find_answers({"scan.pdf": make_pdf([], [])}, slots)
    assert {a.place for a in answers.values()} == {"unselected"} and len(answers) == len(slots)
    assert any("2 pages of “scan.pdf” hold no text" in remark for remark in remarks)


def test_a_broken_pdf_loses_nothing(make_pdf, notebook, slots) -> None:
    cell = ("markdown", f"## Inline Question 1:\n{DROPOUT_1}\n\n## Answer:\nmine")
    files = {"broken.pdf": b"%PDF-1.4", "locked.pdf": make_pdf(["x"], password="x"), "Dropout.ipynb": notebook(cell)}
    answers, remarks = find_answers(files, slots)
    assert {q: a.text for q, a in answers.items()} == {"dropout-inline-1": "mine"}
    for path in ("broken.pdf", "locked.pdf"):
        assert any(path in remark and "a TA will look" in remark for remark in remarks)


def test_the_notebook_wins_over_its_print(homework, notebook, slots) -> None:
    cell = ("markdown", f"## Inline Question 1:\n{DROPOUT_1}\n\n## Answer:\nfrom the notebook")
    answers, remarks = find_answers({"a2.pdf": homework, "Dropout.ipynb": notebook(cell)}, slots)
    assert (answers["dropout-inline-1"].text, answers["dropout-inline-1"].place) == ("from the notebook", "given")
    assert answers["bn-inline-1"].place == "found"
    assert any("dropout-inline-1" in remark and "a2.pdf" in remark for remark in remarks)


def test_running_heads_and_page_numbers_go(make_pdf) -> None:
    pages = [[f"Text of page {name}."] for name in ("one", "two", "three", "four")]
    data = make_pdf(
        *pages, header="1/2/26, 10:00 AM   Dropout - Jupyter Notebook", footer="localhost:8888/x.ipynb {page}/4"
    )
    assert flow(read_pdf(data)).text.split() == " ".join(text for [text] in pages).split()


def test_a_table_of_contents_is_no_question(make_pdf, slots) -> None:
    contents = "Inline Question 1: ................ 2\nInline Question 2: ................ 2"
    data = make_pdf(["Batch Normalization", contents], ["Inline Question 1:", BN_1, "Answer:", LONG])
    answer = find_answers({"a2.pdf": data}, slots)[0]["bn-inline-1"]
    assert (answer.text, answer.pages) == (LONG, (2,))


@pytest.mark.parametrize(
    "lines, text",
    [
        ("the nor-\nmalization", "the normalization"),
        ("the batch-\nsize of a batch-size", "the batch-size of a batch-size"),
        ("- one\n- two", "- one\n- two"),
        ("1. Sigmoid\n2. ReLU", "1. Sigmoid\n2. ReLU"),
    ],
)
def test_lines_that_were_wrapped_are_joined(make_pdf, lines: str, text: str) -> None:
    assert flow(read_pdf(make_pdf([lines]))).text == text


HTML = """<meta charset="utf-8"><body style="font-family: sans-serif"><h1>Batch Normalization</h1>
<h2>Inline Question 1:</h2><p>{question}</p><h2>Answer:</h2><p dir="rtl">{answer}</p>
<h2>Inline Question 2:</h2><p>{other}</p><h2>Answer:</h2><p>{english}</p>
<pre>[20]: from cs231n.layers import *
# a comment
x = 1</pre><p>an output</p><h1>PyTorch</h1><p>Nothing.</p>"""


HEBREW = "עם נרמול אצווה (batch norm) הרשת פחות רגישה לאתחול. יש 50 נוירונים, p = 0.7, וגם ReLU לא נפגע."


def test_right_to_left_and_print_in_sizes(printed, slots) -> None:
    data = printed(HTML.format(question=BN_1, answer=HEBREW, other=BN_2, english=LONG))
    answers, _ = find_answers({"a2.pdf": data}, slots)
    assert answers["bn-inline-1"].text == HEBREW
    assert answers["bn-inline-2"].text == LONG


@pytest.mark.parametrize(
    "text",
    [
        "שלום batch normalization עולם",
        "The answer: שלום עולם טוב and more.",
        "Use ReLU (רשת עמוקה) here",
        "ReLU היא פונקציה לא לינארית",
    ],
)
def test_both_directions_on_one_line(printed, text: str) -> None:
    assert flow(read_pdf(printed(f'<meta charset="utf-8"><p dir="auto">{text}</p>'))).text == text
