import numpy as np
import pytest
from tools import tiny

from keras_gan_zoo import latent


def test_a_walk_goes_from_stop_to_stop():
    model = tiny("GAN")
    stops = model.latents(4, seed=3)
    walk = latent.walk(model, frames=13, stops=4, seed=3)
    assert walk.latents.shape == (13, 4) and walk.latents.dtype == np.float32 and walk.labels is None
    np.testing.assert_array_equal(walk.latents[::4], stops)
    np.testing.assert_array_equal(walk.latents[4:9], latent.spherical(stops[1], stops[2], 5))
    again = latent.walk(model, frames=13, latents=stops)
    np.testing.assert_array_equal(again.latents, walk.latents)
    straight = latent.walk(model, frames=13, latents=stops, method="linear").latents
    np.testing.assert_array_equal(straight[4:9], latent.linear(stops[1], stops[2], 5))
    assert abs(straight - walk.latents).max() > 0.1


def test_a_loop_comes_back():
    model = tiny("GAN")
    stops = model.latents(3, seed=1)
    found = latent.walk(model, frames=12, stops=3, loop=True, seed=1).latents
    np.testing.assert_array_equal(found[::4], stops)
    np.testing.assert_array_equal(
        np.concatenate([found[8:], found[:1]]), latent.spherical(stops[2], stops[0], 5)
    )
    # However many frames there are: the step over the seam is none that stands out.
    found = latent.walk(model, frames=50, stops=3, loop=True, seed=1).latents
    steps = np.linalg.norm(found - np.roll(found, 1, 0), axis=1)
    assert steps[0] <= 1.01 * steps[1:].max()


def test_ends_are_exact_however_many_frames_there_are():
    model = tiny("GAN")
    stops = model.latents(6, seed=0)
    for frames in (2, 5, 24, 121):
        found = latent.walk(model, frames, seed=0).latents
        np.testing.assert_array_equal(found[[0, -1]], stops[[0, -1]])


def test_codes_go_evenly_from_one_to_another():
    model = tiny("InfoGAN", latent_dim=7, categorical=(3,), continuous=1)
    found = latent.walk(model, frames=9, stops=2, seed=5).latents
    start, end = model.latents(2, seed=5)
    np.testing.assert_allclose(found[:, 3:], np.linspace(start[3:], end[3:], 9), atol=1e-6)
    np.testing.assert_allclose(found[:, 3:6].sum(1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(found[:, :3], latent.spherical(start[:3], end[:3], 9))


def test_classes_are_mixed_on_the_way():
    model = tiny("ConditionalGAN")
    walk = latent.walk(model, frames=5, labels=[2, 0], seed=0)
    expected = [[0, 0, 1], [0.25, 0, 0.75], [0.5, 0, 0.5], [0.75, 0, 0.25], [1, 0, 0]]
    np.testing.assert_allclose(walk.labels, expected, atol=1e-6)
    images = model.generate(latents=walk.latents, labels=walk.labels)
    ends = model.generate(latents=walk.latents[[0, -1]], labels=[2, 0])
    np.testing.assert_allclose(images[[0, -1]], ends, atol=1e-6)
    in_turn = latent.walk(model, frames=9, stops=5, loop=False, seed=0).labels
    assert in_turn[::2].argmax(1).tolist() == [0, 1, 2, 0, 1]
    held = latent.walk(model, frames=9, latents=model.latents(1, seed=0)[0], labels=[0, 1, 2])
    np.testing.assert_array_equal(held.latents, np.tile(model.latents(1, seed=0), (9, 1)))
    same = latent.walk(model, frames=9, stops=4, labels=1, seed=0)
    np.testing.assert_array_equal(same.labels, [[0, 1, 0]] * 9)


def test_attributes_are_mixed_as_they_are():
    model = tiny("ConditionalGAN", num_classes=None, attributes=2)
    walk = latent.walk(model, frames=3, labels=[[0.0, 1.0], [1.0, 0.0]], seed=0)
    np.testing.assert_allclose(walk.labels, [[0, 1], [0.5, 0.5], [1, 0]], atol=1e-6)
    assert model.generate(latents=walk.latents, labels=walk.labels).shape == (3, 8, 8, 1)
    same = latent.walk(model, frames=3, stops=2, labels=[0.5, 0.5], seed=0).labels
    np.testing.assert_array_equal(same, [[0.5, 0.5]] * 3)


def test_a_random_walk_stays_among_normal_latents():
    model = tiny("InfoGAN", latent_dim=1003, categorical=(2,), continuous=1)
    found = latent.random_walk(model, frames=400, step=0.1, seed=0)
    assert found.shape == (400, 1003) and found.dtype == np.float32
    np.testing.assert_array_equal(found[0], model.latents(1, seed=0)[0])
    np.testing.assert_array_equal(found[:, 1000:], np.tile(found[0, 1000:], (400, 1)))
    noise = found[:, :1000]
    np.testing.assert_allclose((noise**2).mean(1), 1.0, atol=0.2)
    cosines = (noise[1:] * noise[:-1]).mean(1)
    np.testing.assert_allclose(cosines, np.cos(0.1), atol=0.2)
    assert abs((noise[0] * noise[-1]).mean()) < 0.3  # it has forgotten where it came from
    np.testing.assert_array_equal(found, latent.random_walk(model, 400, 0.1, seed=0))
    several = latent.random_walk(model, 3, latents=model.latents(2, seed=1), seed=0)
    assert several.shape == (2, 3, 1003)
    np.testing.assert_array_equal(several[:, 0], model.latents(2, seed=1))
    assert abs(several[0, 1] - several[0, 0] - several[1, 1] + several[1, 0]).max() > 0.01


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"frames": 1}, "`frames` must be 2 or more"),
        ({"stops": 1}, "`stops` must be 2 or more"),
        (
            {"method": "cubic"},
            "`method` must be one of 'linear', 'spherical'. Received: method='cubic'",
        ),
        ({"latents": np.zeros((3, 5))}, r"`latents` must have the shape \(3, 4\)"),
        (
            {"latents": np.zeros((3, 4)), "stops": 2},
            r"must have the shape \(2, 4\).*Received: \(3, 4\)",
        ),
        ({"labels": [0, 1]}, "`labels` must be None: GAN is not conditional"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        latent.walk(tiny("GAN"), **arguments)


def test_wrong_labels():
    model = tiny("ConditionalGAN")
    with pytest.raises(ValueError, match=r"Labels must be integers in 0\.\.2"):
        latent.walk(model, labels=[0, 3])
    with pytest.raises(ValueError, match="one for each of the 3 images"):
        latent.walk(model, stops=3, labels=[0, 1])
    with pytest.raises(ValueError, match="`labels` must be given to a model with attributes"):
        latent.walk(tiny("ConditionalGAN", num_classes=None, attributes=2))


@pytest.mark.parametrize("tool", [latent.walk, latent.random_walk, latent.principal_directions])
def test_models_that_make_images_from_images_have_no_latents(tool):
    with pytest.raises(TypeError, match=r"must be a model that makes images from noise.*Pix2Pix"):
        tool(tiny("Pix2Pix"))
