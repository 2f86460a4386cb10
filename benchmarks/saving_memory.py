"""Memory that saving leaves behind: what the C library has handed out, after every tenth file (Linux).

KERAS_BACKEND=tensorflow python benchmarks/saving_memory.py
"""

import ctypes
import gc
import tempfile
from pathlib import Path

import keras_gan_zoo as kgz


class Mallinfo(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]


def in_use():
    """Bytes, without memory that was freed but not returned to the system."""
    gc.collect()
    read = ctypes.CDLL("libc.so.6").mallinfo2
    read.restype = Mallinfo
    info = read()
    return info.uordblks + info.hblkhd


def main():
    model = kgz.DCGAN((28, 28, 1), width=8, seed=0)
    model.compile(ema=0.9)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        last = in_use()
        for _ in range(5):
            for _ in range(10):
                model.save(Path(folder) / "model.keras")
            now = in_use()
            print(f"{(now - last) / 10 / 1000:+.1f} kB per file", flush=True)
            last = now


if __name__ == "__main__":
    main()
