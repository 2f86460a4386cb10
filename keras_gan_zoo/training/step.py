"""The adversarial training step, written once for three backends."""

import functools

import keras
from keras import ops

from keras_gan_zoo import backend, schedules
from keras_gan_zoo.training.numbers import GuardedStep, assign, copies
from keras_gan_zoo.utils.precision import at_least_float32

# The averaged generator has other weights than the generator, and so needs batch statistics of its own:
# it generates a batch in training mode after this many steps.
AVERAGE_STATISTICS_EVERY = 4


class AdversarialStep(GuardedStep):
    """`train_step` and `test_step` of all models, made of the hooks of `AdversarialHooks`."""

    @backend.train_step
    def train_step(self, data):
        batch = self.unpack(data)
        before = self.copy_state() if "skip_non_finite" in self.plan.options else None
        for _ in range(self.plan.d_steps - 1):
            self.update_discriminator(batch, ops.stop_gradient(self.generate_batch(batch)))
        if self.plan.updates == "simultaneous":
            self.update_both(batch)
        else:
            self.update_in_turn(batch)
        if self.plan.ema is not None:
            self.update_average(batch)
        self.end_step(batch)
        return self.finish_step(before)

    def update_in_turn(self, batch):
        """Update the discriminator, then the generator by the updated discriminator's scores.

        One generator pass serves both updates: the discriminator is updated inside the objective.
        """

        def objective():
            images = self.generate_batch(batch)
            self.update_discriminator(batch, ops.stop_gradient(images))
            real = None
            if self.plan.generator_needs_real:
                real = self.discriminate(self.view(self.real_images(batch), batch))
            fake = self.discriminate(self.view(images, batch))
            loss = self.generator_loss(batch, real, fake) + self._feature_loss(real, fake)
            loss = loss + self.generator_terms(batch, images, fake)
            return (loss + self.generator_penalties(batch),)

        _, (pullback,) = backend.vjp(objective, [self.generator_variables()])
        self._apply_generator(self.optimizer.gradients("g_opt", pullback))

    def update_discriminator(self, batch, images):
        """Update the discriminator on the real images of `batch` and on generated `images`."""

        def objective():
            real_view, fake_view = self.view(self.real_images(batch), batch), self.view(images, batch)
            real, fake = self.discriminate(real_view), self.discriminate(fake_view)
            self.adapt_discriminator(batch, real, fake)
            loss = self.discriminator_loss(batch, real, fake)
            terms = self.discriminator_terms(batch, real, fake)
            return loss + terms + self._penalties("discriminator", real, fake), loss

        variables = [self.discriminator_variables(), []]
        (_, loss), (pullback, _) = backend.vjp(objective, variables)
        self._apply_discriminator(loss, pullback)

    def update_both(self, batch):
        """Update both sides from the same passes, each by the other as it was before the step."""

        def objective():
            images = self.generate_batch(batch)
            real_view, fake_view = self.view(self.real_images(batch), batch), self.view(images, batch)
            real, fake = self.discriminate(real_view), self.discriminate(fake_view)
            self.adapt_discriminator(batch, real, fake)
            d_loss = self.discriminator_loss(batch, real, fake)
            g_loss = self.generator_loss(batch, real, fake)
            d_terms = self.discriminator_terms(batch, real, fake)
            g_terms = self.generator_terms(batch, images, fake) + self.generator_penalties(batch)
            return (
                d_loss + d_terms + self._penalties("discriminator", real, fake),
                g_loss + g_terms + self._feature_loss(real, fake),
                d_loss,
            )

        variables = [self.discriminator_variables(), self.generator_variables(), []]
        (_, _, d_loss), (d_pullback, g_pullback, _) = backend.vjp(objective, variables)
        gradients = self.optimizer.gradients("g_opt", g_pullback)  # before D's weights change
        self._apply_discriminator(d_loss, d_pullback)
        self._apply_generator(gradients)

    def _apply_generator(self, gradients):
        variables = self.generator_variables()
        is_warming_up = "warmup" in self.plan.options
        if is_warming_up:  # the optimizer's moments and its step counter go on
            early = self.optimizer.iterations < self.warmup_steps
            before = copies(variables)
        self.optimizer.update("g_opt", gradients, variables)
        if is_warming_up:
            backend.cond(early, lambda: assign(variables, before), variables)

    def _apply_discriminator(self, loss, pullback):
        def update():
            gradients = self.optimizer.gradients("d_opt", pullback)
            self.optimizer.update("d_opt", gradients, self.discriminator_variables())

        due = self.discriminator_is_due()
        if "skip" in self.plan.options:
            wanted = ops.logical_not(self._skips(loss))
            due = wanted if due is None else ops.logical_and(due, wanted)
        if due is None:
            update()
            return
        optimizer, variables = self.optimizer.members["d_opt"]
        backend.cond(due, update, [*variables, *optimizer.variables])

    def _skips(self, loss):
        """Return whether `DiscriminatorSkip` skips this update; log and count it."""
        knobs, in_a_row = self._knobs, self._skips_in_a_row
        loss = ops.cast(backend.mean_over_replicas(loss), "float32")
        skip = ops.logical_and(loss < knobs["skip_threshold"], in_a_row < knobs["skip_patience"])
        skipped = ops.cast(skip, "float32")
        in_a_row.assign((in_a_row + 1.0) * skipped)
        self.log("d_skipped", skipped)
        return skip

    def update_average(self, batch):
        """Move the averaged generator's weights towards the generator's."""
        step, ema = self.optimizer.iterations, self.plan.ema
        if isinstance(ema, schedules.Schedule):
            rate = 1.0 - schedules.at(ema, step)
        elif isinstance(ema, schedules.HalfLife):
            rows = ops.shape(keras.tree.flatten(batch)[0])[0] * backend.replicas()
            rate = 1.0 - ema.decay(step, rows)
        else:
            rate = ops.maximum(1.0 - ema, 9.0 / (10.0 + ops.cast(step, "float32")))
        pairs = zip(self.ema_generator.variables, self.generator.variables, strict=True)
        trained = set(map(id, self.generator_variables()))
        pairs = [pair for pair in pairs if id(pair[1]) in trained]
        backend.average(*zip(*pairs, strict=True), rate)
        if self.generator.non_trainable_weights:
            states = [*self.ema_generator.non_trainable_variables, self.seed_generator.state]
            due = step % AVERAGE_STATISTICS_EVERY == 0
            backend.cond(due, lambda: self.refresh_average(batch), states)

    # Losses --------------------------------------------------------------------------------------

    def discriminator_loss(self, batch, real, fake):
        """Return the discriminator's adversarial loss, a scalar; log it and both scores."""
        loss_term, targets = self.adversarial_loss, {}
        real_logits, fake_logits = at_least_float32(real.logits), at_least_float32(fake.logits)
        if self.plan.options & {"label_smoothing", "label_noise"}:
            targets = {
                "real_labels": self._targets("real_label", "fake_label", real_logits),
                "fake_labels": self._targets("fake_label", "real_label", fake_logits),
            }
        loss = loss_term.discriminator(real_logits, fake_logits, **targets)
        self.log("d_loss", loss)
        self.log("real_score", loss_term.score(real_logits))
        self.log("fake_score", loss_term.score(fake_logits))
        return loss

    def generator_loss(self, batch, real, fake):
        """Return the generator's adversarial loss, a scalar; log it."""
        real_logits = None if real is None else at_least_float32(real.logits)
        loss = self.adversarial_loss.generator(at_least_float32(fake.logits), real_logits)
        self.log("g_loss", loss)
        return loss

    @property
    def adversarial_loss(self):
        """The adversarial loss that `compile` resolved."""
        return self.plan.adversarial_loss

    def _targets(self, own, other, logits):
        """Return the target of each logit, with label smoothing, noise and flips."""
        knobs = self._knobs
        if "label_noise" not in self.plan.options:
            return knobs[own]
        shape, seed = ops.shape(logits), self.seed_generator
        flipped = keras.random.uniform(shape, seed=seed) < knobs["label_flip"]
        noise = keras.random.uniform(shape, -1.0, 1.0, seed=seed) * knobs["label_noise"]
        own, other = (ops.convert_to_tensor(knobs[name]) for name in (own, other))
        return ops.where(flipped, other, own) + noise

    def adapt_discriminator(self, batch, real, fake):
        """Move the probability of adaptive augmentation; called in training with both passes."""
        if not self.plan.adapts_augmentation:
            return
        real_logits, fake_logits = at_least_float32(real.logits), at_least_float32(fake.logits)
        heuristic = self.adversarial_loss.overfitting_heuristic(real_logits, fake_logits)
        heuristic = backend.mean_over_replicas(ops.stop_gradient(heuristic))
        count = ops.shape(self.real_images(batch))[0] * backend.replicas()
        probability = self.plan.augmentation.adapt(self._augment_probability, heuristic, count)
        self._augment_probability.assign(probability)
        self.log("augment_probability", probability)

    def _feature_loss(self, real, fake):
        if not self.plan.matches_features:
            return 0.0
        distance = self.feature_distance(real.features, fake.features)
        loss = ops.multiply(self.loss_weight("feature_matching"), distance)
        self.log("feature_loss", loss)
        return loss

    def generator_penalties(self, batch):
        """Return the sum of the penalties on the generator, each logged."""
        return self._penalties("generator")

    def _penalties(self, side, real=None, fake=None):
        """Return the sum of the weighted penalties on one side; log each."""
        costs = [self._penalty(each, side, real, fake) for each in self.plan.penalties_on(side)]
        return functools.reduce(ops.add, costs, 0.0)

    def _penalty(self, penalty, side, real, fake):
        """Return one weighted penalty, 0 in the steps in which it is not due; log it."""
        drawn = penalty.draw(self, real, fake)
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        network = self.discriminator if side == "discriminator" else self.generator
        step = self.optimizer[f"{side[0]}_opt"].iterations
        due = None if penalty.every == 1 else step % penalty.every == 0

        def compute():
            return ops.cast(penalty.cost(self, drawn), dtype)

        cost = backend.without_side_effects(compute, dtype, network.non_trainable_variables, due)
        cost = ops.multiply(penalty.factor(step), cost)
        self.log(penalty.name, cost)
        return cost

    @backend.test_step
    def test_step(self, data):
        batch = self.unpack(data)
        images = self.generate_batch(batch, training=False)
        real, fake = (
            self.discriminate(self.view(each, batch, training=False), training=False)
            for each in (self.real_images(batch), images)
        )
        self.discriminator_loss(batch, real, fake)
        self.generator_loss(batch, real, fake)
        self.discriminator_terms(batch, real, fake)
        self.generator_terms(batch, images, fake, training=False)
        return self.get_metrics_result()
