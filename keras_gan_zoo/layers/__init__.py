"""Layers that Keras lacks, or has slower than GANs can bear."""

from keras_gan_zoo.layers.convolution import Conv2D as Conv2D
from keras_gan_zoo.layers.convolution import Conv2DTranspose as Conv2DTranspose
from keras_gan_zoo.layers.normalization import BatchNormalization as BatchNormalization
