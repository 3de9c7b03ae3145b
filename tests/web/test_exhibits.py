"""Plots: every number within its picture, whatever was logged; hidden with their check; hostile text stays text."""

from __future__ import annotations

import copy
import math

from hypothesis import given
from hypothesis import strategies as st

from grader.core.exhibit import Plot, Series, Table
from grader.core.result import Status
from grader.db.session import transaction
from grader.web.exhibits import BOTTOM, HEIGHT, LEFT, LINES, POINTS, RIGHT, ROWS, TOP, WIDTH, drawn

VALUES = st.floats(allow_nan=True, allow_infinity=True)
EVIL = '"><img src=x onerror=alert(1)></svg><script>alert(2)</script>'


def plot(*series, level=None):
    return Plot(title="t", x_label="epoch", y_label="loss", series=series, level=level)


@given(
    st.lists(st.lists(st.tuples(VALUES, VALUES), max_size=40), min_size=1, max_size=4), st.none() | VALUES
)  # fmt: skip
def test_everything_lies_within_the_picture(lines, level):
    series = [Series(name="s", x=[x for x, _ in line], y=[y for _, y in line]) for line in lines]
    picture = drawn(plot(*series, level=level))
    for line in picture.lines:
        for place in line.points.split():
            x, y = map(float, place.split(","))
            assert LEFT - 1 <= x <= WIDTH - RIGHT + 1 and TOP - 1 <= y <= HEIGHT - BOTTOM + 1
    assert 1 <= len(picture.y_ticks) <= 14
    if level is not None and math.isfinite(level):
        assert TOP - 1 <= picture.level.at <= HEIGHT - BOTTOM + 1


def test_places_follow_the_values():
    series = Series(name="a", x=(1, 2, 3, 4, 5), y=(0.0, 0.25, 0.5, 0.75, 1.0))
    picture = drawn(plot(series, level=0.5))
    places = [tuple(map(float, place.split(","))) for place in picture.lines[0].points.split()]
    assert places[0] == (LEFT, HEIGHT - BOTTOM) and places[-1] == (WIDTH - RIGHT, TOP)
    assert picture.level.at == places[2][1] and picture.level.label == "0.5"
    assert [tick.label for tick in picture.x_ticks] == ["1", "2", "3", "4", "5"], "epochs are whole"
    assert "0 at 1, 1 at 5" in picture.description
    assert picture.rows[1] == ("2", "0.25")


def test_a_peak_survives_thinning_and_much_is_cut():
    noise = [0.0] * 20_000
    noise[12_345] = 7.0
    picture = drawn(plot(Series(name="a", x=tuple(range(20_000)), y=tuple(noise))))
    places = [float(place.split(",")[1]) for place in picture.lines[0].points.split()]
    assert len(places) <= POINTS + 2 and min(places) < max(places) - 200
    assert len(picture.rows) == ROWS and picture.more_rows == 20_000 - ROWS
    many = drawn(plot(*(Series(name=str(i), x=(1,), y=(i,)) for i in range(LINES + 5))))
    assert len(many.lines) == LINES and many.more_lines == 5 and many.lines[0].dot


def exhibited(rooms):
    """A result of which the first code check shows a hostile plot and a table."""
    result = rooms.realistic_result()
    at = next(i for i, question in enumerate(result.questions) if question.checks)
    question = result.questions[at]
    shown = (
        Plot(title=EVIL, x_label=EVIL, y_label="ירידה", series=(Series(name=EVIL, x=(1, 2), y=(0.5, 0.625)),)),
        Table(title="Declared and found", header=("layer", EVIL), rows=(("conv", EVIL), ("fc", "84")), wrong=(0,)),
    )
    check = question.checks[0].model_copy(update={"exhibits": shown, "status": Status.FAIL})
    questions = list(result.questions)
    questions[at] = question.model_copy(update={"checks": (check, *question.checks[1:])})
    return result.model_copy(update={"questions": tuple(questions)}), question.id


def test_student_and_staff_see_them_and_no_text_becomes_a_tag(browse, room, rooms):
    result, _ = exhibited(rooms)
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment), result)
    for user, path in ((room.student, ""), (room.ta, "/review")):
        page = browse(user).get(f"/submissions/{submission.id}{path}").text
        assert "<polyline" in page and "0.625" in page and 'class="differs"' in page
        assert "<img" not in page and "<script>" not in page and "style=" not in page
        assert "exhibits.css" in page


def test_hidden_with_their_check(browse, room, rooms):
    result, question = exhibited(rooms)
    with transaction() as session:
        submission = rooms.graded(session, rooms.handed_in(session, room.student, room.assignment), result)
        version = session.merge(room.assignment).rubric_version
        document = copy.deepcopy(version.document)
        for declared in document["questions"]:
            for one in declared["checks"] if declared["id"] == question else ():
                one["visibility"] = "hidden"
        version.document = document
        session.flush()
    page = browse(room.student).get(f"/submissions/{submission.id}").text
    assert "0.625" not in page and "Declared and found" not in page
    api = browse(room.student).get(f"/api/v1/submissions/{submission.id}").text
    assert "Declared and found" not in api
    assert "0.625" in browse(room.ta).get(f"/submissions/{submission.id}/review").text
