"""`network`: a whole net as a student's class: its parameters, its loss and gradients, its scores at test time.

The net is built by its constructor, its parameters are overwritten with drawn ones, and what it then computes is compared
with the reference net. Editions name the constructor's arguments differently; what it takes is looked up first.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from grader.core.calls import Call, Put, Ref, Request, Take
from grader.core.checks.calling import FETCH_FLOAT64, FLOAT64, single
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, find
from grader.core.checks.masks import judge_dropout
from grader.core.checks.outputs import Trial, judge
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, not_implemented

NET = Ref("net", ("return",))
SECONDS = 20.0

Feature = Literal["initialization", "plain", "batchnorm", "layernorm", "dropout"]


class Network(FunctionDeclaration):
    """`feature` is what is switched on; `shape` is how the constructor is called."""

    of: str
    feature: Feature = "plain"
    shape: Literal["fully-connected", "three-layer-conv"] = "fully-connected"
    variable: str = "dropout_p"
    rtol: float = 1e-6


@dataclass(frozen=True)
class Build:
    """One net: constructor arguments, the shapes of its parameters and of its input."""

    on: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    input_shape: tuple[int, ...]
    classes: int
    reg: float = 0.0
    normalization: str | None = None
    batch: int = 5


def run(declaration: Network, context: Context) -> Run:
    absent, parameters = yield from find(declaration)
    if absent is not None:
        return absent
    without = _lacks(declaration, parameters)
    if without is not None:
        return without
    if declaration.feature == "dropout":
        return (yield from _dropout(declaration, context, parameters))
    trials: list[Trial] = []
    produced: list[tuple[Build, Mapping[str, np.ndarray], np.ndarray, np.ndarray]] = []
    for index, build in enumerate(_builds(declaration, parameters)):
        stopped, used = yield from _built(declaration, context, build, index)
        if stopped is not None:
            return stopped
        if declaration.feature == "initialization":
            return _judge_initialization(declaration, build, used)
        new, inputs = yield from _trials(declaration, context, build, used, index)
        trials += new
        produced += [(build, used, *inputs)] * len(new)
        if any(trial.stopped is not None for trial in new):
            break

    def produce(mistake: Any, index: int) -> dict[str, Any] | None:
        if mistake.forward is None:
            return None
        build, params, x, y = produced[index]
        return _expected(context.reference, build, params, x, y, trials[index].observed, mistake.forward)

    judgement = judge(declaration.name, trials, context.reference.mistakes, produce, declaration.rtol, partly=False)
    return judgement if declaration.feature == "plain" else _once(declaration, context, judgement)


def _once(declaration: Network, context: Context, judgement: Judgement) -> Judgement:
    """A mistake that the plain net shows as well is counted there, not for every feature again."""
    for mistake in context.reference.mistakes:
        if mistake.id == judgement.mistake and mistake.part == "network":
            text = f"{declaration.name} with {declaration.feature} has no other slip than the plain net has."
            remark = f"It looks as if {mistake.label}; that is counted in the plain net."
            return Judgement(Status.PASS, text, remarks=(*judgement.remarks, remark))
    return judgement


def _lacks(declaration: Network, parameters: Sequence[str]) -> Judgement | None:
    """A constructor that does not take what the feature needs has not got the feature."""
    if "kwargs" in parameters:
        return None
    wanted: dict[str, tuple[str, ...]] = {
        "batchnorm": ("normalization", "use_batchnorm"),
        "layernorm": ("normalization",),
        "dropout": ("dropout_keep_ratio", "dropout"),
    }
    names = wanted.get(declaration.feature, ())
    if names and not any(name in parameters for name in names):
        return not_implemented(
            declaration.name, f"its constructor takes no {' or '.join(names)}, so it has no {declaration.feature}"
        )
    return None


def _builds(declaration: Network, parameters: Sequence[str]) -> list[Build]:
    common = {"dtype": FLOAT64} if "dtype" in parameters or "kwargs" in parameters else {}
    if declaration.feature == "initialization":
        return [_initial_build(declaration, common)]
    regs = (0.0, 0.7)
    if declaration.shape == "three-layer-conv":
        return [
            _conv(common, (3, 8, 8), filters=4, size=3, hidden=7, classes=5, reg=regs[0]),
            _conv(common, (2, 6, 6), filters=3, size=5, hidden=6, classes=4, reg=regs[1]),
        ]
    norm = _normalization(declaration.feature, parameters)
    return [
        _dense(common | norm, 7, (6, 5), 4, regs[0], declaration.feature),
        _dense(common | norm, 5, (4, 6, 3), 3, regs[1], declaration.feature),
    ]


def _normalization(feature: str, parameters: Sequence[str]) -> dict[str, Any]:
    if feature not in ("batchnorm", "layernorm"):
        return {}
    return (
        {"use_batchnorm": True}
        if "normalization" not in parameters and "use_batchnorm" in parameters
        else {"normalization": feature}
    )


def _dense(
    kwargs: dict[str, Any], inputs: int, hidden: tuple[int, ...], classes: int, reg: float, feature: str
) -> Build:
    sizes = (inputs, *hidden, classes)
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), 1):
        shapes |= {f"W{layer}": (fan_in, fan_out), f"b{layer}": (fan_out,)}
        if feature in ("batchnorm", "layernorm") and layer < len(sizes) - 1:
            shapes |= {f"gamma{layer}": (fan_out,), f"beta{layer}": (fan_out,)}
    return Build(
        on=f"with hidden layers {list(hidden)}" + _settings_text(feature, reg),
        args=(list(hidden),),
        kwargs={"input_dim": inputs, "num_classes": classes, "reg": reg, "weight_scale": 0.05, **kwargs},
        shapes=shapes,
        input_shape=(inputs,),
        classes=classes,
        reg=reg,
        normalization=feature if feature in ("batchnorm", "layernorm") else None,
    )


def _settings_text(feature: str, reg: float) -> str:
    extra = f", {feature}" if feature != "plain" else ""
    return f"{extra}, reg {reg:g}"


def _conv(
    kwargs: dict[str, Any], inputs: tuple[int, int, int], filters: int, size: int, hidden: int, classes: int, reg: float
) -> Build:
    channels, height, width = inputs
    pooled = filters * (height // 2) * (width // 2)
    return Build(
        on=f"with input {inputs}, {filters} filters of size {size}, {hidden} hidden units, reg {reg:g}",
        args=(),
        kwargs={
            "input_dim": inputs, "num_filters": filters, "filter_size": size, "hidden_dim": hidden,
            "num_classes": classes, "reg": reg, **kwargs,
        },
        shapes={
            "W1": (filters, channels, size, size), "b1": (filters,), "W2": (pooled, hidden), "b2": (hidden,),
            "W3": (hidden, classes), "b3": (classes,),
        },
        input_shape=inputs,
        classes=classes,
        reg=reg,
        batch=3,
    )  # fmt: skip


def _initial_build(declaration: Network, common: dict[str, Any]) -> Build:
    """Large enough that a standard deviation can be told."""
    scale = {"weight_scale": 0.03}
    if declaration.shape == "three-layer-conv":
        return _conv(common | scale, (3, 8, 8), filters=32, size=5, hidden=50, classes=40, reg=0.0)
    return _dense(common | scale, 60, (50, 40), 30, 0.0, "plain")


def _built(
    declaration: Network, context: Context, build: Build, index: int
) -> Generator[Request, Reply, tuple[Judgement | None, dict[str, np.ndarray]]]:
    """Builds the net and overwrites its parameters; the parameters now in it, or why that was not possible."""
    if "dtype" in build.kwargs:
        yield FETCH_FLOAT64
    request = Call(declaration.function, build.args, build.kwargs, "net", (), context.seed + index, SECONDS)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds, build.on)
    if stopped is not None:
        return stopped, {}
    reply = yield Take(NET, (("params",),))
    found = reply.values[0] if reply.values else None
    shapes = {name: np.shape(value) for name, value in found.items()} if isinstance(found, dict) else {}
    if not shapes:
        return not_implemented(declaration.name, "it has no parameters in `params` after it was built"), {}
    wrong = _misnamed(declaration.name, build, shapes)
    if wrong is not None:
        return wrong, {}
    if declaration.feature == "initialization":
        return None, {name: np.asarray(found[name]) for name in build.shapes}
    drawn = draw_parameters(build.shapes, np.random.default_rng(context.seed + 10 + index))
    for name, value in drawn.items():
        reply = yield Put(Ref("net", ("return", "params", name)), value)
        stopped = from_reply(reply, declaration.name, 10.0, build.on)
        if stopped is not None:
            return stopped, {}
    return None, drawn


def _misnamed(function: str, build: Build, shapes: Mapping[str, tuple[int, ...]]) -> Judgement | None:
    """A fail when parameters are absent, or have other shapes, than the assignment names."""
    absent = sorted(set(build.shapes) - set(shapes))
    if absent:
        shown = ", ".join(sorted(shapes)[:12])
        zero = any(name.endswith("0") for name in shapes)
        text = f"{function} has no parameter {', '.join(absent)} in `params` {build.on}; it has {shown}."
        text += " The assignment counts layers from 1." if zero else ""
        return Judgement(
            Status.FAIL, text, mistake="parameters-named-otherwise" if len(shapes) >= len(build.shapes) else None
        )
    for name, shape in build.shapes.items():
        if tuple(shapes[name]) != shape:
            return Judgement(
                Status.FAIL, f"{name} of {function} has shape {tuple(shapes[name])} instead of {shape} {build.on}."
            )
    return None


def draw_parameters(shapes: Mapping[str, tuple[int, ...]], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Weights that neither saturate nor vanish, gammas around 1, offsets that are not zero."""
    drawn = {}
    for name, shape in shapes.items():
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        if name.startswith("W"):
            drawn[name] = rng.normal(size=shape) * (1.4 / np.sqrt(fan_in))
        elif name.startswith("gamma"):
            drawn[name] = rng.uniform(0.6, 1.5, size=shape)
        else:
            drawn[name] = rng.normal(size=shape) * 0.3
    return {name: single(value) for name, value in drawn.items()}


def _judge_initialization(declaration: Network, build: Build, params: Mapping[str, np.ndarray]) -> Judgement:
    """Weights of standard deviation `weight_scale` around zero, biases zero (assignment's own words)."""
    scale = build.kwargs["weight_scale"]
    for name, value in params.items():
        if name.startswith("b") and np.any(value != 0):
            return Judgement(Status.FAIL, f"{name} of {declaration.name} does not start at zero.")
        if name.startswith("W") and not 0.85 * scale <= float(np.std(value)) <= 1.15 * scale:
            text = f"{name} of {declaration.name} starts with standard deviation {np.std(value):.2g} for weight_scale {scale:g}."
            return Judgement(Status.FAIL, text)
        if name.startswith("W") and abs(float(np.mean(value))) > 6 * scale / np.sqrt(value.size):
            return Judgement(Status.FAIL, f"{name} of {declaration.name} is not centred at zero when the net is built.")
    return Judgement(Status.PASS, f"{declaration.name} starts its parameters as asked.")


def _trials(
    declaration: Network, context: Context, build: Build, params: Mapping[str, np.ndarray], index: int
) -> Generator[Request, Reply, tuple[list[Trial], tuple[np.ndarray, np.ndarray]]]:
    """Loss and gradients on a batch, then scores at test time (which see the running statistics of that one pass)."""
    rng = np.random.default_rng(context.seed + 20 + index)
    x = single(rng.normal(size=(build.batch, *build.input_shape)) + 0.2)
    y = rng.integers(build.classes, size=build.batch)
    names = ("loss", *(f"gradient of {name}" for name in build.shapes))
    request = Call(
        Ref("net", ("return", "loss")), (x, y), {}, "loss",
        (("return", 0), *(("return", 1, name) for name in build.shapes)), context.seed, SECONDS,
    )  # fmt: skip
    reply = yield request
    on = f"{build.on}, in training"
    stopped = from_reply(reply, declaration.name, request.seconds, on)
    if stopped is not None:
        return [Trial(on, stopped=stopped)], (x, y)
    values = dict(zip(names, reply.values, strict=False))
    empty = all(_is_nothing(value) for name, value in values.items() if name != "loss")
    training = Trial(on, values, {}, empty=empty and _is_zero(values.get("loss")), seconds=reply.seconds)
    training = replace(training, expected=_expected(context.reference, build, params, x, y, values))
    on = f"{build.on}, at test time"
    reply = yield Call(Ref("net", ("return", "loss")), (x,), {}, "scores", (("return",),), context.seed, SECONDS)
    stopped = from_reply(reply, declaration.name, SECONDS, on)
    if stopped is not None:
        return [training, Trial(on, stopped=stopped)], (x, y)
    values = {"scores": reply.values[0] if reply.values else None}
    scores = Trial(on, values, {}, empty=_is_nothing(values["scores"]), seconds=reply.seconds)
    scores = replace(scores, expected=_expected(context.reference, build, params, x, y, values))
    return [training, scores], (x, y)


def _is_nothing(value: Any) -> bool:
    return not isinstance(value, (np.ndarray, np.generic, int, float, list, tuple))


def _is_zero(value: Any) -> bool:
    return _is_nothing(value) or (np.size(value) == 1 and float(np.reshape(value, ())) == 0.0)


def _expected(
    reference: Any,
    build: Build,
    params: Mapping[str, np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    wanted: Mapping[str, Any],
    variant: Any = None,
) -> dict[str, Any]:
    """Of the reference (or a mistake's variant of it), the outputs that were observed."""
    compute = variant or reference.loss_and_gradients
    loss, gradients, running = compute(dict(params), x, y, reg=build.reg, normalization=build.normalization)
    outputs = {"loss": loss, **{f"gradient of {name}": value for name, value in gradients.items()}}
    if "scores" in wanted:
        of = getattr(variant, "scores", None) or reference.scores
        outputs["scores"] = of(dict(params), x, normalization=build.normalization, running=running)
    return {name: outputs[name] for name in wanted if name in outputs}


def _dropout(declaration: Network, context: Context, parameters: Sequence[str]) -> Run:
    """Tiny nets, so that every mask that dropout could draw can be tried (see `masks.py`)."""
    convention = context.variables.get(declaration.variable, "keep")
    keep = 0.75
    argument = "dropout_keep_ratio" if "dropout_keep_ratio" in parameters else "dropout"
    p = keep if convention == "keep" else 1 - keep
    common = {"dtype": FLOAT64} if "dtype" in parameters or "kwargs" in parameters else {}
    build = replace(_dense(common | {argument: p}, 4, (2, 3), 3, 0.0, "dropout"), batch=2)
    build = replace(build, on=f"with hidden layers [2, 3] and {argument}={p:g}")
    stopped, params = yield from _built(declaration, context, build, 0)
    if stopped is not None:
        return stopped
    return (yield from judge_dropout(declaration.name, context, build, params, keep, declaration.rtol))


KIND = Kind(Network, run, scopes=("core",))
