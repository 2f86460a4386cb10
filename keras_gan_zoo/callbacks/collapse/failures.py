"""Failures of adversarial training: how to detect them, and messages with cause and remedy."""

import math
import warnings
from typing import NamedTuple

import numpy as np

from keras_gan_zoo import losses


class TrainingWarning(UserWarning):
    """Warning of a failing training run: numbers, probable cause and remedy in one line."""


def warn(model, message: str) -> None:
    """Issue a `TrainingWarning`, and add its text to the list `model.training_warnings`."""
    model.training_warnings.append(message)
    warnings.warn(message, TrainingWarning, stacklevel=2)


class Failure(NamedTuple):
    """A failure found by one check.

    Args:
        kind: `"nan"`, `"overconfident"` or `"collapsed"`.
        message: Observation, probable cause and remedy, in one line.
        optimizers: Names of the optimizers whose steps are probably too large.
    """

    kind: str
    message: str
    optimizers: tuple[str, ...]


def chance_loss(loss: losses.AdversarialLoss) -> float | None:
    """Return `d_loss` of a discriminator at chance level.

    Returns:
        The minimum over constant outputs; None for losses without such a value: a Wasserstein critic
        has no scale, and it should be far ahead of the generator.
    """
    values = {
        losses.NonSaturating: 2 * math.log(2),
        losses.LeastSquares: 0.25,
        losses.Hinge: 2.0,
        losses.Relativistic: math.log(2),
    }
    return next((value for kind, value in values.items() if isinstance(loss, kind)), None)


def discriminator_confidence(
    loss: losses.AdversarialLoss, logs: dict, real_label: float = 1.0, fake_label: float = 0.0
) -> float | None:
    """Return the confidence of a discriminator that is right: 0.5 at chance level, at most 1.

    If scores are probabilities it is the smaller of those assigned to the true classes, relative to
    the target labels. Otherwise it is `1 - d_loss / (2 * chance_loss(loss))`, because raw outputs
    have no scale of their own.

    Args:
        loss: The adversarial loss.
        logs: Values of `real_score`, `fake_score` and `d_loss`.
        real_label, fake_label: Target labels in [0, 1], for losses with targets.

    Returns:
        The confidence, or None for a Wasserstein loss and for logs without the values.
    """
    if isinstance(loss, losses.NonSaturating):
        if {"real_score", "fake_score"} <= set(logs):
            real, fake = float(logs["real_score"]), float(logs["fake_score"])
            return min(real / max(real_label, 1e-3), 1.0 - fake + fake_label)
    elif chance_loss(loss) is not None and "d_loss" in logs:
        return 1.0 - float(logs["d_loss"]) / (2.0 * chance_loss(loss))
    return None


def default_skip_threshold(loss: losses.AdversarialLoss) -> float:
    """Return a fifth of the loss at chance level, below which discriminator updates are skipped."""
    return chance_loss(loss) / 5


def overconfident(model, logs: dict, confidence: float, limit: float, checks: int) -> Failure:
    """Failure of a discriminator that is almost always right and certain.

    Args:
        model: The model in training.
        logs: Current logs.
        confidence: See `discriminator_confidence`.
        limit: Largest confidence that is not a failure.
        checks: Number of consecutive checks above the limit.
    """
    threshold = default_skip_threshold(model.adversarial_loss)
    numbers = ", ".join(
        f"{name}={float(logs[name]):.3g}"
        for name in ("real_score", "fake_score", "d_loss")
        if name in logs
    )
    return Failure(
        "overconfident",
        f"the discriminator is overconfident: {confidence:.3f} (limit {limit:g}, chance level 0.5) for "
        f"{checks} checks in a row, {numbers}. Probably it learns faster than the generator, which "
        "then gets no useful gradient. Try InstanceNoise(0.1), "
        f"DiscriminatorSkip({threshold:.2g}), or a lower learning rate for `d_opt`.",
        ("d_opt",),
    )


def collapsed(model, observation: str) -> Failure:
    """Failure of generated samples that are much less diverse than real ones.

    Args:
        model: The model in training.
        observation: The measured diversity, for the message.
    """
    if model.plan.ema is None and model.reference_width is not None:
        remedies = ["recipe='robust'"]
    else:
        remedies = [] if isinstance(model.adversarial_loss, losses.Hinge) else ["losses='hinge'"]
        remedies += ["ema=0.999"] if model.plan.ema is None else []
    remedies = ", ".join([*remedies, ""]) + "or " if remedies else ""
    return Failure(
        "collapsed",
        f"generated samples have collapsed: {observation}. Probably the generator maps most latents to "
        "a few images (mode collapse). Go back to an earlier checkpoint, or start again, and compile "
        f"with {remedies}a lower learning rate for `g_opt`.",
        ("g_opt",),
    )


def not_finite(observation: str) -> Failure:
    """Failure of NaN or infinity, which is permanent once it is in the weights.

    Args:
        observation: The values that are not finite, for the message.
    """
    return Failure(
        "nan",
        f"{observation}. Probably a step was too large or a number overflowed, and the weights stay "
        "NaN. Go back to the last checkpoint and compile with a lower learning rate for `d_opt` and "
        "`g_opt`, or with clipnorm=1.0 in both; "
        "`CollapseMonitor(action=('restore', 'lower_rate'))` does so automatically.",
        ("d_opt", "g_opt"),
    )


def non_finite_logs(logs: dict) -> str:
    """Describe logs of the training that are not finite, such as "d_loss is nan"; "" for none."""
    values = {name: float(value) for name, value in logs.items() if not name.startswith("val_")}
    return " and ".join(
        f"{name} is {value}" for name, value in values.items() if not np.isfinite(value)
    )
