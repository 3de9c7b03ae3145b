import pytest

from grader.db import courses, users
from grader.db.tables import Role
from grader.errors import NotFound


def test_roles(session, make_demo_course):
    demo = make_demo_course(session)
    stranger = users.create_user(session, email="eve@example.edu", name="Eve")
    admin = users.create_user(session, email="root@example.edu", name="Root", is_admin=True)
    roles = [courses.role_in(session, user, demo.course.id) for user in (demo.student, demo.ta, stranger, admin)]
    assert roles == [Role.STUDENT, Role.TA, None, Role.INSTRUCTOR]


def test_enrolling_again_changes_the_role(session, make_demo_course):
    demo = make_demo_course(session)
    courses.enroll(session, demo.course, demo.student, Role.TA)
    assert courses.role_in(session, demo.student, demo.course.id) == Role.TA
    assert len(courses.members(session, demo.course.id)) == 2


def test_the_same_rubric_is_stored_once(session):
    first = courses.register_rubric(session, pack="nets", sha256="a" * 64, yaml_text="x", document={"x": 1})
    again = courses.register_rubric(session, pack="nets", sha256="a" * 64, yaml_text="x", document={"x": 1})
    other = courses.register_rubric(session, pack="nets", sha256="b" * 64, yaml_text="y", document={})
    assert first.id == again.id != other.id


def test_assignments_of_strangers_are_not_listed(session, make_demo_course):
    demo = make_demo_course(session)
    eve = users.create_user(session, email="eve@example.edu", name="Eve")
    admin = users.create_user(session, email="root@example.edu", name="Root", is_admin=True)
    assert courses.assignments_for(session, demo.student) == [(demo.assignment, Role.STUDENT)]
    assert courses.assignments_for(session, eve) == []
    assert courses.assignments_for(session, admin) == [(demo.assignment, Role.INSTRUCTOR)]


def test_unknown_names_are_not_found(session):
    with pytest.raises(NotFound, match="cs101"):
        courses.course_by_slug(session, "cs101")
    with pytest.raises(NotFound, match="a9"):
        courses.assignment_by_slug(session, "a9")
