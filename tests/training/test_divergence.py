"""What the loop does where a loss or a weight is no number any more; that a step is named stands in test_loop."""

from typing import Any

import pytest

from inkwise.errors import TrainingError
from inkwise.recipes.recipe import Optimizer

LINEAR = ("flatten", "linear classes")
# Each step multiplies the weights by -19, so that they leave float32's range after some thirty.
EXPLOSIVE = Optimizer(name="sgd", lr=1.0, weight_decay=20.0)


def test_weights_that_explode_in_the_last_step_are_not_saved_either(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    recipe = recipe_of(optimizer=Optimizer(name="sgd", lr=1e60), epochs=1, batch_size=27)
    trainer = trainer_of(recipe, validation=blobs(9, "validation"))
    with pytest.raises(TrainingError, match=r"weights became nan or infinite at step 1 \(epoch 1\)"):
        trainer.run(memory)
    assert not memory.states
    assert [row["split"] for row in memory.rows] == ["train"]  # its loss was still good


def test_batch_statistics_that_explode_are_not_saved_either(everything: Any, trainer_of: Any, memory: Any) -> None:
    trainer = trainer_of(everything())
    trainer.network.batchnorm1.running_var.fill_(float("inf"))
    with pytest.raises(TrainingError, match="weights became nan or infinite"):
        trainer.run(memory, lambda: True)
    assert not memory.states


def test_a_bad_loss_within_a_long_epoch_is_noticed_within_fifty_steps(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    trainer = trainer_of(recipe_of(network=LINEAR, optimizer=EXPLOSIVE, batch_size=1), blobs(120))
    with pytest.raises(TrainingError, match=r"at step [1-4]\d \(epoch 1\)"):
        trainer.run(memory)
    assert trainer.step == 50
