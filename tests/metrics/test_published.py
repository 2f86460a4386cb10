"""Networks of papers: the Inception network of 2015, and those of KerasHub by a stand-in."""

import sys
import types

import keras
import numpy as np
import pytest
import torch
import torch_inception
from keras import layers
from metrics_tools import network
from PIL import Image
from tools import images, tiny

from keras_gan_zoo import metrics
from keras_gan_zoo.metrics import extractors
from keras_gan_zoo.metrics.extractors import inception_2015, published
from keras_gan_zoo.plots import tables


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights, and images of 75 pixels with their features and logits."""
    reference = torch_inception.Recorder()
    pictures = images(2, (75, 80, 3))
    with torch.no_grad():
        outputs = torch_inception.forward(reference, torch.from_numpy(pictures).permute(0, 3, 1, 2))
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save({name: torch.from_numpy(array) for name, array in reference.arrays.items()}, path)
    return path, pictures, [output.numpy() for output in outputs]


@pytest.fixture(scope="module")
def own(weights):
    """The extractor with these weights; its network is the same for all ways of resizing."""
    with pytest.warns(UserWarning, match=r"random\.pth is not pytorch-fid's .*not comparable"):
        return metrics.inception(weights[0])


def test_the_inception_network_of_2015(weights, own):
    _, pictures, (features, logits) = weights
    outputs = own.network.predict_on_batch(pictures)
    for found, expected in ((outputs["features"], features), (outputs["logits"], logits)):
        assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()
    assert own.label == f"inception_2015:{own.digest[:8]}" and own.digest != inception_2015.SHA256


@pytest.mark.parametrize("shape", [(3, 31, 40, 1), (2, 310, 301, 3)])
def test_resizing_to_the_inception_network(own, shape):
    pictures = np.random.default_rng(0).integers(0, 256, shape).astype("uint8")
    three = np.repeat(pictures, 3 // shape[-1], -1)
    scaled = torch.from_numpy(three / 255).permute(0, 3, 1, 2)  # float32 would round its positions
    found = own.prepare(pictures)
    resized = torch.nn.functional.interpolate(scaled, (299, 299), mode="bilinear", align_corners=False)
    np.testing.assert_allclose(found, (2 * resized - 1).permute(0, 2, 3, 1), atol=3e-6)
    planes = [[Image.fromarray(p[..., c].astype("float32")) for c in range(3)] for p in three]
    clean = [[np.asarray(c.resize((299, 299), Image.BICUBIC)).clip(0, 255) for c in p] for p in planes]
    found = inception_2015.normalized_clean(pictures)
    np.testing.assert_allclose(found, (np.moveaxis(clean, 1, -1) - 128) / 128, atol=3e-6)


def test_images_are_rounded_to_8_bits(own):
    floats = images(2, (9, 9, 3))
    rounded = np.rint((floats + 1) * 127.5).astype("uint8")
    np.testing.assert_array_equal(own.prepare(floats), own.prepare(rounded))
    with pytest.raises(ValueError, match="must be finite"):
        own(np.full((1, 9, 9, 3), np.nan))
    with pytest.raises(ValueError, match="1 or 3 channels for 'inception_2015'"):
        own(images(1, (9, 9, 2)))
    with pytest.raises(ValueError, match="no gradients"):
        own.tensor(floats)


def test_a_file_without_the_weights(weights, tmp_path):
    np.savez(tmp_path / "other.npz", **{"fc.weight": np.zeros((10, 4))})
    message = "other.npz must hold the weights .*'Conv2d_1a_3x3_conv_weight' .*Received: none"
    with pytest.raises(ValueError, match=message):
        metrics.inception(tmp_path / "other.npz")
    with pytest.raises(ValueError, match=r"must be a file\. Received: nowhere, which is none"):
        metrics.inception("nowhere")
    with pytest.raises(ValueError, match="`resize` must be one of 'torch', 'clean'"):
        metrics.inception(weights[0], resize="pil")


def test_weights_without_network(monkeypatch, tmp_path):
    def fetch(*arguments, **options):
        assert options["file_hash"].startswith("6726825d") and "6726825d" in arguments[1]
        raise Exception("URL fetch failure on https://example.org: None -- no network")

    monkeypatch.setattr(extractors, "_loaded", {})
    monkeypatch.setattr(keras.utils, "get_file", fetch)
    with pytest.raises(
        ConnectionError, match=r"could not be fetched.*networks=\{\"inception_2015\": P"
    ):
        metrics.Reference(images(8), ["kid"])


class Pixels(published.Published):
    """A network of papers that is quick."""

    def __init__(self, name):
        super().__init__(network((4, 4, 3)), name)

    def resized(self, images):
        return published.bilinear(images, 4)


@pytest.fixture
def quick(monkeypatch):
    """Quick networks in place of those of papers; the sources that they were asked for."""
    sources = []

    def replacement(name):
        return lambda source="default": sources.append((name, source)) or Pixels(name)

    names = {name: (weights, replacement(name)) for name, (weights, _) in extractors.PUBLISHED.items()}
    monkeypatch.setattr(extractors, "PUBLISHED", names)
    monkeypatch.setattr(extractors, "_loaded", {})
    return sources


def test_metrics_of_papers_use_their_networks_beside_the_others(quick):
    kinds = "cmmd,fid_clean,kid,frechet,kid_clean,fid,fd_dinov2"
    real, fake = images(80), images(40, seed=1) * 0.5
    networks = {"inception_2015": "a.pth", "clip": "tiny"}
    reference = metrics.Reference(real, kinds, 40, extractor=network(), networks=networks)
    figures = reference.figures(fake)
    assert list(figures["values"]) == [
        *("cmmd_clip", "fid_clean", "kid", "kid_error", "frechet_net"),
        *("kid_clean", "kid_clean_error", "fid", "fd_dinov2"),
    ]
    assert sorted(quick) == [
        ("clip", "tiny"),
        ("dinov2", "default"),
        ("inception_2015", "a.pth"),
        ("inception_2015_clean", "a.pth"),
    ]
    order = np.random.default_rng(0).permutation(80)[:40]
    found, other = (Pixels("any")(x).features for x in (real[order], fake))
    assert figures["values"]["fid"] == pytest.approx(metrics.frechet_distance(found, other), rel=1e-6)
    assert figures["values"]["kid"] == pytest.approx(metrics.kernel_distance(found, other).value)
    assert figures["values"]["cmmd_clip"] == pytest.approx(metrics.cmmd_distance(found, other))
    assert figures["extractor"]["name"] == "net"
    assert figures["networks"]["fid_clean"]["name"] == "inception_2015_clean"
    assert "; extractor net:" in tables.header(figures, "x") and "; cmmd clip:" in tables.header(
        figures, "x"
    )
    with pytest.raises(
        ValueError, match="`networks` must be one of 'inception_2015', 'dinov2', 'clip'"
    ):
        metrics.Reference(real, kinds, networks={"vgg": "a.pth"})


def test_metrics_of_papers_in_compile(quick):
    model = tiny("GAN")
    mine = Pixels("mine")
    model.compile(metrics=["fid", metrics.KID(), metrics.CMMD(mine), metrics.Memorization(mine)])
    configs = [metric.get_config() for metric in model.plan.metrics]
    assert configs[0] == {"metric": "fid", "extractor": None, "name": "fid"}
    values = model.evaluate(images(32), verbose=0, return_dict=True)
    assert {"fid", "kid", "kid_error", "cmmd_mine", "copied", "c_t"} <= set(values)
    streamed = metrics.FID()
    streamed.update_state(images(32), model.generate(32, seed=0))
    assert streamed.result() == pytest.approx(values["fid"], rel=1e-4)


def test_cmmd_of_points():
    a, b = np.array([[0.0], [10.0]]), np.array([[0.0], [20.0]])
    kernel = {d: np.exp(-(d**2) / 200) for d in (0, 10, 20)}
    within = (1 + kernel[10]) / 2 + (1 + kernel[20]) / 2
    between = (1 + kernel[20] + kernel[10] + kernel[10]) / 4
    assert metrics.cmmd_distance(a, b) == pytest.approx(1000 * (within - 2 * between), rel=1e-12)
    assert metrics.cmmd_distance(a, a) == 0


def backbone(shape):
    """From {"images"} to a sequence of vectors, as KerasHub's backbones."""
    inputs = keras.Input(shape, name="images")
    outputs = layers.Reshape((-1, 3))(layers.AveragePooling2D(2)(inputs))
    model = keras.Model({"images": inputs}, outputs, name="backbone")
    model.image_shape = shape
    return model


class Clip(keras.Model):
    """The part of KerasHub's CLIPBackbone that embeds images."""

    def __init__(self):
        super().__init__(name="clip_tiny")
        self.vision_encoder = backbone((6, 6, 3))

    def get_vision_embeddings(self, images):
        return 5.0 * self.vision_encoder({"images": images})[:, 0]


@pytest.fixture
def hub(monkeypatch):
    """A stand-in for KerasHub, and the presets that it was asked for."""
    asked = []

    def from_preset(preset, **arguments):
        asked.append((preset, arguments))
        if preset == "dinov2_nowhere":
            raise ValueError("Unknown preset identifier.\nMore lines.")
        return Clip() if "clip" in preset else backbone((8, 8, 3))

    known = types.SimpleNamespace(
        from_preset=from_preset, presets={"dinov2_large": 1, "dinov2_base": 2}
    )
    models = types.SimpleNamespace(DINOV2Backbone=known, CLIPBackbone=known)
    monkeypatch.setitem(sys.modules, "keras_hub", types.SimpleNamespace(models=models))
    return asked


def test_networks_of_keras_hub(hub):
    wide = np.random.default_rng(0).integers(0, 256, (2, 12, 20, 3)).astype("uint8")
    extractor = metrics.dinov2()
    assert (
        hub == [("dinov2_large", {"image_shape": (224, 224, 3)})] and extractor.name == "dinov2_large"
    )
    small = np.stack([Image.fromarray(x).resize((8, 8), Image.BICUBIC) for x in wide]) / 255
    normalized = (small - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    first = normalized[:, :2, :2].mean((1, 2))  # the first vector of the sequence
    np.testing.assert_allclose(extractor(wide).features, first, atol=1e-5)
    extractor = metrics.clip("folder/clip_of_mine")
    assert extractor.name == "clip_of_mine" and hub[1] == ("folder/clip_of_mine", {})
    square = [Image.fromarray(x[:, 4:16]).resize((6, 6), Image.BICUBIC) for x in wide]
    normalized = np.stack(square) / 255 - [0.48145466, 0.4578275, 0.40821073]
    first = (normalized / [0.26862954, 0.26130258, 0.27577711])[:, :2, :2].mean((1, 2))
    expected = first / np.linalg.norm(first, axis=1, keepdims=True)
    np.testing.assert_allclose(extractor(wide).features, expected, atol=1e-5)
    assert metrics.clip(Clip()).name == "clip_tiny" and metrics.dinov2(Clip().vision_encoder)
    with pytest.raises(
        ConnectionError, match=r"load 'dinov2_nowhere'.*dinov2_large, dinov2_base.*Unkn"
    ):
        metrics.dinov2("dinov2_nowhere")


def test_without_keras_hub(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(ImportError, match=r"pip install keras-hub, or 'keras-gan-zoo\[features\]'"):
        metrics.get_extractor("clip")
