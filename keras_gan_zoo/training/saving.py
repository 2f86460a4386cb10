"""Model files from which training resumes exactly."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.export.model import ExportModel
from keras_gan_zoo.presets.model import PresetModel
from keras_gan_zoo.utils import archives, files, precision


class ResumableModel(PresetModel, ExportModel, keras.Model):
    """Model whose files include the states of its seed generators and are written atomically.

    Attributes:
        before_save: function without arguments, called before a file is written. None: nothing to do.
        missing_in_old_files: of the class, the arguments of the constructor that files of release 0.1
            do not have, with what it did then.
    """

    before_save = None
    missing_in_old_files: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_config(cls, config, **kwargs):
        return super().from_config({**cls.missing_in_old_files, **config}, **kwargs)

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

    def non_finite(self) -> str | None:
        """Return the path of a weight or optimizer variable that is not finite, None: all are."""
        own = [*self.metrics_variables, *getattr(self, "knobs", {}).values()]
        skipped = {id(variable) for variable in own}  # a knob may be infinite
        optimizer = self.optimizer.variables if self.compiled else []
        for variable in [*self.variables, *optimizer]:
            is_checked = id(variable) not in skipped and keras.backend.is_float_dtype(variable.dtype)
            if is_checked and not precision.is_finite(variable):
                return variable.path
        return None

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
        """Like `keras.Model.save_weights`, but replaces `filepath` only with a complete file.

        The file ends with its SHA-256, which `load_weights` compares; HDF5 and Keras ignore it.
        """
        self._prepare_saving()
        if kwargs.get("max_shard_size") is not None:  # several files, without checksums
            return super().save_weights(filepath, overwrite=overwrite, **kwargs)
        with files.replacing(filepath, overwrite) as path:
            super().save_weights(path, overwrite=overwrite, **kwargs)
            files.seal(path)

    def load_weights(self, filepath, **kwargs) -> None:
        """Like `keras.Model.load_weights`, for a compiled model.

        Raises:
            ValueError: the model is not compiled, so the optimizers' states would be silently lost; or
                the file asks for much more memory than it has bytes.
            OSError: the file is missing, or differs from the checksum that `save_weights` wrote.
        """
        if not self.compiled:
            raise ValueError(
                "`load_weights` before `compile` would lose the states of the optimizers. Call "
                "`model.compile(...)` first, with the arguments of the saved model."
            )
        if str(filepath).endswith((".weights.h5", ".keras")) and "://" not in str(filepath):
            files.check_seal(filepath)
            archives.check_model(filepath)
        super().load_weights(filepath, **kwargs)
