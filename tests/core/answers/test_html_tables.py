"""HTML tables as lines of cells."""

from hypothesis import given
from hypothesis import strategies as st

from grader.core.answers.html_tables import as_lines


def test_rows_spans_and_what_nobody_sees():
    text = as_lines(
        "<style>td {}</style>Before<table><tr><th colspan=2>Acc<th>n</tr><tr><td>88.5&nbsp;%<td> 1|2 <td><b>10</b></table>after"
    )
    assert [line for line in text.splitlines() if line] == [
        "Before",
        "| Acc | Acc | n |",
        "| 88.5 % | 1/2 | 10 |",
        "after",
    ]


def test_text_without_tags_stays():
    assert as_lines("a | b\n1 < 2 & 3 > 2\n") == "a | b\n1 < 2 & 3 > 2\n"


@given(st.text(alphabet="<>/trdh=\"' &;colspan019abc\n", max_size=200))
def test_nothing_raises(text):
    as_lines(text)
