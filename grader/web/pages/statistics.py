"""Statistics of an assignment: pictures, and every number of them as a table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from grader.core.statistics import FEW
from grader.db.statistics import ClassStatistics, class_statistics
from grader.db.tables import Assignment
from grader.errors import NotFound
from grader.web.access import assignment_for
from grader.web.contexts import Page
from grader.web.deps import Db, PageUser
from grader.web.pictures import Scheme, available, picture
from grader.web.rendering import render

router = APIRouter()
_CACHE = "private, max-age=86400"  # the address changes with the numbers
_KEPT = 16
_recent: dict[tuple[int, str], ClassStatistics] = {}  # a page's pictures are asked for right after it


@dataclass(frozen=True)
class StatisticsPage(Page):
    """`pictures`: the address of each picture that there are numbers for; `few`: fewer answers give no mean."""

    assignment: Assignment
    figures: ClassStatistics
    pictures: Mapping[str, str]
    few: int


@router.get("/assignments/{slug}/statistics")
def show_statistics(slug: str, request: Request, db: Db, user: PageUser) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    figures = class_statistics(db, assignment)
    version = _keep(assignment, figures)
    pictures = {name: f"/assignments/{slug}/statistics/{name}.svg?v={version}&scheme=" for name in available(figures)}
    return render(request, "statistics.html", StatisticsPage(assignment, figures, pictures, FEW))


@router.get("/assignments/{slug}/statistics/{name}.svg")
def show_picture(slug: str, name: str, db: Db, user: PageUser, scheme: Scheme = "light", v: str = "") -> Response:
    """`v`: the version of the numbers that the page showed."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    figures = _recent.get((assignment.id, v)) or class_statistics(db, assignment)
    if name not in available(figures):
        raise NotFound(f"there is no picture {name!r} of this assignment")
    return Response(picture(name, figures, scheme), media_type="image/svg+xml", headers={"cache-control": _CACHE})


def _keep(assignment: Assignment, figures: ClassStatistics) -> str:
    """Remember the figures for the pictures; their version."""
    version = hashlib.sha256(repr(figures).encode()).hexdigest()[:12]
    for oldest in list(_recent)[: max(len(_recent) - _KEPT + 1, 0)]:
        _recent.pop(oldest, None)
    _recent[assignment.id, version] = figures
    return version
