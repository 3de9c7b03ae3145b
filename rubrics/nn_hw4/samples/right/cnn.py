import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, regularizers

FILTERS = [64, 128, 128, 256, 256]


def build_cnn(filters=FILTERS, classes=4):
    model = keras.Sequential(name="cnn")
    model.add(keras.Input(shape=(32, 32, 1)))
    for number, size in enumerate(filters):
        model.add(layers.Conv2D(size, 3, padding="same", activation="relu", kernel_regularizer=regularizers.l2(0.01)))
        if number % 2 == 0:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(512, activation="relu"))
    model.add(layers.Dense(256, activation="relu"))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


model = build_cnn()
