"""Parts of arrays, as scikit-learn documents `train_test_split` and its folds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.untrusted.splitting import KFold, StratifiedKFold, train_test_split

PLACES = np.arange(100)
LABELS = np.repeat([0, 1, 2], [50, 30, 20])


@given(
    test=st.one_of(st.none(), st.floats(0.05, 0.9), st.integers(1, 90)), shuffle=st.booleans(), seed=st.integers(0, 1000)
)
def test_parts_hold_everything_once_and_belong_together(test, shuffle, seed):
    x, x_test, y, y_test = train_test_split(PLACES, LABELS, test_size=test, shuffle=shuffle, random_state=seed)
    assert sorted([*x, *x_test]) == list(PLACES)
    assert np.array_equal(LABELS[x], y) and np.array_equal(LABELS[x_test], y_test)
    size = 25 if test is None else int(np.ceil(test * 100)) if isinstance(test, float) else test
    assert len(x_test) == size and (shuffle or list(x) == list(range(len(x))))


@pytest.mark.parametrize("labels", [LABELS, np.eye(3)[LABELS], LABELS[:, None]])
def test_in_proportion(labels):
    _, test = train_test_split(PLACES, test_size=0.2, stratify=labels, random_state=1)
    assert np.abs(np.bincount(LABELS[test]) - [10, 6, 4]).max() <= 1
    for _, fold in StratifiedKFold(5, shuffle=True, random_state=0).split(PLACES, labels):
        assert np.abs(np.bincount(LABELS[fold], minlength=3) - [10, 6, 4]).max() <= 1


def test_folds():
    folds = list(KFold(4, shuffle=True, random_state=0).split(PLACES))
    assert sorted(np.concatenate([fold for _, fold in folds])) == list(PLACES)
    assert all(not set(rest) & set(fold) and len(rest) + len(fold) == 100 for rest, fold in folds)


def test_lists_stay_lists_and_nonsense_is_refused():
    train, test = train_test_split(["a", "b", "c", "d"], train_size=3)
    assert isinstance(train, list) and (len(train), len(test)) == (3, 1)
    for wrong in ((PLACES, LABELS[:5]), ()):
        with pytest.raises(ValueError, match="inconsistent"):
            train_test_split(*wrong)
    with pytest.raises(ValueError, match="leave nothing"):
        train_test_split(PLACES, test_size=100)
