"""What a folder's cache costs, saves and holds: time to the first batch, images per second, memory.

python benchmarks/data_at_size.py --size 256 --count 2000
python benchmarks/data_at_size.py --size 1024 --count 400

Pictures of 1.5 times the size are drawn and saved as JPEGs in a temporary folder. Each row is a process
of its own; its memory is the most that it held at once, over what it held before it opened the folder.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SPECS = ("in memory", "cache, first run", "cache, later runs", "decoded for every batch")


def draw(folder, count, side):
    """JPEGs with edges and grain, as photos have them."""
    from PIL import Image

    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype="uint8"))
        grain = rng.integers(-8, 9, (side, side, 1))
        pixels = np.clip(np.asarray(coarse.resize((side, side)), "int16") + grain, 0, 255)
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{i:05d}.jpg", quality=90)


def held():
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(kind, folder, size, batches):
    import keras_gan_zoo as kgz
    from keras_gan_zoo.data.folder import find_pictures
    from keras_gan_zoo.data.pictures import read_picture, scaled

    before, start = held(), time.perf_counter()
    if kind == "decoded for every batch":
        files = find_pictures(folder, "folder")
        rows = np.random.default_rng(0).permutation(len(files))

        def batch(i):
            chosen = rows[np.arange(32 * i, 32 * i + 32) % len(files)]
            return scaled(np.stack([read_picture(files[row], (size, size), 3) for row in chosen]))

        batch(0)
    else:
        cache = None if kind == "in memory" else folder.with_name("cache")
        dataset = kgz.data.load(folder, size, 32, cache=cache)

        def batch(i):
            return dataset[i % len(dataset)][0]

    first, start = time.perf_counter() - start, time.perf_counter()
    for i in range(batches):
        batch(i)
    speed = 32 * batches / (time.perf_counter() - start)
    print(f"| {kind} | {first:.1f} | {speed:.0f} | {held() - before:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--batches", type=int, default=30)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        kind, folder = arguments.worker
        return one(kind, Path(folder), arguments.size, arguments.batches)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pictures")
        draw(folder, arguments.count, arguments.size * 3 // 2)
        print(f"{arguments.count} pictures, {arguments.size}x{arguments.size}, batches of 32\n")
        print("| | seconds to the first batch | images/s | MiB |\n|---|---:|---:|---:|", flush=True)
        given = ["--size", str(arguments.size), "--batches", str(arguments.batches)]
        for kind in SPECS:
            worker = [sys.executable, __file__, *given, "--worker", kind, str(folder)]
            subprocess.run(worker, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
