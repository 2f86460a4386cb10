import keras
import numpy as np
import pytest
from tools import fit, frozen, images, mark_others, tiny, values

import keras_gan_zoo as kgz


def test_defaults_match_paper():
    model = kgz.DiscoGAN(width=2)
    a_to_b, _ = model.translators()
    kinds = [type(layer).__name__ for layer in a_to_b.layers]
    assert kinds.count("Conv2D") == kinds.count("Conv2DTranspose") == 4
    shapes = [
        layer.output.shape[1:] for layer in model.discriminator.get_layer("discriminator_a").layers
    ]
    assert shapes[-1] == (1,) and (4, 4, 16) in shapes
    model.compile()
    rate = model.plan.loss_terms["reconstruction"]
    # 10 * rate / (1 - rate) for the rates 0.01 and 0.5 of the authors' code.
    weights = [float(rate(keras.ops.convert_to_tensor(step))) for step in (0, 10_000, 10_001)]
    assert weights == pytest.approx([0.10101, 0.10101, 10.0], rel=1e-4)
    assert model.plan.loss_terms["feature_matching"] == 9.0


def test_losses_match_manual_computation():
    terms = {"adversarial": "non_saturating", "feature_matching": 3.0, "reconstruction": 2.0}
    model = frozen(tiny("DiscoGAN", d_every=1), losses=terms)
    a, b = images(8), images(8, seed=1)
    logs = fit(model, a, y=b)

    def run(network, x):
        result = network(x, training=True)
        return values(result) if isinstance(result, list | tuple) else values([result])[0]

    a_to_b, b_to_a = model.translators()
    fake_b, fake_a = run(a_to_b, a), run(b_to_a, b)
    cycles = np.square(run(b_to_a, fake_b) - a).mean(), np.square(run(a_to_b, fake_a) - b).mean()
    assert logs["reconstruction_loss"] == [pytest.approx(np.mean(cycles), rel=1e-4)]
    expected, losses = 0.0, []
    for name, real, fake in (("discriminator_a", a, fake_a), ("discriminator_b", b, fake_b)):
        discriminator = model.discriminator.get_layer(name)
        _, *real_features = run(discriminator, real)
        logits, *fake_features = run(discriminator, fake)
        assert len(fake_features) == 1  # the output of the second convolution
        for fake_map, real_map in zip(fake_features, real_features, strict=True):
            expected += np.square(fake_map.mean(0) - real_map.mean(0)).mean() / 2
        losses.append(np.logaddexp(0, -logits).mean())
    assert logs["feature_loss"] == [pytest.approx(3 * expected, rel=1e-4)]
    assert logs["g_loss"] == [pytest.approx(np.mean(losses), rel=1e-4)]


@pytest.mark.parametrize(
    "term", mark_others(["reconstruction", "feature_matching"], ["feature_matching"])
)
def test_each_loss_changes_the_generator(term):
    ends = []
    for weight in (0.0, 1.0):
        model = tiny("DiscoGAN")
        losses = {"adversarial": "non_saturating", "reconstruction": 0.0, "feature_matching": 0.0}
        sgd = keras.optimizers.SGD
        model.compile(sgd(0.0), sgd(0.1), losses=losses | {term: weight})
        fit(model, images(8), y=images(8, seed=1))
        ends.append(values(model.generator.trainable_weights))
    assert max(abs(x - y).max() for x, y in zip(*ends, strict=True)) > 1e-5


@pytest.mark.parametrize("every", mark_others([1, 2, 3], [2]))
def test_discriminator_update_interval(every):
    model = tiny("DiscoGAN", d_every=every)
    model.compile()
    fit(model, images(48), y=images(48, seed=1))
    assert model.steps == 6
    assert int(model.optimizer["d_opt"].iterations) == 6 // every


def test_with_skipped_updates():
    model = tiny("DiscoGAN", d_every=2)
    model.compile()
    skip = kgz.callbacks.DiscriminatorSkip(threshold=100.0)
    history = fit(model, images(48), y=images(48, seed=1), callbacks=[skip])
    assert int(model.optimizer["d_opt"].iterations) == 0 and history["d_skipped"] == [1.0]


def test_invalid_arguments():
    with pytest.raises(ValueError, match=r"multiples of 16 with halvings=4. Received: .*\(32, 48, 3\)"):
        kgz.DiscoGAN((30, 47, 3))
    with pytest.raises(ValueError, match="`d_every` must be a positive integer"):
        kgz.DiscoGAN((32, 32, 3), d_every=0)
