"""Symbolic shapes: every notation is read, broadcasting counts as right with a remark, what is not clear is unread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.answers.shapes import Shapes, read
from grader.core.answers.shapes.declaration import Form
from grader.core.answers.shapes.fit import fit
from grader.core.answers.suggest import suggest
from grader.core.submission import Answer
from grader.pack import load_pack

MLP = load_pack("dl_hw1").rubric.question("mlp-shapes")
SHAPES = MLP.shapes
SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"


def values(text: str, declared: Shapes = SHAPES) -> dict[str, bool | None]:
    return {name: one.value for name, one in read(declared, text).items() if one.value is not None}


def one(text: str, name: str):
    return read(SHAPES, text)[name]


ALL_RIGHT = dict.fromkeys(["x", "w_h", "b_h", "w_o", "b_o", "y"], True)


@pytest.mark.parametrize(
    "written",
    [
        "m×10", "m x 10", "mx10", "m*10", "m · 10", "m⨯10", "m х 10", "мх10", "M × 10", "m by 10", "m-by-10", "m на 10",
        "m על 10", r"$m \times 10$", r"$m\cdot10$", "(m, 10)", "[m, 10]", "(m,10)", "[None, 10]", "(None, 10)", "(?, 10)",
        "(-1, 10)", "(N, 10)", "(batch_size, 10)", "(batch size, 10)", "batch × 10", "torch.Size([64, 10])",
        "TensorShape([None, 10])", "`(m, 10)`", "**m×10**", r"$\left(m, 10\right)$", r"\(m \times 10\)", "64×10",
        "m rows and 10 columns", "10 columns and m rows", "m samples × 10 features",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "link", ["X: {}", "X = {}", "X is {}", "shape(X) = {}.", "X.shape: {}", "the input X has shape {}", "{} for X"]
)
def test_notations(written, link):
    assert values(link.format(written)) == {"x": True}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"X \in \mathbb{R}^{m \times 10}", "x"),
        ("X ∈ R^{m×10}", "x"),
        ("X ∈ ℝᵐˣ¹⁰", "x"),
        (r"$\text{Shape}(X) = m \times 10$", "x"),
        (r"$W_{h} \in \mathbb{R}^{10 \times 50}$", "w_h"),
        ("Wh - (10, 50)", "w_h"),
        ("W_h — матриця 10 на 50", "w_h"),
        ("מטריצת המשקולות W_h היא בגודל 10×50", "w_h"),
        ("הממדים של W_h הם 10 על 50", "w_h"),
        ("W_h (the weights of the hidden layer): 10×50", "w_h"),
        ("W_h^T is 50×10", "w_h"),
        ("W_h.T has shape (50, 10)", "w_h"),
        ("W_h is not 50×10 but 10×50", "w_h"),
        ("W_h: 10×50, not 50×10", "w_h"),
        ("W_h is 50×10, sorry, 10×50", "w_h"),
        ("~~W_h: 50×10~~ W_h: 10×50", "w_h"),
        ("W_h = np.zeros((10, 50))", "w_h"),
        ("shape(W_h) =\n\n10×50", "w_h"),
        (r"$Y_{m\times 3}$", "y"),
        ("b_h is a vector of 50", "b_h"),
        ("b_h: a 50-dimensional vector", "b_h"),
        ("b_h has length 50", "b_h"),
        ("shape(b_h) = 50", "b_h"),
        ("b_h: 50", "b_h"),
        ("b_h — вектор довжини 50", "b_h"),
        ("b_h הוא וקטור באורך 50", "b_h"),
        ("b_h: (50,)", "b_h"),
    ],
)
def test_one_thing(text, name):
    assert values(text) == ({name: True} if name else {})


@pytest.mark.parametrize(
    "text",
    [
        "X: m×10, W_h: 10×50, b_h: 50, W_o: 50×3, b_o: 3, Y: m×3",
        "X, W_h, b_h, W_o, b_o and Y are m×10, 10×50, 50, 50×3, 3 and m×3",
        "| | shape |\n|---|---|\n| X | (m, 10) |\n| W_h | (10, 50) |\n| b_h | 50 |\n| W_o | (50, 3) |\n| b_o | 3 |\n| Y | (m, 3) |",
        "| X | W_h | b_h | W_o | b_o | Y |\n|---|---|---|---|---|---|\n| m×10 | 10×50 | (50,) | 50×3 | (3,) | m×3 |",
        "X\tm×10\nW_h\t10×50\nb_h\t(50,)\nW_o\t50×3\nb_o\t(3,)\nY\tm×3",
        "The m×10 matrix X, the 10×50 matrix W_h, a vector of 50 for b_h, 50×3 for W_o, a vector of 3 for b_o, the m×3 matrix Y",
        "X(m×10) · W_h(10×50) + b_h(1×50) = H and H(m×50) · W_o(50×3) + b_o(1×3) = Y(m×3)",
        "W_h X with X: 10×m, W_h: 50×10, b_h: 50×1, W_o: 3×50, b_o: 3×1, Y: 3×m",
        "H = X W_h^T + b_h. X: m×10, W_h: 50×10, b_h: (50,), W_o: 3×50, b_o: (3,), Y: m×3",
    ],
)
def test_everything_at_once(text):
    assert values(text) == ALL_RIGHT


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("W_h: 10×60", "w_h"),
        ("W_h is (m, 50)", "w_h"),
        ("shape(b_h) = 3", "b_h"),
        ("b_h is a vector of 10", "b_h"),
        ("b_h: 10×50×3", "b_h"),
        ("Y: 3×m. X: m×10", "y"),
        ("H = X·W_h + b_h, W_h: 50×10", "w_h"),
        ("X: 50×10. Y: m×3", "x"),
        ("W_h: 50×10, W_o: 50×3, X: m×10", "w_h"),
        ("מטריצת המשקולות W_h היא 10 על 30", "w_h"),
        ("W_h має розмір 10 на 3", "w_h"),
    ],
)
def test_wrong(text, name):
    found = read(SHAPES, text)
    assert [key for key, finding in found.items() if finding.value is False] == [name]
    assert found[name].quotes[0] in text and "it is" in found[name].reason + " it is"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "X times W_h gives m×50",
        "X·W_h is m×50",
        "XW_h: m×50",
        "The product of X and W_h is m×50",
        "the output of W_h is m×50",
        "W_h's output is m×50",
        "(Y_h = ReLU(X·W_h + b_h))\n\n$m×50$ $m×10$ 10×50 $m×50$",
        "ReLU(X W_h + b_h) has the shape m×50",
        "X is multiplied by the 10×60 matrix",
        "b_h is added to each row of the m×60 matrix",
        "W_h has 10·60 = 600 parameters",
        "W_h: 50·10=500 weights",
        "X in [0, 1], Y ∈ (0, 1), X ∈ [-1, 1]",
        "W_h\nb_h\n10×60\n60",
        "W_h is 10×50. W_h is 50×10.",
        "X: k×10",
        "b_h: 50×1",
        "W_h: 500",
        "b_h: 10",
        "W_h: 50×10",
        "X: (64, 10), Y: (32, 3)",
        "Y is a vector of 3 for every sample",
        "X W_h = (m×10)·(10×50) = m×50",
        "X and W_h: m×50",
        "matmul(X, W_h): m×50",
        "matmul(A, W_h) = m×50",
        "np.dot(H, W_o).shape = m×3",
        "W_h isn't 10×60",
        "X, 10×60 is the kernel",
        "Y_h: m×50, dW_h: 50×10, X_train: 60000×784",
    ],
)
def test_unread(text):
    assert values(text) == {}


def test_what_broadcasting_makes_equal_is_right_with_a_remark():
    for written in ("m×50", "(1, 50)", "64×50"):
        assert one(f"b_h: {written}. X: 64×10" if "64" in written else f"b_h: {written}", "b_h").value
    assert "m×50, which broadcasting makes equal to a vector of 50" in one("b_h: m×50", "b_h").reason
    assert one("b_h: (50,)", "b_h").reason == ""


def test_a_number_for_the_batch_is_right_with_a_remark():
    assert one("X: 64×10, Y: 64×3", "x").reason == "64 stands for m"
    assert one("X: 64×10, Y: m×3", "x").value is None
    assert one("X: 10×10", "x").value is None


def test_two_shapes_of_one_thing_are_unread_and_said():
    found = one("W_h is 10×50. So W_h is 50×10.", "w_h")
    assert found.value is None and "different shapes" in found.reason and len(found.quotes) == 2


def test_transposed_throughout_needs_its_formula():
    """Without a formula it may be PyTorch's habit: unread; with it, right or wrong."""
    text = "W_h: 50×10, W_o: 3×50, X: m×10"
    assert values(text) == {"x": True}
    assert "right only if" in one(text, "w_h").reason
    assert values("X W_h^T. " + text) == {"x": True, "w_h": True, "w_o": True}
    assert values("X W_h. " + text) == {"x": True, "w_h": False, "w_o": False}


def test_about_is_meant_where_nothing_is_named():
    filters = Shapes.model_validate({"about": "f", "of": {"f": {"named": ["filters"], "is": [64, 128, 128, 256, 256]}}})
    right = ("[64, 128, 128, 256, 256]", "64, 128, 128, 256, 256", "filters: [64,128,128,256,256]", "64-128-128-256-256")
    for text in right:
        assert values(text, filters) == {"f": True}, text
    assert values("[32, 64, 64, 128, 128]", filters) == {"f": False}
    assert values("64, 128 and 256", filters) == {}


def test_fewer_dimensions_than_are_meant_are_passed_over():
    filters = Shapes.model_validate({"about": "f", "of": {"f": {"named": ["filters"], "is": [64, 128, 256], "least": 3}}})
    assert values("[64, 128, 256], all kernels are 3×3", filters) == {"f": True}
    assert values("Filters of size (3, 3)", filters) == {}
    assert values("The layers have 64, 128 and 256 filters", filters) == {}


SIZED = Shapes.model_validate({"of": {"c1": {"named": ["C1"], "is": [24, 24, 6]}}})


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("(28-5+1)x(28-5+1)x6", True), ("(28 − 5 + 1) × (28 − 5 + 1) × 6", True), ("(28-5+1, 28-5+1, 6)", True),
        ("[28 - 5 + 1, 28 - 5 + 1, 6]", True), (r"$(28-5+1)\times(28-5+1)\times 6$", True), ("24*24*6", True),
        ("((28-5)/1+1)x((28-5)/1+1)x6", True), ("(28-5)x(28-5)x6", False), ("(28-5, 28-5, 6)", False),
        ("(28-5)/2x(28-5)/2x6", None), ("24*24*6 = 3456", None), ("(5-28)x24x6", None), ("28-5+1 x 28-5+1 x 6", None),
    ],
)  # fmt: skip
def test_arithmetic_in_dimensions(written, right):
    found = read(SIZED, f"C1: {written}")["c1"]
    assert found.value is right
    assert all(quote in f"C1: {written}" for quote in found.quotes)


FILTERS = Shapes.model_validate(
    {"of": {"f": {"named": ["filters"], "is": [64, 128, 256], "least": 3, "each": ["conv", "layer", "Conv2D("]}}}
)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("conv1: 64, conv2: 128, conv3: 256", True), ("Layer 1 has 64 filters, layer 2 has 128 and layer 3 has 256.", True),
        ("| layer | filters |\n|---|---|\n| conv 1 | 64 |\n| conv 2 | 128 |\n| conv 3 | 256 |", True),
        ("conv_0 (3x3): 64\nconv_1 (3x3): 128\nconv_2 (3x3): 256", True), ("64, 128, 256 filters", True),
        ("m.add(Conv2D(64, 3))\nm.add(Conv2D(filters=128, kernel_size=3))\nm.add(Conv2D(256, (3, 3)))", True),
        ("conv1: 32, conv2: 128, conv3: 256", False), ("Conv2D(64, 3); Conv2D(64, 3); Conv2D(256, 3)", False),
        ("conv1: 3 -> 64, conv2: 64 -> 128, conv3: 128 -> 256", None), ("conv1: 64, conv2: 128", None),
        ("conv1: 28x28, conv2: 14x14, conv3: 7x7", None),
        ("layer 1: 448 parameters, layer 2: 9 parameters, layer 3: 8 parameters", None),
        ("conv2: 64, conv3: 128, conv4: 256", None), ("nn.Conv2d(3, 64, 3), nn.Conv2d(64, 128, 3), nn.Conv2d(128, 256, 3)", None),
    ],
)  # fmt: skip
def test_lists_given_one_by_one(text, right):
    assert read(FILTERS, text)["f"].value is right


def test_a_convention_that_the_answer_contradicts_does_not_count():
    """All would be right if the weights were transposed; but the answer writes the product without."""
    shapes = "X: 10×m, W_h: 10×50, b_h: 50×1, W_o: 50×3, b_o: 3×1, Y: 3×m"
    assert values("H = W_h^T X + b_h. " + shapes) == ALL_RIGHT
    assert values("H = W_h X + b_h. " + shapes) == {**ALL_RIGHT, "w_h": False, "w_o": False}


def test_a_long_table_is_read_to_its_end():
    row = "| X | (m, 10) |"
    found = one("| layer | shape |\n|---|---|\n" + "| a | 1 |\n" * 900 + row, "x")
    assert found.value is True and found.quotes == ("X | (m, 10)",)


HOSTILE = ["X ", "X: m x 10 ", "W_h, ", "X and W_h and ", "1", "R^m ", "(m, 10) ", "X W_h (m, 10) 10 x 50 ", "m x 10 or ", "(1+"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_longest_hostile_answers_are_read(piece):
    """Minutes, where the time grows with the square of the names or shapes."""
    assert False not in values((piece * 10_000)[:10_000]).values()


@pytest.mark.parametrize(
    "text",
    [
        "X is m×10 or 10×m", "X is either (m, 10) or (m, 11)", "X: m×10 (or 10×m)", "X: m×10/10×m", "X - m×10 або 10×m",
        "X: (m, 10), (10, m)", "X is m×10 or, if transposed, 10×m",
    ],
)  # fmt: skip
def test_an_answer_that_offers_several_shapes_is_unread(text):
    assert "x" not in values(text)


def test_a_shape_that_is_only_near_never_deducts():
    """Several shapes for one name: whose the first is cannot be said, and 10 may stand for m or not."""
    asked = "What is the shape of X? m×10. What are the shapes of the weights W_h and, in the same layer, of b_h? (10, 50), (50,)"
    assert False not in values(asked).values()


def test_a_column_of_names_and_shapes_is_no_list_of_shapes_before_names():
    found = values("X\nm×10 \nW_h\n10×50 \nb_h\n1×50 \nW_o\n50×3")
    assert False not in found.values() and found["w_h"] is True


PIECES = [*"XxY()[]|^_$=:.,×*·\n\t -m5х{}", "W_h", "b_h", "10", "50", "m×50", r"\times", "not ", "shape"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_nothing_that_is_written_breaks_it(parts):
    text = "".join(parts)
    for finding in read(SHAPES, text).values():
        assert all(quote in text for quote in finding.quotes)


def test_names_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="no such name"):
        Shapes.model_validate({"of": {"x": {"named": ["X"], "is": [1]}}, "conventions": {"c": {"remark": "r", "of": {"z": [2]}}}})


FAST = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
SIZE = st.integers(2, 2048)


@st.composite
def nets(draw):
    """The parameters of a random torch layer stack by name, and random notations for their shapes."""
    layers = []
    for _ in range(draw(st.integers(1, 3))):
        a, b, k = draw(SIZE), draw(SIZE), draw(st.integers(1, 7))
        layers.append(torch.nn.Linear(a, b, device="meta") if draw(st.booleans()) else torch.nn.Conv2d(a, b, k, device="meta"))
    return {f"{n[0].upper()}_{i}": tuple(p.shape) for i, layer in enumerate(layers, 1) for n, p in layer.named_parameters()}


TIMES = ["×", " × ", "x", " x ", " х ", "*", r" \times ", "·", " by ", " на "]
LINKS = ["{n}: {s}", "{n} = {s}", "{n} is {s}", "shape({n}) = {s}", "{n}.shape = {s}", "{n} has the shape {s}",
         r"${n} \in \mathbb{{R}}^{{{s}}}$",
         "{n} має розмір {s}", "הממד של {n} הוא {s}", "{n} ({s})"]  # fmt: skip


def rendered(draw, name: str, shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        spelt = draw(st.sampled_from([f"({shape[0]},)", f"[{shape[0]},]", f"1×{shape[0]}", f"a vector of {shape[0]}"]))
    elif draw(st.booleans()):
        brackets = draw(st.sampled_from(["({})", "[{}]", "torch.Size([{}])"]))
        spelt = brackets.format(draw(st.sampled_from([", ", ","])).join(map(str, shape)))
    else:
        spelt = draw(st.sampled_from(TIMES)).join(map(str, shape))
    links = LINKS[:6] if spelt[0] in "([ta" else LINKS
    return draw(st.sampled_from(links)).format(n=name, s=spelt)


def declared(shapes: dict[str, tuple[int, ...]]) -> Shapes:
    return Shapes.model_validate({"of": {name: {"named": [name], "is": list(shape)} for name, shape in shapes.items()}})


@FAST
@given(st.data(), nets())
def test_random_nets_are_read(data, shapes):
    parts = [rendered(data.draw, name, shape) for name, shape in shapes.items()]
    text = data.draw(st.sampled_from([". ", "\n", "\n- ", "; ", ", "])).join(parts)
    assert values(text, declared(shapes)) == dict.fromkeys(shapes, True), text


@FAST
@given(st.data(), nets())
def test_a_wrong_dimension_in_a_random_net_is_found(data, shapes):
    slipped = data.draw(st.sampled_from(sorted(shapes)))
    right = list(shapes[slipped])
    at = data.draw(st.integers(0, len(right) - 1))
    right[at] += data.draw(st.integers(1, 50))
    parts = [rendered(data.draw, name, shape) for name, shape in shapes.items()]
    found = values("\n".join(parts), declared({**shapes, slipped: tuple(right)}))
    assert found == {**dict.fromkeys(shapes, True), slipped: False}, parts


DIMS = st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, max_size=4).map(tuple)


@st.composite
def part_of(draw, to: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to `to`."""
    kept = to[draw(st.integers(0, len(to) - 1)) :]
    return tuple(draw(st.sampled_from([size, size, 1])) for size in kept)


@settings(max_examples=300, deadline=None)
@given(st.data(), DIMS)
def test_broadcasting_agrees_with_numpy(data, to):
    wanted = data.draw(part_of(to).filter(lambda shape: shape[0] != 1 or len(shape) == 1))
    claimed = data.draw(part_of(to) | DIMS)

    def broadcasts(shape, other):
        try:
            return np.broadcast_shapes(shape, other) == other
        except ValueError:
            return False

    between = broadcasts(wanted, claimed) and broadcasts(claimed, to)
    column = len(wanted) == 2 and wanted[1] == 1 and claimed == wanted[:1]
    assert bool(fit(claimed, Form.model_validate({"is": wanted, "broadcast": to})).value) == (between or column)


@pytest.mark.seeds
@pytest.mark.skipif(not SEEDS.is_dir(), reason="no seed documents beside the repository")
def test_the_seed_is_all_right_with_remarks_for_its_biases():
    text = next(SEEDS.glob("002_*")).read_text()
    answer = text[text.index("1)") : text.index("2.) CNN")]
    found = read(SHAPES, answer)
    assert {name: finding.value for name, finding in found.items()} == ALL_RIGHT
    assert {name for name, finding in found.items() if "broadcasting" in finding.reason} == {"b_h", "b_o"}
    items = suggest(MLP, Answer(MLP.id, answer, "seed"))
    assert all(item.suggested == "clear" for item in items)
