"""Statements: terms together in a scope, in order, near each other, said of the right subject."""

import pytest

NETS = """
    subjects: {deep: $deep, shallow: $shallow}
    statements:
      said:
        says: that the deep net is sensitive
        of: deep
        any: [[$sensitive]]
"""


def said(question, ask_of, text):
    return ask_of(question)(text)["said"].suggested == "clear"


@pytest.mark.parametrize(
    "text",
    [
        "The deeper net is more sensitive.",
        "The deeper net is more sensitive than the shallow one.",
        "Compared to the shallow net, the deep net is more sensitive.",
        "Unlike the shallow one, the deep net is sensitive to the scale.",
        "Deep net: trains badly. It is sensitive to the scale.",
        "I saw more sensitivity in the deep net.",
        "The shallow and the deep net are sensitive.",
    ],
)
def test_said_of_the_subject(question_of, ask_of, text):
    assert said(question_of(NETS), ask_of, text)


@pytest.mark.parametrize(
    "text",
    [
        "The shallow net is more sensitive.",
        "The shallow net is more sensitive than the deep net.",
        "The deep net is not sensitive.",
        "The deep net is less sensitive.",
        "Deep nets are fine. The shallow net is sensitive.",
    ],
)
def test_not_said_of_the_subject(question_of, ask_of, text):
    assert not said(question_of(NETS), ask_of, text)


@pytest.mark.parametrize(
    ("alternative", "text", "found"),
    [
        ("[alpha, beta]", "the alpha is then beta", True),
        ("[alpha, beta]", "the alpha is here. Then the beta", False),
        ("{terms: [alpha, beta], in: passage}", "the alpha is here. Then the beta", True),
        ("{terms: [alpha, beta], in: passage}", "the alpha is here. There it was. Then the beta", False),
        ("{terms: [alpha, beta], in: answer}", "the alpha is here. There it was. Then the beta", True),
        ("{terms: [alpha, beta], in: clause}", "the alpha is here, and the beta", False),
        ("{terms: [alpha, beta], ordered: true}", "the beta is the alpha", False),
        ("{terms: [alpha, beta], within: 3}", "the alpha is the one of the beta", False),
        ("{terms: [alpha], without: [beta]}", "the alpha is a beta", False),
        ("[alpha | not beta]", "it is not the beta", True),
        ("[not alpha]", "it is the alpha", False),
        ("[~alpha]", "it is not the alpha", True),
        ("[fewer, alpha]", "there are fewer alpha", True),  # what the pattern itself asks for denies nothing in it
        ("[never, alpha]", "it never is the alpha", True),
        ("[beta, alpha]", "fewer alpha than beta", False),
        ("[a1 beta]", "the a1 beta", True),
    ],
)
def test_scopes_and_options_of_an_alternative(question_of, ask_of, alternative, text, found):
    question = question_of(f"    statements: {{said: {{says: something, any: [{alternative}]}}}}\n")
    assert said(question, ask_of, text) is found


def test_evidence_is_quoted_verbatim(question_of, ask_of):
    text = "First. The *Deep* Net’s   sensitive, I think."
    item = ask_of(question_of(NETS))(text)["said"]
    assert item.suggested == "clear" and item.evidence and all(quote in text for quote in item.evidence)
    assert item.reason == "says that the deep net is sensitive"
    assert not item.applied
