import os
import stat

import pytest

from grader.errors import Misconfigured
from grader.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("GRADER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.mark.parametrize(
    "key", ["changeme", "secret", "short", "a" * 40, "please-change-me-please-change-me-please", "x1" * 30]
)
def test_placeholder_secrets_are_refused(monkeypatch, key):
    monkeypatch.setenv("GRADER_SECRET_KEY", key)
    with pytest.raises(Misconfigured, match="GRADER_SECRET_KEY"):
        get_settings()


def test_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = Settings().signing_key()
    assert len(first) >= 32
    assert Settings().signing_key() == first
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_given_secret_is_used_and_never_shown(monkeypatch, tmp_path):
    key = "kX7-pQ2_vB9zR4mN8wL1cT6yH3jF5dGs"
    monkeypatch.setenv("GRADER_SECRET_KEY", key)
    assert get_settings().signing_key() == key
    assert key not in repr(get_settings())
    assert not (tmp_path / "data" / "secret_key").exists()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///x", "localhost"])
def test_other_databases_are_refused(monkeypatch, url):
    monkeypatch.setenv("GRADER_DATABASE_URL", url)
    with pytest.raises(Misconfigured, match="postgresql://"):
        get_settings()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(monkeypatch, scheme):
    monkeypatch.setenv("GRADER_DATABASE_URL", f"{scheme}://u:p@db/grader")
    assert get_settings().database_url == "postgresql+psycopg://u:p@db/grader"


@pytest.mark.parametrize("limit", ["GRADER_ATTEMPT_SECONDS", "GRADER_LONG_ATTEMPT_SECONDS"])
def test_visibility_must_be_above_the_hard_limit(monkeypatch, limit):
    monkeypatch.setenv(limit, "25200")
    with pytest.raises(Misconfigured, match="GRADER_VISIBILITY_SECONDS"):
        get_settings()


def test_wrong_number_is_named(monkeypatch):
    monkeypatch.setenv("GRADER_PORT", "many")
    with pytest.raises(Misconfigured, match="GRADER_PORT"):
        get_settings()
