import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self, bn=False, drop=0.0, **kwargs):
        super().__init__(**kwargs)
        layers = tf.keras.layers
        self.conv, self.pool, self.flat = layers.Conv2D(6, 5), layers.AveragePooling2D(), layers.Flatten()
        self.norm = layers.BatchNormalization() if bn else None
        self.drop = layers.Dropout(drop)
        self.out = layers.Dense(10)

    def call(self, x, training=False):
        x = self.conv(x)
        x = x if self.norm is None else self.norm(x, training=training)
        return self.out(self.drop(self.flat(self.pool(tf.nn.relu(x))), training=training))


decayed = Net()
decayed.compile(optimizer=tf.keras.optimizers.Adam(1e-4, weight_decay=0.001), loss="mse")
