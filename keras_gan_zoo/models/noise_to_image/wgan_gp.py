"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, arXiv 1704.00028)."""

import keras

from keras_gan_zoo import penalties
from keras_gan_zoo.models.noise_to_image.dcgan import DCGAN


@keras.saving.register_keras_serializable("keras_gan_zoo")
class WGANGP(DCGAN):
    """Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, arXiv 1704.00028).

    The networks are those of `DCGAN`. The critic has no batch normalization, because the penalty
    constrains the gradient of each image on its own. `-d_loss` decreases as the distributions of real
    and generated images approach each other, and can be used to monitor training.

    `compile()` uses the paper's Wasserstein loss, a gradient penalty of weight 10, five critic updates
    per generator update, and Adam with a learning rate of 1e-4, beta_1 0 and beta_2 0.9. The paper's
    learning rate is for a width of 64; for smaller ones `compile(recipe="robust")` raises it.

    Differences from the paper: kernels are 4x4 as in `DCGAN`, and the critic updates of one step use
    the same real images.

    Args:
        image_shape, latent_dim, width, upsampling: see `DCGAN`.
        seed: see `NoiseToImage`.
        **kwargs: `pack`, `d_norm` (such as `"layer"`, which the paper recommends) and `minibatch` of
            `NoiseToImage`.

    Raises:
        ValueError: an invalid argument.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.WGANGP(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(16)
    """

    default_losses = "wasserstein"
    default_d_steps = 5
    default_d_norm = "none"

    def default_optimizer(self):
        return keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9)

    def default_penalties(self):
        return [penalties.GradientPenalty(10.0)]
