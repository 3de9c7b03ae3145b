"""Rubrics are tested: a pack's samples must get what they must, and every catalogued mistake must cost what the pack says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from grader.core.answers.labelled import prove_answers
from grader.core.checks import KINDS
from grader.core.plan import plan
from grader.core.result import QuestionResult, Result, Status
from grader.datasets.images import STAND_INS
from grader.datasets.published import KNOWN
from grader.ingest.submission import read_submission
from grader.pack import Pack, labelled_answers, told
from worker.trusted.catalogue import Trial, judge_mistake, prove
from worker.trusted.grade import grade
from worker.trusted.impersonated_net import prove_nets
from worker.trusted.references import references
from worker.trusted.sandbox.backend import Backend

NAMED_AT_LEAST = 0.95
"""The share of the catalogue that must be called by its own name; all of it must be seen."""

IN_CATALOGUE = ("forward", "gradient", "update", "dropout")


StudentStatus = Literal["pass", "fail", "missing", "error", "timeout", "memory", "unread"]
"""What a sample's check may end with; "unread": a machine cannot judge it, a TA looks."""

Suggested = Literal["clear", "deduct", "unknown"]


class Expected(BaseModel):
    """What one function of a sample must get on its core cases: one status, or several that are all right."""

    model_config = ConfigDict(extra="forbid")

    status: StudentStatus | list[StudentStatus] = "pass"
    mistake: str | None = None


class Sample(BaseModel):
    """`expect.yaml` of a sample: a submission with the score it must get.

    set: the pack's variables. score: the points of the graded questions. answers: how many written answers are found.
    functions: by bare name, what every core check of that function must get; a function that is not listed must pass.
    checks: the same for one check ("fc-net.overfit"): of a function that several judge, or of no function.
    items: what is suggested for an item ("mlp-shapes.b-h"), or for all items of a question ("mlp-shapes"). With it, an item
        that is not listed must not be suggested as a deduction.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    about: str
    set: dict[str, str] = {}
    score: float
    answers: int = 0
    functions: dict[str, Expected] = {}
    checks: dict[str, Expected] = {}
    items: dict[str, Suggested | list[Suggested]] | None = None


@dataclass
class Report:
    """What did not hold, one sentence each."""

    problems: list[str] = field(default_factory=list)


def lint(pack: Pack) -> list[str]:
    """What the schema cannot see: names of references, mistakes and data sets that do not exist, a missing support folder."""
    known = references({})
    problems = []
    for question in pack.rubric.questions:
        for check in question.checks:
            where = f"{pack.folder / 'rubric.yaml'}: {question.id}.{check.id}"
            operation = check.declaration.operation
            if operation is not None and operation not in known:
                problems.append(f"{where}: there is no reference {operation!r}")
                continue
            ids = {mistake.id for mistake in getattr(known.get(operation or ""), "mistakes", ())}
            for mistake in check.mistakes:
                if mistake not in ids and mistake != "parameters-named-otherwise":
                    problems.append(f"{where}: {operation!r} has no known mistake {mistake!r}")
    problems += _data_sets(pack)
    if "support" in pack.rubric.code.model_fields_set and pack.support is None:
        problems.append(f"{pack.folder}: the support folder {pack.rubric.code.support!r} is missing")
    return problems


def _data_sets(pack: Pack) -> Iterator[str]:
    """Data sets that nobody has, and such that a check has no cut-offs for: a TA would have to judge every submission."""
    file, known = pack.folder / "rubric.yaml", (*KNOWN, *STAND_INS)
    chosen = pack.rubric.variables["dataset"].choices if "dataset" in pack.rubric.variables else ()
    for name in chosen:
        if name not in known:
            yield f"{file}: variables.dataset: there is no data set {name!r}; known are {', '.join(known)}"
    for question in pack.rubric.questions:
        for check in question.checks:
            declared, where = getattr(check.declaration, "dataset", None), f"{file}: {question.id}.{check.id}"
            if declared is None or KINDS[check.kind].tree != "submission":
                continue  # kinds that judge functions name theirs in the schema
            if declared not in known:
                yield f"{where}: there is no data set {declared!r}; known are {', '.join(known)}"
            cut_offs = getattr(check.declaration, "full_at", None)
            lacking = [name for name in chosen or (declared,) if isinstance(cut_offs, Mapping) and name not in cut_offs]
            if lacking:
                yield f"{where}: no cut-offs for {', '.join(lacking)}, which the variable `dataset` may choose"


def prove_pack(pack: Pack, backend: Backend, say: Callable[[str], None] = lambda line: None) -> Report:
    """Raises SandboxUnavailable; everything else that does not hold is in the report."""
    report = Report(lint(pack))
    _prove_references(pack, report, say)
    _prove_catalogue(pack, report, say)
    _prove_answers(pack, report, say)
    for folder in sample_folders(pack):
        problems = check_sample(pack, folder, backend)
        say(f"sample {folder.name}: {'as expected' if not problems else 'NOT as expected'}")
        report.problems += [f"sample {folder.name}: {problem}" for problem in problems]
    return report


def _prove_references(pack: Pack, report: Report, say: Callable[[str], None]) -> None:
    for values in _all_variables(pack):
        known = references(values)
        for planned in plan(pack.rubric):
            if planned.check.kind in IN_CATALOGUE:
                judgement = judge_mistake(planned, known[planned.check.declaration.operation], None, values)
                if judgement.status is not Status.PASS:
                    report.problems.append(
                        f"{planned.question}.{planned.id}: the reference itself fails: {judgement.message}"
                    )
    say("references: judged by the pack's own checks")


def _prove_answers(pack: Pack, report: Report, say: Callable[[str], None]) -> None:
    try:
        labelled = labelled_answers(pack)
    except ValueError as error:
        report.problems.append(str(error))
        return
    if labelled:
        proof = prove_answers(pack.rubric, labelled)
        report.problems += proof.problems
        say(f"answers: {len(labelled)} with a TA's marks, {proof.decided} decided, {len(proof.problems)} contradicted")


def _all_variables(pack: Pack) -> list[dict[str, str]]:
    choices: list[dict[str, str]] = [{}]
    for name, variable in pack.rubric.variables.items():
        choices = [{**values, name: choice} for values in choices for choice in variable.choices]
    return choices


def _prove_catalogue(pack: Pack, report: Report, say: Callable[[str], None]) -> None:
    trials: list[Trial] = []
    for values in _all_variables(pack):
        trials += prove(pack.rubric, references(values), values)
        trials += prove_nets(pack.rubric, references(values), values)
    for trial in trials:
        if not trial.seen:
            report.problems.append(f"{trial.question}.{trial.check}: the mistake {trial.mistake!r} goes unnoticed")
        elif abs(trial.cost - trial.price) > 1e-9 and trial.named:
            report.problems.append(
                f"{trial.question}.{trial.check}: the mistake {trial.mistake!r} costs {trial.cost:g}, not {trial.price:g}"
            )
    named = sum(trial.named for trial in trials)
    say(f"catalogue: {named} of {len(trials)} mistakes named, {sum(trial.seen for trial in trials)} noticed")
    if trials and named < NAMED_AT_LEAST * len(trials):
        report.problems.append(f"only {named} of {len(trials)} catalogued mistakes are named")


def sample_folders(pack: Pack) -> list[Path]:
    return sorted(file.parent for file in (pack.folder / "samples").glob("*/expect.yaml"))


def check_sample(pack: Pack, folder: Path, backend: Backend) -> list[str]:
    """What a sample got and should not have, or the reverse. The whole folder is handed in."""
    file = folder / "expect.yaml"
    try:
        expected = Sample.model_validate(YAML(typ="safe").load(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        return [f"{file}: {problem}" for problem in told(error)]
    except (YAMLError, ValueError, OSError) as error:
        return [f"{file} cannot be read: {error}"]
    slots = tuple(question.answer for question in pack.rubric.questions if question.answer is not None)
    submission = read_submission(folder, pack.rubric.code.layout, slots)
    result = grade(submission, pack, backend=backend, variables=expected.set)
    return list(_differences(expected, result))


def _differences(expected: Sample, result: Result) -> Iterator[str]:
    known: set[str] = set()
    for question in result.questions:
        for check in question.checks:
            if check.scope != "core":
                continue
            key = f"{question.id}.{check.id}"
            known.add(key)
            by_function = expected.functions.get(check.function or "", Expected())
            wanted = expected.checks.get(key, by_function)
            where = f"{key} ({check.function})" if check.function else key
            allowed = [wanted.status] if isinstance(wanted.status, str) else wanted.status
            status = "unread" if check.unread else check.status.value
            if status not in allowed:
                yield f"{where} is {status}, not {' or '.join(allowed)}: {check.message} {check.detail}".rstrip()
            elif wanted.mistake and check.mistake != wanted.mistake:
                yield f"{where} is named {check.mistake}, not {wanted.mistake}"
        known |= {question.id} | {f"{question.id}.{item.id}" for item in question.items}
        if expected.items is not None:
            yield from _wrong_suggestions(expected.items, question)
    for key in {*expected.checks, *(expected.items or ())} - known:
        yield f"{key} is expected, but the pack has no such check or item"
    if abs(result.score - expected.score) > 1e-9:
        yield f"the score is {result.score:g}, not {expected.score:g}"
    found = sum(bool(question.answer) for question in result.questions)
    if found != expected.answers:
        yield f"{found} written answers were found, not {expected.answers}"


def _wrong_suggestions(expected: Mapping[str, Suggested | list[Suggested]], question: QuestionResult) -> Iterator[str]:
    for item in question.items:
        key = f"{question.id}.{item.id}"
        wanted = expected.get(key, expected.get(question.id, ["clear", "unknown"]))
        allowed = [wanted] if isinstance(wanted, str) else wanted
        if item.suggested not in allowed:
            quoted = f" ({item.evidence[0]!r})" if item.evidence else ""
            yield f"{key} is suggested {item.suggested}, not {' or '.join(allowed)}{quoted}: {item.reason}"
