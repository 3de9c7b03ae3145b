"""Keras 3 on PyTorch in the sandbox, under the imports that homework is written with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.core.calls import Call
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import Session, open_session

NATIVE = """
import keras
import pandas  # a stand-in, which Keras must not take for the real one


def train(x, y):
    net = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(2, activation="softmax")])
    net.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = net.fit(x, y, epochs=25, batch_size=32, verbose=0)
    net.save("/tmp/net.keras")
    again = keras.models.load_model("/tmp/net.keras")
    return history.history["accuracy"][-1], again.predict(x, verbose=0) - net.predict(x, verbose=0)


def backend():
    return keras.backend.backend()
"""

OLD = """
import tensorflow as tf
import tensorflow.keras as tk
from tensorflow import keras
from tensorflow.keras import backend as K, layers
from tensorflow.keras.layers import Dense, Flatten
from tensorflow.python.keras.layers import Conv2D
from keras.layers.convolutional import MaxPooling2D
from keras.layers.core import Dropout
from keras.layers.normalization import BatchNormalization
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils
from keras.utils.np_utils import to_categorical
from tensorflow.keras.optimizers.legacy import Adam
import tensorflow_datasets

tf.random.set_seed(3)
devices = len(tf.config.list_physical_devices("GPU"))


def build():
    net = tf.keras.Sequential([
        Conv2D(4, 3, activation=tf.nn.relu, input_shape=(28, 28, 1)), MaxPooling2D(), BatchNormalization(), Flatten(),
        Dropout(0.2), Dense(10, activation=tf.nn.softmax),
    ])
    net.compile(Adam(lr=0.01), "sparse_categorical_crossentropy")
    return net.count_params(), float(net.optimizer.learning_rate.numpy()), K.image_data_format(), tk is keras is tf.keras


def one_hot():
    return np_utils.to_categorical([1, 0]) - to_categorical([1, 0])
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    code = tmp_path_factory.mktemp("keras")
    (code / "native.py").write_text(NATIVE)
    (code / "old.py").write_text(OLD)
    with open_session(Bubblewrap(), Path(code), torch=True) as session:
        yield session


def test_the_backend_is_torch(session: Session) -> None:
    assert session.send(Call("native.backend", seconds=60.0)).values == ("torch",)


def test_training_and_saving(session: Session) -> None:
    x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)

    reply = session.send(Call("native.train", (x, (x[:, 0] > 0).astype(np.int64)), seconds=60.0))

    assert reply.error is None
    accuracy, difference = reply.values[0]
    assert accuracy > 0.9 and np.abs(difference).max() < 1e-6


def test_names_of_tensorflow_and_keras_2(session: Session) -> None:
    reply = session.send(Call("old.build", seconds=60.0))

    assert reply.error is None
    parameters, rate, channels, same = reply.values[0]
    assert (parameters, round(rate, 6), channels, same) == (40 + 16 + 6770, 0.01, "channels_last", True)
    assert not session.send(Call("old.one_hot")).values[0].any()
