import keras
import numpy as np
import pytest
from tools import fit, frozen, images, mark_others, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.backend import keras_private


def mae(one, other):
    return np.abs(one - other).mean()


def test_defaults_match_paper():
    model = kgz.CycleGAN(width=1, decay_steps=100)
    assert model.image_shape == (256, 256, 3) and model.blocks == 9 and model.receptive_field == 70
    assert kgz.CycleGAN((128, 256, 3), width=1).blocks == 6
    model.compile()
    assert model.plan.loss_terms["cycle"] == 10.0 and model.plan.loss_terms["identity"] == 5.0
    assert type(model.adversarial_loss).__name__ == "LeastSquares"
    assert [tuple(pool.images.shape) for pool in model.pools] == [(50, 256, 256, 3)] * 2
    rate = keras_private.learning_rate(model.default_optimizer())
    rates = [float(rate(step)) for step in (0, 100, 150, 200, 500)]
    assert rates == pytest.approx([2e-4, 2e-4, 1e-4, 0.0, 0.0], abs=1e-9)


def test_identity_weight_defaults_to_half_the_cycle_weight():
    model = tiny("CycleGAN")
    model.compile(losses={"adversarial": "hinge", "cycle": 4.0})
    assert model.plan.loss_terms["identity"] == 2.0
    model.compile(losses={"adversarial": "hinge", "identity": 0.0})
    assert (model.plan.loss_terms["cycle"], model.plan.loss_terms["identity"]) == (10.0, 0.0)


def test_losses_match_manual_computation():
    model = frozen(tiny("CycleGAN"))
    a, b = images(8), images(8, seed=1)
    logs = fit(model, a, y=b)
    a_to_b, b_to_a = (lambda x, f=f: values([f(x)])[0] for f in model.translators())
    cycle = (mae(b_to_a(a_to_b(a)), a) + mae(a_to_b(b_to_a(b)), b)) / 2
    identity = (mae(b_to_a(a), a) + mae(a_to_b(b), b)) / 2
    assert logs["cycle_loss"] == [pytest.approx(cycle, rel=1e-5)]
    assert logs["identity_loss"] == [pytest.approx(identity, rel=1e-5)]
    discriminator_a, discriminator_b = (
        model.discriminator.get_layer(name) for name in ("discriminator_a", "discriminator_b")
    )
    logits = values([discriminator_a(b_to_a(b)), discriminator_b(a_to_b(a))])
    expected = np.mean([np.square(part - 1).mean() / 2 for part in logits])
    assert logs["g_loss"] == [pytest.approx(expected, rel=1e-5)]


@pytest.mark.parametrize("term", mark_others(["cycle", "identity"], ["cycle"]))
def test_each_loss_changes_the_generator(term):
    ends = []
    for weight in (0.0, 1.0):
        model = tiny("CycleGAN")
        losses = {"adversarial": "least_squares", "cycle": 0.0, "identity": 0.0} | {term: weight}
        model.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.1), losses=losses)
        fit(model, images(8), y=images(8, seed=1))
        ends.append(values(model.generator.trainable_weights))
    assert max(abs(x - y).max() for x, y in zip(*ends, strict=True)) > 1e-5


def test_discriminators_are_trained_on_the_pool():
    model = frozen(tiny("CycleGAN", pool_size=8))
    a, b = images(8), images(8, seed=1)
    fit(model, a, y=b)
    fake_b, fake_a = (values([f(x)])[0] for f, x in zip(model.translators(), (a, b), strict=True))
    for pool, fakes in zip(model.pools, (fake_a, fake_b), strict=True):
        np.testing.assert_allclose(values([pool.images])[0], fakes, atol=1e-6)
        assert int(pool.count) == 8
    for pool in model.pools:  # replace the stored fakes
        pool.images.assign(np.ones_like(values([pool.images])[0]))
    fit(model, a, y=b, epochs=2)
    for pool in model.pools:
        kept = (values([pool.images])[0] == 1).all(axis=(1, 2, 3)).sum()
        assert 0 < kept < 8


def test_without_a_pool():
    model = tiny("CycleGAN", pool_size=0)
    model.compile()
    history = fit(model, images(8), y=images(8, seed=1), batch_size=1)
    assert model.steps == 8 and np.isfinite(history["d_loss"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (30, 32, 3)}, "multiples of 4"),
        ({"upsampling": "bilinear"}, "`upsampling` must be one of 'transposed', 'resize'"),
        ({"pool_size": -1}, "`pool_size` must be an integer of 0 or more"),
        ({"blocks": 0}, "`blocks` must be a positive integer"),
        ({"decay_steps": 0.5}, "`decay_steps` must be a positive integer"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        kgz.CycleGAN(**{"image_shape": (32, 32, 3), "width": 2} | arguments)


def test_batches_larger_than_the_pool_raise():
    model = tiny("CycleGAN", pool_size=4)
    model.compile()
    with pytest.raises(ValueError, match=r"pool_size=4.*Received: batches of 8.*pool_size=8"):
        fit(model, images(8), y=images(8, seed=1))


def test_a_generator_keeps_its_first_batch():
    model = tiny("CycleGAN")
    model.compile()
    pairs = ((images(2, seed=index), images(2, seed=9)) for index in range(3))
    fit(model, pairs, steps_per_epoch=3)
    assert model.steps == 3
