"""How GANs were trained in Keras from 2016 to 2020, kept for contrast."""

from keras_gan_zoo.legacy.frozen_discriminator import FrozenDiscriminatorGAN

__all__ = ["FrozenDiscriminatorGAN"]
