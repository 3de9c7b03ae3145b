"""Tokens for programs: shown once, kept as SHA-256, revocable."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from grader.db.tokens import create_token, revoke_token_by_id, tokens_of
from grader.errors import NotFound
from grader.web.api.answers import problems
from grader.web.api.shapes import NewTokenOut, TokenOut
from grader.web.api.submissions import Id
from grader.web.deps import ApiUser, Db

router = APIRouter(prefix="/tokens", tags=["tokens"])


class TokenIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"label": "laptop", "hours": 720}})

    label: str = Field(min_length=1, max_length=100)
    hours: float | None = Field(None, gt=0, le=24 * 366 * 5, description="Lifetime; null: until it is revoked.")


@router.post("", summary="A new token", status_code=201, responses=problems(401, 403, 422))
def create(body: TokenIn, db: Db, user: ApiUser) -> NewTokenOut:
    token, plaintext = create_token(db, user, label=body.label, hours=body.hours)
    db.refresh(token)
    return NewTokenOut(**TokenOut.of(token).model_dump(), token=plaintext)


@router.get("", summary="My tokens", responses=problems(401))
def list_tokens(db: Db, user: ApiUser) -> list[TokenOut]:
    return [TokenOut.of(token) for token in tokens_of(db, user)]


@router.delete("/{token_id}", summary="Revoke a token", status_code=204, responses=problems(401, 403, 404, 422))
def revoke(db: Db, user: ApiUser, token_id: Id) -> Response:
    if not revoke_token_by_id(db, user, token_id):
        raise NotFound(f"you have no token {token_id}")
    return Response(status_code=204)
