"""Images per second on 8 and 64 GPUs, by a model of the step; and a check of its communication.

    python benchmarks/scaling.py --share 0.1 0.3
    python benchmarks/scaling.py --check
    torchrun --nproc-per-node 8 benchmarks/scaling.py --measure "StyleGAN2, 256 px"

A step on PyTorch computes, and averages the gradients of each network in one all_reduce, which does
not overlap with the computation:

    seconds = operations / (peak * share)
              + sum over all_reduces of (latency + 2 (n - 1) / n * bytes / bandwidth)

Operations are counted in the plain PyTorch loops, bytes and all_reduces in our models. `--share` is an
assumption: the real one gives the images per second of one GPU that `--measure` prints, which trains a
model in bfloat16. `--check` trains tiny models in two processes and compares the all_reduces of a step,
and their bytes, with those of the formula.
"""

import argparse
import collections
import functools
import json
import math
import os
import subprocess
import sys
import time
from typing import NamedTuple

from gpu import Model, keras_model, native_step

# The batch is that of one GPU.
MODELS = {
    "DCGAN, 256 px": Model("dcgan", 256, 64, 16, 1, 1),
    "R3GAN, 256 px": Model("r3gan", 256, 256, 32, 1, 1),
    "StyleGAN2, 256 px": Model("stylegan2", 256, 512, 8, 16, 1),
    "R3GAN, 1024 px": Model("r3gan", 1024, 256, 8, 1, 1),
    "StyleGAN2, 1024 px": Model("stylegan2", 1024, 512, 4, 16, 1),
}
CHECKED = {
    "DCGAN": Model("dcgan", 16, 4, 4, 4, 1),
    "R3GAN": Model("r3gan", 16, 8, 4, 4, 1),
    "StyleGAN2": Model("stylegan2", 16, 8, 4, 4, 1),
}
PEAK = 989e12  # NVIDIA H100 SXM: bfloat16, without sparsity


class Link(NamedTuple):
    bandwidth: float  # bytes per second in each direction, of each GPU
    latency: float  # seconds of a small all_reduce: an assumption


LINKS = {
    8: Link(450e9, 20e-6),  # one machine: NVLink 4, 900 GB/s in both directions
    64: Link(50e9, 50e-6),  # 8 machines: InfiniBand NDR, 400 Gb/s for each GPU
}


def reductions(model):
    """All_reduces of one step on PyTorch: `{bytes: times, on average}`."""
    from keras_gan_zoo.penalties import PathLength

    sides = {"g": model.generator, "d": model.discriminator}
    updates = {"g": 1, "d": model.plan.d_steps}
    passes = {"g": model.plan.d_steps, "d": 2 * model.plan.d_steps + 1}
    found = collections.Counter()
    for side, network in sides.items():
        found[4 * sum(math.prod(v.shape) for v in network.trainable_variables)] += updates[side]
        for variable in network.non_trainable_variables:
            if variable.path.endswith("moving_mean"):  # mean and variance, forward and backward
                found[4 * math.prod(variable.shape)] += 4 * passes[side]
            elif variable.path.endswith("/mean"):  # of the styles; by the averaged generator, too
                found[4 * math.prod(variable.shape)] += passes[side] + 1 / 4
    for penalty in model.plan.penalties:
        if isinstance(penalty, PathLength):  # a second pass of styles; the mean, forward and backward
            found[4 * model.latent_dim] += 1 / penalty.every
            found[4] += 2 / penalty.every
    found[4 * len(model.metrics_variables)] += 1  # the logs
    return dict(found)


def seconds(found, devices):
    """Of the all_reduces of one step."""
    bandwidth, latency = LINKS[devices]
    share = 2 * (devices - 1) / devices
    return sum(times * (latency + share * size / bandwidth) for size, times in found.items())


def tables(shares):
    """Markdown: what a step has, and images per second with their share of n times one GPU's."""
    import native

    steps, speeds = [], []
    for title, model in MODELS.items():
        shape = (model.batch, model.size, model.size, 3)
        make = functools.partial(native_step, model)
        operations = native.flops(make, [shape], model.steps) / model.steps
        found = reductions(keras_model(model))
        sent = {devices: seconds(found, devices) for devices in LINKS}
        numbers = model.batch, f"{operations / model.batch / 1e12:.3f}", f"{sum(found.values()):g}"
        megabytes = sum(size * times for size, times in found.items()) / 1e6
        times = [f"{1e3 * each:.2f}" for each in sent.values()]
        steps.append([title, *numbers, f"{megabytes:.1f}", *times])
        for share in shares:
            step = operations / (PEAK * share)
            together = {n: step / (step + each) for n, each in sent.items()}
            alone = model.batch / step
            cells = [f"{n * alone * part:,.0f} ({part:.0%})" for n, part in together.items()]
            speeds.append([title, f"{share:g}", f"{1e3 * step:.1f}", f"{alone:,.0f}", *cells])
    devices = [f"{n} GPUs" for n in LINKS]
    heading = ["", "images per GPU", "TFLOP per image", "all_reduces", "MB"]
    return "\n\n".join(
        [
            markdown([*heading, *(f"ms of all_reduces, {each}" for each in devices)], steps),
            markdown(["", "share", "ms of computation", "images/s, 1 GPU", *devices], speeds),
        ]
    )


def markdown(heading, rows):
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


# Check -------------------------------------------------------------------------------------------


def count():
    """In a process of `torchrun`: print the all_reduces of a step that are predicted and sent."""
    import keras
    from torch import distributed

    from keras_gan_zoo import backend

    sizes, all_reduce = [], distributed.all_reduce

    def counted(tensor, *arguments):
        sizes.append(tensor.nbytes)
        return all_reduce(tensor, *arguments)

    distributed.all_reduce = counted
    backend.connect()
    result = {}
    for title, model in CHECKED.items():
        made, sent = keras_model(model), collections.Counter()
        callback = keras.callbacks.LambdaCallback(
            on_train_batch_begin=lambda batch, logs: sizes.clear(),
            on_train_batch_end=lambda batch, logs, sent=sent: sent.update(sizes),
        )
        made.fit(**data(model, model.steps), callbacks=[callback])
        sent = {size: times / model.steps for size, times in sent.items()}
        result[title] = {"predicted": reductions(made), "sent": sent}
    if backend.process()[0] == 0:
        print(json.dumps(result), flush=True)


def data(model, steps):
    """Arguments of `fit`: random images for some steps of all processes."""
    import numpy as np

    from keras_gan_zoo import backend

    batch = model.batch * backend.process()[1]
    shape = (steps * batch, model.size, model.size, 3)
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    return {"x": images, "batch_size": batch, "verbose": 0}


def measure(model, epochs=5):
    """In a process of `torchrun`: print images per second of all processes, without the first epoch."""
    from keras_gan_zoo import backend

    backend.connect()
    made, arguments = keras_model(model, "mixed_bfloat16"), data(model, 16)
    made.fit(**arguments)
    begin = time.perf_counter()
    made.fit(**arguments, epochs=epochs)
    speed = epochs * len(arguments["x"]) / (time.perf_counter() - begin)
    rank, processes = backend.process()
    if rank == 0:
        print(f"{processes} processes: {speed:,.1f} images/s")


def check():
    """Compare both, in two processes on this machine; a Markdown table, and whether all agree."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launch, __file__, "--work"], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    result = json.loads(done.stdout.splitlines()[-1])
    rows = []
    for title, found in result.items():
        sides = found["predicted"], found["sent"]
        numbers = [f"{sum(side.values()):g}" for side in sides]
        sizes = [f"{sum(int(size) * n for size, n in side.items()):,.0f}" for side in sides]
        rows.append([title, *numbers, *sizes])
    heading = ["", "all_reduces, predicted", "sent", "bytes, predicted", "sent"]
    agrees = all(found["predicted"] == found["sent"] for found in result.values())
    return markdown(heading, rows), agrees


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, nargs="+", default=[0.1, 0.3], help="of the peak")
    parser.add_argument("--check", action="store_true", help="two processes on this machine")
    parser.add_argument("--measure", choices=MODELS | CHECKED, help="in the processes of torchrun")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ["KERAS_BACKEND"] = "torch"
    if arguments.work:
        count()
    elif arguments.measure:
        measure((MODELS | CHECKED)[arguments.measure])
    elif arguments.check:
        text, agrees = check()
        print(text)
        sys.exit(not agrees)
    else:
        print(tables(arguments.share))


if __name__ == "__main__":
    main()
