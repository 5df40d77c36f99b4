"""Keep freed memory: a step should not fetch from the kernel what the step before gave back.

glibc returns large blocks to the kernel as soon as they are freed, and a step may fault its activations in anew;
how much that costs depends on the network and the machine (docs/log.md). With these settings the process keeps them
until it ends. On another C library nothing is changed.
"""

import ctypes
import platform

# Names and numbers from glibc's malloc.h; see mallopt(3).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3


def keep_freed_memory() -> bool:
    """Ask glibc to keep freed blocks of any size for this process; return whether it does."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL("libc.so.6").mallopt
    # Older releases of glibc refuse a threshold above 32 MiB; then blocks up to that size are kept.
    kept = mallopt(_MMAP_THRESHOLD, 1 << 30) == 1 or mallopt(_MMAP_THRESHOLD, 32 << 20) == 1
    return bool(kept and mallopt(_TRIM_THRESHOLD, 2**31 - 1) == 1 and mallopt(_TOP_PAD, 64 << 20) == 1)
