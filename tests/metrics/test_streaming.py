"""Keras metrics, and `compile(metrics=...)` with `evaluate`."""

import keras
import numpy as np
import pytest
from metrics_tools import network
from tools import dataset, images, tiny

from keras_gan_zoo import metrics


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
        {"metric": "kernel", "extractor": None, "name": "kernel"},
        {"metric": "prdc", "extractor": "grey28", "name": "quality"},
    ]


def test_compile_configs_of_release_0_1_still_load():
    model = tiny("GAN")
    old = [{"kind": "fid", "extractor": None, "name": "fid"}]
    old += [{"kind": "kid", "extractor": "grey28", "name": "mine"}]
    model.compile(metrics=old)
    frechet, kernel = model.plan.metrics
    assert type(frechet) is metrics.FrechetDistance and frechet.name == "frechet"
    assert type(kernel) is metrics.KernelDistance
    assert kernel.get_config() == {"metric": "kernel", "extractor": "grey28", "name": "mine"}


def test_a_metric_keeps_the_name_of_the_user():
    model = tiny("GAN")
    model.compile(metrics=[metrics.FrechetDistance(network(), name="distance")])
    values = model.evaluate(images(32), verbose=0, return_dict=True)
    assert "distance" in values and not any(name.startswith("frechet") for name in values)


def test_compile_refuses_an_unknown_metric():
    with pytest.raises(ValueError, match="must be one of 'frechet', 'kernel'"):
        tiny("GAN").compile(metrics=["accuracy"])


def test_evaluate_refuses_a_generator_with_metrics():
    model = tiny("GAN")
    model.compile(metrics=["kernel"])
    with pytest.raises(ValueError, match=r"read more than once\. Received: a generator"):
        model.evaluate((x for x in [images()]), verbose=0)
