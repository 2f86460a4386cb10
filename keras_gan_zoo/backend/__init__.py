"""The verbs that differ between frameworks: the only folder that may name one.

Each module defines the same few functions; the active Keras backend picks the module.

- `train_step(step)`, `test_step(step)`: turn `step(model, data) -> logs`, which assigns variables
  as it likes, into the method that this backend's `fit` and `evaluate` call.
- `vjp(fn, groups)`: run `fn() -> losses` once, one scalar per group of variables. Returns the
  losses and one `pullback(cotangent) -> gradients` per group, loss `i` with respect to group `i`.
  A pullback that is never called costs nothing. What `fn` assigns stays assigned.
- `value_and_input_grad(fn, x)`: `fn(x)` and the gradient of its sum with respect to `x`, both
  differentiable.
- `without_side_effects(fn, dtype, variables, condition=None, shape=())`: the tensor `fn()` of this
  dtype and shape, with `variables` restored afterwards; 0 where the scalar `condition` is false.
  Differentiable inside `vjp`.
- `apply(optimizer, gradients, variables)`: one optimizer update of all or some of its variables.
- `cond(condition, fn, variables)`: call `fn()` only if the scalar `condition` holds; `fn` returns
  nothing and may assign `variables` only.
- `average(targets, sources, share)`: `target += share * (source - target)`, for each pair.
- `sync(model)`: make the variables' values current in the middle of an epoch.
- `feed(arguments)`: the arguments of `fit` for data in memory, as this backend reads it best.
- `conv(x, kernel, stride, padding="same")`: 2-D, "same" or "valid" padding, channels last, kernel
  `(h, w, in / groups, out)`: the channels of x and of the kernel say how many groups there are.
- `conv_transpose(x, kernel, stride, padding="same")`: 2-D, kernel `(h, w, out, in)`; the gradient of
  a strided convolution with respect to its input, `stride` times the size of x. Where `h - stride` is
  odd, one row more is cut off at the end than at the start. Of `"valid"` ones nothing is cut off.
- `binomial_blur(x, stride)`: 2-D, without padding, channels last; each channel filtered with
  [1, 3, 3, 1] / 8 along both axes.
- `batch_norm(x, gamma, beta, epsilon)`: normalize images (n, h, w, c) over all axes but the last;
  returns the result, the batch mean and the biased batch variance.
"""

import importlib

import keras

if keras.backend.backend() not in ("tensorflow", "jax", "torch"):
    raise ImportError(
        "keras_gan_zoo trains on the Keras backends 'tensorflow', 'jax' and 'torch'. Received: "
        f"KERAS_BACKEND={keras.backend.backend()!r}. Set it to one of them before Keras is imported."
    )
_backend = importlib.import_module(f"{__name__}.{keras.backend.backend()}")

train_step = _backend.train_step
test_step = _backend.test_step
vjp = _backend.vjp
value_and_input_grad = _backend.value_and_input_grad
without_side_effects = _backend.without_side_effects
apply = _backend.apply
cond = _backend.cond
average = _backend.average
sync = _backend.sync
feed = _backend.feed
conv = _backend.conv
conv_transpose = _backend.conv_transpose
binomial_blur = _backend.binomial_blur
batch_norm = _backend.batch_norm
