import keras
import numpy as np
import pytest
from tools import BACKEND, fit, images, tiny, values
from torch_tools import as_torch, in_order, randomized

import keras_gan_zoo as kgz
from keras_gan_zoo import layers
from keras_gan_zoo.networks.perceptual import PerceptualDistance

RNG = np.random.default_rng(0)


def transplant(network, *modules):
    """Copy random weights of a network into modules; estimates of spectral norms become exact."""
    import torch
    import torch_fastgan

    kinds = (keras.layers.Conv2D, keras.layers.Dense), layers.NoiseInjection, layers.BatchNormalization
    others = torch_fastgan.Spectral, torch_fastgan.Noise, torch.nn.BatchNorm2d
    for kind, other in zip(kinds, others, strict=True):
        theirs = [m for each in modules for m in each.modules() if isinstance(m, other)]
        for layer, module in zip(in_order(network, kind), theirs, strict=True):
            weights = randomized(layer, RNG)
            tensors = [t for t in module.state_dict().values() if t.is_floating_point()]
            for array, tensor in zip(weights[: len(tensors)], tensors, strict=True):
                if array.ndim in (2, 4):
                    layer.u.assign(np.linalg.svd(array.reshape(-1, array.shape[-1]))[2][0])
                    array = array if array.ndim == 4 else array[None, None]
                tensor.copy_(as_torch(array))


def same(ours, theirs):
    theirs = theirs.detach().numpy().transpose(0, 2, 3, 1)
    assert theirs.std() > 0.01
    np.testing.assert_allclose(values([ours])[0], theirs, rtol=1e-5, atol=1e-5)


def channels_first(x):
    import torch

    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


@pytest.mark.skipif(BACKEND != "torch", reason="the reference is in PyTorch")
def test_generator_is_that_of_the_paper():
    import torch
    import torch_fastgan

    model = kgz.FastGAN((128, 128, 3), latent_dim=8, width=2, perceptual=None, seed=0)
    reference = torch_fastgan.Generator(8, 2).eval()
    transplant(model.generator, reference)
    latents = RNG.standard_normal((2, 8)).astype("float32")
    same(model.generator(latents), reference(torch.from_numpy(latents)))
    assert model.generate(latents=latents).shape == (2, 128, 128, 3)


@pytest.mark.skipif(BACKEND != "torch", reason="the reference is in PyTorch")
@pytest.mark.parametrize("side", [128, 512])
def test_discriminator_is_that_of_the_paper(side):
    """With batch statistics; its decoders, too."""
    import torch_fastgan

    model = kgz.FastGAN((side, side, 3), width=4, latent_dim=1, perceptual=None, seed=0)
    reference = torch_fastgan.Discriminator(side, 4)
    transplant(model.discriminator, reference)
    pictures = images(2, (side, side, 3))
    found = model.make_feature_network()(pictures, training=True)
    expected = reference(channels_first(pictures))
    assert found[0].shape == (2, 5, 5, 1)
    for ours, theirs in zip(found, expected, strict=True):
        same(ours, theirs)
    whole = torch_fastgan.Decoder(32, 4, 4)
    part = torch_fastgan.Decoder(16, 3 if side == 128 else 4, 4)
    transplant(model.head, whole, part)
    small, large = (np.array(values([x])[0]) for x in found[1:])
    decoded = model.head([small, large[:, 8:, :8]], training=True)
    same(decoded[0], whole(channels_first(small)))
    same(decoded[1], part(channels_first(large[:, 8:, :8])))


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 64, 3)])
def test_image_shapes(shape):
    model = kgz.FastGAN(shape, latent_dim=3, width=2)
    assert model.generate(2, seed=0).shape == (2, *shape)
    whole, part = model.head.output_shape
    assert whole[1:] == shape and part[1:] == (shape[0] // 2, shape[1] // 2, shape[2])


@pytest.mark.full_matrix
@pytest.mark.parametrize("perceptual", [None, "rgb64"])
def test_reconstruction_is_trained_and_evaluated(perceptual):
    model = tiny("FastGAN", perceptual=perceptual, pack=2)
    losses = {"adversarial": "hinge", "reconstruction": 10.0, "feature_matching": 1.0}
    model.compile(keras.optimizers.Adam(0.02), losses=losses, augment=False)
    x = 0.5 * np.sign(images(16))
    losses = fit(model, x, epochs=5)["reconstruction_loss"]
    assert losses[-1] < 0.9 * losses[0]
    logs = model.evaluate(x, batch_size=8, verbose=0, return_dict=True)
    assert 0.0 < logs["reconstruction_loss"] < 2.0 * losses[0]
    model.compile(losses={"adversarial": "hinge", "reconstruction": 0.0})
    head = values(model.head.trainable_variables)
    fit(model, x)
    assert all(map(np.array_equal, head, values(model.head.trainable_variables)))


def test_quarters():
    from keras_gan_zoo.models.noise_to_image.fastgan import _quarter

    x = np.arange(2 * 4 * 8 * 1, dtype="float32").reshape(2, 4, 8, 1)
    for index, part in enumerate((x[:, :2, :4], x[:, :2, 4:], x[:, 2:, :4], x[:, 2:, 4:])):
        np.testing.assert_array_equal(values([_quarter(x, index)])[0], part)


def test_default_training_matches_paper(tmp_path):
    model = tiny("FastGAN")
    model.compile()
    assert type(model.adversarial_loss).__name__ == "Hinge"
    assert type(model.plan.augmentation).__name__ == "DiffAugment" and model.plan.ema == 0.999
    model.compile(augment=False, ema=False)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.plan.augmentation is None and loaded.plan.ema is None


def test_perceptual_distance():
    """0 for equal images, larger for a blur than for less contrast; other than three channels."""
    x = np.kron(images(2, (16, 16, 3)), np.ones((1, 2, 2, 1))).astype("float32")
    distance = PerceptualDistance()
    blurred = (x + np.roll(x, 1, 1) + np.roll(x, 1, 2) + np.roll(x, (1, 1), (1, 2))) / 4
    same_image, brighter, blur = (values([distance(y, x)])[0] for y in (x, 0.9 * x + 0.05, blurred))
    np.testing.assert_allclose(same_image, 0.0, atol=1e-6)
    assert (brighter > 0.0).all() and (brighter < 0.5 * blur).all() and (blur < 2.0).all()
    grey = values([distance(blurred[..., :1], x[..., :1])])[0]
    as_rgb = [values([distance(*(y[..., [i] * 3] for y in (blurred, x)))])[0] for i in range(2)]
    np.testing.assert_allclose(grey, as_rgb[0], rtol=1e-5)
    two = values([distance(blurred[..., :2], x[..., :2])])[0]
    np.testing.assert_allclose(two, np.mean(as_rgb, 0), rtol=1e-5)
    with pytest.raises(ValueError, match="`perceptual` must be one of None, 'vgg19', 'rgb64'"):
        tiny("FastGAN", perceptual="lpips")
