"""Bringing graded exports into the service: answers as a submission, marks as its reviews, a rubric if there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.blobs import StoredFile
from grader.core import submission as core
from grader.core.rubric import Rubric
from grader.core.rubric_file import parse_rubric, rubric_hash
from grader.db import courses, users
from grader.db.answer_sheets import Change, answer_sheets, lock_answers
from grader.db.audit import record
from grader.db.changes import carry_out
from grader.db.kinds import ReviewVia
from grader.db.reviews import Decision, ItemDecision
from grader.db.rubrics import rubric_of
from grader.db.submissions import Stored, store_submission, submissions_of
from grader.db.tables import Answer, Assignment, Course, Role, Submission, User
from grader.errors import BadInput
from grader.ingest.gradescope.export import Export
from grader.ingest.gradescope.marks import QuestionMarks, export_marks
from grader.ingest.gradescope.match import Match
from grader.pack import PackNotFound, find_pack

SOURCE = "gradescope"
ACTION = "import"  # in the audit log


@dataclass(frozen=True)
class Imported:
    """The stored submission, whose attempt the caller sends after the commit; the score that its marks give; and
    everything that differs from the export."""

    stored: Stored
    score: float
    differences: tuple[str, ...]


def import_export(
    session: Session, *, assignment: Assignment, student: User, export: Export, match: Match, by: User, name: str = ""
) -> Imported:
    """Store the export's answers as a submission of `student`, and its marks as decided by `by`.

    What the student handed in before is carried over, so that code keeps its grade. A question that a TA has decided
    otherwise since an earlier import of the same export is left as it is. `name`: of the file, for the audit log.
    Raises BadInput for a match that does not fit the rubric.
    """
    rubric = rubric_of(assignment.rubric_version)
    refuse_unusable(export, rubric, match)
    marks = export_marks(export, rubric, match)
    stored = _store(session, assignment, student, export, match)
    left = [
        question.question for question in marks.questions
        if not _decide(session, assignment, stored.submission, question, by)
    ]  # fmt: skip
    differences = [
        *marks.differences,
        *(f"{question}: a TA decided it meanwhile; it is left as it is." for question in left),
    ]
    record(
        session, ACTION, assignment_id=assignment.id, by=by, submission_id=stored.submission.id,
        after={
            "from": SOURCE, "file": name, "score": export.score, "max_score": export.max_score,
            "imported": marks.score, "repairs": list(export.repairs), "differences": differences,
        },
    )  # fmt: skip
    return Imported(stored, marks.score, tuple(differences))


def refuse_unusable(export: Export, rubric: Rubric, match: Match) -> None:
    """Raises BadInput for a question or item that the rubric does not have, or a question used twice."""
    written = {question.id: {item.id for item in question.items} for question in rubric.questions if question.items}
    chosen = [name for name in match.questions.values() if name]
    for name in chosen:
        if name not in written:
            raise BadInput(f"this rubric has no written question {name!r}")
        if chosen.count(name) > 1:
            raise BadInput(f"two questions of the export are matched with {name}; choose another one for one of them")
    for number, items in match.items.items():
        unknown = {it for it in items.values() if it} - written.get(match.questions.get(number) or "", set())
        if unknown and match.questions.get(number):
            raise BadInput(f"{match.questions[number]} has no item {', '.join(sorted(unknown))}")


def student_for(session: Session, course: Course, email: str, name: str = "") -> User:
    """The user with this e-mail, made and enrolled as a student if need be. Raises BadInput for what is no e-mail."""
    if not email.strip():
        raise BadInput("choose a student, or give the e-mail of a new one")
    user = users.user_by_email(session, email) or users.create_user(session, email=email, name=name)
    if courses.role_in(session, user, course.id) is None:
        courses.enroll(session, course, user, Role.STUDENT)
    return user


def assignment_from(session: Session, course: Course, slug: str, title: str, yaml_text: str) -> Assignment:
    """A new assignment with this rubric, of which no folder is on disk. Raises BadInput for a name that is taken."""
    try:
        find_pack(slug)
    except PackNotFound:
        pass
    else:
        raise BadInput(f"there is a rubric pack called {slug}; choose another name for the assignment")
    if session.scalar(select(Assignment.id).where(Assignment.slug == slug)) is not None:
        raise BadInput(f"there is an assignment {slug} already; choose another name")
    rubric = parse_rubric(yaml_text)
    version = courses.register_rubric(
        session, pack=slug, sha256=rubric_hash(yaml_text), yaml_text=yaml_text, document=rubric.model_dump(mode="json")
    )
    return courses.create_assignment(session, course=course, slug=slug, title=title, rubric=version)


def _store(session: Session, assignment: Assignment, student: User, export: Export, match: Match) -> Stored:
    earlier = next(iter(submissions_of(session, student, assignment)), None)
    answers = _answers(export, match)
    files: dict[str, StoredFile] = {}
    remarks = [f"Imported from a Gradescope export: {export.score:g} of {export.max_score:g} points."]
    if earlier is not None:
        files = {file.path: StoredFile(file.sha256, file.size) for file in earlier.files}
        kept = {row.question: _as_found(row) for row in earlier.answers}
        answers = kept | answers
        if earlier.source != SOURCE and files:
            remarks.append(f"Its files are those of submission {earlier.id}.")
    return store_submission(
        session, user=student, assignment=assignment, files=files, answers=answers, source=SOURCE, remarks=remarks
    )


def _answers(export: Export, match: Match) -> Mapping[str, core.Answer]:
    found = {}
    for question in export.questions:
        name = match.questions.get(question.number)
        if name and question.answer:
            found[name] = core.Answer(name, question.answer, f"Gradescope, question {question.number}")
    return found


def _as_found(row: Answer) -> core.Answer:
    return core.Answer(row.question, row.text, row.source, row.place, row.document, tuple(row.pages))


def _decide(session: Session, assignment: Assignment, submission: Submission, marks: QuestionMarks, by: User) -> bool:
    """Store the marks of one question; False if a TA has decided it in another way than by an import."""
    lock_answers(session, marks.question, [submission.id])
    sheet = answer_sheets(session, assignment, marks.question, [submission.id])[submission.id]
    if sheet.review is not None and sheet.review.via is not ReviewVia.IMPORT:
        return False
    change = Change(sheet, _decision(marks), by.id, ReviewVia.IMPORT)
    carry_out(session, assignment, marks.question, {submission.id: change}, by=by)
    return True


def _decision(marks: QuestionMarks) -> Decision:
    items = {name: ItemDecision(True) for name in marks.applied}
    if marks.adjustment is None and marks.comment and marks.applied:
        first = marks.applied[0]  # a grader's words without points belong to what they marked
        return Decision(items | {first: ItemDecision(True, marks.comment)})
    return Decision(items, marks.adjustment, marks.comment)
