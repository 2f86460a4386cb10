"""`AdversarialModel`: the base of all GANs, with networks, `fit` and `evaluate`."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_gan_zoo import backend, registry
from keras_gan_zoo.callbacks import finite_numbers
from keras_gan_zoo.metrics import streaming
from keras_gan_zoo.metrics.reference import real_images
from keras_gan_zoo.training import argument_checks, building, checkpoints, data_checks
from keras_gan_zoo.training.compiling import CompiledStep
from keras_gan_zoo.training.feeding import TwoParts, as_list, connected, feed, length, ordered, split
from keras_gan_zoo.training.saving import ResumableModel
from keras_gan_zoo.training.sized import SizedModel


class AdversarialModel(SizedModel, ResumableModel, CompiledStep):
    """A `keras.Model` with a discriminator and a generator that train against each other.

    Subclasses define `make_generator` and `make_discriminator`, call `make_networks` at the end of
    `__init__`, and override hooks of `AdversarialHooks`.

    One step of `updates="alternating"` (the default): the generator creates images, the discriminator
    is updated on them, and the updated discriminator scores the same images for the generator's
    update, so that one generator pass serves both. With `"simultaneous"` one discriminator pass over
    the generated images serves both sides too: faster, and the generator learns from the discriminator
    as it was before the update.

    Args:
        seed: of weights, dropout, latents and label noise. Defaults to `None`: different in every run,
            unless `keras.utils.set_random_seed` was called.

    Attributes:
        plan: `training.plan.TrainingPlan`, the decisions of `compile`; None before it.
        penalty_state: scalars that penalties keep, by name.
    """

    condition = None  # kind of labels, an object of `labels.py`; None: unconditional
    needs_labels = False

    def __init__(self, seed: int | None = None, **kwargs):
        argument_checks.check_constructor(self, kwargs)
        super().__init__(seed, **kwargs)
        self._fit_data = _FitData()

    # Networks ------------------------------------------------------------------------------------

    def make_networks(self) -> None:
        """Build both sides; the last statement of a subclass' `__init__`."""
        with building.network_scope(self.seed, self.dtype_policy):
            self.generator = self.make_generator()
            self.discriminator = self.build_discriminator()
            self.head = self.make_head()
        self.built = True

    def make_generator(self) -> keras.Model:
        """Return the generator."""
        raise NotImplementedError

    def make_discriminator(self) -> keras.Model:
        """Return the discriminator, whose last layer is linear."""
        raise NotImplementedError

    def build_discriminator(self) -> keras.Model:
        """Return the discriminator as the constructor's arguments ask for it."""
        return self.make_discriminator()

    def make_head(self) -> keras.Model | None:
        """Return a network on the discriminator's features whose outputs `discriminator_terms` and
        `generator_terms` use. None: there are no such terms."""
        return None

    def best_generator(self) -> keras.Model:
        """Return the generator's moving average where `ema` is on, else the generator."""
        return self.generator if self.ema_generator is None else self.ema_generator

    # Training ------------------------------------------------------------------------------------

    def fit(self, x=None, y=None, batch_size=None, epochs=1, *, resume=None, **kwargs):
        """Train, as `keras.Model.fit`; the data is checked first.

        The order of arrays and of a `PyDataset` depends on the model's seed and the number of the epoch
        only, that of `keras_gan_zoo.data` on the dataset's seed.

        Args:
            x: batches of the model, see its class: numpy arrays, `tf.data`, `keras.utils.PyDataset`,
                torch `DataLoader` or a generator. Images are floats in [-1, 1], channels last. Arrays
                are checked whole, other sources by their first batch.
            y: second half of a batch if `x` is an array, else None.
            batch_size: images per step for arrays. Defaults to `None`, which means 32.
            epochs: passes over the data, including those before `resume`.
            resume: folder of a `callbacks.Checkpoint`, to continue from its newest good checkpoint,
                also in the middle of an epoch. Model, data and other arguments are those at the start
                of the interrupted `fit`. A folder without a checkpoint starts the training. Defaults to
                `None`, which continues with the model as it is.
            **kwargs: as in `keras.Model.fit`. `validation_data` is checked like `x` and `y`.

        Raises:
            ValueError: If the model is not compiled, an argument breaks its rule, or the data is empty,
                too small for one batch, of another shape than the model's images, outside [-1, 1], or
                not finite.
            FloatingPointError: If a loss or a weight becomes NaN or infinite; see
                `callbacks.FiniteNumbers`, which is added to `callbacks`, for other reactions.
        """
        if not self.compiled:
            raise ValueError(
                "`fit` needs a compiled model. Call `model.compile()` first: without arguments it "
                "takes the optimizers and losses of the model's paper."
            )
        argument_checks.check_fit(self, x, batch_size, epochs, kwargs)
        if resume is not None and kwargs.pop("initial_epoch", 0):
            raise ValueError(
                "Arguments `resume` and `initial_epoch` exclude each other: the checkpoint has the "
                "epoch. Leave out `initial_epoch`."
            )
        x = self.check_data(x, y, batch_size)
        if kwargs.get("validation_data") is not None:
            size = kwargs.get("validation_batch_size") or batch_size
            kwargs["validation_data"] = data_checks.validation_data(
                self, kwargs["validation_data"], size
            )
        position = None if resume is None else checkpoints.restore(self, resume)
        callbacks = as_list(kwargs.pop("callbacks", None))
        try:
            self._fit_data.position = position
            with connected():
                return self._fit(x, y, batch_size, callbacks, epochs=epochs, **kwargs)
        finally:
            self._fit_data = _FitData()
            self.before_save = None

    def _fit(self, x, y, batch_size, callbacks, **arguments):
        """Run `fit` with checked arguments."""
        for callback in callbacks:
            if hasattr(callback, "prepare_data"):
                x, y, batch_size = callback.prepare_data(self, x, y, batch_size), None, None
        self.reset_knobs()
        backend.begin_fit(self)
        _set_monitor_modes(callbacks)
        self._fit_data.value = self.evaluation_data(x, y)
        self._fit_data.callbacks = callbacks = finite_numbers.first(_in_order(callbacks))
        seed = int(keras.ops.convert_to_numpy(self.seed_generator.state)[0])  # stays, and is saved
        source = ordered(x, y, batch_size, abs(seed), arguments)
        if source is not x:
            arguments.setdefault("validation_batch_size", batch_size)
            y, batch_size = None, None
        arguments |= {"x": source, "y": y, "batch_size": batch_size}
        if self.position is None:
            return super().fit(**feed(**arguments, callbacks=callbacks))
        return self._continue(self.position, callbacks, arguments)

    def _continue(self, position, callbacks, arguments):
        """Run `fit` from a position on: the rest of its epoch, then the other epochs."""
        first_epoch, step, epochs = position.epoch, position.step, arguments["epochs"]
        x, per_epoch = arguments.pop("x"), arguments.get("steps_per_epoch")
        steps = length(x, per_epoch)
        if step and None not in (steps, position.steps_per_epoch) and steps != position.steps_per_epoch:
            raise ValueError(
                f"{position.path} is in the middle of an epoch of {position.steps_per_epoch} steps. "
                f"Received: data with {steps} steps in an epoch. Pass the data and the batch size of "
                "the interrupted training."
            )
        rest, x = split(x, first_epoch, step, per_epoch)
        callbacks = [checkpoints.Restore(position, callbacks), *callbacks]
        if rest is None or first_epoch >= epochs:
            arguments |= {"initial_epoch": first_epoch, "callbacks": callbacks}
            return super().fit(**feed(x, first_step=position.first_step, **arguments))
        first = arguments | {"x": rest, "initial_epoch": first_epoch, "epochs": first_epoch + 1}
        if per_epoch:
            first["steps_per_epoch"] = per_epoch - step
        first = feed(**first, callbacks=callbacks, first_step=position.first_step)
        verbose = arguments.get("verbose", "auto")
        first["callbacks"] = TwoParts(
            first["callbacks"],
            step,
            is_last=first_epoch + 1 == epochs,
            add_history=True,
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=steps,
        )
        then = feed(x, initial_epoch=first_epoch + 1, **arguments)
        return first["callbacks"].run(super().fit, first, then)

    def check_data(self, x, y, batch_size):
        """Check the arguments of `fit` and return the source to train on.

        Raises:
            ValueError: If the data does not fit the model.
        """
        raise NotImplementedError

    def evaluate(self, x=None, y=None, batch_size=None, *, return_dict=False, **kwargs):
        """Return the losses over the data and the metrics of `compile(metrics=...)`.

        Args:
            x, y, batch_size: as in `fit`. Metrics need data that can be read twice: no generator.
            return_dict: True: a dict by name; False: a list in the same order.
            **kwargs: as in `keras.Model.evaluate`.

        Raises:
            ValueError: If the data or its size does not allow a metric.
        """
        arguments = {"x": x, "y": y, "batch_size": batch_size, **kwargs}
        if not (self.compiled and self.plan.metrics):
            return super().evaluate(**arguments, return_dict=return_dict)
        data = self.evaluation_data(x, y)
        real = real_images(data)
        values = super().evaluate(**arguments, return_dict=True)
        values |= streaming.measure(self.plan.metrics, real, self.samples(len(real), 0, data))
        return values if return_dict else list(values.values())

    def evaluation_data(self, x, y):
        """Return the data that callbacks measure against while `fit` trains on `x` and `y`."""
        return x

    def samples(self, n: int, seed: int | None = None, data=None) -> np.ndarray:
        """Return generated images for metrics, (n, height, width, channels).

        Args:
            n: number of images.
            seed: see `generate`.
            data: pairs whose inputs an image-to-image model translates; other models ignore it.
                Defaults to `None`, the training data.
        """
        return self.generate(n, seed=seed)

    @property
    def training_data(self):
        """The data of the running `fit`, for callbacks; None at other times."""
        return self._fit_data.value

    @property
    def training_warnings(self) -> list[str]:
        """Texts of the `TrainingWarning`s of the running `fit`, for callbacks."""
        return self._fit_data.warnings

    def training_state(self, epoch, step, first_step, steps_per_epoch) -> dict[str, Any]:
        """Return what a checkpoint needs besides the model's file, see `checkpoints.Position`."""
        place = epoch, step, first_step, steps_per_epoch
        return checkpoints.state(self, self._fit_data.callbacks, *place)

    @property
    def position(self) -> checkpoints.Position | None:
        """Where the running `fit(resume=...)` continued, for callbacks; None at other times."""
        return self._fit_data.position

    @property
    def steps(self) -> int:
        """Number of training steps so far, over all calls of `fit`."""
        return int(keras.ops.convert_to_numpy(self.optimizer.iterations))

    # Saving --------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
        }


class _FitData:
    """Holds what the running `fit` works on, which Keras would track as an attribute of the model."""

    def __init__(self):
        self.value: Any = None
        self.callbacks: Sequence[keras.callbacks.Callback] = ()
        self.position: checkpoints.Position | None = None
        self.warnings: list[str] = []


def _in_order(callbacks):
    """Return the callbacks with those first that add logs, and those last that save the state.

    The latter see the state between two steps, before any other callback begins a step.
    """
    savers = [callback for callback in callbacks if hasattr(callback, "between_steps")]
    others = [callback for callback in callbacks if callback not in savers]
    others.sort(key=lambda callback: not getattr(callback, "adds_logs", False))
    begins = [
        keras.callbacks.LambdaCallback(on_train_batch_begin=callback.between_steps)
        for callback in savers
    ]
    return [*begins, *others, *savers]


def _set_monitor_modes(callbacks):
    """Set the mode of callbacks that monitor a metric of this library."""
    for callback in callbacks:
        callback = getattr(callback, "callback", callback)  # inside of `ForOptimizer`
        monitored = str(getattr(callback, "monitor", "")).removeprefix("val_")
        direction = registry.direction(monitored)
        if getattr(callback, "mode", None) == "auto" and direction is not None:
            callback.mode = direction
