"""Downloads of a class's scores for other systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi import Path as PathParameter
from starlette.requests import Request
from starlette.responses import Response

from grader.errors import BadInput
from grader.exports import Export, Format, export, fill_canvas
from grader.web.access import assignment_for
from grader.web.deps import Db, PageUser, SettingsDep
from grader.web.security.csrf import FIELD, check_csrf

router = APIRouter()
_FILES = {
    "gradescope.csv": Format.GRADESCOPE, "results.zip": Format.RESULTS, "canvas.csv": Format.CANVAS,
    "nbgrader.csv": Format.NBGRADER,
}  # fmt: skip
GRADEBOOK_LIMIT = 5_000_000  # bytes


@router.get("/assignments/{slug}/export/{name}")
def download(
    slug: str, name: Annotated[str, PathParameter(pattern=r"^[a-z]+\.(csv|zip)$")], db: Db, user: PageUser,
    excel: bool = False,
) -> Response:  # fmt: skip
    assignment, _ = assignment_for(db, user, slug, staff=True)
    if name not in _FILES:
        raise BadInput(f"there is no export {name}; there are {', '.join(_FILES)}")
    return attachment(export(db, assignment, _FILES[name], excel=excel))


@dataclass(frozen=True)
class CanvasForm:
    """An uploaded gradebook. column: the heading to fill; empty for the assignment's title."""

    gradebook: bytes
    column: str
    leave_out: bool


async def canvas_form(request: Request, settings: SettingsDep) -> CanvasForm:
    """Raises BadInput without a file, or for one that is too large."""
    async with request.form(max_files=1, max_fields=10) as form:
        check_csrf(request, settings, str(form.get(FIELD, "")))
        roster = form.get("roster")
        if roster is None or isinstance(roster, str):
            raise BadInput("choose the gradebook that Canvas exported")
        content = await roster.read(GRADEBOOK_LIMIT + 1)
        if len(content) > GRADEBOOK_LIMIT:
            raise BadInput(f"a gradebook has at most {GRADEBOOK_LIMIT // 1_000_000} MB")
        return CanvasForm(content, str(form.get("column", "")).strip(), "leave_out" in form)


@router.post("/assignments/{slug}/export/canvas.csv")
def fill_gradebook(slug: str, db: Db, user: PageUser, form: Annotated[CanvasForm, Depends(canvas_form)]) -> Response:
    """Fill in a gradebook that Canvas exported."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return attachment(fill_canvas(db, assignment, form.gradebook, column=form.column, leave_out=form.leave_out))


def attachment(made: Export) -> Response:
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{quote(made.filename)}"},
    )
