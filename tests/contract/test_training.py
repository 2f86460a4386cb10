"""What every model of the registry does in `fit`."""

import keras
import numpy as np
import pytest
from tools import (
    BACKEND,
    TINY,
    all_moved,
    close,
    dataset,
    fit,
    images,
    outputs,
    same,
    second,
    state,
    tiny,
    values,
)

from keras_gan_zoo import losses, registry

pytestmark = pytest.mark.parametrize("name", registry.MODELS)


def sides(model):
    return values(model.discriminator_variables()), values(model.generator_variables())


def assert_finite(history):
    assert {"d_loss", "g_loss"} <= set(history)
    assert all(np.isfinite(value).all() for value in history.values())


def test_has_a_tiny_variant_and_names_its_paper(name):
    assert name in TINY, f"add a line for {name} to TINY in tests/tools.py"
    model = type(tiny(name))
    assert model.__name__ == name
    assert "arXiv" in model.__doc__ and "Example:" in model.__doc__


def learned(before, after):
    """Whether every array differs, but for what is added to all logits: many losses know differences
    only."""
    pairs = zip(before, after, strict=True)
    return all(not np.array_equal(*pair) or pair[0].shape == (1,) for pair in pairs)


def test_two_steps_move_both_sides_and_nothing_stays(name):
    # One step leaves what lies behind weights that start at zero.
    model = tiny(name)
    model.compile()
    d_before, g_before = sides(model)
    assert_finite(fit(model, images(16)))
    d_after, g_after = sides(model)
    assert learned(d_before, d_after)
    assert all_moved(g_before, g_after)
    assert model.steps == 2


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
@pytest.mark.parametrize("still", ["d_opt", "g_opt"])
def test_an_update_leaves_the_other_side_alone(name, still, updates):
    model = tiny(name)
    model.compile(**{still: keras.optimizers.SGD(0.0)}, updates=updates)
    before = dict(zip(("d_opt", "g_opt"), sides(model), strict=True))
    fit(model)
    after = dict(zip(("d_opt", "g_opt"), sides(model), strict=True))
    (moving,) = {"d_opt", "g_opt"} - {still}
    assert same(before[still], after[still])
    assert learned(before[moving], after[moving])


# Every loss, and every other argument of `compile` at least once.
@pytest.mark.parametrize(
    "arguments",
    [
        {"losses": "non_saturating", "updates": "simultaneous", "d_steps": 2},
        {"losses": "minimax", "updates": "simultaneous"},
        {"losses": "least_squares", "d_steps": 2},
        {"losses": "wasserstein", "ema": 0.9, "d_opt": "rmsprop"},
        {"losses": {"adversarial": "hinge"}, "g_opt": "adamw"},
        {"losses": losses.Relativistic(), "updates": "alternating"},
        {"losses": "relativistic", "updates": "simultaneous", "ema": 0.9},
    ],
    ids=lambda arguments: "-".join(arguments),
)
def test_arguments_of_compile(name, arguments):
    model = tiny(name)
    model.compile(**arguments)
    d_before, g_before = sides(model)
    assert_finite(fit(model))
    d_after, g_after = sides(model)
    assert learned(d_before, d_after) and all_moved(g_before, g_after)
    d_steps = arguments.get("d_steps", model.default_d_steps)
    assert int(model.optimizer["d_opt"].iterations) == 3 * d_steps
    assert int(model.optimizer["g_opt"].iterations) == model.steps == 3


def test_seeded_runs_repeat(name):
    def run(seed):
        keras.utils.set_random_seed(int(np.random.SeedSequence().entropy % 2**32))
        model = tiny(name, seed=seed)
        start = values(model.weights)
        model.compile(ema=0.9)
        return start, fit(model, dataset(), epochs=2), state(model)

    (start, history, end), (start_again, history_again, end_again) = run(7), run(7)
    assert same(start, start_again)
    assert history == history_again
    assert same(end, end_again)
    other_start, other_history, _ = run(8)
    assert not same(start, other_start)
    assert other_history != history


def test_set_random_seed_repeats_models_without_a_seed(name):
    def weights():
        keras.utils.set_random_seed(3)
        return values(tiny(name, seed=None).variables)

    assert same(weights(), weights())
    assert not same(values(tiny(name, seed=None).variables), values(tiny(name, seed=None).variables))


@pytest.mark.skipif(BACKEND == "torch", reason="nothing is compiled on torch")
def test_eagerly_is_as_compiled(name, float64):
    ends = []
    for run_eagerly in (False, True):
        model = tiny(name, dtype="float64")
        # Not Adam, which makes whole steps of the rounding noise in tiny gradients.
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


@pytest.mark.skipif(BACKEND == "torch", reason="Keras: steps_per_execution is 1 on torch")
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
def test_xla(name):
    model = tiny(name)
    model.compile(jit_compile=True, ema=0.9)
    d_before, g_before = sides(model)
    assert_finite(fit(model, images(16)))  # other numbers than without: XLA has other random numbers
    d_after, g_after = sides(model)
    assert learned(d_before, d_after) and all_moved(g_before, g_after)


def test_half_precision(name):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = tiny(name)
        model.compile(ema=0.9)
        d_before, g_before = sides(model)
        assert_finite(fit(model, images(64)))  # the loss scale falls until nothing overflows
        assert model.generator.compute_dtype == "float16"
        assert type(model.optimizer["d_opt"]).__name__ == "LossScaleOptimizer"
        d_after, g_after = sides(model)
        assert not same(d_before, d_after) and not same(g_before, g_after)
        assert all(np.isfinite(weight).all() for weight in values(model.weights))
        assert outputs(model).dtype == np.float32
    finally:
        keras.config.set_dtype_policy("float32")


def test_compiling_again(name):
    model = tiny(name)
    model.compile()
    fit(model)
    model.compile("sgd", "sgd", losses="hinge", ema=0.5)
    before = values(model.trainable_variables)
    assert_finite(fit(model))
    assert not same(before, values(model.trainable_variables))
    assert model.steps == 3
    model.compile(ema=False)
    assert model.ema_generator is None
    assert_finite(fit(model))


def test_ema_by_hand(name):
    model = tiny(name)
    model.compile(ema=False)
    fit(model, images(8))
    model.compile(ema=0.75)
    before = values(model.generator.weights)
    assert same(before, values(model.ema_generator.weights))
    fit(model, images(8))
    average = values(model.ema_generator.weights)
    trained = set(map(id, model.generator_variables()))
    for variable, old, new, mean in zip(
        model.generator.weights, before, values(model.generator.weights), average, strict=True
    ):
        if variable.trainable and id(variable) not in trained:
            continue  # of a level that is not in use
        assert variable.name == "noise" or not np.array_equal(old, new)
        if variable.trainable:
            np.testing.assert_allclose(mean, 0.75 * old + 0.25 * new, rtol=1e-6, atol=1e-9)
            assert not np.array_equal(mean, new)
        else:  # its own, which are not due yet
            np.testing.assert_array_equal(mean, old)


def test_evaluate(name):
    model = tiny(name)
    model.compile(ema=0.9)
    before, optimizer = values(model.weights), values(model.optimizer.variables)
    x = images()
    logs = model.evaluate(x, second(model, x), batch_size=8, verbose=0, return_dict=True)
    assert_finite(logs)
    assert same(before, values(model.weights))
    assert same(optimizer, values(model.optimizer.variables))
