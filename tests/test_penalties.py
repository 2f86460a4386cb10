"""Penalties: values by hand, gradients against finite differences, laziness, what they leave behind."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from tools import SHAPE, Linear, close, fit, frozen, images, stripes, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo import penalties, schedules

SLOPE = 3 / 64 * 8  # norm of `Linear`'s slope: 64 pixels of +-3/64


def cost(penalty, **arguments):
    """What one step of a frozen `Linear`, whose slope is the same everywhere, logs."""
    model = frozen(Linear(), penalties=[penalty], **arguments)
    history = fit(model, stripes(8))
    return history[penalty.name][0]


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (penalties.R1(10.0), 5 * SLOPE**2),
        (penalties.R2(2.0), SLOPE**2),
        (penalties.GradientPenalty(), 10 * (SLOPE - 1) ** 2),
        (penalties.GradientPenalty(3.0, one_sided=True), 0.0),
        (penalties.GradientPenalty(3.0, center=0.2, one_sided=True), 3 * (SLOPE - 0.2) ** 2),
        (penalties.GradientPenalty(center=0.0), 10 * SLOPE**2),
        (penalties.DRAGAN(4.0), 4 * (SLOPE - 1) ** 2),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_values_by_hand(penalty, expected):
    assert cost(penalty) == pytest.approx(expected, rel=1e-4, abs=1e-7)
    assert cost(penalty, updates="simultaneous") == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_update_of_the_discriminator_by_hand():
    model = Linear()
    before = values(model.discriminator.weights)
    rate = 0.1
    sgd = keras.optimizers.SGD
    model.compile(sgd(rate), sgd(0.0), losses="wasserstein", penalties=[penalties.R1(2.0)])
    fit(model, stripes(8))
    kernel, bias = values(model.discriminator.weights)
    # The fakes are 0, so the loss pulls the kernel towards the stripes; the penalty is its square.
    expected = before[0] + rate * stripes(1).reshape(-1, 1) - rate * 2.0 * before[0]
    np.testing.assert_allclose(kernel, expected, rtol=1e-5)
    np.testing.assert_allclose(bias, before[1], atol=1e-7)


def critic():
    """A smooth network in float64, with our normalization, and points for it."""
    rng = np.random.default_rng(0)
    network = keras.Sequential(
        [
            keras.Input((4, 4, 2), dtype="float64"),
            kgz.layers.Conv2D(3, 4, 2, dtype="float64"),
            kgz.layers.BatchNormalization(dtype="float64"),
            layers.Activation("tanh", dtype="float64"),
            layers.Flatten(dtype="float64"),
            layers.Dense(1, dtype="float64"),
        ]
    )
    for weight in network.weights:
        weight.assign(rng.uniform(0.3, 0.9, weight.shape))
    return network, rng.standard_normal((5, 4, 4, 2)), rng.standard_normal((5, 4, 4, 2))


def penalty_and_gradients(penalty, network, points):
    """Value, and gradients by the trainable weights, in the precision of the network."""
    from keras_gan_zoo import backend

    def objective():
        _, slopes = backend.value_and_input_grad(
            lambda x: network(x, training=True), ops.convert_to_tensor(points)
        )
        squares = ops.sum(ops.square(slopes), axis=(1, 2, 3))
        norms = ops.sqrt(squares + 1e-12)
        return (0.5 * ops.mean(squares) if penalty == "zero" else ops.mean(ops.square(norms - 1.0)),)

    if keras.backend.backend() != "jax":
        (value,), (pullback,) = backend.vjp(objective, [network.trainable_variables])
        found = pullback(ops.ones_like(value))
        return float(ops.convert_to_numpy(value)), [0.0 if g is None else values([g])[0] for g in found]
    from keras_gan_zoo.backend.jax import _Scope

    with _Scope({id(v): v.value for v in network.variables}):
        (value,), (pullback,) = backend.vjp(objective, [network.trainable_variables])
        return float(value), values(pullback(ops.ones_like(value)))


@pytest.mark.parametrize("penalty", ["zero", "one"])
def test_gradients_against_finite_differences(penalty, float64):
    network, points, _ = critic()
    _, gradients = penalty_and_gradients(penalty, network, points)
    rng, step = np.random.default_rng(3), 1e-6
    for weight, gradient in zip(network.trainable_variables, gradients, strict=True):
        direction = rng.standard_normal(weight.shape)
        start = values([weight])[0]
        ends = []
        for sign in (1, -1):
            weight.assign(start + sign * step * direction)
            ends.append(penalty_and_gradients(penalty, network, points)[0])
        weight.assign(start)
        slope = (ends[0] - ends[1]) / (2 * step)
        assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-5, abs=1e-8)
    assert abs(gradients[0]).max() > 1e-3


@pytest.mark.parametrize("name", [name for name in penalties.PENALTIES if name != "path_length"])
def test_gradients_are_finite_at_zero_slope(name):
    model = Linear()
    kernel, bias = values(model.discriminator.weights)
    model.discriminator.set_weights([0 * kernel, bias])
    sgd = keras.optimizers.SGD
    model.compile(sgd(0.1), sgd(0.1), penalties=[name])
    history = fit(model, images(8))
    assert all(np.isfinite(value).all() for value in history.values())
    assert all(np.isfinite(weight).all() for weight in values(model.discriminator.weights))


def test_lazy_penalties_count_as_often_as_they_are_left_out():
    model = frozen(Linear(), penalties=[penalties.R1(10.0, every=3)])
    history = fit(model, stripes(8), epochs=6)
    assert history["r1_penalty"] == pytest.approx([15 * SLOPE**2, 0, 0] * 2, rel=1e-4)
    steady = frozen(Linear(), penalties=[penalties.R1(10.0)])
    mean = fit(steady, stripes(8), epochs=6)["r1_penalty"]
    assert np.mean(mean) == pytest.approx(np.mean(history["r1_penalty"]), rel=1e-4)


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_a_lazy_step_is_a_step_without_or_with_the_penalty(updates):
    def weights(steps, **arguments):
        model = tiny("DCGAN")
        model.compile(
            keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.0), updates=updates, **arguments
        )
        fit(model, images(8 * steps))
        return values(model.discriminator.trainable_variables)

    tolerance = {"rtol": 1e-4, "atol": 1e-6}
    close(
        weights(1, penalties=[penalties.R1(2.0, every=2)]),
        weights(1, penalties=[penalties.R1(4.0)]),
        **tolerance,
    )
    plain, lazy = weights(1), weights(1, penalties=[penalties.R1(2.0, every=2)])
    assert not np.allclose(plain[0], lazy[0], **tolerance)
    # The second step has no penalty: from the same weights it ends where a plain one ends.
    model = tiny("DCGAN")
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.0), updates=updates)
    model.optimizer["d_opt"].iterations.assign(1)
    fit(model, images(8))
    other = tiny("DCGAN")
    other.compile(
        keras.optimizers.SGD(0.1),
        keras.optimizers.SGD(0.0),
        updates=updates,
        penalties=[penalties.R1(2.0, every=2)],
    )
    other.optimizer["d_opt"].iterations.assign(1)
    fit(other, images(8))
    close(values(model.weights), values(other.weights), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("every", [1, 2])
def test_the_pass_of_a_penalty_leaves_no_trace_in_statistics(every):
    def statistics(**arguments):
        model = frozen(tiny("DCGAN", image_shape=(16, 16, 1)), **arguments)
        fit(model, images(16, (16, 16, 1)))
        return values(model.discriminator.non_trainable_variables)

    with_penalty = statistics(penalties=[penalties.R1(1.0, every=every)])
    close(statistics(), with_penalty, rtol=1e-5, atol=1e-7)
    assert len(with_penalty) == 2


def test_weights_follow_a_schedule():
    schedule = schedules.Cosine(8.0, 0.0, 2)
    model = frozen(Linear(), penalties=[penalties.R2(schedule)])
    history = fit(model, stripes(8), epochs=3)
    expected = [4 * SLOPE**2, 2 * SLOPE**2, 0]
    assert history["r2_penalty"] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_penalties_stay_in_the_file(tmp_path):
    model = tiny("DCGAN")
    given = [
        penalties.R1(schedules.Cosine(2.0, 1.0, 100), every=4),
        penalties.GradientPenalty(3.0, 0.5, True, 2),
        penalties.DRAGAN(deviation=0.25),
    ]
    model.compile(penalties=given)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").plan.penalties
    assert [type(p) for p in again] == [type(p) for p in given]
    assert [p.get_config() for p in again] == [p.get_config() for p in given]


def test_log_names_come_and_go_with_the_penalties():
    model = tiny("GAN")
    model.compile(penalties=["r1", "gradient_penalty"])
    assert {"r1_penalty", "gradient_penalty"} <= set(fit(model))
    model.compile()
    assert not {"r1_penalty", "gradient_penalty"} & set(fit(model))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ("r3", ValueError, r"Unknown penalty\. Received: 'r3'\. Known: 'gradient_penalty', 'dragan'"),
        ([3], TypeError, r"A penalty must be one of .* Received: 3 \(of type int\)"),
        (["r1", penalties.R1(3.0)], ValueError, r"one of each kind\. Received: r1_penalty, r1_penalty"),
    ],
)
def test_wrong_penalties(arguments, error, message):
    with pytest.raises(error, match=message):
        tiny("GAN").compile(penalties=arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: penalties.R1(-1.0), r"`gamma` must be a finite number of 0 or more.*gamma=-1.0"),
        (lambda: penalties.R1("1"), r"`gamma` must be a finite number .*gamma='1'"),
        (lambda: penalties.GradientPenalty(np.inf), r"`weight` must be a finite number"),
        (lambda: penalties.R2(1.0, every=0), r"`every` must be a positive integer.*every=0"),
        (lambda: penalties.DRAGAN(deviation=-1), r"`deviation` must be a finite number"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_keras_own_normalization_is_refused():
    class Normalized(Linear):
        def make_discriminator(self):
            norm = keras.layers.LayerNormalization()
            return keras.Sequential(
                [keras.Input(SHAPE), norm, layers.Flatten(), layers.Dense(1, name="last")]
            )

        def __init__(self):
            super(Linear, self).__init__(image_shape=SHAPE, latent_dim=4, seed=0)
            self.make_networks()

    model = Normalized()
    model.compile()
    with pytest.raises(ValueError, match=r"layer_normalization.*LayerNormalization.*keras_gan_zoo.lay"):
        model.compile(penalties=["r1"])


def test_random_points():
    seed = keras.random.SeedGenerator(0)
    real, fake = np.ones((2000, 2), "float32"), np.zeros((2000, 2), "float32")
    points = values(
        [penalties.GradientPenalty().points(*map(ops.convert_to_tensor, (real, fake)), seed)]
    )
    assert (points[0][:, 0] == points[0][:, 1]).all()  # on the line
    assert points[0].mean() == pytest.approx(0.5, abs=0.03)
    assert points[0].min() >= 0 and points[0].max() < 1
    real = np.random.default_rng(0).standard_normal((2000, 4)).astype("float32") * 3
    points = values([penalties.DRAGAN().points(ops.convert_to_tensor(real), None, seed)])[0]
    moved = points - real
    assert moved.min() >= 0 and moved.max() < 0.5 * 3.1
    assert moved.mean() == pytest.approx(0.25 * 0.5 * real.std(), rel=0.1)


def test_path_length_by_hand():
    penalty = penalties.PathLength(decay=0.5)
    slopes = np.array([[[3.0, 4.0], [0.0, 0.0]], [[0.0, 2.0], [2.0, 0.0]]], "float32")
    lengths = values([penalty.lengths(slopes)])[0]
    np.testing.assert_allclose(lengths, [np.sqrt(25 / 2), 2.0], rtol=1e-6)
    # The average goes halfway from 0 to 2.
    found = penalty.value(ops.convert_to_tensor([1.0, 3.0]), 0.0)
    np.testing.assert_allclose(values(found), [(0.0 + 4.0) / 2, 1.0])


def test_path_directions_have_variance_one_over_pixels():
    seed = keras.random.SeedGenerator(0)
    found = values([penalties.PathLength().directions(16, (8, 16, 3), seed)])[0]
    assert found.shape == (16, 8, 16, 3)
    assert found.std() == pytest.approx(1 / np.sqrt(8 * 16), rel=0.05)
