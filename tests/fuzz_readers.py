"""Fuzzer of the readers of files: damaged inputs may raise the promised error, and nothing else.

    python tests/fuzz_readers.py --executions 100000 [--reader pth] [--seed 0] [--keep findings]

It changes small valid files at random. A finding is another error, more than ten seconds, or more than
256 MB of memory for one file. The tests run a few hundred executions of each reader.
"""

import argparse
import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

INTERESTING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000)
INTERESTING += (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
SECONDS, MEGABYTES = 10, 256


class Reader(NamedTuple):
    """A function that writes valid files into a folder, and a reader that promises ValueErrors."""

    write: Callable[[Path], None]
    read: Callable[[Path], object]


class Finding(NamedTuple):
    reader: str
    what: str
    content: bytes


class TooSlow(BaseException):
    """Not an Exception: the readers catch those."""


# Files ------------------------------------------------------------------------------------------------


def pictures(folder):
    Image.MAX_IMAGE_PIXELS = 2**20  # a small file may ask for this many pixels
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9, 3)).astype("uint8")
    rgb, grey = Image.fromarray(pixels), Image.fromarray(pixels[..., 0])
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb.save(folder / "a.png", exif=exif)
    Image.fromarray(pixels[..., 0].astype("uint16") * 257).save(folder / "b.png")
    rgb.convert("P").save(folder / "c.png", transparency=1)
    grey.save(folder / "d.png", save_all=True, append_images=[grey.rotate(90)])
    rgb.save(folder / "e.jpg", exif=exif)
    rgb.convert("CMYK").save(folder / "f.jpg", progressive=True)
    grey.save(folder / "g.gif", save_all=True, append_images=[grey.rotate(90)])
    rgb.save(folder / "h.webp")
    rgb.convert("RGBA").save(folder / "i.webp", lossless=True)
    rgb.save(folder / "j.bmp")
    rgb.save(folder / "k.tiff", compression="tiff_lzw")
    grey.save(folder / "l.tif")
    rgb.save(folder / "m.ppm")


def arrays(folder):
    images = np.random.default_rng(0).integers(0, 256, (4, 5, 6), dtype="uint8")
    np.savez(folder / "a.npz", x_train=images, y_train=np.arange(4))
    np.savez_compressed(folder / "b.npz", pictures=images / np.float32(255))


def state():
    import torch

    whole = torch.arange(24.0)
    return {
        "a.weight": whole.reshape(4, 6).t(),
        "a.bias": whole[2:5],
        "n": torch.tensor(3),
        "half": torch.ones(2, 2, dtype=torch.float16),
    }


def checkpoints(folder):
    import torch

    for legacy in (False, True):
        torch.save(state(), folder / f"{legacy}.pth", _use_new_zipfile_serialization=not legacy)
    np.savez(folder / "x.npz", weight=np.ones((2, 3)))


def safetensors(folder):
    from safetensors.numpy import save_file

    save_file({"a": np.ones((2, 3), "float32"), "b": np.arange(4)}, folder / "x.safetensors")


def models(folder):
    import keras_gan_zoo as kgz

    model = kgz.DCGAN((8, 8, 1), latent_dim=2, width=2, seed=0)
    model.compile()
    model.save(folder / "x.keras")


def read_picture(path):
    from keras_gan_zoo.data import picture

    return picture(path, 16)


def read_arrays(path):
    from keras_gan_zoo.data import load

    return load(path, batch_size=1)


def read_checkpoint(path):
    from keras_gan_zoo.convert import read

    return read(path)


def read_model(path):
    from keras_gan_zoo.cli import shared

    try:
        shared.check_model_file(path)
        return shared.open_model(path)
    except shared.RunError as error:
        raise ValueError(str(error)) from error


READERS = {
    "pictures": Reader(pictures, read_picture),
    "npz": Reader(arrays, read_arrays),
    "pth": Reader(checkpoints, read_checkpoint),
    "safetensors": Reader(safetensors, read_checkpoint),
    "keras": Reader(models, read_model),
}


# Changes ----------------------------------------------------------------------------------------------


def change(content: bytes, rng: random.Random) -> bytes:
    """Return a file with one to four random changes."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        length = rng.choice((1, 2, 4, 8, rng.randint(1, 64)))
        block = data[start : start + length]
        kind = rng.randrange(7)
        if kind == 0 and block:
            data[start] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[start : start + length] = rng.randbytes(length)
        elif kind == 2:
            del data[start : start + length]
        elif kind == 3:
            data[start:start] = block * rng.choice((1, 2, 100))
        elif kind == 4:
            number, size = rng.choice(INTERESTING), rng.choice((1, 2, 4, 8))
            order = rng.choice(("little", "big"))
            data[start : start + size] = (number % 256**size).to_bytes(size, order)
        elif kind == 5:
            del data[start:]
        else:
            other = rng.randrange(len(data) + 1)
            data[start : start + length] = data[other : other + length]
    return bytes(data)


def change_number(text: str, rng: random.Random) -> str:
    """Return JSON with one value replaced."""
    places = []

    def collect(value):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in list(items):
            places.append((value, key))
            if isinstance(inner, dict | list):
                collect(inner)

    content = json.loads(text)
    collect(content)
    parent, key = rng.choice(places)
    # No large numbers: a model of this width is what the file asks for.
    parent[key] = rng.choice((None, 0, -1, 1.5, "", "x", [], {}, True, [1, 2, 3], "builtins"))
    return json.dumps(content)


def change_member(content: bytes, rng: random.Random) -> bytes:
    """Return a zip archive with changes in one member, whose checksum is right; HDF5 is left alone."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w") as changed:
        names = [name for name in archive.namelist() if not name.endswith(".h5")]
        chosen = rng.choice(names)
        for name in archive.namelist():
            member = archive.read(name)
            if name == chosen:
                is_json = name.endswith(".json") and rng.random() < 0.8
                member = (
                    change_number(member.decode(), rng).encode() if is_json else change(member, rng)
                )
            changed.writestr(name, member)
    return target.getvalue()


# Executions -------------------------------------------------------------------------------------------


def peak() -> float:
    """Return the most memory that this process has taken, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def too_slow(*_):
    raise TooSlow(f"more than {SECONDS} seconds")


def execute(reader: Reader, path: Path) -> str | None:
    """Read a file; return what is wrong with that, or None."""
    before = peak()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        reader.read(path)
    except ValueError:
        pass
    except (Exception, TooSlow) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    grown = peak() - before
    return f"{grown:.0f} MB of memory" if grown > MEGABYTES else None


def run(name: str, executions: int, seed: int = 0, keep: Path | None = None) -> list[Finding]:
    """Read this many changed files; return the findings."""
    reader, rng, findings = READERS[name], random.Random(seed), []
    previous, limit = signal.signal(signal.SIGALRM, too_slow), Image.MAX_IMAGE_PIXELS
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), silent():
        warnings.simplefilter("ignore")
        reader.write(Path(folder))
        valid = {path: path.read_bytes() for path in sorted(Path(folder).iterdir())}
        for path in valid:
            reader.read(path)  # valid, and loads what is loaded once
        for number in range(executions):
            path, content = rng.choice(list(valid.items()))
            if zipfile.is_zipfile(path) and rng.random() < 0.7:
                content = change_member(content, rng)
            else:
                content = change(content, rng)
            changed = Path(folder) / f"changed{path.suffix}"
            changed.write_bytes(content)
            what = execute(reader, changed)
            if what is not None:
                findings.append(Finding(name, what, content))
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{name}-{seed}-{number}{path.suffix}").write_bytes(content)
    signal.signal(signal.SIGALRM, previous)
    Image.MAX_IMAGE_PIXELS = limit
    return findings


@contextlib.contextmanager
def silent():
    """Discard what C libraries print about damaged files."""
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--executions", type=int, default=1000, help="of each reader (default: 1000)")
    parser.add_argument("--reader", choices=READERS, action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the files of findings")
    arguments = parser.parse_args()
    total = 0
    for name in arguments.reader or READERS:
        start = time.monotonic()
        findings = run(name, arguments.executions, arguments.seed, arguments.keep)
        total += len(findings)
        seconds = time.monotonic() - start
        print(f"{name}: {arguments.executions:,} executions, {len(findings)} findings, {seconds:.0f} s")
        for what in sorted({finding.what.splitlines()[0][:200] for finding in findings}):
            print(f"  {what}")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
