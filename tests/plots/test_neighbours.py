import keras
import numpy as np
import pytest
from PIL import Image
from tools import SHAPE, dataset, images

import keras_gan_zoo as kgz

pytest.importorskip("matplotlib", reason="matplotlib, the extra `plots`, is not installed")

nan = np.nan


def pixels(shape=SHAPE):
    """An extractor whose distances are those of the pixels."""
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten()])


def shown(axes):
    return np.asarray(axes.images[0].get_array())


def test_nearest_finds_planted_copies(tmp_path):
    real, generated = images(40), images(12, seed=1)
    generated[7] = real[31]
    generated[2] = real[5] + 0.01
    found = kgz.plots.nearest(generated, real, tmp_path / "n.png", pixels(), k=2, columns=3)
    assert found.indices.shape == found.distances.shape == (12, 2)
    assert (found.indices[7, 0], found.indices[2, 0]) == (31, 5)
    np.testing.assert_allclose(found.distances[[7, 2], 0], [0.0, 0.08], atol=1e-4)
    # The nearest pairs come first: the copy, then the copy with noise.
    cells = np.reshape(found.figure.axes, (3, 3))
    for column, (index, original) in enumerate([(7, 31), (2, 5)]):
        for row, image in enumerate([generated[index], real[original]]):
            expected = np.clip(np.rint((image[..., 0] + 1) * 127.5), 0, 255)
            np.testing.assert_array_equal(shown(cells[row, column]), expected)
    assert [axes.get_ylabel() for axes in cells[:, 0]] == ["generated", "nearest", "2nd"]
    assert cells[1, 1].get_xlabel() == f"{found.distances[2, 0]:.3g}"
    with Image.open(tmp_path / "n.png") as picture:
        assert min(picture.size) > 200


def test_nearest_compares_medians():
    # On a line, 1 apart; the last is far away. Generated images lie 0.25 beside the first two.
    places = np.array([0.0, 1.0, 2.0, 3.0, 10.0])
    real = np.zeros((5, *SHAPE), "float32")
    real[:, 0, 0, 0] = places / 10
    found = kgz.plots.nearest(real[:2] + 0.025 / 8, real, extractor=pixels())
    assert found.generated_to_real == pytest.approx(0.025, rel=1e-3)
    assert found.real_to_real == pytest.approx(0.1, rel=1e-3)  # of 1, 1, 1, 1, 7
    assert "generated: 0.025     real, to another: 0.1" in found.figure.get_suptitle()
    doubled = kgz.plots.nearest(real, np.concatenate([real, real]), extractor=pixels())
    assert doubled.real_to_real == pytest.approx(0.0, abs=1e-3)


def test_nearest_takes_datasets_bytes_and_colours():
    data = dataset()
    found = kgz.plots.nearest(data.images[3:5], data, extractor=pixels(), samples=4)
    assert found.indices[:, 0].tolist() == [3, 4] and found.real_to_real > 0
    colours = images(6, (8, 8, 3))
    found = kgz.plots.nearest(colours[:1], colours, extractor=pixels((8, 8, 3)), k=5)
    assert shown(found.figure.axes[0]).shape == (8, 8, 3) and len(found.figure.axes) == 6


@pytest.mark.parametrize(
    ("generated", "real", "k", "message"),
    [
        (images(2)[0], images(), 3, "`generated` must be one or more images"),
        (images(2), np.zeros((4, 8, 8, 1), "int64"), 3, "`real` must be one or more images.*int64"),
        (images(2) * nan, images(), 3, "`generated` must be finite"),
        (images(2), images(4, (8, 8, 3)), 3, "images of the same shape. Received.*1.* and .*3"),
        (images(2), images(2), 3, "`real` must hold at least 3 images with k=3. Received: 2"),
        (images(2), images(1), 1, "`real` must hold at least 2 images"),
        (images(2), images(), 0, "`k` must be a positive integer"),
        (images(2), images(), 1, "must fit the extractor"),
    ],
)
def test_nearest_refuses(generated, real, k, message):
    extractor = pixels((9, 9, 1)) if "extractor" in message else pixels()
    with pytest.raises(ValueError, match=message):
        kgz.plots.nearest(generated, real, extractor=extractor, k=k)
