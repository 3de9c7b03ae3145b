"""Computational graphs on the pages: the fields of the form become the answer; what was answered is drawn."""

from __future__ import annotations

import re

from grader.db.release import publish
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, Submission
from grader.web.graph_form import graph_fields, with_graphs

EVIL = '"><img src=x onerror=alert(1)> | | \n| a | 9 | 9 |'


def fields(**changed):
    """What the form sends, as a browser does: given numbers in hidden fields, first values, then gradients."""
    from graph_room import GRADIENTS, VALUES

    sent = {f"given:graph:value:{name}": text for name, text in zip("xyzw", ("2", "-1", "3", "0.5"), strict=True)}
    sent |= {f"graph:graph:value:{name}": text for name, text in VALUES.items()}
    sent |= {"given:graph:gradient:f": "1"}
    sent |= {f"graph:graph:gradient:{name}": text for name, text in GRADIENTS.items()}
    return sent | {f"graph:graph:{name.replace('_', ':')}": text for name, text in changed.items()}


def send(client, graphs, csrf, **data):
    token = csrf(client, f"/assignments/{graphs.SLUG}")
    return client.post(f"/assignments/{graphs.SLUG}/hand-in", data={"csrf": token, **data}, files={"files": ("", b"")})


def test_the_fields_become_a_table_that_the_rules_read(cv_room, rooms, graphs, browse, csrf):
    answer = send(browse(cv_room.student), graphs, csrf, **fields(gradient_y="-1.48"))
    assert answer.status_code == 303, answer.text
    number = int(answer.headers["location"].rpartition("/")[2].partition("?")[0])
    with transaction() as session:
        submission = submission_by_id(session, number)
        text = next(it.text for it in submission.answers if it.question == "graph")
        graphs.graded(rooms, session, submission)
        items = score_sheet(session, submission).question("graph").result.items
    assert "| node | value | gradient |" in text and "| x | 2 | -0.74 |" in text and "| y | -1 | -1.48 |" in text
    assert {it.id for it in items if it.suggested == "deduct"} == {"slip"}
    assert "the sign is wrong" in next(it.reason for it in items if it.id == "slip")


def test_empty_fields_are_no_answer(cv_room, graphs, browse, csrf):
    empty = {name: "" if name.startswith("graph:") else text for name, text in fields().items()}
    assert "nothing was handed in" in send(browse(cv_room.student), graphs, csrf, **empty).text.lower()


def test_what_was_typed_is_not_lost_when_a_file_is_refused(cv_room, graphs, browse, csrf):
    client = browse(cv_room.student)
    token = csrf(client, f"/assignments/{graphs.SLUG}")
    data = {"csrf": token, "answer:graph": "Зауваження", **fields(value_a=EVIL)}
    files = {"files": ("work.zip", b"PK\x03\x04 not a zip")}
    page = client.post(f"/assignments/{graphs.SLUG}/hand-in", data=data, files=files)
    assert page.status_code == 422
    assert (
        'name="graph:graph:value:b"' in page.text
        and 'value="1.48"' in page.text
        and ">Зауваження</textarea>" in page.text
    )
    assert "<img" not in page.text and "&lt;img" in page.text


def test_a_table_cannot_be_broken_out_of():
    read = graph_fields([("graph:q:value:a", EVIL), ("graph:q:gradient:a", "1"), ("graph:q", "x"), ("answer:q", "y")])
    text = with_graphs({"q": "A remark.", "other": "z"}, read)
    assert text["other"] == "z" and text["q"].count("\n") == 4 and text["q"].endswith("\n\nA remark.")
    assert text["q"].split("\n")[2] == '| a | "><img src=x onerror=alert(1)> \\| \\| \\| a \\| 9 \\| 9 \\| | 1 |'


def shown(client, submission, staff=False):
    page = client.get(f"/submissions/{submission.id}{'/review' if staff else ''}").text
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|<b on|<img", page)
    return page[page.index('class="graph"') :].partition("</svg>")[0]


def test_a_student_sees_the_own_numbers_and_what_is_wrong_only_once_it_is_published(cv_room, rooms, graphs, browse):
    with transaction() as session:
        text = graphs.table(value_a="5.31", value_c="8.31", value_d="4.16", value_e="-4.16")
        submission = rooms.handed_in(session, cv_room.student, cv_room.assignment, answers={"graph": text})
        graphs.graded(rooms, session, submission)
    client = browse(cv_room.student)
    before = shown(client, submission)
    assert ">5.31<" in before and "✗" not in before
    with transaction() as session:
        found = session.get_one(Submission, submission.id)
        version = score_sheet(session, found).question("graph").version
        save_review(
            session, submission=found, question="graph", version=version, by=cv_room.ta,
            decision=Decision({"slip": ItemDecision(True, "")}),
        )  # fmt: skip
        publish(session, session.get_one(Assignment, cv_room.assignment.id), cv_room.ta)
    after = shown(client, submission)
    assert "✗ wrong" in after
    assert not re.search(r"[-−]2(\.0+)?\b", after), "the right value of a is shown"


def test_where_nothing_was_deducted_nothing_is_marked(cv_room, rooms, graphs, browse):
    with transaction() as session:
        submission = rooms.handed_in(
            session, cv_room.student, cv_room.assignment, answers={"graph": graphs.table(value_a="5.31")}
        )
        graphs.graded(rooms, session, submission)
        version = score_sheet(session, submission).question("graph").version
        save_review(
            session, submission=submission, question="graph", version=version, by=cv_room.ta, decision=Decision({})
        )
        publish(session, session.get_one(Assignment, cv_room.assignment.id), cv_room.ta)
    assert "✗" not in shown(browse(cv_room.student), submission)


def test_staff_see_each_number_s_mark_and_hostile_text_as_text(cv_room, rooms, graphs, browse):
    text = graphs.table(gradient_y="-1.48", value_b="<b onclick=x>3", gradient_c="")
    with transaction() as session:
        submission = rooms.handed_in(session, cv_room.student, cv_room.assignment, answers={"graph": text})
        graphs.graded(rooms, session, submission)
    client = browse(cv_room.ta)
    page = shown(client, submission, staff=True)
    assert page.count("✗ wrong") == 1 and page.count("✗ empty") == 1 and page.count("? unread") == 1
    assert "<b onclick" not in page and "&lt;b onclick=x&gt;3" in page
    desk = client.get(f"/assignments/{graphs.SLUG}/desk/graph/{submission.id}")
    assert desk.status_code == 200 and "✗ wrong" in desk.text


def test_an_answer_without_numbers_is_shown_as_before(cv_room, rooms, graphs, browse):
    with transaction() as session:
        submission = rooms.handed_in(session, cv_room.student, cv_room.assignment, answers={"graph": "See my drawing."})
        graphs.graded(rooms, session, submission)
    page = browse(cv_room.student).get(f"/submissions/{submission.id}").text
    assert "See my drawing." in page and 'class="graph"' not in page
