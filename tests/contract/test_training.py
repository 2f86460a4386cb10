"""Training with `fit`, for every model of the registry."""

import keras
import numpy as np
import pytest
from tools import (
    BACKEND,
    REPRESENTATIVES,
    TINY,
    all_moved,
    close,
    dataset,
    each_model,
    fit,
    images,
    mark_others,
    outputs,
    same,
    second_input,
    state,
    tiny,
    tiny_with_defaults,
    values,
)

from keras_gan_zoo import backend, losses, registry


def sides(model):
    """The weights that the two optimizers train: the discriminator's, the generator's."""
    return values(model.discriminator_variables()), values(model.generator_variables())


def assert_finite(history):
    assert {"d_loss", "g_loss"} <= set(history)
    assert all(np.isfinite(value).all() for value in history.values())


@each_model()
def test_has_a_tiny_variant_and_names_its_paper(name):
    assert name in TINY, f"add a line for {name} to TINY in tests/tools.py"
    model = type(tiny(name))
    assert model.__name__ == name
    assert "arXiv" in model.__doc__ and "Example:" in model.__doc__


def all_trained(before, after):
    """Whether every array differs, except biases of logits: some losses depend on differences only."""
    pairs = zip(before, after, strict=True)
    return all(not np.array_equal(*pair) or pair[0].shape == (1,) for pair in pairs)


class RecordGenerators(keras.callbacks.Callback):
    """Records the weights of the generator and of its moving average after each step."""

    def on_train_begin(self, logs=None):
        self.steps = [self._weights()]

    def on_train_batch_end(self, batch, logs=None):
        backend.sync(self.model)
        self.steps.append(self._weights())

    def _weights(self):
        return [values(side.weights) for side in (self.model.generator, self.model.ema_generator)]


def assert_average(variables, trained, steps):
    """Compare the moving average (decay 0.8) after each step with values computed here."""
    (start, average), *rest = steps
    assert same(start, average)
    is_trained = [id(variable) in set(map(id, trained)) for variable in variables]
    for (weights, averages), share in zip(rest, (9 / 11, 0.8), strict=True):  # the decay grows from 0
        for moves, old, new, mean in zip(is_trained, average, weights, averages, strict=True):
            if moves:
                expected = old + share * (new - old)
                np.testing.assert_allclose(mean, expected, rtol=1e-5, atol=1e-7)
            else:  # batch statistics, which the average updates later, and levels that are not in use
                np.testing.assert_array_equal(mean, old)
        average = averages
    assert not any(
        moves and np.array_equal(mean, new)
        for moves, mean, new in zip(is_trained, average, weights, strict=True)
    )


@pytest.mark.parametrize("name", registry.MODELS)
def test_two_steps_with_the_paper_s_defaults(name):
    """Two steps train all weights and the moving average; `evaluate` changes nothing."""
    model, record = tiny_with_defaults(name), RecordGenerators()
    model.compile(ema=0.2)
    d_before, g_before = sides(model)
    # After one step, layers behind weights that start at zero would still be unchanged.
    history = fit(model, images(16), callbacks=[record])
    assert_finite(history)
    d_after, g_after = sides(model)
    assert all_trained(d_before, d_after)
    assert all_moved(g_before, g_after)
    assert model.steps == 2
    assert int(model.optimizer["g_opt"].iterations) == 2
    d_every = getattr(model, "d_every", 1)
    assert int(model.optimizer["d_opt"].iterations) == 2 * model.default_d_steps / d_every
    assert {penalty.name for penalty in model.default_penalties()} <= set(history)
    assert_average(model.generator.weights, model.generator_variables(), record.steps)

    before, optimizer = values(model.weights), values(model.optimizer.variables)
    x = images()
    logs = model.evaluate(x, second_input(model, x), batch_size=8, verbose=0, return_dict=True)
    assert_finite(logs)
    assert same(before, values(model.weights))
    assert same(optimizer, values(model.optimizer.variables))


@each_model()
@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_an_update_leaves_the_other_side_alone(name, updates):
    model = tiny(name)
    model.compile(keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.05), updates=updates)
    names = ("d_opt", "g_opt")
    for still, moving in (names, names[::-1]):
        model.optimizer[still].learning_rate, model.optimizer[moving].learning_rate = 0.0, 0.05
        before = dict(zip(names, sides(model), strict=True))
        fit(model)
        after = dict(zip(names, sides(model), strict=True))
        assert same(before[still], after[still])
        assert all_trained(before[moving], after[moving])


# Every loss, and every other argument of `compile` at least once.
ARGUMENTS = [
    {"losses": "non_saturating", "updates": "simultaneous", "d_steps": 2},
    {"losses": "minimax", "updates": "simultaneous"},
    {"losses": "least_squares", "d_steps": 2},
    {"losses": "wasserstein", "ema": 0.9, "d_opt": "rmsprop"},
    {"losses": {"adversarial": "hinge"}, "g_opt": "adamw"},
    {"losses": losses.Relativistic(), "updates": "alternating"},
    {"losses": "relativistic", "updates": "simultaneous", "ema": 0.9},
]


def arguments_for(name):
    """All of them for one model of each family; two for each other model, chosen by its position."""
    if name in ("DCGAN", "Pix2Pix"):
        return ARGUMENTS
    first = list(registry.MODELS).index(name)
    return [ARGUMENTS[(first + more) % len(ARGUMENTS)] for more in (0, 4)]


@each_model("DCGAN", "Pix2Pix")
def test_arguments_of_compile(name):
    for arguments in arguments_for(name):
        model = tiny(name)
        model.compile(**arguments)
        d_before, g_before = sides(model)
        assert_finite(fit(model))
        d_after, g_after = sides(model)
        assert all_trained(d_before, d_after) and all_moved(g_before, g_after), arguments
        d_steps = arguments.get("d_steps", model.default_d_steps)
        assert int(model.optimizer["d_opt"].iterations) == 3 * d_steps
        assert int(model.optimizer["g_opt"].iterations) == model.steps == 3


@each_model()
def test_seeded_runs_repeat(name):
    def new(seed):
        keras.utils.set_random_seed(int(np.random.SeedSequence().entropy % 2**32))
        return tiny(name, seed=seed)

    def run(model):
        start = values(model.weights)
        model.compile(ema=0.9)
        return start, fit(model, dataset(16), epochs=2), state(model)

    (start, history, end), (start_again, history_again, end_again) = run(new(7)), run(new(7))
    assert same(start, start_again)
    assert history == history_again
    assert same(end, end_again)
    assert history["g_loss"][0] != history["g_loss"][1]
    assert not same(start, values(new(8).weights))


@each_model()
def test_set_random_seed_repeats_models_without_a_seed(name):
    def weights():
        keras.utils.set_random_seed(3)
        return values(tiny(name, seed=None).variables)

    assert same(weights(), weights())
    assert not same(values(tiny(name, seed=None).variables), values(tiny(name, seed=None).variables))


@pytest.mark.skipif(BACKEND == "torch", reason="nothing is compiled on torch")
@each_model("DCGAN")
def test_eagerly_is_as_compiled(name, float64):
    ends = []
    for run_eagerly in (False, True):
        model = tiny(name, dtype="float64")
        # Adam would amplify the rounding noise in tiny gradients to whole steps.
        sgd = keras.optimizers.SGD
        model.compile(sgd(0.05), sgd(0.05), run_eagerly=run_eagerly, ema=0.9)
        start = values(model.weights)
        history = fit(model, images(16))
        ends.append((history, values(model.weights)))
    (compiled_history, compiled), (eager_history, eager) = ends
    assert compiled_history.keys() == eager_history.keys()
    for key, value in compiled_history.items():
        assert value == pytest.approx(eager_history[key], rel=1e-5), key
    close(eager, compiled, rtol=1e-6, atol=1e-7)
    assert max(abs(a - b).max() for a, b in zip(start, compiled, strict=True)) > 2e-4


# Keras runs the loop: batch statistics in CI; penalties and a pool, too, in the full matrix.
@pytest.mark.skipif(BACKEND == "torch", reason="Keras: steps_per_execution is 1 on torch")
@pytest.mark.parametrize("name", mark_others(REPRESENTATIVES, ["DCGAN"]))
def test_several_steps_per_execution(name):
    ends = []
    for steps in (1, 2):
        model = tiny(name)
        model.compile(steps_per_execution=steps)
        history = fit(model, images(32))
        ends.append((history["d_loss"], values(model.weights)))
        assert model.steps == 4
    (losses_1, weights_1), (losses_2, weights_2) = ends
    assert losses_1 == pytest.approx(losses_2, rel=1e-4)
    close(weights_2, weights_1, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="an option that matters on TensorFlow only")
@each_model()
def test_xla(name):
    model = tiny(name)
    model.compile(jit_compile=True, ema=0.9)
    d_before, g_before = sides(model)
    assert_finite(fit(model, images(16)))  # the values differ: XLA has other random numbers
    d_after, g_after = sides(model)
    assert all_trained(d_before, d_after) and all_moved(g_before, g_after)


@each_model()
def test_half_precision(name):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = tiny(name)
        model.compile(ema=0.9)
        d_before, g_before = sides(model)
        assert_finite(fit(model, images(64)))  # the loss scale decreases until nothing overflows
        assert model.generator.compute_dtype == "float16"
        assert type(model.optimizer["d_opt"]).__name__ == "LossScaleOptimizer"
        d_after, g_after = sides(model)
        assert not same(d_before, d_after) and not same(g_before, g_after)
        assert all(np.isfinite(weight).all() for weight in values(model.weights))
        assert outputs(model).dtype == np.float32
    finally:
        keras.config.set_dtype_policy("float32")


# `compile` belongs to the base class: one model each without labels, with labels, with two domains.
@pytest.mark.parametrize("name", ("DCGAN", "ConditionalGAN", "CycleGAN"))
def test_compiling_again(name):
    model = tiny(name)
    model.compile()
    assert_finite(fit(model, images(8)))
    model.compile("sgd", "sgd", losses="hinge", ema=0.5)
    before = values(model.trainable_variables)
    assert_finite(fit(model))
    assert not same(before, values(model.trainable_variables))
    assert model.steps == 3
    assert model.ema_generator is not None
    model.compile(ema=False)
    assert model.ema_generator is None
