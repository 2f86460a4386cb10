"""The adversarial model: what users call. The step itself is in `step.py`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np

from keras_gan_zoo import augment as augmentations
from keras_gan_zoo import losses as adversarial_losses
from keras_gan_zoo import optimizers, registry, schedules
from keras_gan_zoo import penalties as slope_penalties
from keras_gan_zoo.metrics import streaming
from keras_gan_zoo.metrics.reference import real_images
from keras_gan_zoo.networks import penultimate
from keras_gan_zoo.training import recipes
from keras_gan_zoo.training.feeding import as_list, feed
from keras_gan_zoo.training.saving import ResumableModel
from keras_gan_zoo.training.step import AdversarialStep
from keras_gan_zoo.utils import checks

UPDATES = ("alternating", "simultaneous")


class AdversarialModel(ResumableModel, AdversarialStep):
    """A `keras.Model` in which a discriminator side and a generator side learn from each other.

    Subclasses set the networks in `__init__` and say, in the hooks of `AdversarialStep`, what a batch
    is, how fakes are made from it and what each side minimizes; `compile`, `fit` and saving are here.

    One step of `updates="alternating"` (the default): the generator makes fakes, the discriminator
    is updated on them, and the updated discriminator scores the same fakes for the generator's
    update, so a single generator pass serves both. With `"simultaneous"` a single discriminator pass
    over the fakes serves both sides too: faster, and the generator learns from the discriminator as
    it was before the update.
    """

    # What `compile` takes for the arguments that are left out: the paper's.
    default_losses: Any = "non_saturating"
    # Terms of `losses` besides the adversarial one, with their weights: numbers or schedules.
    default_terms: Mapping[str, Any] = MappingProxyType({})
    own_logs: Sequence[str] = ()  # what the model's terms of the losses are logged as
    condition = None  # what labels are, see `labels.py` beside the base; None: there are none
    needs_labels = False
    default_batch_size = 64  # of the command line
    default_d_steps = 1
    default_ema: Any = None
    has_styles = False  # whether its generator can have a `PathLength` penalty

    def default_optimizer(self) -> keras.optimizers.Optimizer:
        """The paper's optimizer, made anew for each side."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5)

    def default_penalties(self) -> list[slope_penalties.Penalty]:
        """The paper's penalties, made anew."""
        return []

    # Training ------------------------------------------------------------------------------------

    def compile(
        self,
        d_opt: str | dict | keras.optimizers.Optimizer | None = None,
        g_opt: str | dict | keras.optimizers.Optimizer | None = None,
        losses: str | adversarial_losses.AdversarialLoss | dict | None = None,
        *,
        recipe: str | None = None,
        penalties: Sequence[str | slope_penalties.Penalty] | None = None,
        augment: str | augmentations.Augmentation | bool | None = None,
        d_steps: int | None = None,
        updates: str | None = None,
        ema: float | schedules.Schedule | bool | None = None,
        metrics: Sequence[Any] | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Configure training; everything left out is the recipe's, else as in the model's paper.

        Args:
            d_opt: optimizer of the discriminator: a name, a config or an object. None: the paper's.
            g_opt: the same for the generator. It must be another object than `d_opt`.
            losses: `"non_saturating"`, `"minimax"`, `"least_squares"`, `"wasserstein"`, `"hinge"`,
                `"relativistic"`, `"relativistic_hinge"`, an object of `keras_gan_zoo.losses`, or a
                dict of terms: `{"adversarial": either of them, "feature_matching": weight}`; the
                second adds the squared distance of mean discriminator features (Salimans et al.
                2016, arXiv 1606.03498) to the generator's loss, and the model's class may name
                others. None: the paper's.
            recipe: a name of `keras_gan_zoo.recipes.RECIPES`, a known combination of the other
                arguments; those that are given win.
            penalties: `"r1"`, `"r2"`, `"gradient_penalty"`, `"dragan"`, for models with styles
                `"path_length"`, or objects of `keras_gan_zoo.penalties`. `[]`: none. None: the paper's.
            augment: `"diffaugment"`, `"ada"` or an object of `keras_gan_zoo.augment`: what the
                discriminator sees is changed at random, real images and fakes alike. None or
                False: nothing is.
            d_steps: updates of the discriminator for each one of the generator, on the same real
                images and fresh fakes. At least 1. None: the paper's.
            updates: `"alternating"`, which None means, or `"simultaneous"`, see the class.
            ema: decay per step of an exponential moving average of the generator's weights, in
                (0, 1), such as 0.999; `generate` then uses the average. At step t it is at most
                (1 + t) / (10 + t), so that the weights of the start are soon forgotten, as by
                TensorFlow's `ExponentialMovingAverage`. A schedule of the step is taken as it is.
                None: the paper's. False: no average.
            metrics: what `evaluate` measures besides the losses: `"fid"`, `"kid"`, `"prdc"`,
                `"inception_score"`, `"ms_ssim"`, or objects of `keras_gan_zoo.metrics`. Training
                itself does not compute them; `callbacks.Evaluate` does between epochs.
            run_eagerly, steps_per_execution, jit_compile, auto_scale_loss: as in Keras.

        Raises:
            ValueError: an argument breaks its rule; the message names it and the way out.
        """
        given = {
            "d_opt": d_opt,
            "g_opt": g_opt,
            "losses": losses,
            "penalties": penalties,
            "augment": augment,
            "d_steps": d_steps,
            "updates": updates,
            "ema": ema,
        }
        chosen = self._complete(recipes.apply(recipe, given))
        checks.positive_integer("d_steps", chosen["d_steps"])
        checks.one_of("updates", chosen["updates"], UPDATES)
        if not isinstance(chosen["ema"], schedules.Schedule):
            checks.decay("ema", chosen["ema"])
        self.loss_terms = self._resolve_losses(chosen["losses"])
        d_opt = optimizers.get(chosen["d_opt"], self.default_optimizer, "d_opt")
        g_opt = optimizers.get(chosen["g_opt"], self.default_optimizer, "g_opt")
        optimizers.check_separate(d_opt, g_opt, getattr(self, "optimizer", None))
        found = slope_penalties.get(chosen["penalties"])
        slope_penalties.check(found, self)
        augmentation = augmentations.get(chosen["augment"])
        self._untracked.metrics = tuple(streaming.get(metric) for metric in metrics or ())
        self._set_features()
        self._set_ema(chosen["ema"])
        self.penalties, self.augmentation = tuple(found), augmentation
        self.d_steps, self.updates = chosen["d_steps"], chosen["updates"]
        self.log_also(
            *(penalty.name for penalty in found),
            *(["augment_probability"] if augmentation is not None and augmentation.adaptive else []),
            *(["feature_loss"] if self._matches_features else []),
            *self.own_logs,
        )
        self._compile_arguments = {
            **chosen,
            "d_opt": d_opt,
            "g_opt": g_opt,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
            "auto_scale_loss": auto_scale_loss,
        }
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16":
            d_opt, g_opt = map(optimizers.loss_scaled, (d_opt, g_opt))
        trained = self.trained_variables()
        members = {"d_opt": (d_opt, trained["d_opt"]), "g_opt": (g_opt, trained["g_opt"])}
        super().compile(
            optimizer=optimizers.OptimizerGroup(members),
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )

    def _complete(self, arguments):
        """Arguments of `compile`, with the paper's in the place of those that are None."""
        defaults = {
            "losses": self.default_losses,
            "penalties": self.default_penalties(),
            "d_steps": self.default_d_steps,
            "updates": "alternating",
            "ema": self.default_ema,
        }
        known = {key: value for key, value in arguments.items() if value is not None}
        complete = {**dict.fromkeys(arguments), **defaults, **known}
        for name in ("augment", "ema"):
            complete[name] = None if complete[name] is False else complete[name]
        return complete

    def _resolve_losses(self, losses) -> dict[str, Any]:
        terms = losses if isinstance(losses, dict) else {"adversarial": losses}
        weights = {**self.default_terms, **terms}
        known = (*self.default_terms, "feature_matching")
        checks.known_keys("losses", weights, ("adversarial",), optional=known)
        resolved = {"adversarial": adversarial_losses.get(weights.pop("adversarial"))}
        for name, weight in weights.items():
            resolved[name] = None if weight is None else schedules.get(f"losses[{name!r}]", weight)
        return resolved

    def _set_features(self):
        """A network that returns logits and what goes into the discriminator's last dense layer."""
        if self._needs_features:
            network = self.discriminator
            found = penultimate.of(network, "losses['feature_matching']")
            given = network.inputs if len(network.inputs) > 1 else network.inputs[0]
            self._untracked.with_features = keras.Model(given, [network.outputs[0], found])

    def _set_ema(self, ema):
        self.ema = ema
        if ema is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            average = keras.models.clone_model(self.generator)
            average.set_weights(self.generator.get_weights())
            for variable in average.weights:  # not the layers, which keep statistics only if trainable
                variable.trainable = False
            self.ema_generator = average

    def fit(self, x=None, y=None, batch_size=None, epochs=1, **kwargs):
        """Train, as `keras.Model.fit`; the data is looked at before any time is spent.

        Args:
            x: what the model takes as a batch, see its class: numpy arrays, `tf.data`,
                `keras.utils.PyDataset`, torch `DataLoader` or a generator. Images are floats in
                [-1, 1], channels last. Arrays are checked whole, other sources by their first batch.
            y: second half of a batch if `x` is an array, else None.
            batch_size: images per step for arrays. None: 32.
            epochs: passes over the data.
            **kwargs: as in `keras.Model.fit`.

        Raises:
            ValueError: the model is not compiled, or the data is empty, too small for one batch, of
                another shape than the model's images, outside [-1, 1], or not finite.
        """
        if not self.compiled:
            raise ValueError(
                "`fit` needs a compiled model. Call `model.compile()` first: without arguments it "
                "takes the optimizers and losses of the model's paper."
            )
        x = self.check_data(x, y, batch_size)
        callbacks = as_list(kwargs.pop("callbacks", None))
        for callback in callbacks:
            if hasattr(callback, "prepare_data"):
                x, y, batch_size = callback.prepare_data(self, x, y, batch_size), None, None
        self.reset_knobs()
        _orient(callbacks)
        callbacks = sorted(callbacks, key=lambda callback: not getattr(callback, "adds_logs", False))
        self._untracked.training_data = self.remembered(x, y)
        arguments = feed(x, y, batch_size, callbacks, epochs=epochs, **kwargs)
        try:
            return super().fit(**arguments)
        finally:
            self._untracked.training_data = None

    def evaluate(self, x=None, y=None, batch_size=None, *, return_dict=False, **kwargs):
        """Losses over the data and the metrics of `compile(metrics=...)`.

        Args:
            x, y, batch_size: as in `fit`. With metrics, data that can be read twice: no generator.
            return_dict: True: a dict by name; False: a list in the same order.
            **kwargs: as in `keras.Model.evaluate`.

        Raises:
            ValueError: the data or its size does not allow a metric.
        """
        arguments = {"x": x, "y": y, "batch_size": batch_size, **kwargs}
        if not self._untracked.metrics:
            return super().evaluate(**arguments, return_dict=return_dict)
        data = self.remembered(x, y)
        real = real_images(data)
        values = super().evaluate(**arguments, return_dict=True)
        values |= streaming.measure(self._untracked.metrics, real, self.samples(len(real), 0, data))
        return values if return_dict else list(values.values())

    def remembered(self, x, y):
        """What `training_data` is while `fit` trains on `x` and `y`."""
        return x

    def samples(self, n: int, seed: int | None = None, data=None) -> np.ndarray:
        """Generated images to be measured, (n, height, width, channels).

        Args:
            n: how many.
            seed: see `generate`.
            data: pairs, whose inputs a model translates; others do not need it. None: those that
                `fit` trains on.
        """
        return self.generate(n, seed=seed)

    @property
    def training_data(self):
        """The data of the `fit` that is running, for callbacks; None at other times."""
        return self._untracked.training_data

    @property
    def steps(self) -> int:
        """Training steps made so far, over all calls of `fit`."""
        return int(self.optimizer.iterations)

    # Saving --------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
        }

    def get_compile_config(self) -> dict[str, Any]:
        if not self.compiled:
            return {}
        config = dict(self._compile_arguments)
        for name in ("d_opt", "g_opt"):
            config[name] = optimizers.serialize(config[name])
        for name in ("losses", "penalties", "augment", "ema"):
            config[name] = keras.saving.serialize_keras_object(config[name])
        config["metrics"] = [metric.get_config() for metric in self._untracked.metrics]
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        config = dict(config)
        for name in ("losses", "penalties", "augment", "ema"):
            config[name] = keras.saving.deserialize_keras_object(config[name])
        self.compile(**config)


def _orient(callbacks):
    """Tell callbacks that monitor a metric of ours whether less is better; Keras knows only its own."""
    for callback in callbacks:
        callback = getattr(callback, "callback", callback)  # inside of `ForOptimizer`
        monitored = str(getattr(callback, "monitor", "")).removeprefix("val_")
        if getattr(callback, "mode", None) == "auto" and monitored in registry.DIRECTIONS:
            callback.mode = registry.DIRECTIONS[monitored]
