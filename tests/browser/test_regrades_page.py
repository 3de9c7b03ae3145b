"""Grading a class again in a real browser: accessible in every size and scheme, live progress, the decision."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from grader.core.submission import AttemptState
from grader.db import attempts, regrade_runs
from grader.db.session import transaction
from grader.db.tables import Assignment, Attempt, User

HERE = "/assignments/cs231n-a2/regrades"


@pytest.fixture
def run(room, rooms):
    """A class of sixteen; a run of it, nothing graded yet."""
    with transaction() as session:
        for who in (room.student, room.other):
            rooms.graded(session, rooms.handed_in(session, who, room.assignment))
        rooms.fill(session, room)
        assignment = session.get_one(Assignment, room.assignment.id)
        by = session.get_one(User, room.ta.id)
        return regrade_runs.open_run(session, assignment, assignment.rubric_version, by)


def grade(rooms, run, *, most=99, failing=2):
    with transaction() as session:
        for index, (attempt_id, _) in enumerate(regrade_runs.to_send(session, session.merge(run))[:most]):
            lease = attempts.take(session, attempt_id, worker="test", lease_seconds=60)
            if index < failing:
                attempts.give_back(session, lease, "the sandbox fell over", max_tries=1)
                continue
            attempts.finish(session, lease, rooms.realistic_result({}, seed=3 * index + 1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_accessible_and_never_too_wide(visit, room, rooms, run, accessible, size, scheme):
    grade(rooms, run, most=5)
    page = visit(f"{HERE}/{run.id}", room.ta, size=size, scheme=scheme)
    accessible(page)
    grade(rooms, run, failing=0)
    for path in (f"{HERE}/{run.id}?all=1", HERE):
        page.goto(path)
        accessible(page)


def test_progress_is_live_and_the_decision_is_taken(visit, room, rooms, run):
    page = visit(f"{HERE}/{run.id}", room.ta)
    expect(page.locator("[data-count]")).to_have_text("0 of 16")
    expect(page.get_by_role("button", name="Accept")).to_be_disabled()
    grade(rooms, run, most=5)
    expect(page.locator("[data-count]")).to_have_text("5 of 16")
    grade(rooms, run, failing=0)
    expect(page.get_by_role("button", name="Accept")).to_be_enabled()
    expect(page.get_by_text("2 submissions could not be graded")).to_be_visible()
    changes = page.locator(".changes tbody tr td:last-child")
    page.get_by_role("link", name="Change", exact=True).click()
    page.wait_for_url("**sort=change")
    shown = [float(text.replace("−", "-")) for text in changes.all_text_contents()]
    assert shown == sorted(shown) and len(shown) > 3
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("To decide")).to_be_visible()
    with transaction() as session:
        assert session.query(Attempt).filter(Attempt.run_id == run.id, Attempt.counts).count() == 0


def test_starting_a_run_without_scripts(visit, room, rooms):
    with transaction() as session:
        rooms.graded(session, rooms.handed_in(session, room.student, room.assignment))
    page = visit(HERE, room.ta, scripts=False)
    page.get_by_label("The rubric in force").check()
    page.get_by_role("button", name="Grade the class again").click()
    expect(page.locator("h1")).to_have_text("Run 1")
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    with transaction() as session:
        (attempt,) = session.query(Attempt).filter(Attempt.run_id == 1)
        assert (attempt.state, attempt.counts) == (AttemptState.QUEUED, False)
