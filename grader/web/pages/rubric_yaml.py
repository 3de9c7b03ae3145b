"""The rubric as its YAML: written by hand, downloaded, compared with the pack's file on disk and saved there."""

from __future__ import annotations

import os
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from grader.core.rubric_difference import yaml_lines
from grader.core.rubric_file import RubricError
from grader.db import rubrics
from grader.db.tables import Assignment, Role
from grader.errors import BadInput, Forbidden
from grader.pack import Pack, PackNotFound, find_pack, load_pack, save_rubric
from grader.web.access import assignment_for
from grader.web.contexts import Page
from grader.web.deps import Db, PageForm, PageUser
from grader.web.pages.rubric import Draft, opened
from grader.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class OnDisk:
    """The pack's file, and how it differs from the rubric in force (lines of a diff). problem: why it cannot be read."""

    sha256: str = ""
    lines: tuple[str, ...] = ()
    writable: bool = False
    problem: str = ""


@dataclass(frozen=True)
class YamlPage(Page):
    """`text` as it was typed; `problems`: each as `rubric.yaml:LINE: what`."""

    assignment: Assignment
    draft: Draft
    text: str
    on_disk: OnDisk
    may_save: bool
    saved: bool = False
    problems: tuple[str, ...] = ()


@router.get("/assignments/{slug}/rubric/yaml")
def show_yaml(
    slug: str, request: Request, db: Db, user: PageUser, draft: str = "", base: str = "", saved: bool = False
) -> Response:
    assignment, role = assignment_for(db, user, slug, staff=True)
    work = opened(db, assignment, draft, base)
    return render(request, "rubric_yaml.html", _page(assignment, role, work, work.version.yaml_text, saved=saved))


@router.post("/assignments/{slug}/rubric/yaml")
def edit_yaml(slug: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    assignment, role = assignment_for(db, user, slug, staff=True)
    work = opened(db, assignment, str(form.get("draft", "")), str(form.get("base", "")))
    text = _as_typed(str(form.get("text", "")), work.version.yaml_text)
    try:
        version = rubrics.draft(db, assignment, text)
    except (RubricError, BadInput) as error:
        problems = tuple(error.problems) if isinstance(error, RubricError) else (str(error),)
        page = _page(assignment, role, work, text, problems=problems)
        return render(request, "rubric_yaml.html", page, status=422)
    where = "" if form.get("do") == "edit" else "/preview"
    return RedirectResponse(f"/assignments/{slug}/rubric{where}{Draft(work.base, version, work.outdated).query}", 303)


@router.get("/assignments/{slug}/rubric/rubric.yaml")
def download(slug: str, db: Db, user: PageUser, draft: str = "") -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    headers = {"content-disposition": 'attachment; filename="rubric.yaml"'}
    text = opened(db, assignment, draft).version.yaml_text
    return PlainTextResponse(text, media_type="application/yaml", headers=headers)


@router.post("/assignments/{slug}/rubric/save")
def save_to_pack(slug: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    """Instructors only: other courses may use the same pack."""
    assignment, role = assignment_for(db, user, slug, staff=True)
    if role is not Role.INSTRUCTOR:
        raise Forbidden("only an instructor of this course can change the pack's file")
    try:
        save_rubric(assignment.pack, assignment.rubric_version.yaml_text, str(form.get("seen", "")))
    except (ValueError, OSError) as error:
        work = opened(db, assignment)
        page = _page(assignment, role, work, work.version.yaml_text, problems=(f"not saved: {error}",))
        return render(request, "rubric_yaml.html", page, status=409)
    return RedirectResponse(f"/assignments/{slug}/rubric/yaml?saved=1", 303)


def _page(
    assignment: Assignment, role: Role, draft: Draft, text: str, *, saved: bool = False, problems: tuple[str, ...] = ()
) -> YamlPage:
    return YamlPage(
        assignment=assignment, draft=draft, text=text, on_disk=_on_disk(assignment), may_save=role is Role.INSTRUCTOR,
        saved=saved, problems=problems,
    )  # fmt: skip


def _on_disk(assignment: Assignment) -> OnDisk:
    try:
        pack: Pack = load_pack(assignment.pack)
    except PackNotFound:
        return OnDisk(problem="The pack's folder is not on this machine.")
    except RubricError as error:
        problem = error.problems[0].replace(f"{find_pack(assignment.pack)}/", "")
        return OnDisk(problem=f"The pack's file is no valid rubric: {problem}.")
    lines = yaml_lines(pack.text, assignment.rubric_version.yaml_text)
    return OnDisk(pack.rubric_hash, lines, writable=os.access(pack.folder, os.W_OK))


def _as_typed(text: str, before: str) -> str:
    """Browsers send lines with CR LF; a text that nobody touched stays the same to the byte."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return before if text == before.replace("\r\n", "\n") else text
