import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers, callbacks, regularizers
from tensorflow.keras.utils import to_categorical

from tensorflow.data import Dataset
(x, y), (xt, yt) = tf.keras.datasets.fashion_mnist.load_data()
def prep(a, b): return tf.cast(a, tf.float32) / 255., b
tr = tf.data.Dataset.from_tensor_slices((x, y)).map(prep, num_parallel_calls=tf.data.AUTOTUNE).cache().shuffle(1000).batch(32).prefetch(1)
va = tf.data.Dataset.from_tensor_slices((xt, yt)).map(prep).batch(64)
for a, b in tr.take(1): print(a.shape, b.shape)
m = tf.keras.Sequential([tf.keras.layers.Flatten(input_shape=(28, 28)), tf.keras.layers.Dense(32, activation='relu'), tf.keras.layers.Dense(10)])
m.compile(tf.keras.optimizers.Adam(lr=.003), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['sparse_categorical_accuracy'])
m.fit(tr, epochs=6, validation_data=va)
