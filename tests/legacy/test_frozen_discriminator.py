"""The frozen-discriminator loop trains, and rejects updates without effect."""

import keras
import numpy as np
import pytest
from keras import layers
from tools import all_moved, dataset, images, same, tiny, values

from keras_gan_zoo import callbacks
from keras_gan_zoo.legacy import FrozenDiscriminatorGAN


def networks():
    model = tiny("DCGAN")
    return model.generator, model.discriminator


def compiled(kind=FrozenDiscriminatorGAN):
    model = kind(*networks())
    model.compile()
    return model


def weights(model):
    return values(model.discriminator.trainable_variables), values(model.generator.weights)


@pytest.mark.parametrize("source", [images, dataset])
def test_fit_trains_both_sides(source):
    model = compiled()
    model.freeze(False)
    before = weights(model)
    history = model.fit(source(), batch_size=8, epochs=2, verbose=0)
    model.freeze(False)
    for old, new in zip(before, weights(model), strict=True):
        assert all_moved([a for a in old if a.ndim > 1], [a for a in new if a.ndim > 1])
    assert model.steps == 6
    assert {"d_loss", "g_loss"} == set(history.history)
    assert np.isfinite(history.history["d_loss"]).all() and len(history.history["g_loss"]) == 2


def test_each_update_changes_one_network():
    model = FrozenDiscriminatorGAN(*networks())
    model.compile(d_opt=keras.optimizers.SGD(0.0), g_opt=keras.optimizers.SGD(0.1))
    model.freeze(False)
    d_before, g_before = weights(model)
    model.train_on_batch(images(8))
    model.freeze(False)
    d_after, g_after = weights(model)
    assert same(d_before, d_after)
    assert not same(g_before, g_after)


def test_snapshots_and_progress_bar(tmp_path, capsys):
    compiled().fit(
        images(), batch_size=8, epochs=2, callbacks=[callbacks.ImageSnapshots(tmp_path, samples=4)]
    )
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"epoch_00001.png", "epoch_00002.png", "training.gif"}
    out = capsys.readouterr().out
    assert "Epoch 2/2" in out and "d_loss" in out


def test_generate():
    model = compiled()
    made = model.generate(3, seed=0)
    assert made.shape == (3, 8, 8, 1) and abs(made).max() <= 1
    np.testing.assert_array_equal(made, model.generate(3, seed=0))
    with pytest.raises(ValueError, match=r"`latents` must have the shape \(n, 4\)"):
        model.generate(latents=np.zeros((2, 5)))


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights:UserWarning")
def test_freezing_once_silently_disables_the_discriminator():
    generator, discriminator = networks()
    discriminator.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    discriminator.trainable = False
    combined = keras.Sequential([generator, discriminator])
    combined.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))

    kernels = [layer.kernel for layer in discriminator.layers if isinstance(layer, layers.Conv2D)]
    before, g_before = values(kernels), values(generator.trainable_variables)
    for _ in range(3):
        loss = discriminator.train_on_batch(images(8), np.ones((8, 1)))
        combined.train_on_batch(np.ones((8, 4), "float32"), np.ones((8, 1)))
    assert np.isfinite(loss)
    assert same(before, values(kernels))
    assert not same(g_before, values(generator.trainable_variables))


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights:UserWarning")
def test_an_update_without_effect_raises():
    class FreezeOnce(FrozenDiscriminatorGAN):
        def freeze(self, frozen):
            if frozen:
                super().freeze(True)

    model = compiled(FreezeOnce)
    with pytest.raises(RuntimeError, match=r"'discriminator' trained nothing.*discriminator.trainable"):
        model.fit(images(), batch_size=8, verbose=0)


def test_refused():
    model = FrozenDiscriminatorGAN(*networks())
    with pytest.raises(ValueError, match=r"needs a compiled model. Call `model.compile\(\)`"):
        model.fit(images())
    with pytest.raises(ValueError, match="must be two optimizer objects"):
        one = keras.optimizers.Adam()
        model.compile(d_opt=one, g_opt=one)
    model.compile()
    with pytest.raises(ValueError, match="Images must be floats in"):
        model.fit((images() * 100).astype("uint8"))
