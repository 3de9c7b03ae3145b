"""Where the written answers of a submission were found, and pointing at those that were not. Works without scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.blobs import Blobs
from grader.db.courses import STAFF
from grader.db.placements import Standing, standings, why_not
from grader.db.tables import Role, Submission, SubmissionFile
from grader.errors import BadInput, Forbidden, NotFound
from grader.ingest.errors import IngestError
from grader.ingest.pdf import MAX_PAGES, is_pdf
from grader.ingest.pointing import Part
from grader.web.access import file_for, submission_for
from grader.web.api.submissions import Id
from grader.web.contexts import Page
from grader.web.deps import Db, PageForm, PageUser, SettingsDep
from grader.web.pointing import documents_of, page_picture, parts_in, point, slot_of, type_in
from grader.web.rendering import render

router = APIRouter()
_PREVIEW = 700  # characters


@dataclass(frozen=True)
class AnswersPage(Page):
    """Every written question, those whose answer was not found first. `can_point`: there is a document to point at."""

    submission: Submission
    standings: Sequence[Standing]
    refusals: dict[str, str]
    can_point: bool
    is_staff: bool
    placed: str = ""


@dataclass(frozen=True)
class PointingPage(Page):
    """One question and the parts of one document (None: there is none). `chosen` are the numbers ticked; `problem` says
    why the document cannot be read, `error` why nothing was stored."""

    submission: Submission
    standing: Standing
    prompt: str
    documents: Sequence[SubmissionFile]
    document: SubmissionFile | None
    parts: Sequence[Part]
    chosen: frozenset[int]
    noun: str
    is_staff: bool
    refusal: str
    problem: str = ""
    error: str = ""
    typed: str = ""


@router.get("/submissions/{submission_id}/answers")
def show_answers(submission_id: Id, request: Request, db: Db, user: PageUser, placed: str = "") -> Response:
    submission, role = submission_for(db, user, submission_id)
    found = sorted(standings(db, submission), key=lambda standing: standing.found)
    staff = role in STAFF
    page = AnswersPage(
        submission=submission, standings=found, can_point=bool(documents_of(submission)) or staff, is_staff=staff,
        refusals={it.question: why_not(submission, it.reviewed, staff=staff) for it in found},
        placed=next((it.title for it in found if it.question == placed), ""),
    )  # fmt: skip
    return render(request, "answers.html", page)


@router.get("/submissions/{submission_id}/answers/{question}")
def show_pointing(
    submission_id: Id, question: str, request: Request, db: Db, user: PageUser, settings: SettingsDep,
    document: str = "",
) -> Response:  # fmt: skip
    submission, role = submission_for(db, user, submission_id)
    page = _pointing(db, Blobs(settings.blobs_dir), submission, role, question, document)
    return render(request, "pointing.html", page)


@router.post("/submissions/{submission_id}/answers/{question}")
def save_pointing(
    submission_id: Id, question: str, request: Request, db: Db, user: PageUser, settings: SettingsDep, form: PageForm
) -> Response:
    submission, role = submission_for(db, user, submission_id)
    blobs, document = Blobs(settings.blobs_dir), str(form.get("document", ""))
    try:
        if document:
            numbers = [int(value) for value in form.getlist("part") if re.fullmatch(r"\d{1,5}", str(value))]
            if not numbers:
                raise BadInput("Nothing was chosen: tick what answers the question")
            point(db, blobs, submission, question, path=document, numbers=numbers, by=user, role=role)
        else:
            type_in(db, submission, question, str(form.get("text", "")), by=user, role=role)
    except (BadInput, IngestError, Forbidden) as error:
        page = _pointing(
            db, blobs, submission, role, question, document, error=str(error), typed=str(form.get("text", ""))
        )
        return render(request, "pointing.html", page, status=403 if isinstance(error, Forbidden) else 422)
    return RedirectResponse(f"/submissions/{submission_id}/answers?placed={question}", 303)


@router.get("/submissions/{submission_id}/pages/{path:path}/{number}.png")
def show_page(
    submission_id: Id, path: str, number: Annotated[int, Path(ge=1, le=MAX_PAGES)], db: Db, user: PageUser,
    settings: SettingsDep, width: Annotated[Literal["320", "1100"], Query()] = "1100",
) -> Response:  # fmt: skip
    """A page of a PDF as a picture. The parser runs without a database connection, and without any rights."""
    _, _, file = file_for(db, user, submission_id, path)
    if not is_pdf(file.path):
        raise NotFound("only PDFs have pages")
    name, sha256 = file.path, file.sha256
    db.close()
    picture = page_picture(settings.blobs_dir, name, sha256, number, int(width))
    return Response(
        picture,
        media_type="image/png",
        headers={"cache-control": "private, max-age=86400", "content-disposition": "inline"},
    )


def _pointing(
    db: Db,
    blobs: Blobs,
    submission: Submission,
    role: Role,
    question: str,
    path: str,
    *,
    error: str = "",
    typed: str = "",
) -> PointingPage:
    standing = next((it for it in standings(db, submission) if it.question == question), None)
    if standing is None:
        raise NotFound(f"this assignment has no written question {question!r}")
    documents = documents_of(submission)
    document = _document(documents, standing, path)
    parts, problem = _read(blobs, document)
    return PointingPage(
        submission=submission, standing=standing, prompt=slot_of(submission, question).prompt, documents=documents,
        document=document, parts=parts, chosen=_chosen(standing, document), noun=_noun(document),
        is_staff=role in STAFF, refusal=why_not(submission, standing.reviewed, staff=role in STAFF), problem=problem,
        error=error, typed=typed,
    )  # fmt: skip


def _document(documents: Sequence[SubmissionFile], standing: Standing, path: str) -> SubmissionFile | None:
    """The one asked for; else that of the present answer; else the first. Raises NotFound."""
    if path:
        found = next((file for file in documents if file.path == path), None)
        if found is None:
            raise NotFound("there is no such document")
        return found
    source = standing.answer.source if standing.answer else ""
    return next((file for file in documents if source.startswith(file.path)), documents[0] if documents else None)


def _read(blobs: Blobs, document: SubmissionFile | None) -> tuple[Sequence[Part], str]:
    if document is None:
        return (), ""
    try:
        parts = parts_in(blobs, document)
    except IngestError as error:
        return (), str(error)
    return [Part(part.number, part.kind, _preview(part.text)) for part in parts], ""


def _preview(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _PREVIEW else f"{text[:_PREVIEW].rstrip()} …"


def _chosen(standing: Standing, document: SubmissionFile | None) -> frozenset[int]:
    """The parts in which the present answer stands."""
    answer = standing.answer
    if answer is None or document is None or not answer.source.startswith(document.path):
        return frozenset()
    if answer.pages:
        return frozenset(answer.pages)
    return frozenset(int(number) for number in re.findall(r"\d+", answer.source[len(document.path) :]))


def _noun(document: SubmissionFile | None) -> str:
    if document is None or is_pdf(document.path):
        return "page"
    return "cell" if document.path.lower().endswith(".ipynb") else "paragraph"
