"""`Model.for_size`: small models, with the arguments that the command line takes, too."""

import inspect

import pytest

import keras_gan_zoo as kgz
from keras_gan_zoo import registry

each_class = pytest.mark.parametrize("name", registry.MODELS)


@each_class
def test_arguments_are_those_of_the_constructor(name):
    cls = getattr(kgz, name)
    parameters = inspect.signature(cls.__init__).parameters
    assert set(cls.cpu_arguments) <= set(parameters)
    assert "width" in cls.cpu_arguments or name == "GAN"
    for argument, value in cls.cpu_arguments.items():
        if argument not in ("upsampling", "gamma", "residual"):
            assert value < parameters[argument].default


@pytest.mark.parametrize("name", ["DCGAN", "SNGAN", "MSGGAN", "Pix2Pix"])
def test_models(name):
    cls = getattr(kgz, name)
    model = cls.for_size((32, 16), channels=1, seed=3)
    assert model.image_shape == (32, 16, 1) and model.seed == 3
    for argument, value in cls.cpu_arguments.items():
        assert getattr(model, argument) == value
    assert cls.for_size(32, width=4).width == 4


def test_a_conditional_model_gets_its_classes():
    model = kgz.ConditionalGAN.for_size(8, 1, num_classes=3, width=4)
    assert model.generate(3, labels=[0, 1, 2]).shape == (3, 8, 8, 1)


@pytest.mark.parametrize("size", ["32", 0, (32, 32, 3), None, 32.5])
def test_invalid_sizes(size):
    with pytest.raises(ValueError, match=r"`size` must be a positive integer.*Received: size="):
        kgz.DCGAN.for_size(size)


def test_invalid_channels():
    with pytest.raises(ValueError, match="`channels` must be a positive integer"):
        kgz.DCGAN.for_size(32, channels=0)
