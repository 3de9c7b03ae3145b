"""`curves`: convergence graphs from the numbers that a training logged: present, right axes, enough epochs, overfitting
pointed out. Drawn for whoever looks at it; what cannot be judged from numbers goes to a TA and costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.core.checks.curve_parts import Finding, axes, enough_epochs, overfitting_pointed_out, present
from grader.core.checks.kind import Context, Declaration, Kind, Run
from grader.core.exhibit import Plot, Series, Table
from grader.core.logs.read import FILES, Logs, read_logs
from grader.core.logs.selection import Curve, select
from grader.core.result import Status
from grader.core.submission import Submission
from grader.core.verdict import Judgement, unread

PARTS = ("present", "axes", "epochs", "overfitting")
LEFT_OUT = "(data sets)"
"""So a submission says of arrays of NumPy that were not taken in: a log may be among them."""
TEXTS = (".md", ".txt", ".rst", ".tex", ".html")
MAX_TEXT = 2 << 20
FIGURE = re.compile(
    r"\bfig(?:ure|\.)?\s?\d|\bplt\.plot\(|!\[[^\]]*\]\(|\\includegraphics|\bрис(?:унок|\.)?\s?\d|איור\s?\d", re.IGNORECASE
)
"""A graph is referred to or drawn: where it is not among the files, it may have been lost on the way."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(_Strict):
    """A run, by the phrases that a log calls it; its key counts too. "no dropout" is not dropout."""

    named: tuple[str, ...] = ()


class Metric(_Strict):
    """named: words for it, besides the common ones. of: which curves are asked for; "validation|test" is either; none: drawn
    and used where it is there. low, high: what a value may be; an accuracy may also be in percent."""

    named: tuple[str, ...] = ()
    of: tuple[str, ...] = ("train", "validation|test")
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _known_parts(self) -> Metric:
        for one in "|".join(self.of).split("|") if self.of else ():
            if one not in ("train", "validation", "test"):
                raise ValueError(f"`of` knows train, validation and test, also several with |; not {one!r}")
        return self


class Curves(Declaration):
    """runs: those that are asked for; none: one, whatever it is called. epochs: at least so many. files: which may be logs.
    report: the question whose answer should point overfitting out. parts: how much each part is worth, against the others.
    """

    runs: dict[str, Named] = Field(default={})
    metrics: dict[str, Metric] = Field(default={"accuracy": Metric(), "loss": Metric()}, min_length=1)
    epochs: int = Field(default=1, ge=1)
    files: tuple[str, ...] = FILES
    report: str | None = None
    parts: dict[Literal["present", "axes", "epochs", "overfitting"], float] = Field(
        default={"present": 1.0}, min_length=1
    )

    @model_validator(mode="after")
    def _worth_something(self) -> Curves:
        if any(worth < 0 for worth in self.parts.values()) or not sum(self.parts.values()):
            raise ValueError("the parts of `parts` are worth 0 or more, and not all nothing")
        return self


def run(declaration: Curves, context: Context) -> Run:
    submission = context.submission or Submission({}, {})
    logs = read_logs(submission.files, declaration.files)
    left_out = tuple(remark for remark in submission.remarks if LEFT_OUT in remark)
    logs = replace(logs, unread=(*logs.unread, *left_out))
    return judge(declaration, submission, logs)
    yield  # a check is a generator, also one that asks the sandbox nothing


def judge(declaration: Curves, submission: Submission, logs: Logs) -> Judgement:
    runs = {name: (name, *one.named) for name, one in declaration.runs.items()}
    metrics = {name: (name, *one.named) for name, one in declaration.metrics.items()}
    chosen = select(logs.columns, runs, metrics)
    wanted = [
        (run_name, metric, part)
        for run_name in declaration.runs or {"": None}
        for metric, one in declaration.metrics.items()
        for part in one.of
    ]
    texts = texts_of(submission, declaration.report)
    if not chosen.curves:
        return _nothing(logs, any(FIGURE.search(text) for text in texts))
    findings = {"present": present(wanted, chosen, logs, runs)}
    used = list(chosen.curves)
    limits = {name: (one.low, one.high) for name, one in declaration.metrics.items()}
    findings["axes"] = axes(used, limits)
    findings["epochs"] = enough_epochs(used, declaration.epochs, [*texts, *_scripts(submission)], chosen.spare)
    findings["overfitting"] = overfitting_pointed_out(chosen.curves, texts, declaration.report)
    counted = {part: findings[part] for part in PARTS if part in declaration.parts}
    text = " ".join(finding.text for finding in counted.values())
    exhibits = (*plots(used, tuple(metrics)), parts_table(counted, declaration.parts))
    remarks = tuple(remark for finding in counted.values() for remark in finding.remarks) + chosen.remarks
    if any(finding.share is None for finding in counted.values()):
        judgement = unread(f"{text} A TA looks at what could not be judged.")
        return Judgement(judgement.status, judgement.message, unread=True, remarks=remarks, exhibits=exhibits)
    total = sum(declaration.parts[part] for part in counted)
    credit = sum(declaration.parts[part] * (counted[part].share or 0.0) for part in counted) / total
    status = Status.PASS if credit >= 1 - 1e-9 else Status.FAIL
    return Judgement(status, text, credit=min(credit, 1.0), remarks=remarks, exhibits=exhibits)


def _nothing(logs: Logs, referred: bool) -> Judgement:
    if logs.pictures or logs.unread or logs.columns:
        seen = [f"{logs.pictures} picture{'s' if logs.pictures != 1 else ''} or documents"] if logs.pictures else []
        seen += [", ".join(logs.unread[:5])] if logs.unread else []
        seen += ["numbers that were not recognised"] if logs.columns else []
        return unread(
            f"No logged numbers of the training could be read, but there are {' and '.join(seen)}: a TA looks at the graphs."
        )
    if referred:
        return unread("A graph is drawn or referred to, but neither it nor logged numbers were handed in: a TA looks at it.")
    text = (
        "No convergence graphs were found: neither logged numbers (CSV, JSON, TensorBoard, the output of a notebook) nor "
        "pictures."
    )
    return Judgement(Status.MISSING, text, credit=0.0)


def texts_of(submission: Submission, report: str | None) -> list[str]:
    """What the student wrote: the report's answer first, other answers, text files and the words of notebooks."""
    answers = sorted(submission.answers.values(), key=lambda answer: answer.question != report)
    found = [answer.text for answer in answers if answer.text]
    for path, content in submission.files.items():
        if path.lower().endswith((*TEXTS, ".ipynb")) and len(content) <= MAX_TEXT:
            text = content.decode("utf-8", "replace")
            found.append(re.sub(r'\\n|[",\[\]{}]', "\n", text) if path.lower().endswith(".ipynb") else text)
    return found


def _scripts(submission: Submission) -> list[str]:
    """Code, which may stop a training early without a word in the report."""
    files = submission.files.items()
    return [code.decode("utf-8", "replace") for path, code in files if path.endswith(".py") and len(code) <= MAX_TEXT]


def plots(curves: list[Curve], metrics: tuple[str, ...]) -> list[Plot]:
    """One per metric, with all that was found of it."""
    found = []
    for metric in metrics:
        series = tuple(
            Series(name=", ".join(filter(None, (one.run, one.part))), x=one.column.x, y=one.column.values)
            for one in curves
            if one.metric == metric
        )
        if series:
            found.append(Plot(title=f"{metric} by epoch", x_label="epoch", y_label=metric, series=series))
    return found


def parts_table(findings: Mapping[str, Finding], worth: Mapping[str, float]) -> Table:
    rows, wrong = [], []
    for index, (part, finding) in enumerate(findings.items()):
        share = "a TA looks" if finding.share is None else f"{finding.share:.0%}"
        rows.append((part, f"{worth[part] / sum(worth[one] for one in findings):.0%}", share, finding.text))
        if finding.share is not None and finding.share < 1:
            wrong.append(index)
    header = ("part", "of the points", "earned", "why")
    return Table(title="Convergence graphs, part by part", header=header, rows=tuple(rows), wrong=tuple(wrong))


KIND = Kind(Curves, run, scopes=("core",), tree="submission")
