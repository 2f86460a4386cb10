"""Weights of stylegan2-ada-pytorch in `StyleGAN2`: equal images."""

import numpy as np
import pytest
from tools import values

import keras_gan_zoo as kgz
from keras_gan_zoo import convert

torch = pytest.importorskip("torch", reason="the reference network is PyTorch's")
from torch_stylegan2 import Generator  # noqa: E402


def reference(widths=(8, 8, 4), **arguments):
    torch.manual_seed(0)
    return Generator(list(widths), **arguments)


def write(network, path):
    np.savez(path, **{name: tensor.numpy() for name, tensor in network.state_dict().items()})
    return path


def expected(network, latents, labels=None, truncation=1.0):
    labels = None if labels is None else torch.tensor(labels)
    with torch.no_grad():
        made = network(torch.from_numpy(latents), labels, truncation).numpy()
    return made.transpose(0, 2, 3, 1)


def images(model, latents, **arguments):
    """Images of the model before clipping."""
    return values([model.synthesis(model.styles(latents=latents, **arguments))])[0]


LATENTS = np.random.default_rng(0).standard_normal((3, 8)).astype("float32")


@pytest.mark.parametrize("truncation", [1.0, 0.6])
def test_the_same_images(truncation, tmp_path):
    network = reference()
    path = write(network, tmp_path / "ffhq.npz")
    model = convert.model(path)
    assert type(model) is kgz.StyleGAN2
    assert model.image_shape == (16, 16, 3) and (model.width, model.channel_base) == (8, 64)
    assert (model.latent_dim, model.mapping_layers, model.noise) == (8, 3, True)
    ours = images(model, LATENTS, truncation=truncation)
    theirs = expected(network, LATENTS, truncation=truncation)
    assert theirs.std() > 0.5
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_labels_and_other_files(tmp_path):
    network = reference(classes=3, channels=1)
    torch.save(network.state_dict(), tmp_path / "cifar10.pth")
    model = convert.model(tmp_path / "cifar10.pth")
    assert model.num_classes == 3 and model.image_shape == (16, 16, 1)
    found = images(model, LATENTS, labels=[0, 1, 2])
    np.testing.assert_allclose(found, expected(network, LATENTS, [0, 1, 2]), rtol=1e-3, atol=1e-4)


def test_into_a_generator(tmp_path):
    network = reference()
    path = write(network, tmp_path / "g.npz")
    model = kgz.StyleGAN2((16, 16, 3), 8, width=8, channel_base=64, mapping_layers=3, seed=0)
    convert.into(model.generator, path)
    np.testing.assert_allclose(images(model, LATENTS), expected(network, LATENTS), rtol=1e-3, atol=1e-4)


def test_another_architecture_is_refused(tmp_path):
    path = write(reference(), tmp_path / "g.npz")
    model = kgz.StyleGAN2((16, 16, 3), 8, width=8, mapping_layers=3, seed=0)
    before = values(model.weights)
    with pytest.raises(
        ValueError, match=r"has an array 'synthesis.b16.conv0.weight' of shape .*, for the weight"
    ):
        convert.into(model.generator, path)
    assert all(np.array_equal(*pair) for pair in zip(before, values(model.weights), strict=True))
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {"synthesis.b8.skip.weight": np.ones(1)})
    with pytest.raises(ValueError, match=r"does not have: \['synthesis.b8.skip.weight'\]"):
        convert.model(path)
    del arrays["mapping.fc1.bias"]
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"does not have|has no array"):
        convert.model(path)
