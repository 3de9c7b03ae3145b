"""The demo course: an assignment, a student, a TA, one submission handed in over REST and its score table.

Played again on the same data, it changes nothing: accounts are kept in `demo.json`, and the second identical upload is
answered with the first attempt.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from grader.accept import store
from grader.admin import registered
from grader.client import packed
from grader.core.result import Result
from grader.core.submission import Answer, Submission
from grader.db import courses, tokens, users
from grader.db.session import transaction
from grader.db.tables import Course, Role, User
from grader.errors import GraderError
from grader.pack import labelled_answers, load_pack
from grader.report import print_result
from grader.settings import Settings

COURSE, ASSIGNMENT, PACK, SAMPLE = "dl-demo", "cs231n-a2", "cs231n_a2", "many-mistakes"
_PEOPLE = {
    "student": ("student@example.edu", "Nino Student", Role.STUDENT),
    "ta": ("ta@example.edu", "Tal TA", Role.TA),
    "instructor": ("instructor@example.edu", "Ira Instructor", Role.INSTRUCTOR),
}
_CLASSMATES = ("Ada", "Богдан", "Chidi", "დავით", "Eun-ji", "Farid", "גלית", "Hanna")
_GRADING_SECONDS = 600.0


class DemoFailed(GraderError):
    title = "The demo did not get through"


@dataclass(frozen=True)
class Account:
    email: str
    password: str
    token: str


def play(settings: Settings, console: Console | None = None) -> Result:
    """Set up the course, hand in the sample, show its grading, print result and addresses. Raises DemoFailed."""
    console = console or Console()
    accounts = set_up(settings)
    pack = load_pack(PACK)
    headers = {"Authorization": f"Bearer {accounts['student'].token}"}
    with httpx.Client(base_url=f"http://{settings.host}:{settings.port}", headers=headers, timeout=60) as client:
        submission = _hand_in(client, pack.folder / "samples" / SAMPLE / "assignment2")
        console.print(f"Handed in samples/{SAMPLE} as {accounts['student'].email}: submission {submission['id']}")
        _show_progress(client, submission, console)
        result = _result(client, submission)
    _hand_in_for_classmates()
    print_result(result, console)
    console.print(Panel(_addresses(settings, accounts, submission), title="Open in a browser", title_align="left"))
    return result


def set_up(settings: Settings) -> dict[str, Account]:
    """The demo course with its people, made when new; their accounts by role."""
    kept = settings.data_dir / "demo.json"
    accounts = {}
    if kept.exists():
        accounts = {role: Account(**fields) for role, fields in json.loads(kept.read_text()).items()}
    if accounts.keys() >= _PEOPLE.keys():
        return accounts
    with transaction() as session:
        course = courses.course_by_slug(session, COURSE) if accounts else _course(session)
        for name in _PEOPLE.keys() - accounts.keys():
            accounts[name] = _account(session, course, *_PEOPLE[name])
    _keep(kept, accounts)
    return accounts


def _course(session: Session) -> Course:
    pack = load_pack(PACK)
    rubric = registered(session, pack)
    course = courses.create_course(session, slug=COURSE, title="Deep learning, demo")
    courses.create_assignment(session, course=course, slug=ASSIGNMENT, title=pack.rubric.title, rubric=rubric)
    return course


def _account(session: Session, course: Course, email: str, name: str, role: Role) -> Account:
    password = secrets.token_urlsafe(9)
    user = users.create_user(session, email=email, name=name, password=password)
    courses.enroll(session, course, user, role)
    return Account(email, password, _token(session, user))


def _hand_in_for_classmates() -> None:
    """One of the pack's labelled answers to each question from everybody, for the desk. The sweeper sends them on."""
    given: dict[str, list[str]] = {}
    for labelled in labelled_answers(load_pack(PACK)):
        given.setdefault(labelled.question, []).append(labelled.text)
    with transaction() as session:
        assignment = courses.assignment_by_slug(session, ASSIGNMENT)
        if len(courses.members(session, assignment.course_id)) > len(_PEOPLE):
            return
        for number, name in enumerate(_CLASSMATES):
            user = users.create_user(session, email=f"classmate{number + 1}@example.edu", name=name)
            courses.enroll(session, assignment.course, user, Role.STUDENT)
            answers = {asked: Answer(asked, texts[number % len(texts)], "form") for asked, texts in given.items()}
            store(session, Submission({}, answers), user=user, assignment=assignment, source="demo")


def _token(session: Any, user: User) -> str:
    return tokens.create_token(session, user, label="demo")[1]


def _keep(path: Path, accounts: dict[str, Account]) -> None:
    """For the next start: passwords and tokens are stored nowhere else in the clear."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({role: asdict(account) for role, account in accounts.items()}, file, indent=2)


def _hand_in(client: httpx.Client, sample: Path) -> dict[str, Any]:
    name, content = packed(sample)
    answer = client.post(f"/api/v1/assignments/{ASSIGNMENT}/submissions", files={"files": (name, content)})
    if not answer.is_success or "id" not in answer.json():
        raise DemoFailed(f"handing in {sample} was answered with {answer.status_code}: {answer.text[:500]}")
    return answer.json()


def _show_progress(client: httpx.Client, submission: dict[str, Any], console: Console) -> None:
    """Follow the server-sent events until the attempt has ended."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("waiting for a worker", total=None)
        with client.stream("GET", submission["links"]["events"], timeout=_GRADING_SECONDS) as events:
            for line in events.iter_lines():
                if line == "event: end":
                    break
                if line.startswith("data: "):
                    step = json.loads(line.removeprefix("data: "))
                    bar.update(task, total=step["total"], completed=step["done"], description=step["text"])


def _result(client: httpx.Client, submission: dict[str, Any]) -> Result:
    answer = client.get(submission["links"]["result"])
    if not answer.is_success:
        state = client.get(submission["links"]["self"]).json().get("state")
        raise DemoFailed(f"submission {submission['id']} is {state}, not graded: {answer.text[:500]}")
    return Result.model_validate({name: answer.json()[name] for name in Result.model_fields})


def _addresses(settings: Settings, accounts: dict[str, Account], submission: dict[str, Any]) -> str:
    student, ta, instructor = accounts["student"], accounts["ta"], accounts["instructor"]
    return "\n".join(
        [
            f"{settings.base_url}{submission['links']['page']}",
            f"  as student: {student.email}   password {student.password}",
            f"{settings.base_url}/assignments/{ASSIGNMENT}/submissions",
            f"  as TA:      {ta.email}   password {ta.password}",
            f"  as instructor: {instructor.email}   password {instructor.password}",
            f"{settings.base_url}/assignments/{ASSIGNMENT}/desk   (the class's written answers)",
            f"{settings.base_url}/api/v1/openapi.json",
            f"  with Authorization: Bearer {student.token}",
        ]
    )
