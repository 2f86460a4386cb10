"""Sizes and times of `Model.for_size`: weights of the generator, time of a training step.

python benchmarks/small_models.py --sizes 32 64

RGB images, the batch size of the command line, one thread of TensorFlow; times are medians of CPU time
over `--steps` steps. A model has a process of its own.
"""

import argparse
import time

import numpy as np
import study

from keras_gan_zoo import registry


def train(job):
    """Times of the steps of one model."""
    study.one_thread()
    import keras

    import keras_gan_zoo as kgz

    cls = getattr(kgz, job["model"])
    classes = {"num_classes": 10} if cls.needs_labels else {}
    model = cls.for_size(job["size"], seed=0, **classes)
    model.compile()
    n = cls.default_batch_size
    images = np.random.default_rng(0).uniform(-1, 1, (n, job["size"], job["size"], 3)).astype("float32")
    pairs = {"y": np.arange(n) % 10} if classes else {}
    pairs = {"y": images} if issubclass(cls, kgz.ImageToImage) else pairs
    times = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            float(logs["d_loss"])
            times.append(time.process_time())

    model.fit(images, **pairs, batch_size=n, epochs=job["steps"] + 3, verbose=0, callbacks=[Clock()])
    network = model.preset_network()
    return {
        "weights": int(sum(np.prod(weight.shape) for weight in network.weights)),
        "step": float(np.median(np.diff(times)[2:])),
        "batch": n,
        "arguments": dict(cls.cpu_arguments),
    }


def main():
    study.work(train)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=registry.MODELS, default=list(registry.MODELS))
    parser.add_argument("--sizes", nargs="+", type=int, default=[32, 64])
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()
    heading = ["model", "arguments", "batch"]
    for size in arguments.sizes:
        heading += [f"weights, {size} px", f"ms per step, {size} px"]
    print(f"| {' | '.join(heading)} |\n|{' --- |' * len(heading)}")
    for model in arguments.models:
        jobs = [{"model": model, "size": size, "steps": arguments.steps} for size in arguments.sizes]
        found = [study.in_process(__file__, job) for job in jobs]
        settings = ", ".join(f"{name}={value!r}" for name, value in found[0]["arguments"].items())
        cells = [f"`{model}`", f"`{settings}`" if settings else "-", str(found[0]["batch"])]
        for each in found:
            cells += [f"{each['weights']:,}", f"{1000 * each['step']:.0f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
