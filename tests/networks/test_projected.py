import keras
import numpy as np
import pytest
from tools import BACKEND, fit, gradients, images, labels, mark_others, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo import layers
from keras_gan_zoo.networks.projected import Projection

RNG = np.random.default_rng(0)
MODELS = ["GAN", "DCGAN", "WGANGP", "SNGAN", "R3GAN", "StyleGAN2", "FastGAN", "ConditionalGAN"]


def small_network(side=32, channels=3, name=None):
    """A network whose feature maps have sides of 16, 8 and 4 for images of 32 pixels."""
    stack = [keras.layers.Conv2D(4, 3, 2, "same", activation="relu") for _ in range(3)]
    return keras.Sequential([keras.Input((side, side, channels)), *stack], name=name)


def projected(name, **arguments):
    return tiny(name, d_features=Projection(small_network(), width=2), **arguments)


def frozen(model):
    """Weights of the feature network and of the random convolutions."""
    fixed = [layer for layer in model.discriminator.layers if not layer.trainable_weights]
    return values([weight for layer in fixed for weight in layer.weights])


@pytest.mark.skipif(BACKEND != "torch", reason="the reference is in PyTorch")
@pytest.mark.parametrize("classes", [None, 3])
def test_discriminator_is_that_of_the_paper(classes):
    import torch
    import torch_fastgan
    import torch_projected
    from torch_tools import as_torch, in_order, randomized

    projection = Projection("rgb64", width=2)
    condition = None if classes is None else kgz.R3GAN((64, 64, 3), num_classes=classes).condition
    ours = projection.discriminator((64, 64, 3), condition)
    pictures, classes_of = images(2, (64, 64, 3)), np.array([2, 0], "int32")
    maps = projection.extractor(pictures)
    names = projection.extractor.content_layers
    assert [maps[name].shape[1:] for name in names] == [
        (64, 64, 32), (32, 32, 64), (16, 16, 128), (8, 8, 128)
    ]  # fmt: skip
    theirs = torch_projected.ProjectedDiscriminator([32, 64, 128, 128], 2, classes)
    convolutions = in_order(ours, keras.layers.Conv2D)
    kinds = [
        ([c for c in convolutions if isinstance(c, layers.SpectralConv2D)], torch_fastgan.Spectral),
        ([c for c in convolutions if not isinstance(c, layers.SpectralConv2D)], torch.nn.Conv2d),
        (in_order(ours, keras.layers.BatchNormalization), torch.nn.BatchNorm2d),
        (in_order(ours, keras.layers.Dense), torch.nn.Linear),
        (in_order(ours, keras.layers.Embedding), torch.nn.Embedding),
    ]
    for own, kind in kinds:
        modules = [m for m in theirs.modules() if type(m) is kind]
        for layer, module in zip(own, modules, strict=True):
            tensors = [t for t in module.state_dict().values() if t.is_floating_point()]
            for array, tensor in zip(randomized(layer, RNG)[: len(tensors)], tensors, strict=True):
                if isinstance(layer, layers.SpectralConv2D) and array.ndim == 4:
                    layer.u.assign(np.linalg.svd(array.reshape(-1, array.shape[-1]))[2][0])
                is_table = kind is torch.nn.Embedding
                tensor.copy_(torch.from_numpy(array) if is_table else as_torch(array))
    given = [
        torch.from_numpy(np.array(values([maps[name]])[0]).transpose(0, 3, 1, 2)) for name in names
    ]
    if classes is None:
        found, expected = ours(pictures, training=True), theirs(given)
    else:
        found = ours([pictures, classes_of], training=True)
        expected = theirs(given, torch.from_numpy(classes_of))
    assert found.shape == (2, 4 * 25)
    expected = expected.detach().numpy()
    assert expected.std() > 0.01
    np.testing.assert_allclose(values([found])[0], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", mark_others(MODELS, ("FastGAN", "ConditionalGAN")))
def test_each_model_trains_and_is_saved(name, tmp_path):
    model = projected(name)
    model.compile()
    assert model.plan.arguments["augment"] == "diffaugment" and not model.plan.penalties
    assert isinstance(model.adversarial_loss, kgz.losses.Hinge)
    before, trained = frozen(model), values(model.discriminator.trainable_variables)
    history = fit(model)
    assert np.isfinite([history["d_loss"], history["g_loss"]]).all()
    assert all(map(np.array_equal, before, frozen(model)))
    after = values(model.discriminator.trainable_variables)
    assert not any(map(np.array_equal, trained, after))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert all(map(np.array_equal, values(model.weights), values(loaded.weights)))
    own, others = (each.get_config()["d_features"]["config"] for each in (model, loaded))
    assert own["width"] == 2
    assert {k: own[k] for k in own if k != "network"} == {k: others[k] for k in own if k != "network"}
    fit(model)
    fit(loaded)
    assert all(map(np.array_equal, values(model.weights), values(loaded.weights)))


def test_the_generator_learns_through_the_features():
    """A generator's gradient is that of the logits' mean, through resizing and frozen layers."""
    network = Projection(small_network(), width=2).discriminator((16, 16, 1))
    pixels = images(1, (16, 16, 1))

    def score(x):
        return keras.ops.mean(network(x, training=False))

    _, (gradient,) = gradients(score, pixels)
    step = 1e-2 * gradient / np.abs(gradient).max()
    rise = [float(values([score(pixels + sign * step)])[0]) for sign in (1, -1)]
    assert (rise[0] - rise[1]) / 2 == pytest.approx((gradient * step).sum(), rel=0.03)
    assert np.abs(gradient).max() > 1e-4


def test_grey_images_and_other_sizes():
    network = Projection(small_network(), width=2).discriminator((28, 28, 1))
    grey = images(2, (28, 28, 1))
    rgb = np.repeat(grey, 3, -1)
    again = Projection(small_network(), width=2).discriminator((28, 28, 3))
    again.set_weights(network.get_weights())
    np.testing.assert_allclose(values([network(grey)])[0], values([again(rgb)])[0], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vgg16", "caffe"),
        ("resnet50", "caffe"),
        ("resnet50v2", "tf"),
        ("densenet121", "torch"),
        ("efficientnetv2-b0", "bytes"),
        ("MobileNetV3Small", "bytes"),
        ("mobilenetv2", "tf"),
        ("mine", "tf"),
    ],
)
def test_input_format_by_the_name_that_keras_gives(name, expected):
    assert Projection(small_network(name=name)).extractor.preprocess == expected


def test_a_network_of_keras():
    """Its maps of 1x1 pixels, of squeeze and excitation, are left out."""
    network = keras.applications.MobileNetV3Small(include_top=False, weights=None)
    projection = Projection(network, side=64)
    extractor = projection.extractor
    assert (projection.width, extractor.preprocess) == (16, "bytes")
    shapes = extractor.feature_shapes((1, 64, 64, 3))
    assert [shapes[name][1] for name in extractor.content_layers] == [16, 8, 4, 2]


def test_defaults_of_the_size():
    fixed = Projection(small_network())
    assert (fixed.side, fixed.width) == (32, 16)
    free = small_network(side=None)
    assert (Projection(free).side, Projection(free).width) == (224, 64)
    assert (Projection("rgb64").side, Projection("rgb64").width) == (64, 16)
    chosen = Projection(free, side=96, width=8)
    assert (chosen.side, chosen.width) == (96, 8)


@pytest.mark.parametrize("name", ["InfoGAN", "MSGGAN", "ProgressiveGAN"])
def test_models_with_a_discriminator_of_their_own(name):
    with pytest.raises(ValueError, match=rf"`d_features` must be None: {name} needs.*'rgb64'.*DCGAN"):
        tiny(name, d_features="rgb64")


@pytest.mark.parametrize(
    "arguments", [{"pack": 2}, {"d_norm": "spectral"}, {"minibatch": "stddev"}, {"d_output": "san"}]
)
def test_arguments_of_the_other_discriminator(arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=f"`d_features` and `{name}` exclude.*{arguments[name]!r}"):
        tiny("DCGAN", d_features="rgb64", **arguments)


def test_an_auxiliary_classifier():
    with pytest.raises(ValueError, match=r"`d_features` and `conditioning='auxiliary'` exclude"):
        tiny("ConditionalGAN", d_features="rgb64", conditioning="auxiliary")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"network": "vgg99"}, "`network` must be .*'vgg19'.*'vgg99'"),
        ({"network": 3}, "`network` must be one of .*Received: 3"),
        ({"side": 0}, "`side` must be a positive integer.*0"),
        ({"width": -1}, "`width` must be a positive integer.*-1"),
        ({"layers": ["nothing"]}, "has no layer 'nothing'. It has: "),
    ],
)
def test_wrong_arguments(arguments, words):
    with pytest.raises(ValueError, match=words):
        Projection(**{"network": "rgb64"} | arguments)


def test_networks_that_do_not_fit():
    inputs = keras.Input((32, 32, 3))
    flat = keras.Model(inputs, keras.layers.Conv2D(2, 3, padding="same")(inputs))
    with pytest.raises(
        ValueError, match=r"`d_features` must be a network whose feature maps halve.* 32"
    ):
        Projection(flat)
    with pytest.raises(ValueError, match=r"network of images with 3 channels. Received: .*, of 1"):
        tiny("DCGAN", image_shape=(16, 16, 3), d_features=small_network(channels=1))


@pytest.mark.parametrize("wrong", ["vgg99", 3])
def test_errors_name_the_argument_of_the_model(wrong):
    with pytest.raises(ValueError, match=rf"Argument `d_features` must be .*'vgg19'.*{wrong!r}"):
        tiny("DCGAN", d_features=wrong)


def test_a_preset_holds_no_feature_network(tmp_path):
    model = projected("FastGAN")
    model.save_to_preset(tmp_path)
    loaded = kgz.FastGAN.from_preset(tmp_path)
    assert loaded.projection is None and "small" in [x.name for x in loaded.discriminator.layers]
    assert np.abs(loaded.generate(2, seed=0) - model.generate(2, seed=0)).max() < 0.01


def test_labels_reach_the_discriminator():
    network = projected("ConditionalGAN").discriminator
    shape = network.inputs[0].shape[1:]
    x, y = images(2, shape), np.array(labels(2))
    same = values([network([x, y])])[0]
    assert not np.allclose(same, values([network([x, 1 - y])])[0])
