"""The explorer of models that make images from noise, without its page."""

import numpy as np
import pytest
from latent_tools import loud
from tools import tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.explorer import directions
from keras_gan_zoo.explorer.latents import LatentExplorer
from keras_gan_zoo.explorer.points import Choice, Number


def explorer_of(name, directions=None, **arguments):
    return LatentExplorer(loud(tiny(name, **arguments)), directions)


def kept(explorer, *indices):
    explorer.sample(4, seed=3)
    for index in indices:
        explorer.pick(explorer.samples[index])
        explorer.keep()
    return explorer


def same(actual, expected):
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_samples_moves_and_mixes():
    vector = np.array([0, 1, 0, 0], "float32")
    explorer = explorer_of("GAN", {"up": vector})
    model = explorer.model
    assert explorer.controls == {} and not explorer.has_styles
    same(explorer.sample(4, seed=3), model.generate(4, seed=3))
    explorer.pick(explorer.samples[2])
    z = model.latents(4, seed=3)
    explorer.set("up", 1.5)
    same(explorer.point.latents, z[2] + 1.5 * vector)
    same(explorer.image(), model.generate(latents=(z[2] + 1.5 * vector)[None])[0])
    explorer.keep()
    explorer.pick(explorer.samples[0])
    assert explorer.amounts == {"up": 0.0}
    explorer.keep()

    ends = np.stack([z[2] + 1.5 * vector, z[0]])
    frames = kgz.latent.walk(model, 5, latents=ends).latents
    same(explorer.walk(0, 1, 5), model.generate(latents=frames))
    looped = kgz.latent.walk(model, 6, latents=ends, loop=True).latents
    same(explorer.walk(0, 1, 6, loop=True), model.generate(latents=looped))
    for fraction, frame in ((0.0, 0), (0.25, 1), (1.0, 4)):
        explorer.mix(0, 1, fraction)
        same(explorer.point.latents, frames[frame])


def test_what_is_kept_can_be_used_elsewhere(tmp_path):
    explorer = kept(explorer_of("ConditionalGAN"), 0, 1)
    explorer.save(tmp_path / "latents.npz")
    with np.load(tmp_path / "latents.npz") as arrays:
        assert sorted(arrays) == ["labels", "latents"]
        same(explorer.model.generate(**arrays), explorer.images(explorer.kept))


def test_classes():
    explorer = explorer_of("ConditionalGAN")
    model = explorer.model
    assert explorer.controls == {"class": Choice("label", slice(0, 3))}
    same(explorer.sample(5, seed=1), model.generate(5, seed=1))  # classes in turn
    explorer.pick(explorer.samples[0])
    explorer.set("class", 2)
    z = model.latents(5, seed=1)
    same(explorer.image(), model.generate(latents=z[:1], labels=2)[0])
    same(explorer.sample(5, seed=1, alike=True), model.generate(5, labels=2, seed=1))
    explorer.keep()
    explorer.set("class", 0)
    explorer.keep()
    explorer.mix(0, 1, 0.5)
    assert explorer.controls["class"].read(explorer.base) is None
    same(explorer.image(), model.generate(latents=z[:1], labels=np.array([[0.5, 0, 0.5]]))[0])
    explorer.sample(2, seed=1, alike=True)  # a mixture is no class: they keep their own
    assert [explorer.controls["class"].read(point) for point in explorer.samples] == [0, 1]
    with pytest.raises(ValueError, match=r"one of 0, 1, 2\. Received: value=3"):
        explorer.set("class", 3)


def test_attributes():
    explorer = explorer_of("ConditionalGAN", num_classes=None, attributes=2)
    assert explorer.controls["attribute 1"] == Number("label", 1, -1.0, 1.0)
    explorer.set("attribute 1", 0.25)
    expected = explorer.model.generate(latents=explorer.base.latents[None], labels=[1.0, 0.25])
    same(explorer.image(), expected[0])
    found = directions.principal(explorer.model, 2)
    assert len(found) == 2


def test_codes():
    explorer = explorer_of("InfoGAN")
    model = explorer.model
    assert list(explorer.controls) == ["category 1", "code 1"]
    explorer.sample(3, seed=2)
    explorer.pick(explorer.samples[1])
    explorer.set("category 1", 1)
    explorer.set("code 1", -0.5)
    same(explorer.base.latents, model.latents(3, 2, categorical=[1], continuous=[-0.5])[1])
    explorer.sample(3, seed=4, alike=True)
    expected = model.latents(3, 4, categorical=[1], continuous=[-0.5])
    same([point.latents for point in explorer.samples], expected)


def test_styles():
    explorer = kept(explorer_of("StyleGAN2"), 0, 3)
    model, z = explorer.model, explorer.model.latents(4, seed=3)
    explorer.set("truncation", 0.5)
    same(explorer.images(explorer.kept), model.generate(latents=z[[0, 3]], truncation=0.5))
    coarse, fine = model.styles(latents=z[[0, 3]], truncation=0.5)
    images = explorer.mix_styles(0, 1, 1)
    mixed = np.concatenate([coarse[:1], fine[1:]])
    same(images, model.synthesize(np.stack([coarse, mixed, fine])))
    with pytest.raises(ValueError, match="Argument `cut`"):
        explorer.mix_styles(0, 1, model.style_count)


def test_wrong_arguments():
    explorer = explorer_of("GAN")
    for indices in ((0, 1), (None, 0)):
        with pytest.raises(ValueError, match="Two pictures are needed"):
            explorer.walk(*indices, 5)
    with pytest.raises(ValueError, match="nothing to save"):
        explorer.save("latents.npz")
    for name in ("truncation", "class"):
        with pytest.raises(ValueError, match="Argument `name`"):
            explorer.set(name, 1)
    with pytest.raises(ValueError, match=r"seed=-1"):
        explorer.sample(2, seed=-1)
    with pytest.raises(ValueError, match="name of another control"):
        explorer_of("ConditionalGAN", {"class": np.ones(4)})
    with pytest.raises(TypeError, match="makes images from noise"):
        LatentExplorer(tiny("Pix2Pix"))


def test_principal_directions():
    model = loud(tiny("GAN"))
    found = directions.principal(model, 2)
    again = kgz.latent.principal_directions(model, components=2, samples=1000, seed=0)
    same(list(found.values()), again.vectors)
    assert list(found) == [f"component {i + 1} ({again.variance[i]:.0%})" for i in range(2)]
    assert directions.principal(model, 0) == {}
    assert len(directions.principal(model, 10)) == 4


def test_directions_of_a_file(tmp_path):
    path = tmp_path / "directions.npz"
    np.savez(path, slant=[0, 3, 4, 0], width=np.eye(4)[0])
    found = directions.read(path, 4)
    assert list(found) == ["slant", "width"] and found["slant"].dtype == np.float32
    same(found["slant"], [0, 0.6, 0.8, 0])
    for wrong in (np.ones(5), np.zeros(4), [np.nan] * 4, ["a"] * 4):
        np.savez(path, slant=wrong)
        with pytest.raises(ValueError, match=r"arrays \(4,\).*Received: 'slant' of shape"):
            directions.read(path, 4)
    path.write_bytes(b"damaged")
    for file in (path, tmp_path / "missing.npz"):
        with pytest.raises(ValueError, match=r"intact .npz file.*np.savez"):
            directions.read(file, 4)
