"""StyleGAN2: `fit` against plain PyTorch, and what the lazy penalties cost.

Every contestant is a process of its own; they take turns. On a processor:

    python benchmarks/stylegan2_throughput.py --size 32 --width 32 --latent 64 --batch 16

GPUs have a script of their own, `gpu.py`.

One turn is `--steps` steps, a multiple of 16, so that each has its share of penalties.
"""

import argparse
import functools

import interleaved
import numpy as np

CONTESTANTS = {
    **interleaved.loops(),
    "fit, PyTorch": ("lazy", "torch"),
    "fit, JAX": ("lazy", "jax"),
    "fit, TensorFlow": ("lazy", "tensorflow"),
    "fit, PyTorch, no penalties": ("bare", "torch"),
    "fit, JAX, no penalties": ("bare", "jax"),
    "fit, TensorFlow, no penalties": ("bare", "tensorflow"),
}


def pictures(numbers):
    shape = (numbers.steps * numbers.batch, numbers.size, numbers.size, 3)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


def fitting(numbers, penalties):
    import keras_gan_zoo as kgz

    shape = (numbers.size, numbers.size, 3)
    model = kgz.StyleGAN2(shape, numbers.latent, numbers.width, mapping_layers=numbers.depth)
    model.compile(penalties=penalties)
    images = pictures(numbers)
    return lambda: model.fit(images, batch_size=numbers.batch, verbose=0)


def native_step(numbers, setting):
    import native
    from references import stylegan2

    sizes = {"latent_dim": numbers.latent, "width": numbers.width, "mapping_layers": numbers.depth}
    return native.reference(setting, stylegan2.StyleGAN2, (numbers.size, numbers.size, 3), **sizes)


def work(name, numbers):
    name, *words = name.split()
    count = numbers.steps * numbers.batch
    if name == "native":
        import native

        make = functools.partial(native_step, numbers)
        native.serve(words, make, [pictures(numbers)], numbers.batch, count)
    else:
        interleaved.serve(fitting(numbers, None if name == "lazy" else []), count)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {
        "size": 32, "width": 32, "latent": 64, "depth": 8, "batch": 16, "steps": 16, "rounds": 7,
    }  # fmt: skip
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        name, *given = arguments.work
        for key, value in zip(numbers, given):
            setattr(arguments, key, int(value))
        work(name, arguments)
        return
    given = [getattr(arguments, key) for key in numbers]
    speeds = interleaved.measure(__file__, CONTESTANTS, arguments.only, given, arguments.rounds)
    print(interleaved.table(speeds, "images/s"))


if __name__ == "__main__":
    main()
