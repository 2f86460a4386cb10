"""Peak memory of style transfer, relative to the outputs of all layers.

    python benchmarks/style_memory.py

Measures the factors in `keras_gan_zoo/models/style_transfer/memory.py`. Every row is a process of its
own: after a warm-up on small images, the growth of the peak resident memory during one call. VGG19 has
random weights, which take the same memory. Linux only.
"""

import argparse
import os
import resource
import subprocess
import sys

import numpy as np

TASKS = ("adam", "lbfgs", "fast_fit", "translate")
GIGABYTE = 2**30
NO_LIMIT = 1e9
BATCH = 4
STEPS = 14  # more than the 10 pairs of vectors that L-BFGS stores


def random_images(n, size):
    return np.random.default_rng(0).uniform(-1.0, 1.0, (n, size, size, 3)).astype("float32")


def style_network(name):
    """Arguments of a style model for a network, without a download."""
    import keras

    from keras_gan_zoo.networks.feature_network import NETWORKS

    if name != "vgg19":
        return {"network": name}
    content, style, preprocess = NETWORKS["vgg19"]
    network = keras.applications.VGG19(include_top=False, weights=None)
    return {
        "network": network,
        "content_layers": content,
        "style_layers": style,
        "preprocess": preprocess,
    }


def make_call(task, network, side):
    """Return a function that runs the task, and the bytes of the outputs of all layers."""
    import keras_gan_zoo as kgz
    from keras_gan_zoo.models.style_transfer import memory

    arguments, image, batch = style_network(network), random_images(1, side), random_images(BATCH, side)
    if task in ("adam", "lbfgs"):
        model = kgz.StyleTransfer(**arguments)
        model.compile("lbfgs" if task == "lbfgs" else None)
        outputs = memory.output_bytes(model.perception.network, image.shape)
        fit = {"epochs": 1, "steps_per_epoch": STEPS, "verbose": 0, "memory": NO_LIMIT}
        return lambda: model.fit(image, image[0], **fit), outputs
    model = kgz.FastStyleTransfer((side, side, 3), **arguments)
    if task == "translate":
        outputs = memory.output_bytes(model.generator, image.shape)
        return lambda: model.translate(image, memory=NO_LIMIT), outputs
    model.compile()
    networks = (model.perception.network, model.generator)
    outputs = sum(memory.output_bytes(network, batch.shape) for network in networks)
    fit = {"batch_size": BATCH, "verbose": 0, "memory": NO_LIMIT}
    return lambda: model.fit(batch, image[0, :64, :64], **fit), outputs


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(task, network, size):
    """Print the growth of the peak and the bytes of all outputs."""
    make_call(task, network, 64)[0]()
    before = resident_bytes()
    call, outputs = make_call(task, network, size)
    call()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(peak - before, outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backends", nargs="+", default=["tensorflow", "torch", "jax"])
    parser.add_argument("--networks", nargs="+", default=["rgb64"])
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1024])
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        task, network, size = arguments.one
        measure(task, network, int(size))
        return
    print("| task | network | side | backend | outputs, GB | peak, GB | ratio | bytes per number |")
    print("|---|---|---:|---|---:|---:|---:|---:|")
    for task in arguments.tasks:
        for network in arguments.networks if task != "translate" else ["rgb64"]:
            for size in arguments.sizes if task != "fast_fit" else [256]:
                for backend in arguments.backends:
                    row(task, network, size, backend)


def row(task, network, size, backend):
    command = [sys.executable, __file__, "--one", task, network, str(size)]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"| {task} | {network} | {size} | {backend} | failed | | | |", flush=True)
        print(done.stderr[-2000:], file=sys.stderr, flush=True)
        return
    peak, outputs = map(int, done.stdout.split()[-2:])
    print(
        f"| {task} | {network} | {size} | {backend} | {outputs / GIGABYTE:.2f} "
        f"| {peak / GIGABYTE:.2f} | {peak / outputs:.2f} | {peak / (3 * size**2):.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
