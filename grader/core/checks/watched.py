"""What was seen of a script's training: from the sandbox's claims to accuracies over the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.core.compare import as_array
from grader.core.observation import Outcome, Reply, StudentError


@dataclass(frozen=True)
class Seen:
    """One look: after `step` steps, `seconds` into the run, which fraction of the held-back images was right. worked: the
    processor's seconds that the run had got until then; None if it did not say. net: which of those that the script trains, in
    their order; cell: of a notebook, the one that trained it. passes: how often its net was given as many images as there are to
    train with; None if that was not seen."""

    step: int
    seconds: float
    accuracy: float
    epoch: int | None = None
    memory: int = 0
    gpu: bool = False
    worked: float | None = None
    net: int = 0
    cell: int | None = None
    passes: float | None = None


@dataclass
class Trace:
    """What was seen of one run. ended: why it is over: "itself", "goal", "budget", or the sandbox's `Reply`. examples: images to
    train with. first_cell: looks at nets that a notebook trained before this cell are passed over; `elsewhere` counts them.
    layers: looks at nets that lack any of these kinds are passed over; `of_others` counts them."""

    seed: int
    examples: int = 1
    seen: list[Seen] = field(default_factory=list)
    ended: str | Reply = "budget"
    steps: int = 0
    seconds: float = 0.0
    error: StudentError | None = None
    cell: int | None = None
    notes: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    trouble: str = ""
    printed: str = ""
    first_cell: int | None = None
    elsewhere: int = 0
    layers: tuple[str, ...] = ()
    of_others: int = 0

    @property
    def nets(self) -> int:
        return len({one.net for one in self.seen})

    @property
    def best(self) -> float:
        return max(one.accuracy for one in self.seen)

    @property
    def last(self) -> float:
        return self.seen[-1].accuracy

    @property
    def starved(self) -> bool:
        """Whether it had a processor for less than half of its time, because the machine was busy with something else."""
        last = self.seen[-1]
        return last.worked is not None and last.worked + 1 < last.seconds / 2  # both are whole seconds

    @property
    def dead(self) -> bool:
        return isinstance(self.ended, Reply)

    @property
    def cut_off(self) -> bool:
        """Whether a limit ended it, of time or of memory."""
        limits = (Outcome.TIMEOUT, Outcome.MEMORY)
        return self.ended.outcome in limits if isinstance(self.ended, Reply) else self.ended == "budget"

    def of_last_net(self) -> list[Seen]:
        return [one for one in self.seen if one.net == self.seen[-1].net]


def take(news: dict[str, Any], trace: Trace, labels: np.ndarray, ways: int) -> None:
    """Adds what `news` claims, as far as it has the right form: labels by as many ways as were asked for, no more, since the
    best of them counts."""
    looks = news.get("looks")
    for look in looks[:1000] if isinstance(looks, list) else ():
        if not isinstance(look, dict):
            continue
        trace.trouble = _text(look.get("trouble")) or trace.trouble
        accuracy, guesses = _accuracy(look.get("labels"), labels, ways)
        if accuracy is not None and guesses:
            trace.trouble, accuracy = "what it gives for an image is no choice between the classes", None
        cell = look.get("cell") if type(look.get("cell")) is int else None
        if cell is not None and trace.first_cell is not None and cell < trace.first_cell:
            trace.elsewhere += 1
        elif not set(trace.layers) <= set(_texts(look.get("layers"))):
            trace.of_others += 1
        elif accuracy is not None:
            epoch, memory = look.get("epoch"), _whole(look.get("memory"))
            seconds = float(_whole(look.get("seconds")))
            known = epoch if type(epoch) is int else None
            gpu = look.get("gpu") is True
            worked = float(_whole(look["worked"])) if "worked" in look else None
            step, net = _whole(look.get("step")), _whole(look.get("net"))
            passes = _whole(look.get("images")) / trace.examples or None
            trace.seen.append(Seen(step, seconds, accuracy, known, memory, gpu, worked, net, cell, passes))
    trace.steps = _whole(news.get("steps"))
    trace.notes, trace.stand_ins = _texts(news.get("notes")), _texts(news.get("stand_ins"))
    trace.error, trace.cell = _error(news.get("error")), news.get("cell") if type(news.get("cell")) is int else None


def _accuracy(claimed: Any, labels: np.ndarray, ways: int) -> tuple[float | None, bool]:
    """The best of the ways, (ways, N) claimed labels, and whether most of its labels are of no class at all, as those of a net
    that gives a picture; None if no way gave any."""
    found = as_array(claimed)
    if found is None or found.ndim != 2 or found.shape[1] != len(labels) or not 0 < len(found) <= ways:
        return None, False
    answered = (found >= 0).any(axis=1)
    if not answered.any():
        return None, False
    right = (found[answered] == labels).mean(axis=1)
    best = int(right.argmax())
    return float(right[best]), bool((found[answered][best] > labels.max()).mean() > 0.5)


def _error(claimed: Any) -> StudentError | None:
    if not isinstance(claimed, dict) or type(claimed.get("type")) is not str:
        return None
    line, file, function = (claimed.get(name) for name in ("line", "file", "function"))
    return StudentError(
        claimed["type"][:200], _text(claimed.get("message")), file if type(file) is str else None,
        line if type(line) is int else None, function if type(function) is str else None,
    )  # fmt: skip


def _text(value: Any) -> str:
    return value[:2000] if type(value) is str else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one[:300] for one in value[:20] if type(one) is str) if isinstance(value, list) else ()


def _whole(value: Any) -> int:
    return int(min(max(value, 0), 10**12)) if type(value) in (int, float) and value == value else 0
