"""Perceptual distance of images: the distance of their features in a trained network."""

from keras import ops

from keras_gan_zoo.networks.feature_network import NETWORKS, FeatureExtractor
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32

_EPSILON = 1e-8


class PerceptualDistance:
    """Distance of images in a network's features, as in LPIPS without its learned weights.

    The features of a layer at each position are divided by their norm over the channels. The distance
    is the squared norm of their difference, averaged over the positions and the layers (Zhang et al.
    2018, arXiv 1801.03924). The weights of the network are constants, no part of a model or its file.

    Args:
        network: `"rgb64"`, which ships with the package, or `"vgg19"` of `keras.applications`, which
            downloads its weights on first use.

    Raises:
        ValueError: an unknown network.
        ConnectionError: the weights of VGG19 are not on this machine and cannot be downloaded.
    """

    def __init__(self, network: str = "rgb64"):
        layers = NETWORKS[checks.one_of("network", network, NETWORKS)][1]
        self.extractor = FeatureExtractor(network, layers, layers)

    def __call__(self, images, targets):
        """Return the distances (n,), in [0, 2], differentiable in `images`.

        Args:
            images, targets: (n, height, width, channels) in [-1, 1], with sides of at least 4 pixels
                for `"rgb64"` and 16 for `"vgg19"`. Of other than RGB images, each channel is compared
                as a grey image.
        """
        n, channels = ops.shape(images)[0], images.shape[-1]
        pairs = zip(self._features(images), self._features(targets), strict=True)
        squares = [ops.sum(ops.square(a - ops.stop_gradient(b)), -1) for a, b in pairs]
        maps = [ops.mean(square, (1, 2)) for square in squares]
        distance = sum(maps) / len(maps)
        return distance if channels == 3 else ops.mean(ops.reshape(distance, (n, channels)), 1)

    def _features(self, images):
        if images.shape[-1] != 3:
            _, height, width, _ = images.shape
            images = ops.reshape(ops.transpose(images, (0, 3, 1, 2)), (-1, height, width, 1))
            images = ops.repeat(images, 3, -1)
        return [_normalized(at_least_float32(x)) for x in self.extractor(images).values()]


def _normalized(features):
    return features * ops.rsqrt(ops.sum(ops.square(features), -1, keepdims=True) + _EPSILON)
