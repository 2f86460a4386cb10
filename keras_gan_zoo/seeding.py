"""`set_seed`: runs that repeat."""

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.utils import checks


def set_seed(seed: int, deterministic: bool = False) -> None:
    """Set all random seeds of the process, and optionally allow only operations that repeat exactly.

    Calls `keras.utils.set_random_seed`, which seeds Python, NumPy and the backend: everything that has
    no `seed` of its own. With `deterministic=True`, two runs of one program give the same bits on the
    same machine, backend, versions and number of threads. docs/reliability.md has what is promised
    and what is not.

    Call it before models are created. `deterministic=True` holds for the rest of the process:

    - TensorFlow: `tf.config.experimental.enable_op_determinism`.
    - PyTorch: `torch.use_deterministic_algorithms`, without cuDNN's search for the fastest algorithm;
      on GPUs also the environment variable `CUBLAS_WORKSPACE_CONFIG`, if it has no value.
    - JAX: operations repeat on CPUs. On GPUs, XLA reads the option `--xla_gpu_deterministic_ops=true`
      of the environment variable `XLA_FLAGS` when JAX starts; it must be set before.

    Args:
        seed: integer in 0..2**32 - 1.
        deterministic: whether to exclude operations whose results differ between runs.

    Raises:
        ValueError: If `seed` is no such integer.
        RuntimeError: If JAX has started on a GPU without that option.

    Example:

    >>> kgz.set_seed(1, deterministic=True)
    >>> model = kgz.DCGAN((64, 64, 3))
    """
    seed = checks.non_negative_integer("seed", seed)
    if seed >= 2**32:
        raise ValueError(f"Argument `seed` must be below 2**32. Received: seed={seed}.")
    if deterministic:
        backend.make_deterministic()
    keras.utils.set_random_seed(seed)
