import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import cast

from grader.db.session import engine
from grader.db.text import storable, storable_json


@pytest.mark.parametrize("text", ["გრადიენტი", "גרדיאנט", "градієнт", "∂f/∂x̂ 🎓", "a\nb"])
def test_every_alphabet_stays_as_it_is(text):
    assert storable(text) == text


FLOATS = st.floats(-1e15, 1e15) | st.sampled_from([math.nan, math.inf, -math.inf])  # above, jsonb gives back integers


@given(st.recursive(st.none() | FLOATS | st.text() | st.booleans(), st.lists, max_leaves=10))
def test_postgresql_takes_whatever_comes(services, value):
    with engine().connect() as connection:
        stored = connection.scalar(select(cast({"value": storable_json(value)}, JSONB)))
    assert stored["value"] == storable_json(value)
