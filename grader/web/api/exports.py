"""A class's scores for other systems, over REST."""

from __future__ import annotations

from fastapi import APIRouter, Response

from grader.exports import Format, export
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.deps import ApiUser, Db

router = APIRouter(tags=["staff"])
_FILE = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/assignments/{slug}/exports/{format}",
    summary="Scores as a file (staff)",
    response_class=Response,
    responses={
        200: {"description": "A CSV; for `results` a zip.", "content": {"text/csv": _FILE, "application/zip": _FILE}},
        **problems(401, 403, 404, 422),
    },
)
def get_export(slug: str, format: Format, db: Db, user: ApiUser, excel: bool = False) -> Response:
    """Rows with undecided questions have no total. `excel` puts a byte-order mark before a CSV."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    made = export(db, assignment, format, excel=excel)
    headers = {"content-disposition": f'attachment; filename="{made.filename}"'}
    return Response(made.content, media_type=made.media_type, headers=headers)
