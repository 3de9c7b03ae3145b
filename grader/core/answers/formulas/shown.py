"""Parts of a formula in words, for the sentence that names a slip."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from grader.core.answers.formulas.tree import (
    Add,
    Call,
    Derivative,
    Divide,
    Element,
    Named,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Transpose,
)

_LONGEST = 60


def figure(value: float) -> str:
    """0.5 is 1/2."""
    fraction = Fraction(value).limit_denominator(12)
    return str(fraction) if abs(float(fraction) - value) < 1e-9 else f"{value:g}"


def show(node: Node, name: Callable[[str], str]) -> str:
    """name: how a value or size is shown."""
    text = _show(node, name)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _show(node: Node, name: Callable[[str], str]) -> str:
    def inner(part: Node) -> str:
        text = _show(part, name)
        return f"({text})" if isinstance(part, Add | Divide) else text

    match node:
        case Number(value):
            return figure(value)
        case Named(text, indices):
            return name(text.lstrip("=")) + ("_" + "".join(indices) if indices else "")
        case Derivative(of, wrt):
            return f"∂{_show(of, name)}/∂{_show(wrt, name)}"
        case Add(terms, signs):
            text = " ".join(
                f"{'+' if sign > 0 else '−'} {inner(term)}" for term, sign in zip(terms, signs, strict=True)
            )
            return text.removeprefix("+ ").replace("− ", "−", 1) if signs[0] < 0 else text.removeprefix("+ ")
        case Product(factors, _):
            return " · ".join(map(inner, factors))
        case Divide(top, bottom):
            below = f"({_show(bottom, name)})" if isinstance(bottom, Product) else inner(bottom)
            return f"{inner(top)}/{below}"
        case Power(base, Number(0.5), root=True):
            return f"√({_show(base, name)})"
        case Power(base, exponent):
            base_text = f"({_show(base, name)})" if isinstance(base, Product | Power) else inner(base)
            return f"{base_text}^{inner(exponent)}"
        case Sum(body, index, mean=mean):
            return f"{'mean' if mean else 'Σ'}{'_' + index if index else ''} {inner(body)}"
        case Call(function, arguments):
            return f"{name(function)}({', '.join(_show(part, name) for part in arguments)})"
        case Element(body, index):
            return f"({_show(body, name)})_{index}"
        case Transpose(body):
            return f"{inner(body)}ᵀ"
    raise TypeError(f"no formula: {node!r}")
