"""Runs planned checks in sandboxes. One session serves many checks; nobody is accused by a session that others have used.

- A check that fails in a used session is judged again in a fresh one, and that verdict counts: leaked state, a patched
  NumPy or a global counter of another function must not cost points. (Not where a known mistake was recognised number
  by number, which no leaked state imitates, nor for edge cases, which inform.)
- A net or a layer built on others that fails is judged again with right layers behind it (error carried forward).
- A function that only lacks names that old NumPy or Python had is tried once with these names, and the message says so.
- A function that did not end in time is not waited for a second time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.core.calls import Request, Say
from grader.core.checks import KINDS
from grader.core.checks.images import Images, ImageSet
from grader.core.checks.kind import Context, Tree
from grader.core.observation import Outcome, Reply
from grader.core.plan import PlannedCheck
from grader.core.result import Status
from grader.core.rubric import Rubric
from grader.core.submission import Submission
from grader.core.verdict import Judgement, blocked, unread
from grader.datasets import DatasetError, load_image_set, load_images
from worker.trusted.layers import RightLayers
from worker.trusted.references import references
from worker.trusted.sandbox.backend import MB, Backend, Limits
from worker.trusted.session import Session, open_session

RETRIES = 2
"""How often our own fault is tried again before staff have to look."""

CONFIRMED = (Status.FAIL, Status.ERROR)

USED_UP = (Status.TIMEOUT, Status.MEMORY)
"""Of time and memory of a sandbox, those that were judged before may have left too little."""

START_AND_END = 120.0
"""Seconds that a sandbox with a budget may take besides it: starting, importing torch, handing over."""

TRAINING = ("overfit", "accuracy")
"""Kinds that take long by nature: one that did not end says nothing about other checks of the same function."""


class Checker:
    """Judges one submission's planned checks. A context manager: leaving it ends its sandboxes."""

    def __init__(
        self,
        rubric: Rubric,
        backend: Backend,
        trees: Mapping[Tree, Path],
        variables: Mapping[str, str],
        submission: Submission,
        *,
        datasets: Path | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """trees: the folders that sandboxes see. say: told how far a long check is."""
        self._rubric, self._backend, self._trees, self._submission = rubric, backend, trees, submission
        self._variables, self._datasets, self._say = variables, datasets, say
        self._references = references(variables)
        self._shared: dict[Tree, WhenAsked] = {}
        self._stuck: dict[str, Judgement] = {}
        self._slow: dict[str, Judgement] = {}
        self._hopeless: set[str] = set()  # with right layers too, these do not end

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for tree in tuple(self._shared):
            self._close(tree)

    def judge(self, planned: PlannedCheck) -> Judgement:
        """The verdict on one check. Raises SandboxUnavailable; never for what student code does."""
        started = time.monotonic()
        try:
            self._data(planned)
        except DatasetError as error:  # not the student's fault, and no second try helps
            return unread(f"This was not judged, because the service could not read its images: {error}.")
        stuck = self._known_stuck(planned) if KINDS[planned.check.kind].tree == "package" else None
        if stuck is not None and planned.check.declaration.function not in self._hopeless:
            stuck = self._on_right_layers(planned, stuck)
        judgement = stuck or self._decide(planned)
        return replace(judgement, seconds=time.monotonic() - started)

    def _decide(self, planned: PlannedCheck) -> Judgement:
        if KINDS[planned.check.kind].tree == "submission":
            return self._on_submission(planned)
        training = planned.check.kind in TRAINING
        slow = self._slow.get(planned.check.declaration.function) if training else None
        judgement = slow or self._in_shared(planned)
        for _ in range(RETRIES):
            if judgement.status is not Status.OURS or judgement.unread:
                break
            judgement = self._alone(planned)
        if judgement.status in USED_UP or (judgement.blocked and judgement.ended):
            (self._slow if training else self._stuck)[planned.check.declaration.function] = judgement
        if judgement.old_environment:
            judgement = self._with_old_names(planned, judgement)
        return self._on_right_layers(planned, judgement)

    def _on_submission(self, planned: PlannedCheck) -> Judgement:
        """A check with a budget of its own has a sandbox of its own."""
        judgement = self._alone(planned) if planned.check.declaration.budget else self._in_shared(planned)
        for _ in range(RETRIES):
            if judgement.status is not Status.OURS or judgement.unread:
                break
            judgement = self._alone(planned)
        return judgement

    def _on_right_layers(self, planned: PlannedCheck, judgement: Judgement) -> Judgement:
        if judgement.status is Status.PASS or not self._builds_on_others(planned):
            return judgement
        return self._with_right_layers(planned, judgement)

    def _in_shared(self, planned: PlannedCheck) -> Judgement:
        tree = KINDS[planned.check.kind].tree
        session = self._shared.get(tree)
        if session is None or not session.alive:
            self._close(tree)
            session = self._shared[tree] = WhenAsked(lambda: self._open(planned))
        before = session.asked
        judgement = self._run(planned, session)
        used = before and session.asked > before
        if used and tree == "submission" and judgement.status in USED_UP:
            return self._alone(planned)
        if used and judgement.status in CONFIRMED and not judgement.mistake and planned.scope == "core":
            return self._alone(planned)
        return judgement

    def _alone(self, planned: PlannedCheck, **options: Any) -> Judgement:
        session = WhenAsked(lambda: self._open(planned, **options))
        try:
            return self._run(planned, session)
        finally:
            session.close()

    def _with_old_names(self, planned: PlannedCheck, judgement: Judgement) -> Judgement:
        again = self._alone(planned, compat=True)
        if again.status is Status.PASS and judgement.blocked:
            return again.with_remark("It was judged with the old names that the function it needs still uses.")
        if again.status is Status.PASS:
            return replace(judgement, message=f"{judgement.message} With the old name put back, its result is right.")
        return judgement

    def _builds_on_others(self, planned: PlannedCheck) -> bool:
        if planned.check.kind in ("network", *TRAINING):
            return True
        reference = self._references.get(planned.check.declaration.operation or "")
        return bool(getattr(reference, "depends_on", ()))

    def _with_right_layers(self, planned: PlannedCheck, judgement: Judgement) -> Judgement:
        answers = RightLayers(self._rubric, self._references, self._variables, planned.seed).substitutions()
        own = {planned.check.declaration.function, getattr(planned.check.declaration, "forward", None)}
        answers = {key: answer for key, answer in answers.items() if f"{key.module}.{key.function}" not in own}
        again = self._alone(planned, substitutions=answers)
        if again.status in (Status.TIMEOUT, Status.MEMORY):
            self._hopeless.add(planned.check.declaration.function)
        if again.status is Status.FAIL and judgement.status in CONFIRMED:
            return again.with_remark("It was judged with right layers behind it.")
        if again.status is not Status.PASS:
            return judgement
        function = planned.function
        text = (
            f"{function} is right with right layers behind it; what is wrong in the layers it calls is counted there."
        )
        return replace(again, message=text)

    def _known_stuck(self, planned: PlannedCheck) -> Judgement | None:
        """The verdict that the same function, or the forward function this one needs, already got for not ending."""
        declaration = planned.check.declaration
        for function in (declaration.function, getattr(declaration, "forward", None)):
            stuck = self._stuck.get(function or "")
            if stuck is not None:
                return (
                    stuck
                    if function == declaration.function
                    else blocked(planned.function, function.rpartition(".")[2], stuck)
                )
        return None

    def _open(self, planned: PlannedCheck, **options: Any) -> Session:
        tree = KINDS[planned.check.kind].tree
        torch = tree == "submission" or self._rubric.code.torch
        budget = planned.check.declaration.budget
        if budget is not None:
            seconds = budget.seconds + START_AND_END
            memory, space = budget.memory_mb * MB, 0 if budget.device == "gpu" else None  # CUDA maps more than there is
            options["limits"] = Limits(wall=seconds, cpu=seconds * budget.cores, memory=memory, address_space=space)
        return open_session(self._backend, self._trees[tree], torch=torch, **options)

    def _run(self, planned: PlannedCheck, session: WhenAsked) -> Judgement:
        declaration = planned.check.declaration
        context = Context(
            reference=self._references.get(declaration.operation or ""),
            scope=planned.scope,
            seed=planned.seed,
            variables=self._variables,
            data=self._data(planned),
            submission=self._submission,
        )
        return drive(KINDS[planned.check.kind].run(declaration, context), session, self._saying(planned))

    def _saying(self, planned: PlannedCheck) -> Callable[[str], None]:
        """A check that students do not see (yet) does not tell them how it is getting on either."""
        return self._say if planned.check.visibility == "visible" else lambda text: None

    def _data(self, planned: PlannedCheck) -> Images | ImageSet | None:
        """The images that the check needs; a pack's variable `dataset` replaces what its checks declare. Raises
        DatasetError."""
        declared = getattr(planned.check.declaration, "dataset", None)
        if declared is None:
            return None
        load = load_image_set if KINDS[planned.check.kind].tree == "submission" else load_images
        return load(self._variables.get("dataset", declared), self._datasets)

    def _close(self, tree: Tree) -> None:
        session = self._shared.pop(tree, None)
        if session is not None:
            session.close()


class WhenAsked:
    """A session that its first request opens: where nothing was handed in, a check ends without one.

    asked: how many requests it got; a check that asked nothing cannot have been disturbed by others.
    """

    def __init__(self, open_it: Callable[[], Session]) -> None:
        self._open = open_it
        self._session: Session | None = None
        self.asked = 0

    @property
    def alive(self) -> bool:
        return self._session is None or self._session.alive

    def send(self, request: Request) -> Reply:
        """Raises SandboxUnavailable, as `open_session` does."""
        self.asked += 1
        if self._session is None:
            self._session = self._open()
        return self._session.send(request)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


def drive(check: Any, session: Any, say: Callable[[str], None] = lambda text: None) -> Judgement:
    """Answer a check's requests from `session` until it returns its judgement."""
    try:
        request = next(check)
        while True:
            if isinstance(request, Say):
                say(request.text)
                request = check.send(Reply(Outcome.OK))
            else:
                request = check.send(session.send(request))
    except StopIteration as finished:
        return finished.value
