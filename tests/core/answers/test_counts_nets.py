"""Counts of random nets, against torch: however they are written they are right, and one slip costs one step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.core.answers.counts import Counts, read

NAMES = {"en": "layer {}", "uk": "шар {}", "he": "שכבה {}"}
TOTALS = {"en": "In total", "uk": "Разом", "he": 'סה"כ'}
UNITS = {"en": "parameters", "uk": "параметрів", "he": "פרמטרים"}
SIGNS = ("*", "·", "×", "x", "х", " x ", " * ", " × ", r" \cdot ", r" \times ", "⋅")
GROUPS = ("", ",", ".", " ", "\u202f", "{,}", "'")


@dataclass(frozen=True)
class Net:
    """Convolutions: kernel, channels in, channels out."""

    layers: tuple[tuple[int, int, int], ...]

    def sizes(self) -> list[int]:
        """Parameters of every layer, as torch counts them."""
        modules = [torch.nn.Conv2d(into, out, kernel, device="meta") for kernel, into, out in self.layers]
        return [sum(parameter.numel() for parameter in module.parameters()) for module in modules]

    def declared(self) -> Counts:
        names = [f"l{number}" for number in range(1, len(self.layers) + 1)]
        steps: dict[str, object] = {
            name: {
                "is": f"(k{number}^2*n{number - 1} + 1) * n{number}",
                "says": f"parameters of layer {number}",
                "named": [form.format(number) for form in NAMES.values()],
            }
            for number, name in enumerate(names, 1)
        }
        steps["total"] = {
            "is": " + ".join(names), "says": "parameters in all", "named": [*(one.lower() for one in TOTALS.values()), "total"],
        }  # fmt: skip
        values = {f"k{number}": kernel for number, (kernel, _, _) in enumerate(self.layers, 1)}
        values |= {"n0": self.layers[0][1]} | {f"n{number}": out for number, (*_, out) in enumerate(self.layers, 1)}
        return Counts.model_validate({"values": values, "units": list(UNITS.values()), "steps": steps})


@st.composite
def nets(draw: st.DrawFn) -> Net:
    channels = draw(st.lists(st.integers(2, 600), min_size=3, max_size=5, unique=True))
    kernels = [draw(st.sampled_from([1, 3, 5, 7, 11])) for _ in channels[1:]]
    net = Net(tuple(zip(kernels, channels, channels[1:], strict=False)))
    assume(len(set(net.sizes())) == len(net.layers) and min(net.sizes()) > 12)
    return net


@dataclass(frozen=True)
class Style:
    """How somebody writes: language, multiplication sign, thousands, how much is worked out, brackets of formulas."""

    language: str
    sign: str
    group: str
    form: str
    math: str
    summed: bool

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.group) if value >= 1000 else str(value)

    def layer(self, number: int, kernel: int, into: int, out: int, result: int) -> str:
        s, shown = self.sign, self.number(result)
        weights = kernel * kernel * into + 1
        body = {
            "whole": f"({kernel}{s}{kernel}{s}{into} + 1){s}{out} = {shown}",
            "power": f"({kernel}^2{s}{into}+1){s}{out} = {weights}{s}{out} = {shown}",
            "steps": f"{kernel}{s}{kernel}{s}{into} + 1 = {weights}, {weights}{s}{out} = {shown}",
            "split": f"{kernel}{s}{kernel}{s}{into}{s}{out} + {out} = {shown}",
            "bare": shown,
        }[self.form]
        body = self.math.format(body) + f" {UNITS[self.language]}"
        return f"{NAMES[self.language].format(number)}: {body}"

    def total(self, sizes: list[int], result: int) -> str:
        terms = " + ".join(self.number(size) for size in sizes)
        body = f"{terms} = {self.number(result)}" if self.summed else self.number(result)
        return f"{TOTALS[self.language]}: {self.math.format(body)}"

    def write(self, net: Net, sizes: list[int], total: int) -> str:
        lines = [
            self.layer(number, *layer, size)
            for number, (layer, size) in enumerate(zip(net.layers, sizes, strict=True), 1)
        ]
        return "\n".join([*lines, self.total(sizes, total)])


styles = st.builds(
    Style, st.sampled_from(list(NAMES)), st.sampled_from(SIGNS), st.sampled_from(GROUPS),
    st.sampled_from(["whole", "power", "steps", "split", "bare"]), st.sampled_from(["{}", "${}$", "$${}$$", "**{}**", r"\({}\)"]),
    st.booleans(),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(nets(), styles)
def test_right_counts_are_right_however_they_are_written(net: Net, style: Style) -> None:
    sizes = net.sizes()
    answer = style.write(net, sizes, sum(sizes))
    found = read(net.declared(), answer)
    assert {name: finding.value for name, finding in found.items()} == dict.fromkeys(found, True), answer
    assert all(quote in answer for finding in found.values() for quote in finding.quotes)


@settings(max_examples=100, deadline=None)
@given(nets(), styles, st.data())
def test_a_slip_costs_its_step_alone(net: Net, style: Style, data: st.DataObject) -> None:
    sizes = net.sizes()
    slipped = data.draw(st.integers(0, len(sizes) - 1))
    wrong = sizes[slipped] + data.draw(st.sampled_from([-100, -10, -1, 1, 9, 10, 90, 100, 1000]))
    declared = net.declared()
    apart = {*sizes, *(out for *_, out in net.layers), *(k * k * n + 1 for k, n, _ in net.layers)}
    assume(wrong > 12 and wrong not in apart and not _on_the_way(net, wrong))
    given_sizes = [*sizes[:slipped], wrong, *sizes[slipped + 1 :]]
    answer = style.write(net, given_sizes, sum(given_sizes))
    found = read(declared, answer)
    expected = {name: name != f"l{slipped + 1}" for name in found}
    assert {name: finding.value for name, finding in found.items()} == expected, answer
    reason = found[f"l{slipped + 1}"].reason
    assert (
        f"{wrong:,}" in reason or " ".join(style.number(wrong).split()) in reason
    ) and f"{sizes[slipped]:,}" in reason


def _on_the_way(net: Net, value: int) -> bool:
    """Whether somebody may meet the value while counting rightly."""
    parts = {
        math.prod(some)
        for k, n, m in net.layers
        for some in ([k, k], [k, n], [k, k, n], [k, m], [n, m], [k, k, m], [k, n, m], [k, k, n, m])
    }
    return value in parts


@settings(max_examples=60, deadline=None)
@given(nets(), styles, st.data())
def test_a_false_equality_elsewhere_is_quoted(net: Net, style: Style, data: st.DataObject) -> None:
    """It costs no step, and is said with the right value."""
    sizes = net.sizes()
    a, b = data.draw(st.integers(13, 99)), data.draw(st.integers(13, 99))
    wrong = a * b + data.draw(st.integers(1, 9))
    assume(not {a * b, wrong} & {*sizes, sum(sizes)} and not _on_the_way(net, a * b))
    answer = f"{a}{style.sign}{b} = {wrong}.\n\n" + style.write(net, sizes, sum(sizes))
    found = read(net.declared(), answer)
    assert all(finding.value for name, finding in found.items() if name != "equalities"), answer
    assert found["equalities"].value is False
    assert found["equalities"].reason.endswith(f"is {a * b:,}")


_PROSE = """the a net image kernel has uses more than about because epochs stride padding filters channels accuracy loss
    згортка має карт ознак менше що רשת יש יותר לא"""
_WORDS = st.sampled_from(_PROSE.split())
_FIGURES = st.one_of(
    st.integers(0, 2_000_000).map(str), st.floats(0, 100).map(lambda value: f"{value:.2f}"),
    st.integers(1000, 10**7).map(lambda value: f"{value:,}"),
    st.sampled_from(["3x3", "7 x 7", "28*28", "32×32×3", "1/2", "20%", "2^5"]),
)  # fmt: skip
_SIGNS = st.sampled_from(["=", ":", ",", ".", "\n", "-", "+", "(", ")", "→", "*", "~", "<"])


prose = st.lists(st.one_of(_WORDS, _FIGURES, _SIGNS), max_size=40).map(" ".join)


@settings(max_examples=120, deadline=None)
@given(prose)
def test_prose_with_numbers_never_costs_a_step_that_it_does_not_name(said: str) -> None:
    net = Net(((3, 3, 100), (3, 100, 200), (3, 200, 400)))
    found = read(net.declared(), said)
    assert not [name for name, finding in found.items() if name != "equalities" and finding.value is False], said


@settings(max_examples=80, deadline=None)
@given(nets(), styles, prose, prose)
def test_prose_with_numbers_around_right_counts_takes_nothing_away(
    net: Net, style: Style, before: str, after: str
) -> None:
    sizes = net.sizes()
    answer = f"We think: {before} .\n\n{style.write(net, sizes, sum(sizes))}\n\nNote that {after}"
    found = read(net.declared(), answer)
    assert all(finding.value for name, finding in found.items() if name != "equalities"), answer


@settings(max_examples=120, deadline=None)
@given(st.text(alphabet="0123456789 .,=+-*x×^{}()[]_\\/$%\nабבlayr²", max_size=120))
def test_nothing_that_is_written_stops_the_reading(text: str) -> None:
    found = read(Net(((3, 3, 100), (3, 100, 200))).declared(), text)
    assert all(quote in text for finding in found.values() for quote in finding.quotes)


@pytest.mark.parametrize(
    "text", ["(" * 4000, "2^" * 3000 + "2", "9" * 5000 + "=1", "1+" * 4000, "3{" * 2000, "1=" * 3000 + "1"]
)
def test_hostile_lengths_are_read_or_left(text: str) -> None:
    assert "total" in read(Net(((3, 3, 100), (3, 100, 200))).declared(), text)
