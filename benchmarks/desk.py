"""The desk with a class of 300 and ten written questions: grouping, rescoring, and the server's time for one answer.

Ratios to the bars count, not milliseconds: machines are noisy. Run by `make bench`.
"""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable, Sequence

from class_of_300 import SLUG, class_of_300
from starlette.testclient import TestClient

from grader.app import create_app
from grader.core.similarity import group
from grader.db.class_answers import class_answers, written_questions
from grader.db.desk import Order, next_ungraded, queue
from grader.db.gradebook import class_records, lines
from grader.db.groups import groups_of, refresh_groups
from grader.db.kinds import TokenPurpose
from grader.db.session import transaction
from grader.db.tables import Assignment, User
from grader.db.tokens import create_token
from grader.web.security.cookies import SESSION

_PAGES = 60


def main() -> None:
    with class_of_300() as (assignment, ta):
        measured = [*rows_of_database(assignment), *rows_of_pages(assignment, ta)]
    width = max(len(name) for name, *_ in measured)
    for name, taken, bar in measured:
        shown = f"{taken * 1000:9.1f} ms" if taken < 1 else f"{taken:9.2f} s "
        print(f"{name:<{width}}  {shown}" + (f"  {taken / bar:6.1%} of the bar of {bar:g} s" if bar else ""))


def rows_of_database(assignment: Assignment) -> list[tuple[str, float, float | None]]:
    names = [question["id"] for question in written_questions(assignment)]
    with transaction() as session:
        importing, _ = timed(lambda: group(["one answer", "another"]))
        texts = [[answer.text for answer in class_answers(session, assignment, name)] for name in names]
        computing, grouped = timed(lambda: [group(those) for those in texts])
        grouping, _ = timed(lambda: [refresh_groups(session, assignment, name) for name in names])
        session.flush()
        again, _ = timed(lambda: [refresh_groups(session, assignment, name) for name in names])
        counts = [len(groups_of(session, assignment, name)) for name in names]
        edited = copy.deepcopy(assignment.rubric_version.document)
        for question in edited["questions"]:
            for item in question["items"]:
                item["points"] /= 2
        reading, records = timed(lambda: class_records(session, assignment))
        scoring, found = timed(lambda: lines(records, edited))
    answers = sum(map(len, texts))
    print(f"{answers} answers of {len(found)} students in {sum(counts)} groups, {min(counts)} to {max(counts)} a question")
    assert [max(it.groups) + 1 for it in grouped] == counts
    return [
        ("the first grouping of a process: imports", importing, None),
        ("grouping ten questions: comparing the texts alone", computing, None),
        ("grouping ten questions: read, compare, store", importing + grouping, 10),
        ("… when no answer has changed", again, None),
        ("rescoring the class by an edited rubric: read", reading, None),
        ("rescoring the class by an edited rubric: in all", reading + scoring, 1),
    ]


def rows_of_pages(assignment: Assignment, ta: User) -> list[tuple[str, float, float | None]]:
    with transaction() as session:
        _, cookie = create_token(session, ta, label="bench", purpose=TokenPurpose.SESSION)
        _, bearer = create_token(session, ta, label="bench")
    desk = f"/assignments/{SLUG}/desk"
    with TestClient(create_app(), follow_redirects=False, cookies={SESSION: cookie}) as client:
        api = TestClient(client.app, headers={"authorization": f"Bearer {bearer}"})
        questions = [question["id"] for question in written_questions(assignment)]
        wanted = [place for question in questions for place in undecided(assignment, question, ta)[: _PAGES // 10]]
        get(client, f"{desk}/{wanted[0][0]}/{wanted[0][1]}")  # templates are compiled once
        burnt = time.process_time()
        pages = [timed(lambda path=path: get(client, path))[0] for path in (f"{desk}/{q}/{s}" for q, s in wanted)]
        burnt = (time.process_time() - burnt) / len(pages)
        saving = [timed(lambda at=at: save(api, *at))[0] for at in wanted]
        overview = [timed(lambda: get(client, desk))[0] for _ in range(5)]
        starting = [timed(lambda q=q: get(client, f"{desk}/{q}"))[0] for q in questions]
    return [
        ("the next answer's page, median", statistics.median(pages), 0.1),
        ("the next answer's page, 95th percentile", percentile(pages), 0.1),
        ("… processor time, of service and test client, mean", burnt, None),
        ("reading and saving a decision, median", statistics.median(saving), None),
        ("reading and saving a decision, 95th percentile", percentile(saving), None),
        ("where to go on in a question, median", statistics.median(starting), None),
        ("the overview of all questions, median", statistics.median(overview), None),
    ]


def undecided(assignment: Assignment, question: str, ta: User) -> list[tuple[str, int]]:
    with transaction() as session:
        places = queue(session, assignment, question, Order.GROUPS)
        first = next_ungraded(places, None, ta)
        return [(question, it.submission_id) for it in places if not it.decided and it.submission_id != first]


def save(api: TestClient, question: str, submission: int) -> None:
    path = f"/api/v1/submissions/{submission}/marks/{question}"
    answer = api.get(path).json()
    chosen = [{"id": answer["items"][0]["id"]}]
    saved = api.put(path, json={"version": answer["version"], "items": chosen, "via": "desk", "seconds": 7})
    assert saved.status_code == 200, saved.text


def get(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {200, 303}, f"{path}: {answer.status_code}"


def timed(action: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def percentile(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


if __name__ == "__main__":
    main()
