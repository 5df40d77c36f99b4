"""The machine, the versions and the data of a run, as plain values for environment.json.

oneDNN may be told to use less than the machine has (ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 turns AMX off). What it uses
is therefore asked of oneDNN itself, which says so when it is verbose.
Source: https://uxlfoundation.github.io/oneDNN/dev_guide_verbose.html.
"""

import ctypes
import os
import platform
import re
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from inkwise.data.dataset import Dataset
from inkwise.training.device import Compute

# What a user may set to change how fast the same arithmetic runs.
VARIABLES = (
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
    "ONEDNN_CPU_ISA_HINTS",
    "ATEN_CPU_CAPABILITY",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "KMP_AFFINITY",
    "LD_PRELOAD",
    "MALLOC_CONF",
    "THP_MEM_ALLOC_ENABLE",
    "XLA_FLAGS",
)


def describe(compute: Compute, dataset: Dataset) -> dict[str, object]:
    """Return what a reader needs to judge or repeat a run."""
    return {
        **machine(),
        **speed(),
        "device": str(compute.device),
        "precision": str(compute.dtype).removeprefix("torch."),
        "compute": compute.reason,
        "dataset": {
            "name": dataset.name,
            "origin": dataset.origin,
            "licence": dataset.licence,
            "hashes": dict(dataset.hashes),
        },
    }


def machine() -> dict[str, Any]:
    """Return processor, operating system and versions."""
    packages = ("inkwise", "torch", "numpy", "pillow", "opencv-python-headless", "safetensors")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "amx": bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "versions": {name: version(name) for name in packages},
    }


def speed() -> dict[str, Any]:
    """Return what changes how fast the same program runs: threads, oneDNN's instruction set, variables that are set."""
    return {
        "threads": torch.get_num_threads(),
        "onednn": onednn(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


@cache
def onednn() -> str:
    """Return the instruction set that oneDNN uses, in its own words; what torch uses where it does not say.

    It is fixed for a process by its first product, and oneDNN tells it once.
    """
    said = re.search(r"cpu,isa:([^\n]+)", _verbose())
    return said[1].strip() if said else f"{torch.backends.cpu.get_cpu_capability()} (by torch; oneDNN does not say)"


def _verbose() -> str:
    """Return what oneDNN prints of one small product: to the process's own output, caught for these milliseconds."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return ""
    try:
        flush = ctypes.CDLL(None).fflush
        own = os.dup(1)
    except (OSError, TypeError, AttributeError):  # Windows, or no output at all
        return ""
    with tempfile.TemporaryFile() as told:
        if sys.stdout is not None:
            sys.stdout.flush()
        flush(None)
        os.dup2(told.fileno(), 1)
        try:
            with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):  # type: ignore[no-untyped-call]
                torch.nn.functional.conv2d(torch.ones(16, 16, 32, 32), torch.ones(16, 16, 3, 3))
            flush(None)
        finally:
            os.dup2(own, 1)
            os.close(own)
        told.seek(0)
        return told.read().decode(errors="replace")


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if table.is_file():
        for line in table.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
