"""Random expression graphs against torch autograd, in random notation: right is right, and one slip costs one number."""

import json

import numpy as np
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grader.core.answers.graph import Graph, read

UNARY = {
    "-{}": lambda x: -x, "exp({} / 4)": lambda x: torch.exp(x / 4), "sigmoid({})": torch.sigmoid, "tanh({})": torch.tanh,
    "relu({})": torch.relu, "{}**2 / 8": lambda x: x**2 / 8, "1 / (4 + {}**2)": lambda x: 1 / (4 + x**2),
}  # fmt: skip
BINARY = {
    "{} + {}": torch.add, "{} - {}": torch.sub, "{} * {} / 4": lambda x, y: x * y / 4, "max({}, {})": torch.maximum,
    "min({}, {})": torch.minimum, "{} / (5 + {}**2)": lambda x, y: x / (5 + y**2),
}  # fmt: skip
NAMES = [f"n_{index}" for index in range(12)]
QUICK = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@st.composite
def graphs(draw):
    """(declared graph, true values, true gradients): scalars, or vectors that are summed up in the end."""
    size = draw(st.sampled_from([0, 0, 2, 3]))
    numbers = st.integers(-30, 30).map(lambda it: it / 10)
    one = st.lists(numbers, min_size=size, max_size=size) if size else numbers
    inputs = {name: draw(one) for name in ("x", "y", "w0")[: draw(st.integers(1, 3))]}
    tensors = {name: torch.tensor(it, dtype=torch.float64, requires_grad=True) for name, it in inputs.items()}
    nodes = {}
    for name in NAMES[: draw(st.integers(2, 9))]:
        unary = draw(st.booleans())
        text = draw(st.sampled_from(list(UNARY if unary else BINARY)))
        behind = [draw(st.sampled_from(list(tensors))) for _ in range(1 if unary else 2)]
        nodes[name] = text.format(*behind)
        tensors[name] = (UNARY if unary else BINARY)[text](*(tensors[it] for it in behind))
        tensors[name].retain_grad()
    last = name
    nodes["out"] = f"sum({last} * {last})"
    tensors["out"] = (tensors[last] * tensors[last]).sum()
    tensors["out"].retain_grad()
    tensors["out"].backward()
    values = {it: tensor.detach().numpy() for it, tensor in tensors.items()}
    gradients = {
        it: np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy() for it, tensor in tensors.items()
    }
    assume(max(np.abs(it).max() for it in (*values.values(), *gradients.values())) < 1e3)
    assume(not _has_kink(values, nodes))
    return Graph.model_validate({"inputs": inputs, "nodes": nodes, "output": "out"}), values, gradients


def _has_kink(values, nodes):
    """Where derivatives jump, what autograd picks is a convention."""
    numbers = [it for value in values.values() for it in np.ravel(value)]
    if any(text.startswith("relu") for text in nodes.values()) and min(map(abs, numbers)) < 0.02:
        return True
    kinks = [text for text in nodes.values() if text.startswith(("max", "min"))]
    pairs = [text[4:-1].split(", ") for text in kinks]
    return any(np.any(np.abs(values[left] - values[right]) < 0.02) for left, right in pairs)


@st.composite
def notations(draw):
    """A function of numbers by name that writes an answer."""
    decimals = draw(st.integers(2, 5))
    comma, minus = draw(st.booleans()), draw(st.sampled_from("-−"))
    form = draw(st.sampled_from(["markdown", "turned", "csv", "json", "lines"]))
    gradient_first = draw(st.booleans())
    header = draw(
        st.sampled_from([("node", "value", "gradient"), ("Вузол", "значення", "градієнт"), ("צומת", "ערך", "נגזרת")])
    )
    cyrillic = draw(st.booleans())

    def number(value, plain=False):
        texts = [f"{it:.{decimals}f}" for it in np.ravel(value)]
        if not plain:
            texts = [it.replace("-", minus).replace(".", "," if comma else ".") for it in texts]
        return texts[0] if np.ndim(value) == 0 else f"[{'; '.join(texts)}]" if not plain else f"[{', '.join(texts)}]"

    def write(values, gradients):
        label = (lambda it: it.replace("x", "х").replace("y", "у")) if cyrillic else str
        if form == "json":
            return json.dumps(
                {it: {"value": number(values[it], True), "gradient": number(gradients[it], True)} for it in values}
            )
        if form == "lines":
            return "\n".join(
                f"{label(it)} = {number(values[it])}\n∂out/∂{label(it)} = {number(gradients[it])}" for it in values
            )
        rows = [list(header)] + [[label(it), number(values[it]), number(gradients[it])] for it in values]
        rows = [[row[0], row[2], row[1]] if gradient_first else row for row in rows]
        if form == "csv":
            return "\n".join("\t".join(row) for row in rows)
        rows = [list(it) for it in zip(*rows, strict=True)] if form == "turned" else rows
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])

    return write


PIECES = st.sampled_from([
    "| a ", "|", "\n", "n_0", " = ", "x", "1,5", "-2", "[", "]", "{", '"x"', ": ", "df/dx", "\\frac{", "}", "<table>", "<tr>",
    "<td>3", "value", "gradient", "---", "\t", ";", "**", "\u202e", "١", "1e999", "1/0", "9**9**9", "not",
])  # fmt: skip


@QUICK
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_can_be_read(text):
    graph = Graph.model_validate({"inputs": {"x": 2}, "nodes": {"n_0": "3 * x", "n_1": "n_0 + x"}, "output": "n_1"})
    assert set(read(graph, text)) == set(graph.names)


@QUICK
@given(graphs(), notations())
def test_what_autograd_gives_is_right(case, write):
    graph, values, gradients = case
    found = read(graph, write(values, gradients))
    assert {name: it.reason for name, it in found.items() if it.value is not True and "slips" not in name} == {}
    assert found["slips-1"].value is False


@QUICK
@given(graphs(), notations(), st.data())
def test_one_slip_costs_exactly_one_number(case, write, data):
    """A slip from which everything behind it was computed, values and gradients, and one that nothing rests on."""
    graph, values, gradients = case
    kind = data.draw(st.sampled_from(["value", "gradient"]))
    node = data.draw(st.sampled_from(list(graph.nodes if kind == "value" else [it for it in values if it != "out"])))
    slip = data.draw(st.sampled_from([-7.3, 11.9, 23.4]))
    moved = {"value": dict(values), "gradient": dict(gradients)}
    moved[kind][node] = moved[kind][node] + slip
    if data.draw(st.booleans()):
        moved = _carried_forward(graph, moved, kind, node)
    assume(max(np.abs(it).max() for some in moved.values() for it in some.values()) < 1e5)
    found = read(graph, write(moved["value"], moved["gradient"]))
    wrong = {
        name: it.reason for name, it in found.items() if it.value is False and name.startswith(("value-", "gradient-"))
    }
    assert list(wrong) == [f"{kind}-{node}"], wrong
    assert found["slips-1"].value is True and found["slips-2"].value is False


def _carried_forward(graph, moved, kind, node):
    """All that comes after the slip, computed from it by torch's own rules for each step."""
    values, gradients = moved["value"], moved["gradient"]
    if kind == "value":
        after = False
        for name, expression in graph.computation.nodes.items():
            if after:
                values[name] = expression(values)
            after |= name == node
        gradients = {}
    everything = [*graph.inputs, *graph.nodes]
    done = everything[everything.index(node) :] if kind == "gradient" else []
    kept = {name: gradients[name] for name in done}
    fresh = {name: np.zeros(np.shape(value)) for name, value in values.items()}
    fresh["out"] = np.array(1.0)
    for name in reversed(everything):
        fresh[name] = kept.get(name, fresh[name])
        if name in graph.nodes:
            for behind, step in _steps(graph.computation.nodes[name], values, fresh[name]).items():
                fresh[behind] = fresh[behind] + step
    return {"value": values, "gradient": fresh}


def _steps(expression, values, upstream):
    """What one node passes back, by autograd."""
    tensors = {it: torch.tensor(values[it], dtype=torch.float64, requires_grad=True) for it in expression.names}
    tokens = {"exp": torch.exp, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "max": torch.maximum,
              "min": torch.minimum, "sum": torch.sum}  # fmt: skip
    result = eval(expression.text, {"__builtins__": {}}, tokens | tensors)
    return {
        it: gradient.numpy()
        for it, gradient in zip(
            tensors, torch.autograd.grad(result, tensors.values(), torch.as_tensor(upstream)), strict=True
        )
    }
