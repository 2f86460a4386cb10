"""Unpaired translation with reconstruction and feature losses (Kim et al. 2017, arXiv 1703.05192)."""

from types import MappingProxyType

import keras
from keras import layers, ops

from keras_gan_zoo.layers import Conv2D, Conv2DTranspose
from keras_gan_zoo.models.image_to_image.two_domains import TwoDomains, join, split
from keras_gan_zoo.networks.norms import batch_norm, normal
from keras_gan_zoo.training.plan import DiscriminatorPass
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.batch_mean import batch_mean
from keras_gan_zoo.utils.precision import at_least_float32

# The authors' code weights the reconstruction by `rate` and the other terms by `1 - rate`, of which the
# adversarial loss has 0.1 and feature matching 0.9. Here the adversarial loss has a weight of 1.
_RATES = (0.01, 0.5)
_FROM_STEP = 10_000


@keras.saving.register_keras_serializable("keras_gan_zoo")
class DiscoGAN(TwoDomains):
    """Unpaired translation with reconstruction and feature losses (Kim et al. 2017, arXiv 1703.05192).

    Two generators of eight convolution layers translate between the domains A and B. The reconstruction
    loss is the mean squared difference of an image and its translation to the other domain and back.
    Feature matching compares the mean discriminator features of generated and of real images.
    `compile()` uses the cross-entropy loss, a `"feature_matching"` weight of 9, a `"reconstruction"`
    weight of 0.1 for 10,000 steps and 10 from then on, and Adam with a learning rate of 2e-4 and beta_1
    0.5, as in the authors' code, which trains with batches of 64 images.

    Differences from the paper: no weight decay (1e-5 in the authors' code); images are in [-1, 1];
    losses are means over both domains, not sums, which makes no difference with Adam; every step
    updates the generators, and every `d_every`-th step also the discriminators, where the authors'
    code alternates between them.

    Args:
        image_shape: (height, width, channels) of the images of both domains. Sides must be multiples of
            `2 ** halvings`; `translate` also takes other such sizes.
        width: positive integer, channels of the first layer of all networks. The channels double with
            every halving of the resolution.
        halvings: positive integer, number of layers that halve the resolution: 4 of the generator's 8
            layers in the paper.
        d_every: positive integer, training steps per discriminator update: 2 in the authors' code.
        seed: see `NoiseToImage`.

    Batches: `(a, b)`, see `CycleGAN`.

    Logs: `reconstruction_loss`, unweighted, and `feature_loss`, weighted; `g_loss` is the adversarial
    term.

    Raises:
        ValueError: an invalid size or argument.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> digits = kgz.data.load("digits", image_size=32, channels=3).images / 127.5 - 1
    >>> model = kgz.DiscoGAN((32, 32, 3), width=16)
    >>> model.compile()
    >>> model.fit(digits[:128], -digits[128:256])
    >>> inverted = model.translate(digits[:16])
    """

    default_terms = {  # noqa: RUF012
        "feature_matching": 9.0,
        "reconstruction": keras.optimizers.schedules.PiecewiseConstantDecay(
            [_FROM_STEP], [10 * rate / (1 - rate) for rate in _RATES]
        ),
    }
    cpu_arguments = MappingProxyType({"width": 16})
    extra_logs = ("reconstruction_loss",)

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (64, 64, 3),
        width: int = 64,
        halvings: int = 4,
        d_every: int = 2,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, seed, **kwargs)
        self.halvings = checks.positive_integer("halvings", halvings)
        step = self.size_multiple
        if any(side % step for side in self.image_shape[:2]):
            near = [max(1, round(side / step)) * step for side in self.image_shape[:2]]
            raise ValueError(
                f"Argument `image_shape` must have sides that are multiples of {step} with halvings="
                f"{self.halvings}. Received: image_shape={self.image_shape}. Pass for example "
                f"{(*near, self.image_shape[2])}."
            )
        self.width = checks.positive_integer("width", width)
        self.d_every = checks.positive_integer("d_every", d_every)
        self.make_networks()

    def make_translator(self, name):
        network = keras.Sequential([keras.Input((None, None, self.image_shape[2]))], name=name)
        widths = [self.width * 2**level for level in range(self.halvings)]
        for level, filters in enumerate(widths):
            network.add(Conv2D(filters, 4, 2, use_bias=False, **normal()))
            if level:
                network.add(batch_norm())
            network.add(layers.LeakyReLU(0.2))
        for filters in reversed(widths[:-1]):
            network.add(Conv2DTranspose(filters, 4, 2, use_bias=False, **normal()))
            network.add(batch_norm())
            network.add(layers.ReLU())
        network.add(
            Conv2DTranspose(self.image_shape[2], 4, 2, activation="tanh", use_bias=False, **normal())
        )
        return network

    def make_domain_discriminator(self, name):
        images = x = keras.Input(self.image_shape)
        features = []
        for level in range(self.halvings):
            x = Conv2D(self.width * 2**level, 4, 2, use_bias=False, **normal())(x)
            x = layers.LeakyReLU(0.2)(batch_norm()(x) if level else x)
            features += [x] if level else []
        logits = layers.Dense(1, use_bias=False, **normal())(layers.Flatten()(x))
        return keras.Model(images, [logits, *features], name=name)

    @property
    def size_multiple(self):
        return 2**self.halvings

    def discriminator_is_due(self):
        return None if self.d_every == 1 else self.optimizer.iterations % self.d_every == 0

    def discriminate(self, view, training: bool = True):
        logits, *features = super().discriminate(view, training).logits
        return DiscriminatorPass(view, logits, features)

    def make_feature_network(self):
        return None  # the discriminators return their activations

    def feature_distance(self, real, fake):
        """Return the squared differences of the mean features of each layer, in both domains."""
        loss = 0.0
        for fake_layer, real_layer in zip(fake, real, strict=True):
            fakes, reals = split(at_least_float32(fake_layer)), split(at_least_float32(real_layer))
            for fake_domain, real_domain in zip(fakes, reals, strict=True):
                distance = batch_mean(fake_domain, 0) - ops.stop_gradient(batch_mean(real_domain, 0))
                loss = loss + 0.5 * ops.mean(ops.square(distance))
        return loss

    def generator_terms(self, batch, images, fake, training: bool = True):
        a_to_b, b_to_a = self.translators()
        fake_a, fake_b = split(images)
        back = join([b_to_a(fake_b, training=training), a_to_b(fake_a, training=training)])
        real = at_least_float32(self.real_images(batch))
        error = ops.mean(ops.square(at_least_float32(back) - real))
        self.log("reconstruction_loss", error)
        return ops.multiply(self.loss_weight("reconstruction"), error)

    def get_config(self):
        own = ("width", "halvings", "d_every")
        return super().get_config() | {name: getattr(self, name) for name in own}
