"""Properties of the machine."""

import os

GIGABYTE = 2**30


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
