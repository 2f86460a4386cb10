"""Deep convolutional GAN (Radford et al. 2015, arXiv 1511.06434)."""

from types import MappingProxyType

import keras

from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.networks import convolutional
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class DCGAN(NoiseToImage):
    """Deep convolutional GAN with batch normalization (Radford et al. 2015, arXiv 1511.06434).

    The generator upsamples a small base resolution, such as 4x4, by factors of 2 to the image size; the
    discriminator mirrors it.

    Differences from the paper: latents are normal, not uniform, and the widest layer has
    `width * 2**(num_upsamples - 1)` channels, which is 512 for 64x64 as in the authors' code (figure 1
    shows twice that: `width=128`).

    Args:
        image_shape: (height, width, channels) of the images. Both sides must be the same power of two
            times a base whose shorter side is 4 to 7: 28x28, 32x32, 64x64, 48x96 ...
        latent_dim: positive integer, dimension of the standard normal latents.
        width: positive integer, channels of the layers next to the image. The channels double with
            every halving of the resolution.
        upsampling: `"transposed"` convolutions as in the paper, or `"resize"`, nearest-neighbour
            upsampling and a convolution, which avoids checkerboard artefacts and is slower.
        d_bias: whether the discriminator's first convolution has a bias, as in the third author's Torch
            code of 2015. Without it, as in the authors' Theano code and in later copies, the
            discriminator hardly depends on the contrast of the images, and some trainings end in
            uniform grey.
        seed: see `NoiseToImage`.
        **kwargs: `pack`, `d_norm`, `minibatch` and `d_output` of `NoiseToImage`.

    Raises:
        ValueError: an invalid argument. For an invalid `image_shape`, the message names the nearest
            valid ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.DCGAN(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(16)
    """

    reference_width = 64
    cpu_arguments = MappingProxyType({"upsampling": "resize", "width": 32})
    missing_in_old_files = MappingProxyType({"d_bias": False})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (64, 64, 3),
        latent_dim: int = 100,
        width: int = 64,
        upsampling: str = "transposed",
        seed: int | None = None,
        d_bias: bool = True,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.d_bias = bool(d_bias)
        self.width = checks.positive_integer("width", width)
        self.upsampling = checks.one_of("upsampling", upsampling, convolutional.UPSAMPLING)
        self.make_networks()

    def make_generator(self):
        stack = convolutional.to_images(self.image_shape, self.width, self.upsampling)
        return keras.Sequential([keras.Input((self.latent_dim,)), *stack], name="generator")

    def make_discriminator(self):
        stack = convolutional.from_images(self.image_shape, self.width, self.d_bias)
        stack += convolutional.to_logit()
        return keras.Sequential([keras.Input(self.view_shape), *stack], name="discriminator")

    def get_config(self):
        own = {"width": self.width, "upsampling": self.upsampling, "d_bias": self.d_bias}
        return super().get_config() | own
