import numpy as np
import pytest
from tools import values

from keras_gan_zoo.networks import patchgan


def test_receptive_fields():
    assert [patchgan.receptive_field(n) for n in (1, 2, 3, 4, 5)] == [16, 34, 70, 142, 286]


@pytest.mark.parametrize("strided", [1, 2])
def test_receptive_field_of_a_network(strided):
    size, field = 48, patchgan.receptive_field(strided)
    network = patchgan.patchgan(1, 4, strided, "batch", "discriminator")
    image = np.random.default_rng(0).standard_normal((1, size, size, 1)).astype("float32")
    touched = image.repeat(size, 0)
    touched[np.arange(size), np.arange(size)] += 1.0  # row i of image i
    before, *after = values([network(np.concatenate([image, touched]), training=False)])[0]
    middle = before.shape[1] // 2
    changes = np.abs(np.stack(after) - before)[:, middle, middle, 0]
    changed = changes > 1e-5 * changes.max()  # smaller changes are rounding
    assert changed.sum() == field
    first = int(np.argmax(changed))
    assert changed[first : first + field].all()


def test_parameters_of_the_paper():
    # The authors' code prints 2.769 million parameters for pairs and 2.765 million for images.
    assert patchgan.patchgan(6, 64, 3, "batch", "discriminator").count_params() == pytest.approx(
        2.769e6, rel=2e-3
    )
    biases = 128 + 256 + 512  # which normalization cancels
    unpaired = patchgan.patchgan(3, 64, 3, "instance", "discriminator").count_params() + biases
    assert unpaired == pytest.approx(2.765e6, rel=2e-4)


def test_logits_of_patches():
    network = patchgan.patchgan(3, 2, 3, "instance", "discriminator")
    assert network(np.zeros((1, 256, 256, 3), "float32")).shape == (1, 30, 30, 1)


def test_number_of_strided_layers():
    assert patchgan.strided_layers(None, (256, 256, 3)) == 3
    assert patchgan.strided_layers(None, (16, 64, 3)) == 2
    assert patchgan.strided_layers(5, (256, 256, 3)) == 5
    with pytest.raises(ValueError, match=r"`patch_layers` can be at most 2 .*\(16, 64\).*Received: "):
        patchgan.strided_layers(3, (16, 64, 3))
    with pytest.raises(ValueError, match=r"6 pixels or more. Received: \(4, 4, 3\)"):
        patchgan.strided_layers(None, (4, 4, 3))
    with pytest.raises(ValueError, match="`patch_layers` must be a positive integer"):
        patchgan.strided_layers(0, (16, 64, 3))
