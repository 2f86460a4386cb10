"""What the machine has."""

import os

GIGABYTE = 2**30


def memory() -> float:
    """Gigabytes of memory in the machine; 8.0 where it cannot be asked."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    except (AttributeError, ValueError, OSError):
        return 8.0
