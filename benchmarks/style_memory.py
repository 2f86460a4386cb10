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
STEPS = 14  # more than the 10 pairs of vectors that L-BFGS stores


def random_images(n, size):
    return np.random.default_rng(0).uniform(-1.0, 1.0, (n, size, size, 3)).astype("float32")


def style_network(name):
    """Arguments of a style model for a network, without a download."""
    import keras

    from keras_gan_zoo.models.style_transfer.feature_network import NETWORKS

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


def make_call(task, network, size):
    """A function of an image side, and the bytes of the layers' outputs at `size`."""
    import keras_gan_zoo as kgz
    from keras_gan_zoo.models.style_transfer import memory

    if task in ("adam", "lbfgs"):
        model = kgz.StyleTransfer(**style_network(network))
        model.compile("lbfgs" if task == "lbfgs" else None)

        def fit(side):
            image = random_images(1, side)
            model.fit(image, image[0], epochs=1, steps_per_epoch=STEPS, verbose=0, memory=1e9)

        return fit, memory.output_bytes(model.perception.network, (1, size, size, 3))

    model = kgz.FastStyleTransfer((size, size, 3), **style_network(network))
    if task == "translate":

        def translate(side):
            model.translate(random_images(1, side), memory=1e9)

        return translate, memory.output_bytes(model.generator, (1, size, size, 3))

    model.compile()
    model.fit(random_images(1, size), random_images(1, 64)[0], batch_size=1, verbose=0, memory=1e9)

    def fit_batch(side):
        if side == size:
            model.fit(random_images(4, side), batch_size=4, verbose=0, memory=1e9)

    networks = (model.perception.network, model.generator)
    return fit_batch, sum(memory.output_bytes(n, (4, size, size, 3)) for n in networks)


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(task, network, size):
    """Print the growth of the peak and the bytes of all outputs."""
    call, outputs = make_call(task, network, size)
    call(64)
    before = resident_bytes()
    call(size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(peak - before, outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backends", nargs="+", default=["tensorflow", "torch", "jax"])
    parser.add_argument("--networks", nargs="+", default=["rgb64", "vgg19"])
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--sizes", nargs="+", type=int, default=[512, 1024])
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
