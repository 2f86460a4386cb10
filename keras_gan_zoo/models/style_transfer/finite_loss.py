"""Callback of the style transfer models that notices NaN and infinity."""

import math

import keras

from keras_gan_zoo import backend


class FiniteLoss(keras.callbacks.Callback):
    """Raise `FloatingPointError` in the step after which the loss is not finite.

    No file is written with a weight that is not finite. `fit` of a style transfer model adds it.
    """

    def on_train_begin(self, logs=None):
        self._step = 0
        self.model.before_save = self._check_weights

    def on_train_batch_end(self, batch, logs=None):
        self._step += self.model.steps_per_execution
        loss = float(logs["loss"])
        if not math.isfinite(loss):
            self._stop(f"the loss is {loss}")

    def _check_weights(self):
        backend.sync(self.model)
        bad = self.model.non_finite()
        if bad is not None:
            self._stop(f"the variable {bad} is NaN or infinite")

    def _stop(self, found):
        raise FloatingPointError(
            f"Step {self._step}: {found}. Training stops; files that were saved before are unchanged. "
            "Compile with an optimizer of a lower learning rate, with clipnorm=1.0, or with lower "
            "weights of the losses."
        )
