"""The machine, the versions and the data of a run, as plain values for environment.json."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from inkwise.data.dataset import Dataset
from inkwise.training.device import Compute


def describe(compute: Compute, dataset: Dataset) -> dict[str, object]:
    """Return what a reader needs to judge or repeat a run."""
    return {
        **machine(),
        "threads": torch.get_num_threads(),
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


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if table.is_file():
        for line in table.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
