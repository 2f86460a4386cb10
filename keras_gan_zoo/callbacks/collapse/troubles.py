"""What goes wrong in adversarial training: how it shows, its likely cause, what helps."""

import math
import warnings
from typing import NamedTuple

import numpy as np

from keras_gan_zoo import losses


class TrainingWarning(UserWarning):
    """A training goes wrong; the message has the numbers, the likely cause and a remedy."""


def warn(message: str) -> None:
    """Give a `TrainingWarning`."""
    warnings.warn(message, TrainingWarning, stacklevel=2)


class Trouble(NamedTuple):
    """One observation.

    Args:
        kind: `"nan"`, `"sure"` or `"alike"`.
        message: observation, cause and remedy, in one line.
        members: the optimizers whose steps are probably too large.
    """

    kind: str
    message: str
    members: tuple[str, ...]


def guess(loss: losses.AdversarialLoss) -> float | None:
    """`d_loss` of a discriminator that guesses, the best it can do when it knows nothing.

    None for a loss without such a value: a Wasserstein critic has no scale, and being far ahead is
    its task.
    """
    guesses = {
        losses.NonSaturating: 2 * math.log(2),
        losses.LeastSquares: 0.25,
        losses.Hinge: 2.0,
        losses.Relativistic: math.log(2),
    }
    return next((value for kind, value in guesses.items() if isinstance(loss, kind)), None)


def certainty(loss: losses.AdversarialLoss, logs: dict, real_label=1.0, fake_label=0.0) -> float | None:
    """How sure the discriminator is, and right: 0.5 when it guesses, 1 when it cannot improve.

    Where scores are probabilities, the smaller of those it gives to the true answers, relative to
    the labels that it learns. Elsewhere `1 - d_loss / (2 * guess(loss))`: raw outputs have no scale
    of their own, but the loss knows when they are large enough.
    """
    if isinstance(loss, losses.NonSaturating):
        if {"real_score", "fake_score"} <= set(logs):
            real, fake = float(logs["real_score"]), float(logs["fake_score"])
            return min(real / max(real_label, 1e-3), 1.0 - fake + fake_label)
    elif guess(loss) is not None and "d_loss" in logs:
        return 1.0 - float(logs["d_loss"]) / (2.0 * guess(loss))
    return None


def sure(model, logs: dict, value: float, limit: float, checks: int) -> Trouble:
    """The discriminator wins every time."""
    threshold = guess(model.adversarial_loss) / 5
    numbers = ", ".join(
        f"{name}={float(logs[name]):.3g}"
        for name in ("real_score", "fake_score", "d_loss")
        if name in logs
    )
    return Trouble(
        "sure",
        f"the discriminator is certain and right: {value:.3f} (limit {limit:g}, guessing is 0.5) for "
        f"{checks} checks in a row, {numbers}. Probably it learns faster than the generator, which "
        "then gets no useful gradient. Try InstanceNoise(0.1), "
        f"DiscriminatorSkip({threshold:.2g}), or a lower learning rate for `d_opt`.",
        ("d_opt",),
    )


def alike(model, observation: str) -> Trouble:
    """The samples resemble each other."""
    others = [] if isinstance(model.adversarial_loss, losses.Hinge) else ["losses='hinge'"]
    others += ["ema=0.999"] if model.plan.ema is None else []
    others = ", ".join([*others, ""]) + "or " if others else ""
    return Trouble(
        "alike",
        f"the samples are alike: {observation}. Probably the generator makes few images, whatever its "
        "latents (mode collapse). Go back to an earlier checkpoint, or start again, and compile with "
        f"{others}a lower learning rate for `g_opt`.",
        ("g_opt",),
    )


def not_finite(observation: str) -> Trouble:
    """NaN or infinity, which does not go away by itself."""
    return Trouble(
        "nan",
        f"{observation}. Probably a step was too large or a number overflowed, and the weights stay "
        "NaN. Go back to the last checkpoint and compile with a lower learning rate for `d_opt` and "
        "`g_opt`, or with clipnorm=1.0 in both; "
        "`CollapseMonitor(action=('restore', 'lower_rate'))` goes back by itself.",
        ("d_opt", "g_opt"),
    )


def bad_losses(logs: dict) -> str:
    """The training losses that are not finite, such as "d_loss is nan"; "" if there are none."""
    named = {
        name: float(value)
        for name, value in logs.items()
        if name.endswith("loss") and not name.startswith("val_")
    }
    return " and ".join(f"{name} is {value}" for name, value in named.items() if not np.isfinite(value))
