"""The `graph` kind: how students write a graph's numbers, what is judged from what, what a slip is called."""

import pytest
from pydantic import ValidationError

from grader.core.answers.graph import Graph, read

GRAPH = Graph.model_validate(
    {
        "inputs": {"x": 2, "y": -1, "z": 3},
        "nodes": {"a": "x * y", "b": "max(y, z)", "c": "a + b", "d": "c * x", "e": "-d", "f": "0.5 * e"},
        "output": "f",
    }
)
# values a -2, b 3, c 1, d 2, e -2, f -1; gradients e 0.5, d -0.5, c -1, b -1, a -1, z -1, y -2, x 0.5
VALUES = {"x": 2, "y": -1, "z": 3, "a": -2, "b": 3, "c": 1, "d": 2, "e": -2, "f": -1}
GRADIENTS = {"x": 0.5, "y": -2, "z": -1, "a": -1, "b": -1, "c": -1, "d": -0.5, "e": 0.5, "f": 1}


def table(header="| node | value | gradient |", **changed):
    """Markdown; `changed`: `a=(1, 2)` for another value and gradient, None for the right ones."""
    rows = []
    for name in VALUES:
        value, gradient = changed.get(name, (None, None))
        value = VALUES[name] if value is None else value
        gradient = GRADIENTS[name] if gradient is None else gradient
        rows.append(f"| {name} | {value} | {gradient} |")
    return "\n".join([header, "| --- | --- | --- |", *rows])


def wrong(text, graph=GRAPH):
    cells = {name: it for name, it in read(graph, text).items() if name.startswith(("value-", "gradient-"))}
    return {name: it.reason for name, it in cells.items() if it.value is False}


def unread(text, graph=GRAPH):
    cells = {name: it for name, it in read(graph, text).items() if name.startswith(("value-", "gradient-"))}
    return {name for name, it in cells.items() if it.value is None}


HTML = "<table border='1'><thead><tr><th></th><th>value</th><th>gradient</th></tr></thead><tbody>{}</tbody></table>"
LATEX = "\\begin{tabular}{lrr} node & value & gradient \\\\ \\hline\n%s\\end{tabular}"
RIGHT = {
    "markdown": table(),
    "columns the other way round": "| gradient | node | value |\n|---|---|---|\n"
    + "\n".join(f"| {GRADIENTS[it]} | {it} | {VALUES[it]} |" for it in VALUES),
    "ukrainian": table("| Вузол | Значення (вперед) | Градієнт |"),
    "hebrew": table("| צומת | הערך | גרדיאנט |"),
    "georgian": table("| კვანძი | მნიშვნელობა | გრადიენტი |"),
    "transposed": "| | " + " | ".join(VALUES) + " |\n|" + "---|" * 10 + "\n| forward | "
    + " | ".join(map(str, VALUES.values())) + " |\n| df/dx | " + " | ".join(map(str, GRADIENTS.values())) + " |",
    "html": HTML.format("".join(f"<tr><th>{it}</th><td>{VALUES[it]}</td><td>{GRADIENTS[it]}</td></tr>" for it in VALUES)),
    "latex": LATEX % "".join(f"${it}$ & ${VALUES[it]}$ & ${GRADIENTS[it]}$ \\\\\n" for it in VALUES),
    "csv": "node,value,grad\n" + "\n".join(f"{it},{VALUES[it]},{GRADIENTS[it]}" for it in VALUES),
    "csv, commas": "node;value;grad\n"
    + "\n".join(f"{it};{VALUES[it]};{GRADIENTS[it]}".replace(".", ",") for it in VALUES),
    "tabs": "node\tvalue\tgradient\n" + "\n".join(f"{it}\t{VALUES[it]}\t{GRADIENTS[it]}" for it in VALUES),
    "a PDF's text": "node gradient value\n" + "\n".join(f"{it} {GRADIENTS[it]} {VALUES[it]}" for it in VALUES),
    "no header": "\n".join(f"{it} {VALUES[it]} {GRADIENTS[it]}" for it in VALUES),
    "no header, gradients first": "\n".join(f"{it} {GRADIENTS[it]} {VALUES[it]}" for it in VALUES),
    "json": "```json\n{"
    + ", ".join(f'"{it}": {{"value": {VALUES[it]}, "gradient": {GRADIENTS[it]}}}' for it in VALUES) + "}\n```",
    "json, pairs": "{" + ", ".join(f'"{it}": [{VALUES[it]}, {GRADIENTS[it]}]' for it in VALUES) + "}",
    "json, two maps": str({"values": VALUES, "gradients": GRADIENTS}).replace("'", '"'),
    "lines": "\n".join(f"{it}: {VALUES[it]}, grad {GRADIENTS[it]}" for it in VALUES),
    "equations": ", ".join(f"{it} = {VALUES[it]}" for it in VALUES) + "\n"
    + "\n".join(f"df/d{it} = {GRADIENTS[it]}" for it in VALUES),
    "partial": "\n".join(f"- ${it} = {VALUES[it]}$" for it in VALUES) + "\n"
    + "\n".join(f"- $\\frac{{\\partial f}}{{\\partial {it}}} = 1 \\cdot {GRADIENTS[it]} = {GRADIENTS[it]}$" for it in VALUES),
    "sections": "Forward pass:\n" + "\n".join(f"{it} = {VALUES[it]}" for it in VALUES) + "\nЗворотний прохід (градієнти):\n"
    + "\n".join(f"{it} = {GRADIENTS[it]}" for it in VALUES),
    "attributes": "\n".join(f"{it}.value = {VALUES[it]}\n{it}.grad = {GRADIENTS[it]}" for it in VALUES),
    "minus signs": table().replace("-1", "−1").replace("-2", "–2"),
    "look-alikes": table().replace("| a |", "| а |").replace("| x |", "| х |").replace("| c |", "| с |"),
    "fractions": table().replace("0.5", "1/2").replace("-1/2", "\\frac{-1}{2}"),
    "one decimal comma": table().replace("| 0.5 |", "| 0,5 |", 1),
    "bold and LaTeX": table().replace("| 3 |", "| **3** |").replace("| 1 |", "| $1$ |"),
    "expressions for names": table().replace("| a |", "| x·y |").replace("| c |", "| $c = a + b$ |"),
    "two tables": "\n".join(["| node | value |", "|---|---|", *(f"| {it} | {VALUES[it]} |" for it in VALUES)]) + "\n\nThen\n\n"
    + "\n".join(["| node | backward |", "|---|---|", *(f"| {it} | {GRADIENTS[it]} |" for it in VALUES)]),
    "all in one line": "Forward: " + ", ".join(f"{it} = {VALUES[it]}" for it in VALUES) + ". Backward: "
    + ", ".join(f"df/d{it} = {GRADIENTS[it]}" for it in VALUES),
    "attributes in one line": ", ".join(f"{it}.data = {VALUES[it]}, {it}.grad = {GRADIENTS[it]}" for it in VALUES),
    "pairs in one line": "; ".join(f"{it}={VALUES[it]} (grad {GRADIENTS[it]})" for it in VALUES),
    "dictionaries": f"forward\n{VALUES}\nbackward\n{GRADIENTS}",
    "local derivatives before": "da/dx = -1, da/dy = 2, dc/da = 1, dd/dc = 2, dd/dx = 1\n"
    + ", ".join(f"{it} = {VALUES[it]}" for it in VALUES) + "\n" + "\n".join(f"df/d{it} = {GRADIENTS[it]}" for it in VALUES),
    "chain rule": ", ".join(f"{it} = {VALUES[it]}" for it in VALUES) + "\n"
    + "\n".join(f"df/d{it} = df/df * df/d{it} = {GRADIENTS[it]} (as f goes on)" for it in VALUES),
    "aligned": "\\begin{align*}\n" + "\n".join(
        rf"{it} &= {VALUES[it]} & \frac{{\partial f}}{{\partial {it}}} &= {GRADIENTS[it]}\\" for it in VALUES) + "\n\\end{align*}",
    "in one formula": "$" + r",\; ".join(rf"{it} \approx {VALUES[it]}" for it in VALUES) + "$\n\n"
    + ", ".join(rf"$\frac{{\partial f}}{{\partial {it}}}={GRADIENTS[it]}$" for it in VALUES),
    "listed": "values: " + ", ".join(f"{it} {VALUES[it]}" for it in VALUES) + "\ngradients: "
    + ", ".join(f"{it} {GRADIENTS[it]}" for it in VALUES),
    "local gradients beside": "| node | value | local gradient | upstream gradient | gradient |\n|---|---|---|---|---|\n"
    + "\n".join(f"| {it} | {VALUES[it]} | 77 | 88 | {GRADIENTS[it]} |" for it in VALUES),
}  # fmt: skip


@pytest.mark.parametrize("form", RIGHT)
def test_a_right_answer_is_right_however_it_is_written(form):
    found = read(GRAPH, RIGHT[form])
    assert {name: it.reason for name, it in found.items() if it.value is None} == {}
    assert wrong(RIGHT[form]) == {}
    assert found["values"].value and found["gradients"].value and found["slips-1"].value is False


@pytest.mark.parametrize(
    "changed, cell, said",
    [
        ({"e": (2, None), "f": (1, None)}, "value-e", "the sign is wrong"),
        ({"a": (1, None), "c": (4, None), "d": (8, None), "e": (-8, None), "f": (-4, 1), "x": (None, -1)},
         "value-a", "added instead"),
        ({"d": (None, 0.5), "c": (None, 1), "a": (None, 1), "b": (None, 1), "z": (None, 1), "y": (None, 2), "x": (None, -0.5)},
         "gradient-d", "the sign is wrong"),
        ({"x": (None, 1)}, "gradient-x", "only one of the two paths counts, through a"),
        ({"b": (-1, None), "c": (-3, None), "d": (-6, None), "e": (6, None), "f": (3, 1), "x": (None, 2.5),
          "y": (None, -3), "z": (None, 0)}, "value-b", "min instead of max"),
        ({"e": (None, "1.0"), "d": (None, -1), "c": (None, -2), "a": (None, -2), "b": (None, -2), "z": (None, -2), "y": (None, -4),
          "x": (None, 1)}, "gradient-e", "the local derivative of f is missing"),
    ],
)  # fmt: skip
def test_one_slip_costs_one_cell_and_is_named(changed, cell, said):
    """What was computed from a slip is right."""
    found = wrong(table(**changed))
    assert list(found) == [cell]
    assert said in found[cell]
    assert read(GRAPH, table(**changed))["slips-1"].value is True
    assert read(GRAPH, table(**changed))["slips-2"].value is False


def test_a_number_copied_wrongly_costs_itself_alone():
    """Who went on with the right one is right."""
    assert list(wrong(table(c=(7, None)))) == ["value-c"]


def test_an_input_copied_wrongly_costs_itself_alone():
    assert list(
        wrong(table(z=(5, None), b=(5, None), c=(3, None), d=(6, None), e=(-6, None), f=(-3, None), x=(None, -0.5)))
    ) == ["value-z"]


def test_the_local_derivative_may_be_taken_from_the_own_output():
    """s (1 - s) of one's own wrong s, and of the right input, are both right."""
    graph = Graph.model_validate(
        {"inputs": {"x": 1.0}, "nodes": {"s": "sigmoid(x)", "r": "3 * s"}, "output": "r"}  # s 0.7311
    )
    text = "| node | value | gradient |\n|---|---|---|\n| x | 1 | {} |\n| s | 0.60 | 3 |\n| r | 1.80 | 1 |"
    assert list(wrong(text.format("0.72"), graph)) == ["value-s"]
    assert list(wrong(text.format("0.59"), graph)) == ["value-s"]
    assert set(wrong(text.format("0.44"), graph)) == {"gradient-x", "value-s"}


@pytest.mark.parametrize("rounded", ["0.73", "0.731", "0.7311", "0,73", "≈ 0.73", "0.74"])
def test_rounding_is_right(rounded):
    graph = Graph.model_validate({"inputs": {"x": 1.0}, "nodes": {"s": "sigmoid(x)"}, "output": "s"})
    assert read(graph, f"| node | value |\n|---|---|\n| s | {rounded} |")["value-s"].value is True


def test_rounding_more_coarsely_than_asked_is_for_a_ta():
    graph = Graph.model_validate({"inputs": {"x": 1.0}, "nodes": {"s": "sigmoid(x)", "t": "10*s"}, "output": "t"})
    found = read(graph, "| node | value |\n|---|---|\n| s | 0.7 |\n| t | 7.31 |")
    assert (found["value-s"].value, found["value-t"].value) == (None, True)
    assert "more coarsely" in found["value-s"].reason
    assert read(graph, "| node | value |\n|---|---|\n| s | 0.4 |\n| t | 4 |")["value-s"].value is False


def test_an_empty_cell_of_a_filled_table_is_wrong():
    text = table().replace("| c | 1 | -1 |", "| c | 1 | |")
    assert list(wrong(text)) == ["gradient-c"] and "left empty" in wrong(text)["gradient-c"]


def test_a_local_derivative_is_not_taken_for_the_gradient():
    lines = [*(f"{it} = {VALUES[it]}" for it in VALUES), "da/dx = 7", "dc/da = 9"]
    assert read(GRAPH, "\n".join(lines))["gradient-x"].value is None


@pytest.mark.parametrize(
    "text",
    [
        "| node | value | gradient |\n|---|---|---|\n| a | -2 | |\n| b | | |\n| c | | |",  # most of it is empty
        "See the picture: ![graph](attachment:a.png)\n\n" + table().replace("| c | 1 | -1 |", "| c | 1 | |"),
        "\n".join(line for line in table().split("\n") if not line.startswith("| c")),  # no row
        table().replace("| c | 1 | -1 |", "| c | 1 | as above |"),
        table().replace("| c | 1 | -1 |", "| c | 1 | 1,5 or -1.5 |"),
        table() + "\n\nCorrection: see below\n\n| node | gradient |\n|---|---|\n| c | 7 |\n| b | -1 |",  # two of them
        table().replace("| c | 1 | -1 |", "| c | 1 | [1, 2] |"),
        table().replace("| c | 1 | -1 |", "| c | 1,024 | -1 |"),
        "I computed everything on paper.",
        "a 6 b 7 8 9",
        "",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_unread_and_never_wrong(text):
    assert wrong(text) == {}
    assert unread(text)


def test_what_rests_on_something_unreadable_is_not_wrong():
    text = table(d=(50, None), e=(-50, None), f=(-25, 1)).replace("| c | 1 | -1 |", "| c | (smudge) | -1 |")
    assert "value-d" in unread(text) and "value-e" not in unread(text) and wrong(text) == {}


def test_columns_that_nobody_named_are_no_reason_for_a_deduction():
    assert wrong("\n".join(f"{it} {index} {index + 5}" for index, it in enumerate(VALUES, 3))) == {}


def test_vectors():
    graph = Graph.model_validate(
        {"inputs": {"w": [1, -2], "x": [3, 4]}, "nodes": {"p": "w * x", "s": "sum(p)", "y": "s**2"}, "output": "y"}
    )
    rows = ["| w | [1, -2] | {} |", "| x | [3; 4] | $\\begin{{bmatrix}} -10 \\\\ 20 \\end{{bmatrix}}$ |",
            "| p | (3, -8) | [-10 -10] |",
            "| s | -5 | -10 |", "| y | 25 | 1 |"]  # fmt: skip
    text = "\n".join(["| node | value | gradient |", "|---|---|---|", *rows])
    assert wrong(text.format("[-30, -40]"), graph) == {} and not unread(text.format("[-30, -40]"), graph)
    assert list(wrong(text.format("[-30, 40]"), graph)) == ["gradient-w"]
    assert "[-30, -40] follows" in wrong(text.format("[-30, 40]"), graph)["gradient-w"]
    assert list(wrong(text.format("[-10, 20]"), graph)) == ["gradient-w"]
    assert "passes on to x" in wrong(text.format("[-10, 20]"), graph)["gradient-w"]


def test_at_a_kink_either_side_is_right():
    graph = Graph.model_validate({"inputs": {"x": 0.0}, "nodes": {"r": "relu(x)", "y": "5 * r"}, "output": "y"})
    for gradient in (0, 5):
        assert wrong(f"x = 0\nr = 0\ny = 0\ndy/dr = 5\ndy/dx = {gradient}", graph) == {}


def test_only_what_is_asked_is_judged_and_own_words_are_known():
    graph = Graph.model_validate(
        {"inputs": {"x": 2}, "nodes": {"a": "3 * x", "b": "a + 1"}, "output": "b", "values": ["b"], "gradients": ["x"],
         "labels": {"b": ["wynik"]}, "headers": {"value": ["wartość"], "gradient": ["pochodna cząstkowa"]}}
    )  # fmt: skip
    assert set(graph.names) == {
        "value-x", "value-b", "gradient-b", "gradient-x", "values", "gradients", "slips-1", "slips-2", "slips-3", "slips-4",
    }  # fmt: skip
    found = read(graph, "| węzeł | wartość | pochodna cząstkowa |\n|---|---|---|\n| wynik | 7 | 1 |\n| x | 2 | 3 |")
    assert found["values"].value and found["gradients"].value


@pytest.mark.parametrize(
    "change, said",
    [
        ({"nodes": {"a": "x + q"}, "output": "a"}, "q: used by a node"),
        ({"nodes": {"a": "x +"}, "output": "a"}, "no expression"),
        ({"output": "nothing"}, "no node 'nothing'"),
        ({"output": "x"}, "no node 'x'"),
        ({"inputs": {"x": 1, "a": 2}}, "declared as an input and as a node"),
        ({"nodes": {"a": "log(x - 5)"}, "output": "a"}, "finite"),
        ({"inputs": {"x": [1, 2]}}, "must be a scalar"),
        ({"inputs": {"x": [1, 2], "y": [1, 2, 3]}, "nodes": {"a": "sum(x + y)"}}, "cannot be computed"),
        ({"nodes": {"a": "2 * x", "x_1": "a", "x1": "a"}}, "stands for"),
        ({"labels": {"a": ["x"]}}, "stands for"),
        ({"nodes": {"a": "2 * b", "b": "a + x"}}, "use each other"),
        ({"values": ["k"]}, "no node 'k'"),
    ],
)
def test_a_graph_that_makes_no_sense_is_refused_with_a_reason(change, said):
    with pytest.raises(ValidationError, match=said):
        Graph.model_validate({"inputs": {"x": 1}, "nodes": {"a": "2 * x"}, "output": "a"} | change)


def test_the_order_of_the_declaration_does_not_matter():
    """A database that stores it as JSON keeps no order."""
    turned = GRAPH.model_dump()
    turned["nodes"] = dict(reversed(turned["nodes"].items()))
    assert wrong(table(), Graph.model_validate(turned)) == {}


def test_items_are_suggested(question_of, ask_of):
    question = question_of(
        "    graph: {inputs: {x: 2, y: 5}, nodes: {p: x * y, q: p + x}, output: q}",
        items="[{id: first, points: -0.5, label: One number is wrong, when: slips-1}, "
        "{id: x-gradient, points: -0.5, label: The gradient of x, when: {not: gradient-x}}]",
    )
    ask = ask_of(question)
    right = {"p": {"value": 10, "gradient": 1}, "q": [12, 1], "x": {"gradient": 6}, "y": {"gradient": 2}}
    for text in (str(right).replace("'", '"'), '{"p": [10, 1], "q": [12, 1], "x": [2, 6], "y": [5, 2]}'):
        assert {it.suggested for it in ask(text).values()} == {"clear"}, text
    slipped = ask(
        "| node | value | gradient |\n|---|---|---|\n| p | 10 | 1 |\n| q | 12 | 1 |\n| x | 2 | 5 |\n| y | 5 | 2 |"
    )
    assert {it.suggested for it in slipped.values()} == {"deduct"}
    assert "only one of the two paths" in slipped["x-gradient"].reason
    assert slipped["x-gradient"].evidence == ("| x | 2 | 5 |",)
    assert {it.suggested for it in ask("It is in the attached drawing.").values()} == {"unknown"}


def test_numbers_behind_very_long_words_are_read():
    assert not wrong("a_" * 4_900 + " = 1") and not wrong("a" * 9_900 + " = 1")
    assert "value-c" not in unread("so we find " + "much " * 500 + "\nc = 1")
