from concurrent.futures import ThreadPoolExecutor

from grader.blobs import StoredFile
from grader.core.submission import Answer, AttemptState
from grader.db.events import events_after
from grader.db.session import transaction
from grader.db.submissions import content_sha256, store_submission, submission_by_id, submissions_of
from grader.db.tables import EventKind

FILES = {"cs231n/layers.py": StoredFile("a" * 64, 120), "cs231n/optim.py": StoredFile("b" * 64, 3)}
ANSWERS = {"q1": Answer("q1", "ReLU, for x < 0. סיגמואיד", "form")}


def hand_in(session, demo, files=FILES, answers=ANSWERS, user=None):
    return store_submission(
        session, user=user or demo.student, assignment=demo.assignment, files=files, answers=answers, source="api"
    )


def test_stored_as_handed_in_with_one_queued_attempt(session, make_demo_course):
    demo = make_demo_course(session)
    stored = hand_in(session, demo)
    session.expire_all()
    submission = submission_by_id(session, stored.submission.id)
    assert stored.created
    assert {file.path: (file.sha256, file.size) for file in submission.files} == {
        path: (file.sha256, file.size) for path, file in FILES.items()
    }
    assert [(row.question, row.text) for row in submission.answers] == [("q1", ANSWERS["q1"].text)]
    assert [attempt.state for attempt in submission.attempts] == [AttemptState.QUEUED]
    assert [event.kind for event in events_after(session, stored.attempt.id)] == [EventKind.QUEUED]


def test_second_identical_upload_is_answered_with_the_first_attempt(session, make_demo_course):
    demo = make_demo_course(session)
    first = hand_in(session, demo)
    again = hand_in(session, demo, dict(reversed(FILES.items())))
    assert not again.created
    assert (again.submission.id, again.attempt.id) == (first.submission.id, first.attempt.id)


def test_same_content_of_another_student_and_other_content_are_new(session, make_demo_course):
    demo = make_demo_course(session)
    stored = [
        hand_in(session, demo),
        hand_in(session, demo, user=demo.ta),
        hand_in(session, demo, FILES | {"notes.txt": StoredFile("c" * 64, 1)}),
        hand_in(session, demo, answers={"q1": Answer("q1", "none", "form")}),
    ]
    assert all(one.created for one in stored)
    assert len({one.submission.id for one in stored}) == 4
    assert len(submissions_of(session, demo.student, demo.assignment)) == 3


def test_hash_depends_on_path_content_and_answer():
    renamed = {"layers.py": FILES["cs231n/layers.py"], "cs231n/optim.py": FILES["cs231n/optim.py"]}
    assert len({content_sha256(FILES, ANSWERS), content_sha256(renamed, ANSWERS), content_sha256(FILES, {})}) == 3


def test_ten_identical_uploads_at_once_are_one_submission(course):
    def upload(_):
        with transaction() as session:
            stored = hand_in(session, course)
            return stored.submission.id, stored.attempt.id, stored.created

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(upload, range(10)))
    assert len({(submission, attempt) for submission, attempt, _ in answers}) == 1
    assert sum(created for *_, created in answers) == 1


def test_text_that_postgresql_refuses_is_stored_visibly(session, make_demo_course):
    demo = make_demo_course(session)
    stored = hand_in(session, demo, answers={"q1": Answer("q1", "a\0b\ud800", "cell\0 3")})
    session.expire_all()
    (answer,) = submission_by_id(session, stored.submission.id).answers
    assert answer.text == "a\N{SYMBOL FOR NULL}b?"
