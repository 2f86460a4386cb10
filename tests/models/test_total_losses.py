"""The total losses of one training step against the formulas of the papers, term by term.

The image-to-image models are in `test_total_losses_of_pairs.py`, the style transfer models in the tests
of `style_transfer/` with a numpy reference.
"""

import keras
import numpy as np
import pytest
from keras import layers
from tools import SHAPE
from total_loss_tools import (
    FAKE,
    FAKE_PIXELS,
    KERNEL,
    REAL,
    REAL_PIXELS,
    close,
    fake_image,
    image,
    log_sigmoid,
    noise_model,
    scorer,
    totals,
    with_weights,
)

# E[log D(x)] + E[log(1 - D(G(z)))] and E[log D(G(z))], both maximized.
GAN_D = -log_sigmoid(REAL).mean() - log_sigmoid(-FAKE)
GAN_G = -log_sigmoid(FAKE)


@pytest.mark.parametrize("name", ["GAN", "DCGAN"])
def test_gan(name):
    assert totals(noise_model(name)) == (close(GAN_D), close(GAN_G))


def test_wgan_gp():
    """10 (norm - 1)^2, where the norm is 2 everywhere."""
    assert totals(noise_model("WGANGP")) == (close(FAKE - 0.75 + 10.0), close(-FAKE))


def test_sngan():
    """max(0, 1 - 1.7) = 0, max(0, 1 + 0.2) = 1.2 and max(0, 1 + 0.5) = 1.5."""
    assert totals(noise_model("SNGAN")) == (close(1.2 / 2 + 1.5), close(-FAKE))


def test_r3gan():
    """gamma / 2 times the squared norm of 4, at real and at generated images, with gamma 0.05."""
    expected = -log_sigmoid(REAL - FAKE).mean() + 0.05 / 2 * 4 + 0.05 / 2 * 4
    assert totals(noise_model("R3GAN")) == (close(expected), close(-log_sigmoid(FAKE - REAL).mean()))


def test_fastgan():
    """As for SNGAN, and the distances of the image and of its first quarter from decoded zeros."""

    def features(self):
        pictures = self.discriminator.inputs[0]
        return keras.Model(pictures, [self.discriminator.outputs[0], pictures, pictures])

    def decoders(self):
        maps = [keras.Input(SHAPE), keras.Input((4, 4, 1))]
        return keras.Model(maps, [layers.Rescaling(0.0)(each) for each in maps])

    networks = {"make_feature_network": features, "make_head": decoders}
    model = noise_model("FastGAN", sample_quarter=lambda self: 0, **networks)
    pixels = np.abs(REAL_PIXELS).sum() / 2
    expected = close(1.2 / 2 + 1.5 + pixels / 64 + pixels / 16), close(-FAKE)
    assert totals(model, augment=False) == expected


def labelled_scorer(self):
    pictures, labels = keras.Input(SHAPE), keras.Input((), dtype="int32")
    logits = layers.Add()([scorer()(pictures), layers.Embedding(3, 1, name="label")(labels)])
    network = keras.Model([pictures, labels], logits)
    network.get_layer("label").set_weights([np.array([[0.0], [0.3], [-0.6]])])
    return network


def labelled_generator(self):
    latents, labels = keras.Input((4,)), keras.Input((), dtype="int32")
    inputs = layers.Concatenate()([latents, layers.Embedding(3, 2)(labels)])
    return keras.Model([latents, labels], fake_image(inputs))


LABELS = np.array([1, 2], "int32")
HEAD = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 1.0]])  # kernel of the heads below


def head(self):
    return with_weights(keras.Sequential([keras.Input((2,)), layers.Dense(3, use_bias=False)]), HEAD)


def head_outputs(pixels):
    return pixels * KERNEL @ HEAD


def cross_entropy(logits, index):
    logits = np.broadcast_to(logits, (2, logits.shape[-1]))
    return (np.log(np.exp(logits).sum(1)) - logits[np.arange(2), index]).mean()


@pytest.mark.parametrize("conditioning", ["concat", "projection"])
def test_conditional_gan(conditioning):
    networks = {"make_generator": labelled_generator, "make_discriminator": labelled_scorer}
    conditional = noise_model("ConditionalGAN", {"conditioning": conditioning}, **networks)
    of_label = np.array([0.3, -0.6])
    d_loss = -log_sigmoid(REAL + of_label).mean() - log_sigmoid(-(FAKE + of_label)).mean()
    expected = close(d_loss), close(-log_sigmoid(FAKE + of_label).mean())
    assert totals(conditional, y=LABELS) == expected


def test_auxiliary_classifier():
    """D maximizes L_S + L_C, G maximizes L_C - L_S; L_C of D has real and generated images."""
    networks = {"make_generator": labelled_generator, "make_head": head}
    conditional = noise_model("ConditionalGAN", {"conditioning": "auxiliary"}, **networks)
    of_real, of_fake = (
        cross_entropy(head_outputs(pixels), LABELS) for pixels in (REAL_PIXELS, FAKE_PIXELS)
    )
    expected = close(GAN_D + of_real + of_fake), close(GAN_G + of_fake)
    assert totals(conditional, y=LABELS) == expected


def test_info_gan():
    """V - lambda L_I with lambda 1: log-likelihood of a category, and of a Gaussian of variance 1."""
    codes = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, -1.0]], "float32")
    info_gan = noise_model(
        "InfoGAN", make_head=head, sample_codes=lambda self, x: keras.ops.convert_to_tensor(codes)
    )
    predicted = head_outputs(FAKE_PIXELS)
    information = cross_entropy(predicted[:2], [0, 1])
    information += 0.5 * np.square(codes[:, 2] - predicted[2]).mean()
    assert totals(info_gan) == (close(GAN_D + information), close(GAN_G + information))


SMALL = (4, 4, 1)  # of the lower level of the two in the models below


def two_levels(self):
    latents = keras.Input((4,))
    return keras.Model(latents, [fake_image(latents, SMALL), fake_image(latents)])


def test_progressive_gan():
    """WGAN-GP, and 0.001 times the mean square of the real logits."""

    def discriminator(self):
        *pictures, share = keras.Input(SMALL), keras.Input(SHAPE), keras.Input((1, 1, 1))
        small, large = scorer(SMALL)(pictures[0]), scorer()(pictures[1])
        fading = layers.Lambda(lambda both: both[0] * both[1][:, 0, 0])([large, share])
        return keras.Model([*pictures, share], [small, large, fading])

    networks = {"make_generator": two_levels, "make_discriminator": discriminator}
    drift = 0.001 * (1.7**2 + 0.2**2) / 2
    expected = close(FAKE - 0.75 + 10.0 + drift), close(-FAKE)
    assert totals(noise_model("ProgressiveGAN", **networks)) == expected


def test_msg_gan():
    """Logits relative to the mean of the others: 1.2 and -0.7 for real images, -0.25 for fakes."""

    def discriminator(self):
        pictures = [keras.Input(SMALL), keras.Input(SHAPE)]
        return keras.Model(pictures, scorer()(pictures[1]))

    networks = {"make_generator": two_levels, "make_discriminator": discriminator}
    expected = close((0.0 + 1.7) / 2 + 0.75), close((2.2 + 0.3) / 2 + 1.25)
    assert totals(noise_model("MSGGAN", **networks)) == expected


def test_stylegan2(monkeypatch):
    """R1 and path lengths, lazy: 16 gamma / 2 |grad|^2, and 4 * 2 (length - average)^2."""

    def generator(self):
        latents, styles = keras.Input((4,)), keras.Input((3, 4))
        kernel = np.zeros((12, 64))
        kernel[5, 0] = 3.0  # the slope of the first pixel by the second style
        pixels = layers.Dense(64, name="pixels")(layers.Flatten()(styles))
        synthesis = keras.Model(styles, layers.Reshape(SHAPE)(pixels), name="synthesis")
        with_weights(synthesis, kernel, image(FAKE_PIXELS).ravel())
        zeros = layers.Dense(4, kernel_initializer="zeros")(latents)
        mapping = keras.Model(latents, zeros, name="mapping")
        return keras.Model(latents, synthesis(layers.RepeatVector(3)(mapping(latents))))

    stylegan2 = noise_model("StyleGAN2", make_generator=generator)
    direction = np.stack([image([1.0, 0.0])])  # for a half of the batch
    monkeypatch.setattr(
        "keras_gan_zoo.penalties.PathLength.directions",
        lambda *arguments: keras.ops.convert_to_tensor(direction),
    )
    gamma = 10.0 * 8 * 8 / 1024**2
    length = 3.0 / np.sqrt(3)  # over the mean square of three styles
    path = (length - 0.01 * length) ** 2  # the average has moved from 0 by a hundredth
    expected = close(GAN_D + 16 * gamma / 2 * 4), close(GAN_G + 4 * 2 * path)
    assert totals(stylegan2) == expected
