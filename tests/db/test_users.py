from datetime import UTC, datetime, timedelta

import pytest

from grader.db import tokens, users
from grader.db.tables import LoginThrottle, Token, TokenPurpose
from grader.errors import BadInput, NotSignedIn, TooManyTries


@pytest.fixture
def ana(session):
    return users.create_user(session, email=" Ana@Example.edu ", name="Ana", password="correct horse")


def test_email_is_kept_in_lower_case_and_is_unique(session, ana):
    assert ana.email == "ana@example.edu"
    with pytest.raises(BadInput, match="already"):
        users.create_user(session, email="ANA@example.edu", name="Another")


def test_password_is_not_stored(session, ana):
    assert ana.password_hash.startswith("$argon2id$")
    assert "correct horse" not in ana.password_hash


def test_right_and_wrong_password(session, ana):
    assert users.authenticate(session, "ana@EXAMPLE.edu", "correct horse") is ana
    with pytest.raises(NotSignedIn):
        users.authenticate(session, "ana@example.edu", "wrong")


@pytest.mark.parametrize("password", ["", "nobody's password", "anything"])
def test_unknown_user_and_user_without_password_cannot_sign_in(session, password):
    users.create_user(session, email="bot@example.edu", name="Bot")
    for email in ("bot@example.edu", "unknown@example.edu"):
        with pytest.raises(NotSignedIn):
            users.authenticate(session, email, password)


def test_too_many_wrong_passwords_pause_even_the_right_one(session, ana, settings_from):
    settings_from(LOGIN_TRIES=3)
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            users.authenticate(session, ana.email, "wrong")
    with pytest.raises(TooManyTries) as caught:
        users.authenticate(session, ana.email, "correct horse")
    assert 0 < caught.value.retry_after <= 301
    session.get_one(LoginThrottle, ana.email).paused_until = datetime.now(UTC) - timedelta(seconds=1)
    assert users.authenticate(session, ana.email, "correct horse") is ana
    session.expire_all()
    assert session.get(LoginThrottle, ana.email) is None


def test_token_signs_in_and_only_its_hash_is_stored(session, ana):
    row, plaintext = tokens.create_token(session, ana, label="laptop")
    assert tokens.user_of_token(session, plaintext) is ana
    assert plaintext not in {row.sha256, row.label}
    assert tokens.user_of_token(session, row.sha256) is None
    session.refresh(row)
    assert row.last_used_at is not None


def test_token_of_another_purpose_expired_or_revoked_does_not(session, ana):
    _, signed_in = tokens.create_token(session, ana, label="page", purpose=TokenPurpose.SESSION)
    _, old = tokens.create_token(session, ana, label="old", hours=-1)
    assert tokens.user_of_token(session, signed_in, TokenPurpose.API) is None
    assert tokens.user_of_token(session, signed_in, TokenPurpose.SESSION) is ana
    assert tokens.user_of_token(session, old) is None
    tokens.revoke_token(session, signed_in)
    assert tokens.user_of_token(session, signed_in) is None


def test_nobody_revokes_somebody_elses_token(session, ana):
    eve = users.create_user(session, email="eve@example.edu", name="Eve")
    row, plaintext = tokens.create_token(session, ana, label="laptop")
    assert not tokens.revoke_token_by_id(session, eve, row.id)
    assert tokens.user_of_token(session, plaintext) is ana
    assert tokens.revoke_token_by_id(session, ana, row.id)
    assert session.get(Token, row.id, populate_existing=True) is None


def test_kept_upload_may_use_a_token_that_expired_after_it_came(session, ana):
    row, _ = tokens.create_token(session, ana, label="page", hours=-1)
    assert tokens.user_of_token_sha256(session, row.sha256, at=datetime.now(UTC)) is None
    assert tokens.user_of_token_sha256(session, row.sha256, at=datetime.now(UTC) - timedelta(hours=2)) is ana
