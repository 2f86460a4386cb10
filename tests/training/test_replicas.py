"""PyTorch: two processes compute a step with half of the batch each, and train what one does.

As a script, this file trains all `CASES`, alone or in one of the processes that `torchrun` starts.
"""

import functools
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_gan_zoo as kgz
from keras_gan_zoo import backend

ROWS, STEPS = 8, 4
only_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="of the PyTorch backend")


def gan(**compile_arguments):
    model = kgz.GAN((8, 8, 1), width=4, latent_dim=4, dropout=0.0, seed=0)
    model.compile(**compile_arguments)
    return model, []


def dcgan(*callbacks, **compile_arguments):
    model = kgz.DCGAN((8, 8, 1), width=4, latent_dim=4, seed=0)
    model.compile(**compile_arguments)
    return model, list(callbacks)


def plain(name, **arguments):
    model = getattr(kgz, name)((8, 8, 1), width=4, seed=0, **arguments)
    model.compile()
    return model, []


CASES = {
    "GAN": lambda: gan(ema=0.9),
    "half-life": lambda: gan(ema=kgz.schedules.HalfLife(20)),
    "ADA": lambda: gan(augment=kgz.augment.ADA(images=100, target=0.0)),
    "DCGAN": lambda: dcgan(ema=0.9),
    "spectral norm": lambda: plain("DCGAN", latent_dim=4, d_norm="spectral"),
    "skip": lambda: dcgan(kgz.callbacks.DiscriminatorSkip(1.387, patience=1)),
    "simultaneous": lambda: dcgan(updates="simultaneous", penalties=["r1", "gradient_penalty"]),
    "relativistic average, LeCam": lambda: dcgan(losses="relativistic_hinge", penalties=["lecam"]),
    "feature matching": lambda: dcgan(
        losses={"adversarial": "non_saturating", "feature_matching": 1.0}
    ),
    "WGANGP": lambda: plain("WGANGP", latent_dim=4),
    "R3GAN": lambda: plain("R3GAN", latent_dim=4),
    "DiscoGAN": lambda: plain("DiscoGAN", halvings=2),
}


def data(model):
    images = np.random.default_rng(0).uniform(-1, 1, (2, ROWS * STEPS, 8, 8, 1))
    x, y = images.astype(keras.config.floatx())
    return (x, y) if isinstance(model, kgz.ImageToImage) else (x, None)


def trained(name):
    """Train a case, and return its images, the scores of real ones, and the logs.

    Weights without an effect, such as a bias before a normalization, have gradients of rounding errors.
    """
    model, callbacks = CASES[name]()
    x, y = data(model)
    history = model.fit(x, y, batch_size=ROWS, epochs=2, verbose=0, callbacks=callbacks)
    if y is None:
        images, inputs = model.generate(ROWS, seed=1), x
    else:
        images, inputs = np.concatenate([model.translate(x), model.translate(y, "b_to_a")]), [x, y]
    scores = keras.tree.flatten(model.discriminator(inputs, training=False))[0]
    values = {"images": images, "scores": keras.ops.convert_to_numpy(scores)}
    return values | {log: np.array(numbers) for log, numbers in history.history.items()}


def draw_for_all(rank, count):
    """Let each process draw the random numbers of the whole batch, and take its rows."""

    def draw(original, shape, *args, **kwargs):
        if not shape:
            return original(shape, *args, **kwargs)
        axis = 1 if shape[0] in (7, 8, 13) else 0  # augmentations draw (numbers, rows)
        assert shape[axis] == ROWS // count
        whole = tuple(size * count if n == axis else size for n, size in enumerate(shape))
        return keras.ops.split(original(whole, *args, **kwargs), count, axis)[rank]

    for name in ("normal", "uniform", "randint"):
        setattr(keras.random, name, functools.partial(draw, getattr(keras.random, name)))


def main(folder):
    keras.config.set_floatx("float64")
    backend.connect()
    rank, count = backend.process()
    if count > 1:
        draw_for_all(rank, count)
    start = backend.start_replicas

    def start_with_same_draws(model):
        start(model)
        for variable in model.variables:
            if variable.path.endswith("seed_generator_state"):
                assert variable.numpy()[1] == rank * 2**30
                variable.value.data[1] = 0

    backend.start_replicas = start_with_same_draws
    for number, name in enumerate(CASES):
        np.savez(folder / f"{number}_{rank}_of_{count}.npz", **trained(name))
    if count == 1:
        return
    model, _ = gan()

    def change(batch, logs):
        model.discriminator.weights[0].value.data += rank

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=change)
    try:
        model.fit(data(model)[0], batch_size=ROWS, verbose=0, callbacks=[callback])
    except RuntimeError as error:
        (folder / f"error_{rank}.txt").write_text(str(error))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicas")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}
    for command in ([sys.executable], launch):
        command = [*command, __file__, str(folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
    return folder


@only_torch
@pytest.mark.parametrize("name", CASES)
def test_two_processes_train_what_one_does(folder, name):
    number = list(CASES).index(name)
    one, *two = (
        np.load(folder / f"{number}_{process}.npz") for process in ("0_of_1", "0_of_2", "1_of_2")
    )
    assert {*two[0]} == {*two[1]} == {*one} > {"images", "scores", "d_loss"}
    for key, value in one.items():
        for process in two:
            np.testing.assert_allclose(process[key], value, rtol=1e-6, atol=1e-8, err_msg=key)


@only_torch
@pytest.mark.parametrize("rank", [0, 1])
def test_processes_with_different_weights_stop_after_the_epoch(folder, rank):
    assert "The weights of the 2 processes differ" in (folder / f"error_{rank}.txt").read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
