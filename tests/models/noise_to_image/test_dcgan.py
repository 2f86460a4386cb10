import keras
import numpy as np
import pytest
from tools import fit, images, values

import keras_gan_zoo as kgz
from keras_gan_zoo.networks import scales


def shapes(network):
    return [tuple(layer.output.shape[1:]) for layer in network.layers if len(layer.output.shape) == 4]


@pytest.mark.full_matrix
def test_default_networks_match_paper():
    model = kgz.DCGAN()
    assert model.image_shape == (64, 64, 3) and model.latent_dim == 100
    assert list(dict.fromkeys(shapes(model.generator))) == [
        (4, 4, 512),
        (8, 8, 256),
        (16, 16, 128),
        (32, 32, 64),
        (64, 64, 3),
    ]
    assert list(dict.fromkeys(shapes(model.discriminator))) == [
        (32, 32, 64),
        (16, 16, 128),
        (8, 8, 256),
        (4, 4, 512),
    ]
    kinds = [type(layer).__name__ for layer in model.discriminator.layers]
    assert kinds.count("BatchNormalization") == 3 and kinds[:2] == ["Conv2D", "LeakyReLU"]
    kernel = values([model.discriminator.layers[2].kernel])[0]
    assert kernel.std() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
@pytest.mark.parametrize("shape", [(12, 20, 3), (14, 14, 1), (8, 8, 2)])
def test_image_shapes(shape, upsampling):
    model = kgz.DCGAN(shape, latent_dim=4, width=2, upsampling=upsampling)
    assert model.generator.output_shape == (None, *shape)
    assert model.discriminator.output_shape == (None, 1)
    assert model.generate(2).shape == (2, *shape)


def test_resize_upsampling_trains():
    model = kgz.DCGAN((8, 8, 1), latent_dim=4, width=2, upsampling="resize", seed=0)
    model.compile()
    before = values(model.trainable_variables)
    fit(model, images(8))
    assert not any(map(np.array_equal, before, values(model.trainable_variables)))
    kinds = {type(layer).__name__ for layer in model.generator.layers}
    assert "UpSampling2D" in kinds and "Conv2DTranspose" not in kinds


@pytest.mark.parametrize(
    ("shape", "near"),
    [
        ((30, 30, 1), ["(28, 28, 1)", "(32, 32, 1)"]),
        ((64, 50, 3), ["(64, 48, 3)"]),
        ((7, 7, 1), ["(8, 8, 1)"]),
        ((1, 1, 3), ["(8, 8, 3)"]),
        ((9, 64, 1), []),
    ],
)
def test_invalid_shapes_name_nearest_valid_ones(shape, near):
    with pytest.raises(ValueError, match="same power of two times a base") as error:
        kgz.DCGAN(shape)
    message = str(error.value)
    assert f"Received: image_shape={shape}" in message
    assert all(name in message for name in near)


def test_nearest_shapes_are_valid():
    for height in range(5, 40):
        for width in (5, 17, 30, 64):
            for sides in scales.nearest(height, width):
                base, num_upsamples = scales.plan((*sides, 3))
                assert (base[0] * 2**num_upsamples, base[1] * 2**num_upsamples) == sides


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((8, 8, 1), ((4, 4), 1)),
        ((28, 28, 1), ((7, 7), 2)),
        ((64, 64, 3), ((4, 4), 4)),
        ((48, 96, 3), ((6, 12), 3)),
        ((10, 12, 1), ((5, 6), 1)),
    ],
)
def test_plan(shape, expected):
    assert scales.plan(shape) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (64, 64)}, r"`image_shape` must be \(height, width, channels\)"),
        ({"image_shape": (64.0, 64, 3)}, "`image_shape` must be"),
        ({"latent_dim": 0}, "`latent_dim` must be a positive integer"),
        ({"width": -1}, "`width` must be a positive integer"),
        ({"upsampling": "bilinear"}, "`upsampling` must be one of 'transposed', 'resize'"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        kgz.DCGAN(**arguments)


def test_moving_average_has_own_batch_statistics():
    model = kgz.DCGAN((8, 8, 1), latent_dim=4, width=4, seed=0)
    model.compile(g_opt=keras.optimizers.Adam(0.02), ema=kgz.schedules.Linear(0.999999, 0.999999, 1))
    latents = np.random.default_rng(0).standard_normal((512, 4)).astype("float32")
    expected = values([model.generator(latents, training=True)])[0]  # with statistics of the batch
    fit(model, images(3200))

    def error(network):
        return np.abs(network.predict(latents, verbose=0) - expected).mean() / expected.std()

    assert error(model.generator) > 1
    assert error(model.ema_generator) < 0.25
    for mean, new in zip(model.ema_generator.weights, model.generator.weights, strict=True):
        if not new.trainable:
            mean.assign(new)  # the statistics of the other network
    assert error(model.ema_generator) > 0.5
