"""What training scripts take from `sklearn.model_selection`: parts of arrays, shuffled, with labels in proportion.

scikit-learn itself is not in the sandbox, since it brings labelled images along. The parts are of the sizes that it documents,
not of the same examples.
"""

import math

import numpy as np


def train_test_split(*arrays, test_size=None, train_size=None, random_state=None, shuffle=True, stratify=None):
    """[train, test, train, test, …] of arrays, tensors, frames or lists of equal length. Sizes: a fraction or a count; the test
    part is a quarter if nothing is said. Raises ValueError as scikit-learn does."""
    if not arrays or len({len(one) for one in arrays}) != 1:
        raise ValueError("Found input variables with inconsistent numbers of samples")
    count = len(arrays[0])
    test, train = _sizes(count, test_size, train_size)
    order = np.random.RandomState(random_state).permutation(count) if shuffle else np.arange(count)
    if shuffle and stratify is not None:
        order = _in_proportion(order, np.asarray(stratify))
    if shuffle:
        kept, held_back = order[test : test + train], order[:test]
    else:
        kept, held_back = order[:train], order[train : train + test]
    return [part for one in arrays for part in (_taken(one, kept), _taken(one, held_back))]


def _sizes(count, test_size, train_size):
    def counted(size, rounded):
        return None if size is None else rounded(size * count) if isinstance(size, float) else int(size)

    test, train = counted(test_size, math.ceil), counted(train_size, math.floor)
    if test is None:
        test = math.ceil(0.25 * count) if train is None else count - train
    train = count - test if train is None else train
    if test < 1 or train < 1 or test + train > count:
        raise ValueError(f"test_size={test_size} and train_size={train_size} leave nothing of {count} examples")
    return test, train


def _in_proportion(order, labels):
    """The same places, so that each stretch of them has the labels, (N,) or (N, …), in about the proportion of all."""
    classes = np.unique(labels.reshape(len(labels), -1), axis=0, return_inverse=True)[1].reshape(-1)[order]
    rank = np.empty(len(order))
    for one in np.unique(classes):
        own = np.flatnonzero(classes == one)
        rank[own] = (np.arange(len(own)) + 0.5) / len(own)
    return order[np.argsort(rank, kind="stable")]


def _taken(values, places):
    if hasattr(values, "shape"):
        return values[places]
    return [values[place] for place in places]


class KFold:
    """`split(X)` gives (places of training, places of the fold) for each of the folds."""

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state

    def get_n_splits(self, *args):
        return self.n_splits

    def split(self, X, y=None, groups=None):
        order = np.arange(len(X))
        if self.shuffle:
            order = np.random.RandomState(self.random_state).permutation(order)
        for fold in np.array_split(order, self.n_splits):
            yield np.setdiff1d(np.arange(len(X)), fold), np.sort(fold)


class StratifiedKFold(KFold):
    def split(self, X, y, groups=None):
        order = np.random.RandomState(self.random_state).permutation(len(X)) if self.shuffle else np.arange(len(X))
        order = _in_proportion(order, np.asarray(y))
        for fold in np.array_split(order, self.n_splits):
            yield np.setdiff1d(np.arange(len(X)), fold), np.sort(fold)


NAMES = {"train_test_split": train_test_split, "KFold": KFold, "StratifiedKFold": StratifiedKFold}
