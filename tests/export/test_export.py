"""Exported files, run by other runtimes: every format, and a model of every family."""

import keras
import numpy as np
import pytest
from tools import BACKEND, BACKENDS, fit, images, mark_others, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo import registry
from keras_gan_zoo.export import formats, graphs, runtimes
from keras_gan_zoo.utils.pixels import to_uint8

PARITY = 1e-5
WRITABLE = [
    name
    for name, kind in formats.FORMATS.items()
    if name != "weights"
    and BACKEND in kind.writers
    and all(map(formats.is_installed, (kind.runtime, *kind.writers[BACKEND][1])))
]
LATENTS = np.random.default_rng(1).standard_normal((3, 4)).astype("float32")

# Installed in CI: a test that runs nothing would be no test.
assert {"tensorflow": {"onnx", "litert"}, "jax": {"saved_model"}, "torch": {"onnx", "torch"}}[
    BACKEND
] <= set(WRITABLE)


def fast_style_transfer(styles=1):
    return kgz.FastStyleTransfer((8, 8, 3), styles, width=4, blocks=1, network="rgb64", seed=0)


def export(model, folder, format, **options):
    """Export to a new file; return its path."""
    path = folder / f"generator{formats.FORMATS[format].suffix}"
    model.export(path, format, verbose=False, **options)
    return path


@pytest.mark.parametrize(
    ("name", "format"),
    [(name, format) for format in WRITABLE for name in ("ConditionalGAN", "CycleGAN")]
    + [("StyleGAN2", "onnx")] * ("onnx" in WRITABLE),
)
def test_files_give_the_images_of_the_model(tmp_path, name, format):
    model = tiny(name)
    path = export(model, tmp_path, format)
    if name == "CycleGAN":
        inputs = {"images": images(3)}
        wanted = model.translate(inputs["images"])
    elif name == "ConditionalGAN":
        inputs = {"latents": LATENTS, "labels": np.array([2, 0, 1], "int32")}
        wanted = model.generate(latents=LATENTS, labels=[2, 0, 1])
    else:
        inputs = {"latents": LATENTS}
        wanted = model.generate(latents=LATENTS)
    assert wanted.std() > 1e-3
    for rows in (slice(3), slice(1)):  # of any batch size
        if (format, BACKEND) == formats.ONE_IMAGE and rows != slice(1):
            continue
        part = {key: value[rows] for key, value in inputs.items()}
        given = runtimes.run(path, format, part)
        np.testing.assert_allclose(given, wanted[rows], rtol=0, atol=PARITY)


@pytest.mark.parametrize(
    "name", mark_others([*registry.MODELS, "FastStyleTransfer"], ("MSGGAN", "InfoGAN", "DiscoGAN"))
)
def test_the_exported_network_of_every_model(name):
    """What is given to Keras, without its converters."""
    model = fast_style_transfer() if name == "FastStyleTransfer" else tiny(name)
    graph = model.export_graph()
    network = graph.network(uint8=False, named_output=True)
    given = keras.ops.convert_to_numpy(network(graphs.one_or_list(graph.example))[graph.output])
    assert graph.expected.shape == (2, *model.image_shape) and graph.expected.std() > 1e-7
    np.testing.assert_allclose(given, graph.expected, rtol=0, atol=PARITY)
    assert [tensor.shape[0] for tensor in network.inputs] == [None] * len(graph.inputs)
    bytes_ = graph.network(uint8=True, named_output=False)(graphs.one_or_list(graph.example))
    bytes_ = keras.ops.convert_to_numpy(bytes_)
    assert bytes_.dtype == np.uint8
    differences = np.abs(bytes_.astype("int32") - to_uint8(graph.expected))
    assert differences.max() <= 1 and differences.mean() < 0.01


@pytest.mark.parametrize("format", [name for name in WRITABLE if name in ("onnx", "saved_model")])
def test_uint8(tmp_path, format):
    model = tiny("DCGAN")
    given = runtimes.run(export(model, tmp_path, format, uint8=True), format, {"latents": LATENTS})
    assert given.dtype == np.uint8
    assert np.abs(given.astype("int32") - to_uint8(model.generate(latents=LATENTS))).max() <= 1


def test_names_and_shapes_of_onnx(tmp_path):
    if "onnx" not in WRITABLE:
        pytest.skip("jax2onnx is not installed")
    import onnx
    import onnxruntime

    path = export(tiny("ConditionalGAN"), tmp_path, "onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = {value.name: (value.shape, value.type) for value in session.get_inputs()}
    assert inputs == {
        "latents": (["batch", 4], "tensor(float)"),
        "labels": (["batch"], "tensor(int32)"),
    }
    (output,) = session.get_outputs()
    assert (output.name, output.shape) == ("images", ["batch", 8, 8, 1])
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_average_and_its_weights_are_exported(tmp_path):
    model = tiny("GAN")
    model.compile(ema=0.5)
    fit(model)
    averaged = model.generate(latents=LATENTS[:2])
    given = keras.ops.convert_to_numpy(model.export_graph().network(False, False)(LATENTS[:2]))
    np.testing.assert_allclose(given, averaged, rtol=0, atol=PARITY)
    trained = keras.ops.convert_to_numpy(model.generator(LATENTS[:2]))
    assert np.abs(averaged - trained).max() > 100 * PARITY

    path = tmp_path / "average.weights.h5"
    assert model.export(path, "weights", verbose=False) == 0.0
    other = tiny("GAN", seed=1)
    other.generator.load_weights(path)
    given = keras.ops.convert_to_numpy(other.generator(LATENTS[:2]))
    np.testing.assert_allclose(given, averaged, rtol=0, atol=1e-6)


def test_truncation_direction_and_size():
    model = tiny("StyleGAN2")
    mean = model.generator.get_layer("mapping").get_layer("mean").mean
    mean.assign(np.arange(4.0))
    graph = model.export_graph(truncation=0.3)
    given = keras.ops.convert_to_numpy(graph.network(False, False)(LATENTS))
    wanted = model.generate(latents=LATENTS, truncation=0.3)
    assert np.abs(wanted - model.generate(latents=LATENTS)).max() > 0.1
    np.testing.assert_allclose(given, wanted, rtol=0, atol=PARITY)

    model = tiny("CycleGAN")
    graph = model.export_graph(direction="b_to_a", image_size=(12, 16))
    assert graph.inputs[0].shape == (None, 12, 16, 1)
    x = images(2, (12, 16, 1))
    given = keras.ops.convert_to_numpy(graph.network(False, False)(x))
    np.testing.assert_allclose(given, model.translate(x, "b_to_a"), rtol=0, atol=PARITY)


def test_any_size(tmp_path):
    model = tiny("Pix2Pix", test_dropout=False)
    if BACKEND != "tensorflow":
        with pytest.raises(
            ValueError, match=f"must be a size on the backend {BACKEND}.*Use TensorFlow"
        ):
            model.export_graph(image_size="any")
        return
    path = export(model, tmp_path, "litert", image_size="any")
    x = images(1, (16, 24, 1))
    given = runtimes.run(path, "litert", {"images": x})
    np.testing.assert_allclose(given, model.translate(x), rtol=0, atol=PARITY)


def test_dropout_is_off_and_the_model_stays_as_it_is():
    model = tiny("Pix2Pix")
    before = model.translate(images(2), seed=3)
    graph = model.export_graph()
    network = graph.network(False, False)
    one, two = (keras.ops.convert_to_numpy(network(images(2))) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(model.translate(images(2), seed=3), before)
    assert model.test_dropout


def test_several_styles():
    model = fast_style_transfer(2)
    graph = model.export_graph()
    assert [tensor.name for tensor in graph.inputs] == ["images", "style_weights"]
    x = images(1, (8, 8, 3))
    weights = np.array([[0.0, 1.0]], "float32")
    given = keras.ops.convert_to_numpy(graph.network(False, False)([x, weights]))
    np.testing.assert_allclose(given, model.translate(x, style=1), rtol=0, atol=PARITY)


def test_half_precision_becomes_float32():
    model = tiny("DCGAN", dtype="mixed_float16")
    network = model.export_graph().network(False, False)
    assert {layer.compute_dtype for layer in network.layers[1].layers} == {"float32"}
    single = tiny("DCGAN")
    single.generator.set_weights(model.generator.get_weights())
    given = keras.ops.convert_to_numpy(network(LATENTS))
    np.testing.assert_allclose(given, single.generate(latents=LATENTS), rtol=0, atol=PARITY)


def test_other_images_are_an_error(tmp_path, monkeypatch):
    path = tmp_path / f"g{formats.FORMATS[WRITABLE[0]].suffix}"
    monkeypatch.setattr(runtimes, "run", lambda *_: np.full((2, 8, 8, 1), 0.9, "float32"))
    with pytest.raises(RuntimeError, match="gives other images than the model: they differ by"):
        tiny("GAN").export(path, WRITABLE[0])
    monkeypatch.setattr(runtimes, "run", lambda *_: np.full((2, 8, 8, 1), np.nan, "float32"))
    with pytest.raises(RuntimeError, match="they differ by nan"):
        tiny("GAN").export(path, WRITABLE[0])
    assert list(tmp_path.iterdir()) == []


def test_files_are_replaced_whole_or_not_at_all(tmp_path):
    format = "saved_model" if "saved_model" in WRITABLE else WRITABLE[0]
    path = export(tiny("GAN"), tmp_path, format)
    export(tiny("GAN", seed=1), tmp_path, format)
    given = runtimes.run(path, format, {"latents": LATENTS})
    np.testing.assert_allclose(
        given, tiny("GAN", seed=1).generate(latents=LATENTS), rtol=0, atol=PARITY
    )
    with pytest.raises(FileExistsError, match="Pass overwrite=True"):
        tiny("GAN").export(path, format, overwrite=False)
    np.testing.assert_array_equal(runtimes.run(path, format, {"latents": LATENTS}), given)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_every_backend_writes_a_format_or_has_a_reason():
    for name, kind in formats.FORMATS.items():
        for backend in BACKENDS:
            assert (backend in kind.writers) != ((name, backend) in formats.REASONS)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("GAN", {"format": "tflite"}, "`format` must be one of 'onnx', 'litert'"),
        ("GAN", {"format": "weights"}, "`filepath` must end in .weights.h5 with format='weights'"),
        ("GAN", {"truncation": 0.5}, "`truncation` must be left out in the export of a GAN"),
        ("StyleGAN2", {"truncation": np.nan}, "`truncation` must be a finite number"),
        ("CycleGAN", {"direction": "up"}, "`direction` must be one of 'a_to_b', 'b_to_a'"),
        ("CycleGAN", {"image_size": 10}, "`image_size` must be a side, .* multiples of 4"),
        ("CycleGAN", {"image_size": (8, 0)}, "`image_size` must be a side, .* multiples of 4"),
    ],
)
def test_wrong_arguments(tmp_path, name, arguments, message):
    arguments = {"format": WRITABLE[0]} | arguments
    path = tmp_path / f"g{formats.FORMATS[WRITABLE[0]].suffix}"
    with pytest.raises(ValueError, match=message):
        tiny(name).export(path, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_no_network_to_export(tmp_path):
    model = kgz.StyleTransfer(network="rgb64")
    for format in (WRITABLE[0], "weights"):
        with pytest.raises(ValueError, match="StyleTransfer has no network"):
            model.export(tmp_path / f"g{formats.FORMATS[format].suffix}", format)
    growing = tiny("ProgressiveGAN")
    growing.grow(0)
    with pytest.raises(ValueError, match="not fully grown"):
        growing.export(tmp_path / f"g{formats.FORMATS[WRITABLE[0]].suffix}", WRITABLE[0])


def test_packages_and_backends_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "is_installed", lambda module: False)
    with pytest.raises(ImportError, match=r'needs .*onnx\. Install .*"keras-gan-zoo\[onnx(-jax)?\]"'):
        tiny("GAN").export(tmp_path / "g.onnx", "onnx")
    for (format, backend), reason in formats.REASONS.items():
        with pytest.raises(ValueError) as error:
            formats.check_backend(format, backend)
        assert reason in str(error.value) and "--backend" in str(error.value)
    if BACKEND == "tensorflow":  # Keras needs nothing else for LiteRT
        assert tiny("GAN").export(tmp_path / "g.tflite", "litert", verbose=False) is None
        assert (tmp_path / "g.tflite").stat().st_size > 1000
