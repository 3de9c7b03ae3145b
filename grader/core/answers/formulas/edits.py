"""Every formula that is one edit away from another, with the words that say what was edited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.judge import Question
from grader.core.answers.formulas.shown import figure, show
from grader.core.answers.formulas.tree import (
    Add,
    Call,
    Derivative,
    Divide,
    Named,
    Node,
    Number,
    Path,
    Power,
    Product,
    Sum,
    children,
    constant,
    free_letters,
    names,
    negative,
    nodes,
    product,
    put,
    walk,
    without,
)

_EXPONENTS = (0.5, 1.0, 1.5, 2.0, 3.0, -0.5, -1.0, -1.5, -2.0)
_FACTORS = (2.0, 0.5, 3.0, 4.0, 0.25)


@dataclass(frozen=True)
class Edit:
    """derivative: it exchanges or adds a derivative. Such an edit hides a simpler one: ∂f/∂x̂ for ∂f/∂y is a lost γ."""

    kind: str
    said: str
    tree: Node
    derivative: bool = False


def edits(tree: Node, question: Question) -> Iterator[Edit]:
    """Every edit, the commonest slips first."""
    editor = Editor(tree, question)
    for several in (
        editor.exponents, editor.signs, editor.symbols, editor.indices, editor.sums, editor.removals, editor.functions,
        editor.constants, editor.missing_factors, editor.missing_terms,
    ):  # fmt: skip
        yield from several()


class Editor:
    def __init__(self, tree: Node, question: Question) -> None:
        self.tree, self.question = tree, question
        self.formulas: Formulas = question.formulas
        self.places = [(path, node) for path, node in walk(tree) if self._is_open(path)]
        setting = self.formulas.setting
        self.ndims = {name: setting.ndim(name) for name in (*self.formulas.inputs, *self.formulas.nodes)}
        self.ndims.pop(self.formulas.differentiated if self.question.gradient else "", None)
        named = names(tree)
        self.letters = sorted(
            {
                *question.free,
                *free_letters(tree),
                *(node.index for node in nodes(tree) if isinstance(node, Sum) and node.index),
            }
        )
        self.indexed = bool(self.letters)
        self.names = sorted(self.ndims, key=lambda name: (name not in named, name))

    def _is_open(self, path: Path) -> bool:
        """Whether edits may be made there: derivatives and exponents change as a whole."""
        node = self.tree
        for step in path:
            if isinstance(node, Derivative) or (isinstance(node, Power) and step == 1):
                return False
            node = children(node)[step]
        return True

    def _show(self, node: Node) -> str:
        return show(node, self._name)

    def _name(self, value: str) -> str:
        if value in self.formulas.of and value not in self.ndims:
            return self.formulas.title(value)
        return self.formulas.shown(value)

    def _edit(self, kind: str, said: str, path: Path, new: Node) -> Edit:
        return Edit(kind, said, put(self.tree, path, new))

    def exponents(self) -> Iterator[Edit]:
        for path, node in self.places:
            if isinstance(node, Power) and (now := constant(node.exponent)) is not None:
                for other in _EXPONENTS:
                    if other != now:
                        said = f"the exponent of {self._show(node.base)} should be {figure(other)}, not {figure(now)}"
                        yield self._edit("exponent", said, path, Power(node.base, Number(other)))
            elif isinstance(node, Named | Add | Derivative) and not self._is_base(path):
                for other in (2.0, 0.5, 1.5):
                    said = f"{self._show(node)} should have the exponent {figure(other)}"
                    yield self._edit("exponent", said, path, Power(node, Number(other)))

    def _is_base(self, path: Path) -> bool:
        parent = next((node for place, node in self.places if place == path[:-1]), None) if path else None
        return isinstance(parent, Power)

    def signs(self) -> Iterator[Edit]:
        yield Edit("sign", "the sign of the whole is wrong", negative(self.tree))
        for path, node in self.places:
            if isinstance(node, Add):
                for place, sign in enumerate(node.signs):
                    signs = (*node.signs[:place], -sign, *node.signs[place + 1 :])
                    wanted = "minus" if sign > 0 else "plus"
                    said = f"there should be a {wanted} before {self._show(node.terms[place])}"
                    yield self._edit("sign", said, path, replace(node, signs=signs))

    def symbols(self) -> Iterator[Edit]:
        for path, node in self.places:
            if isinstance(node, Named) and node.name in self.ndims:
                for other in self.names:
                    if other != node.name and self.ndims[other] == self.ndims[node.name]:
                        new = replace(node, name=other)
                        yield self._edit(
                            "symbol", f"{self._show(new)} should stand where {self._show(node)} stands", path, new
                        )
            elif isinstance(node, Derivative) and node.wrt.name in self.ndims:
                for other in self.names:
                    if (
                        other != node.wrt.name
                        and self.ndims[other] == self.ndims[node.wrt.name]
                        and other != self.question.gradient
                    ):
                        new = replace(node, wrt=replace(node.wrt, name=other))
                        said = f"{self._show(new)} should stand where {self._show(node)} stands"
                        yield replace(self._edit("symbol", said, path, new), derivative=True)

    def indices(self) -> Iterator[Edit]:
        letters = self.letters or ["i"]
        for path, node in self.places:
            inner = node.wrt if isinstance(node, Derivative) else node
            if isinstance(inner, Named) and inner.indices:
                for place, letter in enumerate(inner.indices):
                    for other in letters:
                        if other != letter:
                            changed = replace(
                                inner, indices=(*inner.indices[:place], other, *inner.indices[place + 1 :])
                            )
                            new = replace(node, wrt=changed) if isinstance(node, Derivative) else changed
                            said = f"{self._show(node)} should be {self._show(new)}"
                            yield self._edit("index", said, path, new)

    def sums(self) -> Iterator[Edit]:
        size = next(iter(self.formulas.sizes), None)
        wanted = [letter for letter in free_letters(self.tree) if letter not in self.question.free] or self.letters
        for path, node in self.places:
            if isinstance(node, Sum):
                yield self._edit("sum", f"the sum over {self._show(node.body)} does not belong", path, node.body)
            if isinstance(node, Number):
                continue
            for letter in dict.fromkeys(wanted):
                yield self._edit("sum", f"the sum over {letter} is missing", path, Sum(node, letter, size))
            if not wanted:
                yield self._edit("sum", "a sum is missing", path, Sum(node, called=True))
            if isinstance(node, Product):
                for cut in range(1, len(node.factors)):
                    tail = product(list(node.factors[cut:]), list(node.joins[cut:]))
                    head, joins = list(node.factors[:cut]), list(node.joins[:cut])
                    for letter in dict.fromkeys(wanted):
                        new = product([*head, Sum(tail, letter, size)], joins)
                        yield self._edit("sum", f"the sum over {letter} is missing", path, new)

    def removals(self) -> Iterator[Edit]:
        for path, node in self.places:
            if isinstance(node, Product):
                for place, factor in enumerate(node.factors):
                    kind = "extra" if constant(factor) is None else "factor"
                    yield self._edit(kind, f"{self._show(factor)} does not belong", path, without(node, place))
                    moved = Divide(without(node, place), factor)
                    said = f"{self._show(factor)} should divide, not multiply"
                    yield self._edit("division", said, path, moved)
            elif isinstance(node, Divide):
                kind = "extra" if constant(node.bottom) is None else "factor"
                yield self._edit(kind, f"the division by {self._show(node.bottom)} does not belong", path, node.top)
                said = f"{self._show(node.bottom)} should multiply, not divide"
                yield self._edit("division", said, path, Product((node.top, node.bottom), ("",)))
            elif isinstance(node, Add) and len(node.terms) > 1:
                said = f"the terms of {self._show(node)} should be multiplied"
                yield self._edit("operation", said, path, Product(node.terms, ("",) * (len(node.terms) - 1)))
                for place, term in enumerate(node.terms):
                    rest = Add(
                        node.terms[:place] + node.terms[place + 1 :], node.signs[:place] + node.signs[place + 1 :]
                    )
                    yield self._edit("term", f"{self._show(term)} does not belong", path, rest)

    def functions(self) -> Iterator[Edit]:
        used = {node.function for node in nodes(self.tree) if isinstance(node, Call)} | set(self.formulas.functions)
        single = sorted(used - {"max", "min"})
        for path, node in self.places:
            if isinstance(node, Call) and len(node.arguments) == 1:
                yield self._edit("function", f"{self._name(node.function)} does not belong", path, node.arguments[0])
                for other in single:
                    if other != node.function:
                        yield self._edit(
                            "function",
                            f"{self._name(other)} should stand where {self._name(node.function)} stands",
                            path,
                            Call(other, node.arguments),
                        )
            elif isinstance(node, Add | Product):
                for function in single:
                    said = f"{self._name(function)} is missing around {self._show(node)}"
                    yield self._edit("function", said, path, Call(function, (node,)))

    def constants(self) -> Iterator[Edit]:
        sizes = [(Named(name), self.formulas.shown(name)) for name in self.formulas.sizes]
        for path, node in self.places:
            if isinstance(node, Number):
                for other in (1.0, 2.0, 3.0, 4.0, 0.5):
                    if other != node.value:
                        said = f"{figure(other)} should stand where {figure(node.value)} stands"
                        yield self._edit("factor", said, path, Number(other))
            if path and not self._is_term(path):
                continue
            for value in _FACTORS:
                yield self._edit(
                    "factor", f"a factor {figure(value)} is missing", path, Product((Number(value), node), ("",))
                )
            for size, shown in sizes:
                yield self._edit("factor", f"a factor {shown} is missing", path, Product((size, node), ("",)))
                yield self._edit("factor", f"a factor 1/{shown} is missing", path, Divide(node, size))

    def _is_term(self, path: Path) -> bool:
        parent = next((node for place, node in self.places if place == path[:-1]), None)
        return isinstance(parent, Add | Sum | Divide)

    def _symbols_here(self) -> Iterator[Node]:
        """Each declared value, with each index that is in use."""
        output = self.formulas.differentiated
        for name in self.names:
            for indices in [(letter,) for letter in self.letters] if self.ndims[name] == 1 and self.indexed else [()]:
                yield Named(name, indices if self.ndims[name] == 1 else ())
        if output and self.question.gradient:
            for name in self.names:
                if self.ndims[name] == 1 and name != self.question.gradient:
                    for letter in self.letters:
                        yield Derivative(Named(output), Named(name, (letter,)))

    def missing_factors(self) -> Iterator[Edit]:
        symbols = list(self._symbols_here())
        for path, node in self.places:
            if path and not self._is_term(path):
                continue
            for symbol in symbols:
                shown = self._show(symbol)
                added = isinstance(symbol, Derivative)
                for said, new in (
                    (f"{shown} is missing", Product((node, symbol), ("",))),
                    (f"a division by {shown} is missing", Divide(node, symbol)),
                ):
                    yield replace(self._edit("missing", said, path, new), derivative=added)

    def missing_terms(self) -> Iterator[Edit]:
        symbols: list[Node] = [Number(1.0), *self._symbols_here()]
        for path, node in self.places:
            if isinstance(node, Sum) or constant(node) is not None:
                continue
            for symbol in symbols:
                for sign in (1, -1):
                    said = f"{'+' if sign > 0 else '−'} {self._show(symbol)} is missing after {self._show(node)}"
                    new = Add((node, symbol), (1, sign))
                    yield replace(self._edit("term", said, path, new), derivative=isinstance(symbol, Derivative))
