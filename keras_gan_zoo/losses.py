"""Adversarial losses on logits, each with a discriminator loss and a generator loss.

Both are means over the batch, scalars. `real` and `fake` are the discriminator's raw outputs (unbounded
logits) on real and generated images, of any shape, the same for both.
"""

from typing import Any

import keras
from keras import ops

from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.batch_mean import batch_mean


class AdversarialLoss:
    """Base class of adversarial losses.

    Attributes:
        uses_targets: whether `discriminator` takes the targets `real_labels` and `fake_labels`, as
            `LabelSmoothing` and `LabelNoise` require.
        needs_real: whether `generator` uses the logits of real images, which costs the generator's
            update one more discriminator pass.
    """

    uses_targets = False
    needs_real = False

    def discriminator(self, real, fake):
        """Loss of the discriminator, a scalar."""
        raise NotImplementedError

    def generator(self, fake, real=None):
        """Loss of the generator, a scalar. `real` is None unless `needs_real`."""
        raise NotImplementedError

    def score(self, logits):
        """Logged as `real_score` and `fake_score`, a scalar; by default the mean of the logits."""
        return ops.mean(logits)

    def overfitting_heuristic(self, real, fake):
        """r_t of adaptive augmentation, a scalar in [-1, 1] (Karras et al. 2020, arXiv 2006.06676).

        The mean sign of the logits of real images, relative to `decision_threshold`: 1 if the
        discriminator classifies all real training images as real, which indicates overfitting.
        """
        return ops.mean(ops.sign(real - self.decision_threshold(fake)))

    def decision_threshold(self, fake):
        """Logit between real and fake; the mean of `fake` for losses without a fixed threshold."""
        return ops.mean(fake)

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _cross_entropy(logits, labels):
    """Binary cross-entropy of sigmoid(logits), for labels in [0, 1] or slightly outside."""
    return ops.mean(ops.softplus(logits) - labels * logits)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class NonSaturating(AdversarialLoss):
    """Non-saturating loss, Goodfellow et al. 2014 (arXiv 1406.2661).

    Discriminator: -log s(real) - log(1 - s(fake)), with s the sigmoid. Generator: -log s(fake).
    """

    uses_targets = True

    def discriminator(self, real, fake, real_labels=1.0, fake_labels=0.0):
        return _cross_entropy(real, real_labels) + _cross_entropy(fake, fake_labels)

    def generator(self, fake, real=None):
        return ops.mean(ops.softplus(-fake))

    def score(self, logits):
        return ops.mean(ops.sigmoid(logits))

    def decision_threshold(self, fake):
        return 0.0


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Minimax(NonSaturating):
    """Minimax loss, equation 1 of Goodfellow et al. 2014 (arXiv 1406.2661).

    Discriminator: as in `NonSaturating`. Generator: log(1 - s(fake)), whose gradient vanishes where the
    discriminator rejects the fakes with high confidence. Provided for comparison.
    """

    def generator(self, fake, real=None):
        return -ops.mean(ops.softplus(fake))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class LeastSquares(AdversarialLoss):
    """Least-squares loss of LSGAN, Mao et al. 2016 (arXiv 1611.04076).

    The targets are 1 for real and 0 for fake. Discriminator: ((real - 1)^2 + fake^2) / 2. Generator:
    (fake - 1)^2 / 2.
    """

    uses_targets = True

    def discriminator(self, real, fake, real_labels=1.0, fake_labels=0.0):
        squares = ops.mean(ops.square(real - real_labels)) + ops.mean(ops.square(fake - fake_labels))
        return 0.5 * squares

    def generator(self, fake, real=None):
        return 0.5 * ops.mean(ops.square(fake - 1.0))

    def decision_threshold(self, fake):
        return 0.5


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Wasserstein(AdversarialLoss):
    """Wasserstein loss of WGAN, Arjovsky et al. 2017 (arXiv 1701.07875).

    Critic: fake - real. Generator: -fake. The critic must be Lipschitz, for example through a gradient
    penalty or spectral normalization.
    """

    def discriminator(self, real, fake):
        return ops.mean(fake) - ops.mean(real)

    def generator(self, fake, real=None):
        return -ops.mean(fake)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Hinge(Wasserstein):
    """Hinge loss, Lim and Ye 2017 (arXiv 1705.02894), Miyato et al. 2018 (arXiv 1802.05957).

    Discriminator: max(0, 1 - real) + max(0, 1 + fake). Generator: -fake.
    """

    def discriminator(self, real, fake):
        return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))

    def decision_threshold(self, fake):
        return 0.0


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Relativistic(AdversarialLoss):
    """Relativistic paired loss, Jolicoeur-Martineau 2018 (arXiv 1807.00734), as in R3GAN.

    Each fake is paired with the real image of the same batch index. With s the sigmoid, discriminator:
    -log s(real - fake). Generator: -log s(fake - real).
    """

    needs_real = True

    def discriminator(self, real, fake):
        return ops.mean(ops.softplus(fake - real))

    def generator(self, fake, real=None):
        return ops.mean(ops.softplus(real - fake))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class RelativisticHinge(AdversarialLoss):
    """Relativistic average hinge loss, Jolicoeur-Martineau 2018 (arXiv 1807.00734), as in MSG-GAN.

    Each logit is compared with the mean logit of the other kind. Discriminator: max(0, 1 - (real -
    mean(fake))) + max(0, 1 + (fake - mean(real))). Generator: the same with real and fake swapped.
    """

    needs_real = True

    def discriminator(self, real, fake):
        real_term = ops.mean(ops.relu(1.0 - (real - batch_mean(fake))))
        return real_term + ops.mean(ops.relu(1.0 + (fake - batch_mean(real))))

    def generator(self, fake, real=None):
        return self.discriminator(fake, real)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class RelativisticAverage(AdversarialLoss):
    """Relativistic average loss, Jolicoeur-Martineau 2018 (arXiv 1807.00734), as in ESRGAN.

    Each logit is compared with the mean logit of the other kind. With s the sigmoid, discriminator:
    -log s(real - mean(fake)) - log(1 - s(fake - mean(real))). Generator: the same with real and fake
    swapped.
    """

    needs_real = True

    def discriminator(self, real, fake):
        real_term = ops.mean(ops.softplus(batch_mean(fake) - real))
        return real_term + ops.mean(ops.softplus(fake - batch_mean(real)))

    def generator(self, fake, real=None):
        return self.discriminator(fake, real)


LOSSES: dict[str, type[AdversarialLoss]] = {
    "non_saturating": NonSaturating,
    "minimax": Minimax,
    "least_squares": LeastSquares,
    "wasserstein": Wasserstein,
    "hinge": Hinge,
    "relativistic": Relativistic,
    "relativistic_hinge": RelativisticHinge,
    "relativistic_average": RelativisticAverage,
}


def get(loss: str | AdversarialLoss) -> AdversarialLoss:
    """Look up an adversarial loss.

    Args:
        loss: a key of `LOSSES` or an `AdversarialLoss`, which is returned unchanged.

    Raises:
        ValueError: unknown name; the message lists the valid ones.
        TypeError: neither a name nor an `AdversarialLoss`.
    """
    return checks.named(loss, AdversarialLoss, LOSSES, "An adversarial loss", "losses")
