"""Extension points of the training step: the methods that a model overrides."""

import keras
from keras import ops

from keras_gan_zoo import schedules
from keras_gan_zoo.training.controls import ControlledModel
from keras_gan_zoo.training.plan import DiscriminatorPass, View
from keras_gan_zoo.utils.batch_mean import batch_mean
from keras_gan_zoo.utils.precision import at_least_float32


class AdversarialHooks(ControlledModel):
    """Methods that describe a model to `AdversarialStep.train_step`.

    A model defines its networks, `unpack`, `real_images` and `generate_batch`, and overrides others
    where it differs. Hooks run inside the compiled step: tensors in, tensors out, variables assigned
    with `assign`, random numbers from `self.seed_generator`.

    Attributes:
        generator: network that creates images.
        discriminator: network that scores views.
        head: network on the discriminator's features, trained by its optimizer, or None.
        ema_generator: moving average of the generator, or None.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(seed, **kwargs)
        self.ema_generator = None
        self.head = None

    # Data ----------------------------------------------------------------------------------------

    def unpack(self, data):
        """Return the batch that the other hooks receive, from what `fit` feeds."""
        raise NotImplementedError

    def real_images(self, batch):
        """Return the real images of `batch`."""
        raise NotImplementedError

    def generate_batch(self, batch, training: bool = True, network=None):
        """Return generated images for `batch`, differentiable in `network`.

        Args:
            batch: return value of `unpack`.
            training: whether layers run in training mode.
            network: a generator. Defaults to `None`, which means `self.generator`.
        """
        raise NotImplementedError

    # Discriminator passes ------------------------------------------------------------------------

    def augment(self, images, probability):
        """Return images transformed by `plan.augmentation`, with new random numbers in each call."""
        return self.plan.augmentation(images, self.seed_generator, probability)

    def pack_views(self, images):
        """Return images as the discriminator receives them, shape (n / pack, ...)."""
        return images

    def view(self, images, batch, training: bool = True) -> View:
        """Return the discriminator's inputs for real or generated images.

        Args:
            images: (n, height, width, channels).
            batch: return value of `unpack`.
            training: False skips augmentation and instance noise.
        """
        if training and self.plan.augmentation is not None:
            adaptive = self.plan.adapts_augmentation
            images = self.augment(images, self._augment_probability if adaptive else 1.0)
        if training and "instance_noise" in self.plan.options:
            noise = keras.random.normal(ops.shape(images), dtype=images.dtype, seed=self.seed_generator)
            images = images + ops.cast(self._knobs["instance_noise"], images.dtype) * noise
        return View(self.pack_views(images))

    def discriminator_inputs(self, view: View):
        """Return the inputs of the discriminator network for a view."""
        return [view.images, *view.extras] if view.extras else view.images

    def discriminate(self, view: View, training: bool = True) -> DiscriminatorPass:
        """Run the discriminator, and its head if there is one, on a view."""
        inputs = self.discriminator_inputs(view)
        if self.plan.feature_network is None:
            return DiscriminatorPass(view, self.discriminator(inputs, training=training))
        logits, features = self.plan.feature_network(inputs, training=training)
        if self.head is None:
            return DiscriminatorPass(view, logits, features)
        outputs = at_least_float32(self.head(features, training=training))
        return DiscriminatorPass(view, logits, features, outputs)

    # Losses --------------------------------------------------------------------------------------

    def loss_weight(self, term: str):
        """Return the present weight of a term of `compile(losses={...})`."""
        return schedules.at(self.plan.loss_terms[term], self.optimizer.iterations)

    def discriminator_terms(self, batch, real: DiscriminatorPass, fake: DiscriminatorPass):
        """Return a scalar that the discriminator minimizes besides its adversarial loss."""
        return 0.0

    def generator_terms(self, batch, images, fake: DiscriminatorPass, training: bool = True):
        """Return a scalar that the generator minimizes besides its adversarial loss.

        Args:
            batch: return value of `unpack`.
            images: generated images.
            fake: discriminator pass over them.
            training: False in `evaluate`.
        """
        return 0.0

    def feature_distance(self, real, fake):
        """Return the loss of feature matching (Salimans et al. 2016, arXiv 1606.03498), a scalar.

        Args:
            real, fake: features of discriminator passes.
        """
        real, fake = ops.stop_gradient(at_least_float32(real)), at_least_float32(fake)
        return ops.sum(ops.square(batch_mean(fake, 0) - batch_mean(real, 0)))

    # Updates -------------------------------------------------------------------------------------

    def discriminator_variables(self) -> list:
        """Return the variables that a discriminator update changes."""
        head = [] if self.head is None else self.head.trainable_variables
        return [*self.discriminator.trainable_variables, *head]

    def generator_variables(self) -> list:
        """Return the variables that a generator update changes."""
        return self.generator.trainable_variables

    def side_variables(self, side: str) -> list:
        """Return the variables of `"discriminator"` or `"generator"`."""
        return getattr(self, f"{side}_variables")()

    def trained_variables(self) -> dict[str, list]:
        """Return the variables of each optimizer, including those that later steps will change."""
        return {"d_opt": self.discriminator_variables(), "g_opt": self.generator_variables()}

    def discriminator_is_due(self):
        """Return whether to update the discriminator, a scalar boolean tensor. None: always."""
        return None

    def refresh_average(self, batch):
        """Update the batch statistics of the averaged generator."""
        self.generate_batch(batch, network=self.ema_generator)

    def end_step(self, batch):
        """Called after the updates of a training step."""
