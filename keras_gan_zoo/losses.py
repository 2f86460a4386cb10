"""Adversarial losses, each with a discriminator and a generator side, on logits.

Every side is a mean over the batch: a scalar. `real` and `fake` are the discriminator's raw outputs
(logits, unbounded), of any but equal shapes.
"""

from typing import Any

import keras
from keras import ops

from keras_gan_zoo.utils import checks


class AdversarialLoss:
    """One two-player objective: what the discriminator and what the generator minimize.

    `uses_targets` says whether real and fake are given to the loss as target values, so that they can
    be smoothed and made noisy. `needs_real` says whether the generator's side looks at the logits of
    real images, which then costs the generator's update one more pass of the discriminator.
    """

    uses_targets = False
    needs_real = False

    def discriminator(self, real, fake):
        """Scalar that the discriminator minimizes."""
        raise NotImplementedError

    def generator(self, fake, real=None):
        """Scalar that the generator minimizes. `real` is None unless `needs_real`."""
        raise NotImplementedError

    def score(self, logits):
        """What the logs show as `real_score` and `fake_score`: the mean raw output by default."""
        return ops.mean(logits)

    def confidence(self, real, fake):
        """Mean sign, in [-1, 1], of what the discriminator says of real images: 1 if it is always sure.

        Adaptive augmentation steers by it (Karras et al. 2020, arXiv 2006.06676). A loss without a
        logit that stands for doubt takes the mean logit of the fakes.
        """
        return ops.mean(ops.sign(real - self.doubt(fake)))

    def doubt(self, fake):
        """The logit that stands for doubt."""
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
    """Goodfellow et al. 2014 (arXiv 1406.2661), with the generator loss used in practice.

    Discriminator: -log s(real) - log(1 - s(fake)), with s the sigmoid. Generator: -log s(fake).
    """

    uses_targets = True

    def discriminator(self, real, fake, real_labels=1.0, fake_labels=0.0):
        return _cross_entropy(real, real_labels) + _cross_entropy(fake, fake_labels)

    def generator(self, fake, real=None):
        return ops.mean(ops.softplus(-fake))

    def score(self, logits):
        return ops.mean(ops.sigmoid(logits))

    def doubt(self, fake):
        return 0.0


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Minimax(NonSaturating):
    """The zero-sum game of Goodfellow et al. 2014 (arXiv 1406.2661), equation 1.

    Discriminator: as `NonSaturating`. Generator: log(1 - s(fake)), whose gradient vanishes while
    the discriminator is sure; it is here to be compared with.
    """

    def generator(self, fake, real=None):
        return -ops.mean(ops.softplus(fake))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class LeastSquares(AdversarialLoss):
    """LSGAN, Mao et al. 2016 (arXiv 1611.04076), with targets 1 for real and 0 for fake.

    Discriminator: ((real - 1)^2 + fake^2) / 2. Generator: (fake - 1)^2 / 2.
    """

    uses_targets = True

    def discriminator(self, real, fake, real_labels=1.0, fake_labels=0.0):
        squares = ops.mean(ops.square(real - real_labels)) + ops.mean(ops.square(fake - fake_labels))
        return 0.5 * squares

    def generator(self, fake, real=None):
        return 0.5 * ops.mean(ops.square(fake - 1.0))

    def doubt(self, fake):
        return 0.5


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Wasserstein(AdversarialLoss):
    """WGAN, Arjovsky et al. 2017 (arXiv 1701.07875). The critic must be kept Lipschitz by others.

    Critic: fake - real. Generator: -fake.
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

    def doubt(self, fake):
        return 0.0


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Relativistic(AdversarialLoss):
    """Relativistic paired loss, Jolicoeur-Martineau 2018 (arXiv 1807.00734), as in R3GAN.

    Each fake is compared with the real image at its place in the batch. Discriminator:
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

    Each image is compared with the average of the other kind. Discriminator: max(0, 1 - (real -
    mean(fake))) + max(0, 1 + (fake - mean(real))). Generator: the same with real and fake swapped.
    """

    needs_real = True

    def discriminator(self, real, fake):
        above = ops.mean(ops.relu(1.0 - (real - ops.mean(fake))))
        return above + ops.mean(ops.relu(1.0 + (fake - ops.mean(real))))

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
}


def get(loss: str | AdversarialLoss) -> AdversarialLoss:
    """The loss of that name, or the loss itself.

    Raises:
        ValueError: the name is unknown; the message lists the known ones.
        TypeError: neither a name nor an `AdversarialLoss`.
    """
    return checks.named(loss, AdversarialLoss, LOSSES, "An adversarial loss", "losses")
