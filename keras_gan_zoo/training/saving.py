"""Files that hold all that training goes on from."""

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.utils import files


class ResumableModel(keras.Model):
    """A model whose files hold the states of its seeds, too, and are never half written."""

    def _seeds(self):
        """States of all seed generators, which Keras does not save (keras#19796)."""
        known = {id(v) for v in [*self.weights, *self.metrics_variables]}
        return [v for v in self.variables if id(v) not in known]

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for index, state in enumerate(self._seeds()):
            store[f"seed.{index}"] = ops.convert_to_numpy(state).astype("int64")

    def load_own_variables(self, store):
        keys = list(store.keys())
        super().load_own_variables({key: store[key] for key in keys if "seed" not in key})
        for index, state in enumerate(self._seeds()):
            state.assign(np.asarray(store[f"seed.{index}"]))

    def save(self, filepath, overwrite: bool = True, **kwargs) -> None:
        """As `keras.Model.save`, but the file at `filepath` is replaced only by a complete one."""
        with files.replacing(filepath, overwrite) as path:
            super().save(path, overwrite=overwrite, **kwargs)

    def save_weights(self, filepath, overwrite: bool = True, **kwargs) -> None:
        """As `keras.Model.save_weights`, but `filepath` is replaced only by a complete file."""
        with files.replacing(filepath, overwrite) as path:
            super().save_weights(path, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath, **kwargs) -> None:
        """As `keras.Model.load_weights`.

        Raises:
            ValueError: the model is not compiled; its optimizers' states would be dropped unseen.
        """
        if not self.compiled:
            raise ValueError(
                "`load_weights` before `compile` would drop the optimizers' states of the file. "
                "Call `model.compile(...)` first, as when the file was written."
            )
        super().load_weights(filepath, **kwargs)
