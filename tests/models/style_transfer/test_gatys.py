"""Style transfer: losses, gradients, pictures of all kinds, files."""

import builtins

import keras
import numpy as np
import pytest
import style_tools
from style_tools import LAYERS, network, picture
from tools import BACKEND, close, same, values

import keras_gan_zoo as kgz
from keras_gan_zoo.models.style_transfer import colours, feature_network

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


def test_losses_and_gradient_are_those_of_a_reference():
    """The same reference on every backend; its gradient is of finite differences, in float64."""
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

    slopes = np.empty(contents.shape)
    for place in np.ndindex(contents.shape):
        step = np.zeros(start.shape)
        step[place[1:]] = 1e-5
        ends = [reference(start + sign * step, contents[place[0]]) @ weights for sign in (1, -1)]
        slopes[place] = (ends[0] - ends[1]) / 2e-5 * start.size  # see `train_step`
    found = values(model.optimizer.gradients)[0]
    np.testing.assert_allclose(found, slopes, rtol=1e-4, atol=1e-4 * abs(slopes).max())
    np.testing.assert_array_equal(model.pictures(), [start, start])  # one evaluation finds nothing


@pytest.mark.parametrize("optimizer", [None, "lbfgs"])
def test_painting_moves_the_picture_alone_and_goes_on_from_a_file(optimizer, tmp_path):
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


def test_contents_of_a_batch_do_not_affect_each_other():
    contents = np.stack([picture(8, 12, seed=s) for s in (2, 3)])
    together, alone = make(), make()
    fit(together, contents, STYLE, steps=3)
    fit(alone, contents[1], STYLE, steps=3)
    close([together.pictures()[1]], [alone.pictures()[0]], atol=1e-5)
    fit(alone, picture(6, 4), STYLE, steps=1)  # another size, in the same model
    assert alone.pictures().shape == (1, 6, 4, 3) and alone.steps == 1


def test_starts():
    model = make(keras.optimizers.SGD(0.0))
    fit(model, CONTENT, STYLE, steps=1)
    np.testing.assert_array_equal(model.pictures()[0], CONTENT)
    fit(model, CONTENT, STYLE, steps=1, start="noise")
    noise = model.pictures()
    assert abs(noise - CONTENT).max() > 0.5 and noise.std() > 0.4
    fit(model, CONTENT, [STYLE, -STYLE], steps=1, start="recoloured")
    pixels = np.concatenate([STYLE, -STYLE]).reshape(-1, 1, 3)
    np.testing.assert_array_equal(model.pictures()[0], colours.matched(CONTENT, pixels))
    other = make(keras.optimizers.SGD(0.0))
    fit(other, np.stack([CONTENT] * 2), STYLE, steps=1, start=STYLE[:, :8].repeat(2, 0)[:8])
    np.testing.assert_array_equal(other.pictures()[1], STYLE[:, :8].repeat(2, 0)[:8])
    fit(other, CONTENT, STYLE, steps=1, start="noise")
    np.testing.assert_array_equal(other.pictures(), noise)
    for start, said in (("middle", "must be one of"), (STYLE, "contents' shape")):
        with pytest.raises(ValueError, match=said):
            fit(model, CONTENT, STYLE, start=start)


def test_only_terms_with_a_weight_are_logged():
    model = make(weights=(0.0, 2.0, 0.0))
    history = fit(model, CONTENT, STYLE, steps=1)
    assert set(history) == {"loss", "style_loss"}
    assert history["loss"] == [2 * history["style_loss"][0]]


def test_grey_and_uint8():
    grey = picture(channels=1)
    model = make(keras.optimizers.SGD(0.0))
    fit(model, grey[..., 0], (STYLE * 127).astype("uint8"), steps=1)
    np.testing.assert_array_equal(model.pictures()[0], np.repeat(grey, 3, -1))
    model = make(keras.optimizers.SGD(0.0), network=network(channels=1))
    fit(model, CONTENT, STYLE, steps=1)
    np.testing.assert_allclose(model.pictures()[0, ..., 0], CONTENT @ [0.299, 0.587, 0.114], atol=1e-6)


def test_luminance_keeps_the_colours():
    content = 0.3 * CONTENT  # no brightness is out of reach
    model = make(preserve_colour="luminance")
    fit(model, content, STYLE, steps=5)
    painted = model.pictures()[0]
    yiq = np.array(
        [[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]]
    )
    inside = (abs(painted) < 1).all(-1)
    assert inside.mean() > 0.9
    np.testing.assert_allclose((painted @ yiq[1:].T)[inside], (content @ yiq[1:].T)[inside], atol=1e-5)
    assert abs((painted - content) @ yiq[0]).max() > 0.05


def test_histogram_gives_styles_the_colours_of_each_content():
    contents = np.stack([0.3 * CONTENT, 0.3 * picture(seed=2) - 0.4])
    model, alone = make(preserve_colour="histogram"), make()
    fit(model, contents, STYLE, steps=1)
    for index, content in enumerate(contents):
        matched = colours.matched(STYLE, content)
        pixels, wanted = (x.reshape(-1, 3) for x in (matched, content))
        np.testing.assert_allclose(pixels.mean(0), wanted.mean(0), atol=1e-3)
        np.testing.assert_allclose(np.cov(pixels.T, ddof=0), np.cov(wanted.T, ddof=0), atol=1e-3)
        fit(alone, content, matched, steps=1)
        np.testing.assert_allclose(model.pictures()[index], alone.pictures()[0], atol=1e-5)


def test_the_network_is_a_copy():
    given = network()
    model = make(network=given)
    assert given.trainable and len(given.trainable_variables) == 2
    given.set_weights([np.zeros_like(w) for w in given.get_weights()])
    assert all(w.any() for w in model.perception.get_weights())


def test_layers_are_named_where_one_is_unknown():
    with pytest.raises(ValueError, match=r"no layer 'deeep'\. It has: shallow, halved, deep, flat"):
        make(content_layers=["deeep"])
    with pytest.raises(ValueError, match="'flat', which gives"):
        make(content_layers="flat")
    with pytest.raises(ValueError, match="`style_layers` must name layers"):
        make(style_layers=None)
    with pytest.raises(ValueError, match="`content_layers` must have a weight above 0"):
        make(content_layers={"deep": 0.0})
    with pytest.raises(ValueError, match="`network` must be one of 'vgg19', 'rgb64'"):
        make(network="vgg")
    with pytest.raises(ValueError, match="images of 1 or 3 channels"):
        make(network=keras.Sequential([keras.Input((8, 8, 4)), keras.layers.Conv2D(2, 3)]))
    with pytest.raises(ValueError, match="takes pictures of"):
        fit(make(network=network(size=(16, 16))), CONTENT, STYLE)


@pytest.mark.parametrize("mode", ["caffe", "torch"])
def test_preprocessing_is_that_of_keras_applications(mode):
    inputs = keras.Input((None, None, 3))
    same_again = keras.Model(inputs, keras.layers.Activation("linear", name="as_it_is")(inputs))
    layers = {"content_layers": "as_it_is", "style_layers": "as_it_is"}
    found = feature_network.Perception(same_again, preprocess=mode, **layers).look(CONTENT[None])[
        "as_it_is"
    ]
    levels = (CONTENT[None].astype("float64") + 1) * 127.5
    wanted = keras.applications.imagenet_utils.preprocess_input(levels, "channels_last", mode)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)
    with pytest.raises(ValueError, match="`preprocess` must be one of"):
        feature_network.Perception(same_again, preprocess="vgg", **layers)


def test_rgb64_is_the_shipped_network_without_its_strides():
    image = picture(16, 24)[None]
    found = feature_network.Perception("rgb64").look(image)
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


def test_vgg19_without_a_network_names_the_alternative(monkeypatch):
    def offline(**arguments):
        raise Exception("URL fetch failure")

    made = keras.applications.VGG19(include_top=False, weights=None)
    monkeypatch.setattr(keras.applications, "VGG19", offline)
    with pytest.raises(ConnectionError, match="network='rgb64'"):
        kgz.StyleTransfer()
    content, style, mode = feature_network.NETWORKS["vgg19"]
    assert {*content, *style} <= {layer.name for layer in made.layers} and mode == "caffe"


def test_weights_that_make_no_sense():
    with pytest.raises(ValueError, match="One of the weights must be above 0"):
        make(weights=(0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="`style_weight` must be a finite number"):
        make(weights=(1.0, -1.0, 0.0))
    for weights in ([0, 0], [1], [1, -1], [1, np.nan]):
        with pytest.raises(ValueError, match="`style_weights` must be 2 numbers"):
            fit(make(), CONTENT, [STYLE, STYLE], style_weights=weights)


def test_pictures_that_make_no_sense():
    model = make()
    with pytest.raises(ValueError, match=r"`fit` needs a picture and a style"):
        fit(model)
    with pytest.raises(ValueError, match="`style` must be a picture"):
        fit(model, CONTENT)
    for content, said in (
        (np.dstack([CONTENT, CONTENT[..., :1]]), "1 or 3 channels"),
        (CONTENT * np.nan, "finite values"),
        (CONTENT * 100, "values in"),
        (CONTENT[:1], "sides of 2 pixels"),
    ):
        with pytest.raises(ValueError, match=said):
            fit(model, content, STYLE)
    assert model.image is None
    with pytest.raises(ValueError, match="no pictures yet"):
        model.pictures()
    with pytest.raises(ValueError, match="needs a compiled model"):
        kgz.StyleTransfer(network(), **LAYERS).fit(CONTENT, STYLE)
    with pytest.raises(ValueError, match="`preserve_colour` must be None"):
        make(network=network(channels=1), preserve_colour="luminance")


def test_a_picture_that_is_too_large_is_refused_before_any_work(monkeypatch):
    model = make()
    monkeypatch.setattr(type(model.perception), "look", None)
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
    find = builtins.__import__

    def without(name, *rest):
        if name.startswith("scipy"):
            raise ImportError(name)
        return find(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install scipy"):
        make("lbfgs")
