"""A class whose answers TAs mark at the desk: two TAs, students who hand in texts, graded at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.core.result import ItemResult, QuestionResult, Result
from grader.core.rubric_file import parse_rubric, rubric_hash
from grader.core.submission import Answer
from grader.db import attempts, courses, users
from grader.db.answer_sheets import answer_sheets
from grader.db.reviews import Decision, ItemDecision
from grader.db.scores import QuestionSheet
from grader.db.submissions import store_submission, submission_by_id
from grader.db.tables import Assignment, Course, Role, Submission, User

RUBRIC = """\
assignment: nets
title: Nets
questions:
  - id: why
    title: Why ReLU
    points: 3
    scoring: deduct
    answer: {prompt: Why is ReLU used in deep nets}
    items:
      - {id: wrong, points: -3, label: The answer is wrong}
      - {id: vague, points: -1, label: Too vague}
  - id: example
    title: An example
    points: 1
    answer: {prompt: Give an example}
    items:
      - {id: given, points: 1, label: There is an example}
"""


@dataclass
class DeskClass:
    course: Course
    assignment: Assignment
    tal: User
    uri: User

    def hand_in(
        self, session: Session, name: str, *, answers: Mapping[str, Answer | str],
        suggested: Mapping[str, Mapping[str, str]] | None = None, graded: bool = True,
    ) -> Submission:  # fmt: skip
        """Of the student `name` (enrolled if new). `suggested`: question → item → clear, deduct or unknown."""
        email = f"{name.lower()}@example.edu"
        user = users.user_by_email(session, email)
        if user is None:
            user = users.create_user(session, email=email, name=name)
            courses.enroll(session, self.course, user, Role.STUDENT)
        given = {it: said if isinstance(said, Answer) else Answer(it, said, "form") for it, said in answers.items()}
        stored = store_submission(
            session, user=user, assignment=self.assignment, files={}, answers=given, source="api"
        )
        if graded:
            lease = attempts.take(session, stored.attempt.id, worker="test", lease_seconds=60)
            assert attempts.finish(session, lease, self._result(given, suggested or {}))
        session.expire(stored.attempt)
        session.expire(stored.submission)
        return submission_by_id(session, stored.submission.id)

    def class_of(self, session: Session, *texts: str, question: str = "why") -> list[Submission]:
        """One student for each text, called A, B, C …"""
        names = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index] for index in range(len(texts))]
        return [
            self.hand_in(session, name, answers={question: text} if text else {})
            for name, text in zip(names, texts, strict=True)
        ]

    def sheet(self, session: Session, submission: Submission | int, question: str = "why") -> QuestionSheet:
        submission_id = submission if isinstance(submission, int) else submission.id
        return answer_sheets(session, self.assignment, question, [submission_id])[submission_id]

    def applied(self, session: Session, submission: Submission | int, question: str = "why") -> list[str] | None:
        """The items applied; None while nobody has decided."""
        sheet = self.sheet(session, submission, question)
        return [item.id for item in sheet.result.items if item.applied] if sheet.review else None

    def _result(self, given: Mapping[str, Answer], suggested: Mapping[str, Mapping[str, str]]) -> Result:
        questions = tuple(
            QuestionResult(
                id=question["id"], title=question["title"], score=0, max_score=question["points"],
                status="needs_review", answer=given[question["id"]].text if question["id"] in given else None,
                items=tuple(
                    ItemResult(
                        id=item["id"], label=item["label"], points=item["points"],
                        suggested=suggested.get(question["id"], {}).get(item["id"], "unknown"),
                    )
                    for item in question["items"]
                ),
            )
            for question in self.assignment.rubric_version.document["questions"]
        )  # fmt: skip
        return Result(
            pack="nets", rubric_hash="0" * 64, score=0, max_score=4, awaiting_review=4, seconds=1, questions=questions
        )


def make_desk_class(session: Session) -> DeskClass:
    course = courses.create_course(session, slug="dl", title="Deep learning")
    rubric = courses.register_rubric(
        session, pack="nets", sha256=rubric_hash(RUBRIC), yaml_text=RUBRIC,
        document=parse_rubric(RUBRIC).model_dump(mode="json"),
    )  # fmt: skip
    assignment = courses.create_assignment(session, course=course, slug="a2", title="Nets", rubric=rubric)
    tal = users.create_user(session, email="tal@example.edu", name="Tal")
    uri = users.create_user(session, email="uri@example.edu", name="Uri")
    for ta in (tal, uri):
        courses.enroll(session, course, ta, Role.TA)
    session.refresh(assignment, ["course", "rubric_version"])  # for tests that go on in other sessions
    return DeskClass(course, assignment, tal, uri)


def decision(*items: str, comment: str = "", points: float | None = None, **comments: str) -> Decision:
    """`items` applied; `comments` on items; `points` and `comment` of an adjustment."""
    chosen = {item: ItemDecision(item in items, comments.get(item, "")) for item in {*items, *comments}}
    return Decision(chosen, points, comment)
