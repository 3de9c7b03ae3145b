import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers, callbacks, regularizers
from tensorflow.keras.utils import to_categorical

from tensorflow.keras.preprocessing.image import ImageDataGenerator
(x, y), (xt, yt) = keras.datasets.fashion_mnist.load_data()
x = np.expand_dims(x, -1) / 255.0; xt = xt[..., None] / 255.
g = ImageDataGenerator(rotation_range=5, width_shift_range=.05, height_shift_range=.05, zoom_range=.05); g.fit(x)
m = keras.Sequential([layers.Conv2D(8, 3, activation='relu', input_shape=(28, 28, 1)), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10, activation='softmax')])
m.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
m.fit(g.flow(x, y, batch_size=32), epochs=8, validation_data=(xt, yt), steps_per_epoch=len(x) // 32)
