"""Keras's example is its source's network and training, on either backend."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from inkwise.bench.peers.keras_convnet import BACKENDS


# In processes of their own: Keras keeps to one backend, and its and JAX's own warnings are none of ours.
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_it_learns_in_its_few_steps(backend: str) -> None:
    for needed in {"keras", backend}:
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    command = [sys.executable, "-m", "inkwise.bench.peers.keras_convnet", "--backend", backend]
    done = subprocess.run(
        [*command, "--dataset", "uci-digits", "--quick"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"},
    )
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout.splitlines()[-1])
    assert values["parameters"] == 34_826
    assert values["train_images"] == 900  # a tenth is held out
    assert values["errors"] < 0.6 * values["n"]
    assert backend in values["versions"]


def test_an_unknown_backend_is_refused() -> None:
    from inkwise.bench.peers.keras_convnet import main

    with pytest.raises(SystemExit, match="2"):
        main(["--backend", "abacus"])
