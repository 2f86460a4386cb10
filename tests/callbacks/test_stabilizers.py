"""On `Linear`, whose logits are 2 for real images and -1 for fakes, losses are known by hand."""

import math

import keras
import numpy as np
import pytest
from tools import BACKEND, Linear, fit, frozen, same, stripes, tiny, values

from keras_gan_zoo import callbacks

# softplus(2) = 2.126928, softplus(-1) = 0.313262; label times logit is what the labels change.
REAL, FAKE = 2.126928, 0.313262
NEUTRAL = REAL - 2 + FAKE
each_execution = pytest.mark.parametrize(
    "compiled", [{}] if BACKEND == "torch" else [{}, {"steps_per_execution": 2}]
)


def d_losses(callback, epochs=1, n=32, **compiled):
    """`d_loss` of each epoch of a fit that changes no weight."""
    chosen = callback if isinstance(callback, list) else [callback]
    return fit(frozen(Linear(), **compiled), stripes(n), epochs, callbacks=chosen)["d_loss"]


def test_neutral():
    assert d_losses([]) == pytest.approx([NEUTRAL], abs=2e-6)


@each_execution
def test_smoothing_acts_in_a_compiled_step(compiled):
    smoothing = callbacks.LabelSmoothing(real=0.9, fake=0.05)
    expected = (REAL - 0.9 * 2) + (FAKE + 0.05)
    assert d_losses(smoothing, **compiled) == pytest.approx([expected], abs=2e-6)


def test_smoothing_of_least_squares():
    expected = ((2 - 0.8) ** 2 + (-1 - 0.1) ** 2) / 2
    smoothing = callbacks.LabelSmoothing(real=0.8, fake=0.1)
    assert d_losses(smoothing, losses="least_squares") == pytest.approx([expected], abs=2e-6)


@each_execution
def test_schedule_of_smoothing(compiled):
    smoothing = callbacks.LabelSmoothing(real=0.5, fake=0.2, schedule=lambda epoch: 1.0 - epoch / 2)
    expected = [
        (REAL - (1 - 0.5 * strength) * 2) + (FAKE + 0.2 * strength) for strength in (1.0, 0.5, 0.0)
    ]
    assert d_losses(smoothing, epochs=3, **compiled) == pytest.approx(expected, abs=2e-6)
    assert smoothing.knobs(1) == {"real_label": 0.75, "fake_label": 0.1}


def test_smoothing_leaves_the_generator_alone():
    model = frozen(Linear())
    history = fit(model, stripes(), callbacks=[callbacks.LabelSmoothing(real=0.5)])
    assert history["g_loss"] == pytest.approx([FAKE + 1], abs=2e-6)  # softplus(1)


@each_execution
def test_a_certain_flip_swaps_the_labels(compiled):
    noise = callbacks.LabelNoise(amplitude=0.0, flip=1.0)
    assert d_losses(noise, **compiled) == pytest.approx([REAL + FAKE + 1], abs=2e-6)


def test_a_flip_swaps_smoothed_labels():
    both = [callbacks.LabelSmoothing(real=0.9, fake=0.2), callbacks.LabelNoise(0.0, flip=1.0)]
    assert d_losses(both) == pytest.approx([REAL - 0.2 * 2 + FAKE + 0.9], abs=2e-6)


def test_a_flip_has_its_probability():
    n = 4096
    (loss,) = d_losses(callbacks.LabelNoise(amplitude=0.0, flip=0.25), n=n)
    # The mean labels are 0.75 and 0.25, each with a deviation of sqrt(0.25 * 0.75 / n) = 0.0068.
    expected = (REAL - 0.75 * 2) + (FAKE + 0.25)
    assert loss == pytest.approx(expected, abs=5 * math.sqrt(0.1875 / n) * math.sqrt(5))
    assert abs(loss - NEUTRAL) > 0.5


@each_execution
def test_amplitude(compiled):
    # On one image, a label in [0.5, 1.5] and one in [-0.5, 0.5] move the loss by at most 1 + 0.5.
    model = frozen(Linear(), **compiled)
    losses = []

    class Note(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            losses.append(float(logs["d_loss"]))

    noise = callbacks.LabelNoise(amplitude=0.5)
    for _ in range(20):
        fit(model, stripes(2), batch_size=1, callbacks=[noise, Note()])
    spread = np.array(losses) - NEUTRAL
    assert abs(spread).max() <= 1.5
    assert abs(spread).max() > 0.5  # 40 draws below a third of the range: one in 10^9 at the least
    assert len(set(losses)) > 15
    assert abs(spread.mean()) < 0.5


def test_noise_is_drawn_for_every_image():
    (loss,) = d_losses(callbacks.LabelNoise(amplitude=1.0), n=4096)
    assert 1e-6 < abs(loss - NEUTRAL) < 5 * math.sqrt(5 / 3 / 4096)


def test_decay_of_noise():
    noise = callbacks.LabelNoise(amplitude=0.4, flip=1.0, decay=0.5)
    assert noise.knobs(0) == {"label_noise": 0.4, "label_flip": 1.0}
    assert noise.knobs(2) == {"label_noise": 0.1, "label_flip": 0.25}
    assert callbacks.LabelNoise(0.4).knobs(100) == {"label_noise": 0.4, "label_flip": 0.0}


@pytest.mark.parametrize("losses", ["hinge", "wasserstein", "relativistic"])
@pytest.mark.parametrize("kind", [callbacks.LabelSmoothing, callbacks.LabelNoise])
def test_losses_without_labels_are_refused(losses, kind):
    message = (
        rf"`{kind.__name__}` needs a loss with target labels: 'non_saturating', 'minimax', "
        rf"'least_squares'\. Received: {losses.capitalize()}"
    )
    with pytest.raises(ValueError, match=message):
        d_losses(kind(), losses=losses)


@pytest.mark.parametrize(
    "make",
    [callbacks.LabelSmoothing, callbacks.LabelNoise, callbacks.DiscriminatorSkip],
)
def test_other_models_are_refused(make):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match=r"needs a model of keras_gan_zoo.*Received: Sequential"):
        model.fit(np.zeros((4, 2)), np.zeros((4, 1)), callbacks=[make()], verbose=0)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: callbacks.LabelSmoothing(real=1.1), "real"),
        (lambda: callbacks.LabelSmoothing(fake=-0.1), "fake"),
        (lambda: callbacks.LabelNoise(amplitude=-1), "amplitude"),
        (lambda: callbacks.LabelNoise(flip=2.0), "flip"),
        (lambda: callbacks.LabelNoise(decay=1.5), "decay"),
        (lambda: callbacks.DiscriminatorSkip(patience=0), "patience"),
    ],
)
def test_arguments_out_of_range(make, argument):
    with pytest.raises(ValueError, match=f"Argument `{argument}` must be .*Received: {argument}="):
        make()


def skipping(threshold, patience=None, n=48, updates="alternating", **compiled):
    """Share of skipped updates, updates made, and whether D and G moved, at a learning rate."""
    model = Linear()
    sgd = keras.optimizers.SGD
    model.compile(sgd(1e-6), sgd(1e-6), updates=updates, **compiled)
    d_before, g_before = values(model.discriminator.weights), values(model.generator.weights)
    history = fit(model, stripes(n), callbacks=[callbacks.DiscriminatorSkip(threshold, patience)])
    d_moved = not same(d_before, values(model.discriminator.weights))
    g_moved = not same(g_before, values(model.generator.weights))
    return history["d_skipped"][0], int(model.optimizer["d_opt"].iterations), d_moved, g_moved


@each_execution
@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_skip_below_the_threshold(compiled, updates):
    # d_loss stays at 0.44019 for six small steps.
    arguments = {"updates": updates} | compiled
    assert skipping(NEUTRAL + 1e-3, **arguments) == (1.0, 0, False, True)
    assert skipping(NEUTRAL - 1e-3, **arguments) == (0.0, 6, True, True)


@each_execution
def test_patience(compiled):
    share, updates, d_moved, _ = skipping(1e9, patience=2, **compiled)
    assert share == pytest.approx(4 / 6)
    assert (updates, d_moved) == (2, True)
    share, updates, *_ = skipping(1e9, patience=1, **compiled)
    assert (share, updates) == (0.5, 3)


def test_skip_with_adam_leaves_its_moments():
    model = Linear()
    model.compile()
    before = values(model.optimizer["d_opt"].variables)
    fit(model, stripes(), callbacks=[callbacks.DiscriminatorSkip(1e9)])
    assert same(before, values(model.optimizer["d_opt"].variables))
    assert int(model.optimizer["g_opt"].iterations) == 3


def test_skip_counts_every_step_of_the_discriminator():
    model = frozen(Linear(), d_steps=2)
    history = fit(model, stripes(), callbacks=[callbacks.DiscriminatorSkip(1e9, patience=2)])
    assert history["d_skipped"][0] == pytest.approx(4 / 6)
    assert int(model.optimizer["d_opt"].iterations) == 2


@each_execution
@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_warmup_trains_the_discriminator_alone(compiled, updates):
    model = Linear()
    model.compile(updates=updates, **compiled)
    d_before, g_before = values(model.discriminator.weights), values(model.generator.weights)
    fit(model, stripes(24), callbacks=[callbacks.DiscriminatorWarmup(4)])  # three steps
    assert same(g_before, values(model.generator.weights))
    assert not same(d_before, values(model.discriminator.weights))
    fit(model, stripes(24), callbacks=[callbacks.DiscriminatorWarmup(4)])
    assert not same(g_before, values(model.generator.weights))
    g_before = values(model.generator.weights)
    fit(model, stripes(24), callbacks=[callbacks.DiscriminatorWarmup(9)])  # compiled again
    assert same(g_before, values(model.generator.weights))
    assert [int(model.optimizer[name].iterations) for name in ("d_opt", "g_opt")] == [9, 9]
    fit(model, stripes(24))
    assert not same(g_before, values(model.generator.weights))


def test_nothing_leaks_into_a_later_fit():
    model = frozen(Linear())
    everything = [
        callbacks.LabelSmoothing(real=0.5),
        callbacks.LabelNoise(0.0, flip=1.0),
        callbacks.DiscriminatorSkip(1e9),
    ]
    history = fit(model, stripes(), callbacks=everything)
    assert history["d_loss"] == pytest.approx([REAL + FAKE + 0.5], abs=2e-6)
    assert int(model.optimizer["d_opt"].iterations) == 0
    history = fit(model, stripes())
    assert history["d_loss"] == pytest.approx([NEUTRAL], abs=2e-6)
    assert "d_skipped" not in history
    assert int(model.optimizer["d_opt"].iterations) == 3
    history = fit(model, stripes(), callbacks=everything[:1])
    assert history["d_loss"] == pytest.approx([REAL - 1 + FAKE], abs=2e-6)


def test_evaluation_within_fit_scores_as_training_does():
    model = frozen(Linear())
    smoothing = callbacks.LabelSmoothing(real=0.9)
    history = fit(model, stripes(), callbacks=[smoothing], validation_data=(stripes(8),))
    assert history["d_loss"] == pytest.approx([NEUTRAL + 0.2], abs=2e-6)
    assert "d_skipped" not in history


def fit_with_smoothing(real=0.9, **arguments):
    model = tiny("DCGAN", image_shape=(16, 16, 1), **arguments)
    model.compile()
    images = np.tile(stripes(8), (1, 2, 2, 1))
    model.fit(images, batch_size=4, verbose=0, callbacks=[callbacks.LabelSmoothing(real)])


def test_smoothing_warns_where_contrast_does_not_count():
    with pytest.warns(callbacks.TrainingWarning, match=r"real=0\.9.*uniform grey.*no bias.*'spectral'"):
        fit_with_smoothing(d_bias=False)


@pytest.mark.parametrize(
    "arguments",
    [{"d_norm": "none"}, {"d_norm": "spectral"}, {"d_norm": "layer"}, {"d_bias": True}, {"real": 1.0}],
)
def test_smoothing_does_not_warn_elsewhere(arguments):
    fit_with_smoothing(**{"d_bias": False} | arguments)


@pytest.mark.parametrize("arguments", [{"d_bias": False}, {}, {"d_bias": False, "d_norm": "none"}])
def test_contrast_counts_only_with_biases(arguments):
    network = tiny("DCGAN", image_shape=(16, 16, 1), **arguments).discriminator
    for layer in network.layers:
        if hasattr(layer, "epsilon"):
            layer.epsilon = 1e-12
        if getattr(layer, "use_bias", False):
            layer.bias.assign(np.linspace(-0.1, 0.1, layer.bias.shape[0]))
    images = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
    full, faint = (values([network(x, training=True)])[0] for x in (images, images / 10))
    difference = abs(full - faint).max() / np.ptp(full)
    assert difference < 1e-3 if arguments == {"d_bias": False} else difference > 0.1
