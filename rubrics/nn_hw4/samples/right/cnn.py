"""Part 2: the 2-D CNN, with all and with fewer filters. Writes one CSV file of figures per run to logs/."""

import os

from tensorflow import keras
from tensorflow.keras import layers, regularizers

FILTERS = [64, 128, 128, 256, 256]
FEWER = [16, 32, 32, 64, 64]


def build_cnn(filters=FILTERS, classes=10):
    l2 = regularizers.l2(1e-4)
    model = keras.Sequential(name="cnn")
    model.add(keras.Input(shape=(28, 28, 1)))
    for number, (count, strides) in enumerate(zip(filters, (2, 2, 1, 2, 1))):
        model.add(layers.Conv2D(count, 3, strides=strides, padding="same", kernel_initializer="he_normal", kernel_regularizer=l2))
        model.add(layers.Activation("relu"))
        if number == 0:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def images():
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    x_train = x_train[..., None].astype("float32") / 255
    x_test = x_test[..., None].astype("float32") / 255
    return (x_train, y_train), (x_test, y_test)


def train(name, filters, epochs=40):
    (x_train, y_train), test = images()
    model = build_cnn(filters)
    os.makedirs("logs", exist_ok=True)
    log = keras.callbacks.CSVLogger(f"logs/{name}.csv")
    model.fit(x_train, y_train, batch_size=64, epochs=epochs, validation_split=0.2, callbacks=[log], verbose=2)
    print(f"{name}: test loss, test acc: {model.evaluate(*test, verbose=0)}")
    return model


if __name__ == "__main__":
    train("initial_filters", FILTERS)
    train("reduced_filters", FEWER)
