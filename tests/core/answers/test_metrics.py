"""Figures of reports: every usual way to write a table gives the same cells, and what is unclear gives none."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.answers.metrics import as_fractions, read_report, scale_of

ROWS = {
    "baseline": ["baseline", "base model"],
    "bn": ["batch norm*", "BN", "пакетна нормалізація"],
    "drop": ["dropout"],
    "decay": ["weight decay", "L2"],
}
COLUMNS = {
    "test": ["test acc*", "test", "דיוק מבחן", "точність на тесті"],
    "train": ["train* acc*", "train", "דיוק אימון", "точність на навчанні"],
}
WANTED = {
    ("baseline", "test"): 0.8854,
    ("baseline", "train"): 0.8962,
    ("drop", "test"): 0.8966,
    ("drop", "train"): 0.9404,
}


def read(text: str, rows: dict = ROWS, columns: dict = COLUMNS) -> dict[tuple[str, str], float]:
    """The figures as fractions; a cell with several is left out."""
    figures = read_report(text, rows, columns).figures
    return {place: round(as_fractions(found)[0], 6) for place, found in figures.items() if len(found) == 1}


@pytest.mark.parametrize(
    "text",
    [
        "| Run | Test acc | Train acc |\n|---|---|---|\n| Baseline | 88.54% | 89.62% |\n| Dropout | **89.66%** | 94.04 % |",
        "\tTest Accuracy %\tTrain Accuracy %\nBaseline\t88.54\t89.62\nDropout\t89.66\t94.04",
        "Run & Test acc & Train acc \\\\ \\hline\nBaseline & 88.54 & 89.62 \\\\\nDropout & 89.66\\% & 94.04\\% \\\\",
        "model,test,train\nBaseline,0.8854,0.8962\nDropout,0.8966,0.9404",
        "Test acc    Train acc\nBaseline    88.54    89.62\nDropout     89.66    94.04",
        "| | Baseline | Dropout |\n|---|---|---|\n| Test accuracy | 88.54 | 89.66 |\n| Train accuracy | 89.62 | 94.04 |",
        "Baseline: test accuracy 88,54 %, train accuracy 89,62 %\nDropout: test accuracy 89,66 %, train accuracy 94,04 %",
        "Dropout reached 89.66 % test and 94.04 % train\nThe base model reached 88.54 % test and 89.62 % train",
        "Baseline:\n\n```\ntest acc, train acc: [0.8854, 0.8962]\n```\n\n"
        "Dropout:\n\n```\ntest acc, train acc: [0.8966, 0.9404]\n```",
        "‏| שיטה | דיוק מבחן | דיוק אימון |‏\n|---|---|---|\n| ‎Baseline | 88.54% | 89.62% |\n| Dropout‎ | 89.66% | 94.04% |",
        "| Модель | Точність на тесті | Точність на навчанні |\n|---|---|---|\n"
        "| baseline | 88,54 % | 89,62 % |\n| dropout | 89,66 % | 94,04 % |",
        "| # | Run | Test acc | Train acc |\n|--|--|--|--|\n"
        "| 1 | Baseline | 88.54 ± 0.3 | 89.62 |\n| 2 | Dropout | 89.66 | 94.04 |",
    ],
    ids=["markdown", "tabs", "latex", "csv", "blanks", "transposed", "comma", "prose", "keras", "hebrew", "ukrainian", "numbered"],
)  # fmt: skip
def test_ways_to_write_a_table(text: str) -> None:
    assert read(text) == WANTED


def test_a_line_of_two_runs_gives_none() -> None:
    assert read("Baseline and dropout reached a test accuracy of 0.9") == {}


def test_other_numbers_are_no_results() -> None:
    text = "Dropout is 20 %, batches hold 64 images, the learning rate is 0.01.\nThe baseline has 61,706 parameters."

    assert read(text) == {}


def test_the_longest_name_is_meant_and_denial_is_seen() -> None:
    rows = {"with": ["batch norm*"], "without": ["no batch norm*"]}
    text = "No batch normalization: test acc 0.61\nWith batch normalization: test acc 0.62\nWithout batch norm: test acc 0.1"

    assert read(text, rows) == {("without", "test"): 0.61, ("with", "test"): 0.62}


def test_the_plain_net_yields_to_what_was_added_to_it() -> None:
    rows = {**ROWS, "baseline": ["~LeNet-5", "~baseline"]}
    text = "LeNet-5;0.91\nLeNet-5 + BN;0.92\nBaseline + dropout;0.93\nBaseline, BN and dropout;0.94"

    assert read("run;test\n" + text, rows) == {("baseline", "test"): 0.91, ("bn", "test"): 0.92, ("drop", "test"): 0.93}


def test_rows_that_nobody_asked_for_are_named() -> None:
    report = read_report("| Run | Test |\n|---|---|\n| Baseline | 0.9 |\n| Momentum | 0.8 |", ROWS, COLUMNS)

    assert report.unclaimed == ("Momentum",)


def test_a_table_outranks_prose() -> None:
    text = "With dropout the test accuracy is about 90 %.\n\n| Run | Test |\n|---|---|\n| Dropout | 89.66 |"

    assert read(text) == {("drop", "test"): 0.8966}


def test_two_tables_with_different_figures_keep_both() -> None:
    text = "| Run | Test |\n|---|---|\n| Dropout | 89.66 |\n\n| Run | Test |\n|---|---|\n| Dropout | 80.0 |"

    assert len(read_report(text, ROWS, COLUMNS).figures["drop", "test"]) == 2


def test_one_result_for_one_run_needs_no_name() -> None:
    assert read("test loss, test acc: [0.82, 0.67]", {"base": ["base"]}, {"loss": ["test loss"], "test": ["test acc"]}) == {
        ("base", "loss"): 0.82, ("base", "test"): 0.67,
    }  # fmt: skip


def test_digits_tell_how_exact_a_figure_is() -> None:
    figure = read_report("Dropout: test acc 89,7 %", ROWS, COLUMNS).figures["drop", "test"][0]

    assert figure.half == pytest.approx(0.05) and scale_of(figure, 0.897) == 0.01


NUMBER = st.integers(0, 10_000).map(lambda part: f"{part / 100:.2f}")


@given(
    st.lists(st.tuples(NUMBER, NUMBER), min_size=4, max_size=4),
    st.permutations(list(ROWS)),
    st.booleans(),
    st.booleans(),
)
def test_any_markdown_table_is_read(values, order, turned: bool, comma: bool) -> None:
    table = [
        ["Run", "Test %", "Train %"],
        *([ROWS[name][0].strip("*"), *pair] for name, pair in zip(order, values, strict=True)),
    ]
    table = [list(row) for row in zip(*table, strict=True)] if turned else table
    text = "\n".join(
        "| " + " | ".join(cell.replace(".", ",") if comma else cell for cell in row) + " |" for row in table
    )

    figures = read_report(text, ROWS, COLUMNS).figures

    found = {place: one[0].value for place, one in figures.items()}
    assert found == {
        (name, column): float(pair[i])
        for name, pair in zip(order, values, strict=True)
        for i, column in enumerate(("test", "train"))
    }


def test_a_data_frame_with_its_index() -> None:
    text = "           model  test_acc  train_acc\n0       Baseline  0.969773   0.985714\n1  Batch norm  0.982368   0.999286\n"

    figures = read_report(text, ROWS, COLUMNS).figures

    assert sorted(one[0].value for one in figures.values()) == [0.969773, 0.982368, 0.985714, 0.999286]


@pytest.mark.parametrize("number", ["1e400", "0.88e99999", "1e" + "9" * 900])
def test_a_number_beyond_all_accuracies_is_left_out(number: str) -> None:
    assert not read(f"| Run | Test acc |\n|---|---|\n| Baseline | {number} |\n")


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    read_report(text, ROWS, COLUMNS)


@given(
    st.lists(
        st.sampled_from([*itertools.chain(*ROWS.values()), "test", "train", "0.9", "|", "\n", "[", "]", ":", ","]),
        max_size=40,
    )
)
def test_any_mixture_of_its_words_is_read(words: list[str]) -> None:
    read_report(" ".join(words), ROWS, COLUMNS)
