"""Properties that hold for all inputs, tried with inputs that hypothesis draws."""

import json
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tools import tiny

from keras_gan_zoo import data, schedules
from keras_gan_zoo.utils import files

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies
given = hypothesis.given
hypothesis.settings.register_profile(
    "kgz", max_examples=50, deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("kgz")

SIDES = st.integers(1, 12)
CHANNELS = st.sampled_from((None, 1, 3))
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.floats(),
    st.text(max_size=3),
    st.lists(st.integers(-1, 9)),
)


@given(
    shape=st.tuples(st.integers(1, 5), SIDES, SIDES),
    channels=CHANNELS,
    value=st.integers(0, 255),
    size=st.one_of(st.none(), SIDES, st.tuples(SIDES, SIDES)),
    wanted=CHANNELS,
    aspect=st.sampled_from(("stretch", "crop")),
)
def test_arrays_of_any_shape(shape, channels, value, size, wanted, aspect):
    count, height, width = shape
    shape = shape if channels is None else (*shape, channels)
    aspect = "stretch" if size is None else aspect
    arguments = {"batch_size": 1, "channels": wanted, "aspect": aspect}
    dataset = data.load(np.full(shape, value, "uint8"), size, **arguments)
    sides = (height, width) if size is None else (size, size) if isinstance(size, int) else size
    assert dataset.image_shape == (*sides, wanted or channels or 1)
    assert len(dataset) == count and (dataset.images == value).all()
    (batch,) = dataset[0]
    assert batch.dtype == "float32" and np.abs(batch - (value / 127.5 - 1)).max() <= 1e-6


@given(image_size=ANYTHING, batch_size=ANYTHING, channels=ANYTHING, samples=ANYTHING, aspect=ANYTHING)
def test_arguments_of_any_kind(image_size, batch_size, channels, samples, aspect):
    """They are used, or one error names one of them and its value."""
    arguments = {"image_size": image_size, "batch_size": batch_size, "channels": channels}
    arguments |= {"samples": samples, "aspect": aspect}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data.load(np.zeros((4, 6, 5), "uint8"), **arguments)
    except ValueError as error:
        assert any(f"{name}=" in str(error) for name in arguments) and "Received: " in str(error)


@given(content=st.binary(max_size=300))
def test_pictures_of_any_bytes(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.png")
        path.write_bytes(content)
        with pytest.raises(ValueError, match="`path` must be a picture file that can be read"):
            data.picture(path)


@given(
    name=st.text(
        st.characters(exclude_characters="/\x00", exclude_categories=("Cs",)), min_size=1, max_size=50
    )
)
def test_file_names_of_any_characters(name):
    hypothesis.assume(not name.startswith(".") and len(os.fsencode(f"{name}.png")) < 256)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.png")
        Image.new("L", (2, 2), 7).save(path)
        assert data.load(folder, batch_size=1).images.max() == 7
        path.write_bytes(b"")
        with pytest.raises(ValueError, match="None of the 1 image files") as caught:
            data.load(folder, batch_size=1)
        assert str(caught.value).isprintable()


@given(text=st.text())
def test_printable(text):
    found = files.printable(text)
    assert found.isprintable() and files.printable(found) == found
    assert found == text or not text.isprintable()


@given(content=st.binary(max_size=200), where=st.integers(0), value=st.integers(1, 255))
def test_a_changed_byte_of_a_sealed_file_is_noticed_or_harmless(content, where, value):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_bytes(content)
        files.check_seal(path)
        files.seal(path)
        files.check_seal(path)
        sealed = bytearray(path.read_bytes())
        sealed[where % len(sealed)] ^= value
        path.write_bytes(sealed)
        try:
            files.check_seal(path)
        except OSError:
            return
        assert sealed.startswith(content)


@given(
    start=st.floats(0, 1e3),
    end=st.floats(0, 1e3),
    steps=st.integers(1, 1000),
    step=st.integers(0, 2000),
)
def test_schedules_stay_between_their_ends(start, end, steps, step):
    for schedule in (schedules.Linear(start, end, steps), schedules.Cosine(start, end, steps)):
        value = float(schedule(step))
        slack = 1e-6 * max(start, end, 1e-30)
        assert min(start, end) - slack <= value <= max(start, end) + slack
        if step >= steps:
            assert value == pytest.approx(end, rel=1e-6, abs=1e-30)


@hypothesis.settings(max_examples=10)
@given(
    height=st.sampled_from((8, 12, 16)),
    width=st.sampled_from((8, 12)),
    channels=st.sampled_from((1, 3)),
    latent_dim=st.integers(1, 9),
    seed=st.integers(0, 2**31),
)
def test_models_of_any_shape(height, width, channels, latent_dim, seed):
    shape = (height, width, channels)
    model = tiny("DCGAN", seed, image_shape=shape, latent_dim=latent_dim)
    rebuilt = type(model).from_config(json.loads(json.dumps(model.get_config())))
    assert rebuilt.get_config() == model.get_config()
    images = [each.generate(2, seed=1) for each in (model, rebuilt)]
    assert images[0].shape == (2, *shape) and np.abs(images[0]).max() <= 1
    np.testing.assert_array_equal(*images)
