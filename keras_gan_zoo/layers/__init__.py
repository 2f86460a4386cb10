"""Layers that Keras lacks, or whose Keras versions are slow or wrong at second order."""

from keras_gan_zoo.layers.attention import SelfAttention as SelfAttention
from keras_gan_zoo.layers.basis import BasisExpansion as BasisExpansion
from keras_gan_zoo.layers.basis import BasisProjection as BasisProjection
from keras_gan_zoo.layers.blur import BlurDownsampling2D as BlurDownsampling2D
from keras_gan_zoo.layers.blur import BlurUpsampling2D as BlurUpsampling2D
from keras_gan_zoo.layers.conditional_normalization import (
    ConditionalBatchNormalization as ConditionalBatchNormalization,
)
from keras_gan_zoo.layers.conditional_normalization import (
    ConditionalInstanceNormalization as ConditionalInstanceNormalization,
)
from keras_gan_zoo.layers.convolution import Conv2D as Conv2D
from keras_gan_zoo.layers.convolution import Conv2DTranspose as Conv2DTranspose
from keras_gan_zoo.layers.dropout import NoiseDropout as NoiseDropout
from keras_gan_zoo.layers.equalized import Bias as Bias
from keras_gan_zoo.layers.equalized import EqualizedConv2D as EqualizedConv2D
from keras_gan_zoo.layers.equalized import EqualizedDense as EqualizedDense
from keras_gan_zoo.layers.image_pool import ImagePool as ImagePool
from keras_gan_zoo.layers.minibatch import MinibatchDiscrimination as MinibatchDiscrimination
from keras_gan_zoo.layers.minibatch import MinibatchStdDev as MinibatchStdDev
from keras_gan_zoo.layers.noise import NoiseInjection as NoiseInjection
from keras_gan_zoo.layers.normalization import BatchNormalization as BatchNormalization
from keras_gan_zoo.layers.normalization import GroupNormalization as GroupNormalization
from keras_gan_zoo.layers.normalization import InstanceNormalization as InstanceNormalization
from keras_gan_zoo.layers.normalization import LayerNormalization as LayerNormalization
from keras_gan_zoo.layers.normalization import PixelNormalization as PixelNormalization
from keras_gan_zoo.layers.padding import ReflectionPadding2D as ReflectionPadding2D
from keras_gan_zoo.layers.resampling import BilinearDownsampling2D as BilinearDownsampling2D
from keras_gan_zoo.layers.resampling import BilinearUpsampling2D as BilinearUpsampling2D
from keras_gan_zoo.layers.san import SANDense as SANDense
from keras_gan_zoo.layers.second_order import unsafe_second_order_layers as unsafe_second_order_layers
from keras_gan_zoo.layers.spectral import SpectralConv2D as SpectralConv2D
from keras_gan_zoo.layers.spectral import SpectralDense as SpectralDense
from keras_gan_zoo.layers.spectral import SpectralEmbedding as SpectralEmbedding
from keras_gan_zoo.layers.styles import ConstantInput as ConstantInput
from keras_gan_zoo.layers.styles import MeanTracker as MeanTracker
from keras_gan_zoo.layers.styles import ModulatedConv2D as ModulatedConv2D
from keras_gan_zoo.layers.styles import ScaledLeakyReLU as ScaledLeakyReLU
