"""Layers that Keras lacks, or has slower than GANs can bear."""

from keras_gan_zoo.layers.basis import BasisExpansion as BasisExpansion
from keras_gan_zoo.layers.basis import BasisProjection as BasisProjection
from keras_gan_zoo.layers.convolution import Conv2D as Conv2D
from keras_gan_zoo.layers.convolution import Conv2DTranspose as Conv2DTranspose
from keras_gan_zoo.layers.normalization import BatchNormalization as BatchNormalization
from keras_gan_zoo.layers.resampling import BilinearDownsampling2D as BilinearDownsampling2D
from keras_gan_zoo.layers.resampling import BilinearUpsampling2D as BilinearUpsampling2D
