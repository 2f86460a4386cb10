"""Callback that grows a `ProgressiveGAN` on a schedule of images."""

import copy
import dataclasses
import math
from collections.abc import Mapping

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.data.batches import Batches
from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.utils import checks


@dataclasses.dataclass(frozen=True)
class Phase:
    """Consecutive training steps at one level with the same settings.

    Args:
        level: Level of the model.
        is_fading: Whether the level is being faded in.
        step: First training step.
        image: Number of images in all steps before it.
        batch_size: Images per step.
        rate: Learning rate of both optimizers, or None to leave them unchanged.
    """

    level: int
    is_fading: bool
    step: int
    image: int
    batch_size: int
    rate: float | None


class ProgressiveGrowth(keras.callbacks.Callback):
    """Grow a `ProgressiveGAN` during training, from its lowest to its full resolution.

    Karras et al. 2017, arXiv 1710.10196. Every level after the first is faded in over `fade` images,
    and every level is then trained on `stable` images; the last one until `fit` ends. Numbers of
    images are rounded up to whole batches. A saved model continues at its position in the schedule.

    The number of steps in an epoch is the number of batches of the data at its own batch size. With
    smaller `batch_sizes` an epoch is less than a pass over the images, with larger ones more.

    Args:
        fade, stable: Number of images per phase; 800,000 each in the paper.
        first: Shorter side, in pixels, of the first level. Defaults to `None`, which is the smallest.
        batch_sizes: Images per step by the shorter side of the level, such as `{4: 64, 64: 16}`; each
            applies from that side up. Defaults to `None`, which uses the batch size of the data.
        learning_rates: Learning rates of both optimizers by the shorter side, such as
            `{4: 1e-3, 128: 1.5e-3}`. Defaults to `None`, which leaves them unchanged.

    Raises:
        ValueError: A number breaks its rule. When training starts: there is no level of that side.
        TypeError: When training starts: the model cannot grow, or the data are neither arrays nor a
            dataset of `keras_gan_zoo.data`.
    """

    def __init__(
        self,
        fade: int = 800_000,
        stable: int = 800_000,
        first: int | None = None,
        batch_sizes: Mapping[int, int] | None = None,
        learning_rates: Mapping[int, float] | None = None,
    ):
        super().__init__()
        self.fade = checks.positive_integer("fade", fade)
        self.stable = checks.positive_integer("stable", stable)
        self.first = first
        self.batch_sizes = {
            checks.positive_integer("batch_sizes", side): checks.positive_integer("batch_sizes", size)
            for side, size in (batch_sizes or {}).items()
        }
        self.learning_rates = {
            checks.positive_integer("learning_rates", side): checks.positive("learning_rates", rate)
            for side, rate in (learning_rates or {}).items()
        }
        self.phases: list[Phase] = []

    def prepare_data(self, model, x, y, batch_size):
        """Return a dataset with the batch sizes of the schedule.

        Args:
            model: A compiled `ProgressiveGAN`.
            x, y, batch_size: Arguments of `fit`.
        """
        if hasattr(x, "shape") and not isinstance(x, Batches):
            x = ImageDataset(keras.ops.convert_to_numpy(x), batch_size=batch_size or 32)
        if not isinstance(x, Batches):
            raise TypeError(
                "`ProgressiveGrowth` schedules images, and needs arrays or a dataset of "
                f"`keras_gan_zoo.data`. Received: x of the type {type(x).__name__}."
            )
        self.phases = self._plan([min(sides) for sides in model.sides], x.batch_size)
        x = copy.copy(x)
        # The data starts at the beginning of the interrupted epoch, or at the step of a checkpoint.
        offset = (model.steps if model.position is None else model.position.first_step) % len(x)
        x.plan = lambda step: self.images_at(step + offset)
        return x

    def _plan(self, sides, batch_size):
        for side in {self.first, *self.batch_sizes, *self.learning_rates} - {None, *sides}:
            raise ValueError(
                "Arguments `first`, `batch_sizes` and `learning_rates` must name sides of levels; "
                f"the sides of the levels are {', '.join(map(str, sides))}. Received: {side}."
            )
        phases, step, image = [], 0, 0
        start = 0 if self.first is None else sides.index(self.first)
        for level in range(start, len(sides)):
            size = _value_at(self.batch_sizes, sides[level]) or batch_size
            rate = _value_at(self.learning_rates, sides[level])
            for is_fading in (True, False) if level > start else (False,):
                phases.append(Phase(level, is_fading, step, image, size, rate))
                steps = math.ceil((self.fade if is_fading else self.stable) / size)
                step, image = step + steps, image + steps * size
        return phases

    def phase_at(self, step: int) -> Phase:
        """Return the phase of a training step."""
        return [phase for phase in self.phases if phase.step <= step][-1]

    def images_at(self, step: int) -> tuple[int, int]:
        """Return the number of images before a training step and the number in it."""
        phase = self.phase_at(step)
        return phase.image + (step - phase.step) * phase.batch_size, phase.batch_size

    def set_model(self, model):
        super().set_model(model)
        if not getattr(model, "can_grow", False):
            raise TypeError(
                "`ProgressiveGrowth` needs a `ProgressiveGAN`. Received: a model of the type "
                f"{type(model).__name__}."
            )

    def on_train_begin(self, logs=None):
        self._step = self.model.steps
        self._phase = None

    def on_train_batch_begin(self, batch, logs=None):
        phase = self.phase_at(self._step)
        if phase != self._phase:
            self._enter(phase)
        self._step += self.model.steps_per_execution

    def _enter(self, phase):
        model, self._phase = self.model, phase
        if (model.level, model.is_fading) != (phase.level, phase.is_fading):
            model.grow(phase.level, self.fade if phase.is_fading else 0)
        if phase.rate is not None:
            backend.sync(model)
            for optimizer in model.optimizer.optimizers:
                optimizer.learning_rate = phase.rate


def _value_at(values, side):
    """Return the value of the largest key up to `side`, or None."""
    keys = [key for key in values if key <= side]
    return values[max(keys)] if keys else None
