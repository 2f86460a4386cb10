"""What gradients of a convolution cost on JAX outside and inside a branch that may be left out.

python benchmarks/jax_branches.py

XLA's own forms beside those of `keras_gan_zoo.backend.xla_convolution`: 16 images of 32x32 with 32
channels, a 3x3 kernel, 32 filters. All take turns.
"""

import argparse
import os
import statistics
import time

os.environ["KERAS_BACKEND"] = "jax"

import jax
import numpy as np
from jax import lax

from keras_gan_zoo.backend import xla_convolution

FORMS = {
    "XLA's": lambda x, kernel: lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    ),
    "ours": lambda x, kernel: xla_convolution.strided(x, kernel, 1),
}


def works(conv):
    """Functions of (x, kernel) to a scalar, by what they compute."""

    def energy(x, kernel):
        return (jax.nn.leaky_relu(conv(x, kernel)) ** 2).sum()

    def slope(x, kernel):
        return (jax.grad(energy)(x, kernel) ** 2).sum()

    return {
        "gradient by the input": slope,
        "gradient by the kernel": lambda x, kernel: jax.grad(energy, 1)(x, kernel).sum(),
        "gradient of a penalty": lambda x, kernel: jax.grad(slope, 1)(x, kernel).sum(),
    }


def maybe(work):
    return lambda x, kernel: lax.cond(x[0, 0, 0, 0] > -9, work, lambda *_: 0.0, x, kernel)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    given = [
        rng.standard_normal(shape).astype("float32") for shape in ((16, 32, 32, 32), (3, 3, 32, 32))
    ]
    runs = {
        (name, form, place): jax.jit(maybe(work) if place == "inside" else work)
        for form, conv in FORMS.items()
        for name, work in works(conv).items()
        for place in ("outside", "inside")
    }
    times = {key: [] for key in runs}
    for _ in range(1 + arguments.rounds):  # the first one compiles
        for key, run in runs.items():
            start = time.perf_counter()
            run(*given).block_until_ready()
            times[key].append(time.perf_counter() - start)
    median = {key: statistics.median(found[1:]) for key, found in times.items()}
    print("| time, XLA's outside = 1 | XLA's, inside | ours, outside | ours, inside |")
    print("|---|---:|---:|---:|")
    for name in works(FORMS["ours"]):
        whole = median[name, "XLA's", "outside"]
        keys = (("XLA's", "inside"), ("ours", "outside"), ("ours", "inside"))
        print(f"| {name} | " + " | ".join(f"{median[(name, *key)] / whole:.2f}" for key in keys) + " |")


if __name__ == "__main__":
    main()
