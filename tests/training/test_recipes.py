import keras
import pytest
from tools import fit, tiny

from keras_gan_zoo import SNGAN, augment, losses, penalties, registry
from keras_gan_zoo.training import recipes


def test_names_known_before_keras_is_imported():
    assert tuple(recipes.RECIPES) == registry.RECIPES
    assert tuple(penalties.PENALTIES) == registry.PENALTIES
    assert tuple(augment.AUGMENTATIONS) == registry.AUGMENTATIONS


@pytest.mark.parametrize("name", registry.RECIPES)
def test_each_trains(name):
    model = tiny("DCGAN")
    model.compile(recipe=name)
    history = fit(model)
    expected = recipes.RECIPES[name].arguments_for(model)
    assert {penalty.name for penalty in model.plan.penalties} <= history.keys()
    assert len(model.plan.penalties) == len(expected.get("penalties", []))
    assert model.plan.ema == expected.get("ema")
    rates = [float(model.optimizer[side].learning_rate) for side in ("d_opt", "g_opt")]
    given = [expected.get(side, {"config": {"learning_rate": 2e-4}}) for side in ("d_opt", "g_opt")]
    assert rates == pytest.approx([optimizer["config"]["learning_rate"] for optimizer in given])


@pytest.mark.parametrize(("width", "rate"), [(64, 2e-4), (32, 4e-4), (4, 3.2e-3)])
@pytest.mark.parametrize("name", ["robust", "small_data"])
def test_rates_by_width(name, width, rate):
    model = tiny("DCGAN", width=width)
    model.compile(recipe=name)
    rates = [float(model.optimizer[side].learning_rate) for side in ("d_opt", "g_opt")]
    assert rates == pytest.approx([rate, rate], rel=1e-6)
    betas = [
        (model.optimizer[side].beta_1, model.optimizer[side].beta_2) for side in ("d_opt", "g_opt")
    ]
    assert betas == [(0.5, 0.999)] * 2


def test_rates_of_r3gan_have_its_own_betas():
    model = tiny("R3GAN", width=32)
    model.compile(recipe="robust")
    adam = model.optimizer["g_opt"]
    assert float(adam.learning_rate) == pytest.approx(2e-4 * 136 / 32, rel=1e-6)
    assert (adam.beta_1, adam.beta_2) == (0.0, 0.99)
    model = tiny("R3GAN", width=32, decay_steps=10)  # its schedules
    model.compile(recipe="robust")
    assert isinstance(model.optimizer["g_opt"], type(model.default_optimizer()))
    assert float(model.optimizer["g_opt"].learning_rate) == pytest.approx(2e-4)


@pytest.mark.parametrize(
    ("name", "width", "rate", "betas", "epsilon"),
    [
        ("WGANGP", 32, 1e-4 * 2, (0.0, 0.9), 1e-7),
        ("SNGAN", 32, 2e-4 * 4, (0.0, 0.9), 1e-7),
        ("StyleGAN2", 32, 2e-3 * 4, (0.0, 0.99), 1e-8),  # weights are divided by sqrt(width)
        ("MSGGAN", 128, 3e-3 * 2, (0.0, 0.99), 1e-8),
        ("ProgressiveGAN", 8, 1e-3 * 8, (0.0, 0.99), 1e-8),
    ],
)
def test_rates_of_other_models(name, width, rate, betas, epsilon):
    model = tiny(name, width=width)
    model.compile(recipe="robust")
    for side in ("d_opt", "g_opt"):
        adam = model.optimizer[side]
        assert float(adam.learning_rate) == pytest.approx(rate, rel=1e-6)
        assert (adam.beta_1, adam.beta_2, adam.epsilon) == (*betas, epsilon)


@pytest.mark.parametrize(("name", "updates"), [("robust", 1), ("small_data", 1), ("paper", 5)])
def test_updates_of_the_discriminator_of_sngan(name, updates):
    model = SNGAN((8, 8, 1), width=4)
    model.compile(recipe=name)
    assert model.plan.d_steps == updates
    model.compile(recipe=name, d_steps=3)
    assert model.plan.d_steps == 3


def test_a_model_without_a_reference_width_keeps_its_rates():
    model = tiny("GAN")
    model.compile(recipe="robust")
    default, _ = model.default_optimizers()
    assert float(model.optimizer["d_opt"].learning_rate) == float(default.learning_rate)
    assert model.plan.ema == 0.999


def test_explicit_arguments_take_precedence():
    model = tiny("DCGAN")
    model.compile(keras.optimizers.SGD(), losses="hinge", recipe="stable", penalties=[], ema=False)
    assert isinstance(model.optimizer["d_opt"], keras.optimizers.SGD)
    assert isinstance(model.adversarial_loss, losses.Hinge)
    assert model.plan.penalties == () and model.plan.ema is None
    assert model.optimizer["g_opt"].beta_2 == 0.99


def test_two_models_share_no_object():
    one, two = tiny("DCGAN"), tiny("DCGAN")
    for model in (one, two):
        model.compile(recipe="stable")
        fit(model)
    assert one.optimizer["d_opt"] is not two.optimizer["d_opt"]
    assert one.steps == two.steps == 3
    assert recipes.RECIPES["stable"].arguments["d_opt"]["class_name"] == "Adam"


def test_an_unknown_recipe():
    with pytest.raises(ValueError, match=r"`recipe` must be a known name.*'tiny'.*'small_data': a few"):
        tiny("DCGAN").compile(recipe="tiny")
