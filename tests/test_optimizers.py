import keras
import numpy as np
import pytest
from tools import Linear, fit, state, stripes, tiny, values

from keras_gan_zoo import optimizers


def group():
    variables = [[keras.Variable(np.ones(2, "float32"))] for _ in range(2)]
    d_opt, g_opt = keras.optimizers.Adam(0.1), keras.optimizers.SGD(0.2, momentum=0.9)
    return optimizers.OptimizerGroup({"d_opt": (d_opt, variables[0]), "g_opt": (g_opt, variables[1])})


def test_variables_of_a_group_are_those_of_its_members():
    both = group()
    assert both.variables == [*both["d_opt"].variables, *both["g_opt"].variables]
    assert len(both.variables) == 4 + 3  # iterations, rate, two moments; iterations, rate, momentum
    assert both["d_opt"].built and both["g_opt"].built


def test_an_update_concerns_one_member():
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


def test_members_are_where_keras_looks_for_optimizers():
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
    with pytest.raises(ValueError, match="holds 6 optimizer variables, this model has 7"):
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
    restored = keras.optimizers.deserialize(config)  # which writes into `config`
    assert type(restored) is type(optimizer)
    assert optimizers.serialize(restored) == optimizers.serialize(optimizer)


def test_one_object_for_both_is_refused():
    both = keras.optimizers.Adam()
    with pytest.raises(ValueError, match=r"two optimizer objects.*the same Adam twice.*Make a second"):
        Linear().compile(d_opt=both, g_opt=both)


def test_an_optimizer_of_another_model_is_refused():
    other = Linear()
    other.compile()
    with pytest.raises(ValueError, match=r"`d_opt` must be a fresh optimizer.*type Adam that already"):
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


def test_group_is_what_keras_saves():
    model = Linear()
    model.compile()
    kept = len(state(model)) - len(model.weights) - 1  # one seed
    assert kept == len(model.optimizer.variables)
