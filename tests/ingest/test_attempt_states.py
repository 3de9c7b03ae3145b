from __future__ import annotations

import itertools

import pytest

from grader.core.submission import AttemptEvent, AttemptState, IllegalTransition, next_state

LEGAL = {
    ("queued", "leased"): "running",
    ("queued", "gave_up"): "failed",
    ("running", "lease_lost"): "queued",
    ("running", "finished"): "graded",
    ("running", "gave_up"): "failed",
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(AttemptState, AttemptEvent)))
def test_transitions(state: AttemptState, event: AttemptEvent) -> None:
    if (state.value, event.value) in LEGAL:
        assert next_state(state, event) == LEGAL[state.value, event.value]
    else:
        with pytest.raises(IllegalTransition, match=state.value):
            next_state(state, event)
