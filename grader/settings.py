"""Typed settings, from `GRADER_…` environment variables, checked at start.

Nothing here connects to anything. An empty `database_url` or `redis_url` means the embedded one, which
`grader.launcher` starts under `data_dir`; every process that the launcher starts is told the real address.
"""

from __future__ import annotations

import os
import secrets
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from grader.errors import Misconfigured

_PLACEHOLDERS = {"changeme", "change-me", "changethis", "secret", "password", "placeholder", "todo", "example", "xxx"}
_KEY_FILE = "secret_key"


class Settings(BaseSettings):
    """Each field is the environment variable `GRADER_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="GRADER_", env_file=None, extra="ignore", validate_default=True)

    data_dir: Path = Field(Path("var"), description="Everything that is kept: database, blobs, inbox, keys, logs.")
    database_url: str = Field("", description="postgresql://… ; empty: the embedded PostgreSQL under data_dir.")
    redis_url: str = Field("", description="redis://… ; empty: the embedded Redis under data_dir.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs cookies; at least 32 characters. Empty: made once and kept under data_dir."
    )
    base_url: str = Field("", description="Where browsers reach the service; empty: http://<host>:<port>.")
    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")

    packs_dir: Path | None = Field(
        None, description="Where a course's own packs are, beside those of rubrics/; empty: rubrics, under data_dir."
    )
    datasets_dir: Path | None = Field(None, description="Where data sets are kept; empty: datasets, under data_dir.")
    sandbox: Literal["bubblewrap", "docker"] = Field("bubblewrap", description="Backend that runs students' code.")
    worker_concurrency: int = Field(2, ge=1, description="Attempts graded at the same time by one worker.")
    worker_queues: str = Field("interactive,bulk,gpu", description="Queues that `grader worker` serves.")

    upload_limit: int = Field(64 * 2**20, gt=0, description="Bytes of one upload, as sent.")
    unpacked_limit: int = Field(256 * 2**20, gt=0, description="Bytes of one upload, unpacked.")
    file_count_limit: int = Field(2_000, gt=0, description="Files in one upload.")

    lease_seconds: int = Field(60, ge=2, description="A worker that is silent for so long has lost its attempt.")
    attempt_seconds: int = Field(1_800, ge=10, description="Hard limit of one attempt in the queue interactive.")
    long_attempt_seconds: int = Field(
        21_600, ge=10, description="Hard limit of one attempt in the queues bulk and gpu."
    )
    visibility_seconds: int = Field(25_200, description="The broker gives an unacknowledged message out again.")
    max_tries: int = Field(3, ge=1, description="How often an attempt that failed through our fault is tried.")
    resend_seconds: int = Field(30, ge=1, description="A queued attempt that nobody took is sent again after this.")
    unserved_seconds: int = Field(60, ge=1, description="After this, an attempt in a queue without a worker is told so.")
    sweep_seconds: float = Field(5.0, gt=0, description="Pause between two sweeps.")

    session_hours: int = Field(12, ge=1, description="A sign-in on the pages lasts so long.")
    login_tries: int = Field(10, ge=1, description="Wrong passwords for one e-mail before it is paused.")
    login_pause_seconds: int = Field(300, ge=1, description="Length of that pause.")

    llm_url: str = Field("", description="An OpenAI-compatible address, up to /v1; empty: no model is ever asked.")
    llm_courses: str = Field("", description="Slugs of the courses whose answers may be sent to it; *: all.")
    llm_model: str = Field("", description="The model's name at that address.")
    llm_key: SecretStr = Field(SecretStr(""), description="The key for that address.")
    llm_seconds: float = Field(60, gt=0, description="Time limit of one request.")
    llm_price_in: Decimal | None = Field(None, ge=0, description="Price of a million tokens sent.")
    llm_price_out: Decimal | None = Field(None, ge=0, description="Price of a million tokens received.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, url: str) -> str:
        if not url:
            return url
        scheme, _, rest = url.partition("://")
        if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
            raise ValueError(f"GRADER_DATABASE_URL must start with postgresql:// (found {scheme!r})")
        return f"postgresql+psycopg://{rest}"

    @field_validator("llm_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("GRADER_LLM_URL must start with http:// or https://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str) -> str:
        if url and not url.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
            raise ValueError("GRADER_REDIS_URL must start with redis://, rediss:// or unix://")
        return url

    @field_validator("secret_key")
    @classmethod
    def _real_secret(cls, key: SecretStr) -> SecretStr:
        value = key.get_secret_value()
        if not value:
            return key
        repetitive = len(set(value)) < 8
        if len(value) < 32 or repetitive or any(word in value.lower() for word in _PLACEHOLDERS):
            raise ValueError(
                "GRADER_SECRET_KEY is a placeholder or too short: give at least 32 random characters, "
                "or leave it empty and one is made and kept under GRADER_DATA_DIR"
            )
        return key

    @model_validator(mode="after")
    def _times_fit(self) -> Settings:
        longest = max(self.attempt_seconds, self.long_attempt_seconds)
        if self.visibility_seconds <= longest:
            raise ValueError(
                f"GRADER_VISIBILITY_SECONDS ({self.visibility_seconds}) must be above GRADER_ATTEMPT_SECONDS and "
                f"GRADER_LONG_ATTEMPT_SECONDS ({longest}), or the broker hands a running attempt to a second worker"
            )
        return self

    @model_validator(mode="after")
    def _reachable(self) -> Settings:
        self.base_url = (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")
        return self

    @property
    def blobs_dir(self) -> Path:
        return self.data_dir / "blobs"

    @property
    def inbox_dir(self) -> Path:
        return self.data_dir / "inbox"

    @property
    def packs_folder(self) -> Path:
        return self.packs_dir or self.data_dir / "rubrics"

    @property
    def datasets_folder(self) -> Path:
        return self.datasets_dir or self.data_dir / "datasets"

    def signing_key(self) -> str:
        """The secret key; made on first use and kept in `data_dir/secret_key` (mode 600) when none is set."""
        return self.secret_key.get_secret_value() or _kept_key(self.data_dir / _KEY_FILE)


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


@lru_cache
def get_settings() -> Settings:
    """The settings of this process. Raises Misconfigured, naming every variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise Misconfigured("\n".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: ErrorDetails) -> str:
    name = "".join(f"GRADER_{part}: ".upper() for part in problem["loc"])
    return name + problem["msg"].removeprefix("Value error, ")
