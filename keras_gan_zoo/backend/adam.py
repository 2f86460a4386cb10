"""Conditions and inputs of the fused Adam kernels, which Keras itself does not use."""

import keras

from keras_gan_zoo.backend import keras_private

_EXTENSIONS = (
    "amsgrad",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "gradient_accumulation_steps",
    "loss_scale_factor",
    "use_ema",
    "weight_decay",
)


def is_basic_adam(optimizer) -> bool:
    """Whether the optimizer is Adam without extensions (Kingma and Ba 2014, arXiv 1412.6980)."""
    return (
        isinstance(optimizer, keras.optimizers.Adam)
        and type(optimizer).__name__ in ("Adam", "ScheduledAdam")
        and not any(getattr(optimizer, extension) for extension in _EXTENSIONS)
    )


def supports_fused_update(optimizer, gradients) -> bool:
    """Whether a fused kernel can do this update: basic Adam, and a float32 gradient per variable.

    Keras' own update also handles missing gradients and float64.
    """
    return is_basic_adam(optimizer) and all(
        gradient is not None and keras.backend.standardize_dtype(gradient.dtype) == "float32"
        for gradient in gradients
    )


def update_inputs(optimizer, variables):
    """Learning rate, number of the coming step (both float32), and each variable's two moments."""
    rate = keras.ops.cast(optimizer.learning_rate, "float32")
    step = keras.ops.cast(optimizer.iterations + 1, "float32")
    return rate, step, keras_private.adam_moments(optimizer, variables)
