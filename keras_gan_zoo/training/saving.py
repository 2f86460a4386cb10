"""Model files from which training resumes exactly."""

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.presets.model import PresetModel
from keras_gan_zoo.utils import files


class ResumableModel(PresetModel, keras.Model):
    """Model whose files include the states of its seed generators and are written atomically.

    Attributes:
        before_save: function without arguments, called before a file is written. None: nothing to do.
    """

    before_save = None

    def _seeds(self):
        """States of all seed generators, which Keras does not save (keras#19796)."""
        saved_by_keras = {id(v) for v in [*self.weights, *self.metrics_variables]}
        return [v for v in self.variables if id(v) not in saved_by_keras]

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for index, state in enumerate(self._seeds()):
            store[f"seed.{index}"] = ops.convert_to_numpy(state).astype("int64")

    def load_own_variables(self, store):
        keys = list(store.keys())
        super().load_own_variables({key: store[key] for key in keys if "seed" not in key})
        for index, state in enumerate(self._seeds()):
            state.assign(np.asarray(store[f"seed.{index}"]))

    def _prepare_saving(self):
        if self.before_save is not None:
            self.before_save()
        keras_private.keep_saving_lists()

    def save(self, filepath, overwrite: bool = True, **kwargs) -> None:
        """Like `keras.Model.save`, but replaces `filepath` only with a complete file."""
        self._prepare_saving()
        if str(filepath).startswith("hf://"):  # Keras uploads the file
            return super().save(filepath, overwrite=overwrite, **kwargs)
        with files.replacing(filepath, overwrite) as path:
            super().save(path, overwrite=overwrite, **kwargs)

    def save_weights(self, filepath, overwrite: bool = True, **kwargs) -> None:
        """Like `keras.Model.save_weights`, but replaces `filepath` only with a complete file."""
        self._prepare_saving()
        with files.replacing(filepath, overwrite) as path:
            super().save_weights(path, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath, **kwargs) -> None:
        """Like `keras.Model.load_weights`, for a compiled model.

        Raises:
            ValueError: the model is not compiled, so the optimizers' states would be silently lost.
        """
        if not self.compiled:
            raise ValueError(
                "`load_weights` before `compile` would lose the states of the optimizers. Call "
                "`model.compile(...)` first, with the arguments of the saved model."
            )
        super().load_weights(filepath, **kwargs)
