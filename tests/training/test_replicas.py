"""Two replicas compute a step with half of the batch each, and train what one does.

On PyTorch a replica is a process that `torchrun` starts, on TensorFlow a device of a MirroredStrategy.
As a script, this file trains the cases in one replica, or in two.
"""

import contextlib
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
BACKEND = keras.backend.backend()
pytestmark = pytest.mark.skipif(BACKEND == "jax", reason="JAX: see test_processes.py")
only_torch = pytest.mark.skipif(BACKEND != "torch", reason="of the PyTorch backend")


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
    "DCGAN": lambda: dcgan(ema=0.9),
    "skip": lambda: dcgan(kgz.callbacks.DiscriminatorSkip(1.387, patience=1)),
    "ADA": lambda: gan(augment=kgz.augment.ADA(images=100, target=0.0)),
    "WGANGP": lambda: plain("WGANGP", latent_dim=4),
    "half-life": lambda: gan(ema=kgz.schedules.HalfLife(20)),
    "spectral norm": lambda: plain("DCGAN", latent_dim=4, d_norm="spectral"),
    "simultaneous": lambda: dcgan(updates="simultaneous", penalties=["r1", "gradient_penalty"]),
    "relativistic average, LeCam": lambda: dcgan(losses="relativistic_hinge", penalties=["lecam"]),
    "feature matching": lambda: dcgan(
        losses={"adversarial": "non_saturating", "feature_matching": 1.0}
    ),
    "R3GAN": lambda: plain("R3GAN", latent_dim=4),
    "DiscoGAN": lambda: plain("DiscoGAN", halvings=2),
}
if BACKEND == "tensorflow":  # each case compiles for ten seconds
    CASES = dict(list(CASES.items())[:3])


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


def draw_for_all(number):
    """Let each replica draw the random numbers of the whole batch, and take its rows.

    Args:
        number: function that returns the number of the replica.
    """

    def draw(original, shape, *args, **kwargs):
        if not shape or backend.replicas() == 1:
            return original(shape, *args, **kwargs)
        axis = 1 if shape[0] in (7, 8, 13) else 0  # augmentations draw (numbers, rows)
        whole = tuple(size * 2 if n == axis else size for n, size in enumerate(shape))
        halves = keras.ops.split(original(whole, *args, **kwargs), 2, axis)
        return keras.ops.take(keras.ops.stack(halves), number(), 0)

    for name in ("normal", "uniform", "randint"):
        setattr(keras.random, name, functools.partial(draw, getattr(keras.random, name)))
    start = backend.begin_fit

    def start_with_same_draws(model):
        start(model)
        for variable in model.variables:
            if variable.path.endswith("seed_generator_state"):
                same_draws(variable.value)

    backend.begin_fit = start_with_same_draws


def same_draws(state):
    """Undo the difference of the replicas' seeds."""
    if BACKEND == "torch":
        assert int(state[1]) == backend.process()[0] * 2**30
        state.data[1] = 0
    else:
        one, two = state.values
        assert [int(one[1]), int(two[1])] == [0, 2**30]
        two.assign(one)


def two_devices():
    """Return the scope of a strategy with two virtual devices."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, devices)
    draw_for_all(lambda: tf.distribute.get_replica_context().replica_id_in_sync_group)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()


def main(folder, count):
    keras.config.set_floatx("float64")
    scope, rank = contextlib.nullcontext(), 0
    if count == 2 and BACKEND == "torch":
        backend.connect()
        rank, _ = backend.process()
        draw_for_all(lambda: rank)
    elif count == 2:
        scope = two_devices()
    with scope:
        for number, name in enumerate(CASES):
            np.savez(folder / f"{number}_{rank}_of_{count}.npz", **trained(name))
    if count == 2 and BACKEND == "torch":
        change_weights(folder, rank)


def change_weights(folder, rank):
    """Change weights in one process only, and write what `fit` says of it."""
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
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "OMP_NUM_THREADS": "1"}
    for count, command in ((1, [sys.executable]), (2, launch)):
        command = command if BACKEND == "torch" else [sys.executable]
        command = [*command, __file__, str(folder), str(count)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", CASES)
def test_two_replicas_train_what_one_does(folder, name):
    number = list(CASES).index(name)
    one = np.load(folder / f"{number}_0_of_1.npz")
    files = sorted(folder.glob(f"{number}_?_of_2.npz"))
    assert len(files) == (2 if BACKEND == "torch" else 1)
    for two in map(np.load, files):
        assert {*two} == {*one} > {"images", "scores", "d_loss"}
        for key, value in one.items():
            np.testing.assert_allclose(two[key], value, rtol=1e-6, atol=1e-8, err_msg=key)


@only_torch
@pytest.mark.parametrize("rank", [0, 1])
def test_processes_with_different_weights_stop_after_the_epoch(folder, rank):
    assert "The weights of the 2 processes differ" in (folder / f"error_{rank}.txt").read_text()


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a strategy of TensorFlow")
def test_the_strategy_that_keras_does_not_support_is_refused():
    import tensorflow as tf

    with tf.distribute.MultiWorkerMirroredStrategy().scope():
        model, _ = gan()
        with pytest.raises(ValueError, match="does not work with Keras 3, by the words"):
            model.fit(data(model)[0], batch_size=ROWS, verbose=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
