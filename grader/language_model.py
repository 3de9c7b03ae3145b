"""Asking a language model at any OpenAI-compatible address. Off unless GRADER_LLM_URL is set and the course is named in
GRADER_LLM_COURSES: answers leave the machine only where a course has decided so."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal

import httpx

from grader.core.answers.opinion import ModelOpinion, UnusableOpinion, messages, read_opinion, response_schema
from grader.core.rubric import Question
from grader.errors import Misconfigured, Unavailable
from grader.settings import Settings

_REPLY_LIMIT = 1 << 20  # bytes
_REPLY_TOKENS = 2_000


@dataclass(frozen=True)
class Said:
    """`opinion` is None when the reply could not be used (`error` says why). `cost` in the currency of the prices."""

    model: str
    opinion: ModelOpinion | None
    error: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: Decimal | None


def is_on(settings: Settings, course: str) -> bool:
    """Whether the course with this slug has chosen to ask a model."""
    return bool(settings.llm_url) and bool({course, "*"} & set(settings.llm_courses.replace(",", " ").split()))


def ask(question: Question, answer: str, settings: Settings) -> Said:
    """One request about one answer. Raises Unavailable when the model cannot be reached (worth another try),
    Misconfigured when it refuses us."""
    body = {
        "model": settings.llm_model,
        "messages": messages(question, answer, marker=f"answer-{secrets.token_hex(8)}"),
        "temperature": 0,
        "max_tokens": _REPLY_TOKENS,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "opinion", "strict": True, "schema": response_schema(question)},
        },
    }
    reply = _post(body, settings)
    usage = reply.get("usage") or {}
    used = tuple(_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    model = str(reply.get("model") or settings.llm_model)[:200]
    opinion = error = None
    try:
        opinion = read_opinion(question, answer, _content(reply))
    except UnusableOpinion as problem:
        error = str(problem)
    return Said(model, opinion, error, *used, _cost(*used, settings))


def _post(body: dict, settings: Settings) -> dict:
    key = settings.llm_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = settings.llm_url.rstrip("/") + "/chat/completions"
    try:
        with (
            httpx.Client(timeout=httpx.Timeout(settings.llm_seconds, connect=5), follow_redirects=False) as client,
            client.stream("POST", url, json=body, headers=headers) as answer,
        ):
            content = b""
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _REPLY_LIMIT:
                    raise Unavailable("the language model's reply is too large")
    except httpx.HTTPError as error:
        raise Unavailable(f"the language model cannot be reached: {type(error).__name__}") from error
    if answer.status_code in {400, 401, 403, 404, 422}:
        raise Misconfigured(f"the language model refused the request with {answer.status_code}: {content[:300]!r}")
    if answer.status_code != 200:
        raise Unavailable(f"the language model answered with {answer.status_code}")
    try:
        reply = httpx.Response(200, content=content).json()
    except (ValueError, RecursionError):
        raise Unavailable("the language model's reply is not JSON") from None
    if not isinstance(reply, dict):
        raise Unavailable("the language model's reply is no object")
    return reply


def _content(reply: dict) -> str:
    try:
        content = reply["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise UnusableOpinion("the reply has no message") from None
    if not isinstance(content, str):
        raise UnusableOpinion("the reply's message is no text")
    return content


def _count(tokens: object) -> int | None:
    return tokens if isinstance(tokens, int) and 0 <= tokens < 2**31 else None


def _cost(prompt: int | None, completion: int | None, settings: Settings) -> Decimal | None:
    if prompt is None or completion is None or settings.llm_price_in is None or settings.llm_price_out is None:
        return None
    return (prompt * settings.llm_price_in + completion * settings.llm_price_out) / Decimal(1_000_000)
