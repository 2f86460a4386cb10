"""Adam, the optimizer of nearly every GAN, has fused kernels that Keras does not use."""

import keras


def is_plain(optimizer) -> bool:
    """Whether the optimizer is Adam as in the paper (Kingma and Ba 2014, arXiv 1412.6980), no more."""
    extras = (
        "amsgrad clipnorm clipvalue global_clipnorm gradient_accumulation_steps loss_scale_factor "
        "use_ema weight_decay"
    )
    return (
        isinstance(optimizer, keras.optimizers.Adam)
        and type(optimizer).__name__ in ("Adam", "ScheduledAdam")
        and not any(getattr(optimizer, extra) for extra in extras.split())
    )


def is_fusible(optimizer, gradients) -> bool:
    """Whether a fused kernel can do this update; Keras' way also knows variables without gradient,
    and of float64."""
    known = [g is not None and keras.backend.standardize_dtype(g.dtype) == "float32" for g in gradients]
    return is_plain(optimizer) and all(known)


def state(optimizer, variables):
    """Learning rate, number of the coming step, and the pair of moments of each variable."""
    indices = [optimizer._get_variable_index(variable) for variable in variables]
    moments = [(optimizer._momentums[i], optimizer._velocities[i]) for i in indices]
    rate = keras.ops.cast(optimizer.learning_rate, "float32")
    return rate, keras.ops.cast(optimizer.iterations + 1, "float32"), moments
