"""Who takes part is found by name, said plainly where it is unknown, and left out with a reason where it cannot run."""

import os
import sys

import pytest

from inkwise.bench.contender import PEERS, chosen, last_line, seconds_of_import
from inkwise.errors import UnknownName, UsageError
from inkwise.recipes import registry


def test_the_default_is_our_recipes_and_every_peer() -> None:
    everyone = chosen(())
    ours = [one for one in everyone if one.ours]
    assert ours
    assert everyone[len(ours) :] == PEERS
    assert list(chosen((), peers=False)) == ours


def test_our_own_three_are_taken_as_soon_as_they_are_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {name: registry.get(name) for name in registry.names() if name not in {"fast", "accurate", "nano"}}
    monkeypatch.setattr(registry, "_RECIPES", without)
    assert [one.name for one in chosen((), peers=False)] == ["small-cnn"]
    fast = registry.get("small-cnn").model_copy(update={"name": "fast"})
    monkeypatch.setattr(registry, "_RECIPES", without | {"fast": fast})
    assert [one.name for one in chosen((), peers=False)] == ["fast"]


def test_contenders_keep_the_order_in_which_they_are_named() -> None:
    assert [one.name for one in chosen(["classical", "small-cnn"])] == ["classical", "small-cnn"]


def test_an_unknown_name_is_told_what_comes_close() -> None:
    with pytest.raises(UnknownName, match=r"no recipe or peer 'keras-jaxx'\. Did you mean 'keras-jax'"):
        chosen(["keras-jaxx"])


def test_a_name_given_twice_is_told_of_seeds() -> None:
    with pytest.raises(UsageError, match="classical is named twice; name each contender once and say --seeds"):
        chosen(["classical", "classical"])


def test_a_yes_or_no_recipe_is_not_compared() -> None:
    with pytest.raises(UsageError, match="matched-filter asks a yes-or-no question"):
        chosen(["matched-filter"])


def test_a_command_is_this_python_with_what_was_asked() -> None:
    (keras,) = chosen(["keras-jax"])
    command = keras.command(3, "kmnist", "there", quick=True)
    assert command[:3] == [sys.executable, "-m", "inkwise.bench.peers.keras_convnet"]
    assert command[3:] == ["--backend", "jax", "--seed", "3", "--dataset", "kmnist", "--data", "there", "--quick"]
    assert keras.surroundings()["KERAS_BACKEND"] == "jax"
    assert keras.surroundings()["PATH"] == os.environ["PATH"]


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
