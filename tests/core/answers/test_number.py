"""Numbers: the one that is meant, however it is written."""

import pytest

NUMBER = """
    numbers:
      count: {says: the right count, value: 19600, relative: 0.001, near: [multipl*]}
"""
ITEMS = "[{id: wrong, points: -1, label: Wrong count, when: {not: count}}]"


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("it takes 19600 multiplications", "clear"),
        ("it takes 19,600 multiplications", "clear"),
        ("it takes 19 600 multiplications", "clear"),
        ("the multiplications are 1.96 x 10^4", "clear"),
        ("the multiplications are 1.96e4", "clear"),
        ("multiplications: 20·20·49 = 19600", "clear"),
        ("it takes 9604 multiplications", "deduct"),
        ("there are 20 rows. It takes many multiplications", "unknown"),
        ("it is 19600 in all", "unknown"),
        ("19600 multiplications, not 2^" + "9" * 5000, "clear"),
        ("19600 multiplications, not " + "9" * 20 + "^30", "clear"),
        ("19600 multiplications, not 0^-3", "clear"),
    ],
)
def test_numbers(question_of, ask_of, text, suggested):
    assert ask_of(question_of(NUMBER, ITEMS))(text)["wrong"].suggested == suggested
