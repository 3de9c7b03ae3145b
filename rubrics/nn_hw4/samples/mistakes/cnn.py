from keras.datasets import mnist
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import SGD

(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1) / 255.0
x_test = x_test.reshape(-1, 28, 28, 1) / 255.0

model = Sequential()
model.add(Conv2D(64, (3, 3), strides=2, activation="relu", input_shape=(28, 28, 1)))
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(128, (3, 3), activation="relu"))
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(256, (2, 2), activation="relu"))
model.add(Flatten())
model.add(Dense(64, activation="relu"))
model.add(Dense(10, activation="softmax"))
# the rate is far too high: the net ends up with one class for every image
model.compile(optimizer=SGD(lr=20.0), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train[:320], y_train[:320], epochs=1, batch_size=32, validation_data=(x_test, y_test))
