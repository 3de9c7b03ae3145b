"""Whether one side of an equation equals what is asked for, under any sensible reading of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Literal

import numpy as np

from grader.core.answers.formulas.arrays import aligned
from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.evaluate import Evaluator, Memo, Reading
from grader.core.answers.formulas.parser import STYLES, parse
from grader.core.answers.formulas.setting import Trial
from grader.core.answers.formulas.shown import figure
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tokens import Token
from grader.core.answers.formulas.tree import (
    Derivative,
    Named,
    Node,
    Product,
    Sum,
    Unreadable,
    children,
    free_letters,
    names,
    nodes,
)
from grader.core.computation import Array

TOLERANCE = 1e-7  # relative to the larger of both; data are of size 1, values float64
_MOST_READINGS = 48
_MOST_MATRICES = 4  # whose orientation is tried both ways

PLAIN = Reading()
Status = Literal["right", "wrong", "unbound", "unread"]


@dataclass(frozen=True)
class Question:
    """What is asked: a formula by name, the index letters of the left side that the student wrote."""

    formulas: Formulas
    name: str
    free: tuple[str, ...] = ()

    @property
    def gradient(self) -> str | None:
        return self.formulas.of[self.name].gradient


@dataclass(frozen=True)
class Link:
    """One side of a chain of equalities. closed: nothing in it is left to be worked out. tree: its plainest reading.

    unbound: wrong as it stands, since an index of it is neither summed over nor on the left side. free: it is read with something
    put back that the page does not show.
    """

    status: Status
    closed: bool = True
    remark: str = ""
    tree: Node | None = None
    question: Question | None = None
    known: frozenset[str] = frozenset()
    reading: Reading = PLAIN
    free: bool = False


def judge(tokens: Sequence[Token], question: Question, table: Table) -> Link:
    """Never raises for what the student wrote."""
    trees: list[Node] = []
    problem = ""
    for style in STYLES:
        try:
            tree = parse(tokens, table, style)
        except Unreadable as error:
            problem = problem or str(error)
        else:
            if tree not in trees:
                trees.append(tree)
    if not trees:
        return Link("unread", remark=problem)
    link = judge_trees(trees, question)
    return replace(link, free=any(token.guessed for token in tokens))


def judge_trees(trees: Sequence[Node], question: Question) -> Link:
    """trees: the same formula in its possible readings, the plainest first."""
    formulas = question.formulas
    everything = nodes(trees[0])
    closed = not any(isinstance(node, Derivative) and node.of.name != formulas.differentiated for node in everything)
    circular = any(_is_asked(node, question) for node in everything)
    wrong: Link | None = None
    unbound: Link | None = None
    problem = ""
    for tree in trees:
        asked = question if question.free else _with_index(question, tree)
        known = formulas.setting.known - names(tree)
        for chosen in [frozenset(), known] if known else [frozenset()]:
            for reading in readings(tree, asked, circular):
                found, why = equality(tree, asked, reading, chosen)
                problem = problem or why
                link = Link(found, closed, "", tree, asked, chosen, reading)
                if found == "right":
                    return Link("right", closed, _remark(link), tree, asked, chosen, reading)
                if found == "wrong" and not chosen:
                    wrong = wrong or link
                if found == "unbound" and not chosen:
                    unbound = unbound or link
    open_question = _undecided(trees, question, circular)
    if open_question is not None:
        return Link("unread", closed, open_question)
    if circular:
        return Link("unread", remark="its right side holds what is asked for")
    loose = any(isinstance(node, Named) and node.loose for node in everything)
    if loose:
        return Link("unread", remark="a scalar carries an index", closed=closed)
    if not closed:
        return Link("unread", closed, "derivatives in it are not worked out", trees[0])
    if wrong is not None and not _is_mixed(trees[0], question):
        return wrong
    return unbound or (wrong and Link("unread", remark="some vectors have an index and others have none")) or Link(
        "unread", remark=problem or "it is not understood"
    )  # fmt: skip


def _undecided(trees: Sequence[Node], question: Question, circular: bool) -> str | None:
    """What a TA is to decide on: the formula is right but for what is negligible, or one that the question leaves open."""
    formulas = question.formulas
    negligible = formulas.setting.negligible
    for tree in trees:
        asked = question if question.free else _with_index(question, tree)
        for reading in readings(tree, asked, circular):
            if negligible and equality(tree, asked, reading, negligible)[0] == "right":
                return f"it is right but for {', '.join(map(formulas.shown, sorted(negligible)))}, which it leaves out or moves"
            if (
                formulas.of[question.name].undecided
                and equality(tree, asked, reading, frozenset(), undecided=True)[0] == "right"
            ):
                return "it may be right: the question leaves it open"
    return None


def _is_asked(node: Node, question: Question) -> bool:
    if isinstance(node, Derivative):
        return node.of.name == question.formulas.differentiated and node.wrt.name == question.gradient
    return isinstance(node, Named) and node.name == "=" + question.name


def _with_index(question: Question, tree: Node) -> Question:
    """The left side shows no index: the one that the right side leaves free is meant."""
    ndim = len(question.formulas.setting.shape_of(question.name))
    letters = sorted(set(free_letters(tree)))
    if ndim != 1 or not letters:
        return question
    declared = question.formulas.of[question.name].index
    letter = declared if declared in letters else letters[0]
    return Question(question.formulas, question.name, (letter,))


def equality(
    tree: Node,
    question: Question,
    reading: Reading,
    known: frozenset[str],
    undecided: bool = False,
    memo: Memo | None = None,
) -> tuple[Status, str]:
    """Whether `tree` equals one of the targets in all trials; why it could not be read. memo: of the first trial."""
    trials = question.formulas.setting.trials(known)
    targets = [(trial.undecided if undecided else trial.targets)[question.name] for trial in trials]
    try:
        for several in zip(*targets, strict=True):
            found = [_agrees(tree, question, reading, trials[0], several[0], memo)]
            if found == ["right"]:
                found += [
                    _agrees(tree, question, reading, trial, target)
                    for trial, target in zip(trials[1:], several[1:], strict=True)
                ]
                if set(found) == {"right"}:
                    return "right", ""
    except Unreadable as error:
        return "unread", str(error)
    except (FloatingPointError, OverflowError, MemoryError):
        return "unread", "its value is not finite"
    return ("unbound" if "unbound" in found else "wrong"), ""


def _agrees(
    tree: Node, question: Question, reading: Reading, trial: Trial, target: Array, memo: Memo | None = None
) -> Status:
    free = question.free[0] if question.free else None
    evaluator = Evaluator(trial, reading, question.formulas.differentiated, free, question.gradient, memo)
    value = evaluator.value(tree)
    if set(value.names) - set(question.free):
        return "unbound"
    for expected in (target, target.T) if reading.transposed or reading.columns else (target,):
        found = aligned(value, expected, question.free)
        if found is not None and close(found, expected):
            return "right"
    return "wrong"


def close(found: np.ndarray, expected: np.ndarray) -> bool:
    """Equal up to rounding, relative to the largest number; never where a number is not finite."""
    if not np.all(np.isfinite(found)):
        return False
    scale = max(float(np.max(np.abs(expected), initial=0.0)), float(np.max(np.abs(found), initial=0.0)))
    return bool(np.max(np.abs(found - expected), initial=0.0) <= TOLERANCE * scale + 1e-12)


def readings(tree: Node, question: Question, circular: bool) -> Iterator[Reading]:
    """The readings that can make a difference, those with the fewest liberties first."""
    formulas, everything = question.formulas, nodes(tree)
    between = any(isinstance(node, Derivative) and node.of.name != formulas.differentiated for node in everything)
    ndims = {name: formulas.setting.ndim(name) for name in (*formulas.inputs, *formulas.nodes)}
    named = [node for node in everything if isinstance(node, Named) and node.name in ndims]
    bare = any(ndims[node.name] == 1 and not node.indices for node in named)
    matrices = sorted({node.name for node in named if ndims[node.name] == 2 and not node.indices})
    dots = any(isinstance(node, Product) for node in everything) and (bare or matrices)
    indexed = question.free or any(isinstance(node, Sum) and node.index for node in everything)
    reused = between and any(isinstance(node, Sum) and node.index in question.free for node in everything)
    subsets = [
        frozenset(subset)
        for size in range(min(len(matrices), _MOST_MATRICES) + 1)
        for subset in combinations(matrices, size)
    ]
    meanings = _other_meanings(question, ndims) if circular else [None]
    options = product(
        meanings,
        subsets,
        (False, True) if matrices and bare else (False,),
        (False, True) if bare and indexed else (False,),
        (False, True) if dots else (False,),
        (False, True) if reused else (False,),
        (False, True) if between else (False,),
    )
    several = [
        Reading(total, dot, reuse, implied, subset, columns, meant)
        for meant, subset, columns, implied, dot, reuse, total in options
    ]
    several.sort(key=lambda one: len(one.transposed) + one.columns + one.implied + one.dot + one.reused + one.total)
    yield from several[:_MOST_READINGS]


def _other_meanings(question: Question, ndims: dict[str, int]) -> list[str | None]:
    """What else the asked derivative may mean on the right: that by the value with a hat, where the hat was lost."""
    asked = question.gradient
    if asked is None or not ndims[asked]:
        return []
    return [name for name, ndim in ndims.items() if ndim == ndims[asked] and question.formulas.is_accented(name, asked)]


def _is_mixed(tree: Node, question: Question) -> bool:
    """Whether vectors with and without an index stand side by side; mean(y x) and sum(y x) need none."""
    setting = question.formulas.setting
    values = {*setting.inputs, *setting.computation.nodes} - {question.formulas.differentiated}
    vectors = [node for node in _outside_calls(tree) if isinstance(node, Named) and node.name in values]
    return len({bool(node.indices) for node in vectors if setting.ndim(node.name) == 1}) > 1


def _outside_calls(tree: Node) -> Iterator[Node]:
    """The nodes that stand in no sum(…) or mean(…)."""
    yield tree
    if not (isinstance(tree, Sum) and tree.called):
        for child in children(tree):
            yield from _outside_calls(child)


def _remark(link: Link) -> str:
    """What was taken on trust."""
    assert link.question is not None
    formulas, reading = link.question.formulas, link.reading
    said = []
    if reading.meant and formulas.differentiated:
        output, asked = formulas.shown(formulas.differentiated), formulas.shown(link.question.gradient or "")
        said.append(f"∂{output}/∂{asked} on its right side is read as ∂{output}/∂{formulas.shown(reading.meant)}")
    if reading.reused:
        said.append("the index of the sum is also the free one, read as another letter")
    if reading.implied:
        said.append("vectors without an index are read with one")
    if reading.transposed or reading.columns:
        turned = ", ".join(map(formulas.shown, sorted(reading.transposed))) or "vectors"
        said.append(f"with {turned} the other way round (transposed)")
    if link.known:
        values = (
            f"{figure(formulas.inputs[name].known or 0)} for {formulas.shown(name)}" for name in sorted(link.known)
        )
        said.append("with " + ", ".join(values))
    return "; ".join(said)
