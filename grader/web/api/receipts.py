"""What became of an upload that was kept while the database was away."""

from __future__ import annotations

import uuid

from fastapi import APIRouter

from grader.db.tables import Receipt
from grader.errors import NotFound
from grader.inbox import Inbox
from grader.web.access import submission_for
from grader.web.api.answers import problems
from grader.web.api.shapes import ReceiptOut
from grader.web.deps import ApiUser, Db, SettingsDep

router = APIRouter(prefix="/receipts", tags=["submissions"])


@router.get("/{receipt}", summary="What became of a kept upload", responses=problems(401, 404, 422))
def get_receipt(receipt: uuid.UUID, db: Db, user: ApiUser, settings: SettingsDep) -> ReceiptOut:
    link = f"/api/v1/receipts/{receipt}"
    row = db.get(Receipt, receipt)
    if row is None:
        if not Inbox(settings.inbox_dir).is_kept(receipt):
            raise NotFound(f"there is no receipt {receipt}")
        return ReceiptOut(receipt=str(receipt), state="kept", link=link)
    if row.submission_id is None:
        return ReceiptOut(receipt=str(receipt), state="refused", error=row.error, link=link)
    submission_for(db, user, row.submission_id)
    return ReceiptOut(receipt=str(receipt), state="accepted", submission=row.submission_id, link=link)
