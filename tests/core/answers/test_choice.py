"""Choices, read from however they are written; never a choice out of what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.answers.suggest import suggest
from grader.core.submission import Answer
from grader.pack import load_pack

PACK = load_pack("cs231n_a2").rubric
ROLES, PLAIN = PACK.question("bn-inline-3"), PACK.question("bn-inline-4")


def deducted(question, text):
    items = suggest(question, Answer(question.id, text, "test"))
    return {item.id for item in items if item.suggested == "deduct"}


def unknown(question, text):
    items = suggest(question, Answer(question.id, text, "test"))
    return {item.id for item in items if item.suggested == "unknown"}


@pytest.mark.parametrize(
    "text",
    [
        "3 is BN, 2 is LN",
        "BN: 3, LN: 2",
        "Batch norm -> 3\nLayer norm -> 2",
        "(3) is analogous to batch normalization and (2) is analogous to layer normalization.",
        "Batch normalization and layer normalization are 3 and 2 respectively.",
        "Analogous to batch normalization: option 3. Analogous to layer normalization: option 2.",
        "The third one is batch norm, the second one is layer norm.",
        "Option three is like BN since it uses the whole dataset. Option two is like LN.",
        "Subtracting the mean image of the dataset is batch norm. Scaling all pixels within an image to sum up to 1 is layer norm.",
        "1. neither\n2. layer norm\n3. batch norm\n4. neither",
        "2 (not 1) is layer norm, 3 is batch norm.",
        "3 ➔ batchnorm; 2 ➔ layernorm",
        "BN = 3, LN = 2",
        "Batch norm is 3 because it is computed over all the images. Layer norm is 2. Options 1 and 4 are not related to them.",
    ],
)
def test_the_right_pair_in_many_spellings(text):
    assert deducted(ROLES, text) == set()
    assert unknown(ROLES, text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 and 2 is layer norm. 3 is batch norm.", {"picked-1-or-4"}),
        ("1 is layer norm, 3 is batch norm", {"picked-1-or-4", "ln-not-2"}),
        ("2 is BN, 3 is LN", {"ln-not-2", "bn-not-3"}),
        ("4 is batch norm and 2 is layer norm", {"picked-1-or-4", "bn-not-3"}),
        ("LN: 1, BN: 4", {"picked-1-or-4", "ln-not-2", "bn-not-3"}),
    ],
)
def test_wrong_choices_for_roles(text, expected):
    assert deducted(ROLES, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Either 2 or 3 is batch norm and the other is layer norm.",
        "Each row sums to 1 and the values are 0 or 1.",
        "They normalize the batch and the layer.",
        "1, 2, 3 and 4",
    ],
)
def test_what_only_looks_like_a_choice_is_unread(text):
    assert deducted(ROLES, text) == set()
    assert {"ln-not-2", "bn-not-3"} <= unknown(ROLES, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2, since the mean over few features is noisy", set()),
        ("I would say (2). The statistics of so few values are not reliable.", set()),
        ("3. Having a high regularization term, since the weights get close to zero.", {"not-2"}),
        ("(1), because it is deep", {"not-2", "picked-1"}),
        ("The first one.", {"not-2", "picked-1", "no-justification"}),
        ("Option 2. Option 1 is fine and option 3 has nothing to do with it.", set()),
        (
            "1. Very deep network: works fine\n2. small dimension of features: fails\n3. regularization: no effect",
            {"no-justification"},
        ),
        ("2 and 1", {"picked-1", "no-justification"}),
    ],
)
def test_plain_choices(text, expected):
    assert deducted(PLAIN, text) == expected


def test_all_options_without_a_verdict_are_unread():
    text = "1. Using it in a very deep network\n2. Having a very small dimension of features\n3. Having a high regularization term"
    assert {"not-2", "picked-1"} <= unknown(PLAIN, text)


OPTION = st.sampled_from(["{}", "({})", "option {}", "Option {}", "#{}", "number {}"])
LINK = st.sampled_from([" is ", " -> ", ": ", " = ", " corresponds to ", " is analogous to ", " — "])
BREAK = st.sampled_from([", ", ". ", "; ", "\n", " and ", ", while "])
BN = st.sampled_from(["BN", "batch norm", "batchnorm", "Batch Normalization", "batch-norm"])
LN = st.sampled_from(["LN", "layer norm", "layernorm", "Layer Normalization"])


@given(OPTION, LINK, BREAK, BN, LN, st.permutations([1, 2, 3, 4]), st.booleans(), st.booleans())
def test_any_spelling_of_a_choice_is_read_alike_or_left_open(option, link, between, bn, ln, numbers, role_first, swap):
    def pair(role, number):
        shown = option.format(number)
        return f"{role}{link}{shown}" if role_first else f"{shown}{link}{role}"

    first, second = numbers[:2]
    pairs = [pair(bn, first), pair(ln, second)]
    text = between.join(reversed(pairs) if swap else pairs)
    right = set()
    if {first, second} & {1, 4}:
        right.add("picked-1-or-4")
    if second != 2:
        right.add("ln-not-2")
    if first != 3:
        right.add("bn-not-3")
    items = suggest(ROLES, Answer("q", text, "test"))
    for item in items:
        if item.suggested != "unknown":
            assert (item.suggested == "deduct") == (item.id in right), (text, item)


def test_an_option_that_is_weighed_after_all_is_answered_is_for_a_ta():
    text = "The third is like batch norm, the second like layer norm. 1 is closer to layer norm, too, but per row, so it is not it."
    assert deducted(ROLES, text) == set() and "picked-1-or-4" in unknown(ROLES, text)
