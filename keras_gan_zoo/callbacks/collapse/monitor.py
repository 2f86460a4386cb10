"""Notice a training that goes wrong, say so, and on request do something about it."""

import math
from typing import Any

import keras
import numpy as np

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks.collapse import troubles
from keras_gan_zoo.callbacks.collapse.diversity import Diversity
from keras_gan_zoo.callbacks.collapse.interventions import Interventions
from keras_gan_zoo.metrics.reference import real_images
from keras_gan_zoo.utils import checks


class CollapseMonitor(keras.callbacks.Callback):
    """Watch for samples that are all alike, a discriminator that always wins, and NaN.

    Each is told once in a `TrainingWarning`, in one line with the numbers, the likely cause and a
    remedy, and again only after it was over. A trouble is judged:

    - samples alike (mode collapse): the mean feature distance of pairs of generated samples, or what
      their mean MS-SSIM lacks to 1 (images of 11 pixels and more), is below `diversity` times that
      of as many real ones;
    - a sure discriminator: how certain and right it is, from 0.5 when it guesses to 1, is above
      `sure`. For losses with probabilities that is the smaller of `real_score` (relative to a
      smoothed label) and `1 - fake_score`; for the others `1 - d_loss / (2 * d_loss when guessing)`.
      Not for `"wasserstein"`: its critic should be far ahead, and its scores have no scale;
    - NaN or infinity in the losses of the logs or in the samples, also with the first check.

    The logs get `val_diversity`, the share of the real feature distance as last measured, so that
    plots, CSV files and other callbacks have it.

    Args:
        data: real images, an array or a dataset. None: those that this `fit` trains on.
        every: epochs between two checks.
        samples: images that are generated for a check, and compared with as many real ones.
        extractor: what features are, see `keras_gan_zoo.metrics.get_extractor`. None: the
            network of this package that fits the images.
        action: what to do besides the warning, one or a tuple of several. It is done again if the
            trouble lasts for another `patience` checks.
            `"stop"`: end the training.
            `"lower_rate"`: multiply a learning rate by `factor`. A callback that sets the rate in every
            epoch has the last word.
            `"skip"`: skip updates of the discriminator while its loss is below `skip_threshold`, from
            when it was too sure until the end of this fit.
            `"restore"`: go back to the last check without any trouble, with both optimizers, the moving
            average and the seeds, but with the learning rates of now. Alone it may repeat the same
            steps; `("restore", "lower_rate")` does not. After two in a row without a good check the
            training stops, with the good weights.
            Only `"restore"` mends NaN; with the other actions NaN stops the training.
        patience: checks in a row that show a sure discriminator or samples alike before it counts.
        every_steps: training steps between two checks, instead of `every`. Losses are then the means
            since the epoch began.
        diversity: share of the real diversity, in [0, 1], below which samples are alike.
        sure: certainty, in [0, 1], above which the discriminator is too sure.
        warmup: training steps of the model before these two are judged: samples of an untrained
            generator are alike, too.
        member: the optimizer that `"lower_rate"` acts on. None: `"d_opt"` if the discriminator is
            sure, `"g_opt"` if samples are alike, both after NaN.
        factor: of the learning rate, in (0, 1).
        skip_threshold: in units of `d_loss`. None: a fifth of the loss of a discriminator that guesses,
            such as 0.28 for the default loss.
        seed: of the latents and pairs, the same in every check.

    Raises:
        ValueError: an argument breaks its rule; when training starts: there are no real images, the
            extractor does not fit them, or the model's optimizers or loss do not fit the action.

    Example:

    >>> monitor = kgz.callbacks.CollapseMonitor(action=("restore", "lower_rate"))
    >>> model.fit(dataset, epochs=50, callbacks=[monitor])
    """

    adds_logs = True

    def __init__(
        self,
        data: Any = None,
        every: int = 1,
        samples: int = 256,
        extractor: Any = None,
        action: str | tuple[str, ...] | None = None,
        patience: int = 2,
        *,
        every_steps: int | None = None,
        diversity: float = 0.3,
        sure: float = 0.98,
        warmup: int = 1000,
        member: str | None = None,
        factor: float = 0.5,
        skip_threshold: float | None = None,
        seed: int = 0,
    ):
        super().__init__()
        self.data = data
        self.every = checks.positive_integer("every", every)
        self.samples = checks.positive_integer("samples", samples)
        self.extractor = extractor
        self.interventions = Interventions(action, member, factor, skip_threshold)
        self.patience = checks.positive_integer("patience", patience)
        if every_steps is not None:
            every_steps = checks.positive_integer("every_steps", every_steps)
        self.every_steps = every_steps
        self.diversity = checks.fraction("diversity", diversity)
        self.sure = checks.fraction("sure", sure)
        self.warmup = checks.non_negative_integer("warmup", warmup)
        self.seed = seed
        if every_steps is None:
            # Keras dispatches the steps asynchronously only if no callback listens to them.
            self.on_train_batch_end = super().on_train_batch_end

    def set_model(self, model):
        super().set_model(model)
        if not hasattr(model, "set_knob"):
            raise TypeError(
                "`CollapseMonitor` needs a model of keras_gan_zoo that is trained with `fit`. "
                f"Received: {type(model).__name__}."
            )
        self.interventions.prepare(model)

    # Checks --------------------------------------------------------------------------------------

    def on_train_begin(self, logs=None):
        self._step = self.model.steps
        self._diversity = Diversity(self._real(), self.extractor, self.seed)
        self._ratio = math.nan
        self._counts: dict[str, int] = {}
        self._warned: set[str] = set()
        self._logs_poisoned = False
        self.interventions.begin()

    def _real(self):
        data = self.model.training_data if self.data is None else self.data
        try:
            if data is None:
                raise ValueError("Received: None, and no data of a `fit`.")
            return real_images(data, self.samples)
        except ValueError as error:
            raise ValueError(
                f"`CollapseMonitor` needs real images to compare with. {error} Pass them as "
                "`CollapseMonitor(data=...)`."
            ) from error

    def on_epoch_begin(self, epoch, logs=None):
        self._logs_poisoned = False

    def on_train_batch_end(self, batch, logs=None):
        before, self._step = self._step, self._step + self.model.steps_per_execution
        if self._step // self.every_steps > before // self.every_steps:
            self.check(logs)

    def on_epoch_end(self, epoch, logs=None):
        logs = {} if logs is None else logs
        if self.every_steps is None and (epoch + 1) % self.every == 0:
            self.check(logs)
        self._step = self.model.steps
        logs["val_diversity"] = self._ratio

    def check(self, logs: dict | None = None) -> None:
        """Look at the model and at these logs now; warn and act if it is time to."""
        found = self._troubles({} if self._logs_poisoned else logs or {})
        if not found and self._logs_poisoned:
            return  # half a look: neither is a trouble over, nor is this state known to be good
        if not found and not self.interventions.healthy():
            found = [troubles.not_finite("weights hold NaN or infinity")]
        kinds = {trouble.kind for trouble in found}
        self._warned &= kinds
        self._counts = {kind: self._counts.get(kind, 0) + 1 for kind in kinds}
        for trouble in found:
            patience = 1 if trouble.kind == "nan" else self.patience
            if self._counts.get(trouble.kind, 0) >= patience:
                self._handle(trouble)

    def _handle(self, trouble):
        step, done = self.model.steps, self.interventions.act(trouble)
        if trouble.kind not in self._warned:
            self._warned.add(trouble.kind)
            troubles.warn(f"Step {step}: {trouble.message} {done}".rstrip())
        self._counts[trouble.kind] = 0
        if "restore" in self.interventions.actions:
            self._counts = {}
            self._logs_poisoned = True  # they are means over steps that were taken back

    def _troubles(self, logs):
        model = self.model
        backend.sync(model)
        fakes = model.samples(self._diversity.samples, self.seed)
        observation = troubles.bad_losses(logs)
        if not np.isfinite(fakes).all():
            self._ratio = math.nan
            observation = " and ".join(filter(None, [observation, "samples hold NaN or infinity"]))
        if observation:
            return [troubles.not_finite(observation)]
        found = [self._alike(fakes), self._sure(logs)]
        return [trouble for trouble in found if trouble is not None and model.steps >= self.warmup]

    def _alike(self, fakes):
        ratios, spread = self._diversity.ratios(fakes)
        self._ratio = ratios["distance"]
        if self._ratio < self.diversity:
            observation = f"their mean feature distance is {self._ratio:.3f} of that of real ones"
        elif ratios.get("ms_ssim", math.nan) < self.diversity:
            real = self._diversity.real.ms_ssim
            observation = (
                f"pairs have a mean MS-SSIM of {spread.ms_ssim:.3f}, real pairs of {real:.3f}, so they "
                f"differ {ratios['ms_ssim']:.3f} times as much"
            )
        else:
            return None
        return troubles.alike(self.model, f"{observation} (limit {self.diversity:g})")

    def _sure(self, logs):
        knobs = self.model._knobs
        labels = float(knobs["real_label"]), float(knobs["fake_label"])
        value = troubles.certainty(self.model.adversarial_loss, logs, *labels)
        if value is None or value <= self.sure:
            return None
        in_a_row = self._counts.get("sure", 0) + 1
        return troubles.sure(self.model, logs, value, self.sure, in_a_row)
