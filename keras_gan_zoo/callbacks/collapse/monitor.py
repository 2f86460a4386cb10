"""Callback that detects failures of adversarial training."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras
import numpy as np

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks.collapse import actions, failures
from keras_gan_zoo.callbacks.collapse.diversity import Diversity
from keras_gan_zoo.metrics.reference import real_images
from keras_gan_zoo.utils import checks

_RULES = {
    "diversity": checks.fraction,
    "confidence": checks.fraction,
    "warmup": checks.non_negative_integer,
    "patience": checks.positive_integer,
}


class CollapseMonitor(keras.callbacks.Callback):
    """Detect mode collapse, an overconfident discriminator, and NaN, and optionally act on them.

    Each failure is reported once as a `TrainingWarning`, in one line with the numbers, the probable
    cause and a remedy, and again only after a check without it:

    - Collapsed samples: the mean feature distance between generated samples, or 1 minus their mean
      MS-SSIM (images of at least 11 pixels), is below `thresholds["diversity"]` times that of real
      samples.
    - An overconfident discriminator: its confidence, from 0.5 at chance level to 1, is above
      `thresholds["confidence"]`. For losses on probabilities the confidence is the smaller of
      `real_score` (relative to a smoothed label) and `1 - fake_score`; for other losses it is
      `1 - d_loss / (2 * d_loss at chance level)`. It is not checked for `"wasserstein"`, whose critic
      should be far ahead and has no scale.
    - NaN or infinity in the logs or in the samples, from the first check on. `FiniteNumbers`, which
      `fit` adds by itself, stops the training earlier; it is not added beside `action="restore"`.

    The logs get `val_diversity`: the last measured feature distance relative to real samples.

    Args:
        data: Real images, an array or a dataset. Defaults to `None`, which uses the training data.
        every: Epochs between checks.
        extractor: See `keras_gan_zoo.metrics.get_extractor`. Defaults to `None`, which uses the
            bundled network that fits the images.
        action: One action or a tuple of several, in addition to the warning. They are repeated if the
            failure lasts for another `thresholds["patience"]` checks. Only `"restore"` recovers from
            NaN; with other actions NaN stops the training. Defaults to `None`, which only warns.

            - `"stop"`: stop the training.
            - `"lower_rate"`: multiply a learning rate by `rate_factor`. A callback that sets the rate
              in every epoch overrides it.
            - `"skip"`: from the first overconfident check until the end of `fit`, skip discriminator
              updates while `d_loss` is below `skip_threshold`.
            - `"restore"`: restore weights, moving averages, optimizers and seeds of the last check
              without failures, but not learning rates. Alone it may repeat the same steps, so combine
              it: `("restore", "lower_rate")`. After two restores without a good check in between
              the training stops, with the restored weights.
        every_steps: Training steps between checks. Losses are then means since the start of the
            epoch. Defaults to `None`, which checks at the end of epochs.
        thresholds: Dict that replaces some of `default_thresholds`.

    Attributes:
        default_thresholds: `"diversity"`: 0.1, in [0, 1]; `"confidence"`: 0.98, in [0, 1];
            `"warmup"`: 300 training steps of the model before these two are checked, because samples
            of an untrained generator are similar; `"patience"`: 2 checks in a row above or below
            these thresholds before they count as a failure. Judged by the trainings of
            benchmarks/robustness.py.
        samples: Number of generated and of real samples in a check, 256. This and the following are
            class attributes; set them on an object before `fit`, or in a subclass.
        seed: Seed of the latents and pairs, the same in every check, 0.
        rate_optimizer: Optimizer for `"lower_rate"`. None (default): `"d_opt"` if the discriminator is
            overconfident, `"g_opt"` if samples have collapsed, both after NaN.
        rate_factor: Factor of the learning rate for `"lower_rate"`, in (0, 1), 0.5.
        skip_threshold: `d_loss` for `"skip"`. None (default): a fifth of the loss at chance level,
            such as 0.28 for the default loss.

    Raises:
        ValueError: An argument breaks its rule. When training starts: there are no real images, they
            do not fit the extractor, or the model's optimizers or loss do not allow an action.
        TypeError: When training starts: the model does not belong to keras_gan_zoo.

    Example:

    >>> monitor = kgz.callbacks.CollapseMonitor(action=("restore", "lower_rate"))
    >>> model.fit(dataset, epochs=50, callbacks=[monitor])
    """

    adds_logs = True
    default_thresholds: Mapping[str, float] = MappingProxyType(
        {"diversity": 0.1, "confidence": 0.98, "warmup": 300, "patience": 2}
    )
    samples = 256
    seed = 0
    rate_optimizer: str | None = None
    rate_factor = 0.5
    skip_threshold: float | None = None

    def __init__(
        self,
        data: Any = None,
        every: int = 1,
        extractor: Any = None,
        action: str | tuple[str, ...] | None = None,
        *,
        every_steps: int | None = None,
        thresholds: Mapping[str, float] | None = None,
    ):
        super().__init__()
        self.data = data
        self.every = checks.positive_integer("every", every)
        self.extractor = extractor
        self.action = actions.parse(action)
        self.every_steps = checks.optional_positive_integer("every_steps", every_steps)
        self.thresholds = self._merge_thresholds(thresholds or {})
        if every_steps is None:
            # Keras runs steps asynchronously only if no callback listens to them.
            self.on_train_batch_end = super().on_train_batch_end

    @property
    def handles_nan(self) -> bool:
        """Whether the monitor recovers from NaN, so that `fit` adds no `FiniteNumbers`."""
        return "restore" in self.action

    def _merge_thresholds(self, thresholds):
        unknown = set(thresholds) - set(_RULES)
        if unknown:
            raise ValueError(
                f"Argument `thresholds` must have keys of {', '.join(map(repr, _RULES))}. Received: "
                f"{', '.join(sorted(map(repr, unknown)))}."
            )
        merged = {**self.default_thresholds, **thresholds}
        return {key: rule(f"thresholds[{key!r}]", merged[key]) for key, rule in _RULES.items()}

    def set_model(self, model):
        super().set_model(model)
        if not hasattr(model, "set_knob"):
            raise TypeError(
                "`CollapseMonitor` needs a model of keras_gan_zoo that is trained with `fit`. "
                f"Received: {type(model).__name__}."
            )
        checks.positive_integer("samples", self.samples)
        self._actions = actions.Actions(
            model, self.action, self.rate_optimizer, self.rate_factor, self.skip_threshold
        )

    def on_train_begin(self, logs=None):
        self._step = self.model.steps
        self._diversity = Diversity(self._real_images(), self.extractor, self.seed)
        self._ratio = math.nan
        self._counts: dict[str, int] = {}
        self._warned: set[str] = set()
        self._logs_are_stale = False
        self._actions.start()

    def get_state(self) -> dict[str, Any]:
        """Return the results of the checks so far, for `Checkpoint`."""
        return {
            "ratio": self._ratio,
            "counts": self._counts,
            "warned": sorted(self._warned),
            "logs_are_stale": self._logs_are_stale,
            "actions": self._actions.get_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue with the results of a checkpoint."""
        self._ratio = state["ratio"]
        self._counts = state["counts"]
        self._warned = set(state["warned"])
        self._logs_are_stale = state["logs_are_stale"]
        self._actions.set_state(state["actions"])

    def _real_images(self):
        data = self.model.training_data if self.data is None else self.data
        try:
            if data is None:
                raise ValueError("Received: None, outside of `fit`.")
            return real_images(data, self.samples)
        except ValueError as error:
            raise ValueError(
                f"`CollapseMonitor` needs real images to compare with. {error} Pass them as "
                "`CollapseMonitor(data=...)`."
            ) from error

    def on_epoch_begin(self, epoch, logs=None):
        self._logs_are_stale = False

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
        """Check the model and its logs; warn and act on failures.

        Args:
            logs: Current means of the losses and scores, by name.
        """
        found = self._failures({} if self._logs_are_stale else logs or {})
        if not found and self._logs_are_stale:
            return  # without logs the check is incomplete: it neither ends a failure nor saves a state
        if not found and not self._actions.save_checkpoint():
            found = [failures.not_finite("weights contain NaN or infinity")]
        kinds = {failure.kind for failure in found}
        self._warned &= kinds
        self._counts = {kind: self._counts.get(kind, 0) + 1 for kind in kinds}
        for failure in found:
            patience = 1 if failure.kind == "nan" else self.thresholds["patience"]
            if self._counts.get(failure.kind, 0) >= patience:
                self._handle(failure)

    def _handle(self, failure):
        step, description = self.model.steps, self._actions.run(failure)
        if failure.kind not in self._warned:
            self._warned.add(failure.kind)
            failures.warn(self.model, f"Step {step}: {failure.message} {description}".rstrip())
        self._counts[failure.kind] = 0
        if "restore" in self.action:
            self._counts = {}
            self._logs_are_stale = True  # means over steps that were undone

    def _failures(self, logs):
        model = self.model
        backend.sync(model)
        fakes = model.samples(self._diversity.samples, self.seed)
        observation = failures.non_finite_logs(logs)
        if not np.isfinite(fakes).all():
            self._ratio = math.nan
            observation = " and ".join(filter(None, [observation, "samples contain NaN or infinity"]))
        if observation:
            return [failures.not_finite(observation)]
        found = [self._check_diversity(fakes), self._check_confidence(logs)]
        is_warm = model.steps >= self.thresholds["warmup"]
        return [failure for failure in found if failure is not None and is_warm]

    def _check_diversity(self, fakes):
        limit = self.thresholds["diversity"]
        ratios, spread = self._diversity.ratios(fakes)
        self._ratio = ratios["distance"]
        if self._ratio < limit:
            observation = f"their mean feature distance is {self._ratio:.3f} of that of real ones"
        elif ratios.get("ms_ssim", math.nan) < limit:
            real = self._diversity.real.ms_ssim
            observation = (
                f"pairs have a mean MS-SSIM of {spread.ms_ssim:.3f}, real pairs of {real:.3f}, so they "
                f"differ {ratios['ms_ssim']:.3f} times as much"
            )
        else:
            return None
        return failures.collapsed(self.model, f"{observation} (limit {limit:g})")

    def _check_confidence(self, logs):
        knobs, limit = self.model.knobs, self.thresholds["confidence"]
        labels = float(knobs["real_label"]), float(knobs["fake_label"])
        confidence = failures.discriminator_confidence(self.model.adversarial_loss, logs, *labels)
        if confidence is None or confidence <= limit:
            return None
        in_a_row = self._counts.get("overconfident", 0) + 1
        return failures.overconfident(self.model, logs, confidence, limit, in_a_row)
