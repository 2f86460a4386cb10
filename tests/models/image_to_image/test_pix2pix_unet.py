import keras
import numpy as np
import pytest

from keras_gan_zoo.models.image_to_image import pix2pix_unet
from keras_gan_zoo.networks import resnet


@pytest.mark.parametrize(
    ("side", "halvings"), [(32, 5), (64, 6), (96, 5), (128, 7), (256, 8), (384, 7), (512, 9)]
)
def test_depth(side, halvings):
    assert pix2pix_unet.depth((side, side, 3)) == halvings
    assert pix2pix_unet.depth((side, 2 * side, 3)) == halvings


@pytest.mark.parametrize(
    ("shape", "near"),
    [
        ((100, 100, 3), r"\(96, 96, 3\) and \(128, 128, 3\)"),
        ((160, 160, 1), r"\(128, 128, 1\) and \(192, 192, 1\)"),
        ((63, 64, 3), r"\(48, 64, 3\) and \(64, 64, 3\)"),
    ],
)
def test_invalid_sizes_name_nearest_valid_ones(shape, near):
    with pytest.raises(ValueError, match=f"`image_shape` must have sides that can be.*ones: {near}"):
        pix2pix_unet.depth(shape)


@pytest.mark.full_matrix
def test_unet_matches_paper():
    network = pix2pix_unet.unet(3, 3, 64, 8, "batch", "unet")
    count = sum(np.prod(weight.shape) for weight in network.trainable_weights)
    assert count == pytest.approx(54.414e6, abs=500)  # printed by the authors' code
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds.count("Conv2D") == kinds.count("Conv2DTranspose") == 8
    assert kinds.count("NoiseDropout") == 3 and kinds.count("BatchNormalization") == 13


def test_unet_on_other_sizes():
    network = pix2pix_unet.unet(1, 3, 2, 5, "instance", "unet")
    assert network(np.zeros((2, 96, 64, 1), "float32")).shape == (2, 96, 64, 3)


@pytest.mark.full_matrix
@pytest.mark.parametrize(("blocks", "millions"), [(6, 7.838), (9, 11.378)])
def test_resnet_matches_paper(blocks, millions):
    network = resnet.resnet(3, 3, 64, blocks, "transposed", "resnet")
    # Printed by the authors' code, which also has a bias, without effect, before every normalization.
    biases = 64 + 128 + 256 + 2 * blocks * 256 + 128 + 64
    assert network.count_params() + biases == pytest.approx(millions * 1e6, abs=500)


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_resnet_on_other_sizes(upsampling):
    network = resnet.resnet(1, 3, 2, 1, upsampling, "resnet")
    assert network(np.zeros((2, 20, 12, 1), "float32")).shape == (2, 20, 12, 3)
    kinds = [type(layer) for layer in network.layers]
    assert kinds.count(keras.layers.UpSampling2D) == (2 if upsampling == "resize" else 0)


@pytest.mark.parametrize("shape", [(30, 32, 3), (4, 4, 3)])
def test_invalid_resnet_sizes(shape):
    with pytest.raises(
        ValueError, match=r"`image_shape` must have sides that are multiples of 4.*Pass"
    ):
        resnet.check_size(shape)
