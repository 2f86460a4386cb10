"""Extractors, `Reference`, the Keras metrics, and `evaluate`."""

import json

import keras
import numpy as np
import pytest
from keras import layers
from metrics_tools import network
from tools import SHAPE, dataset, images, tiny

from keras_gan_zoo import metrics, registry
from keras_gan_zoo.metrics import extractors


def test_extractor_averages_maps_and_is_identified_by_its_weights():
    inputs = keras.Input((None, None, 1))
    maps = keras.Model(inputs, layers.Conv2D(5, 3)(inputs), name="maps")
    extractor = metrics.get_extractor(maps)
    x = images(7)
    found = extractor(x, batch_size=3)
    expected = np.asarray(maps.predict(x, verbose=0)).mean((1, 2))
    np.testing.assert_allclose(found.features, expected, rtol=1e-4, atol=1e-5)
    assert found.logits is None
    before = extractor.label
    assert before.startswith("maps:") and before == metrics.get_extractor(maps).label
    maps.set_weights([weight + 1 for weight in maps.get_weights()])
    assert metrics.get_extractor(maps).label != before


def test_extractor_scales_uint8():
    pictures = np.random.default_rng(0).integers(0, 256, (5, *SHAPE)).astype("uint8")
    extractor = metrics.Extractor(network())
    floats = pictures / np.float32(127.5) - np.float32(1)
    np.testing.assert_array_equal(extractor(pictures).features, extractor(floats).features)


@pytest.mark.parametrize("name", extractors.BUNDLED)
def test_shipped_extractors(name):
    _, channels, sides = extractors.BUNDLED[name]
    extractor = metrics.get_extractor(name)
    for side in sides:
        found = extractor(images(3, (side, side, channels)))
        assert found.features.shape == (3, 128) and found.logits.shape[0] == 3
    with pytest.raises(ValueError, match=f"fit the extractor '{name}'.*Received: images of "):
        extractor(images(3, (sides[1] + 1, sides[1], channels)))


def test_shipped_extractor_that_is_damaged(monkeypatch):
    monkeypatch.setattr(extractors, "_loaded", {})
    monkeypatch.setitem(extractors.BUNDLED, "grey28", ("0" * 64, 1, (24, 40)))
    with pytest.raises(OSError, match=r"grey28\.keras is damaged"):
        metrics.get_extractor("grey28")


def test_inception_without_network(monkeypatch):
    def fetch(**arguments):
        raise Exception("URL fetch failure on https://example.org: None -- no network")

    monkeypatch.setattr(extractors, "_loaded", {})
    monkeypatch.setattr(keras.applications, "InceptionV3", fetch)
    with pytest.raises(ConnectionError, match=r"could not be fetched.*'grey28', 'rgb64', or any Keras"):
        metrics.get_extractor("inception_v3")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg", None), "`extractor` must be one of 'grey28', 'rgb64', 'inception_v3'. Received: extr"),
        ((3, None), "name, a Keras model or an Extractor. Received: int"),
        ((None, (64, 64, 1)), "sides of 24 to 40 pixels and 1 channels. Received: images of"),
        (("rgb64", (28, 28, 3)), "sides of 32 to 64"),
    ],
)
def test_get_extractor_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        metrics.get_extractor(*arguments)


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
    assert reference(30, cache=tmp_path).floor == pytest.approx(expected, nan_ok=True)
    with np.load(path) as file:
        assert len(file["features"]) == 30


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


@pytest.mark.parametrize("batch_size", [7, 40])
@pytest.mark.parametrize("kind", ["FrechetDistance", "KernelDistance", "PRDC", "InceptionScore"])
def test_streaming_equals_the_whole(kind, batch_size):
    real, fake = images(40), images(40, seed=1) * 0.7
    whole, streamed = (getattr(metrics, kind)(network()) for _ in range(2))
    whole.update_state(real, fake)
    for start in range(0, 40, batch_size):
        streamed.update_state(real[start : start + batch_size])
        streamed.update_state(fake=fake[start : start + batch_size])
    assert streamed.result() == pytest.approx(whole.result(), rel=1e-4, nan_ok=True)
    assert streamed.floor() != whole.result()
    streamed.reset_state()
    with pytest.raises(ValueError, match="has no images to compare"):
        streamed.result()


def test_ms_ssim_streams():
    metric = metrics.MSSSIMDiversity()
    same = np.repeat(images(1, (16, 16, 1)), 8, 0)
    metric.update_state(images(8, (16, 16, 1)), same)
    assert metric.result() == pytest.approx(1.0) and metric.floor() < 0.5


def test_evaluate_reports_compiled_metrics():
    model = tiny("GAN")
    model.compile(metrics=[metrics.FrechetDistance(network()), metrics.PRDC(network())])
    values = model.evaluate(images(32), verbose=0, return_dict=True)
    assert {"d_loss", "g_loss", "frechet_net", "precision", "recall", "density", "coverage"} <= set(
        values
    )
    expected = metrics.Reference(images(32), ["frechet"], extractor=network())
    fakes = model.generate(32, seed=0)
    assert values["frechet_net"] == pytest.approx(expected.measure(fakes)["frechet_net"], rel=1e-4)
    as_list = model.evaluate(images(32), verbose=0)
    assert len(as_list) == len(values)


def test_validation_data_gives_metrics_in_the_logs():
    model = tiny("GAN")
    model.compile(metrics=[metrics.KernelDistance(network())])
    history = model.fit(dataset(), epochs=2, verbose=0, validation_data=dataset()).history
    assert len(history["val_kernel_net"]) == 2 and "kernel_net" not in history


def test_compiled_metrics_survive_saving(tmp_path):
    model = tiny("GAN")
    model.compile(metrics=["kernel", metrics.PRDC("grey28", name="quality")])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    configs = [metric.get_config() for metric in loaded.plan.metrics]
    assert configs == [
        {"kind": "kernel", "extractor": None, "name": "kernel"},
        {"kind": "prdc", "extractor": "grey28", "name": "quality"},
    ]


@pytest.mark.parametrize(("old", "new"), [("fid", "frechet"), ("kid", "kernel")])
def test_names_of_papers_are_reserved(old, new):
    message = f"'{old}' is reserved for .* 2015 Inception network.*Use '{new}', logged as `{new}_<ext"
    for call in (
        lambda: reference(8, [old, "prdc"]),
        lambda: reference(8, f"prdc,{old}"),
        lambda: tiny("GAN").compile(metrics=[old]),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_compile_configs_of_release_0_1_still_load():
    model = tiny("GAN")
    old = [{"kind": "fid", "extractor": None, "name": "fid"}]
    old += [{"kind": "kid", "extractor": "grey28", "name": "mine"}]
    model.compile(metrics=old)
    frechet, kernel = model.plan.metrics
    assert type(frechet) is metrics.FrechetDistance and frechet.name == "frechet"
    assert type(kernel) is metrics.KernelDistance
    assert kernel.get_config() == {"kind": "kernel", "extractor": "grey28", "name": "mine"}


def test_distances_carry_the_name_of_the_extractor():
    extractor = metrics.Extractor(network(), "my net/v2")
    values = metrics.Reference(images(40), ["frechet", "kernel"], extractor=extractor).floor
    assert list(values) == ["frechet_my_net_v2", "kernel_my_net_v2", "kernel_my_net_v2_error"]
    small = metrics.Reference(images(16, (28, 28, 1)), ["kernel"]).floor
    assert list(small) == ["kernel_grey28", "kernel_grey28_error"]


def test_a_metric_keeps_the_name_of_the_user():
    model = tiny("GAN")
    model.compile(metrics=[metrics.FrechetDistance(network(), name="distance")])
    values = model.evaluate(images(32), verbose=0, return_dict=True)
    assert "distance" in values and not any(name.startswith("frechet") for name in values)


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
        ("recall", "max"),
        ("inception_score", "max"),
        ("ms_ssim", None),
        ("d_loss", None),
    ],
)
def test_direction(name, expected):
    assert registry.direction(name) == expected


def test_compile_refuses_an_unknown_metric():
    with pytest.raises(ValueError, match="must be one of 'frechet', 'kernel'"):
        tiny("GAN").compile(metrics=["accuracy"])


def test_evaluate_refuses_a_generator_with_metrics():
    model = tiny("GAN")
    model.compile(metrics=["kernel"])
    with pytest.raises(ValueError, match=r"read more than once\. Received: a generator"):
        model.evaluate((x for x in [images()]), verbose=0)
