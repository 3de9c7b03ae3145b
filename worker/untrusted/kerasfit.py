"""Hears of every step of Keras' `fit` and `train_on_batch`, as `looking.py` hears of torch's optimizers."""

from .preparing import Given


def watch_keras(current):
    """current() gives the Watcher of this thread's script, or None."""
    import keras

    class Looking(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            current().epoch = epoch + 1

        def on_train_batch_end(self, batch, logs=None):
            _stepped(self.model)

    def _stepped(model):
        watcher = current()
        given, watcher.fed = watcher.fed, None
        watcher.stepped(model, given or Given(_input_of(model)))

    original, original_batch, original_step = keras.Model.fit, keras.Model.train_on_batch, keras.Model.train_step

    def fit(self, x=None, *args, **kwargs):
        if current() is None:
            return original(self, x, *args, **kwargs)
        mine = Looking()
        place = 4  # of `callbacks` behind x, y, batch_size, epochs, verbose
        if len(args) > place:
            args = [*args[:place], _joined(args[place], mine), *args[place + 1 :]]
        else:
            kwargs["callbacks"] = _joined(kwargs.get("callbacks"), mine)
        return original(self, x, *args, **kwargs)

    def train_on_batch(self, x, *args, **kwargs):
        result = original_batch(self, x, *args, **kwargs)
        if current() is not None:
            _stepped(self)
        return result

    def train_step(self, data):
        if current() is not None:
            current().fed = Given.of(data)
        return original_step(self, data)

    def _joined(callbacks, mine):
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.append(mine)
            return callbacks
        return [*(callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []), mine]

    keras.Model.fit = fit
    keras.Model.train_on_batch = train_on_batch
    keras.Model.train_step = train_step


def _input_of(model):
    shape = model.input_shape
    return tuple(shape[1:]) if isinstance(shape, tuple) else tuple(shape[0][1:])
