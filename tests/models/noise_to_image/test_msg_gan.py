"""MSGGAN: parameter counts of the paper, image pyramids, the `combine` argument."""

import keras
import numpy as np
import pytest
from latent_tools import loud
from tools import fit, images, parameters, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.models.noise_to_image.msg_gan import COMBINE
from keras_gan_zoo.models.noise_to_image.msg_gan_pyramid import Pyramid

# Tables 5 and 6 of the paper, 1024x1024: input and output channels of each 3x3 convolution. The first
# one of each discriminator block has 3 more for the image and 1 more for minibatch statistics.
GENERATOR = [(512, 512)] * 7 + [(512, 256), (256, 256), (256, 128), (128, 128)]
GENERATOR += [(128, 64), (64, 64), (64, 32), (32, 32), (32, 16), (16, 16)]
IMAGES = [512, 512, 512, 512, 256, 128, 64, 32, 16]
DISCRIMINATOR = [(17, 16), (16, 32), (36, 32), (32, 64), (68, 64), (64, 128), (132, 128), (128, 256)]
DISCRIMINATOR += [(260, 256), (256, 512), *[(516, 512), (512, 512)] * 3, (516, 512)]


def convolutions(table):
    return sum(9 * inputs * outputs + outputs for inputs, outputs in table)


@pytest.mark.full_matrix
def test_parameter_counts_match_paper():
    model = kgz.MSGGAN((1024, 1024, 3))
    first = 512 * 16 * 512 + 512
    images = sum(3 * width + 3 for width in IMAGES)
    assert parameters(model.generator, "") == first + convolutions(GENERATOR) + images
    top, last = 3 * 16 + 16, 16 * 512 * 512 + 512 + 513
    assert parameters(model.discriminator, "") == top + convolutions(DISCRIMINATOR) + last
    assert [tuple(x.shape[1:3]) for x in model.generator.outputs] == model.pyramid.sides
    assert model.pyramid.sides[0] == (4, 4) and model.pyramid.sides[-1] == (1024, 1024)


def test_packed_pyramid():
    pyramid = Pyramid((2, 3), 2)
    x = np.arange(2 * 4 * 6, dtype="float32").reshape(2, 4, 6, 1)
    packed = pyramid.from_images(x)
    assert tuple(packed.shape) == (2, 2 * 3 + 4 * 6, 1, 1)
    small, large = values(pyramid.unpack(packed))
    np.testing.assert_array_equal(large, x)
    assert small[0, 1, 2, 0] == np.mean([16, 17, 22, 23])
    np.testing.assert_array_equal(*values([pyramid.pack([small, large]), packed]))


def test_generate_scales():
    model = tiny("MSGGAN", image_shape=(16, 32, 3))
    found = model.generate_scales(3, seed=1)
    assert [x.shape for x in found] == [(3, 4, 8, 3), (3, 8, 16, 3), (3, 16, 32, 3)]
    np.testing.assert_array_equal(model.generate(3, seed=1), found[-1])
    assert all(abs(x).max() <= 1 for x in found)


@pytest.mark.parametrize("combine", COMBINE[1:])
def test_combine(combine):
    model = tiny("MSGGAN", combine=combine, image_shape=(8, 8, 3))
    simple = tiny("MSGGAN", image_shape=(8, 8, 3))
    # An additional 1x1 convolution of the image (3 channels to 4) or of the concatenation (7 to 4).
    more = {"lin_cat": 3 * 4 + 4 + 9 * 4 * 1, "cat_lin": 7 * 4 + 4 - 9 * 4 * 3}[combine]
    assert parameters(model.discriminator, "") == parameters(simple.discriminator, "") + more
    model.compile("sgd", "sgd")
    before = values(model.discriminator_variables())
    fit(model, images(16, (8, 8, 3)))
    after = values(model.discriminator_variables())
    assert all((a != b).any() or len(a) == 1 for a, b in zip(before, after, strict=True))


def test_invalid_combine():
    with pytest.raises(ValueError, match="`combine` must be one of 'simple', 'lin_cat', 'cat_lin'"):
        tiny("MSGGAN", combine="sum")


def test_augmentations_are_equal_at_all_scales():
    model = tiny("MSGGAN")
    # Changes of brightness and contrast commute with averaging.
    model.compile(augment=kgz.augment.DiffAugment("color"))
    x = images(4)
    found = values(model.pyramid.unpack(model.augment(model.pyramid.from_images(x), 1.0)))
    expected = values(model.pyramid.unpack(model.pyramid.from_images(found[-1])))
    assert abs(found[-1] - x).max() > 0.1
    np.testing.assert_allclose(found[0], expected[0], atol=1e-5)
    again = values(model.pyramid.unpack(model.augment(model.pyramid.from_images(x), 1.0)))
    assert abs(again[-1] - found[-1]).max() > 0.01


def test_penalty_uses_the_gradient_by_all_scales():
    model = tiny("MSGGAN")
    sums = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1, use_bias=False)])

    class LinearDiscriminator(type(model)):
        def discriminate(self, view, training=True):
            small, large = self.pyramid.unpack(view.images)
            result = super().discriminate(view, training)
            return result._replace(logits=0.0 * result.logits + self.score(small, large))

        def score(self, small, large):
            return 2.0 * sums(small) + keras.ops.sum(large, (1, 2, 3))[:, None]

    sums.build((None, 4, 4, 1))
    sums.set_weights([np.ones((16, 1), "float32")])
    model.__class__ = LinearDiscriminator
    model.sums = sums
    model.compile("sgd", "sgd", penalties=["r1"], ema=False)
    history = fit(model, images(8))
    # 10 / 2 * (16 pixels with a gradient of 2, 64 with a gradient of 1)
    assert history["r1_penalty"] == pytest.approx([5 * (16 * 4 + 64)], rel=1e-5)


def test_wasserstein_loss():
    model = tiny("MSGGAN")
    model.compile(losses="wasserstein", penalties=["gradient_penalty"])
    history = fit(model)
    assert np.isfinite(history["gradient_penalty"]).all() and history["gradient_penalty"][0] > 0


def test_projection_of_a_generated_image():
    model = loud(tiny("MSGGAN"))
    image = model.generate(1, seed=3)
    found = kgz.latent.project(model, image, steps=40, restarts=2, seed=0, verbose=0)
    assert found.images.shape == (1, *model.image_shape)
    assert found.errors[0] < 0.5 * np.abs(image - model.generate(1, seed=4)).mean()
