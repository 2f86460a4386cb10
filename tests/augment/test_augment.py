"""Properties of all augmentations, their names and configurations."""

import keras
import numpy as np
import pytest
from augment_tools import (
    SHAPES,
    array,
    augmented,
    both,
    close,
    every,
    function_of,
    pictures,
    quick,
    share_of_changed,
    tensors,
)

from keras_gan_zoo import augment
from keras_gan_zoo.augment import base


def test_gather():
    images = pictures(2, (3, 4, 2))
    rows = np.array([[[0, 2, 1]], [[1, 1, 0]]])
    columns = np.array([[[3, 0, 2]], [[1, 2, 3]]])
    result = array(base.gather(*tensors(images), *tensors(rows, columns, dtype="int32")))
    np.testing.assert_array_equal(result, images[np.arange(2)[:, None, None], rows, columns])


@both
@pytest.mark.parametrize("shape", SHAPES)
def test_shape_and_dtype_are_kept(augmentation, shape):
    images = pictures(3, shape).astype("float16")
    function = quick(function_of(augmentation))
    narrow, wide = (function(*tensors(images, dtype=dtype)) for dtype in ("float16", "float32"))
    assert keras.backend.standardize_dtype(narrow.dtype) == "float16"
    assert keras.backend.standardize_dtype(wide.dtype) == "float32"
    assert tuple(narrow.shape) == tuple(wide.shape) == (3, *shape)
    np.testing.assert_allclose(array(narrow).astype("float32"), array(wide), rtol=2e-3, atol=2e-3)


@both
@pytest.mark.parametrize("shape", SHAPES)
def test_probability_0_returns_images_unchanged(augmentation, shape):
    images = pictures(16, shape)
    for probability in (0.0, *tensors(0.0)):
        np.testing.assert_array_equal(augmented(augmentation, images, probability), images)


@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_probability_1_changes_nearly_all_images(name):
    assert share_of_changed(augment.get(name), 1.0) > 0.995
    assert share_of_changed(augment.get(name), *tensors(1.0)) > 0.995


def augmented_twice(augmentation, images, seed):
    def function(images):
        generator = keras.random.SeedGenerator(seed)
        return [augmentation(images, generator) for _ in range(2)]

    return map(array, quick(function)(*tensors(images)))


@every
def test_each_image_and_each_call_has_its_own_numbers(augmentation):
    images = np.repeat(pictures(1, (16, 16, 3)), 8, axis=0)
    first, second = augmented_twice(augmentation, images, seed=3)
    for results in (first, second, np.concatenate([first, second])):
        distinct = len(np.unique(results.reshape(len(results), -1), axis=0))
        assert distinct > len(results) * 0.6  # a few can be equal, after flips or moves by whole pixels
    np.testing.assert_array_equal(first, augmented(augmentation, images, seed=3))


@both
def test_the_augmentation_of_an_image_is_independent_of_the_batch(augmentation):
    images = pictures(4, (6, 5, 3))
    others = np.concatenate([images[:2], pictures(2, (6, 5, 3), seed=1)])
    result, changed = (augmented(augmentation, batch) for batch in (images, others))
    np.testing.assert_array_equal(result[:2], changed[:2])
    assert not np.array_equal(result[2:], changed[2:])


def test_adaptive_augmentations():
    assert augment.ADA().adaptive and not augment.DiffAugment().adaptive
    assert not augment.Augmentation().adaptive


def test_get():
    mine = augment.DiffAugment("cutout")
    assert augment.get(mine) is mine
    assert augment.get(None) is None
    for name, kind in augment.AUGMENTATIONS.items():
        assert type(augment.get(name)) is kind
    with pytest.raises(ValueError, match=r"Received: 'adda'. Known: 'diffaugment', 'ada'"):
        augment.get("adda")
    with pytest.raises(TypeError, match=r"'diffaugment', 'ada'.*Received: 3 \(of type int\)"):
        augment.get(3)


@pytest.mark.parametrize(
    "augmentation",
    [
        augment.DiffAugment(),
        augment.DiffAugment("cutout"),
        augment.ADA(),
        augment.ADA(0.5, 1000, 0.7, ("color", "blit")),
    ],
)
def test_serialization(augmentation):
    config = keras.saving.serialize_keras_object(augmentation)
    assert config["registered_name"] == f"keras_gan_zoo>{type(augmentation).__name__}"
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(augmentation)
    assert vars(again) == vars(augmentation)


def test_names_of_parts():
    expected = ("color", "cutout")
    for policy in (("cutout", "color"), ["color", "cutout"], "cutout, color", {"color", "cutout"}):
        assert augment.DiffAugment(policy).policy == expected
    assert augment.ADA(categories="color,blit").categories == ("blit", "color")


@pytest.mark.parametrize("parts", ["", "colour", (), ["color", 3], None, 3, "color,"])
def test_wrong_parts(parts):
    with pytest.raises(ValueError, match="`policy` must be one or more of 'color', 'translation'"):
        augment.DiffAugment(parts)
    with pytest.raises(ValueError, match="`categories` must be one or more of 'blit', 'geometry'"):
        augment.ADA(categories=parts)


@pytest.mark.parametrize(("name", "value"), [("target", 1.5), ("images", 0), ("maximum", -0.1)])
def test_wrong_arguments(name, value):
    with pytest.raises(ValueError, match=f"`{name}`.*Received: {name}={value}"):
        augment.ADA(**{name: value})


def test_custom_augmentation():
    class Darker(augment.Augmentation):
        def augment(self, images, seed, probability):
            return images - 0.5

    images = pictures(2, (3, 3, 1))
    close(augment.get(Darker())(*tensors(images), keras.random.SeedGenerator(0)), images - 0.5)
    with pytest.raises(NotImplementedError):
        augment.Augmentation()(*tensors(images), keras.random.SeedGenerator(0))
