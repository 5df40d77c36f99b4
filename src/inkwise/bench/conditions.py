"""Under which conditions this process and its children measure: machine, threads, instruction set, dataset.

oneDNN may be told to use less than the machine has (ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 turns AMX off). What it uses
is therefore asked of oneDNN itself, which says so when it is verbose.
Source: https://uxlfoundation.github.io/oneDNN/dev_guide_verbose.html.
"""

import os
import re
import subprocess
import sys

import torch

from inkwise.bench.book import Conditions
from inkwise.data.dataset import Dataset
from inkwise.experiment.environment import machine

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
_PRODUCT = "import torch; torch.nn.functional.conv2d(torch.ones(16, 16, 32, 32), torch.ones(16, 16, 3, 3))"


def conditions(dataset: Dataset, *, quick: bool) -> Conditions:
    """Return the conditions of this process, which its children inherit."""
    here = machine()
    return Conditions(
        dataset=dataset.name,
        hashes=dict(dataset.hashes),
        quick=quick,
        processor=here["processor"],
        cores=here["cores"],
        threads=torch.get_num_threads(),
        instructions=instructions(),
        environment={name: os.environ[name] for name in VARIABLES if name in os.environ},
        python=here["python"],
        torch=here["versions"]["torch"],
    )


def instructions() -> str:
    """Return the instruction set that oneDNN uses here, in its own words; what torch uses where it does not say."""
    done = subprocess.run(  # noqa: S603  # this Python, and a statement from this file
        [sys.executable, "-c", _PRODUCT],
        env={**os.environ, "ONEDNN_VERBOSE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = re.search(r"cpu,isa:([^\n]+)", done.stdout)
    return said[1].strip() if said else f"{torch.backends.cpu.get_cpu_capability()} (by torch; oneDNN does not say)"
