"""`Reference`: values, floor, names and stored features."""

import json

import keras
import numpy as np
import pytest
from damage_tools import flips
from keras import layers
from metrics_tools import network
from tools import SHAPE, images

from keras_gan_zoo import metrics, registry
from keras_gan_zoo.metrics import extractors
from keras_gan_zoo.metrics import reference as stored_features


def reference(n=64, kinds=("frechet", "kernel", "prdc", "inception_score"), **arguments):
    return metrics.Reference(images(n), kinds, extractor=network(), **arguments)


def test_reference_measures_as_the_functions_do():
    ref = reference()
    fake = images(50, seed=1) * 0.5
    extractor = metrics.Extractor(network())
    a, b = np.random.default_rng(0).permutation(64), fake
    real, fakes = extractor(images(64)[a]).features, extractor(b)
    values = ref.measure(fake)
    assert values["frechet_net"] == pytest.approx(
        metrics.frechet_distance(real, fakes.features), rel=1e-5
    )
    assert values["kernel_net"] == pytest.approx(
        metrics.kernel_distance(real, fakes.features).value, rel=1e-4
    )
    assert values["recall"] == metrics.prdc(real, fakes.features).recall
    assert values["inception_score"] == pytest.approx(metrics.inception_score(fakes.logits), rel=1e-6)


def test_floor_is_measured_on_other_images_where_there_are_enough():
    assert reference(64).floor_samples == 32
    ref = reference(64, samples=20)
    assert ref.floor_samples == 20
    assert ref.floor.keys() == ref.measure(images(20)).keys()
    assert ref.floor["frechet_net"] < ref.measure(images(20, seed=1) * 0.2)["frechet_net"]
    assert np.isnan(reference(12, ("frechet",)).floor["frechet_net"])  # halves of 6 for 6 features


def test_figures_are_json_and_say_what_they_were_measured_with():
    figures = json.loads(json.dumps(reference(12, ("frechet",)).figures(images(9))))
    assert figures["samples"] == {"real": 12, "fake": 9, "floor": 6}
    assert figures["floor"] == {"frechet_net": None}
    assert figures["extractor"]["name"] == "net" and len(figures["extractor"]["sha256"]) == 64


def test_features_are_computed_once_and_stored(tmp_path, monkeypatch):
    first = reference(30, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    calls = []
    compute = extractors.Extractor.__call__
    monkeypatch.setattr(
        extractors.Extractor, "__call__", lambda *a: calls.append(len(a[1])) or compute(*a)
    )
    second = reference(30, cache=tmp_path)
    assert calls == [] and second.floor == pytest.approx(first.floor, nan_ok=True)
    metrics.Reference(images(30) * 0.9, ["kernel"], extractor=network(), cache=tmp_path)
    assert calls == [30]  # other images


def test_a_damaged_file_of_features_is_recomputed(tmp_path):
    expected = reference(30, cache=tmp_path).floor
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:200])
    with pytest.warns(UserWarning, match=rf"features of .* in '{path}' are damaged .* computed again"):
        assert reference(30, cache=tmp_path).floor == pytest.approx(expected, nan_ok=True)
    with np.load(path) as file:
        assert len(file["features"]) == 30


@pytest.mark.filterwarnings("ignore:The features of the real images in:UserWarning")
def test_every_flipped_bit_of_features_is_noticed_or_harmless(tmp_path):
    stored = extractors.Features(images(9)[:, 0, :, 0], images(9)[:, 1, :, 0])
    path = tmp_path / "features.npz"
    stored_features._store_features(stored, path)
    assert stored_features._load_features(path) is not None
    noticed = 0
    for position in flips(path, 60):
        loaded = stored_features._load_features(path)
        noticed += loaded is None
        assert loaded is None or all(map(np.array_equal, loaded, stored)), position
    assert noticed >= 30  # the others are in dates, flags and padding


def test_features_of_an_earlier_version_are_computed_again(tmp_path):
    np.savez(tmp_path / "old.npz", features=np.zeros((3, 2)))
    assert stored_features._load_features(tmp_path / "old.npz") is None  # a warning would be an error


def test_features_that_cannot_be_stored(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored_features.np, "savez", full)
    with pytest.warns(UserWarning, match=r"stored in '.*\.npz', which takes [\d,]+ bytes: .*No space"):
        assert reference(30, cache=tmp_path).floor


def test_bytes_and_floats_give_the_same_values():
    pictures = np.random.default_rng(0).integers(0, 256, (30, 16, 16, 1)).astype("uint8")
    floats = pictures / np.float32(127.5) - np.float32(1)
    a, b = (
        metrics.Reference(x, ("ms_ssim", "kernel"), extractor=network((16, 16, 1)))
        for x in (pictures, floats)
    )
    assert a.floor == pytest.approx(b.floor, rel=1e-6, nan_ok=True)
    assert a.measure(floats) == pytest.approx(b.measure(floats), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reference(0), "at least 2 images"),
        (lambda: reference(5, ("frechet",)), "Received: 5 in `real`, 6 dimensions. Pass at least 7"),
        (lambda: reference(8, samples=9), "samples=9 with 8 images"),
        (lambda: reference(8, ("frechett",)), "must be one of 'frechet', 'kernel', 'prdc'"),
        (lambda: reference(8, ()), "at least one of frechet, kernel"),
        (
            lambda: reference(8, ("kernel",)).measure(np.full((4, *SHAPE), np.nan)),
            "`fake` must be finite",
        ),
    ],
)
def test_reference_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("cached", [True, False])
def test_inception_score_needs_a_classifier(cached, tmp_path):
    inputs = keras.Input(SHAPE)
    features_only = keras.Model(inputs, layers.Flatten()(inputs), name="flat")
    with pytest.raises(ValueError, match=r"needs an extractor with class logits.*'flat'"):
        metrics.Reference(
            images(8),
            "inception_score",
            extractor=features_only,
            cache=tmp_path if cached else None,
        )


def test_distances_carry_the_name_of_the_extractor():
    extractor = metrics.Extractor(network(), "my net/v2")
    values = metrics.Reference(images(40), ["frechet", "kernel"], extractor=extractor).floor
    assert list(values) == ["frechet_my_net_v2", "kernel_my_net_v2", "kernel_my_net_v2_error"]
    small = metrics.Reference(images(16, (28, 28, 1)), ["kernel"]).floor
    assert list(small) == ["kernel_grey28", "kernel_grey28_error"]


def test_a_standard_error_that_cannot_be_estimated_is_left_out():
    assert "kernel_net_error" in reference(6, ["kernel"]).measure(images(3))
    assert list(reference(6, ["kernel"]).measure(images(2))) == ["kernel_net"]
    assert list(reference(4, ["kernel"]).floor) == ["kernel_net"]  # halves of 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("frechet_grey28", "min"),
        ("kernel_rgb64", "min"),
        ("kernel_rgb64_error", None),
        ("fid_clean", "min"),
        ("kid_error", None),
        ("cmmd_clip_vit_large_patch14_336", "min"),
        ("recall", "max"),
        ("authenticity", None),
        ("inception_score", "max"),
        ("ms_ssim", None),
        ("d_loss", None),
    ],
)
def test_direction(name, expected):
    assert registry.direction(name) == expected
