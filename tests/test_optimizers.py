import keras
import numpy as np
import pytest
from tools import BACKEND, Linear, fit, same, state, stripes, tiny, values

from keras_gan_zoo import backend, optimizers, schedules


def group():
    variables = [[keras.Variable(np.ones(2, "float32"))] for _ in range(2)]
    d_opt, g_opt = keras.optimizers.Adam(0.1), keras.optimizers.SGD(0.2, momentum=0.9)
    return optimizers.OptimizerGroup({"d_opt": (d_opt, variables[0]), "g_opt": (g_opt, variables[1])})


def test_variables_of_a_group_are_those_of_its_members():
    both = group()
    assert both.variables == [*both["d_opt"].variables, *both["g_opt"].variables]
    assert len(both.variables) == 4 + 3  # iterations, rate, two moments; iterations, rate, momentum
    assert both["d_opt"].built and both["g_opt"].built


def test_an_update_changes_one_member():
    both = group()
    both.update("g_opt", [keras.ops.convert_to_tensor([1.0, -1.0])])
    ((_, d_variables), (_, g_variables)) = both.members.values()
    np.testing.assert_array_equal(values(d_variables)[0], [1.0, 1.0])
    np.testing.assert_allclose(values(g_variables)[0], [0.8, 1.2], rtol=1e-6)
    assert [int(both[name].iterations) for name in ("d_opt", "g_opt")] == [0, 1]


def test_a_group_has_no_single_learning_rate():
    both = group()
    with pytest.raises(ValueError, match=r"d_opt'\]\.learning_rate`, `model\.optimizer\['g_opt'\]\."):
        both.learning_rate  # noqa: B018
    with pytest.raises(ValueError, match="A GAN has several optimizers"):
        both.learning_rate = 0.1


def test_members_are_found_by_keras():
    both = group()
    assert list(both.optimizers) == [both["d_opt"], both["g_opt"]]
    assert [optimizer.name for optimizer in both.optimizers] == ["d_opt", "g_opt"]
    both.update("g_opt", [keras.ops.convert_to_tensor([1.0, -1.0])])
    assert int(both.iterations) == 1


def test_a_store_restores_a_group():
    both, store = group(), {}
    both.update("d_opt", [keras.ops.convert_to_tensor([1.0, -1.0])])
    both.save_own_variables(store)
    other = group()
    other.load_own_variables(store)
    for mine, theirs in zip(values(both.variables), values(other.variables), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert int(other["d_opt"].iterations) == 1
    del store["d_opt.3"]
    with pytest.raises(ValueError, match="has 6 optimizer variables, this model has 7"):
        other.load_own_variables(store)


def test_get():
    default, mine = keras.optimizers.SGD(), keras.optimizers.Adam(3e-4)
    assert optimizers.get(None, lambda: default, "d_opt") is default
    assert optimizers.get(mine, None, "d_opt") is mine
    assert isinstance(optimizers.get("rmsprop", None, "d_opt"), keras.optimizers.RMSprop)
    config = {"class_name": "Adam", "config": {"learning_rate": 0.5}}
    assert float(optimizers.get(config, None, "d_opt").learning_rate) == 0.5


@pytest.mark.parametrize("wrong", ["adamm", 3, {"class_name": "Nope", "config": {}}])
def test_get_refuses(wrong):
    with pytest.raises((ValueError, TypeError), match=r"Argument `g_opt` must be None, the name of"):
        optimizers.get(wrong, None, "g_opt")


@pytest.mark.parametrize(
    "optimizer",
    [
        keras.optimizers.Adam(2e-4, beta_1=0.5),
        keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)),
        keras.optimizers.LossScaleOptimizer(keras.optimizers.AdamW(0.1)),
    ],
)
def test_serialize_names_public_classes(optimizer):
    config = optimizers.serialize(optimizer)
    assert config["module"] == "keras.optimizers" and "torch" not in repr(config)
    restored = keras.optimizers.deserialize(config)  # modifies `config`
    assert type(restored) is type(optimizer)
    assert optimizers.serialize(restored) == optimizers.serialize(optimizer)


def test_one_object_for_both_is_refused():
    both = keras.optimizers.Adam()
    with pytest.raises(
        ValueError, match=r"two optimizer objects.*the same Adam twice.*Create a second"
    ):
        Linear().compile(d_opt=both, g_opt=both)


def test_an_optimizer_of_another_model_is_refused():
    other = Linear()
    other.compile()
    with pytest.raises(
        ValueError, match=r"`d_opt` must be a fresh optimizer.*Received: Adam, already built"
    ):
        Linear().compile(d_opt=other.optimizer["d_opt"])


def test_the_other_side_s_optimizer_is_refused():
    model = tiny("DCGAN")
    model.compile()
    with pytest.raises(ValueError, match="must be a fresh optimizer"):
        model.compile(d_opt=model.optimizer["g_opt"], g_opt=model.optimizer["d_opt"])


def test_a_model_may_keep_its_optimizers():
    model = Linear()
    model.compile(d_opt="sgd", g_opt="sgd")
    fit(model, stripes())
    d_opt, g_opt = model.optimizer["d_opt"], model.optimizer["g_opt"]
    model.compile(d_opt, g_opt, losses="hinge")
    assert model.optimizer["d_opt"] is d_opt
    fit(model, stripes())
    assert int(d_opt.iterations) == int(g_opt.iterations) == 6 == model.steps


def test_keras_saves_the_group():
    model = Linear()
    model.compile()
    kept = len(state(model)) - len(model.weights) - 1  # one seed
    assert kept == len(model.optimizer.variables)


BETA_2 = schedules.Cosine(0.9, 0.99, 4)
GRADIENTS = np.random.default_rng(3).standard_normal((6, 5)).astype("float32")


def exact(beta_2, rate=0.1, beta_1=0.5, epsilon=1e-3):
    """Values of a variable after each Adam step from 0 in float64, with one `beta_2` per gradient."""
    x, m, v, path = np.zeros(5), 0.0, 0.0, []
    for step, (gradient, b) in enumerate(zip(GRADIENTS.astype("float64"), beta_2, strict=True), 1):
        m = beta_1 * m + (1 - beta_1) * gradient
        v = b * v + (1 - b) * gradient**2
        x = x - rate * np.sqrt(1 - b**step) / (1 - beta_1**step) * m / (np.sqrt(v) + epsilon)
        path.append(x)
    return np.array(path)


def compiled(optimizer, variable):
    """Apply one update as in a training step, compiled where the backend compiles."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(lambda gradient: backend.apply(optimizer, [gradient], [variable]))
    if BACKEND == "torch":
        return lambda gradient: backend.apply(optimizer, [gradient], [variable])
    import jax

    pure = jax.jit(optimizer.stateless_apply)

    def update(gradient):
        states = [v.value for v in optimizer.variables]
        (value,), states = pure(states, [gradient], [variable.value])
        variable.assign(value)
        for target, state_ in zip(optimizer.variables, states, strict=True):
            target.assign(state_)

    return update


def path(optimizer, how):
    variable = keras.Variable(np.zeros(5, "float32"))
    optimizer.build([variable])
    ways = {
        "keras": lambda gradient: optimizer.apply([gradient], [variable]),
        "ours": lambda gradient: backend.apply(optimizer, [gradient], [variable]),
        "compiled": compiled(optimizer, variable),
    }
    seen = []
    for gradient in GRADIENTS:
        ways[how](keras.ops.convert_to_tensor(gradient))
        seen.extend(values([variable]))
    return np.array(seen)


@pytest.mark.parametrize("how", ["keras", "ours", "compiled"])
def test_scheduled_beta_2(how):
    betas = [0.9 + 0.09 * (1 - np.cos(np.pi * min(step, 4) / 4)) / 2 for step in range(6)]
    optimizer = optimizers.ScheduledAdam(0.1, 0.5, BETA_2, 1e-3)
    ours = path(optimizer, how)
    np.testing.assert_allclose(ours, exact(betas), rtol=2e-5, atol=2e-6)
    assert float(optimizer.beta_2) == pytest.approx(0.99)
    assert abs(ours - exact([0.9] * 6)).max() > 1e-3


@pytest.mark.parametrize("how", ["keras", "ours", "compiled"])
def test_a_fixed_beta_2_is_adam_of_keras(how):
    ours = path(optimizers.ScheduledAdam(0.1, 0.5, 0.9, 1e-3), how)
    np.testing.assert_allclose(
        ours, path(keras.optimizers.Adam(0.1, 0.5, 0.9, 1e-3), how), rtol=1e-6, atol=1e-7
    )
    np.testing.assert_allclose(ours, exact([0.9] * 6), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("beta_2", [0.95, BETA_2])
@pytest.mark.parametrize("serialize", [optimizers.serialize, keras.optimizers.serialize])
def test_serialize_scheduled_adam(beta_2, serialize):
    optimizer = optimizers.ScheduledAdam(BETA_2, 0.0, beta_2, clipnorm=2.0)
    config = serialize(optimizer)
    assert config["registered_name"] == "keras_gan_zoo>ScheduledAdam" and "torch" not in repr(config)
    again = optimizers.get(config, None, "d_opt")
    assert type(again) is optimizers.ScheduledAdam
    assert again.get_config() == optimizer.get_config() and again.clipnorm == 2.0
    assert float(again.beta_2) == pytest.approx(0.95 if beta_2 == 0.95 else 0.9)


@pytest.mark.parametrize("wrong", [1.0, -0.1, None, "0.9", lambda: 0.9])
def test_beta_2_is_checked(wrong):
    with pytest.raises(ValueError, match=r"`beta_2` must be a number in \[0, 1\) or a schedule"):
        optimizers.ScheduledAdam(beta_2=wrong)


def test_training_with_schedules_resumes_from_a_file(tmp_path):
    def scheduled():
        return optimizers.ScheduledAdam(schedules.Cosine(1e-2, 1e-3, 5), 0.0, BETA_2)

    model = tiny("DCGAN")
    model.compile(scheduled(), scheduled())
    fit(model)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert type(again.optimizer["g_opt"]) is optimizers.ScheduledAdam
    assert again.get_compile_config() == model.get_compile_config()
    for each in (model, again):
        fit(each)
    assert same(state(again), state(model))
    assert float(again.optimizer["d_opt"].beta_2) == pytest.approx(0.99)
