"""What `inkwise doctor` looks at: can this installation do its job on this machine?"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from inkwise.data.load import load
from inkwise.errors import InkwiseError
from inkwise.evaluation.phrases import percent
from inkwise.experiment.environment import machine
from inkwise.models.file import read_model
from inkwise.models.shipped import NAMES, find
from inkwise.recipes import registry
from inkwise.training.device import choose


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `needed` is false for what Inkwise can do without."""

    ok: bool
    subject: str
    text: str
    needed: bool = True


def check(data: Path | None = None) -> list[Finding]:
    """Return what was found; a finding that is not ok says what to do."""
    here = machine()
    compute = choose(registry.get("dropout-cnn"), 11_000_000)
    return [
        Finding(True, "machine", f"{here['processor']}, {here['cores']} cores, {here['instructions']}"),
        Finding(True, "python", f"{here['python']}, torch {torch.__version__}"),
        Finding(True, "compute", compute.reason),
        _products(),
        _writable(),
        *(_shipped(name) for name in NAMES),
        _dataset("mnist", data, needed=False),
        _dataset("uci-digits", data),
    ]


def _products() -> Finding:
    """Time a matrix product; a machine far below this is set up wrongly (one thread, emulation)."""
    a = torch.rand(1024, 1024)
    a @ a
    began = time.perf_counter()
    for _ in range(3):
        a @ a
    rate = 3 * 2 * 1024**3 / (time.perf_counter() - began) / 1e9
    good = rate > 5
    advice = "" if good else "; that is slow: look at OMP_NUM_THREADS and at what else is running"
    text = f"{rate:,.0f} billion operations a second in float32 products{advice}"
    return Finding(good, "speed", text, needed=False)


def _writable() -> Finding:
    try:
        here = Path.cwd()
        with tempfile.TemporaryDirectory(dir=here):
            return Finding(True, "folder", f"{here} can be written")
    except OSError as error:
        return Finding(False, "folder", f"the working folder cannot be written ({error.strerror}); use --out for runs")


def _shipped(name: str) -> Finding:
    try:
        path = find(name)
        assert path is not None  # it is one of the names
        _, card = read_model(path)
    except InkwiseError as error:
        return Finding(False, name, str(error))
    right = card.metrics.get("mnist/test", {}).get("accuracy")
    size = f"{path.stat().st_size / 1000:,.0f} kB"
    return Finding(True, name, f"a model that comes with Inkwise: {percent(right)} of MNIST's test split, {size}")


def _dataset(name: str, data: Path | None, *, needed: bool = True) -> Finding:
    try:
        found = load(name, root=data, offline=True)
    except InkwiseError as error:
        return Finding(False, name, str(error), needed)
    counts = ", ".join(f"{len(split):,} {split_name}" for split_name, split in found.splits.items())
    return Finding(True, name, f"{counts}. {found.origin}")
