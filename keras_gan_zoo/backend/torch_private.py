"""Private functions of PyTorch that the package depends on; no other file uses them.

A PyTorch release may move or rename any of them. Each access then raises an error that names this file
and the missing attribute.
"""

import torch

from keras_gan_zoo.backend.keras_private import PrivateNameError

_FILE = "keras_gan_zoo/backend/torch_private.py"


def _function(name: str):
    """`torch.name`, or an error that names this file."""
    try:
        return getattr(torch, name)
    except AttributeError as error:
        raise PrivateNameError(
            f"PyTorch {torch.__version__} has no `torch.{name}`, which {_FILE} uses. Install a PyTorch "
            "release that keras_gan_zoo supports, or adapt that file."
        ) from error


def fused_adam(variables, gradients, first_moments, second_moments, steps, **arguments) -> None:
    """One Adam update in place, in one kernel (`torch._fused_adam_`).

    Args:
        variables, gradients, first_moments, second_moments: lists of tensors of equal length.
        steps: list of scalar tensors, the number of the coming step for each variable.
        **arguments: `lr`, `beta1`, `beta2`, `eps`, `weight_decay`, `amsgrad`, `maximize`.
    """
    _function("_fused_adam_")(
        variables, gradients, first_moments, second_moments, [], steps, **arguments
    )


def interpolate(targets, sources, share) -> None:
    """`target += share * (source - target)` in place, for lists of tensors (`torch._foreach_lerp_`)."""
    _function("_foreach_lerp_")(targets, sources, share)


def norms(tensors) -> list:
    """The Euclidean norm of each tensor of a list (`torch._foreach_norm`)."""
    return _function("_foreach_norm")(tensors)
