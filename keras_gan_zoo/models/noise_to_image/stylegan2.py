"""Style-based GAN with path length regularization (Karras et al. 2019, arXiv 1912.04958)."""

from types import MappingProxyType

import keras
from keras import layers, ops

from keras_gan_zoo import backend, penalties
from keras_gan_zoo.models.noise_to_image import stylegan2_networks
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.models.noise_to_image.stylegan2_styles import StyleSpace
from keras_gan_zoo.networks import scales
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class StyleGAN2(StyleSpace, NoiseToImage):
    """Style-based GAN with path length regularization (Karras et al. 2019, arXiv 1912.04958).

    A mapping network of dense layers transforms latents to styles. The synthesis network starts from a
    learned constant; the styles scale the channels of each convolution, whose output gets additive
    noise. Images are the sum of the outputs of all levels. Training uses style mixing: most images have
    one style up to a random layer and another one after it.

    `compile()` uses the non-saturating loss, R1 in every 16th update, `PathLength` in every 4th, Adam
    with a learning rate of 2e-3, beta_1 0 and beta_2 0.99, and a moving average of the generator. For
    small datasets, use `compile(augment="ada")` (Karras et al. 2020, arXiv 2006.06676).

    The generator's last layer is linear. Training uses its output unchanged; `generate` clips it to
    [-1, 1]. Defaults are the paper's values. `for_size` has two mapping layers and no style mixing, as
    the authors' configuration for CIFAR-10, and a larger `gamma`, with which a small model trains
    several times as fast. Early in training all images of the averaged generator look alike: on MNIST,
    they are different digits after 50,000 images.

    Differences from the paper: a lazy penalty is added to the loss of a regular update, so the
    optimizers need no correction for it; the weight of R1 and the decay of the moving average are those
    of the paper for 1024x1024 images and batches of 32, with R1 in proportion to the number of pixels;
    outside of training, the noise is constant. In a conditional model, labels enter both networks as in
    arXiv 2006.06676.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of the standard normal latents and of the styles.
        width: positive integer, maximum number of channels of a level.
        channel_base: positive integer, upper bound of the channels of a level times the shorter side of
            its images; the paper uses 32768. Defaults to `None`, which is `32 * width`: `width`
            channels up to 32x32, halved with each further doubling of the resolution.
        mapping_layers: positive integer, number of dense layers of the mapping network.
        mixing: float in [0, 1], fraction of training images with two styles.
        noise: boolean, whether noise is added after each convolution.
        num_classes: positive integer, number of classes of a conditional model, whose networks both
            take the labels. Defaults to `None`, an unconditional model.
        gamma: float of 0 or more, weight of R1. Defaults to `None`, which is 10 for 1024x1024 and
            proportional to the number of pixels.
        seed: see `NoiseToImage`.
        **kwargs: `pack` of `NoiseToImage`.

    Attributes:
        mapping: network from latents, or `[latents, labels]`, to styles; part of `generator`.
        synthesis: network from styles (n, style_count, latent_dim) to images; part of `generator`.
        style_count: number of style inputs of an image.

    Raises:
        ValueError: an invalid argument. For an invalid `image_shape`, the message names the nearest
            valid ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.StyleGAN2.for_size(32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", image_size=32, channels=3), epochs=5)
    >>> images = model.generate(16, truncation=0.7)
    """

    default_ema = 0.998
    cpu_arguments = MappingProxyType(
        {"width": 32, "latent_dim": 64, "mapping_layers": 2, "mixing": 0.0, "gamma": 1.0}
    )
    can_be_conditional = True
    reference_width = 512
    rate_exponent = -0.5
    has_styles = True

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        latent_dim: int = 512,
        width: int = 512,
        channel_base: int | None = None,
        mapping_layers: int = 8,
        mixing: float = 0.9,
        noise: bool = True,
        num_classes: int | None = None,
        gamma: float | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, num_classes=num_classes, **kwargs)
        self.width = checks.positive_integer("width", width)
        base = 32 * width if channel_base is None else channel_base
        self.channel_base = checks.positive_integer("channel_base", base)
        self.mapping_layers = checks.positive_integer("mapping_layers", mapping_layers)
        self.mixing = checks.fraction("mixing", mixing)
        self.noise = bool(noise)
        self.base, self.num_upsamples = scales.plan(self.image_shape)
        height, width, _ = self.image_shape
        gamma = 10.0 * height * width / 1024**2 if gamma is None else gamma
        self.gamma = checks.non_negative("gamma", gamma)
        self.path_length = self.add_scalar("path_length", 0.0)
        self.make_networks()

    def default_optimizer(self):
        return keras.optimizers.Adam(2e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8)

    def default_penalties(self):
        return [penalties.R1(self.gamma, every=16), penalties.PathLength()]

    def _widths(self):
        """Channels per level, such as 512, 512, 512, 512, 256 for 64x64 images."""
        return scales.widths(self.num_upsamples, self.width, self.channel_base)

    def make_generator(self):
        widths, channels = self._widths(), self.image_shape[2]
        synthesis = stylegan2_networks.synthesis(
            self.base, widths, channels, self.latent_dim, self.noise
        )
        latents = inputs = keras.Input((self.latent_dim,), name="latents")
        if self.condition is not None:
            inputs = [latents, self.condition.input()]
        mapping = stylegan2_networks.mapping(self.latent_dim, self.mapping_layers, self.condition)
        styles = layers.RepeatVector(synthesis.input_shape[1])(mapping(inputs))
        return keras.Model(inputs, synthesis(styles), name="generator")

    def make_discriminator(self):
        return stylegan2_networks.discriminator(
            self.view_shape, self._widths(), self.condition, self.mapping_layers
        )

    # Training ------------------------------------------------------------------------------------

    def generate_batch(self, batch, training: bool = True, network=None):
        network = self.generator if network is None else network
        if not training:
            return super().generate_batch(batch, training, network)
        return network.get_layer("synthesis")(self.sample_styles(batch, network), training=True)

    def sample_styles(self, batch, network):
        """Random mixed styles (n, style_count, latent_dim) of `network` for the labels of a batch."""
        latents = ops.concatenate([self.sample_latents(batch), self.sample_latents(batch)], 0)
        if self.condition is not None:
            latents = [latents, ops.concatenate([batch[1], batch[1]], 0)]
        first, second = ops.split(network.get_layer("mapping")(latents, training=True), 2)
        n = ops.shape(first)[0]
        cut = keras.random.randint((n, 1), 1, self.style_count, seed=self.seed_generator)
        whole = keras.random.uniform((n, 1), seed=self.seed_generator) >= self.mixing
        place = ops.arange(self.style_count, dtype=cut.dtype)[None]
        is_first = ops.logical_or(whole, place < cut)
        return ops.where(is_first[..., None], first[:, None], second[:, None])

    def refresh_average(self, batch):
        self.sample_styles(batch, self.ema_generator)  # only the mapping network has state

    def generator_penalties(self, batch):
        total = super().generator_penalties(batch)
        for penalty in self.plan.penalties_on("styles"):
            cost = self._path_penalty(penalty, batch)
            self.log(penalty.name, cost)
            total = total + cost
        return total

    def _path_penalty(self, penalty, batch):
        size = -(-ops.shape(self.real_images(batch))[0] // penalty.shrink)
        part = batch[:size] if self.condition is None else (batch[0][:size], batch[1][:size])
        directions = penalty.directions(size, self.image_shape, self.seed_generator)

        def value():
            styles = at_least_float32(self.sample_styles(part, self.generator))
            lengths = penalty.lengths(self.path_slopes(styles, directions))
            return ops.stack(penalty.value(lengths, self.path_length))

        step = self.optimizer["g_opt"].iterations
        due = None if penalty.every == 1 else step % penalty.every == 0
        states = [*self.generator.non_trainable_variables, self.seed_generator.state]
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        cost, average = ops.unstack(backend.without_side_effects(value, dtype, states, due, (2,)), 2)
        average = ops.cast(ops.stop_gradient(average), "float32")
        if due is not None:
            average = ops.where(due, average, ops.convert_to_tensor(self.path_length))
        self.path_length.assign(average)
        return penalty.factor(step) * cost

    def path_slopes(self, styles, directions):
        """Gradients (n, style_count, latent_dim) of sum(image * direction) by the styles."""

        def along(styles):
            images = at_least_float32(self.synthesis(styles, training=True))
            return ops.sum(images * ops.cast(directions, images.dtype), (1, 2, 3))

        return backend.value_and_input_grad(along, styles)[1]

    def get_config(self):
        own = ("width", "channel_base", "mapping_layers", "mixing", "noise", "gamma")
        return super().get_config() | {name: getattr(self, name) for name in own}
