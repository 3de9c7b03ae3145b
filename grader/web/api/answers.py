"""What the OpenAPI document says about errors: which ones a route may answer with, all as problem+json."""

from __future__ import annotations

from typing import Any

from grader.web.problems import MEDIA_TYPE, Problem

_WORDS = {
    401: "No token, or one that is unknown, revoked or expired.",
    403: "Not for this role.",
    404: "There is no such thing, or it is somebody else's.",
    409: "Changed by somebody else meanwhile; `current` is what is stored now.",
    413: "The upload is too large.",
    422: "The request or the upload cannot be used; `detail` says why.",
    500: "Our fault.",
    503: "Database or broker away; try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route; 500 and 503 may always come."""
    schema = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
    return {
        status: {"description": _WORDS[status], "content": {MEDIA_TYPE: schema}} for status in (*statuses, 500, 503)
    }
