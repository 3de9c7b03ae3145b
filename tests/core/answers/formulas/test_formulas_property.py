"""Right formulas, rearranged at random, stay right; with one random edit they are wrong.

Values are computed here once more, number by number, with torch's gradients: whether an edit changes a formula is not for the
reader to say.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.answers.formulas import Formulas, read
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.tokens import read_tokens
from grader.core.answers.formulas.tree import (
    Add,
    Derivative,
    Divide,
    Named,
    Node,
    Number,
    Power,
    Product,
    Sum,
    negative,
    put,
    walk,
)
from grader.pack import load_pack

RIGHT = {
    "by-gamma": ["sum_i df/dy_i xhat_i", "1/sqrt(var + eps) sum_i df/dy_i (x_i - mu)"],
    "by-beta": ["sum_i df/dy_i", "1/gamma sum_j df/dxhat_j"],
    "by-normalized": ["gamma df/dy_i"],
    "by-variance": [
        "-1/2 gamma (var + eps)^(-3/2) sum_i df/dy_i (x_i - mu)",
        "sum_j df/dxhat_j (x_j - mu) (-1/2) / (var + eps)^(3/2)",
        "-gamma / (2 (var + eps)) sum_i df/dy_i xhat_i",
    ],
    "by-mean": ["-gamma / sqrt(var + eps) sum_i df/dy_i", "sum_i df/dxhat_i (-1) / sqrt(var + eps)"],
    "by-input": [
        "df/dxhat_i / sqrt(var + eps) + df/dvar 2 (x_i - mu) / m + df/dmu / m",
        "gamma / (m sqrt(var + eps)) (m df/dy_i - sum_j df/dy_j - xhat_i sum_j df/dy_j xhat_j)",
        "1 / sqrt(var + eps) (df/dxhat_i - 1/m sum_j df/dxhat_j - xhat_i / m sum_j df/dxhat_j xhat_j)",
    ],
}
LEFT = {
    "by-gamma": "\\gamma", "by-beta": "\\beta", "by-normalized": "\\hat{x}_i", "by-variance": "\\sigma^2", "by-mean": "\\mu",
    "by-input": "x_i",
}  # fmt: skip
LATEX = {
    "xhat": "\\hat{x}", "var": "\\sigma^2", "mu": "\\mu", "gamma": "\\gamma", "epsilon": "\\epsilon", "m": "m", "x": "x", "y": "y",
    "beta": "\\beta", "f": "f", "dy": "dy",
}  # fmt: skip
PLAIN = {name: name for name in LATEX} | {"epsilon": "eps"}


@pytest.fixture(scope="module")
def formulas() -> Formulas:
    declared = load_pack("dl_hw1").rubric.question("bn-gradients").formulas
    assert declared is not None
    return declared


# Values, number by number


class Numbers:
    """One draw of the data, with torch's gradients. gradient["x"][i] is ∂f/∂x_i."""

    def __init__(self, m: int, seed: int) -> None:
        torch.manual_seed(seed)
        leaf = {name: torch.randn(m, dtype=torch.float64, requires_grad=True) for name in ("x", "dy")}
        leaf |= {name: torch.randn((), dtype=torch.float64, requires_grad=True) for name in ("gamma", "beta")}
        node = dict(leaf, epsilon=torch.tensor(0.01, dtype=torch.float64))
        node["mu"] = node["x"].mean()
        node["var"] = ((node["x"] - node["mu"]) ** 2).mean()
        node["xhat"] = (node["x"] - node["mu"]) / torch.sqrt(node["var"] + node["epsilon"])
        node["y"] = node["gamma"] * node["xhat"] + node["beta"]
        node["f"] = (node["dy"] * node["y"]).sum()
        for name in ("mu", "var", "xhat", "y"):
            node[name].retain_grad()
        node["f"].backward()
        self.m = m
        self.values = {name: value.detach().tolist() for name, value in node.items()} | {"m": m}
        known = ("x", "dy", "gamma", "beta", "mu", "var", "xhat", "y")
        self.gradients = {name: node[name].grad.tolist() for name in known}

    def value(self, node: Node, at: dict[str, int]) -> float:
        """at: what the index letters stand for. Raises KeyError for one that is unbound."""
        match node:
            case Number(value):
                return value
            case Named(name, ()):
                return self.values[name]
            case Named(name, (index,)):
                return self.values[name][at[index]]
            case Derivative(_, Named(name, ())):
                return self.gradients[name]
            case Derivative(_, Named(name, (index,))):
                return self.gradients[name][at[index]]
            case Add(terms, signs):
                return sum(sign * self.value(term, at) for term, sign in zip(terms, signs, strict=True))
            case Product(factors, _):
                return math.prod(self.value(factor, at) for factor in factors)
            case Divide(top, bottom):
                return self.value(top, at) / self.value(bottom, at)
            case Power(base, exponent):
                return float(self.value(base, at) ** self.value(exponent, at))
            case Sum(body, str(index)):
                return sum(self.value(body, at | {index: k}) for k in range(self.m))
        raise TypeError(node)


def same(tree: Node, name: str, numbers: Numbers, gradient: str) -> bool:
    try:
        if name in ("by-normalized", "by-input"):
            found = [numbers.value(tree, {"i": k}) for k in range(numbers.m)]
            wanted = numbers.gradients[gradient]
        else:
            found, wanted = [numbers.value(tree, {})], [numbers.gradients[gradient]]
        return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-11) for a, b in zip(found, wanted, strict=True))
    except (KeyError, TypeError, ZeroDivisionError, OverflowError):
        return False


# Rearranging


def rearranged(tree: Node, dice: random.Random, times: int) -> Node:
    for _ in range(times):
        path, node = dice.choice([one for one in walk(tree) if not inside_derivative(tree, one[0])])
        new = dice.choice(moves(node, dice))
        tree = put(tree, path, new)
    return tree


def inside_derivative(tree: Node, path: tuple[int, ...]) -> bool:
    return any(
        isinstance(node, Derivative) and path[: len(place)] == place and path != place for place, node in walk(tree)
    )


def moves(node: Node, dice: random.Random) -> list[Node]:
    """Trees of the same value."""
    found: list[Node] = [node]
    match node:
        case Add(terms, signs) if len(terms) > 1:
            order = dice.sample(range(len(terms)), len(terms))
            found.append(Add(tuple(terms[k] for k in order), tuple(signs[k] for k in order)))
            found.append(negative(Add(terms, tuple(-sign for sign in signs))))
        case Product(factors, joins):
            order = dice.sample(range(len(factors)), len(factors))
            found.append(Product(tuple(factors[k] for k in order), joins))
            for place, factor in enumerate(factors):
                if isinstance(factor, Add) and len(factor.terms) > 1:
                    rest = factors[:place] + factors[place + 1 :]
                    parts = tuple(Product((*rest, term), ("",) * len(rest)) for term in factor.terms)
                    found.append(Add(parts, factor.signs))  # distributed
                if isinstance(factor, Divide):
                    top = Product((*factors[:place], factor.top, *factors[place + 1 :]), joins)
                    found.append(Divide(top, factor.bottom))
        case Divide(top, bottom):
            found.append(Product((top, Power(bottom, Number(-1.0))), ("",)))
            found.append(Product((Divide(Number(1.0), bottom), top), ("·",)))
        case Power(base, Number(0.5), root=is_root):
            found.append(Power(base, Number(0.5), root=not is_root))
        case Sum(body, str(index), upper):
            if index != "k" and all(index != "k" and "k" not in used(inner) for _, inner in walk(body)):
                found.append(Sum(renamed(body, index, "k"), "k", upper))
            if isinstance(body, Add):
                found.append(Add(tuple(Sum(term, index, upper) for term in body.terms), body.signs))
            if isinstance(body, Product):
                outer = [one for one in body.factors if index not in letters(one)]
                inner = [one for one in body.factors if index in letters(one)]
                if outer and inner:
                    rest = Product(tuple(inner), ("",) * (len(inner) - 1)) if len(inner) > 1 else inner[0]
                    found.append(Product((*outer, Sum(rest, index, upper)), ("",) * len(outer)))
        case Derivative(_, Named("xhat", indices)):
            found.append(Product((Named("gamma"), replace(node, wrt=Named("y", indices))), ("",)))
        case Number(2.0):
            found.append(Add((Number(1.0), Number(1.0)), (1, 1)))
    return found


def used(node: Node) -> set[str]:
    own = set(node.indices) if isinstance(node, Named) else set()
    return own | ({node.index} if isinstance(node, Sum) and node.index else set())


def letters(node: Node) -> set[str]:
    return set().union(*(used(inner) for _, inner in walk(node)))


def renamed(node: Node, old: str, new: str) -> Node:
    for path, inner in list(walk(node)):
        if isinstance(inner, Sum) and inner.index == old:
            return node  # bound again inside: left alone
        if isinstance(inner, Named) and old in inner.indices:
            node = put(node, path, replace(inner, indices=tuple(new if one == old else one for one in inner.indices)))
    return node


# Writing down


def latex(node: Node) -> str:
    match node:
        case Number(value):
            return f"{value:g}" if value >= 0 else f"({value:g})"
        case Named(name, indices):
            return LATEX[name] + (f"_{{{','.join(indices)}}}" if indices else "")
        case Derivative(of, wrt):
            return f"\\frac{{\\partial {latex(of)}}}{{\\partial {latex(wrt)}}}"
        case Add(terms, signs):
            return (
                "\\left("
                + " ".join(("+" if s > 0 else "-") + latex(t) for t, s in zip(terms, signs, strict=True))
                + "\\right)"
            )
        case Product(factors, joins):
            out = tight(factors[0], latex)
            for join, factor in zip(joins, factors[1:], strict=True):
                out += (" \\cdot " if join or isinstance(factor, Number) else " ") + tight(factor, latex)
            return out
        case Divide(top, bottom):
            return f"\\frac{{{latex(top)}}}{{{latex(bottom)}}}"
        case Power(base, Number(0.5), root=True):
            return f"\\sqrt{{{latex(base)}}}"
        case Power(base, exponent):
            return f"\\left({latex(base)}\\right)^{{{latex(exponent)}}}"
        case Sum(body, index):
            return f"\\sum_{{{index}=1}}^{{m}} {latex(body)}"
    raise TypeError(node)


def plain(node: Node) -> str:
    match node:
        case Number(value):
            return f"{value:g}" if value >= 0 else f"({value:g})"
        case Named(name, indices):
            return PLAIN[name] + (f"_{indices[0]}" if indices else "")
        case Derivative(of, wrt):
            return f"(d{plain(of)}/d{plain(wrt)})"
        case Add(terms, signs):
            return "(" + " ".join(("+ " if s > 0 else "- ") + plain(t) for t, s in zip(terms, signs, strict=True)) + ")"
        case Product(factors, _):
            return " * ".join(
                f"({plain(factor)})" if isinstance(factor, Sum | Divide) else plain(factor) for factor in factors
            )
        case Divide(top, bottom):
            return f"({plain(top)}) / ({plain(bottom)})"
        case Power(base, exponent):
            return f"({plain(base)})^({plain(exponent)})"
        case Sum(body, index):
            return f"sum_{index}({plain(body)})"
    raise TypeError(node)


def tight(node: Node, write) -> str:
    return f"({write(node)})" if isinstance(node, Sum) else write(node)


def written(name: str, tree: Node, notation: str) -> str:
    if notation == "latex":
        return f"$\\frac{{\\partial f}}{{\\partial {LEFT[name]}}} = {latex(tree)}$"
    left = {
        "\\gamma": "gamma",
        "\\beta": "beta",
        "\\hat{x}_i": "xhat_i",
        "\\sigma^2": "var",
        "\\mu": "mu",
        "x_i": "x_i",
    }
    return f"df/d{left[LEFT[name]]} = {plain(tree)}"


# The properties

FORMULAS = [(name, text) for name, texts in RIGHT.items() for text in texts]
WHICH = st.sampled_from(FORMULAS)
NOTATION = st.sampled_from(["latex", "plain"])
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)


def tree_of(formulas: Formulas, text: str) -> Node:
    return parse(read_tokens(text), formulas.table)


@given(which=WHICH, notation=NOTATION, seed=st.integers(0, 2**32), times=st.integers(0, 6))
@settings(QUIET, max_examples=150)
def test_rearranged_formulas_stay_right(formulas, which, notation, seed, times):
    name, text = which
    tree = rearranged(tree_of(formulas, text), random.Random(seed), times)
    answer = written(name, tree, notation)
    assert same(tree, name, Numbers(4, 0), formulas.of[name].gradient), "the test's own rearrangement is at fault"
    assert read(formulas, answer)[name].value is True, answer


def mutants(tree: Node) -> list[Node]:
    """Every formula that one slip of the pen makes."""
    found: list[Node] = []
    for path, node in walk(tree):
        if inside_derivative(tree, path):
            continue
        match node:
            case Power(base, exponent):
                found += [
                    put(tree, path, replace(node, exponent=Number(value))) for value in (0.5, 1.0, 1.5, 2.0, -1.0)
                ]
                found.append(put(tree, path, Power(base, negative(exponent))))
            case Add(terms, signs):
                for place in range(len(terms)):
                    flipped = (*signs[:place], -signs[place], *signs[place + 1 :])
                    found.append(put(tree, path, Add(terms, flipped)))
                    if len(terms) > 1:
                        kept = [k for k in range(len(terms)) if k != place]
                        found.append(put(tree, path, Add(tuple(terms[k] for k in kept), tuple(signs[k] for k in kept))))
            case Product(factors, joins):
                for place in range(len(factors)):
                    rest = factors[:place] + factors[place + 1 :]
                    found.append(put(tree, path, Product(rest, joins[1:]) if len(rest) > 1 else rest[0]))
            case Divide(top, bottom):
                found += [
                    put(tree, path, top),
                    put(tree, path, Divide(bottom, top)),
                    put(tree, path, Product((top, bottom), ("·",))),
                ]
            case Sum(body, _):
                found.append(put(tree, path, body))
            case Number(value):
                found += [put(tree, path, Number(other)) for other in (value + 1, value * 2)]
            case Named("xhat" | "x", _):
                other = "x" if node.name == "xhat" else "xhat"
                found.append(put(tree, path, replace(node, name=other)))
        inner = node.wrt if isinstance(node, Derivative) else node
        if isinstance(inner, Named) and inner.indices:
            moved = replace(inner, indices=("j" if inner.indices == ("i",) else "i",))
            found.append(put(tree, path, replace(node, wrt=moved) if isinstance(node, Derivative) else moved))
        if isinstance(node, Derivative):
            for other in {"y", "xhat"} - {inner.name} if inner.indices else set():
                found.append(put(tree, path, replace(node, wrt=replace(inner, name=other))))
    return found


def test_one_slip_is_caught(formulas, without_names):
    """Mutants of all formulas and of one rearrangement of each, in LaTeX and in plain text by turns: at least 99 % are wrong,
    none is right.
    """
    caught, missed, passed = 0, [], []
    numbers = [Numbers(4, 1), Numbers(5, 2)]
    strict = formulas.model_dump()
    strict["inputs"]["epsilon"]["negligible"] = False  # a lost ε is a slip as well
    declared = Formulas.model_validate(strict)
    dice = random.Random(7)
    every: list[tuple[str, Node]] = []
    for name, text in FORMULAS:
        tree = tree_of(formulas, text)
        every += [(name, one) for one in dict.fromkeys([*mutants(tree), *mutants(rearranged(tree, dice, 3))])]
    for turn, (name, mutant) in enumerate(every):
        if all(same(mutant, name, one, formulas.of[name].gradient) for one in numbers):
            continue  # mathematically the same
        answer = written(name, mutant, "latex" if turn % 2 else "plain")
        value = read(declared, answer)[name].value
        caught += value is False
        if value is None:
            missed.append(answer)
        elif value:
            passed.append(answer)
    assert not passed
    assert caught >= 0.99 * (caught + len(missed)), missed
    assert caught >= 500, caught


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("sizes", [[2, 3], [4, 5, 6, 7, 8]])
def test_verdicts_depend_on_no_seed_and_no_size(formulas, seed, sizes):
    """Every known-right formula is right and one of its mutants wrong, whatever data are drawn."""
    declared = Formulas.model_validate({**formulas.model_dump(), "seed": seed, "sizes": {"m": sizes}})
    trials = declared.setting.trials(frozenset())
    assert {trial.sizes["m"] for trial in trials} == set(sizes)
    assert len({trial.values["gamma"].item() for trial in trials}) == max(3, len(sizes))
    numbers = [Numbers(4, 1), Numbers(5, 2)]
    for name, text in FORMULAS:
        tree = tree_of(declared, text)
        assert read(declared, written(name, tree, "latex"))[name].value is True
        wrong = [
            one for one in mutants(tree) if not any(same(one, name, few, declared.of[name].gradient) for few in numbers)
        ]
        mutant = random.Random(seed).choice(wrong)
        assert read(declared, written(name, mutant, "plain"))[name].value is not True
