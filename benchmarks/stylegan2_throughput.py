"""StyleGAN2: `fit` against plain PyTorch, and what the lazy penalties cost.

Every contestant is a process of its own; they take turns. On a processor:

    python benchmarks/stylegan2_throughput.py --size 32 --width 32 --latent 64 --batch 16

On a GPU, for JAX with `pip install "jax[cuda13]"`, at 256 pixels with the paper's numbers:

    python benchmarks/stylegan2_throughput.py --size 256 --width 512 --latent 512 --batch 16 --steps 64

One turn is `--steps` steps, a multiple of 16, so that each has its share of penalties.
"""

import argparse

import interleaved
import numpy as np

CONTESTANTS = {
    "plain PyTorch": ("native", "torch"),
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


def native(numbers):
    import torch
    from references import common, stylegan2

    device = "cuda" if torch.cuda.is_available() else "cpu"
    sizes = {"latent_dim": numbers.latent, "width": numbers.width, "mapping_layers": numbers.depth}
    shape = (numbers.size, numbers.size, 3)
    trainer = stylegan2.StyleGAN2(shape, common.Draws(0, device), paper=False, **sizes)
    images = torch.from_numpy(pictures(numbers).transpose(0, 3, 1, 2).copy())
    loader = torch.utils.data.DataLoader(images, batch_size=numbers.batch, shuffle=True)

    def epoch():
        for batch in loader:
            trainer.step(iter([batch.to(device)]))
        if device == "cuda":
            torch.cuda.synchronize()

    return epoch


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
        epoch = (
            native(arguments)
            if name == "native"
            else fitting(arguments, None if name == "lazy" else [])
        )
        interleaved.serve(epoch, arguments.steps * arguments.batch)
        return
    given = [getattr(arguments, key) for key in numbers]
    speeds = interleaved.measure(__file__, CONTESTANTS, arguments.only, given, arguments.rounds)
    print(interleaved.table(speeds, "images/s"))


if __name__ == "__main__":
    main()
