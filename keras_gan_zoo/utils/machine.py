"""Properties of the machine."""

import os
from pathlib import Path

GIGABYTE = 2**30
# Instructions for products of bfloat16 numbers, in the names of Linux.
_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16"})


def memory() -> float:
    """Physical memory in GiB; 8.0 if the operating system does not report it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    except (AttributeError, ValueError, OSError):
        return 8.0


def process_memory() -> float | None:
    """Resident memory of this process in GiB; None if the operating system is not Linux."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / GIGABYTE
    except OSError:
        return None


def lacks_bfloat16() -> bool:
    """Return whether this is an x86 processor without bfloat16 units; False where that is unknown."""
    flags = processor_flags()
    return bool(flags) and flags.isdisjoint(_BFLOAT16)


def processor_flags(path: str = "/proc/cpuinfo") -> frozenset[str]:
    """Return the features of an x86 processor under Linux; none on other platforms."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.split()[2:] for line in lines if line.startswith("flags")), ()))
