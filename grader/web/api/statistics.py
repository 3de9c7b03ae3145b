"""Statistics over REST."""

from __future__ import annotations

from fastapi import APIRouter

from grader.db.statistics import ClassStatistics, class_statistics
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.deps import ApiUser, Db

router = APIRouter(tags=["staff"])


@router.get("/assignments/{slug}/statistics", summary="Figures of a class (staff)", responses=problems(401, 403, 404))
def get_statistics(slug: str, db: Db, user: ApiUser) -> ClassStatistics:
    """Means, deviations and correlations of fewer than five answers are null."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return class_statistics(db, assignment)
