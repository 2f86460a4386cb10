"""Damage to files, for the tests of what is noticed."""

import random
from pathlib import Path

FLIPS = 30


def flips(path, count=FLIPS, seed=0):
    """Flip one random bit of a file after the other; the file is restored at the end.

    Yields the position of the bit, as (byte, bit).
    """
    path, rng = Path(path), random.Random(seed)
    content = path.read_bytes()
    for _ in range(count):
        byte, bit = rng.randrange(len(content)), rng.randrange(8)
        path.write_bytes(content[:byte] + bytes([content[byte] ^ 1 << bit]) + content[byte + 1 :])
        yield byte, bit
    path.write_bytes(content)
