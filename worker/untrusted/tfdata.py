"""What homework uses of `tf.data.Dataset`: arrays in batches, shuffled and mapped, as Keras' own data sets."""

import functools

import numpy as np


@functools.cache
def make(keras):
    """The class, on the `keras` that is there."""

    class Dataset(keras.utils.PyDataset):
        """fetch(order): the elements at these places, a tree of arrays with a first axis of as many."""

        def __init__(self, fetch, count, batch=None, shuffled=False, functions=(), drop=False, order=None):
            super().__init__()
            self.fetch, self.count, self.batched, self.functions, self.drop = fetch, count, batch, functions, drop
            self.shuffled = shuffled
            self.order = np.arange(count) if order is None else order
            if shuffled:
                self.on_epoch_end()

        @classmethod
        def from_tensor_slices(cls, tensors):
            arrays = keras.tree.map_structure(np.asarray, tensors)
            count = len(keras.tree.flatten(arrays)[0])
            return cls(lambda places: keras.tree.map_structure(lambda array: array[places], arrays), count)

        def changed(self, **changes):
            now = {
                "fetch": self.fetch, "count": self.count, "batch": self.batched, "shuffled": self.shuffled,
                "functions": self.functions, "drop": self.drop, "order": self.order,
            }  # fmt: skip
            return Dataset(**now | changes)

        def shuffle(self, *args, **kwargs):
            return self.changed(shuffled=True)

        def batch(self, batch_size, drop_remainder=False, **kwargs):
            return self.changed(batch=int(batch_size), drop=drop_remainder)

        def map(self, function, *args, **kwargs):
            return self.changed(functions=(*self.functions, (function, self.batched is not None)))

        def take(self, count):
            return self._part(slice(0, count * (self.batched or 1)))

        def skip(self, count):
            return self._part(slice(count * (self.batched or 1), None))

        def _part(self, places):
            return self.changed(order=self.order[places], count=len(self.order[places]))

        def same(self, *args, **kwargs):
            return self

        prefetch = cache = repeat = with_options = same

        def cardinality(self):
            return len(self)

        def on_epoch_end(self):
            if self.shuffled:
                self.order = np.random.permutation(self.order)

        def __len__(self):
            size = self.batched or 1
            return self.count // size if self.drop else -(-self.count // size)

        def __getitem__(self, index):
            size = self.batched or 1
            found = self.fetch(self.order[index * size : (index + 1) * size])
            for function, on_batches in self.functions:
                found = _called(function, found) if on_batches else self._each(function, found)
            return keras.tree.map_structure(lambda array: array[0], found) if self.batched is None else found

        def _each(self, function, found):
            count = len(keras.tree.flatten(found)[0])
            each = [
                keras.tree.map_structure(
                    keras.ops.convert_to_numpy,
                    _called(function, keras.tree.map_structure(lambda array, at=at: array[at], found)),
                )
                for at in range(count)
            ]
            return keras.tree.map_structure(lambda *values: np.stack(values), *each)

        def __iter__(self):
            for index in range(len(self)):
                yield self[index]
            self.on_epoch_end()

    return Dataset


def _called(function, element):
    return function(*element) if isinstance(element, tuple) else function(element)
