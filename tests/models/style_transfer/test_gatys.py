"""StyleTransfer: losses, gradients, image formats, saving."""

import builtins

import keras
import numpy as np
import pytest
import style_tools
from style_tools import LAYERS, network, picture
from tools import BACKEND, close, same, values

import keras_gan_zoo as kgz
from keras_gan_zoo.models.style_transfer import colours
from keras_gan_zoo.networks import feature_network

CONTENT, STYLE = picture(), picture(6, 10, seed=1)


def make(optimizer=None, weights=(1.0, 1.0, 0.1), eager=True, **arguments):
    model = kgz.StyleTransfer(**{"network": network(), **LAYERS, "seed": 7, **arguments})
    names = ("content_weight", "style_weight", "variation_weight")
    model.compile(
        optimizer, **dict(zip(names, weights, strict=True)), run_eagerly=eager and BACKEND != "jax"
    )
    return model


def fit(model, *arguments, epochs=1, steps=2, **more):
    return model.fit(*arguments, epochs=epochs, steps_per_epoch=steps, verbose=0, **more).history


def test_losses_and_gradient_match_numpy_reference():
    """The float64 reference is the same on every backend; its gradient is by finite differences."""
    contents, start = np.stack([picture(seed=s) for s in (2, 3)]), picture(seed=4)
    styles, shares, weights = [STYLE, picture(4, 6, seed=5)], [0.25, 0.75], (0.7, 1.3, 0.2)
    model = make("lbfgs", weights, eager=False)
    logs = fit(model, contents, styles, steps=1, start=start, style_weights=[1, 3])

    def reference(image, content):
        return style_tools.losses(image, content, styles, shares)

    expected = np.mean([reference(start, content) for content in contents], 0)
    for name, value in zip(("content_loss", "style_loss", "variation_loss"), expected, strict=True):
        np.testing.assert_allclose(logs[name], [value], rtol=1e-4)
    np.testing.assert_allclose(logs["loss"], [expected @ weights], rtol=1e-4)

    gradient = np.empty(contents.shape)
    for place in np.ndindex(contents.shape):
        step = np.zeros(start.shape)
        step[place[1:]] = 1e-5
        ends = [reference(start + sign * step, contents[place[0]]) @ weights for sign in (1, -1)]
        gradient[place] = (ends[0] - ends[1]) / 2e-5 * start.size  # `train_step` scales by the size
    actual = values(model.optimizer.gradients)[0]
    np.testing.assert_allclose(actual, gradient, rtol=1e-4, atol=1e-4 * abs(gradient).max())
    np.testing.assert_array_equal(model.pictures(), [start, start])  # one evaluation makes no step


@pytest.mark.parametrize("optimizer", [None, "lbfgs"])
def test_only_image_is_trained_and_training_resumes_from_file(optimizer, tmp_path):
    whole = make(optimizer, eager=False)
    before = values(whole.perception.variables)
    history = fit(whole, CONTENT, STYLE, epochs=3, steps=4)
    assert [len(values) for values in history.values()] == [3] * 4
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    assert same(values(whole.perception.variables), before)
    assert len(whole.trainable_variables) == 1

    parted = make(optimizer, eager=False)
    fit(parted, CONTENT, STYLE, epochs=1, steps=4)
    parted.save(tmp_path / "style.keras")
    loaded = keras.models.load_model(tmp_path / "style.keras")
    np.testing.assert_array_equal(loaded.pictures(), parted.pictures())
    more = fit(loaded, epochs=2, steps=4)
    np.testing.assert_array_equal(loaded.pictures(), whole.pictures())
    assert more["style_loss"] == history["style_loss"][1:]
    assert loaded.steps == whole.steps and abs(whole.pictures()).max() <= 1


def test_images_of_a_batch_are_independent():
    contents = np.stack([picture(8, 12, seed=s) for s in (2, 3)])
    together, alone = make(), make()
    fit(together, contents, STYLE, steps=3)
    fit(alone, contents[1], STYLE, steps=3)
    close([together.pictures()[1]], [alone.pictures()[0]], atol=1e-5)
    fit(alone, picture(6, 4), STYLE, steps=1)  # another size, in the same model
    assert alone.pictures().shape == (1, 6, 4, 3) and alone.steps == 1


def test_initial_image():
    model = make(keras.optimizers.SGD(0.0))
    fit(model, CONTENT, STYLE, steps=1)
    np.testing.assert_array_equal(model.pictures()[0], CONTENT)
    fit(model, CONTENT, STYLE, steps=1, start="noise")
    noise = model.pictures()
    assert abs(noise - CONTENT).max() > 0.5 and noise.std() > 0.4
    fit(model, CONTENT, [STYLE, -STYLE], steps=1, start="recoloured")
    pixels = np.concatenate([STYLE, -STYLE]).reshape(-1, 1, 3)
    np.testing.assert_array_equal(model.pictures()[0], colours.match_statistics(CONTENT, pixels))
    other = make(keras.optimizers.SGD(0.0))
    fit(other, np.stack([CONTENT] * 2), STYLE, steps=1, start=STYLE[:, :8].repeat(2, 0)[:8])
    np.testing.assert_array_equal(other.pictures()[1], STYLE[:, :8].repeat(2, 0)[:8])
    fit(other, CONTENT, STYLE, steps=1, start="noise")
    np.testing.assert_array_equal(other.pictures(), noise)
    for start, message in (("middle", "must be one of"), (STYLE, "contents' shape")):
        with pytest.raises(ValueError, match=message):
            fit(model, CONTENT, STYLE, start=start)


def test_only_terms_with_nonzero_weight_are_logged():
    model = make(weights=(0.0, 2.0, 0.0))
    history = fit(model, CONTENT, STYLE, steps=1)
    assert set(history) == {"loss", "style_loss"}
    assert history["loss"] == [2 * history["style_loss"][0]]


def test_grey_and_uint8_images():
    grey = picture(channels=1)
    model = make(keras.optimizers.SGD(0.0))
    fit(model, grey[..., 0], (STYLE * 127).astype("uint8"), steps=1)
    np.testing.assert_array_equal(model.pictures()[0], np.repeat(grey, 3, -1))
    model = make(keras.optimizers.SGD(0.0), network=network(channels=1))
    fit(model, CONTENT, STYLE, steps=1)
    np.testing.assert_allclose(model.pictures()[0, ..., 0], CONTENT @ [0.299, 0.587, 0.114], atol=1e-6)


def test_luminance_mode_preserves_colours():
    content = 0.3 * CONTENT  # every luminance stays within [-1, 1]
    model = make(preserve_colour="luminance")
    fit(model, content, STYLE, steps=5)
    result = model.pictures()[0]
    yiq = np.array(
        [[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]]
    )
    inside = (abs(result) < 1).all(-1)
    assert inside.mean() > 0.9
    np.testing.assert_allclose((result @ yiq[1:].T)[inside], (content @ yiq[1:].T)[inside], atol=1e-5)
    assert abs((result - content) @ yiq[0]).max() > 0.05


def test_histogram_mode_matches_style_colours_to_each_content():
    contents = np.stack([0.3 * CONTENT, 0.3 * picture(seed=2) - 0.4])
    model, alone = make(preserve_colour="histogram"), make()
    fit(model, contents, STYLE, steps=1)
    for index, content in enumerate(contents):
        matched = colours.match_statistics(STYLE, content)
        pixels, target = (x.reshape(-1, 3) for x in (matched, content))
        np.testing.assert_allclose(pixels.mean(0), target.mean(0), atol=1e-3)
        np.testing.assert_allclose(np.cov(pixels.T, ddof=0), np.cov(target.T, ddof=0), atol=1e-3)
        fit(alone, content, matched, steps=1)
        np.testing.assert_allclose(model.pictures()[index], alone.pictures()[0], atol=1e-5)


def test_network_is_copied():
    original = network()
    model = make(network=original)
    assert original.trainable and len(original.trainable_variables) == 2
    original.set_weights([np.zeros_like(w) for w in original.get_weights()])
    assert all(w.any() for w in model.perception.get_weights())


def test_invalid_networks_and_layers():
    with pytest.raises(ValueError, match=r"no layer 'deeep'\. It has: shallow, halved, deep, flat"):
        make(content_layers=["deeep"])
    with pytest.raises(ValueError, match="'flat', whose output has the shape"):
        make(content_layers="flat")
    with pytest.raises(ValueError, match="`style_layers` must name layers"):
        make(style_layers=None)
    with pytest.raises(ValueError, match="`content_layers` must have a weight above 0"):
        make(content_layers={"deep": 0.0})
    with pytest.raises(ValueError, match="`network` must be one of 'vgg19', 'rgb64'"):
        make(network="vgg")
    with pytest.raises(ValueError, match="images of 1 or 3 channels"):
        make(network=keras.Sequential([keras.Input((8, 8, 4)), keras.layers.Conv2D(2, 3)]))
    with pytest.raises(ValueError, match="only takes pictures of"):
        fit(make(network=network(size=(16, 16))), CONTENT, STYLE)


@pytest.mark.parametrize("mode", ["caffe", "torch"])
def test_preprocessing_matches_keras_applications(mode):
    inputs = keras.Input((None, None, 3))
    identity = keras.Model(inputs, keras.layers.Activation("linear", name="unchanged")(inputs))
    layers = {"content_layers": "unchanged", "style_layers": "unchanged"}
    found = feature_network.FeatureExtractor(identity, preprocess=mode, **layers).extract(
        CONTENT[None]
    )["unchanged"]
    levels = (CONTENT[None].astype("float64") + 1) * 127.5
    wanted = keras.applications.imagenet_utils.preprocess_input(levels, "channels_last", mode)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)
    with pytest.raises(ValueError, match="`preprocess` must be one of"):
        feature_network.FeatureExtractor(identity, preprocess="vgg", **layers)


def test_rgb64_matches_shipped_network_without_strides():
    image = picture(16, 24)[None]
    found = feature_network.FeatureExtractor("rgb64").extract(image)
    shipped = kgz.metrics.get_extractor("rgb64").network
    first = keras.Model(shipped.inputs, shipped.layers[3].output)  # ReLU, after the first convolution
    np.testing.assert_allclose(
        found["conv1"][:, 1::2, 1::2], first.predict(image, verbose=0), atol=1e-4
    )
    assert [found[f"conv{i}"].shape[1:3] for i in range(1, 6)] == [
        (16, 24),
        (8, 12),
        (8, 12),
        (4, 6),
        (4, 6),
    ]


def test_failed_vgg19_download_names_alternative(monkeypatch):
    def offline(**arguments):
        raise Exception("URL fetch failure")

    vgg19 = keras.applications.VGG19(include_top=False, weights=None)
    monkeypatch.setattr(keras.applications, "VGG19", offline)
    with pytest.raises(ConnectionError, match="network='rgb64'"):
        kgz.StyleTransfer()
    content, style, mode = feature_network.NETWORKS["vgg19"]
    assert {*content, *style} <= {layer.name for layer in vgg19.layers} and mode == "caffe"


def test_invalid_weights():
    with pytest.raises(ValueError, match="One of the weights must be above 0"):
        make(weights=(0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="`style_weight` must be a finite number"):
        make(weights=(1.0, -1.0, 0.0))
    for weights in ([0, 0], [1], [1, -1], [1, np.nan]):
        with pytest.raises(ValueError, match="`style_weights` must be 2 numbers"):
            fit(make(), CONTENT, [STYLE, STYLE], style_weights=weights)


def test_invalid_pictures():
    model = make()
    with pytest.raises(ValueError, match=r"`fit` needs a picture and a style"):
        fit(model)
    with pytest.raises(ValueError, match="`style` must be a picture"):
        fit(model, CONTENT)
    for content, message in (
        (np.dstack([CONTENT, CONTENT[..., :1]]), "1 or 3 channels"),
        (CONTENT * np.nan, "finite values"),
        (CONTENT * 100, "values in"),
        (CONTENT[:1], "sides of 2 pixels"),
    ):
        with pytest.raises(ValueError, match=message):
            fit(model, content, STYLE)
    assert model.image is None
    with pytest.raises(ValueError, match="no pictures yet"):
        model.pictures()
    with pytest.raises(ValueError, match="needs a compiled model"):
        kgz.StyleTransfer(network(), **LAYERS).fit(CONTENT, STYLE)
    with pytest.raises(ValueError, match="`preserve_colour` must be None"):
        make(network=network(channels=1), preserve_colour="luminance")


def test_too_large_pictures_raise_before_any_computation(monkeypatch):
    model = make()
    monkeypatch.setattr(type(model.perception), "extract", None)
    large = np.zeros((2048, 2048, 3), "uint8")
    with pytest.raises(
        ValueError, match=r"2048x2048 pixels .* limit is memory=0\.1: .* at most \d+ pix"
    ):
        fit(model, large, STYLE, memory=0.1)
    with pytest.raises(ValueError, match="A style of 2048x2048"):
        fit(model, CONTENT, large, memory=0.1)
    assert model.image is None


def test_snapshots(tmp_path):
    callback = kgz.callbacks.ImageSnapshots(tmp_path, every_steps=2)
    fit(make(), CONTENT, STYLE, steps=4, callbacks=[callback])
    assert {p.name for p in tmp_path.iterdir()} == {
        "step_0000002.png",
        "step_0000004.png",
        "training.gif",
    }


def test_lbfgs_without_scipy(monkeypatch):
    import_module = builtins.__import__

    def import_without_scipy(name, *rest):
        if name.startswith("scipy"):
            raise ImportError(name)
        return import_module(name, *rest)

    monkeypatch.setattr(builtins, "__import__", import_without_scipy)
    with pytest.raises(ImportError, match="pip install scipy"):
        make("lbfgs")
