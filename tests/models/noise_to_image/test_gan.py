import pytest
from tools import tiny, values

import keras_gan_zoo as kgz


def units(network):
    return [layer.units for layer in network.layers if hasattr(layer, "units")]


def test_default_networks():
    model = kgz.GAN()
    assert model.image_shape == (28, 28, 1) and model.latent_dim == 100
    assert units(model.generator) == [256, 512, 1024, 784]
    assert units(model.discriminator) == [1024, 512, 256, 1]
    assert model.generator.output_shape == (None, 28, 28, 1)
    assert [layer.rate for layer in model.discriminator.layers if hasattr(layer, "rate")] == [0.3] * 3
    assert values([model.generator.layers[0].kernel])[0].std() == pytest.approx(0.02, rel=0.05)


def test_width():
    model = kgz.GAN((4, 4, 1), width=3)
    assert units(model.generator) == [3, 6, 12, 16] and units(model.discriminator) == [12, 6, 3, 1]
    assert kgz.GAN.from_config(model.get_config()).width == 3
    old = {key: value for key, value in kgz.GAN().get_config().items() if key != "width"}
    assert kgz.GAN.from_config(old).width == 256  # of release 0.1


def test_dropout_rate():
    x = kgz.GAN((4, 4, 1)).generate(8, seed=0)
    with_dropout, without = (
        tiny("GAN", image_shape=(4, 4, 1)),
        tiny("GAN", image_shape=(4, 4, 1), dropout=0.0),
    )

    def differ(model):
        one, other = (values([model.discriminator(x, training=True)])[0] for _ in range(2))
        return bool((one != other).any())

    assert differ(with_dropout)
    assert not differ(without)
    assert without.get_config()["dropout"] == 0.0


@pytest.mark.parametrize("shape", [(5, 9, 3), (1, 1, 1)])
def test_image_shapes(shape):
    assert kgz.GAN(shape, latent_dim=2).generate(2).shape == (2, *shape)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": 28}, r"`image_shape` must be \(height, width, channels\)"),
        ({"image_shape": (28, 28, 0)}, "`image_shape` must be"),
        ({"dropout": 1.5}, r"`dropout` must be in \[0, 1"),
        ({"latent_dim": "100"}, "`latent_dim` must be a positive integer"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        kgz.GAN(**arguments)
