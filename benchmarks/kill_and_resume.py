"""Kill a training at random steps with SIGKILL, resume it each time, and compare it with a whole one.

    python benchmarks/kill_and_resume.py --backend torch --kills 5
    python benchmarks/kill_and_resume.py --backend jax --kills 3 --source arrays --model CycleGAN

Each training is a process of its own, shuffled, with a checkpoint every few steps. Prints a line for
each kill, and at the end whether weights, averages, optimizers and seeds are equal bit for bit; the
exit status is 1 if they are not.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCES = ("arrays", "kgz.data", "PyDataset")
EPOCHS, STEPS, BATCH, EVERY = 4, 8, 8, 3
SIDE = 16


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--backend", choices=("tensorflow", "jax", "torch"), default="torch")
    add("--kills", type=int, default=5)
    add("--source", choices=SOURCES, default="arrays")
    add("--model", default="DCGAN")
    add("--seed", type=int, default=0, help="of the steps at which the process is killed")
    add("--worker", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return work(arguments)
    rng = random.Random(arguments.seed)
    steps = sorted(rng.sample(range(1, EPOCHS * STEPS), arguments.kills))
    with tempfile.TemporaryDirectory() as folder:
        whole = train(arguments, Path(folder) / "whole")
        killed = Path(folder) / "killed"
        for step in steps:
            train(arguments, killed, step, rng.random() * 0.05)
        result = train(arguments, killed)
    equal = whole == result
    print(
        f"{arguments.backend}, {arguments.model}, {arguments.source}: {len(steps)} kills, "
        f"{'equal bit for bit' if equal else 'DIFFERENT'}"
    )
    return 0 if equal else 1


def train(arguments, folder, kill_at=None, delay=0.0):
    """Train in a process, and return the digest of the last state, None if it was killed."""
    command = [sys.executable, __file__, "--worker", str(folder), "--source", arguments.source]
    command += ["--model", arguments.model]
    environment = os.environ | {"KERAS_BACKEND": arguments.backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            name, _, value = line.strip().partition(" ")
            if name == "step" and kill_at is not None and int(value) >= kill_at:
                time.sleep(delay)
                process.kill()
                found = sorted(path.stem for path in folder.glob("epoch_*.keras"))
                print(f"killed after step {value}; checkpoints: {', '.join(found)}", flush=True)
                return None
            if name == "digest":
                return value
    raise SystemExit("The training failed.")


def work(arguments):
    import keras
    import numpy as np

    import keras_gan_zoo as kgz

    images = np.random.default_rng(0).uniform(-1, 1, (STEPS * BATCH, SIDE, SIDE, 1)).astype("float32")

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return STEPS

        def __getitem__(self, index):
            return (images[index * BATCH : (index + 1) * BATCH],) * (2 if is_translation else 1)

    def report(batch, logs):
        print("step", progress["epoch"] * STEPS + batch + 1, flush=True)

    progress = {}
    is_translation = arguments.model in ("Pix2Pix", "DiscoGAN", "CycleGAN")
    small = {"width": 4, "blocks": 1} if arguments.model == "CycleGAN" else {"width": 8}
    model = getattr(kgz, arguments.model)(image_shape=(SIDE, SIDE, 1), seed=1, **small)
    model.compile(ema=0.99)
    x, y, batch_size = images, images[::-1].copy() if is_translation else None, BATCH
    if arguments.source != "arrays":
        kinds = {"kgz.data": kgz.data.ImageDataset, "PyDataset": lambda *_, **__: Batches()}
        x = kinds[arguments.source](images, batch_size=BATCH)
        if is_translation and arguments.source == "kgz.data":
            x = kgz.data.PairDataset(images, y, BATCH, flip=True)
        y = batch_size = None
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: progress.update(epoch=epoch),
        on_train_batch_end=report,
    )
    checkpoint = kgz.callbacks.Checkpoint(arguments.worker, every_steps=EVERY)
    model.fit(
        x,
        y,
        batch_size,
        EPOCHS,
        verbose=0,
        callbacks=[watch, checkpoint],
        resume=arguments.worker,
    )
    digest = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    print("digest", digest.hexdigest(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
