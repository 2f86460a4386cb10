"""`backend.apply`, which is fused for basic Adam, compared with Keras' own update."""

import keras
import numpy as np
import pytest
from tools import close, values

from keras_gan_zoo import backend
from keras_gan_zoo.backend import adam
from keras_gan_zoo.optimizers import ScheduledAdam
from keras_gan_zoo.schedules import Cosine

SHAPES = [(3, 4), (5,), ()]


def decay():
    return keras.optimizers.schedules.ExponentialDecay(1e-2, decay_steps=2, decay_rate=0.5)


PLAIN = {
    "adam": lambda: keras.optimizers.Adam(1e-2),
    "gan": lambda: keras.optimizers.Adam(1e-2, beta_1=0.5, beta_2=0.9),
    "zero beta": lambda: keras.optimizers.Adam(1e-2, beta_1=0.0, beta_2=0.99, epsilon=1e-8),
    "large epsilon": lambda: keras.optimizers.Adam(1e-2, epsilon=0.5),
    "schedule": lambda: keras.optimizers.Adam(decay()),
    "our Adam": lambda: ScheduledAdam(1e-2),
    "beta schedule": lambda: ScheduledAdam(decay(), 0.0, Cosine(0.5, 0.99, 4)),
}
OTHER = {
    "amsgrad": lambda: keras.optimizers.Adam(1e-2, amsgrad=True),
    "clipnorm": lambda: keras.optimizers.Adam(1e-2, epsilon=0.1, clipnorm=0.1),
    "clipvalue": lambda: keras.optimizers.Adam(1e-2, epsilon=0.1, clipvalue=0.1),
    "global_clipnorm": lambda: keras.optimizers.Adam(1e-2, epsilon=0.1, global_clipnorm=0.1),
    "weight_decay": lambda: keras.optimizers.Adam(1e-2, weight_decay=0.1),
    "use_ema": lambda: keras.optimizers.Adam(1e-2, use_ema=True, ema_momentum=0.9),
    "accumulation": lambda: keras.optimizers.Adam(1e-2, gradient_accumulation_steps=2),
    "loss_scale_factor": lambda: keras.optimizers.Adam(1e-2, epsilon=0.1, loss_scale_factor=4.0),
    "beta schedule, clipnorm": lambda: ScheduledAdam(
        1e-2, beta_2=Cosine(0.5, 0.99, 4), epsilon=0.1, clipnorm=0.1
    ),
    "AdamW": lambda: keras.optimizers.AdamW(1e-2),
    "SGD": lambda: keras.optimizers.SGD(1e-2, momentum=0.9),
    "SGD schedule": lambda: keras.optimizers.SGD(decay()),
    "RMSprop": lambda: keras.optimizers.RMSprop(1e-2),
}


def start():
    rng = np.random.default_rng(0)
    return [keras.Variable(rng.standard_normal(s).astype("float32") * 1e-2) for s in SHAPES]


def gradients_of_steps(steps=5):
    rng = np.random.default_rng(1)
    return [[rng.standard_normal(s).astype("float32") for s in SHAPES] for _ in range(steps)]


def run(optimizer, apply):
    """Variables and optimizer variables after five steps, and the smallest change of a variable."""
    variables = start()
    optimizer.build(variables)
    for gradients in gradients_of_steps():
        apply(optimizer, [keras.ops.convert_to_tensor(g) for g in gradients], variables)
    moved = [abs(b - a).max() for a, b in zip(values(start()), values(variables), strict=True)]
    return values(variables), values(optimizer.variables), min(moved)


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
def test_equals_keras(name):
    make = (PLAIN | OTHER)[name]
    assert adam.is_basic_adam(make()) == (name in PLAIN)
    ours, our_state, moved = run(make(), backend.apply)
    theirs, their_state, _ = run(make(), lambda optimizer, g, v: optimizer.apply(g, v))
    assert moved > 1e-4
    # Keras rounds 1 - 0.999 to float32: its own Adam has an error of 7e-6 of a step, and its second
    # moments differ by 1.3e-5 from those of the kernels.
    exact = 1e-5 if name in PLAIN else 1e-6
    close(ours, theirs, rtol=exact, atol=5e-2 * exact)
    close(our_state, their_state, rtol=2 * exact, atol=1e-9)
    assert our_state[0] == 5  # iterations


@pytest.mark.parametrize("beta_2", [0.999, 0.9, 0.99])
def test_five_steps_in_exact_arithmetic(beta_2):
    beta_1, epsilon = 0.5, 1e-3
    optimizer = keras.optimizers.Adam(1e-2, beta_1, beta_2, epsilon)
    ours, _, _ = run(optimizer, backend.apply)
    for index, result in enumerate(ours):
        x, m, v = values(start())[index].astype("float64"), 0.0, 0.0
        for step, gradients in enumerate(gradients_of_steps(), 1):
            gradient = gradients[index].astype("float64")
            m = beta_1 * m + (1 - beta_1) * gradient
            v = beta_2 * v + (1 - beta_2) * gradient**2
            rate = 1e-2 * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
            x = x - rate * m / (np.sqrt(v) + epsilon)  # Keras' epsilon, the paper's "epsilon hat"
        np.testing.assert_allclose(result, x, rtol=1e-5, atol=5e-7)


def scaled():
    return keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(1e-2, epsilon=0.1), initial_scale=4.0
    )


def test_loss_scale():
    def apply_scaled(optimizer, gradients, variables):
        backend.apply(optimizer, [gradient * 4.0 for gradient in gradients], variables)

    assert not adam.is_basic_adam(scaled())
    ours, _, moved = run(scaled(), apply_scaled)
    theirs, _, _ = run(scaled().inner_optimizer, lambda optimizer, g, v: optimizer.apply(g, v))
    assert moved > 1e-4
    close(ours, theirs, rtol=1e-6, atol=1e-8)


def test_an_overflow_is_skipped_and_lowers_the_scale():
    optimizer, variables = scaled(), start()
    optimizer.build(variables)
    gradients = [keras.ops.convert_to_tensor(g) for g in gradients_of_steps()[0]]
    backend.apply(optimizer, [*gradients[:2], gradients[2] * np.inf], variables)
    close(values(variables), values(start()), rtol=0)
    assert int(optimizer.iterations) == 0
    assert float(optimizer.scale_loss(1.0)) == 2.0


def test_first_step_by_hand():
    # Without decay of the moments, Adam's first step is the learning rate times the gradient's sign.
    variable = keras.Variable(np.array([1.0, -1.0, 0.0], "float32"))
    optimizer = keras.optimizers.Adam(0.1, epsilon=1e-8)
    optimizer.build([variable])
    backend.apply(optimizer, [keras.ops.convert_to_tensor([5.0, -0.01, 3.0])], [variable])
    np.testing.assert_allclose(values([variable])[0], [0.9, -0.9, -0.1], rtol=1e-5)


def test_a_new_learning_rate_is_used():
    def apply(optimizer, gradients, variables):
        backend.apply(optimizer, gradients, variables)
        optimizer.learning_rate = 0.0

    after, _, _ = run(keras.optimizers.Adam(0.1), apply)
    single = start()
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build(single)
    optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients_of_steps()[0]], single)
    close(after, values(single), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Gradients do not exist for variables:UserWarning")
@pytest.mark.parametrize("make", [PLAIN["adam"], OTHER["SGD"]])
def test_a_variable_without_a_gradient_is_unchanged(make):
    variables = start()
    optimizer = make()
    optimizer.build(variables)
    gradients = [keras.ops.convert_to_tensor(g) for g in gradients_of_steps()[0]]
    gradients[1] = None
    backend.apply(optimizer, gradients, variables)
    first, second, third = zip(values(start()), values(variables), strict=True)
    assert not np.array_equal(*first) and not np.array_equal(*third)
    np.testing.assert_array_equal(*second)


def test_gradients_with_another_memory_layout():
    """On PyTorch, the gradient of a convolution is permuted: its memory layout differs."""
    ours, theirs = (keras.Variable(np.zeros((2, 3, 4), "float32")) for _ in range(2))
    gradient = np.random.default_rng(2).standard_normal((4, 3, 2)).astype("float32")
    permuted = keras.ops.transpose(keras.ops.convert_to_tensor(gradient), (2, 1, 0))
    for variable, apply in ((ours, backend.apply), (theirs, lambda o, g, v: o.apply(g, v))):
        optimizer = keras.optimizers.Adam(1e-2, epsilon=0.5)
        optimizer.build([variable])
        apply(optimizer, [permuted], [variable])
    close(values([ours]), values([theirs]), rtol=1e-5, atol=1e-8)
    assert abs(values([ours])[0]).max() > 1e-3


def test_a_kernel_with_another_memory_layout():
    rng = np.random.default_rng(3)
    start, gradient = (rng.standard_normal((2, 3, 4, 5)).astype("float32") for _ in range(2))
    ours, theirs = keras.Variable(start), keras.Variable(start)
    backend.arrange_kernel(ours)
    np.testing.assert_array_equal(values([ours])[0], start)
    for variable, apply in ((ours, backend.apply), (theirs, lambda o, g, v: o.apply(g, v))):
        optimizer = keras.optimizers.Adam(1e-2, epsilon=0.5)
        optimizer.build([variable])
        for _ in range(3):
            apply(optimizer, [keras.ops.convert_to_tensor(gradient)], [variable])
    close(values([ours]), values([theirs]), rtol=1e-5, atol=1e-8)
    assert abs(values([ours])[0] - start).max() > 1e-3
