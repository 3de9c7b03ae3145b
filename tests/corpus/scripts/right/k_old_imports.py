from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation, Flatten
from keras.layers.convolutional import Conv2D, MaxPooling2D
from keras.optimizers import Adam, SGD
from keras.utils import np_utils
from keras.preprocessing.image import ImageDataGenerator
from keras.datasets import fashion_mnist
from keras.callbacks import ModelCheckpoint, LearningRateScheduler, Callback
from keras import backend as KB
import matplotlib.pyplot as plt
(x, y), (xt, yt) = fashion_mnist.load_data()
x = x.reshape(x.shape[0], 28, 28, 1).astype('float32'); x /= 255
y = np_utils.to_categorical(y, 10)
m = Sequential(); m.add(Conv2D(8, (3, 3), padding='same', input_shape=x.shape[1:])); m.add(Activation('relu')); m.add(MaxPooling2D(pool_size=(2, 2))); m.add(Dropout(0.25)); m.add(Flatten()); m.add(Dense(10)); m.add(Activation('softmax'))
m.compile(loss='categorical_crossentropy', optimizer=SGD(lr=0.05, momentum=.9, decay=1e-6, nesterov=True), metrics=['accuracy'])
h = m.fit(x, y, batch_size=32, epochs=3, validation_split=.1, shuffle=True, callbacks=[ModelCheckpoint('w.{epoch:02d}-{val_loss:.2f}.weights.h5', save_weights_only=True), LearningRateScheduler(lambda e: .05 * .9**e)])
plt.plot(h.history['val_accuracy'])
