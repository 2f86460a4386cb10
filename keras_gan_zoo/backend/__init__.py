"""The framework-dependent operations; the only folder that imports TensorFlow, JAX or PyTorch.

Each backend module defines the same functions; the active Keras backend selects the module.

- `train_step(step)`, `test_step(step)`: turn `step(model, data) -> logs`, which may assign variables,
  into the method that this backend's `fit` or `evaluate` calls.
- `vjp(fn, groups)`: run `fn() -> losses` once, with one scalar loss per group of variables. Returns the
  losses and one `pullback(cotangent) -> gradients` per group: the gradients of loss `i` with respect to
  group `i`. A pullback costs nothing until it is called. Assignments inside `fn` persist.
- `value_and_input_grad(fn, x)`: `fn(x)` and the gradient of its sum with respect to `x`, both
  differentiable.
- `without_side_effects(fn, dtype, variables, condition=None, shape=())`: the tensor `fn()` of the given
  dtype and shape, with `variables` restored afterwards; 0 where the scalar `condition` is false.
  Differentiable inside `vjp`.
- `apply(optimizer, gradients, variables)`: one optimizer update of all or some of its variables.
- `cond(condition, fn, variables)`: call `fn()` only if the scalar `condition` is true; `fn` returns
  nothing and may assign only `variables`.
- `average(targets, sources, share)`: `target += share * (source - target)`, for each pair.
- `magnitude(variables)`: a float32 scalar that is NaN or infinite if a value of the variables is, or is
  above 1e18.
- `sync(model)`: update the variables' values in the middle of an epoch.
- `predict(network, inputs, batch_size)`: as `network.predict`, for NumPy inputs and outputs, and safe
  in several threads at once.
- `feed(arguments)`: the arguments of `fit` for data in memory, in this backend's fastest format.
- `connect()`: join the processes of a distributed training, by the environment of their launcher.
- `process()`: number of this process and of all processes of a distributed training, `(0, 1)` if it is
  not distributed.
- `any_process(flag)`: whether the flag is true in any process; all of them call it.
- `replicas()`: number of processes that compute a step each with its own rows of the batch. 1 on JAX,
  where tensors are those of the whole batch.
- `mean_over_replicas(x)`: a tensor's mean over the replicas, differentiable.
- `begin_fit(model)`: prepare the process for training, and give all replicas the values of the first
  one, and each random numbers of its own.
- `check_replicas(model)`: raise RuntimeError if the weights of the replicas differ.
- `peak_memory()`: largest number of bytes of the first GPU that were in use so far; None without one.
- `has_accelerator()`: whether computations run on a GPU or another device than the processor.
- `make_deterministic()`: allow only operations whose results repeat, for the rest of the process.
- `arrange_kernel(variable)`: give the kernel of a convolution the memory layout that `conv` and
  `conv_transpose` need, without a change of its shape and values.
- `conv(x, kernel, stride, padding="same")`: 2-D convolution, "same" or "valid" padding, channels last,
  kernel `(h, w, in / groups, out)`. The number of groups follows from the channels of x and kernel.
- `conv_transpose(x, kernel, stride, padding="same")`: 2-D transposed convolution, kernel
  `(h, w, out, in)`: the gradient of a strided convolution with respect to its input, `stride` times the
  size of x. If `h - stride` is odd, one more row is cropped at the end than at the start. With "valid"
  padding nothing is cropped.
- `binomial_blur(x, stride)`: 2-D, without padding, channels last; filters each channel with
  [1, 3, 3, 1] / 8 along both axes.
- `batch_norm(x, gamma, beta, epsilon)`: normalize images (n, h, w, c) over all axes but the last.
  Returns the result, the batch mean and the biased batch variance.
"""

import importlib

import keras

if keras.backend.backend() not in ("tensorflow", "jax", "torch"):
    raise ImportError(
        "The Keras backend must be 'tensorflow', 'jax' or 'torch'. Received: "
        f"KERAS_BACKEND={keras.backend.backend()!r}. Set KERAS_BACKEND before Keras is imported."
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
magnitude = _backend.magnitude
sync = _backend.sync
predict = _backend.predict
feed = _backend.feed
connect = _backend.connect
process = _backend.process
replicas = _backend.replicas
mean_over_replicas = _backend.mean_over_replicas
begin_fit = _backend.begin_fit
check_replicas = _backend.check_replicas
any_process = _backend.any_process
peak_memory = _backend.peak_memory
has_accelerator = _backend.has_accelerator
make_deterministic = _backend.make_deterministic
arrange_kernel = _backend.arrange_kernel
conv = _backend.conv
conv_transpose = _backend.conv_transpose
binomial_blur = _backend.binomial_blur
batch_norm = _backend.batch_norm
