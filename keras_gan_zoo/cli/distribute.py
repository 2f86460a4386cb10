"""`train --distribute data`: one training on all devices of all processes."""

import atexit
import contextlib
import os
import sys
import tempfile
from pathlib import Path

from keras_gan_zoo.cli.shared import UsageError, import_keras

# Environment variables of `keras.distribution.initialize`; on PyTorch those of `torchrun` count.
ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
COUNT, PROCESS = "KERAS_DISTRIBUTION_NUM_PROCESSES", "KERAS_DISTRIBUTION_PROCESS_ID"


def add_distribute(command):
    """Add the option `--distribute`."""
    effect = f"one training in all processes that have {COUNT} (JAX) or that torchrun started"
    command.add_argument("--distribute", choices=("data",), help=f"data: {effect}")


def check(arguments) -> None:
    """Raise UsageError if the option cannot be followed; call it before Keras is imported."""
    if arguments.distribute is None:
        return
    backend = arguments.backend or os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend not in ("jax", "torch"):
        raise UsageError(f"--distribute needs --backend jax or torch. Received: {backend}")
    if backend == "torch":
        return
    given = [name for name in (ADDRESSES, COUNT, PROCESS) if name in os.environ]
    if COUNT in given and len(given) < 3:
        missing = {ADDRESSES, COUNT, PROCESS} - set(given)
        raise UsageError(f"--distribute needs the variable {', '.join(sorted(missing))}, too")
    numbers = [os.environ.get(name, "0") for name in (COUNT, PROCESS)]
    if not all(number.isdecimal() for number in numbers):
        raise UsageError(f"{COUNT} and {PROCESS} must be integers. Received: {' and '.join(numbers)}")


def process(arguments) -> int:
    """Return the number of this process."""
    if arguments.distribute is None:
        return 0
    is_torch = (arguments.backend or os.environ.get("KERAS_BACKEND")) == "torch"
    return int(os.environ.get("RANK" if is_torch else PROCESS, "0"))


def start(arguments) -> None:
    """Connect the processes, and distribute batches over all devices."""
    if arguments.distribute is None:
        return
    import_keras()
    from keras_gan_zoo import backend

    backend.connect()


def leave_after(error: OSError, arguments) -> None:
    """Let this process end at once if another one of the training has ended.

    At its own exit, JAX would wait for the other process, and abort after a minute.
    """
    if arguments.distribute and isinstance(error, ConnectionError):
        sys.stdout.flush()
        atexit.register(os._exit, 1)


@contextlib.contextmanager
def files_of_process(arguments):
    """Yield the folder for logs and the model file; that of other processes than the first is deleted.

    What they print is dropped; errors and warnings are not.
    """
    if process(arguments) == 0:
        yield arguments.out
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        yield Path(folder)
