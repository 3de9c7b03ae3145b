import numpy as np
from tensorflow.keras.callbacks import ModelCheckpoint
from tensorflow.keras.layers import *
from tensorflow.keras.models import Model
from tensorflow.keras.regularizers import l2


def experiment(images, labels):
    inputs = Input(shape=(28, 28, 1))
    x = Conv2D(8, (3, 3), strides=2, padding="same", use_bias=False, kernel_regularizer=l2(0.01))(inputs)
    x = Activation("relu")(BatchNormalization()(x))
    x = MaxPooling2D()(x)
    x = Dropout(0.4)(GlobalAveragePooling2D()(x))
    net = Model(inputs, Dense(10, activation="softmax")(x))
    net.compile("sgd", "categorical_crossentropy")
    history = net.fit(images, labels, epochs=100, callbacks=[ModelCheckpoint("best.h5")])
    return max(history.history["val_accuracy"])


experiment(np.load("images.npy") if False else None, None)
