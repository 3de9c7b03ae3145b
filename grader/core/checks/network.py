"""`network`: a whole net as a student's class: its parameters, its loss and gradients, its scores at test time.

The net is built by its constructor, its parameters are overwritten with drawn ones, and what it then computes is compared
with the reference net. Editions name the constructor's arguments differently; what it takes is looked up first.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from grader.core.calls import Call, Put, Ref, Request, Take
from grader.core.checks.calling import FETCH_FLOAT64, single
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, find
from grader.core.checks.masks import judge_dropout
from grader.core.checks.net_builds import Build, builds, dropout_build
from grader.core.checks.net_parameters import called, draw_parameters, judge_initialization, misshapen, named_otherwise
from grader.core.checks.outputs import Trial, judge, wrong_outputs
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
class Observed:
    """The trials of some nets, and for each its net, its parameters and its batch. stopped: why there are no more."""

    trials: list[Trial] = field(default_factory=list)
    inputs: list[tuple[Build, Mapping[str, np.ndarray], np.ndarray, np.ndarray]] = field(default_factory=list)
    stopped: Judgement | None = None


def run(declaration: Network, context: Context) -> Run:
    absent, parameters = yield from find(declaration)
    if absent is not None:
        return absent
    without = _lacks(declaration, parameters)
    if without is not None:
        return without
    if declaration.feature == "initialization":
        return (yield from _initialization(declaration, context, parameters))
    if declaration.feature == "dropout":
        return (yield from _dropout(declaration, context, parameters))
    seen = yield from _observe(declaration, context, parameters, declaration.feature)
    if seen.stopped is not None:
        return seen.stopped

    def produce(mistake: Any, index: int) -> dict[str, Any] | None:
        if mistake.forward is None:
            return None
        return _expected(context.reference, *seen.inputs[index], seen.trials[index].observed, mistake.forward)

    known, rtol = context.reference.mistakes, declaration.rtol
    judgement = judge(declaration.name, seen.trials, known, produce, rtol, partly=False)
    build = seen.inputs[0][0]
    if declaration.feature == "plain":
        fits = judgement.status is Status.PASS and build.names
        return named_otherwise(declaration.name, build, _own_names(build)) if fits else judgement
    judgement = _once(declaration, context, judgement)
    if judgement.status is Status.FAIL and judgement.mistake is None:
        plain = yield from _observe(declaration, context, parameters, "plain")
        if plain.stopped is None and _nothing_else(seen.trials, plain.trials, rtol):
            text = f"{declaration.name} with {declaration.feature} has no other slip than the plain net has."
            judgement = Judgement(Status.PASS, text, remarks=judgement.remarks)
    return _about_names(judgement, build)


def _observe(
    declaration: Network, context: Context, parameters: Sequence[str], feature: str
) -> Generator[Request, Reply, Observed]:
    seen = Observed()
    for index, build in enumerate(builds(feature, declaration.shape, parameters)):
        stopped, build, used = yield from _built(declaration, context, build, index)
        if stopped is not None:
            return replace(seen, stopped=stopped)
        new, batch = yield from _trials(declaration, context, build, used, index)
        seen.trials.extend(new)
        seen.inputs.extend([(build, used, *batch)] * len(new))
        if any(trial.stopped is not None for trial in new):
            break
    return seen


def _initialization(declaration: Network, context: Context, parameters: Sequence[str]) -> Run:
    (build,) = builds("initialization", declaration.shape, parameters)
    stopped, build, used = yield from _built(declaration, context, build, 0)
    if stopped is not None:
        return stopped
    return _about_names(judge_initialization(declaration.name, build.kwargs["weight_scale"], used), build)


def _once(declaration: Network, context: Context, judgement: Judgement) -> Judgement:
    """A mistake that the plain net shows as well is counted there, not for every feature again."""
    for mistake in context.reference.mistakes:
        if mistake.id == judgement.mistake and mistake.part == "network":
            text = f"{declaration.name} with {declaration.feature} has no other slip than the plain net has."
            remark = f"It looks as if {mistake.label}; that is counted in the plain net."
            return Judgement(Status.PASS, text, remarks=(*judgement.remarks, remark))
    return judgement


def _nothing_else(trials: Sequence[Trial], plain: Sequence[Trial], rtol: float) -> bool:
    """Whether a net with a feature is wrong only in what the plain net of the same sizes gets wrong too, and right in all of
    it once (a slip of the penalty, such as one in some of the layers, is there only where there is a penalty)."""
    off = [wrong_outputs(trial, rtol) for trial in trials]
    known = [wrong_outputs(trial, rtol) for trial in plain]
    if len(off) != len(known) or any(not here <= there for here, there in zip(off, known, strict=True)):
        return False
    ways = {tuple(name.split(" ")[0] for name in trial.expected) for trial, here in zip(trials, off, strict=True) if not here}
    return any("loss" in way for way in ways) and any("scores" in way for way in ways)


def _about_names(judgement: Judgement, build: Build) -> Judgement:
    return judgement.with_remark("Its parameters have other names; that is counted in the plain net.") if build.names else judgement


def _own_names(build: Build) -> dict[str, tuple[int, ...]]:
    return {build.names.get(name, name): shape for name, shape in build.shapes.items()}


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


def _built(
    declaration: Network, context: Context, build: Build, index: int
) -> Generator[Request, Reply, tuple[Judgement | None, Build, dict[str, np.ndarray]]]:
    """Builds the net and overwrites its parameters: the build with the student's names, and the parameters now in it by the
    assignment's; or why that was not possible."""
    if "dtype" in build.kwargs:
        yield FETCH_FLOAT64
    request = Call(declaration.function, build.args, build.kwargs, "net", (), context.seed + index, SECONDS)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds, build.on)
    if stopped is not None:
        return stopped, build, {}
    reply = yield Take(NET, (("params",),))
    found = reply.values[0] if reply.values else None
    shapes = {name: np.shape(value) for name, value in found.items()} if isinstance(found, dict) else {}
    if not shapes:
        return not_implemented(declaration.name, "it has no parameters in `params` after it was built"), build, {}
    names = called(build.shapes, shapes)
    if names is None:
        return named_otherwise(declaration.name, build, shapes), build, {}
    build = replace(build, names=names)
    wrong = misshapen(declaration.name, build, shapes)
    if wrong is not None:
        return wrong, build, {}
    if declaration.feature == "initialization":
        return None, build, {name: np.asarray(found[names.get(name, name)]) for name in build.shapes}
    drawn = draw_parameters(build.shapes, np.random.default_rng(context.seed + 10 + index))
    for name, value in drawn.items():
        reply = yield Put(Ref("net", ("return", "params", names.get(name, name))), value)
        stopped = from_reply(reply, declaration.name, 10.0, build.on)
        if stopped is not None:
            return stopped, build, {}
    return None, build, drawn


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
        (("return", 0), *build.gradients()), context.seed, SECONDS,
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
    convention = context.variables.get(declaration.variable, "keep")
    keep = 0.75
    argument = "dropout_keep_ratio" if "dropout_keep_ratio" in parameters else "dropout"
    p = keep if convention == "keep" else 1 - keep
    build = dropout_build(argument, p, parameters)
    stopped, build, params = yield from _built(declaration, context, build, 0)
    if stopped is not None:
        return stopped
    judgement = yield from judge_dropout(declaration.name, context, build, params, keep, declaration.rtol)
    return _about_names(judgement, build)


KIND = Kind(Network, run, scopes=("core",))
