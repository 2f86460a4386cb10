"""Conditional GAN (Mirza & Osindero 2014, arXiv 1411.1784)."""

import math
from types import MappingProxyType

import keras
from keras import layers, ops

from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.models.noise_to_image.labels import Attributes
from keras_gan_zoo.networks import convolutional, penultimate
from keras_gan_zoo.networks.norms import normal
from keras_gan_zoo.utils import checks

CONDITIONING = ("concat", "projection", "auxiliary")
_EMBEDDING_DIM = 50


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ConditionalGAN(NoiseToImage):
    """GAN conditioned on classes or attributes (Mirza & Osindero 2014, arXiv 1411.1784).

    The generator's input is the concatenation of the latents and an embedding of the label.
    `conditioning` selects how the discriminator uses the label:

    - `"concat"`: as an additional channel of the image, as in the paper.
    - `"projection"`: the inner product of the label's embedding and the features, summed over
      positions, is added to the logit (Miyato & Koyama 2018, arXiv 1802.05637).
    - `"auxiliary"`: not as an input. A second head classifies real and generated images, and its
      cross-entropy is added to the losses of both networks (AC-GAN, Odena et al. 2016, arXiv
      1610.09585). `compile(losses={"adversarial": ..., "classification": 1.0})` sets its weight. Logged
      as `d_class_loss`, for real and generated images, and `g_class_loss`.

    Differences from the papers: all variants use the networks of `DCGAN`. Mirza & Osindero use dense
    networks, the projection discriminator is residual with spectral normalization
    (`d_norm="spectral"`), and AC-GAN uses dropout.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        num_classes: positive integer, number of classes. Labels are integers in 0..num_classes - 1.
            Either this or `attributes` must be given.
        attributes: positive integer, number of attributes. Labels are then vectors of finite numbers,
            such as 0 and 1. With `"auxiliary"`, they must be in [0, 1], and the loss is the mean binary
            cross-entropy.
        conditioning: `"concat"`, `"projection"` or `"auxiliary"`, see above.
        latent_dim, width, upsampling, d_bias: see `DCGAN`.
        seed: see `NoiseToImage`.
        **kwargs: `d_norm` of `NoiseToImage`, and its `minibatch` with `"auxiliary"`. `pack` must be 1.

    Batches: `(images, labels)`: floats in [-1, 1] of shape (batch, *image_shape), and integers of shape
    (batch,) or attributes of shape (batch, attributes).

    Raises:
        ValueError: an invalid argument, or both or neither of `num_classes` and `attributes`.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.ConditionalGAN(image_shape=(28, 28, 1), num_classes=10, width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", labels=True), epochs=5)
    >>> sevens = model.generate(16, labels=7)
    """

    can_be_conditional = needs_labels = True
    reference_width = 64
    cpu_arguments = MappingProxyType({"upsampling": "resize", "width": 32})
    default_batch_size = 64
    missing_in_old_files = MappingProxyType({"d_bias": False})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        num_classes: int | None = None,
        attributes: int | None = None,
        conditioning: str = "concat",
        latent_dim: int = 100,
        width: int = 64,
        upsampling: str = "transposed",
        seed: int | None = None,
        d_bias: bool = True,
        **kwargs,
    ):
        if (num_classes is None) == (attributes is None):
            raise ValueError(
                "One of the arguments `num_classes` and `attributes` must be given, the other None. "
                f"Received: num_classes={num_classes}, attributes={attributes}. Pass for example "
                "num_classes=10 for labels 0 to 9, or attributes=n for vectors of n numbers, which may "
                "include the class as a one-hot code."
            )
        super().__init__(image_shape, latent_dim, seed, num_classes=num_classes, **kwargs)
        self.d_bias = bool(d_bias)
        self.conditioning = checks.one_of("conditioning", conditioning, CONDITIONING)
        self.discriminator_takes_labels = conditioning != "auxiliary"
        if self.projection is not None and not self.discriminator_takes_labels:
            raise ValueError(
                "Arguments `d_features` and `conditioning='auxiliary'` exclude each other: a projected "
                "discriminator takes the labels itself. Leave out `conditioning`."
            )
        self.attributes = attributes
        if attributes is not None:
            self._check_conditional(attributes)
            self.condition = Attributes(attributes, probabilities=not self.discriminator_takes_labels)
        self.width = checks.positive_integer("width", width)
        self.upsampling = checks.one_of("upsampling", upsampling, convolutional.UPSAMPLING)
        self.make_networks()

    @property
    def default_terms(self):
        """Weights of the terms of `losses` beside the adversarial one, by name."""
        return {} if self.discriminator_takes_labels else {"classification": 1.0}

    @property
    def extra_logs(self):
        return () if self.discriminator_takes_labels else ("d_class_loss", "g_class_loss")

    def make_generator(self):
        latents, labels = keras.Input((self.latent_dim,), name="latents"), self.condition.input()
        inputs = layers.Concatenate()([latents, self.condition.embedding(_EMBEDDING_DIM, 1.0)(labels)])
        stack = convolutional.to_images(self.image_shape, self.width, self.upsampling)
        images = convolutional.chain(inputs, stack)
        return keras.Model([latents, labels], images, name="generator")

    def make_discriminator(self):
        stack = convolutional.from_images(self.image_shape, self.width, self.d_bias)
        if not self.discriminator_takes_labels:
            stack = [keras.Input(self.view_shape), *stack, *convolutional.to_logit()]
            return keras.Sequential(stack, name="discriminator")
        images, labels = keras.Input(self.view_shape, name="images"), self.condition.input()
        build = self._concat_logits if self.conditioning == "concat" else self._projection_logits
        return keras.Model([images, labels], build(images, labels, stack), name="discriminator")

    def _concat_logits(self, images, labels, stack):
        sides = self.image_shape[:2]
        channel = self.condition.embedding(_EMBEDDING_DIM, 1.0)(labels)
        channel = layers.Dense(math.prod(sides), kernel_initializer="lecun_normal")(channel)
        inputs = layers.Concatenate()([images, layers.Reshape((*sides, 1))(channel)])
        return convolutional.chain(inputs, [*stack, *convolutional.to_logit()])

    def _projection_logits(self, images, labels, stack):
        x = ops.sum(convolutional.chain(images, stack), axis=(1, 2))
        projection = layers.Dot(-1)([x, self.condition.embedding(x.shape[-1], 0.02)(labels)])
        return layers.Add()([projection, layers.Dense(1, use_bias=False, **normal())(x)])

    def make_head(self):
        if self.discriminator_takes_labels:
            return None
        features = penultimate.of(self.discriminator, "An auxiliary classifier")
        stack = [keras.Input(features.shape[1:]), layers.Dense(self.condition.count)]
        return keras.Sequential(stack, name="classifier")

    def class_loss(self, logits, labels):
        """Mean cross-entropy of the classifier's logits (n, classes) or (n, attributes)."""
        if self.attributes is not None:
            return ops.mean(ops.softplus(logits) - ops.cast(labels, logits.dtype) * logits)
        return ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))

    def discriminator_terms(self, batch, real, fake):
        if self.discriminator_takes_labels:
            return 0.0
        loss = self.class_loss(real.head_outputs, batch[1])
        return self._weighted("d_class_loss", loss + self.class_loss(fake.head_outputs, batch[1]))

    def generator_terms(self, batch, images, fake, training: bool = True):
        if self.discriminator_takes_labels:
            return 0.0
        return self._weighted("g_class_loss", self.class_loss(fake.head_outputs, batch[1]))

    def _weighted(self, name, loss):
        loss = ops.multiply(self.loss_weight("classification"), loss)
        self.log(name, loss)
        return loss

    def get_config(self):
        own = ("num_classes", "attributes", "conditioning", "width", "upsampling", "d_bias")
        return super().get_config() | {name: getattr(self, name) for name in own}
