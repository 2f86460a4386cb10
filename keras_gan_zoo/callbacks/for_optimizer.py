"""Keras' learning-rate callbacks for one of a model's optimizers."""

import keras


class ForOptimizer(keras.callbacks.Callback):
    """Apply a learning-rate callback to one optimizer of a GAN instead of to both.

    Its log `learning_rate` is renamed to `learning_rate_d_opt` or `learning_rate_g_opt`.

    Args:
        name: `"d_opt"` or `"g_opt"`.
        callback: A callback such as `keras.callbacks.LearningRateScheduler` or `ReduceLROnPlateau`.

    Raises:
        ValueError: When training starts, if the model has no optimizer of that name.

    Example:

    >>> halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    >>> model.fit(dataset, callbacks=[kgz.callbacks.ForOptimizer("g_opt", halve)])
    """

    def __init__(self, name: str, callback: keras.callbacks.Callback):
        super().__init__()
        self.name = name
        self.callback = callback

    def set_params(self, params):
        super().set_params(params)
        self.callback.set_params(params)

    def set_model(self, model):
        super().set_model(model)
        members = getattr(model.optimizer, "members", {})
        if self.name not in members:
            raise ValueError(
                f"Argument `name` must be one of the model's optimizers, {list(members)}. "
                f"Received: name={self.name!r}."
            )
        self.callback.set_model(_SingleOptimizerModel(model, model.optimizer[self.name]))

    def on_train_begin(self, logs=None):
        self.callback.on_train_begin(logs)

    def on_train_end(self, logs=None):
        self.callback.on_train_end(logs)

    def on_epoch_begin(self, epoch, logs=None):
        self.callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        logs = {} if logs is None else logs
        self.callback.on_epoch_end(epoch, logs)
        if "learning_rate" in logs:
            logs[f"learning_rate_{self.name}"] = logs.pop("learning_rate")


class _SingleOptimizerModel:
    """Proxy of a model whose `optimizer` is one of its optimizers."""

    def __init__(self, model, optimizer):
        self._model = model
        self.optimizer = optimizer

    def __getattr__(self, name):
        return getattr(self._model, name)
