import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers, callbacks, regularizers
from tensorflow.keras.utils import to_categorical

(x, y), _ = keras.datasets.fashion_mnist.load_data(); x = x / 255.
m = keras.Sequential([layers.Flatten(), layers.Dense(32, activation='relu'), layers.Dense(10, activation='softmax')])
m.compile('adam', 'sparse_categorical_crossentropy')
for e in range(8):
    for i in range(0, len(x), 32): m.train_on_batch(x[i:i+32], y[i:i+32])
