import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models, optimizers, callbacks, regularizers
from tensorflow.keras.utils import to_categorical

(x, y), (xt, yt) = keras.datasets.fashion_mnist.load_data()
x = x.reshape(-1, 28, 28, 1).astype('float32') / 255; xt = xt.reshape((-1, 28, 28, 1)).astype('float32') / 255.
y = to_categorical(y, 10); yt = to_categorical(yt, num_classes=10)
m = models.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(8, (3, 3), activation='relu', padding='same', kernel_regularizer=regularizers.l2(1e-4)), layers.MaxPooling2D((2, 2)), layers.Dropout(.2), layers.Flatten(), layers.Dense(32, activation='relu'), layers.Dense(10, activation='softmax')])
m.compile(optimizer=optimizers.Adam(learning_rate=1e-2), loss='categorical_crossentropy', metrics=['accuracy']); m.summary()
cb = [callbacks.CSVLogger('log.csv'), callbacks.EarlyStopping(monitor='val_loss', patience=3, restore_best_weights=True), callbacks.ModelCheckpoint('best.keras', save_best_only=True), callbacks.ReduceLROnPlateau(), callbacks.TensorBoard(log_dir='logs')]
h = m.fit(x, y, epochs=2, batch_size=32, validation_split=.1, callbacks=cb, verbose=2)
import json; json.dump({k: [float(v) for v in vs] for k, vs in h.history.items()}, open('history.json', 'w'))
m.evaluate(xt, yt); m.predict(xt[:5]); m.save('model.h5')
import matplotlib.pyplot as plt; plt.plot(h.history['accuracy']); plt.show()
