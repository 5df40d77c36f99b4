"""What differs between two recipes is said in words, and a recipe without a title is what it started from."""

from typing import Any

import pytest

from inkwise.bench.settings import changes, described, kept
from inkwise.recipes import registry

NANO = registry.get("nano")


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"name": "tiny", "title": "", "epochs": 7}, f"nano with epochs 7 instead of {NANO.epochs}"),
        ({"name": "tiny", "title": "", "seed": 3}, "nano under another name"),
        ({"name": "tiny", "title": "Mine", "epochs": 7}, "Mine"),
        ({"epochs": 7}, f"{NANO.title}, with epochs 7 instead of {NANO.epochs}"),
        ({"seed": 3, "watch_every": 5}, NANO.title),
    ],
)
def test_a_recipe_is_described_by_its_title_or_by_what_differs(update: dict[str, Any], expected: str) -> None:
    assert described(NANO.model_copy(update=update)) == expected


def test_what_is_far_from_every_recipe_is_one_of_its_own() -> None:
    changed = {
        "network": ("flatten", "linear classes"),
        "epochs": 77,
        "batch_size": 7,
        "validation": 3,
        "shuffle": False,
    }
    assert described(NANO.model_copy(update={"name": "x", "title": "", **changed})) == "a recipe of its own"


def test_changes_are_named_by_setting_and_long_ones_are_not_shown() -> None:
    optimizer = NANO.optimizer.model_copy(update={"lr": 0.5})
    now = NANO.model_copy(update={"optimizer": optimizer, "network": ("flatten",), "seed": 9})
    assert changes(kept(NANO), kept(now)) == (f"network, which is another; optimizer.lr {NANO.optimizer.lr:g}, now 0.5")
    assert changes(kept(NANO), kept(NANO)) == ""
    assert changes({}, kept(NANO)) == ""
