"""The training loop of Keras GAN tutorials from 2016 to 2020, for comparison."""

from keras_gan_zoo.legacy.frozen_discriminator import FrozenDiscriminatorGAN

__all__ = ["FrozenDiscriminatorGAN"]
