"""What arithmetic in a source does to the values of images: an affine map v → a·v + b, where it can be told. Read, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest

from grader.core.checks.inputs import Channels, Preprocessing

SAME = 0.02
"""So far apart two means or standard deviations may be for the same preparation."""

IMAGES = re.compile(
    r"(x|xs)(_?(tr|train|training|te|test|testing|val|valid|hidden|all|full|batch|b|new|raw|data|np))?_?\d*"
    r"|(.*_)?(im|img|imgs|image|images|pixels?|data|raw|inputs?|samples?|features?)(_.*|\d+)?",
    re.IGNORECASE,
)
"""Names that people give to images."""

OTHER_THINGS = frozenset(
    {
        "shape", "size", "ndim", "dtype", "targets", "labels", "classes", "device", "grad", "len", "numel", "dim", "item",
        "backward", "argmax", "sum", "mean", "std", "var", "min", "norm", "count_nonzero", "nbytes", "columns", "index",
        "label", "target", "median", "any", "all", "tolist", "keys", "items", "append", "get", "class_to_idx", "max", "amax",
    }
)  # fmt: skip
"""Attributes and methods of images that are no images."""

CONVERSIONS = frozenset(
    {
        "array", "asarray", "ascontiguousarray", "float32", "float64", "float", "tensor", "from_numpy", "Tensor", "as_tensor",
        "FloatTensor", "expand_dims", "stack", "concatenate", "cat", "vstack", "pad", "cast", "constant", "to_tensor", "copy",
        "convert_to_tensor", "convert_image_dtype", "reshape", "squeeze", "moveaxis", "img_to_array", "resize", "to_numpy",
    }
)  # fmt: skip
"""Functions of images that give images."""

OPERATIONS = {
    "sub": ast.Sub, "subtract": ast.Sub, "div": ast.Div, "divide": ast.Div, "true_divide": ast.Div, "mul": ast.Mult,
    "multiply": ast.Mult, "add": ast.Add,
}  # fmt: skip
MODULES = ("np", "numpy", "torch", "tf", "K", "math", "ops", "keras")


@dataclass(frozen=True)
class Affine:
    """v → a·v + b by channel; `a` is None where it could not be told."""

    a: tuple[float, ...] | None = (1.0,)
    b: tuple[float, ...] = (0.0,)


STRANGE = Affine(None)
Value = Affine | tuple[float, ...] | None
"""Images, a number by channel, or neither."""


@dataclass(frozen=True)
class Names:
    """numbers: the names that stand for one number each, by channel. images: further names of images; others: names that look
    like those of images, but are none."""

    numbers: Mapping[str, tuple[float, ...]]
    images: Collection[str] = ()
    others: Collection[str] = ()
    known: dict[ast.AST, Value] = field(default_factory=dict, repr=False, compare=False)  # each node is looked at once

    def value(self, node: ast.AST | None) -> Value:
        if node is None:
            return None
        if node not in self.known:
            self.known[node] = self._value(node)
        return self.known[node]

    def _value(self, node: ast.AST) -> Value:
        match node:
            case ast.Constant(value=bool()):
                return None
            case ast.Constant(value=int() | float() as number):
                return (float(number),)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                found = [self.value(part) for part in parts]
                return tuple(one[0] for one in found) if found and all(isinstance(one, tuple) for one in found) else None
            case ast.Name(id=name):
                if name in self.numbers:
                    return self.numbers[name]
                named = name in self.images or (name not in self.others and IMAGES.fullmatch(name))
                return Affine() if named else None
            case ast.Attribute(value=base, attr=attr):
                return self._attribute(base, attr)
            case ast.Subscript(value=base):
                found = self.value(base)
                return found if isinstance(found, Affine) else None
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return combined(ast.Mult, self.value(operand), (-1.0,))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return STRANGE if isinstance(self.value(operand), Affine) else None
            case ast.BinOp(left=left, op=op, right=right):
                return self.combine(left, op, right)
            case ast.Call():
                return self._call(node)
        return None

    def combine(self, left: ast.AST, op: ast.operator, right: ast.AST) -> Value:
        greatest = isinstance(op, ast.Div) and self._greatest(left, right)
        return combined(type(op), self.value(left), (255.0,) if greatest else self.value(right))

    def _greatest(self, left: ast.AST, right: ast.AST) -> bool:
        """Whether `right` is the greatest pixel: x / x.max()."""
        name = function_name(right) if isinstance(right, ast.Call) else ""
        return name in ("max", "amax") and isinstance(self.value(left), Affine)

    def _attribute(self, base: ast.AST, attr: str) -> Value:
        if attr in OTHER_THINGS:
            return None
        if attr == "T":
            return STRANGE if isinstance(self.value(base), Affine) else None
        if IMAGES.fullmatch(attr):
            return Affine()
        if isinstance(base, ast.Name) and base.id in ("self", "cls", "args", "cfg", "config"):
            return Affine() if attr in self.images else self.numbers.get(attr)
        return self.value(base)

    def _call(self, node: ast.Call) -> Value:
        name = function_name(node)
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if owner is None or (isinstance(owner, ast.Name) and owner.id in MODULES):
            first = self.value(node.args[0]) if node.args else None
            if name in OPERATIONS and len(node.args) > 1:
                return self.combine(node.args[0], OPERATIONS[name](), node.args[1])
            if name in ("sqrt", "log", "log1p", "exp", "power", "square", "clip") and isinstance(first, Affine):
                return STRANGE
            return first if name in CONVERSIONS else None
        operation = OPERATIONS.get(name.rstrip("_"))
        if operation is not None and node.args:
            return self.combine(owner, operation(), node.args[0])
        if name in OTHER_THINGS:
            return None
        found = self.value(owner)
        if found is None and name in CONVERSIONS and node.args:  # of a module: transforms.functional.to_tensor(image)
            return self.value(node.args[0])
        return found


def combined(op: type[ast.operator], left: Value, right: Value) -> Value:
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _numbers(op, left, right)
    images = left if isinstance(left, Affine) else right if isinstance(right, Affine) else None
    if images is None or op in (ast.FloorDiv, ast.Mod, ast.MatMult):
        return None
    number = right if images is left else left
    if images.a is None or not isinstance(number, tuple):
        return STRANGE
    if op in (ast.Add, ast.Sub):
        sign = -1.0 if op is ast.Sub else 1.0
        if images is left:
            return Affine(images.a, _each(lambda b, n: b + sign * n, images.b, number))
        return Affine(tuple(sign * a for a in images.a), _each(lambda b, n: n + sign * b, images.b, number))
    if op not in (ast.Div, ast.Mult) or (op is ast.Div and (images is right or 0 in number)):
        return STRANGE
    factor = tuple(1 / one for one in number) if op is ast.Div else number
    return Affine(_each(float.__mul__, images.a, factor), _each(float.__mul__, images.b, factor))


def _numbers(op: type[ast.operator], left: tuple[float, ...], right: tuple[float, ...]) -> Value:
    known = {ast.Add: float.__add__, ast.Sub: float.__sub__, ast.Mult: float.__mul__, ast.Div: float.__truediv__}
    try:
        return _each(known[op], left, right) if op in known else None
    except ZeroDivisionError:
        return None


def _each(function: Callable[[float, float], float], left: tuple[float, ...], right: tuple[float, ...]) -> tuple[float, ...]:
    """By channel; one number is that of all channels."""
    pairs = zip_longest(left, right)
    return tuple(float(function(left[-1] if one is None else one, right[-1] if two is None else two)) for one, two in pairs)


def function_name(node: ast.Call) -> str:
    """The last name of what is called: `Normalize` of `transforms.Normalize(…)`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


# --- against what is declared ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def is_known(found: Affine, declared: tuple[Preprocessing, ...]) -> bool:
    """Nothing, / 255, or a declared mean and standard deviation, of pixels in 0 … 255 or in 0 … 1; or such a one undone."""
    if found.a is None or not all(1e-9 < abs(one) < 1e9 for one in found.a):
        return False
    back = Affine(tuple(1 / a for a in found.a), _each(lambda a, b: -b / a, found.a, found.b))
    return _is_one(found, declared) or _is_one(back, declared)


def _is_one(found: Affine, declared: tuple[Preprocessing, ...]) -> bool:
    for scale in (1.0, 255.0):
        std = tuple(1 / (a * scale) for a in found.a)  # type: ignore[union-attr]
        mean = _each(lambda a, b, scale=scale: -b / (a * scale), found.a, found.b)  # type: ignore[arg-type]
        if figures_known(mean, std, (Preprocessing(), *declared)):
            return True
    return False


def figures_known(mean: tuple[float, ...], std: tuple[float, ...], declared: Sequence[Preprocessing]) -> bool:
    """Whether any declared way has this mean and this standard deviation, by channel, of pixels in 0 … 1."""
    return any(_close(mean, one.mean) and _close(std, one.std) for one in declared)


def _close(found: tuple[float, ...], declared: Channels) -> bool:
    wanted = declared if isinstance(declared, tuple) else (declared,)
    return all(_each(lambda one, other: abs(one - other) <= SAME, found, wanted))
