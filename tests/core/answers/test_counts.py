"""Counts in steps: notations, false equalities, slips that cost once, assumptions, and what stays unread."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from grader.core.answers.counts import Counts, read
from grader.core.rubric_file import RubricError, parse_rubric

NET = """
values: {k: 3, c: 3, n1: 100, n2: 200, n3: 400}
units: [parameter*, weight*, ваг*]
steps:
  l1:
    is: (k^2*c + 1) * n1
    says: parameters of layer 1
    named: [layer 1, first layer, l 1, "шар 1"]
    slips: {without-the-biases: k^2*c*n1}
  l2:
    is: (k^2*n1 + 1) * n2
    says: parameters of layer 2
    named: [layer 2, second layer, l 2, "шар 2"]
    slips: {without-the-biases: k^2*n1*n2}
  l3:
    is: (k^2*n2 + 1) * n3
    says: parameters of layer 3
    named: [layer 3, third layer, l 3, "шар 3"]
    slips: {without-the-biases: k^2*n2*n3}
  total: {is: l1 + l2 + l3, says: parameters in all, named: [total, in total, altogether, разом]}
"""
KERNEL = """
values: {k: 7, n: 20}
units: [multiplication*]
assumptions:
  padding:
    same: {says: "'same' padding", words: [same padding, output 20x20], set: {out: 20}}
    valid: {says: no padding, words: [no padding, valid padding, 14x14], set: {out: 14}}
steps:
  plain: {is: out^2 * k^2, says: multiplications of the plain convolution, named: [plain, ordinary, звичайн*]}
  separable: {is: (n*out + out^2) * k, says: multiplications of 7x1 and 1x7, named: [separable, сепарабельн*]}
"""


def declared(text: str) -> Counts:
    return Counts.model_validate(YAML(typ="safe").load(text))


NET_COUNTS, KERNEL_COUNTS = declared(NET), declared(KERNEL)


def values(text: str, counts: Counts = NET_COUNTS) -> dict[str, bool | None]:
    return {name: finding.value for name, finding in read(counts, text).items()}


def equalities(text: str) -> tuple[bool | None, str]:
    found = read(NET_COUNTS, text)["equalities"]
    return found.value, found.reason


@pytest.mark.parametrize(
    "text",
    [
        "901 × 200 = 180,200", "901x200=180200", "901 х 200 = 180 200", "901·200 = 180.200", r"$901 \times 200 = 180{,}200$",
        r"$$901\cdot 200=\boxed{180\,200}$$", "901 * 200 = **180,200**", "(900 + 1)·200 = 180'200",
        "(3² · 100 + 1)200 = 180\u202f200",
        "901 weights × 200 filters = 180,200 weights", r"901 \* 200 = 180_200", "901·200 is 180,200", "901 times 200 gives 180,200",
        r"\underbrace{(3^2\cdot100+1)}_{\text{one filter}}\cdot 200 = 180200", "9·100·200 + 200 = 180.2k", "901·200\n  = 180200",
        r"\begin{align} & (9 \cdot 100 + 1) \cdot 200 \\ &= 180{,}200 \end{align}", "180,200 (= 901 * 200)", "=901·200", "180200",
    ],
)  # fmt: skip
def test_a_right_count_is_right_in_any_notation(text: str) -> None:
    found = values(text)
    assert found["l2"] is True and found["equalities"] is True
    assert [found["l1"], found["l3"], found["total"]] == [None] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("901·200 = 180,300", "the answer says 901·200 = 180,300; 901·200 is 180,200"),
        ("27 + 1 = 29", "27 + 1 is 28"),
        ("3 x 3 x 3 = 26 weights", "3 x 3 x 3 is 27"),
        ("28 = 3·9", "the answer says 28 = 3·9; 3·9 is 27"),
        (r"$\frac{20 - 8}{2} + 1 = 8$", "+ 1 is 7"),
        ("2^5 = 10", "2^5 is 32"),
        ("2800 + 180,200 + 720,400 = 903,500", "is 903,400"),
        ("7^2·400 = 19,600 = 2800·8", "the answer says 19,600 = 2800·8; 2800·8 is 22,400"),
        ("20 - 7 + 1 = 13", "20 - 7 + 1 is 14"),
        ("5600 < 19600 = 2·9,900", "the answer says 19600 = 2·9,900; 2·9,900 is 19,800"),
        ("1.200 + 1.200 = 2.500", "is 2,400"),
        ("27 weights + 1 bias = 29", "27 weights + 1 is 28"),
    ],
)
def test_a_false_equality_is_quoted_with_the_right_value(text: str, said: str) -> None:
    wrong = [finding.reason for finding in read(NET_COUNTS, "x: " + text).values() if finding.value is False]
    assert len(wrong) == 1 and wrong[0].endswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "Layer 4 = 2 · 5 + 7", "step 3 = 40 + 2", "n = 20, k = 7", "a 7x7 = 7x1 + 1x7", "C·3 = 28 - K·9 = 5", "k·k·c + 1 = 28",
        "2K + 1 = 7", "- 27 + 1 = 28", "* 27 + 1 = 28", "f(3) = 10", r"x_3 + 1 = 5", "H - 7 + 1 = 14", "20·20·49 ≈ 20,000",
        "3 x 3 x C + 1 = 28", "20/3 = 6.67", "(20 - 7)/2 + 1 = 7", "(20 - 7)/2 + 1 = 8", "50% = 2", "epochs 1-3 = 5", "1/3 ≈ 0.33",
        "19,604 = 19.6k",
        "3*3*3 = 27 weights + 1 bias = 28", "a plain 7x7 = 196 outputs * 49 = 9604", "7x7 = 19,600", "28, помножити на 100 = 2800",
        "28\n==========\n27 in all",
        "layer 1 kernel + 1 bias = 28", "1.200 = 1.2", "\\sum_{i=1}^{3} 2 = 6", "3·3 → 10 = n", "|2800| = 2800", "(2·3 = x)",
        "-5 + 6 = 1",
        "20^{2}20^{3}1 = 1200", "20^{2}20^{3}1 = 1300", "7*7*c = 50",
    ],
)  # fmt: skip
def test_what_is_surely_no_false_equality_is_not_called_one(text: str) -> None:
    assert equalities(text)[0] is not False


def test_a_slip_in_one_layer_costs_that_layer_only() -> None:
    text = "layer 1: 28·100 = 2,900\nlayer 2: 901·200 = 180,200\nlayer 3: 1801·400 = 720,400\ntotal 903,500"
    found = read(NET_COUNTS, text)
    assert values(text) == {"l1": False, "l2": True, "l3": True, "total": True, "equalities": True}
    assert found["l1"].reason.endswith("set up right, but the answer says 28·100 = 2,900; 28·100 is 2,800")
    assert found["total"].reason.endswith("follows from the earlier 2,900 parameters of layer 1")
    assert found["l1"].quotes == ("28·100 = 2,900",)


def test_a_slip_that_is_declared_is_called_by_its_name_and_costs_once() -> None:
    text = "layer 1: 2,700; layer 2: 180,000; layer 3: 720,000; altogether 902,700"
    found = read(NET_COUNTS, text)
    assert values(text) == {"l1": False, "l2": True, "l3": True, "total": True, "equalities": True}
    assert "without the biases" in found["l1"].reason and "cost already" in found["l2"].reason


def test_a_misread_given_value_costs_once() -> None:
    text = "layer 1: (9·3+1)·10 = 280\nlayer 2: (9·10+1)·200 = 18,200\nlayer 3: 720,400\nin total 738,880"
    assert values(text) == {"l1": False, "l2": True, "l3": True, "total": True, "equalities": True}
    assert "takes 10 where 100 is right" in read(NET_COUNTS, text)["l1"].reason


def test_a_slip_within_a_layer_is_found_and_followed() -> None:
    text = "Layer 2:\n900 + 1 = 902 weights\n902·200 = 180,400"
    found = read(NET_COUNTS, text)
    assert found["l2"].value is False and "900 + 1 is 901" in found["l2"].reason and "180,400" in found["l2"].reason
    assert found["equalities"].value is True


def test_a_total_that_is_wrong_by_itself_is_wrong() -> None:
    text = "layer 1: 2,900 parameters; layer 2: 180,200; layer 3: 720,400; total 903,600"
    found = read(NET_COUNTS, text)
    assert values(text)["total"] is False
    assert found["total"].reason.startswith(
        "says 903,600 parameters in all; 903,400 is right, 903,500 given the earlier 2,900"
    )


def test_figures_that_add_up_to_a_wrong_total_are_the_steps_at_their_places() -> None:
    rows = "conv2d (None, 99, 149, 100) {}\nconv2d_1 (None, 49, 74, 200) {}\nconv2d_2 (None, 24, 36, 400) {}\ntotal params: {}"
    wrong = values(rows.format(2700, 180000, 720000, "902,700"))
    assert wrong == {"l1": False, "l2": True, "l3": True, "total": True, "equalities": True}  # one slip, made three times
    assert values(rows.format(2800, 180200, 720000, "903,000")) == {**wrong, "l1": True, "l3": False}
    open_ = values(rows.format(2800, 180200, 720000, "903,100"))
    assert (open_["l3"], open_["total"]) == (None, None), "the total may follow from a third figure that was not understood"


def test_steps_without_names_are_told_by_their_place() -> None:
    assert values("2800 + 180,300 + 720,400 = 903,500") == {
        "l1": True,
        "l2": False,
        "l3": True,
        "total": True,
        "equalities": True,
    }
    assert values("2800\n180300\n720400\n903500") == {
        "l1": True,
        "l2": False,
        "l3": True,
        "total": True,
        "equalities": True,
    }
    assert values("2800, 180200, 720400 and 903300")["total"] is False


@pytest.mark.parametrize(
    "text",
    [
        "", "no idea", "layer 2 has 200 filters of 3x3x100", "layer 2: 900 + 1 = 901 weights per filter",
        "layer 1 has 3 input channels",
        "layer 1 does not have 2,700 parameters", "layer 1 has 2,700 or 2,900 parameters",
        "layer 2 comes after 28·100 = 2800 weights",
        "layer 1 takes 200x300x3 numbers", "the second layer (stride 2) sees 99x149 pixels", "about 180k weights in layer 2",
        "layer 2 sees 14751 pixels", "layer 2 has about 180,000 weights", "layer 2 has roughly 1,900 neurons to start with",
    ],
)  # fmt: skip
def test_what_claims_no_count_costs_nothing(text: str) -> None:
    assert False not in values(text).values()


def test_alternatives_are_no_answer() -> None:
    assert values("layer 1 has 2,700 or 2,800 parameters")["l1"] is None
    assert values("layer 1 has not 2,800 parameters")["l1"] is None


def test_the_names_may_follow() -> None:
    found = values("2,900 weights in the first layer, 180,200 weights in the second layer")
    assert (found["l1"], found["l2"]) == (False, True)


def kernel(text: str) -> dict[str, bool | None]:
    return values(text, KERNEL_COUNTS)


def test_the_assumption_is_the_one_that_the_answer_states() -> None:
    text = "No padding. Plain: 14·14·49 = 9,604. Separable: 14·20·7 + 14·14·7 = 1960 + 1372 = 3,332."
    assert kernel(text) == {"plain": True, "separable": True, "padding": True, "equalities": True}
    assert "judged with no padding, as the answer says" in read(KERNEL_COUNTS, text)["plain"].reason
    wrong = read(KERNEL_COUNTS, "With no padding the plain convolution takes 9,000 multiplications.")["plain"]
    assert wrong.value is False and "9,604 is right; judged with no padding, as the answer says" in wrong.reason


def test_the_assumption_is_the_one_that_the_numbers_imply() -> None:
    found = read(KERNEL_COUNTS, "plain: 19,600; separable: 5,600")
    assert found["plain"].value and found["plain"].reason.endswith("judged with 'same' padding, as its counts imply")


def test_a_contradiction_is_remarked_and_costs_no_count() -> None:
    text = "Plain: 20*20*7*7 = 19600, the result is 14*14. Separable: 2800 + 2800 = 5600."
    found = read(KERNEL_COUNTS, text)
    assert kernel(text) == {"plain": True, "separable": True, "padding": False, "equalities": True}
    assert found["padding"].reason == (
        "the answer speaks of no padding, but counts 19,600, 5,600, which holds for 'same' padding"
    )
    assert found["padding"].quotes == ("14*14",)


def test_counts_under_different_assumptions_are_left_to_a_person() -> None:
    found = read(KERNEL_COUNTS, "plain 19,600; separable 14*20*7+14*14*7 = 3,332")
    assert found["plain"].value is True and found["separable"].value is None
    assert "not under the assumption of the other counts" in found["separable"].reason


CHOSEN = declared(
    KERNEL.replace("n: 20}", "}\nchosen: {n: {usual: 20, says: the image's side, least: 8}}")
    .replace("set: {out: 20}", "set: {out: n}").replace("set: {out: 14}", "set: {out: n - 6}")
    .replace("output 20x20", '"output {out}x{out}"').replace("14x14", '"{out}x{out}"')
    .replace("says: no padding", 'says: "no padding ({out}x{out})"')
)  # fmt: skip


def test_a_value_that_the_answer_chooses_is_found_and_said() -> None:
    text = "A 32x32 image. Plain: 32·32·49 = 50,176. Separable: {} multiplications, output 32x32."
    found = read(CHOSEN, text.format("14,336"))
    assert [found[name].value for name in CHOSEN.names] == [True] * 4
    said = "judged with 32 for the image's side, as its counts imply; judged with 'same' padding, as the answer says"
    assert said in found["plain"].reason
    assert values(text.format("7,168"), CHOSEN)["separable"] is False
    valid = read(CHOSEN, "The 28x28 image becomes 22x22. Plain: 23,716; separable: 7,700.")
    assert valid["padding"].value and valid["padding"].reason == "judged with no padding (22x22)"


def test_counts_for_a_size_that_nobody_states_are_never_wrong() -> None:
    assert values("Plain: 50,000 multiplications. Separable: 14,000 multiplications.", CHOSEN)["plain"] is None
    assert values("A 20x20 image. Plain: 50,000 multiplications.", CHOSEN)["plain"] is False


def test_what_is_declared_as_met_on_the_way_is_no_claim() -> None:
    counts = declared(KERNEL.replace("says: multiplications of 7x1 and 1x7", "met: [2*k], says: multiplications of 7x1 and 1x7"))
    assert values("separable: 7 + 7 = 14 multiplications for every pixel", counts)["separable"] is None
    assert values("separable: 7 + 7 = 14 multiplications for every pixel", KERNEL_COUNTS)["separable"] is False


def test_equal_steps_need_a_figure_each() -> None:
    counts = declared(
        "values: {n: 50}\nsteps:\n  a: {is: n*(n+1), says: parameters of layer 1, named: [layer 1]}\n"
        "  b: {is: n*(n+1), says: parameters of layer 2, named: [layer 2]}\n  both: {is: a + b, says: parameters, named: [total]}\n"
    )
    assert values("layer 1: 2550", counts) == {"a": True, "b": None, "both": None, "equalities": True}
    assert values("2550 + 2550 = 5100", counts) == {"a": True, "b": True, "both": True, "equalities": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: {a: {is: b + 1, says: it}}", "step 'a' uses b, which is no value and no earlier step"),
        ("steps: {a: {is: 2 +, says: it}}", "is no expression"),
        ("steps: {equalities: {is: 2, says: it}}", "declared twice, or is a name of its own"),
        ("steps: {a: {is: 2, says: it}}\nassumptions: {p: {one: {says: x, set: {n: 1}}}}", "needs two"),
        (
            "steps: {a: {is: 2, says: it}}\nassumptions: {p: {o: {says: x, set: {n: 1}}, q: {says: y, set: {m: 1}}}}",
            "must set the same",
        ),
        ("steps: {}", "at least 1 item"),
        ("steps: {a: {is: 2, says: it, name: [x]}}", "Extra inputs"),
    ],
)  # fmt: skip
def test_declarations_that_cannot_be_meant_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("+", r"\+")):
        declared(text)


def test_items_may_name_steps_assumptions_and_equalities() -> None:
    head = "assignment: a\ntitle: A\nquestions:\n  - id: q\n    title: Q\n    points: 1\n    scoring: deduct\n"
    items = "    items: [{{id: a, points: -1, label: A, when: {{not: {}}}}}]\n    counts:\n"
    body = "".join(f"      {line}\n" for line in KERNEL.strip().splitlines())
    for name in ("plain", "padding", "equalities"):
        assert parse_rubric(head + items.format(name) + body).questions[0].counts
    with pytest.raises(RubricError, match="unknown statement 'plein'"):
        parse_rubric(head + items.format("plein") + body)


@pytest.mark.parametrize("piece", ["10-20-", "(1+", "(", "1.", "1 ", "((1))*", "2800, "])
def test_the_longest_hostile_answers_are_read(piece) -> None:
    """No error, whatever the depth of its tree, and no time that grows with the square."""
    found = read(declared(NET), (piece * 10_000)[:10_000])
    assert {"l1", "l2", "l3", "total"} <= set(found)


@pytest.mark.parametrize(
    "text",
    [
        "2700, 2800\n180000, 180200\n720000, 720400\n902700, 903400", "2700 2800 180000 180200 720000 720400 902700 903400",
        "layer 1: 2700, 2800. layer 2: 180000, 180200. layer 3: 720000, 720400. total: 902700, 903400.",
        "layer 1: 2,800 / 28,000; layer 2: 180,200 / 182,000; layer 3: 720,400 / 724,000; total: 903,400 / 904,300",
    ],
)  # fmt: skip
def test_the_right_figure_beside_another_one_is_no_claim(text) -> None:
    found = read(declared(NET), text)
    assert [found[name].value for name in ("l1", "l2", "l3", "total")] == [None] * 4


def test_a_name_before_the_sign_is_no_unit() -> None:
    found = read(declared(NET), "l1 = 28*100 = 2800 l2 = 901*200 = 180200 l3 = 1801*400 = 720400 total = 903400")
    assert found["equalities"].value is True and found["total"].value is True
