"""TensorFlow: compiled functions can assign variables, so a training step runs unchanged."""

import contextlib
import ctypes
import functools

import tensorflow as tf
from keras import ops

from keras_gan_zoo.backend import adam, grouped_convolution, keras_private

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def train_step(step):
    return step


def test_step(step):
    return step


def vjp(fn, groups):
    groups = [[v.value for v in group] for group in groups]
    with tf.GradientTape(persistent=sum(map(bool, groups)) > 1, watch_accessed_variables=False) as tape:
        tape.watch(groups)
        losses = fn()

    def pullback(loss, group):
        def pull(cotangent):
            return tape.gradient(loss, group, output_gradients=ops.cast(cotangent, loss.dtype))

        return pull

    return losses, [pullback(*pair) for pair in zip(losses, groups, strict=True)]


def value_and_input_grad(fn, x):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        outputs = fn(x)
    return outputs, tape.gradient(outputs, x)


def without_side_effects(fn, dtype, variables, condition=None, shape=()):
    def run():
        saved = [tf.identity(variable.value) for variable in variables]
        result = fn()
        for variable, value in zip(variables, saved, strict=True):
            variable.assign(value)
        return result

    if condition is None:
        return run()
    if replicas() > 1:  # a branch cannot communicate with other replicas
        return tf.where(condition, run(), tf.zeros(shape, dtype))
    return tf.cond(condition, run, lambda: tf.zeros(shape, dtype))


def apply(optimizer, gradients, variables):
    if replicas() > 1:  # whose gradients Keras adds
        gradients = [None if each is None else each / replicas() for each in gradients]
    if not adam.supports_fused_update(optimizer, gradients) or tf.distribute.has_strategy():
        optimizer.apply(gradients, variables)
        return
    rate, step, moments = adam.update_inputs(optimizer, variables)
    beta_1, beta_2 = optimizer.beta_1, optimizer.beta_2
    beta_1_power, beta_2_power = tf.pow(beta_1, step), tf.pow(beta_2, step)
    for gradient, variable, (m, v) in zip(gradients, variables, moments, strict=True):
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=m.value.handle,
            v=v.value.handle,
            beta1_power=beta_1_power,
            beta2_power=beta_2_power,
            lr=rate,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=optimizer.epsilon,
            grad=gradient,
        )
    optimizer.iterations.assign_add(1)


def cond(condition, fn, variables):
    def branch():
        fn()
        return True

    if replicas() > 1:  # a branch cannot communicate with other replicas
        before = [tf.identity(variable.value) for variable in variables]
        fn()
        for variable, value in zip(variables, before, strict=True):
            variable.assign(tf.where(condition, variable.value, value))
        return
    tf.cond(condition, branch, lambda: False)


def average(targets, sources, share):
    for target, source in zip(targets, sources, strict=True):
        target.value.assign_sub((target.value - source.value) * tf.cast(share, target.dtype))


def magnitude(variables):
    return sum(ops.sum(ops.cast(variable, "float32")) for variable in variables)


def sync(model):
    pass


def predict(network, inputs, batch_size):
    return network.predict(inputs, batch_size=batch_size, verbose=0)


def feed(arguments):
    # Keras turns all data into a tf.data iterator. Its autotuning thread doubles its sleep each time,
    # and the end of an epoch can wait for that thread for as long as the epoch took.
    named = {name: arguments.get(name) for name in ("x", "y", "batch_size")}
    adapter = keras_private.data_adapter(**named, shuffle=arguments.get("shuffle", True))
    options = tf.data.Options()
    options.autotune.enabled = False
    batches = tf.data.experimental.assert_cardinality(adapter.num_batches)
    dataset = adapter.get_tf_dataset().apply(batches)
    size = getattr(arguments["x"], "size_of_all_batches", None)
    if size is not None:
        # XLA has no kernel gradient of depthwise convolutions for batches of unknown size.
        dataset = dataset.map(functools.partial(_with_batch_size, size))
    dataset = dataset.with_options(options)
    others = {name: value for name, value in arguments.items() if name not in (*named, "shuffle")}
    replaced = {"x": dataset, "shuffle": False}  # the dataset itself shuffles
    return {"validation_batch_size": arguments["batch_size"], **others, **replaced}


@functools.cache
def keep_freed_memory():
    """Let glibc reuse the memory of freed tensors, as it does without TensorFlow's own setting.

    The first dataset that comes from a generator sets M_TRIM_THRESHOLD to 128 kB (TensorFlow 2.21).
    glibc then no longer adapts its thresholds, and returns the memory of every tensor above 128 kB to
    the operating system: half of the time of a training step went into page faults.
    """
    tuple(tf.data.Dataset.from_generator(lambda: (0,), output_signature=tf.TensorSpec((), "int32")))
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, 32 * 2**20)  # the limits to which glibc adapts
        mallopt(_M_TRIM_THRESHOLD, 64 * 2**20)


def _with_batch_size(size, *batch):
    return tf.nest.map_structure(lambda part: tf.ensure_shape(part, (size, *part.shape[1:])), batch)


def connect():
    raise ValueError("Training in several processes needs JAX or PyTorch. Received: TensorFlow.")


def process():
    return 0, 1


def replicas():
    if tf.distribute.in_cross_replica_context():  # such as the building of a network
        return 1
    return tf.distribute.get_strategy().num_replicas_in_sync


def mean_over_replicas(x):
    if replicas() == 1:
        return x
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, x)


def begin_fit(model):
    keep_freed_memory()
    strategy = model.distribute_strategy
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        raise ValueError(
            "MultiWorkerMirroredStrategy does not work with Keras 3, by the words of its maintainers "
            "(keras-team/keras#20585). Train with the backend JAX or PyTorch in several processes."
        )
    count = strategy.num_replicas_in_sync
    for variable in model.variables if count > 1 else ():
        if variable.path.endswith("seed_generator_state"):
            first, *others = variable.value.values
            for number, other in enumerate(others, 1):
                draws = tf.constant([0, number * (2**31 // count)], other.dtype)
                other.assign(first + draws)


def check_replicas(model):
    pass


def any_process(flag):
    return flag


def peak_memory():
    if not tf.config.list_logical_devices("GPU"):
        return None
    return tf.config.experimental.get_memory_info("GPU:0")["peak"]


def has_accelerator():
    return any(device.device_type != "CPU" for device in tf.config.list_physical_devices())


def make_deterministic():
    tf.config.experimental.enable_op_determinism()


def arrange_kernel(variable):
    pass


def conv(x, kernel, stride, padding="same"):
    if x.shape[-1] != kernel.shape[2] and not tf.config.list_physical_devices("GPU"):
        return grouped_convolution.conv_per_group(conv, x, kernel, stride, padding)
    return ops.conv(x, kernel, stride, padding=padding)


def conv_transpose(x, kernel, stride, padding="same"):
    return ops.conv_transpose(x, kernel, stride, padding=padding)


def binomial_blur(x, stride):
    kernel = grouped_convolution.BINOMIAL_KERNEL[:, :, None, None].repeat(x.shape[-1], 2)
    return tf.nn.depthwise_conv2d(x, tf.constant(kernel, x.dtype), (1, stride, stride, 1), "VALID")


def batch_norm(x, gamma, beta, epsilon):
    # On a CPU, the fused kernel is three times as fast as Keras' moments and arithmetic.
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=gamma, offset=beta, mean=[], variance=[], epsilon=epsilon, is_training=True
    )
    n = tf.cast(tf.size(x) // x.shape[-1], variance.dtype)
    return outputs, mean, variance * (n - 1) / n  # the kernel returns the unbiased variance
