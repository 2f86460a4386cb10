"""The adversarial model: two sides, one step, for three backends."""

import types
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend, checks, files, optimizers, registry
from keras_gan_zoo import losses as adversarial_losses
from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.metrics import streaming
from keras_gan_zoo.metrics.reference import real_images

UPDATES = ("alternating", "simultaneous")

# The scalars that callbacks turn, and their neutral positions.
KNOBS = {
    "real_label": 1.0,
    "fake_label": 0.0,
    "label_noise": 0.0,
    "label_flip": 0.0,
    "skip_threshold": 0.0,
    "skip_patience": 0.0,
}


# Arguments of `fit` with which Keras itself has to look at the arrays.
_NOT_FED = ("class_weight", "sample_weight", "steps_per_epoch", "validation_split")


class AdversarialModel(keras.Model):
    """A `keras.Model` in which a discriminator side and a generator side learn from each other.

    Subclasses set the networks in `__init__` and say, in the hooks below, what a batch is, how fakes
    are made from it and what each side minimizes; the step, `compile`, saving and the knobs that
    callbacks turn are here.

    One step of `updates="alternating"` (the default): the generator makes fakes, the discriminator
    is updated on them, and the updated discriminator scores the same fakes for the generator's
    update, so a single generator pass serves both. With `"simultaneous"` a single discriminator pass
    over the fakes serves both sides too: faster, and the generator learns from the discriminator as
    it was before the update.
    """

    default_losses: Any = "non_saturating"

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.ema_generator = None
        self._trackers = {
            name: keras.metrics.Mean(name)
            for name in ("d_loss", "g_loss", "real_score", "fake_score", "d_skipped")
        }
        self._knobs = {name: self._add_scalar(name, value) for name, value in KNOBS.items()}
        self._skips_in_a_row = self._add_scalar("skips_in_a_row", 0.0)
        # What Keras would track as part of the model if it were an attribute.
        self._untracked = types.SimpleNamespace(training_data=None, metrics=())
        self._features: frozenset[str] = frozenset()
        self._traced_features = self._features

    def _add_scalar(self, name, value):
        initializer = keras.initializers.Constant(value)
        return self.add_weight((), initializer, "float32", trainable=False, name=name)

    # Hooks ---------------------------------------------------------------------------------------

    def default_optimizer(self) -> keras.optimizers.Optimizer:
        """The paper's optimizer, made anew for each side."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5)

    def discriminator_variables(self) -> list:
        return self.discriminator.trainable_variables

    def generator_variables(self) -> list:
        return self.generator.trainable_variables

    def unpack(self, data):
        """What `fit` feeds, as the batch that the other hooks take."""
        raise NotImplementedError

    def generate_batch(self, batch, training: bool = True):
        """Fakes to go with `batch`, differentiable in the generator."""
        raise NotImplementedError

    def score_real(self, batch, training: bool = True):
        """Logits of the discriminator for the real part of `batch`."""
        raise NotImplementedError

    def score_fake(self, batch, fake, training: bool = True):
        """Logits of the discriminator for the fakes."""
        raise NotImplementedError

    # Training ------------------------------------------------------------------------------------

    def compile(
        self,
        d_opt: str | dict | keras.optimizers.Optimizer | None = None,
        g_opt: str | dict | keras.optimizers.Optimizer | None = None,
        losses: str | adversarial_losses.AdversarialLoss | dict | None = None,
        *,
        d_steps: int = 1,
        updates: str = "alternating",
        ema: float | None = None,
        metrics: Sequence[Any] | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Configure training; everything left out is as in the model's paper.

        Args:
            d_opt: optimizer of the discriminator: a name, a config or an object. None: the paper's.
            g_opt: the same for the generator. It must be another object than `d_opt`.
            losses: `"non_saturating"`, `"minimax"`, `"least_squares"`, `"wasserstein"`, `"hinge"`,
                `"relativistic"`, an object of `keras_gan_zoo.losses`, or
                `{"adversarial": either of them}`. None: the paper's.
            d_steps: updates of the discriminator for each one of the generator, on the same real
                images and fresh fakes. At least 1.
            updates: `"alternating"` or `"simultaneous"`, see the class.
            ema: decay per step of an exponential moving average of the generator's weights, in
                (0, 1), such as 0.999; `generate` then uses the average. None: no average.
            metrics: what `evaluate` measures besides the losses: `"fid"`, `"kid"`, `"prdc"`,
                `"inception_score"`, `"ms_ssim"`, or objects of `keras_gan_zoo.metrics`. Training
                itself does not compute them; `callbacks.Evaluate` does between epochs.
            run_eagerly, steps_per_execution, jit_compile, auto_scale_loss: as in Keras.

        Raises:
            ValueError: an argument breaks its rule; the message names it and the way out.
        """
        checks.positive_integer("d_steps", d_steps)
        checks.one_of("updates", updates, UPDATES)
        checks.decay("ema", ema)
        self.loss_terms = self._resolve_losses(losses)
        d_opt = optimizers.get(d_opt, self.default_optimizer, "d_opt")
        g_opt = optimizers.get(g_opt, self.default_optimizer, "g_opt")
        optimizers.check_separate(d_opt, g_opt, getattr(self, "optimizer", None))
        self._untracked.metrics = tuple(streaming.get(metric) for metric in metrics or ())
        self._set_ema(ema)
        self.d_steps, self.updates = d_steps, updates
        self._compile_arguments = {
            "d_opt": d_opt,
            "g_opt": g_opt,
            "losses": losses,
            "d_steps": d_steps,
            "updates": updates,
            "ema": ema,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
            "auto_scale_loss": auto_scale_loss,
        }
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16":
            d_opt, g_opt = map(optimizers.loss_scaled, (d_opt, g_opt))
        super().compile(
            optimizer=optimizers.OptimizerGroup(
                {
                    "d_opt": (d_opt, self.discriminator_variables()),
                    "g_opt": (g_opt, self.generator_variables()),
                }
            ),
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )

    def _resolve_losses(self, losses) -> dict[str, Any]:
        losses = self.default_losses if losses is None else losses
        terms = losses if isinstance(losses, dict) else {"adversarial": losses}
        checks.known_keys("losses", terms, ("adversarial",))
        return {"adversarial": adversarial_losses.get(terms["adversarial"])}

    @property
    def adversarial_loss(self) -> adversarial_losses.AdversarialLoss:
        return self.loss_terms["adversarial"]

    def _set_ema(self, ema):
        self.ema = ema
        if ema is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            average = keras.models.clone_model(self.generator)
            average.set_weights(self.generator.get_weights())
            average.trainable = False
            self.ema_generator = average

    def make_train_function(self, force: bool = False):
        changed = self._features != self._traced_features
        self._traced_features = self._features
        return super().make_train_function(force=force or changed)

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
        self._reset_knobs()
        callbacks = _as_list(kwargs.get("callbacks"))
        _orient(callbacks)
        kwargs["callbacks"] = sorted(
            callbacks, key=lambda callback: not getattr(callback, "adds_logs", False)
        )
        self._untracked.training_data = x
        if isinstance(x, ImageDataset):
            kwargs["callbacks"].insert(0, _FollowSteps(x))
            kwargs["shuffle"] = False  # the dataset shuffles, in an order that repeats
        arguments = {"x": x, "y": y, "batch_size": batch_size, "epochs": epochs, **kwargs}
        in_memory = hasattr(x, "shape") or isinstance(x, ImageDataset)
        if in_memory and not any(kwargs.get(name) is not None for name in _NOT_FED):
            arguments = backend.feed(arguments)
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
        real = real_images(x)
        values = super().evaluate(**arguments, return_dict=True)
        values |= streaming.measure(self._untracked.metrics, real, self.generate(len(real), seed=0))
        return values if return_dict else list(values.values())

    @property
    def training_data(self):
        """The data of the `fit` that is running, for callbacks; None at other times."""
        return self._untracked.training_data

    @property
    def steps(self) -> int:
        """Training steps made so far, over all calls of `fit`."""
        return int(self.optimizer.iterations)

    @backend.train_step
    def train_step(self, data):
        batch = self.unpack(data)
        for _ in range(self.d_steps - 1):
            self._update_discriminator(batch, ops.stop_gradient(self.generate_batch(batch)))
        if self.updates == "simultaneous":
            self._update_both(batch)
        else:
            self._update_in_turn(batch)
        if self.ema is not None:
            self._update_average()
        return self.get_metrics_result()

    def _update_in_turn(self, batch):
        def objective():
            fake = self.generate_batch(batch)
            self._update_discriminator(batch, ops.stop_gradient(fake))
            real_logits = self.score_real(batch) if self.adversarial_loss.needs_real else None
            return (self.generator_loss(batch, fake, real_logits, self.score_fake(batch, fake)),)

        _, (pullback,) = backend.linearize(objective, [self.generator_variables()])
        self.optimizer.update("g_opt", self.optimizer.gradients("g_opt", pullback))

    def _update_discriminator(self, batch, fake):
        def objective():
            return (self.discriminator_loss(self.score_real(batch), self.score_fake(batch, fake)),)

        (loss,), (pullback,) = backend.linearize(objective, [self.discriminator_variables()])
        self._apply_discriminator(loss, pullback)

    def _update_both(self, batch):
        def objective():
            fake = self.generate_batch(batch)
            real_logits, fake_logits = self.score_real(batch), self.score_fake(batch, fake)
            return (
                self.discriminator_loss(real_logits, fake_logits),
                self.generator_loss(batch, fake, real_logits, fake_logits),
            )

        variables = [self.discriminator_variables(), self.generator_variables()]
        (d_loss, _), (d_pullback, g_pullback) = backend.linearize(objective, variables)
        g_gradients = self.optimizer.gradients("g_opt", g_pullback)  # before D's weights change
        self._apply_discriminator(d_loss, d_pullback)
        self.optimizer.update("g_opt", g_gradients)

    def _apply_discriminator(self, loss, pullback):
        def update():
            self.optimizer.update("d_opt", self.optimizer.gradients("d_opt", pullback))

        if "skip" not in self._features:
            update()
            return
        knobs = self._knobs
        in_a_row = self._skips_in_a_row
        skip = ops.logical_and(loss < knobs["skip_threshold"], in_a_row < knobs["skip_patience"])
        optimizer, variables = self.optimizer.members["d_opt"]
        backend.when(ops.logical_not(skip), update, [*variables, *optimizer.variables])
        skip = ops.cast(skip, "float32")
        in_a_row.assign((in_a_row + 1.0) * skip)
        self._trackers["d_skipped"].update_state(skip)

    def _update_average(self):
        pairs = list(zip(self.ema_generator.weights, self.generator.weights, strict=True))
        for trainable, weight in ((True, self.ema), (False, 0.0)):  # statistics are copied
            chosen = [pair for pair in pairs if pair[1].trainable == trainable]
            if chosen:
                backend.average(*zip(*chosen, strict=True), weight)

    def discriminator_loss(self, real_logits, fake_logits):
        """Scalar that the discriminator minimizes; logged with both scores."""
        real_logits, fake_logits = _float32(real_logits), _float32(fake_logits)
        loss_term, labels = self.adversarial_loss, {}
        if self._features & {"label_smoothing", "label_noise"}:
            labels = {
                "real_labels": self._labels("real_label", "fake_label", real_logits),
                "fake_labels": self._labels("fake_label", "real_label", fake_logits),
            }
        loss = loss_term.discriminator(real_logits, fake_logits, **labels)
        self._trackers["d_loss"].update_state(loss)
        self._trackers["real_score"].update_state(loss_term.score(real_logits))
        self._trackers["fake_score"].update_state(loss_term.score(fake_logits))
        return loss

    def _labels(self, own, other, logits):
        knobs = self._knobs
        if "label_noise" not in self._features:
            return knobs[own]
        shape, seed = ops.shape(logits), self.seed_generator
        flipped = keras.random.uniform(shape, seed=seed) < knobs["label_flip"]
        noise = keras.random.uniform(shape, -1.0, 1.0, seed=seed) * knobs["label_noise"]
        own, other = (ops.convert_to_tensor(knobs[name]) for name in (own, other))
        return ops.where(flipped, other, own) + noise

    def generator_loss(self, batch, fake, real_logits, fake_logits):
        """Scalar that the generator minimizes; logged."""
        real_logits = None if real_logits is None else _float32(real_logits)
        loss = self.adversarial_loss.generator(_float32(fake_logits), real_logits)
        self._trackers["g_loss"].update_state(loss)
        return loss

    @backend.test_step
    def test_step(self, data):
        batch = self.unpack(data)
        fake = self.generate_batch(batch, training=False)
        real_logits = self.score_real(batch, training=False)
        fake_logits = self.score_fake(batch, fake, training=False)
        self.discriminator_loss(real_logits, fake_logits)
        self.generator_loss(batch, fake, real_logits, fake_logits)
        return self.get_metrics_result()

    @property
    def metrics(self):
        hidden = {"loss"} if "skip" in self._features else {"loss", "d_skipped"}
        return [metric for metric in super().metrics if metric.name not in hidden]

    # Knobs: scalars that callbacks turn and that compiled steps read -------------------------------

    def enable(self, feature: str) -> None:
        """Compile `"label_smoothing"`, `"label_noise"` or `"skip"` into this fit's step."""
        self._features |= {feature}

    def set_knob(self, name: str, value: float) -> None:
        """Turn a knob, also in the middle of an epoch; `fit` starts with all of them neutral."""
        backend.sync(self)
        self._knobs[name].assign(value)

    def _reset_knobs(self):
        self._features = frozenset()
        for name, value in KNOBS.items():
            self._knobs[name].assign(value)

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
        config["losses"] = keras.saving.serialize_keras_object(config["losses"])
        config["metrics"] = [metric.get_config() for metric in self._untracked.metrics]
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        config = dict(config)
        config["losses"] = keras.saving.deserialize_keras_object(config["losses"])
        self.compile(**config)

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


class _FollowSteps(keras.callbacks.Callback):
    """Serve a dataset's epochs by the model's own count, which survives saving and loading."""

    def __init__(self, dataset: ImageDataset):
        super().__init__()
        self.dataset = dataset

    def on_epoch_begin(self, epoch, logs=None):
        self.dataset.epoch = self.model.steps // len(self.dataset)


def _float32(logits):
    """Logits as losses take them: float16 holds neither a scaled loss nor its gradient."""
    return ops.cast(logits, "float32")


def _orient(callbacks):
    """Tell callbacks that monitor a metric of ours whether less is better; Keras knows only its own."""
    for callback in callbacks:
        callback = getattr(callback, "callback", callback)  # inside of `ForOptimizer`
        monitored = str(getattr(callback, "monitor", "")).removeprefix("val_")
        if getattr(callback, "mode", None) == "auto" and monitored in registry.DIRECTIONS:
            callback.mode = registry.DIRECTIONS[monitored]


def _as_list(callbacks):
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
