"""The files of a submission: highlighted to read, plain to download. Never served as what they claim to be."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from grader.blobs import Blobs
from grader.db.courses import STAFF
from grader.web.access import file_for
from grader.web.api.submissions import Id
from grader.web.contexts import FilePage
from grader.web.deps import Db, PageUser, SettingsDep
from grader.web.rendering import render
from grader.web.sources import read_source

router = APIRouter()


@router.get("/submissions/{submission_id}/files/{path:path}")
def show_file(
    submission_id: Id, path: str, request: Request, db: Db, user: PageUser, settings: SettingsDep
) -> Response:
    submission, role, file = file_for(db, user, submission_id, path)
    source = read_source(file.path, Blobs(settings.blobs_dir).get(file.sha256))
    page = FilePage(submission=submission, file=file, source=source, is_staff=role in STAFF)
    return render(request, "file.html", page)


@router.get("/submissions/{submission_id}/raw/{path:path}")
def download_file(submission_id: Id, path: str, db: Db, user: PageUser, settings: SettingsDep) -> Response:
    _, _, file = file_for(db, user, submission_id, path)
    name = quote(file.path.rpartition("/")[2])
    return Response(
        Blobs(settings.blobs_dir).get(file.sha256),
        media_type="text/plain; charset=utf-8",
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}", "x-content-type-options": "nosniff"},
    )
