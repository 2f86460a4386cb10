"""Shared parts of the studies: single-threaded processes, records, data sets, figures, strips."""

import fcntl
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
DIGITS = 10_000
# Arrays of the files in `--data-folder` that are images.
ARRAYS = {
    "mnist": ("mnist.npz", ("x_train",)),
    "fashion_mnist": ("fashion_mnist.npz", ("x_train",)),
    "cifar10": ("cifar10.npz", ("x_train",)),
    "nebula_64": ("nebula_64.npz", ("x_train",)),
    "cars_64": ("cars_64.npz", ("x_train",)),
    "facades_64": ("facades_64.npz", ("target_train", "target_val", "target_test")),
}
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


def one_thread():
    """Limit the backend to one thread; before its first operation."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    elif backend == "torch":
        import torch

        torch.set_num_threads(1)


def in_process(script, job: dict) -> dict:
    """The record that `script --work` returns for `job`, from a process of its own."""
    environment = {
        **os.environ,
        **dict.fromkeys(_ONE_THREAD, "1"),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "KERAS_BACKEND": job.get("backend") or os.environ.get("KERAS_BACKEND", "tensorflow"),
    }
    command = [sys.executable, str(script), "--work", json.dumps(job)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def work(train) -> None:
    """Serve `in_process`: train and print the record, if the script was called with `--work`."""
    if sys.argv[1:2] == ["--work"]:
        print("\n" + json.dumps(train(json.loads(sys.argv[2]))), flush=True)
        sys.exit()


class Records:
    """Records of trainings in a JSON file, safe for several processes that add to it."""

    def __init__(self, path):
        self.path = Path(path)

    def all(self) -> list[dict]:
        return json.loads(self.path.read_text()) if self.path.exists() else []

    def find(self, key: dict) -> dict | None:
        """The record that has these values."""
        return next((r for r in self.all() if all(r.get(k) == v for k, v in key.items())), None)

    def add(self, record: dict) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_suffix(".lock")
        with open(lock, "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            records = [*self.all(), rounded(record)]
            lines = ",\n".join(json.dumps(record) for record in records)
            temporary = self.path.with_suffix(".tmp")
            temporary.write_text(f"[\n{lines}\n]\n")
            temporary.replace(self.path)
        lock.unlink(missing_ok=True)


def rounded(value):
    """Floats with five significant digits, in lists and dicts, too."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def versions() -> dict:
    """What a time depends on."""
    import importlib.metadata

    import keras

    backend = keras.backend.backend()
    names = ("keras", backend, "numpy")
    found = {name: importlib.metadata.version(name) for name in names}
    return {"backend": backend, "versions": found, "machine": machine()}


def machine() -> str:
    """The processor's name."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def images(name: str, folder=None) -> np.ndarray:
    """uint8 (n, height, width, channels) of a data set.

    Args:
        name: "digits", a name of `ARRAYS`, the first of the cars such as "cars_500", or one of the
            64-pixel sets with `_32`.
        folder: of the files.
    """
    if name == "digits":
        import keras_gan_zoo as kgz

        return kgz.data.digits(DIGITS)[0]
    if name in ("cars_100", "cars_500"):
        return images("cars_64", folder)[: int(name[5:])]
    if name.endswith("_32"):
        whole = images(f"{name[:-3]}_64", folder).astype("float32")
        n, height, width, channels = whole.shape
        blocks = whole.reshape(n, height // 2, 2, width // 2, 2, channels)
        return np.rint(blocks.mean((2, 4))).astype("uint8")
    if folder in (None, "None"):
        raise SystemExit(f"{name} needs --data-folder, which holds {ARRAYS[name][0]}")
    file, names = ARRAYS[name]
    with np.load(Path(folder) / file) as arrays:
        found = np.concatenate([arrays[key] for key in names])
    return found if found.ndim == 4 else found[..., None]


class Judge:
    """Figures of samples against the same real images in every training.

    Args:
        images: uint8, the whole set.
        n: samples that are compared, at most as many as there are images.
        cache: file for the features of the real images.
        extractor: see `metrics.get_extractor`.
    """

    def __init__(self, images, n, cache, extractor=None):
        from keras_gan_zoo import metrics

        self.extractor = metrics.get_extractor(extractor, images.shape[1:])
        chosen = np.random.default_rng(0).permutation(len(images))[:n]
        self.n, self.real_std = len(chosen), float(to_floats(images[chosen]).std(0).mean())
        self.some = images[chosen[:256]]
        if not cache.exists():
            cache.parent.mkdir(parents=True, exist_ok=True)
            np.save(cache, self.extractor(images[chosen]).features)
        self.real = np.load(cache)

    def __call__(self, samples):
        from keras_gan_zoo import metrics

        if not np.isfinite(samples).all():
            return {"kid": None, "precision": 0.0, "recall": 0.0, "coverage": 0.0, "std": None}
        features = self.extractor(samples).features
        found = metrics.prdc(self.real, features)
        return {
            "kid": metrics.kernel_distance(self.real, features).value,
            "precision": found.precision,
            "recall": found.recall,
            "coverage": found.coverage,
            "std": float(samples.std(0).mean()) / self.real_std,
        }


def to_floats(images: np.ndarray) -> np.ndarray:
    return images.astype("float32") / 127.5 - 1.0


def strip(samples: np.ndarray, path: Path) -> None:
    """Samples in one row, as PNG; NaN is black."""
    from keras_gan_zoo.plots import grids

    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.nan_to_num(samples)  # a training that overflowed has a picture, too
    grids.save(grids.grid(samples, columns=len(samples), scale=1), path)
