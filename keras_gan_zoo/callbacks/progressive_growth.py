"""Growth by a schedule that counts images."""

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
    """Training steps at one level, all alike."""

    level: int
    is_fading: bool
    step: int  # the first one
    image: int  # how many were seen before it
    batch_size: int
    rate: float | None


class ProgressiveGrowth(keras.callbacks.Callback):
    """Let a `ProgressiveGAN` grow while it trains, from its smallest images to the whole ones (Karras
    et al. 2017, arXiv 1710.10196).

    Each level is trained on `stable` images; those after the first fade in over `fade` images before
    that. What is left of `fit` belongs to the last level. Phases begin with a step, so the numbers are
    rounded up to whole batches. A model that was saved goes on where it was.

    An epoch has as many steps as the data has batches of its own size; with smaller `batch_sizes` it
    is less than a pass over the images, with larger ones more.

    Args:
        fade, stable: numbers of images; 800,000 each in the paper.
        first: shorter side, in pixels, of the level to begin with. None: the smallest.
        batch_sizes: images in a step by the shorter side of the level, such as `{4: 64, 64: 16}`: each
            holds from that side on. None: those of the data.
        learning_rates: of both optimizers, likewise, such as `{4: 1e-3, 128: 1.5e-3}`. None: as they
            are.

    Raises:
        ValueError: a number breaks its rule; when training starts: there is no level of that side.
        TypeError: when training starts: the model cannot grow, or the data are no arrays and no dataset
            of `keras_gan_zoo.data`.
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
        """The dataset to train on, whose batches follow the schedule.

        Args:
            model: a compiled `ProgressiveGAN`.
            x, y, batch_size: arguments of `fit`.
        """
        if hasattr(x, "shape") and not isinstance(x, Batches):
            x = ImageDataset(keras.ops.convert_to_numpy(x), batch_size=batch_size or 32)
        if not isinstance(x, Batches):
            raise TypeError(
                "`ProgressiveGrowth` counts images, and needs arrays or a dataset of "
                f"`keras_gan_zoo.data`. Received: x of the type {type(x).__name__}."
            )
        self.phases = self._plan([min(sides) for sides in model.sides], x.batch_size)
        x = copy.copy(x)
        late = model.steps % len(x)  # the data begins with the epoch that training was left in
        x.plan = lambda step: self.images_at(step + late)
        return x

    def _plan(self, sides, batch_size):
        for side in {self.first, *self.batch_sizes, *self.learning_rates} - {None, *sides}:
            raise ValueError(
                f"The sides of the levels are {', '.join(map(str, sides))}. Received: {side} in the "
                "arguments of `ProgressiveGrowth`."
            )
        found, step, image = [], 0, 0
        start = 0 if self.first is None else sides.index(self.first)
        for level in range(start, len(sides)):
            size = _at(self.batch_sizes, sides[level]) or batch_size
            rate = _at(self.learning_rates, sides[level])
            for is_fading in (True, False) if level > start else (False,):
                found.append(Phase(level, is_fading, step, image, size, rate))
                steps = math.ceil((self.fade if is_fading else self.stable) / size)
                step, image = step + steps, image + steps * size
        return found

    def phase_at(self, step: int) -> Phase:
        """The phase that a training step belongs to."""
        return [phase for phase in self.phases if phase.step <= step][-1]

    def images_at(self, step: int) -> tuple[int, int]:
        """How many images were seen before a training step, and how many it sees."""
        phase = self.phase_at(step)
        return phase.image + (step - phase.step) * phase.batch_size, phase.batch_size

    def set_model(self, model):
        super().set_model(model)
        if not hasattr(model, "grow"):
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


def _at(values, side):
    """The value of the largest side up to this one; None: there is none."""
    known = [key for key in values if key <= side]
    return values[max(known)] if known else None
