"""A course writes a homework of its own, of every kind, from the documents alone; what would be wrong for everybody is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.answers.suggest import suggest
from grader.core.checks import KINDS
from grader.core.rubric import Rubric
from grader.core.rubric_file import RubricError, parse_rubric, rubric_hash
from grader.core.submission import Answer
from grader.pack import Pack
from worker.trusted.prove import lint

TEXT = """\
assignment: sequences
title: Sequences and codes
variables:
  dataset: {choices: [mnist, digits], default: mnist}
questions:
  - id: shapes
    title: Shapes in a recurrent cell
    points: 2
    scoring: deduct
    answer: {heading: Shapes, prompt: "What are the shapes of x, U and b of a recurrent cell?"}
    items:
      - {id: u, points: -1, label: The shape of U is wrong, when: {not: u}}
      - {id: b, points: -1, label: The shape of b is wrong, when: {not: b}}
    shapes:
      symbols: {B: [B, batch]}
      of:
        x: {named: [x], is: [B, 27]}
        u: {named: [U, input weights], is: [27, 64]}
        b: {named: [b, bias], is: [64], broadcast: [B, 64]}
  - id: counts
    title: Parameters of a GRU
    points: 2
    scoring: deduct
    answer: {heading: Parameters}
    items:
      - {id: gate, points: -1, label: The gate's count is wrong, when: {not: gate}}
      - {id: cell, points: -1, label: The cell's count is wrong, when: {not: cell}}
      - {id: biases, points: 0, label: What is said of biases does not fit, when: {not: biases}}
    counts:
      values: {i: 27, n: 64}
      assumptions:
        biases:
          one: {says: one bias per gate, words: [one bias], set: {biases: 1}}
          two: {says: two biases per gate, words: [two biases, b_ih, b_hh], set: {biases: 2}}
      steps:
        gate: {is: (i + n + biases) * n, says: parameters of a gate, named: [gate], slips: {without-biases: (i + n) * n}}
        cell: {is: 3 * gate, says: parameters of the cell, named: [cell, gru], slips: {four-gates: 4 * gate}}
  - id: gradients
    title: Gradients of layer normalization
    points: 2
    scoring: deduct
    answer: {heading: Gradients}
    items:
      - {id: gamma, points: -1, label: The gradient by gamma is wrong, when: {not: by-gamma}}
      - {id: x, points: -1, label: The gradient by x is wrong, when: {not: by-x}}
    formulas:
      sizes: {d: [3, 5, 6]}
      inputs: {x: [d], gamma: [d], beta: [d], dy: [d], epsilon: {value: 0.01, negligible: true}}
      nodes:
        mu: mean(x)
        var: mean((x - mu)^2)
        xhat: (x - mu) / sqrt(var + epsilon)
        L: sum(dy * (gamma * xhat + beta))
      symbols: {mu: ['\\mu'], var: ['\\sigma^2'], xhat: ['\\hat{x}'], gamma: ['\\gamma'], epsilon: ['\\epsilon']}
      of: {by-gamma: {gradient: gamma, index: j}, by-x: {gradient: x, index: j}}
  - id: graph
    title: A graph of softmax
    points: 2
    scoring: deduct
    answer: {heading: Graph}
    items:
      - {id: slip, points: -1, label: A number does not follow, when: slips-1}
      - {id: slip-2, points: -1, label: A second one does not follow, when: slips-2}
    graph:
      inputs: {u: 1, v: 2}
      nodes: {a: exp(u), b: exp(v), s: a + b, p: a / s, l: log(p), L: -l}
      output: L
  - id: autoencoder
    title: An autoencoder
    points: 1
    checks:
      - id: layers
        points: 1
        architecture:
          model: {named: [AutoEncoder]}
          input: [784]
          layers: [{dense: 32, activation: relu}, {dense: 784, activation: [sigmoid, none]}]
  - id: dropout
    title: Dropout
    points: 1
    checks: [{id: in-force, points: 1, technique: {model: {named: [build]}, dropout: 0.5}}]
  - id: saved
    title: Saved weights
    points: 1
    checks:
      - id: weights
        points: 1
        checkpoint:
          file: ["*classifier*"]
          dataset: mnist
          inputs: [{channels_last: true}]
          full_at: {mnist: 0.95, digits: 0.85}
          zero_at: {mnist: 0.8, digits: 0.5}
  - id: results
    title: Results
    points: 1
    checks:
      - id: table
        points: 1
        reported:
          answer: results
          columns: {test: {named: [test acc*]}}
          rows: {with: {named: [with dropout]}, without: {named: [without dropout]}}
  - id: curves
    title: Reconstruction loss
    points: 1
    checks: [{id: logged, points: 1, curves: {metrics: {mse: {named: [reconstruction loss]}}, epochs: 10}}]
  - id: train
    title: The script
    points: 1
    checks:
      - id: run
        points: 1
        training:
          script: [train.py]
          dataset: mnist
          budget: {seconds: 60}
          full_at: {mnist: 0.9, digits: 0.85}
          zero_at: {mnist: 0.5, digits: 0.3}
"""
RIGHT = {
    "shapes": "x is (B, 27), U: 27×64, and b has shape (64,).",
    "counts": "A gate has (27 + 64 + 2)·64 = 5952 parameters, with two biases; the GRU has 3·5952 = 17856.",
    "gradients": r"""$$\frac{\partial L}{\partial \gamma_j} = dy_j \hat{x}_j$$
$$\frac{\partial L}{\partial x_j} = \frac{1}{d\sqrt{\sigma^2+\epsilon}}
\left(d\, dy_j\gamma_j - \sum_k dy_k\gamma_k - \hat{x}_j \sum_k dy_k\gamma_k\hat{x}_k\right)$$""",
    "graph": """| node | value | gradient |
|---|---|---|
| u | 1 | -0.73 |
| v | 2 | 0.73 |
| a | 2.718 | -0.269 |
| b | 7.389 | 0.0989 |
| s | 10.107 | 0.0989 |
| p | 0.269 | -3.718 |
| l | -1.313 | -1 |
| L | 1.313 | 1 |""",
}
WRONG = {
    "shapes": ("(64,)", "(27,)", {"b"}),
    "counts": ("3·5952 = 17856", "4·5952 = 23808", {"cell"}),
    "gradients": (r"- \hat{x}_j \sum_k dy_k\gamma_k\hat{x}_k", "", {"x"}),
    "graph": ("-3.718", "3.718", {"slip"}),
}


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return parse_rubric(TEXT)


def suggested(rubric: Rubric, question: str, text: str) -> dict[str, str]:
    return {item.id: item.suggested for item in suggest(rubric.question(question), Answer(question, text, "report.md"))}


def test_every_kind_of_results_and_models_is_there(rubric):
    used = {check.kind for question in rubric.questions for check in question.checks}
    assert used == {name for name, kind in KINDS.items() if kind.tree == "submission"}


@pytest.mark.parametrize("question", RIGHT)
def test_right_answers_are_clear(rubric, question):
    assert set(suggested(rubric, question, RIGHT[question]).values()) == {"clear"}


@pytest.mark.parametrize("question", WRONG)
def test_one_slip_costs_its_item_and_no_other(rubric, question):
    old, new, deducted = WRONG[question]
    assert old in RIGHT[question]
    found = suggested(rubric, question, RIGHT[question].replace(old, new))
    assert {item for item, said in found.items() if said == "deduct"} == deducted
    assert "unknown" not in found.values()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("is: [B, 27]", "is: B x 27", "must be a list, such as [a, b]"),
        ("is: 3 * gate", "is: 3 * gat", "uses gat, which is no value"),
        ("mu: mean(x)", "mu: meen(x)", "'meen(x)' is not understood"),
        ("gradient: gamma", "gradient: gama", "no value 'gama'"),
        ("output: L\n", "output: M\n", "there is no node 'M'"),
        ("{not: u}", "{not: uu}", "unknown statement 'uu'"),
        ("activation: relu}", "activation: relyu}", "unknown activation 'relyu'"),
        ("{dense: 32, activation", "{dense: 32, kernel: 3, activation", "a layer of kind dense has no kernel"),
        ("input: [784]", "input: [-1, 784]", "sizes from 1 on"),
        ("answer: results", "answer: result", "unknown question 'result' in `answer`"),
        ("dropout: 0.5}", "dropout: 1.5}", "between 0 and 1"),
        ("seconds: 60", "second: 60", "unknown key 'second'"),
    ],
)  # fmt: skip
def test_a_slip_of_the_course_is_named(old, new, said):
    assert TEXT.count(old) == 1
    with pytest.raises(RubricError) as caught:
        parse_rubric(TEXT.replace(old, new))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mnist\n          inputs", "minst\n          inputs", "saved.weights: there is no data set 'minst'"),
        ("[mnist, digits]", "[mnist, cifar]", "variables.dataset: there is no data set 'cifar'"),
        ("[mnist, digits]", "[mnist, digits-colour]", "train.run: no cut-offs for digits-colour"),
    ],
)
def test_a_data_set_that_nobody_has_is_named(old, new, said):
    assert lint(pack(TEXT)) == []
    assert said in "\n".join(lint(pack(TEXT.replace(old, new, 1))))


def pack(text: str) -> Pack:
    return Pack("sequences", Path("/nowhere"), parse_rubric(text), text, rubric_hash(text))
