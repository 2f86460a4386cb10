"""One training step of two sides that learn from each other, for three backends."""

import types

import keras
from keras import ops

from keras_gan_zoo import backend, schedules
from keras_gan_zoo.utils.precision import at_least_float32

# The scalars that callbacks turn, and their neutral positions.
KNOBS = {
    "real_label": 1.0,
    "fake_label": 0.0,
    "label_noise": 0.0,
    "label_flip": 0.0,
    "skip_threshold": 0.0,
    "skip_patience": 0.0,
    "instance_noise": 0.0,
}
# The averaged generator has weights of its own, and so its batch statistics have to be: it makes a
# batch of fakes in training mode after so many steps.
AVERAGE_STATISTICS_EVERY = 4
_ALWAYS_LOGGED = ("d_loss", "g_loss", "real_score", "fake_score")


class AdversarialStep(keras.Model):
    """Hooks for subclasses, and the step made of them; `AdversarialModel` adds what users call.

    The discriminator never sees images as they are but a view of them: augmented, with noise, packed,
    as `compile` and callbacks ask for. Penalties take their slopes at these views.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.ema_generator = None
        self.head = None
        self._knobs = {name: self._add_scalar(name, value) for name, value in KNOBS.items()}
        self._skips_in_a_row = self._add_scalar("skips_in_a_row", 0.0)
        self._augment_probability = self._add_scalar("augment_probability", 0.0)
        # What Keras would track as part of the model if it were an attribute.
        self._untracked = types.SimpleNamespace(
            training_data=None, metrics=(), logs=(), with_features=None, mixed={}
        )
        self._trackers = {}
        self.log_also(*_ALWAYS_LOGGED, "d_skipped")
        self._features: frozenset[str] = frozenset()
        self._traced = self.trace_signature()

    def _add_scalar(self, name, value):
        initializer = keras.initializers.Constant(value)
        return self.add_weight((), initializer, "float32", trainable=False, name=name)

    # Hooks ---------------------------------------------------------------------------------------

    def discriminator_variables(self) -> list:
        """Those that a step trains."""
        head = [] if self.head is None else self.head.trainable_variables
        return [*self.discriminator.trainable_variables, *head]

    def generator_variables(self) -> list:
        """Those that a step trains."""
        return self.generator.trainable_variables

    def trained_variables(self) -> dict[str, list]:
        """Those that each optimizer knows, also for later."""
        return {"d_opt": self.discriminator_variables(), "g_opt": self.generator_variables()}

    def unpack(self, data):
        """What `fit` feeds, as the batch that the other hooks take."""
        raise NotImplementedError

    def real_images(self, batch):
        """The real images of `batch`."""
        raise NotImplementedError

    def generate_batch(self, batch, training: bool = True, network=None):
        """Fakes to go with `batch`, differentiable in `network`, by default the generator."""
        raise NotImplementedError

    def augment(self, images, probability):
        """Images as `augmentation` changes them; each call draws anew."""
        return self.augmentation(images, self.seed_generator, probability)

    def pack_views(self, images):
        """Images as the discriminator takes them, shape (n / pack, ...)."""
        return images

    def discriminate(self, views, batch, training: bool = True, network=None):
        """What `network`, by default the discriminator, says of views of real images or of fakes."""
        network = self.discriminator if network is None else network
        return network(views, training=training)

    def discriminator_terms(self, batch, real, fake):
        """Scalar that the discriminator minimizes besides, of what `head` says of real and of fake."""
        return 0.0

    def generator_terms(self, batch, fake):
        """Scalar that the generator minimizes besides, of what `head` says of the fakes."""
        return 0.0

    def generator_penalty(self, batch):
        """Sum of the penalties on the generator, each logged as it counts; in training only."""
        return 0.0

    def end_step(self, batch):
        """What is left to do after the updates of a step."""

    def refresh_average(self, batch):
        """Move the state of the averaged generator: a batch in training mode."""
        self.generate_batch(batch, network=self.ema_generator)

    def discriminator_is_due(self):
        """Whether the discriminator is to be updated, a scalar boolean; None: always."""
        return None

    # Updates -------------------------------------------------------------------------------------

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
            self._update_average(batch)
        self.end_step(batch)
        return self.get_metrics_result()

    def _update_in_turn(self, batch):
        def objective():
            fake = self.generate_batch(batch)
            self._update_discriminator(batch, ops.stop_gradient(fake))
            real_logits, real_features = None, None
            if self.adversarial_loss.needs_real or self._matches_features:
                real_logits, real_features, _ = self._look(self._view(self.real_images(batch)), batch)
            fake_logits, fake_features, fake_told = self._look(self._view(fake), batch)
            loss = self.generator_loss(batch, fake, real_logits, fake_logits)
            loss = loss + self._feature_loss(real_features, fake_features)
            loss = loss + self.generator_terms(batch, fake_told)
            return (loss + self.generator_penalty(batch),)

        _, (pullback,) = backend.vjp(objective, [self.generator_variables()])
        gradients = self.optimizer.gradients("g_opt", pullback)
        self.optimizer.update("g_opt", gradients, self.generator_variables())

    def _update_discriminator(self, batch, fake):
        def objective():
            real, fake_view = self._view(self.real_images(batch)), self._view(fake)
            real_logits, _, real_told = self._look(real, batch)
            fake_logits, _, fake_told = self._look(fake_view, batch)
            loss = self._adversarial_d_loss(batch, real_logits, fake_logits)
            terms = self.discriminator_terms(batch, real_told, fake_told)
            return loss + terms + self._penalty(batch, real, fake_view), loss

        variables = [self.discriminator_variables(), []]
        (_, loss), (pullback, _) = backend.vjp(objective, variables)
        self._apply_discriminator(loss, pullback)

    def _update_both(self, batch):
        def objective():
            fake = self.generate_batch(batch)
            real, fake_view = self._view(self.real_images(batch)), self._view(fake)
            real_logits, real_features, real_told = self._look(real, batch)
            fake_logits, fake_features, fake_told = self._look(fake_view, batch)
            d_loss = self._adversarial_d_loss(batch, real_logits, fake_logits)
            g_loss = self.generator_loss(batch, fake, real_logits, fake_logits)
            d_terms = self.discriminator_terms(batch, real_told, fake_told)
            g_terms = self.generator_terms(batch, fake_told) + self.generator_penalty(batch)
            return (
                d_loss + d_terms + self._penalty(batch, real, ops.stop_gradient(fake_view)),
                g_loss + g_terms + self._feature_loss(real_features, fake_features),
                d_loss,
            )

        variables = [self.discriminator_variables(), self.generator_variables(), []]
        (_, _, d_loss), (d_pullback, g_pullback, _) = backend.vjp(objective, variables)
        g_gradients = self.optimizer.gradients("g_opt", g_pullback)  # before D's weights change
        self._apply_discriminator(d_loss, d_pullback)
        self.optimizer.update("g_opt", g_gradients, self.generator_variables())

    def _apply_discriminator(self, loss, pullback):
        def update():
            gradients = self.optimizer.gradients("d_opt", pullback)
            self.optimizer.update("d_opt", gradients, self.discriminator_variables())

        due = self.discriminator_is_due()
        if "skip" in self._features:
            sure = self._is_sure(loss)
            due = ops.logical_not(sure) if due is None else ops.logical_and(due, ops.logical_not(sure))
        if due is None:
            update()
            return
        optimizer, variables = self.optimizer.members["d_opt"]
        backend.cond(due, update, [*variables, *optimizer.variables])

    def _is_sure(self, loss):
        """Whether `DiscriminatorSkip` skips an update; logged and counted."""
        knobs, in_a_row = self._knobs, self._skips_in_a_row
        skip = ops.logical_and(loss < knobs["skip_threshold"], in_a_row < knobs["skip_patience"])
        skipped = ops.cast(skip, "float32")
        in_a_row.assign((in_a_row + 1.0) * skipped)
        self._trackers["d_skipped"].update_state(skipped)
        return skip

    def _update_average(self, batch):
        step = self.optimizer.iterations
        if isinstance(self.ema, schedules.Schedule):
            share = 1.0 - schedules.at(self.ema, step)
        else:
            share = ops.maximum(1.0 - self.ema, 9.0 / (10.0 + ops.cast(step, "float32")))
        pairs = zip(self.ema_generator.variables, self.generator.variables, strict=True)
        trained = set(map(id, self.generator_variables()))
        pairs = [pair for pair in pairs if id(pair[1]) in trained]
        backend.average(*zip(*pairs, strict=True), share)
        if self.generator.non_trainable_weights:
            states = [*self.ema_generator.non_trainable_variables, self.seed_generator.state]
            due = step % AVERAGE_STATISTICS_EVERY == 0
            backend.cond(due, lambda: self.refresh_average(batch), states)

    # Losses --------------------------------------------------------------------------------------

    @property
    def adversarial_loss(self):
        return self.loss_terms["adversarial"]

    @property
    def _matches_features(self):
        return "feature_matching" in self.loss_terms

    @property
    def _needs_features(self):
        return self._matches_features or self.head is not None

    def _view(self, images):
        """What the discriminator sees of images in training."""
        if self.augmentation is not None:
            probability = self._augment_probability if self.augmentation.adaptive else 1.0
            images = self.augment(images, probability)
        if "instance_noise" in self._features:
            noise = keras.random.normal(ops.shape(images), dtype=images.dtype, seed=self.seed_generator)
            images = images + ops.cast(self._knobs["instance_noise"], images.dtype) * noise
        return self.pack_views(images)

    def _look(self, views, batch, training=True):
        """Logits of views; features and what `head` makes of them, or None where no loss needs them."""
        if not self._needs_features:
            return self.discriminate(views, batch, training), None, None
        network = self._untracked.with_features
        logits, features = self.discriminate(views, batch, training, network)
        told = None if self.head is None else at_least_float32(self.head(features, training=training))
        return logits, features, told

    def _feature_loss(self, real, fake):
        """Squared distance of mean features (Salimans et al. 2016, arXiv 1606.03498), weighted."""
        if not self._matches_features:
            return 0.0
        distance = ops.mean(at_least_float32(fake), 0) - ops.mean(
            ops.stop_gradient(at_least_float32(real)), 0
        )
        loss = self.loss_terms["feature_matching"] * ops.sum(ops.square(distance))
        self._trackers["feature_loss"].update_state(loss)
        return loss

    def _penalty(self, batch, real, fake):
        """Sum of the penalties at these views; each is logged as it counts."""
        total = 0.0
        dtype = keras.backend.result_type(real.dtype, fake.dtype, "float32")
        real, fake = ops.cast(real, dtype), ops.cast(fake, dtype)
        for penalty in self.penalties_of("discriminator"):
            points = penalty.points(real, fake, self.seed_generator)

            def value(penalty=penalty, points=points):
                _, slopes = backend.value_and_input_grad(lambda x: self.discriminate(x, batch), points)
                return penalty.value(slopes)

            step = self.optimizer["d_opt"].iterations
            due = None if penalty.every == 1 else step % penalty.every == 0
            states = self.discriminator.non_trainable_variables
            cost = ops.multiply(
                penalty.factor(step), backend.without_side_effects(value, dtype, states, due)
            )
            self._trackers[penalty.name].update_state(cost)
            total = ops.add(total, cost)
        return total

    def penalties_of(self, side):
        return [penalty for penalty in self.penalties if penalty.side == side]

    def _adversarial_d_loss(self, batch, real_logits, fake_logits):
        """The discriminator's loss; adaptive augmentation takes note of how sure it is."""
        if self.augmentation is not None and self.augmentation.adaptive:
            confidence = self.adversarial_loss.confidence(
                at_least_float32(real_logits), at_least_float32(fake_logits)
            )
            probability = self.augmentation.adapt(
                self._augment_probability,
                ops.stop_gradient(confidence),
                ops.shape(self.real_images(batch))[0],
            )
            self._augment_probability.assign(probability)
            self._trackers["augment_probability"].update_state(probability)
        return self.discriminator_loss(real_logits, fake_logits)

    def discriminator_loss(self, real_logits, fake_logits):
        """Scalar that the discriminator minimizes besides penalties; logged with both scores."""
        real_logits, fake_logits = at_least_float32(real_logits), at_least_float32(fake_logits)
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

    def generator_loss(self, batch, fake, real_logits, fake_logits, training: bool = True):
        """Scalar that the generator minimizes; logged."""
        real_logits = None if real_logits is None else at_least_float32(real_logits)
        loss = self.adversarial_loss.generator(at_least_float32(fake_logits), real_logits)
        self._trackers["g_loss"].update_state(loss)
        return loss

    @backend.test_step
    def test_step(self, data):
        batch = self.unpack(data)
        fake = self.generate_batch(batch, training=False)
        (real_logits, _, real_told), (fake_logits, _, fake_told) = (
            self._look(self.pack_views(images), batch, training=False)
            for images in (self.real_images(batch), fake)
        )
        self.discriminator_loss(real_logits, fake_logits)
        self.generator_loss(batch, fake, real_logits, fake_logits, training=False)
        self.discriminator_terms(batch, real_told, fake_told)
        self.generator_terms(batch, fake_told)
        return self.get_metrics_result()

    # Knobs and logs ------------------------------------------------------------------------------

    def enable(self, feature: str) -> None:
        """Compile a feature, such as `"label_noise"` or `"skip"`, into this fit's step."""
        self._features |= {feature}

    def set_knob(self, name: str, value: float) -> None:
        """Turn a knob, also in the middle of an epoch; `fit` starts with all of them neutral."""
        backend.sync(self)
        self._knobs[name].assign(value)

    def log_also(self, *names: str) -> None:
        """Keep means of these names besides those that are always logged."""
        for name in names:
            if name not in self._trackers:
                self._trackers[name] = keras.metrics.Mean(name)
        self._untracked.logs = names

    def reset_knobs(self) -> None:
        """Turn all knobs back, and leave out of the step what reads them."""
        self._features = frozenset()
        for name, value in KNOBS.items():
            self._knobs[name].assign(value)

    def trace_signature(self) -> tuple:
        """What a compiled step has been compiled for."""
        return (self._features,)

    def make_train_function(self, force: bool = False):
        changed = self.trace_signature() != self._traced
        self._traced = self.trace_signature()
        return super().make_train_function(force=force or changed)

    @property
    def metrics(self):
        shown = {*_ALWAYS_LOGGED, *self._untracked.logs}
        if "skip" in self._features:
            shown.add("d_skipped")
        hidden = {"loss", *self._trackers} - shown
        return [metric for metric in super().metrics if metric.name not in hidden]
