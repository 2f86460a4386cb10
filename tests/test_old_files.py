"""Files that release 0.1 wrote, before modules moved: they load, generate the same and train on."""

import pathlib

import keras
import numpy as np
import pytest
from style_tools import picture
from tools import BACKEND, dataset, fit, outputs, state

from keras_gan_zoo import registry

FOLDER = pathlib.Path(__file__).parent / "fixtures" / "release_0_1"
PHOTOS = np.stack([picture(seed=seed) for seed in (10, 11)])


def means(model):
    return np.array([np.abs(values.astype("float64")).mean() for values in state(model)])


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("*.keras"))])
def test_a_file_of_release_0_1_goes_on(name):
    known = np.load(FOLDER / f"{name}.npz")
    model = keras.models.load_model(FOLDER / f"{name}.keras")
    assert type(model).__name__ == name
    np.testing.assert_allclose(means(model), known["state"], rtol=1e-6)

    if name == "StyleTransfer":
        np.testing.assert_allclose(model.pictures(), known["outputs"], atol=1e-5)
        return
    made = model.translate(PHOTOS) if name == "FastStyleTransfer" else outputs(model)
    np.testing.assert_allclose(made, known["outputs"], atol=2e-3)  # kept as float16
    if name in registry.STYLE_MODELS or BACKEND == "jax":  # compiling takes JAX longer than it is worth
        return
    steps = model.steps
    history = fit(model, dataset())
    assert model.steps == steps + 3
    assert np.isfinite([history["d_loss"], history["g_loss"]]).all()
