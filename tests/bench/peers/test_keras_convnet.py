"""Keras's example is its source's network and training, on either backend."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from inkwise.bench.peers.keras_convnet import BACKENDS, EPOCHS
from inkwise.bench.trial import make_task
from inkwise.data.uci import read_uci_digits

# Keras's own `fit`, which tells what it was given before it does it. Of these numbers of images all batches of one kind
# have one size, so that JAX compiles each step once.
SPY = """
import json, sys
import keras
from inkwise.bench import trial
from inkwise.bench.peers.keras_convnet import main

trial.QUICK_TRAIN, trial.QUICK_TEST = 995, 480

fit = keras.Model.fit

def told(self, images, labels, **given):
    rate = float(self.optimizer.learning_rate.numpy())
    network = [layer.get_config() for layer in self.layers]
    print(json.dumps({
        "optimiser": self.optimizer.get_config() | {"learning_rate": round(rate, 9)}, "loss": self.loss,
        "given": {name: value for name, value in given.items() if name != "callbacks"},
        "layers": [type(layer).__name__ for layer in self.layers],
        "dropout": [each["rate"] for each in network if "rate" in each],
        "activations": [each["activation"] for each in network if "activation" in each],
        "range": [float(images.min()), float(images.max()), *images.shape],
    }, default=str))
    return fit(self, images, labels, **given)

keras.Model.fit = told
main(sys.argv[1:])
"""


# In processes of their own: Keras keeps to one backend, and its and JAX's own warnings are none of ours.
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_it_is_its_sources_network_and_training_and_learns_in_its_few_steps(backend: str) -> None:
    for needed in {"keras", backend}:
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", SPY, "--backend", backend, "--dataset", "uci-digits", "--quick"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KERAS_BACKEND": backend, "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"},  # quicker to compile
    )
    assert done.returncode == 0, done.stderr
    told, values = (json.loads(line) for line in done.stdout.splitlines()[-2:])
    optimiser = {name: told["optimiser"][name] for name in ("name", "learning_rate", "beta_1", "beta_2")}
    assert optimiser == {"name": "adam", "learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999}
    assert told["loss"] == "categorical_crossentropy"
    # The order is Keras's default, which shuffles.
    assert told["given"] == {"batch_size": 128, "epochs": 1, "validation_split": 0.1, "verbose": 0}
    convolutions = ["Conv2D", "MaxPooling2D"] * 2
    assert told["layers"] == [*convolutions, "Flatten", "Dropout", "Dense"]
    assert (told["dropout"], told["activations"]) == ([0.5], ["relu", "relu", "softmax"])
    assert told["range"] == [0.0, 1.0, 995, 28, 28, 1]
    assert values["parameters"] == 34_826
    assert values["train_images"] == 896  # a tenth is held out
    assert values["errors"] < 0.6 * values["n"]
    assert backend in values["versions"]


def test_a_whole_training_is_fifteen_epochs() -> None:
    assert make_task(read_uci_digits(), 0).epochs(EPOCHS) == 15


def test_an_unknown_backend_is_refused() -> None:
    from inkwise.bench.peers.keras_convnet import main

    with pytest.raises(SystemExit, match="2"):
        main(["--backend", "abacus"])
