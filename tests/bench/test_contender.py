"""A contender is started as it was asked for, and tells why where it cannot be imported."""

import os
import sys

from inkwise.bench.choice import chosen
from inkwise.bench.contender import last_line, seconds_of_import


def test_a_command_is_this_python_with_what_was_asked() -> None:
    (keras,) = chosen(["keras-jax"])
    command = keras.command(3, "kmnist", "there", quick=True)
    assert command[:3] == [sys.executable, "-m", "inkwise.bench.peers.keras_convnet"]
    assert command[3:] == ["--backend", "jax", "--seed", "3", "--dataset", "kmnist", "--data", "there", "--quick"]
    assert keras.surroundings()["KERAS_BACKEND"] == "jax"
    assert keras.surroundings()["PATH"] == os.environ["PATH"]


def test_what_knows_no_chance_has_one_seed() -> None:
    classical, small = chosen(["classical", "small-cnn"])
    assert (classical.seeds(3), small.seeds(3)) == ((0,), (0, 1, 2))


def test_an_import_takes_time_or_fails_with_its_reason() -> None:
    assert seconds_of_import("nowhere_to_be_found", os.environ, 1) == (
        "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    )
    taken = seconds_of_import("decimal", os.environ, 1)
    assert isinstance(taken, float)
    assert 0 <= taken < 30


def test_a_process_that_said_nothing_is_told_so() -> None:
    assert last_line("Traceback\n\nValueError: no\n") == "ValueError: no"
    assert last_line("\n") == "it ended without a word"
