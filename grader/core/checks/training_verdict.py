"""The verdict on a script that was watched while it trained. Only what is surely the script's own fault costs points."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.core.checks.cut_offs import interpolated
from grader.core.checks.images import ImageSet
from grader.core.checks.standstill import stands_still
from grader.core.checks.watched import Seen, Trace
from grader.core.exhibit import Plot, Series
from grader.core.observation import Outcome, Reply, StudentError
from grader.core.proportions import standard_error
from grader.core.result import Status
from grader.core.verdict import Judgement, from_error, from_reply, unread

if TYPE_CHECKING:
    from grader.core.checks.training import Training

NOT_HERE = frozenset(
    {
        "ModuleNotFoundError",
        "ImportError",
        "FileNotFoundError",
        "PermissionError",
        "OSError",
        "NotADirectoryError",
        "IsADirectoryError",
        "NotOffered",
        "URLError",
        "HTTPError",
        "gaierror",
        "ConnectionError",
        "ConnectionRefusedError",
        "TimeoutError",
        "BlockingIOError",
        "BrokenPipeError",
        "ProcessLookupError",
        "EOFError",
        "NoArgument",
        "NotInPicture",
        "UnpicklingError",
        "UnicodeDecodeError",
    }
)
"""Exceptions that a script may meet here and not at home."""

NO_MEMORY = re.compile(r"can't allocate memory|not enough memory|out of memory|cannot allocate memory", re.IGNORECASE)
ELSEWHERE = re.compile(
    r"URL fetch failure|name resolution|urlopen error|getaddrinfo|connection (?:refused|error)|max retries|network is unreachable"
    r"|directory .{0,200} does not exist|no such file|unable to \w+ (?:open|create) file|permission denied|read-only file system",
    re.IGNORECASE,
)
"""Files and addresses that a script may have at home, in exceptions of whatever type."""
OTHER_VERSION = re.compile(
    r"unexpected keyword argument|not recognized|unrecognized keyword|^module '.*' has no attribute|cannot import name"
    r"|deprecated|no longer|was removed|invalid index of a 0-dim|'fit_generator'|missing parentheses in call",
    re.IGNORECASE,
)
"""Of a library, which a script may have met in another version at home."""


LAYERS = {"conv": "a convolution", "dense": "a dense layer", "norm": "a normalization", "pool": "a pooling"}
SAME = 0.01
"""Passes over the training images: where the last batch of an epoch ends."""


def judged(
    declaration: Training,
    images: ImageSet,
    script: str,
    traces: list[Trace],
    cut_offs: tuple[float, float],
    offered_less: bool,
) -> Judgement:
    """cut_offs: no points up to the first, full ones from the second. offered_less: the script speaks of more images than it
    got."""
    zero, full = cut_offs
    seen = [trace for trace in traces if trace.seen]
    counted = [_within(trace.seen, declaration.epochs) for trace in seen]
    values = [_value(declaration, looks) for looks in counted]
    reached, count = float(np.mean(values)), min(declaration.hidden, len(images.y_hidden))
    credit = interpolated(reached, zero, full)
    each = f", the mean of {len(seen)} runs ({', '.join(map(percent, values))})" if len(seen) > 1 else ""
    ends = ", ".join(percent(trace.last) for trace in seen)
    other = f"at the end {ends}" if declaration.judged == "best" else f"at best {percent(max(t.best for t in seen))}"
    text = (
        f"{script} reaches {percent(reached)} of {count} held-back images of {images.name}{each}; {other} (standard error "
        f"{percent(standard_error(reached, count))}); full points from {full:.0%}, none up to {zero:.0%}."
    )
    judgement = Judgement(
        Status.PASS if credit >= 1 else Status.FAIL, text, credit=credit, remarks=_remarks(declaration, traces, full),
        detail=traces[-1].printed, exhibits=(_plot(script, images, seen, full),),
    )  # fmt: skip
    doubt = _which_net(declaration, seen)
    if credit < 1 and not doubt:
        broken = next((one.ended for one in traces if isinstance(one.ended, Reply) and one.ended.outcome is Outcome.OURS), None)
        if broken is not None:
            return from_reply(broken, script, declaration.budget.seconds)
        later = interpolated(float(np.mean([_value(declaration, trace.seen) for trace in seen])), zero, full)
        doubt = _too_late(declaration, seen) if later > credit else ""
        doubt = doubt or next(filter(None, (_cut_short(declaration, trace, count) for trace in seen)), "")
        doubt = doubt or next(filter(None, (_stopped(declaration, trace, script, offered_less) for trace in seen)), "")
    if not doubt:
        return judgement
    return replace(judgement, status=Status.OURS, credit=None, unread=True, message=f"{text} {doubt}: a TA looks at it.")


def _within(looks: list[Seen], epochs: float | None) -> list[Seen]:
    """Those that count: up to so many passes over the training images."""
    return [one for one in looks if epochs is None or one.passes is None or one.passes <= epochs + SAME]


def _value(declaration: Training, looks: list[Seen]) -> float:
    if not looks:
        return 0.0
    return max(one.accuracy for one in looks) if declaration.judged == "best" else looks[-1].accuracy


# --- why a TA has to look, as the beginning of a sentence; "" if none has to -------------------------------------------


def _which_net(declaration: Training, traces: list[Trace]) -> str:
    if declaration.section and any(trace.first_cell is None and (trace.nets > 1 or trace.cut_off) for trace in traces):
        where = " or ".join(declaration.section)
        return f"It may train several nets, and no heading ({where}) says which is meant"
    return ""


def _too_late(declaration: Training, traces: list[Trace]) -> str:
    most = max(trace.seen[-1].passes or 0.0 for trace in traces)
    best = percent(max(trace.best for trace in traces))
    return f"Only within {declaration.epochs:g} epochs counts; with {most:.1f} passes over the training images it reaches {best}"


def _cut_short(declaration: Training, trace: Trace, count: int) -> str:
    """Whoever has more time or a faster machine might have reached more."""
    looks = trace.of_last_net()
    if not trace.cut_off or len(_within(looks, declaration.epochs)) < len(looks):
        return ""
    if _lacked_gpu(declaration, trace):
        return "The course gives it a GPU, there was none here, and the time was over before it ended"
    if stands_still(looks, count):
        return ""
    what = "memory" if isinstance(trace.ended, Reply) and trace.ended.outcome is Outcome.MEMORY else "time"
    busy = ", for the machine was busy and gave it a processor for less than half of its time" if trace.starved else ""
    return f"Its {what} was used up before it had come to a standstill{busy}"


def _stopped(declaration: Training, trace: Trace, script: str, offered_less: bool) -> str:
    """By an exception that it may not have met at home, in the cell that trained or after it."""
    trained = min((one.cell for one in trace.seen if one.cell is not None), default=0)
    if trace.error is None or trace.ended != "itself" or (trace.cell is not None and trace.cell < trained):
        return ""
    why = _excuse(declaration, trace, trace.error, script, offered_less)
    return why[:1].upper() + why[1:]


def _lacked_gpu(declaration: Training, trace: Trace) -> bool:
    return declaration.budget.device == "gpu" and not any(one.gpu for one in trace.seen)


def _remarks(declaration: Training, traces: list[Trace], full: float) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for index, trace in enumerate(traces):
        run_name = f"Run {index + 1}" if len(declaration.seeds) > 1 else "The run"
        passes = trace.seen[-1].passes if trace.seen else None
        trained = f" ({passes:.1f} passes over the training images)" if passes else ""
        until = f"after {trace.steps} steps{trained} and {trace.seconds:.0f} s"
        if trace.ended == "goal":
            found[f"{run_name} was stopped once it had reached what is asked for, {until}."] = None
        elif trace.ended == "budget":
            found[f"{run_name} was cut off by the time budget {until}."] = None
        elif isinstance(trace.ended, Reply) and trace.seen:
            why = {Outcome.MEMORY: f"it used more than {declaration.budget.memory_mb} MB"}.get(
                trace.ended.outcome, f"the process ended ({trace.ended.outcome.value})"
            )
            found[f"{run_name} was stopped because {why}, {until}."] = None
        if trace.error is not None and trace.ended == "itself":
            found[f"{run_name} ended with {_what(trace)}; it is judged by what it had reached."] = None
        if trace.seen and trace.seen[0].step <= 1 and trace.seen[0].accuracy >= full:
            found[f"{run_name} was as good as is asked for at its first step: a TA may see whether it began trained."] = None
        found |= dict.fromkeys(trace.notes)
    made = sum(bool(trace.seen) for trace in traces)
    if made < len(declaration.seeds):
        found[f"Only {made} of {len(declaration.seeds)} runs could be measured."] = None
    if any(trace.seen and _lacked_gpu(declaration, trace) for trace in traces):
        found["The course gives it a GPU; its net was on the CPU."] = None
    return tuple(found)


def nothing_seen(script: str, trace: Trace, declaration: Training, offered_less: bool) -> Judgement:
    """offered_less: the script speaks of more images than it got."""
    if isinstance(trace.ended, Reply) and trace.ended.outcome is not Outcome.OK:
        if trace.ended.outcome is Outcome.MEMORY:
            return _unread(script, _too_much(declaration), trace)
        if trace.ended.outcome in (Outcome.OURS, Outcome.FORGED):
            return from_reply(trace.ended, script, declaration.budget.seconds)
        return _unread(script, f"the process ended before it was seen to train ({trace.ended.outcome.value})", trace)
    error = trace.error
    if trace.elsewhere and (error is None or (trace.cell or 0) < (trace.first_cell or 0)):
        where = " or ".join(declaration.section)
        return _unread(script, f"it trains nets, but none that could be asked below the heading ({where}){_so_long(trace)}", trace)
    if trace.of_others and error is None:
        wanted = " and ".join(LAYERS[one] for one in declaration.layers)
        return _unread(script, f"it trains nets, but none with {wanted} was seen{_so_long(trace)}", trace)
    if error is not None:
        why = _excuse(declaration, trace, error, script, offered_less)
        if why:
            return _unread(script, why, trace)
        where = replace(error, file=f"{error.file}, cell {trace.cell}") if trace.cell else error
        judgement = from_error(where, script)
        return replace(judgement, credit=0.0, detail=f"{judgement.detail}\n{trace.printed}".strip())
    if trace.steps and trace.trouble:
        return _unread(script, f"its net could not be asked about other images ({trace.trouble})", trace)
    if trace.steps:
        return _unread(script, "no net was found that holds all that its optimizer trains", trace)
    if trace.ended == "budget":
        return _unread(script, f"it made no training step{_so_long(trace)}", trace)
    return _unread(script, "it ended without a step of a torch optimizer or a Keras `fit`", trace)


def _so_long(trace: Trace) -> str:
    return f" within {trace.seconds:.0f} s" if trace.cut_off else ""


def _unread(script: str, why: str, trace: Trace) -> Judgement:
    missing = f" Not installed here: {', '.join(trace.stand_ins)}." if trace.stand_ins else ""
    judgement = unread(f"How well {script} trains could not be measured: {why}.{missing} A TA looks at it.")
    return replace(judgement, detail=trace.printed, remarks=trace.notes)


def _too_much(declaration: Training) -> str:
    limit = declaration.budget.memory_mb
    return f"it asked for more than the {limit} MB of memory that it may use here"


def _excuse(declaration: Training, trace: Trace, error: StudentError, script: str, offered_less: bool) -> str:
    """Why the exception may be no fault of the script's; "" if it surely is one."""
    if error.type in ("MemoryError", "_ArrayMemoryError") or NO_MEMORY.search(error.message):
        return _too_much(declaration)
    if _may_be_ours(error, trace):
        return f"it ended with {_what(trace)}, which may be because it ran here"
    judgement = from_error(error, script)
    if judgement.old_environment or judgement.unread:
        return f"it ended with {_what(trace)}, which older versions may not do"
    if offered_less:
        return f"it ended with {_what(trace)}, maybe because it counts on more images than it got"
    return ""


def _may_be_ours(error: StudentError, trace: Trace) -> bool:
    text = error.message.lower()
    elsewhere = error.type in NOT_HERE or "cuda" in text or "nvidia" in text or bool(trace.stand_ins)
    elsewhere = elsewhere or ELSEWHERE.search(error.message) is not None
    return elsewhere or OTHER_VERSION.search(error.message) is not None


def _what(trace: Trace) -> str:
    assert trace.error is not None
    error = trace.error
    place = f" in {error.file}" if error.file else ""
    place += f", cell {trace.cell}" if trace.cell else ""
    place += f", line {error.line}" if error.line else ""
    return f"{error.type}: {error.message[:200]}{place}"


def _plot(script: str, images: ImageSet, traces: list[Trace], full: float) -> Plot:
    """A line for each net of each run."""
    lines: dict[tuple[int, int], list[Seen]] = {}
    for trace in traces:
        for one in trace.seen:
            lines.setdefault((trace.seed, one.net), []).append(one)
    nets, seeds = {net for _, net in lines}, {seed for seed, _ in lines}
    series = [
        Series(
            name=", ".join([f"seed {seed}"] * (len(seeds) > 1) + [f"net {net + 1}"] * (len(nets) > 1)) or "held-back images",
            x=tuple(float(one.step) for one in looks),
            y=tuple(one.accuracy for one in looks),
        )
        for (seed, net), looks in lines.items()
    ]
    title = f"Accuracy of {script} on held-back images of {images.name}"
    return Plot(title=title, x_label="step", y_label="accuracy", series=tuple(series), level=full)


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"
