"""Every template uses only what its page's dataclass documents, and every dataclass says what it is."""

from __future__ import annotations

from dataclasses import fields

import pytest
from jinja2 import meta, nodes

from grader.web import contexts
from grader.web import desk as desk_views
from grader.web.pages import desk, desk_groups, log, release, requests, statistics
from grader.web.rendering import EVERYWHERE, environment

PAGES = {
    "assignment.html": contexts.AssignmentPage,
    "assignments.html": contexts.AssignmentsPage,
    "desk.html": desk.DeskPage,
    "desk_answer.html": desk_views.DeskAnswerPage,
    "desk_group.html": desk_groups.DeskGroupPage,
    "desk_groups.html": desk_groups.DeskGroupsPage,
    "error.html": contexts.ErrorPage,
    "file.html": contexts.FilePage,
    "log.html": log.LogPage,
    "login.html": contexts.LoginPage,
    "receipt.html": contexts.ReceiptPage,
    "release.html": release.ReleasePage,
    "requests.html": requests.RequestsPage,
    "staff_list.html": contexts.StaffListPage,
    "staff_submission.html": contexts.StaffSubmissionPage,
    "statistics.html": statistics.StatisticsPage,
    "submission.html": contexts.SubmissionPage,
    "tokens.html": contexts.TokensPage,
}


@pytest.mark.parametrize("template", PAGES)
def test_a_template_uses_its_pages_fields(template):
    env = environment()
    source = env.loader.get_source(env, template)[0]
    tree = env.parse(source)
    own = {name if isinstance(name, str) else name[-1] for it in tree.find_all(nodes.FromImport) for name in it.names}
    own |= {macro.name for macro in tree.find_all(nodes.Macro)}
    own |= {it.target.name for it in tree.find_all(nodes.Assign)}  # Jinja does not see what a block takes from outside
    used = meta.find_undeclared_variables(tree) - set(env.globals) - set(EVERYWHERE) - own
    known = {field.name for field in fields(PAGES[template])}
    assert used <= known, f"{template} uses {used - known}"
    assert known <= used, f"{PAGES[template].__name__} has {known - used}, which no template uses"


@pytest.mark.parametrize("page", PAGES.values())
def test_a_page_is_documented(page):
    assert not page.__doc__.startswith(f"{page.__name__}("), "the dataclass has no words of its own"
