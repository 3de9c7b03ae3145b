"""Tables and plots of checks in a browser: accessible, never too wide, in both schemes, hostile text harmless."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.core.exhibit import Plot, Series, Table
from grader.core.result import Status
from grader.db.session import transaction

EVIL = '"><img src=x onerror=alert(1)></svg><script>alert(2)</script>'
LONG = "a_very_long_name_without_any_place_to_break_" * 6


def curve(name, start, end, count=80):
    values = tuple(end + (start - end) * 0.93**epoch for epoch in range(count))
    return Series(name=name, x=tuple(range(1, count + 1)), y=values)


@pytest.fixture
def shown(room, rooms):
    """A question whose check failed with plots and a table, and one that passed with a table."""
    runs = (
        ("baseline, train", 0.6, 0.97), ("baseline, validation", 0.58, 0.89), ("dropout, train", 0.5, 0.93),
        ("בלי נרמול, validation", 0.52, 0.9), ("weight decay, train", 0.55, 0.91), (EVIL, 0.5, 0.88), (LONG, 0.4, 0.8),
    )  # fmt: skip
    plot = Plot(
        title="Accuracy by epoch", x_label="epoch", y_label="accuracy",
        series=tuple(curve(*run) for run in runs), level=0.9,
    )  # fmt: skip
    dot = Plot(title=EVIL, x_label="эпоха", y_label="דיוק", series=(Series(name="one", x=(3,), y=(0.5,)),))
    table = Table(
        title="Declared and found", header=("layer", "declared", "found", "parameters"),
        rows=(("conv1", "6@5×5", "6@5×5", "156"), ("conv2", "16@5×5", "16@3×3", "880"), (LONG, EVIL, "שכבה", "0")),
        wrong=(1,),
    )  # fmt: skip
    result = rooms.realistic_result()
    questions = list(result.questions)
    code = [at for at, question in enumerate(questions) if question.checks]
    for at, status, points, exhibits in (
        (code[0], Status.FAIL, 0, (plot, dot, table)),
        (code[1], Status.PASS, 1, (table,)),
    ):
        question = questions[at]
        check = question.checks[0].model_copy(update={"exhibits": exhibits, "status": status, "points": points})
        questions[at] = question.model_copy(update={"checks": (check, *question.checks[1:])})
    with transaction() as session:
        submission = rooms.handed_in(session, room.student, room.assignment)
        return rooms.graded(session, submission, result.model_copy(update={"questions": tuple(questions)}))


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_accessible_and_never_too_wide(visit, room, shown, accessible, size, scheme):
    for user, path in ((room.student, ""), (room.ta, "/review")):
        page = visit(f"/submissions/{shown.id}{path}", user, size=size, scheme=scheme)
        accessible(page)
        assert page.locator("main img").count() == 0 and page.locator("main script").count() == 0


def test_the_end_of_a_curve_is_seen_on_a_phone(visit, room, shown):
    page = visit(f"/submissions/{shown.id}", room.student, size="narrow")
    picture = page.get_by_role("img", name="Accuracy by epoch")
    last = picture.locator("polyline").first.bounding_box()
    frame = page.locator(".plot-scroll").first.bounding_box()
    assert last["x"] + last["width"] <= frame["x"] + frame["width"] + 1


def test_a_plot_is_read_by_eye_and_by_ear(visit, room, shown):
    page = visit(f"/submissions/{shown.id}", room.student)
    picture = page.get_by_role("img", name="Accuracy by epoch")
    expect(picture).to_be_visible()
    lines = picture.locator("polyline")
    assert lines.count() == 7
    box, frame = lines.first.bounding_box(), picture.bounding_box()
    assert box["width"] > 0.8 * frame["width"] and box["height"] > 0.2 * frame["height"]
    looks = {
        lines.nth(at).evaluate("it => getComputedStyle(it).stroke + getComputedStyle(it).strokeDasharray")
        for at in range(7)
    }
    assert len(looks) == 7, "every line looks different"
    page.get_by_text("The numbers").first.click()
    expect(page.get_by_role("group", name="Numbers: Accuracy by epoch").get_by_role("row")).to_have_count(81)
    expect(page.locator(".differs").first).to_contain_text("Does not agree")
