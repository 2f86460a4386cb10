"""FastStyleTransfer: training, styles, image sizes, saving."""

import keras
import numpy as np
import pytest
import style_tools
from style_tools import LAYERS, network, picture
from tools import BACKEND, all_moved, same, values

import keras_gan_zoo as kgz

STYLES = [picture(seed=1), picture(6, 10, seed=2)]
PHOTOS = np.stack([picture(seed=seed) for seed in range(10, 18)])


def make(optimizer=None, eager=False, **arguments):
    small = {"image_shape": (8, 8, 3), "styles": 2, "width": 2, "blocks": 1, "seed": 0}
    model = kgz.FastStyleTransfer(**{**small, "network": network(), **LAYERS, **arguments})
    model.compile(optimizer, variation_weight=0.1, run_eagerly=eager and BACKEND != "jax")
    return model


def fit(model, *arguments, x=PHOTOS, **more):
    batch_size = None if isinstance(x, kgz.data.ImageDataset) else 4
    return model.fit(x, *arguments, batch_size=batch_size, verbose=0, **more).history


def dataset():
    return kgz.data.ImageDataset(((PHOTOS + 1) * 127).astype("uint8"), batch_size=4)


def test_only_generator_is_trained_and_training_resumes_from_file(tmp_path):
    whole, parted = make(), make()
    frozen, before = values(whole.perception.variables), values(whole.generator.variables)
    history = fit(whole, STYLES, x=dataset(), epochs=4)
    assert set(history) == {"loss", "content_loss", "style_loss", "variation_loss"}
    assert same(values(whole.perception.variables), frozen)
    assert all_moved(values(whole.generator.variables), before)
    assert whole.steps == 8

    fit(parted, STYLES, x=dataset(), epochs=2)
    parted.save(tmp_path / "fast.keras")
    loaded = keras.models.load_model(tmp_path / "fast.keras")
    fit(loaded, x=dataset(), epochs=2)
    assert same(values(loaded.variables), values(whole.variables))
    np.testing.assert_array_equal(loaded.translate(PHOTOS), whole.translate(PHOTOS))


def test_nan_ends_a_training_and_is_not_saved(tmp_path):
    path = tmp_path / "fast.keras"
    model = make(keras.optimizers.SGD(1e38))
    with pytest.raises(FloatingPointError, match=r"Step 2: the loss is nan\. .* lower learning rate"):
        fit(model, STYLES)
    model = make(keras.optimizers.SGD(1e38))
    model.save(path)
    before = path.read_bytes()
    writer = keras.callbacks.ModelCheckpoint(path, save_freq=1)
    with pytest.raises(FloatingPointError, match=r"Step 1: the variable .* is NaN or infinite"):
        fit(model, STYLES, callbacks=writer)
    assert path.read_bytes() == before and model.before_save is None


def test_losses_match_numpy_reference():
    model = make(keras.optimizers.SGD(0.0))
    rng = np.random.default_rng(3)
    for weight in model.generator.trainable_variables:  # the styles differ, and no weight is near 0
        weight.assign(rng.normal(0, 0.5, weight.shape))
    logs = fit(model, STYLES, x=PHOTOS[:4])
    translated = [model.translate(PHOTOS[:4], style) for style in (0, 1)]
    losses = np.array(
        [
            [
                style_tools.losses(output, photo, [STYLES[k]], [1.0])
                for output, photo in zip(translated[k], PHOTOS[:4], strict=True)
            ]
            for k in (0, 1)
        ]
    )  # (style, photo, term); one style was drawn for each photo
    possible = [
        np.mean([losses[(bits >> i) & 1, i] for i in range(4)], 0) @ [1.0, 10.0, 0.1]
        for bits in range(16)
    ]
    assert np.isclose(possible, logs["loss"][0], rtol=1e-4).sum() == 1
    assert np.ptp(possible) > 0.01


@pytest.mark.skipif(
    BACKEND == "jax", reason="compilation takes longer than the other tests of this file together"
)
def test_mixed_precision():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), initial_scale=8.0)
    model = make(optimizer, dtype="mixed_float16", eager=True)
    before = values(model.generator.trainable_variables)
    history = fit(model, STYLES)
    assert np.isfinite(history["loss"]).all() and model.translate(PHOTOS).dtype == "float32"
    assert not same(values(model.generator.trainable_variables), before)
    model = make(dtype="mixed_float16")
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)


def test_style_loss_decreases():
    model = make(keras.optimizers.Adam(0.01), styles=1)
    history = fit(model, STYLES[0], epochs=15)
    assert history["style_loss"][-1] < 0.7 * history["style_loss"][0]


def test_translate_any_size_and_mixed_styles():
    model = make()
    for sides in ((5, 3), (8, 8), (13, 22)):
        image = picture(*sides)[None]
        assert model.translate(image).shape == image.shape
    first, second, mixed = (model.translate(PHOTOS, style, 3) for style in (0, 1, [0.5, 0.5]))
    assert abs(first).max() <= 1
    np.testing.assert_allclose(first, second)  # styles are equal at initialization
    for weight in model.generator.trainable_variables:
        if weight.name == "gamma":
            weight.assign(np.arange(1.0, 1 + np.prod(weight.shape)).reshape(weight.shape))
    first, second, mixed = (model.translate(PHOTOS, style, 3) for style in (0, 1, [0.5, 0.5]))
    assert abs(first - second).max() > 0.01 and abs(mixed - second).max() > 0.01
    for style in (2, -1, [1.0], "red"):
        with pytest.raises(ValueError, match="`style` must be a number from 0 to 1, or 2 weights"):
            model.translate(PHOTOS, style)
    with pytest.raises(ValueError, match="must be floats"):
        model.translate((PHOTOS * 9).astype("uint8"))
    with pytest.raises(ValueError, match=r"A picture of 2048x2048 .* limit is memory=0\.01"):
        model.translate(np.zeros((1, 2048, 2048, 3), "float32"), memory=0.01)


def test_snapshot_grid_has_images_and_styles(tmp_path):
    model = make()
    fit(model, STYLES, x=dataset(), callbacks=[kgz.callbacks.ImageSnapshots(tmp_path, samples=9)])
    from PIL import Image

    with Image.open(tmp_path / "epoch_00001.png") as grid:
        assert grid.size == (3 * 18 + 2, 3 * 18 + 2)
    with pytest.raises(ValueError, match="Grids are only available during `fit`"):
        model.generate_grid()


def test_invalid_arguments():
    with pytest.raises(ValueError, match="multiples of 4"):
        make(image_shape=(10, 8, 3))
    with pytest.raises(ValueError, match="3 channels that the network takes"):
        make(image_shape=(8, 8, 1))
    with pytest.raises(ValueError, match="`optimizer` must be a stochastic optimizer"):
        make("lbfgs")
    model = make()
    with pytest.raises(ValueError, match="needs a style"):
        fit(model)
    with pytest.raises(ValueError, match="not a path or a name"):
        fit(model, STYLES, x="photos")
    with pytest.raises(ValueError, match="`epochs` must be an integer of 0 or more"):
        fit(model, STYLES, epochs=-1)
    with pytest.raises(ValueError, match="as many pictures as the model has styles, 2"):
        fit(model, STYLES[0])
    with pytest.raises(ValueError, match="must have the shape"):
        fit(model, STYLES, x=np.zeros((4, 8, 12, 3), "float32"))
    with pytest.raises(ValueError, match=r"batch of pictures .* \(4 of them\) .* memory=1e-06"):
        fit(model, STYLES, memory=1e-6)
    used = keras.optimizers.Adam()
    used.build(model.trained_variables())
    with pytest.raises(ValueError, match="must be a fresh optimizer"):
        make(used)
