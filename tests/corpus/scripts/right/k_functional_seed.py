import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers, callbacks, regularizers
from tensorflow.keras.utils import to_categorical

tf.random.set_seed(1); np.random.seed(1)
print(tf.__version__, tf.config.list_physical_devices('GPU'))
(x, y), _ = keras.datasets.fashion_mnist.load_data()
inp = keras.Input(shape=(28, 28)); h = layers.Rescaling(1./255)(inp); h = layers.Flatten()(h); h = layers.Dense(32, activation='relu')(h); out = layers.Dense(10, activation='softmax')(h)
m = keras.Model(inp, out); m.compile('adam', 'sparse_categorical_crossentropy', ['accuracy'])
for ep in range(10):
    m.fit(x, y, epochs=1, verbose=0)
