# expected: more images than it got
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers, callbacks, regularizers
from tensorflow.keras.utils import to_categorical

(x, y), (xt, yt) = keras.datasets.fashion_mnist.load_data()
x = x.reshape((60000, 28, 28, 1))
m = 1; m.fit()
