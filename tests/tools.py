"""Shared helpers: tiny models and data, states of models, gradients."""

import contextlib
import importlib.util

import keras
import numpy as np
import pytest
from keras import layers

import keras_gan_zoo as kgz
from keras_gan_zoo import registry
from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.models.image_to_image.base import ImageToImage
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

BACKENDS = ("tensorflow", "jax", "torch")
BACKEND = keras.backend.backend()
SHAPE = (8, 8, 1)

# Arguments that make each model of the registry small. A new model needs a line here.
TINY = {
    "GAN": {"image_shape": SHAPE, "latent_dim": 4},
    "DCGAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 4},
    "WGANGP": {"image_shape": SHAPE, "latent_dim": 4, "width": 4},
    "SNGAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 4},
    "R3GAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 4},
    "FastGAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 2, "perceptual": None},
    "ProgressiveGAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 4},
    "MSGGAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 4},
    "StyleGAN2": {"image_shape": SHAPE, "latent_dim": 4, "width": 4, "mapping_layers": 2},
    "ConditionalGAN": {"image_shape": SHAPE, "latent_dim": 4, "width": 4, "num_classes": 3},
    "InfoGAN": {
        "image_shape": SHAPE,
        "latent_dim": 4,
        "width": 4,
        "categorical": (2,),
        "continuous": 1,
    },
    "Pix2Pix": {"image_shape": SHAPE, "width": 4},
    "SRGAN": {
        "image_shape": (16, 16, 1),
        "scale": 2,
        "width": 2,
        "blocks": 1,
        "pretrain": 0,
        "perceptual": None,
    },
    "DiscoGAN": {"image_shape": SHAPE, "width": 4, "halvings": 2},
    "CycleGAN": {"image_shape": SHAPE, "width": 4, "blocks": 1, "pool_size": 8},
}


# Larger defaults of the papers that only make the compiled step longer.
FEWER_UPDATES = {"DiscoGAN": {"d_every": 1}}

# On TensorFlow and JAX, which compile, most contract tests try these models unless `--full-matrix` is
# given. Together they have batch statistics, penalties, second-order gradients, two domains and a pool.
REPRESENTATIVES = ("DCGAN", "R3GAN", "CycleGAN")


def each_model(*representatives):
    """Parametrize a test's `name` over the registry.

    On the compiled backends only over `representatives`, unless `--full-matrix` is given.
    """
    names = representatives or REPRESENTATIVES
    return pytest.mark.parametrize("name", mark_others(registry.MODELS, names))


def mark_others(names, representatives):
    """Parameters of a test, of which all but the representatives have the mark `full_matrix`."""
    assert all(name in names for name in representatives)
    return [
        name
        if name in representatives
        else pytest.param(*(name if isinstance(name, tuple) else [name]), marks=pytest.mark.full_matrix)
        for name in names
    ]


def tiny(name, /, seed=0, **arguments):
    """A small model of the registry with one update of D per step and without slow penalties."""
    model = tiny_with_defaults(name, seed, **FEWER_UPDATES.get(name, {}) | arguments)
    model.default_d_steps = 1
    if name == "StyleGAN2":  # the penalties make its step three times as long
        model.default_penalties = list
    return model


def tiny_with_defaults(name, /, seed=0, **arguments):
    """A small model of the registry that `compile()` gives the defaults of its paper."""
    return getattr(kgz, name)(**TINY[name] | {"seed": seed} | arguments)


@contextlib.contextmanager
def float64():
    """Compute in float64, which Keras on JAX and PyTorch otherwise replaces by float32."""
    narrowed = keras_private.narrowed_dtypes()
    with contextlib.ExitStack() as stack:
        stack.callback(narrowed.__setitem__, "float64", narrowed["float64"])
        narrowed["float64"] = "float64"
        if BACKEND == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
        yield


def images(n=24, shape=SHAPE, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, *shape)).astype("float32")


def second_input(model, x):
    """The second array of a model's batches: labels, images of the other domain, or None."""
    if isinstance(model, ImageToImage):
        first, second = model.shapes()
        scale = second[0] // first[0]
        return x[:, ::-1].repeat(scale, 1).repeat(scale, 2)
    return labels(len(x)) if model.condition is not None else None


def dataset(n=24, batch_size=8):
    """A shuffled `ImageDataset` of random uint8 images and labels; its batches are in [-1, 1]."""
    pictures = np.random.default_rng(1).integers(0, 256, (n, *SHAPE)).astype("uint8")
    return kgz.data.ImageDataset(pictures, labels(n), batch_size=batch_size)


def labels(n=24):
    """Integer labels 0, 1, 2, 0, 1, 2, ..."""
    return (np.arange(n) % 3).astype("int32")


def fit(model, x=None, epochs=1, **arguments):
    """Train without output and return the history; by default three steps of 8 images, not shuffled.

    `second_input` completes the data of models that also need labels or a second domain.
    """
    x = images() if x is None else x
    arguments = {"batch_size": 8 if hasattr(x, "shape") else None, "shuffle": False} | arguments
    if hasattr(x, "shape"):
        arguments = {"y": second_input(model, x)} | arguments
    elif isinstance(x, kgz.data.ImageDataset) and isinstance(model, ImageToImage):
        x = kgz.data.PairDataset(
            x.images, second_input(model, x.images), x.batch_size, shuffle=x.shuffle
        )
    return model.fit(x, epochs=epochs, verbose=0, **arguments).history


def outputs(model):
    """Two generated or translated images, which depend only on the state of the model."""
    if isinstance(model, ImageToImage):
        return model.translate(images(2, model.image_shape), seed=0)
    return model.generate(2, seed=0)


class PowerCut(keras.callbacks.Callback):
    """Raise RuntimeError after a number of steps."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_begin(self, batch, logs=None):
        self.steps -= 1
        if self.steps < 0:
            raise RuntimeError("power cut")


def importable(backend):
    return importlib.util.find_spec(backend) is not None


class Linear(NoiseToImage):
    """A linear GAN with simple initial logits: 2 for `stripes()`, -1 for generated images.

    The generator multiplies latents by 0, so its images are 0. The discriminator is the scalar product
    with the stripes.
    """

    def __init__(self, **arguments):
        super().__init__(**{"image_shape": SHAPE, "latent_dim": 4, "seed": 0} | arguments)
        self.make_networks()
        kernel = stripes(1).reshape(-1, 1) * 3.0 / 64
        self.discriminator.set_weights([kernel, np.array([-1.0], "float32")])

    def make_generator(self):
        pixels = int(np.prod(self.image_shape))
        return keras.Sequential(
            [
                keras.Input((self.latent_dim,)),
                layers.Dense(pixels, kernel_initializer="zeros"),
                layers.Reshape(self.image_shape),
            ]
        )

    def make_discriminator(self):
        return keras.Sequential([keras.Input(self.image_shape), layers.Flatten(), layers.Dense(1)])


def stripes(n=24):
    """The same image n times, with alternating columns of 1 and -1."""
    columns = np.where(np.arange(SHAPE[1]) % 2, -1.0, 1.0).astype("float32")
    return np.tile(columns[None, None, :, None], (n, SHAPE[0], 1, 1))


def frozen(model, **arguments):
    """`model`, compiled with learning rates of 0."""
    sgd = keras.optimizers.SGD
    model.compile(**{"d_opt": sgd(0.0), "g_opt": sgd(0.0)} | arguments)
    return model


def parameters(network, *names):
    """Number of trainable parameters of the layers whose names start with one of `names`."""
    selected = [layer for layer in network.layers if layer.name.startswith(names)]
    weights = [weight for layer in selected for weight in layer.trainable_weights]
    return sum(int(np.prod(weight.shape)) for weight in weights)


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def state(model):
    """The training state as arrays: weights, moving averages, both optimizers, seeds."""
    metrics = {id(variable) for variable in model.metrics_variables}
    variables = {id(v): v for v in [*model.variables, *model.optimizer.variables]}
    return values(v for key, v in variables.items() if key not in metrics)


def same(left, right):
    """Whether two lists of arrays are equal bit for bit."""
    assert len(left) == len(right) > 0
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def all_moved(left, right):
    """Whether every array of one list differs from its counterpart in the other."""
    assert len(left) == len(right) > 0
    return not any(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def close(left, right, **tolerance):
    assert len(left) == len(right) > 0
    for a, b in zip(left, right, strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


def gradients(function, *arrays):
    """`function(*arrays)`, a scalar, and its gradient with respect to each array."""
    arrays = [np.asarray(array, "float32") for array in arrays]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        arrays = [tf.convert_to_tensor(array) for array in arrays]
        with tf.GradientTape() as tape:
            tape.watch(arrays)
            result = function(*arrays)
        grads = tape.gradient(result, arrays)
    elif BACKEND == "jax":
        import jax

        result, grads = jax.jit(jax.value_and_grad(function, tuple(range(len(arrays)))))(*arrays)
    else:
        import torch

        arrays = [torch.tensor(array, requires_grad=True) for array in arrays]
        result = function(*arrays)
        grads = torch.autograd.grad(result, arrays)
    result, *grads = values([result, *grads])
    return float(result), grads
