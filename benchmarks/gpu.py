"""Images per second on a GPU: `fit` on all backends beside plain PyTorch loops.

With Keras, PyTorch for CUDA, `pip install "jax[cuda13]"` and, optionally, TensorFlow for CUDA:

    python benchmarks/gpu.py
    python benchmarks/gpu.py --models "DCGAN, 64 px" --rounds 3 --precision float32

Without a GPU, tiny networks show that everything runs:

    python benchmarks/gpu.py --quick

Every contestant is a process of its own, and all of them take turns. The loops are channels-last, in
the other layout, and with their networks compiled by `torch.compile`. In bfloat16 the loops have
forward passes under autocast, and `fit` the policy `mixed_bfloat16`; in float32 the loops use
TensorFloat-32, as JAX and TensorFlow do by default. "Share" is the speed relative to a training that
does nothing but its counted matrix products and convolutions, with the speed of one large matrix
product on the same device. Peak memory is that of the backend's allocator; without a GPU that of the
process.

All contestants of a model hold their memory until its last turn: with less than 80 GB, choose some
with `--only`, or a smaller `--batch`. A contestant that stops is left out. Results are written to
`--out` after each model, by default to `results/gpu.json` (with `--quick` nowhere); `--table` prints
them again.
"""

import argparse
import functools
import importlib.metadata
import json
import os
from pathlib import Path
from statistics import median
from typing import NamedTuple

import interleaved
import numpy as np
import study

BACKENDS = {"PyTorch": "torch", "JAX": "jax", "TensorFlow": "tensorflow"}
LABELS = (*interleaved.loops(), *(f"fit, {title}" for title in BACKENDS))


class Model(NamedTuple):
    kind: str
    size: int
    width: int
    batch: int
    steps: int  # in one pass over the images
    passes: int  # in one turn

    def tiny(self):
        size = 32 if self.kind == "cyclegan" else 16  # the smallest of their networks
        return self._replace(size=size, width=4, batch=4, steps=2, passes=2)


MODELS = {
    "DCGAN, 64 px": Model("dcgan", 64, 64, 128, 50, 4),
    "DCGAN, 128 px": Model("dcgan", 128, 64, 128, 25, 4),
    "StyleGAN2, 128 px": Model("stylegan2", 128, 512, 32, 16, 2),
    "StyleGAN2, 256 px": Model("stylegan2", 256, 512, 16, 16, 1),
    "R3GAN, 32 px": Model("r3gan", 32, 256, 128, 25, 2),
    "R3GAN, 64 px": Model("r3gan", 64, 256, 128, 25, 1),
    "CycleGAN, 256 px": Model("cyclegan", 256, 64, 1, 32, 1),
}


def contestants(precision):
    half = " bfloat16" if precision == "bfloat16" else ""
    loops = interleaved.loops("channels_last").items()
    fits = {f"fit, {title}": ("fit", backend) for title, backend in BACKENDS.items()}
    return {label: (name + half, backend) for label, (name, backend) in loops} | fits


# Contestants -------------------------------------------------------------------------------------


def native_step(model, setting):
    import native

    shape = (model.size, model.size, 3)
    if model.kind == "dcgan":
        import native_dcgan

        return native_dcgan.NativeDCGAN(shape, model.width, setting).step
    if model.kind == "cyclegan":
        import translation_throughput

        return translation_throughput.cyclegan_native(model.size, model.width, setting)
    from references import r3gan, stylegan2

    if model.kind == "r3gan":
        return native.reference(setting, r3gan.R3GAN, shape, width=model.width)
    sizes = {"latent_dim": model.width, "width": model.width}
    return native.reference(setting, stylegan2.StyleGAN2, shape, **sizes)


def keras_model(model, dtype="float32"):
    import keras_gan_zoo as kgz

    shape = (model.size, model.size, 3)
    make = {
        "dcgan": kgz.DCGAN,
        "cyclegan": kgz.CycleGAN,
        "r3gan": kgz.R3GAN,
        "stylegan2": functools.partial(kgz.StyleGAN2, latent_dim=model.width),
    }[model.kind]
    made = make(shape, width=model.width, dtype=dtype)
    made.compile()
    return made


def fit(model, precision, arrays):
    made = keras_model(model, "mixed_bfloat16" if precision == "bfloat16" else "float32")
    return lambda: made.fit(*arrays, batch_size=model.batch, epochs=model.passes, verbose=0)


def device_memory():
    """Peak of the backend's allocator in this process, in MiB."""
    from keras_gan_zoo import backend

    return backend.peak_memory() / 2**20


def work(name, precision, has_gpu, model):
    shape = (model.steps * model.batch, model.size, model.size, 3)
    rng = np.random.default_rng(0)
    arrays = [
        rng.uniform(-1, 1, shape).astype("float32") for _ in range(1 + (model.kind == "cyclegan"))
    ]
    memory = device_memory if has_gpu else interleaved.host_memory
    count = model.passes * len(arrays[0])
    name, *words = name.split()
    if name == "native":
        import native

        make = functools.partial(native_step, model)
        native.serve(words, make, arrays, model.batch, count, model.passes, memory=memory)
        return
    from keras_gan_zoo.backend import has_accelerator

    if has_gpu and not has_accelerator():
        raise SystemExit(f"{os.environ['KERAS_BACKEND']} sees no GPU")
    interleaved.serve(fit(model, precision, arrays), count, memory)


# Results -----------------------------------------------------------------------------------------


def device():
    """Name of the GPU, None without one."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def installed():
    """Versions of the installed backends and Keras."""
    found = {}
    for name in ("keras", *BACKENDS.values()):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def table(results):
    """Markdown: one table per model."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [f"{results['device']}, {results['precision']}, {versions}", ""]
    for title, record in results["models"].items():
        model, speeds = Model(*record["model"]), record["speeds"]
        lines += [
            f"{title}: size {model.size}, width {model.width}, batches of {model.batch}",
            "",
            "| contestant | images/s (median) | ratio to the native loop, per round | share "
            "| peak memory, MiB | seconds to the first turn |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for label, values in speeds.items():
            ratios = [
                ratio(values, speeds.get(other)) for other in (interleaved.LOOP, interleaved.ROOF)
            ]
            numbers = f"{record['memory'][label]:,.0f} | {record['start'][label]:.0f}"
            lines.append(f"| {label} | {median(values):,.1f} | {' | '.join(ratios)} | {numbers} |")
        lines.append("")
    return "\n".join(lines)


def ratio(values, others):
    if others is None:
        return "-"
    return f"{median(own / other for own, other in zip(values, others, strict=True)):.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--only", nargs="+", choices=LABELS, help="by default all installed backends")
    parser.add_argument("--precision", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--batch", type=int, help="images per step, by default the model's")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="tiny networks, two rounds")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", action="store_true", help="print the tables of --out")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        name, precision, has_gpu, model = arguments.work
        work(name, precision, has_gpu == "True", Model(*json.loads(model)))
        return
    out = arguments.out or (None if arguments.quick else study.RESULTS / "gpu.json")
    if arguments.table:
        print(table(json.loads(out.read_text())))
        return
    gpu, precision = device(), arguments.precision
    if not (gpu or arguments.quick):
        parser.error("PyTorch sees no GPU. --quick tries everything with tiny networks.")
    # All processes share the device: none may reserve it.
    os.environ |= {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    versions, everyone = installed(), contestants(precision)
    labels = arguments.only or [label for label in LABELS if everyone[label][1] in versions]
    results = {"device": gpu or study.machine(), "precision": precision, "versions": versions}
    results["models"] = {}
    for title in arguments.models:
        model = MODELS[title].tiny() if arguments.quick else MODELS[title]
        model = model._replace(batch=arguments.batch or model.batch)
        numbers = precision, gpu is not None, json.dumps(model)
        rounds = 2 if arguments.quick else arguments.rounds
        record = interleaved.record(__file__, everyone, labels, numbers, rounds)
        results["models"][title] = {"model": model, **record}
        if out:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(results, indent=1))
    print(table(results))


if __name__ == "__main__":
    main()
