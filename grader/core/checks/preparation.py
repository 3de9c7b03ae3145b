"""How a submission's sources prepare images, where that is no way that the rubric declares: read, never run.

Weights that were trained on images prepared in another way hit less than they could. So a low accuracy says something about
them only if all that the sources do to images is declared; whatever may be more than that is quoted, and a TA looks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from grader.core.checks.inputs import Preprocessing
from grader.core.checks.pixel_arithmetic import Affine, Names, figures_known, function_name, is_known
from grader.core.notebook import cells_in, joined

LONGEST = 200_000  # characters of all sources together that are read
QUOTED = 120

Ways = tuple[Preprocessing, ...]
Size = Sequence[int]
IPYTHON = re.compile(r"^\s*[%!?].*|^\s*\w[\w, ]*=\s*[!%].*|.*\?\s*$", re.MULTILINE)
VISIBLE = re.compile(r"\b(ToTensor|to_tensor|ToImage|ToDtype|load_data|Normalize|Rescaling|rescale|DataLoader)\b|\b255\b")
"""What shows that a source prepares images at all."""

FOREIGN = frozenset(
    {
        "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "QuantileTransformer", "PowerTransformer",
        "Normalizer", "PCA", "ZCA", "per_image_standardization", "preprocess_input", "equalize", "equalize_hist", "equalizeHist",
        "RandomEqualize", "autocontrast", "invert", "bitwise_not", "Binarizer", "binarize", "threshold", "hog", "imagenet_stats",
        "AutoImageProcessor", "random_flip", "LinearTransformation", "CenterCrop", "FiveCrop", "TenCrop", "Solarize",
        "adapthist", "equalize_adapthist", "CLAHE", "sobel", "canny", "Canny", "GaussianBlur", "medianBlur",
    }
)  # fmt: skip
"""Functions and classes that change images in ways that no `Preprocessing` has."""

OF_IMAGES = frozenset({"normalize", "scale", "flip", "fliplr", "flipud", "rot90", "swapaxes", "invert", "zscore", "negative"})
"""Likewise, when they are called with images or are a method of theirs."""

KEEPS_ROWS = ((2, 0, 1), (1, 2, 0), (0, 3, 1, 2), (0, 2, 3, 1), (3, 2, 0, 1), (3, 0, 1, 2), (0, 1, 2), (0, 1, 2, 3))
"""Orders of axes that leave rows before columns."""

CENTRED = (
    "featurewise_center", "featurewise_std_normalization", "samplewise_center", "samplewise_std_normalization", "zca_whitening",
)  # fmt: skip
SHOWS = ("imshow", "make_grid", "matshow", "imsave", "save_image", "add_image")
MODEL = ("forward", "call", "training_step")


def undeclared_preparation(files: Mapping[str, bytes], declared: Ways, size: Size) -> str:
    """Why the images may be prepared in a way that is not declared, as a clause with a quote; "" if all is known.

    size: (H, W) or (H, W, C) of a raw image.
    """
    left, visible = LONGEST, False
    for name, content in files.items():
        for text in _sources(name, content):
            if len(text) > left:
                return f"the sources are too long to see how images are prepared ({name})"
            left -= len(text)
            shown = VISIBLE.search(text)
            visible = visible or bool(shown)
            try:
                tree = ast.parse(text)
                quote = next(_strange(tree, declared, size), None)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                if shown:
                    return f"how images are prepared in {name} could not be read"
                continue
            if quote is not None:
                words = " ".join((ast.get_source_segment(text, quote) or "").split())
                return f"the rubric does not know how these images are prepared (“{words[:QUOTED]}”)"
    return "" if visible else "no source that was handed in shows how images are prepared"


def _sources(name: str, content: bytes) -> Iterator[str]:
    """Python by file; of a notebook by cell, without what IPython alone understands."""
    text = content[: 4 * LONGEST].decode("utf-8-sig", "replace")
    if name.endswith(".py"):
        yield text
    elif name.endswith(".ipynb"):
        for cell in cells_in(text):
            if cell.get("cell_type") == "code":
                yield IPYTHON.sub("pass", joined(cell.get("source", cell.get("input"))))


def _strange(tree: ast.Module, declared: Ways, size: Size) -> Iterator[ast.AST]:
    """Expressions that may prepare images in a way that is not declared."""
    names = _names_in(tree)
    yield from _below(tree, names, _takers(tree, names), declared, size)


def _below(
    node: ast.AST, names: Names, takers: Mapping[ast.AST, list[str]], declared: Ways, size: Size, within: bool = False
) -> Iterator[ast.AST]:
    """within: whether the node is part of arithmetic on images that was looked at as a whole."""
    if _is_skipped(node):
        return
    if node in takers:
        names = Names(names.numbers, {*names.images, *takers[node]}, names.others)
    found = _arithmetic(node, names)
    part = within and isinstance(found, Affine) and found.a is not None
    foreign = isinstance(node, ast.Call) and _is_foreign(node, names, declared, size)
    unknown = isinstance(found, Affine) and not part and not is_known(found, declared)
    if foreign or unknown or _is_self_standardized(node):
        yield node
    within = isinstance(found, Affine) or (within and isinstance(node, (ast.Attribute, ast.Subscript)))
    for child in ast.iter_child_nodes(node):
        yield from _below(child, names, takers, declared, size, within)


def _arithmetic(node: ast.AST, names: Names) -> object:
    match node:
        case ast.AugAssign(target=target, op=op, value=value):
            return names.combine(target, op, value)
        case ast.BinOp() | ast.UnaryOp() | ast.Call(func=ast.Attribute()) | ast.Attribute(attr="T"):
            return names.value(node)
    return None


def _is_skipped(node: ast.AST) -> bool:
    """What a model does itself is evaluated with it; what is only shown changes nothing."""
    if isinstance(node, ast.ClassDef):
        return any(isinstance(one, ast.FunctionDef) and one.name in MODEL for one in node.body)
    if isinstance(node, ast.Call) and function_name(node) == "Lambda" and ast.unparse(node.func).endswith("layers.Lambda"):
        return True
    if isinstance(node, (ast.FunctionDef, ast.Call)):
        calls = ast.walk(node) if isinstance(node, ast.FunctionDef) else (node,)
        return any(isinstance(one, ast.Call) and function_name(one) in SHOWS for one in calls)
    return False


# --- names ----------------------------------------------------------------------------------------------------------


def _names_in(tree: ast.Module) -> Names:
    """Names that are set to one number (or one by channel), and those that are set to images."""
    numbers: dict[str, tuple[float, ...]] = {}
    images: set[str] = set()
    others = _counted(tree)
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    for _ in range(2):  # a name may be set from one that stands below
        names = Names(dict(numbers), frozenset(images), others)
        for node in assigned:
            for target, value in _pairs(node):
                found = names.value(value)
                if isinstance(found, tuple) and numbers.get(target, found) == found:
                    numbers[target] = found
                elif isinstance(found, Affine) and not isinstance(value, ast.Constant):
                    images.add(target)
    return Names(numbers, frozenset(images), others)


def _counted(tree: ast.Module) -> frozenset[str]:
    """Names that run through numbers: `for x in range(10)`, `x = np.linspace(0, 1)`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.For(target=target, iter=ast.Call() as made) | ast.comprehension(target=target, iter=ast.Call() as made):
                first = target.elts[0] if isinstance(target, ast.Tuple) and function_name(made) == "enumerate" else target
            case ast.Assign(targets=[first], value=ast.Call() as made):
                pass
            case _:
                continue
        if function_name(made) in ("range", "enumerate", "arange", "linspace", "trange") and isinstance(first, ast.Name):
            found.add(first.id)
    return frozenset(found)


def _pairs(node: ast.Assign) -> Iterator[tuple[str, ast.AST]]:
    for target in node.targets:
        many = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) and len(target.elts) == len(node.value.elts)
        for one, value in zip(target.elts, node.value.elts, strict=True) if many else ((target, node.value),):
            if isinstance(one, ast.Name):
                yield one.id, value


def _takers(tree: ast.Module, names: Names) -> dict[ast.AST, list[str]]:
    """Functions that are given images, with the names of these: those called with images, given to a Compose, a Lambda, a map or
    as `transform=`, and classes that are called."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found: dict[ast.AST, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "__call__":
            found.setdefault(node, []).extend(one.arg for one in node.args.args[1:2])
        if not isinstance(node, ast.Call):
            continue
        called = functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if called is not None:
            pairs = zip(called.args.args, node.args, strict=False)
            found.setdefault(called, []).extend(one.arg for one, given in pairs if isinstance(names.value(given), Affine))
        handed = [one.value for one in node.keywords if one.arg in ("transform", "preprocessing_function", "func", "lambd")]
        if function_name(node) in ("Compose", "Lambda", "map", "apply", "vectorize"):
            handed += [part for one in node.args for part in (one.elts if isinstance(one, ast.List) else [one])]
        for one in handed:
            taker = functions.get(one.id) if isinstance(one, ast.Name) else one
            if isinstance(taker, (ast.FunctionDef, ast.Lambda)):
                found.setdefault(taker, []).extend(arg.arg for arg in taker.args.args[:1])
    return found


# --- calls ----------------------------------------------------------------------------------------------------------


def _is_foreign(node: ast.Call, names: Names, declared: Ways, size: Size) -> bool:
    name = function_name(node)
    options = {one.arg: one.value for one in node.keywords if one.arg}
    given = [names.value(one) for one in node.args]
    owned = isinstance(node.func, ast.Attribute) and isinstance(names.value(node.func.value), Affine)
    on_images = owned or (bool(given) and isinstance(given[0], Affine))
    if name == "Normalize":
        figures = [*given, names.value(options.get("mean")), names.value(options.get("std"))]
        numbers = [one for one in figures if isinstance(one, tuple)]
        return len(numbers) < 2 or not figures_known(numbers[0], numbers[1], (Preprocessing(), *declared))
    if name == "Compose":
        return _bordered_late(node)
    if name in ("Rescaling", "ImageDataGenerator"):
        return _rescales(name, node, options, names, declared)
    if name in ("Resize", "Pad", "ZeroPad2d"):
        return _sized(name, node, options, names, declared, size)
    if name in ("transpose", "permute"):
        return on_images and _axes(node, given[0 if owned else 1 :]) not in (*KEEPS_ROWS, None)
    if name == "pad" and on_images:
        return not _is_plain(options.get("mode"), "constant") or not _is_plain(options.get("constant_values"), 0)
    return name in FOREIGN or (name in OF_IMAGES and on_images)


def _is_plain(node: ast.AST | None, value: object) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value == value)


def _bordered_late(node: ast.Call) -> bool:
    """Padded after being normalized: what is around the image is no black then."""
    parts = node.args[0].elts if node.args and isinstance(node.args[0], (ast.List, ast.Tuple)) else []
    steps = [function_name(part) for part in parts if isinstance(part, ast.Call)]
    return "Normalize" in steps and "Pad" in steps[steps.index("Normalize") :]


def _rescales(name: str, node: ast.Call, options: dict, names: Names, declared: Ways) -> bool:
    if any(option in options and not _is_plain(options[option], False) for option in CENTRED):
        return True
    scale = names.value(options.get("scale", options.get("rescale", node.args[0] if node.args and name == "Rescaling" else None)))
    offset = names.value(options.get("offset", node.args[1] if len(node.args) > 1 and name == "Rescaling" else ast.Constant(0)))
    if scale is None:
        return name == "Rescaling"
    return not (isinstance(scale, tuple) and isinstance(offset, tuple)) or not is_known(Affine(scale, offset), declared)


def _sized(name: str, node: ast.Call, options: dict, names: Names, declared: Ways, size: Size) -> bool:
    """Made larger or smaller in a way that is not declared. Where the amount is not told, nothing is."""
    argument = node.args[0] if node.args else options.get("size", options.get("padding"))
    numbers = names.value(argument)
    if not isinstance(numbers, tuple):
        return False
    if name == "Resize":
        mode = ast.unparse(options["interpolation"]).casefold() if "interpolation" in options else "bilinear"
        wanted = {float(size[0]), *(float(one.size) for one in declared if one.size and one.fit == "resize")}
        return not wanted.issuperset(numbers) or not ("bilinear" in mode or mode == "2")
    wanted = {0.0, *((one.size - size[0]) / 2 for one in declared if one.size and one.fit == "pad")}
    plain = _is_plain(options.get("padding_mode"), "constant") and _is_plain(options.get("fill"), 0)
    return not wanted.issuperset(numbers) or not plain


def _axes(node: ast.Call, given: list) -> tuple[int, ...] | None:
    """The order of axes of a transpose, or the two that torch swaps; None where it is not told."""
    numbers = tuple(int(part) for one in given if isinstance(one, tuple) for part in one)
    return numbers or None


def _is_self_standardized(node: ast.AST) -> bool:
    """`a - a.mean(…)`, `a - np.mean(a)`, `a / a.std(…)` under any name."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Sub, ast.Div)):
        return False
    call = node.right
    if not isinstance(call, ast.Call) or function_name(call) not in ("mean", "std", "min", "median", "reduce_mean"):
        return False
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    of = [ast.dump(one) for one in (owner, *call.args[:1]) if one is not None]
    return ast.dump(node.left) in of
