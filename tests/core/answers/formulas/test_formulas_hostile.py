"""No text is too much for the reader of formulas."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.core.answers.formulas import Formulas, read
from grader.pack import load_pack

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)


@pytest.fixture(scope="module")
def formulas() -> Formulas:
    declared = load_pack("dl_hw1").rubric.question("bn-gradients").formulas
    assert declared is not None
    return declared


PIECES = [
    "\\frac", "{", "}", "(", ")", "[", "]", "^", "_", "=", "+", "-", "*", "/", "\\sum", "\\sqrt", "\\hat", "x", "i", "m", "1",
    "2", "\\partial", "f", "y", "\\gamma", "\\sigma^2", "$", "$$", "\\\\", "\n", ",", ".", "df/dgamma", "dgamma", "np.sum(",
    "axis=0", "∂", "∑", "x̂", "²", "ᵢ", "where", "כי", "\\text{", "\\left", "\\begin{align}", "&", "#", ":", "@",
    "\\odot", "\\textcircled{=}", "\x00",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60))
@settings(QUIET, max_examples=300)
@example(["("] * 60)
@example(["df/dgamma", "=", *(["\\frac", "{"] * 28)])
def test_no_text_is_too_much(formulas, pieces):
    assert set(read(formulas, "".join(pieces))) == set(formulas.of)


@pytest.mark.parametrize(
    "answer",
    [
        "df/dgamma = " + "(" * 4_000,
        "df/dgamma = " + "-" * 5_000 + "1",
        "df/dgamma = " + "\\sqrt{" * 1_500 + "1" + "}" * 1_500,
        "df/dgamma = " + "\\sum_i " * 1_000 + "x_i",
        "df/dgamma = " + " * ".join(["(gamma + beta)"] * 500),
        "df/dgamma = " + "^".join(["9"] * 400),
        "\n".join(f"a{'b' * k} = a{'b' * (k - 1)} * a{'b' * (k - 1)}" for k in range(1, 60))
        + "\ndf/dgamma = a"
        + "b" * 59,
        "\n".join("df/dx_i = x_i * gamma^3 / m + sum_j df/dy_j x_j - 2" for _ in range(150)),
        "= " * 4_000,
        "$" * 5_000,
        "\\hat" * 2_000,
        "d" * 9_000,
        "h = x_i\n" + "h = h * h\n" * 40 + "df/dgamma = h",
    ],
    ids=range(13),
)
def test_hostile_answers_end_without_a_verdict_of_right(formulas, answer):
    assert not any(found.value for found in read(formulas, answer).values())
