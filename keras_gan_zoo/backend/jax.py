"""JAX: a step runs inside a stateless scope that maps every variable to its traced value.

Invariant: the innermost scope maps all variables that the model owns, so reads, assignments, metrics,
seeds and optimizers work unchanged. An update of any other variable, which JAX would silently lose, is
an error.
"""

import functools
import os

import jax
import keras
import numpy as np
from jax.experimental import multihost_utils
from keras import ops

from keras_gan_zoo.backend import grouped_convolution, keras_private, xla_convolution


class _Scope(keras.StatelessScope):
    def __init__(self, values: dict):
        super().__init__()
        self.state_mapping = values

    def add_update(self, update):
        variable, _ = update
        if id(variable) not in self.state_mapping:
            raise ValueError(
                f"Variable {variable.path!r} was assigned inside a training step, but the model "
                "does not own it, so JAX would lose the update. Make it an attribute of the model "
                "(a layer, a weight or a `keras.random.SeedGenerator` set in `__init__`)."
            )
        super().add_update(update)


def _run(step, model, owned, state, data):
    pairs = [pair for group in zip(owned, state, strict=True) for pair in zip(*group, strict=True)]
    with _Scope({id(variable): value for variable, value in pairs}) as scope:
        logs = step(model, data)
    return logs, tuple([scope.state_mapping[id(v)] for v in group] for group in owned)


def train_step(step):
    @functools.wraps(step)
    def stateless(self, state, data):
        owned = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _run(step, self, owned, state, data)

    return stateless


def test_step(step):
    @functools.wraps(step)
    def stateless(self, state, data):
        owned = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)
        return _run(step, self, owned, state, data)

    return stateless


def _run_nested(fn, current, overrides):
    """Run `fn()` in a nested scope.

    Args:
        fn: function without arguments.
        current: values of the outer scope, by the id of the variable.
        overrides: values that replace some of them inside.

    Returns:
        The result of `fn`, and a dict of the values that it assigned.
    """
    with _Scope({**current, **overrides}) as scope:
        result = fn()
    assigned = {
        key: value
        for key, value in scope.state_mapping.items()
        if value is not current[key] and value is not overrides.get(key)
    }
    return result, assigned


def vjp(fn, groups):
    current = keras_private.stateless_scope().state_mapping

    def traced(values):
        overrides = {
            id(v): x
            for group, xs in zip(groups, values, strict=True)
            for v, x in zip(group, xs, strict=True)
        }
        losses, assigned = _run_nested(fn, current, overrides)
        return tuple(losses), assigned

    values = [[current[id(v)] for v in group] for group in groups]
    losses, pull, assigned = jax.vjp(traced, values, has_aux=True)
    current.update(assigned)

    def pullback(index):
        def pull_one(cotangent):
            cotangents = [jax.numpy.zeros_like(loss) for loss in losses]
            cotangents[index] += cotangent
            return pull(tuple(cotangents))[0][index]

        return pull_one

    return losses, [pullback(index) for index in range(len(groups))]


def value_and_input_grad(fn, x):
    current = keras_private.stateless_scope().state_mapping
    outputs, pull, assigned = jax.vjp(
        lambda x: _run_nested(lambda: fn(x), current, {}), x, has_aux=True
    )
    current.update(assigned)
    return outputs, pull(jax.numpy.ones_like(outputs))[0]


def without_side_effects(fn, dtype, variables, condition=None, shape=()):
    current = keras_private.stateless_scope().state_mapping

    def run():
        return _run_nested(fn, current, {})[0]

    if condition is None:
        return run()
    # Without `checkpoint`, steps that skip `fn` would fill the memory of its gradient with zeros.
    return jax.lax.cond(condition, jax.checkpoint(run), lambda: jax.numpy.zeros(shape, dtype))


def apply(optimizer, gradients, variables):
    targets = keras_private.optimizer_targets(optimizer)
    if len(variables) < len(targets):
        if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            optimizer.apply(gradients, variables)
            return
        # `stateless_apply` needs a gradient for every variable: zeros for those left out.
        by_id = dict(zip(map(id, variables), gradients, strict=True))
        gradients = [by_id.get(id(v), jax.numpy.zeros(v.shape, v.dtype)) for v in targets]
        variables = targets
    # `stateless_apply` instead of `apply`: a loss-scaling optimizer branches with `lax.cond`, whose
    # branches cannot assign to the outer scope.
    new_values, new_state = optimizer.stateless_apply(
        [v.value for v in optimizer.variables], gradients, [v.value for v in variables]
    )
    assign_all(variables, new_values)
    assign_all(optimizer.variables, new_state)


def cond(condition, fn, variables):
    current = keras_private.stateless_scope().state_mapping

    def branch(values):
        with _Scope({**current, **dict(zip(map(id, variables), values, strict=True))}) as scope:
            fn()
        return [scope.state_mapping[id(v)] for v in variables]

    values = [v.value for v in variables]
    assign_all(variables, jax.lax.cond(condition, branch, lambda values: values, values))


def assign_all(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def average(targets, sources, share):
    for target, source in zip(targets, sources, strict=True):
        target.assign(target.value - (target.value - source.value) * share)


def magnitude(variables):
    return sum(ops.sum(ops.cast(variable, "float32")) for variable in variables)


def sync(model):
    model.jax_state_sync()


def predict(network, inputs, batch_size):
    # Keras' `predict` takes the values out of the variables while it runs: whatever reads them in
    # another thread fails, and the model is destroyed. This function only reads.
    function = getattr(network, "stateless_predict", None)
    if function is None:
        function = network.stateless_predict = jax.jit(network.predict_step)
    trained, others = (
        [variable.value for variable in group]
        for group in (network.trainable_variables, network.non_trainable_variables)
    )
    outputs = []
    for start in range(0, len(jax.tree.leaves(inputs)[0]), batch_size):
        rows = slice(start, start + batch_size)
        batch = jax.tree.map(lambda array, rows=rows: array[rows], inputs)
        output, others = function((trained, others), (batch,))
        outputs.append(output)
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)


def feed(arguments):
    return arguments


def process():
    return jax.process_index(), jax.process_count()


def connect():
    os.environ.setdefault("JAX_CPU_COLLECTIVES_IMPLEMENTATION", "gloo")
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        keras.distribution.initialize()
    data = keras.distribution.DataParallel(auto_shard_dataset=False)
    keras.distribution.set_distribution(data)


def replicas():
    return 1


def mean_over_replicas(x):
    return x


def begin_fit(model):
    pass


def check_replicas(model):
    pass


def any_process(flag):
    if jax.process_count() == 1:
        return flag
    return bool(multihost_utils.process_allgather(np.array(flag)).any())


def peak_memory():
    return (jax.local_devices()[0].memory_stats() or {}).get("peak_bytes_in_use")


def has_accelerator():
    return jax.default_backend() != "cpu"


def make_deterministic():
    flag = "--xla_gpu_deterministic_ops=true"
    if jax.default_backend() == "gpu" and flag not in os.environ.get("XLA_FLAGS", ""):
        raise RuntimeError(
            f"Deterministic operations on a GPU need the option {flag} when JAX starts. Received: "
            f"XLA_FLAGS={os.environ.get('XLA_FLAGS', '')!r}. Set the environment variable before "
            "Python starts."
        )


def arrange_kernel(variable):
    pass


def conv(x, kernel, stride, padding="same"):
    if x.shape[-1] == kernel.shape[2]:
        return xla_convolution.strided(x, kernel, stride, padding)
    if jax.default_backend() == "cpu":
        return grouped_convolution.conv_per_group(conv, x, kernel, stride, padding)
    return ops.conv(x, kernel, stride, padding=padding)


def conv_transpose(x, kernel, stride, padding="same"):
    return xla_convolution.transposed(x, kernel, stride, padding)


def binomial_blur(x, stride):
    # [1, 3, 3, 1] is [1, 1] convolved with itself twice. XLA fuses the sums into one loop; depthwise
    # convolutions are slow.
    for _ in range(3):
        x = x[:, :-1] + x[:, 1:]
    x = x[:, ::stride] * (1 / 8)
    for _ in range(3):
        x = x[:, :, :-1] + x[:, :, 1:]
    return x[:, :, ::stride] * (1 / 8)


def batch_norm(x, gamma, beta, epsilon):
    # Both sums take one pass over the images, half the time of `jax.numpy.var` on a CPU. In float32,
    # because the variance of float16 images overflows float16.
    values = x.astype(jax.numpy.promote_types(x.dtype, "float32"))
    mean = jax.numpy.mean(values, (0, 1, 2))
    squares = jax.numpy.mean(values * values, (0, 1, 2))
    variance = jax.numpy.maximum(squares - mean * mean, 0.0)
    scale = gamma * jax.lax.rsqrt(variance + epsilon)
    return values * scale + (beta - mean * scale), mean, variance
