"""The allocator setting never breaks anything, whatever the C library."""

import platform
import subprocess
import sys

from inkwise.training.allocator import keep_freed_memory


def test_it_tells_whether_it_worked() -> None:
    assert keep_freed_memory() in {True, False}
    if platform.libc_ver()[0] != "glibc":
        assert keep_freed_memory() is False


def test_freed_blocks_stay_with_the_process() -> None:
    # Without the setting glibc gives each of these blocks back at once, and every round faults its pages in anew.
    code = """
import resource, sys
from inkwise.training.allocator import keep_freed_memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        block = bytearray(8 << 20)
        block[::4096] = bytes(2048)
        del block
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
plain, kept = faults(), keep_freed_memory() and faults()
sys.exit(0 if kept is False or kept < plain / 5 else f"{plain} {kept}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
