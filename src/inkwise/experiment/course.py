"""The course of a training as the report draws it: the rows of metrics, or the steps of an only epoch.

A run of one epoch has one row for train, and one dot is no course. Its steps are known, so that they are drawn
instead; metrics.csv stays as it is.
"""

import torch

from inkwise.training.loop import Trainer
from inkwise.training.row import Row

POINTS = 50  # at most; of more steps each point is a mean


def course(trainer: Trainer) -> list[Row]:
    """Return the rows to draw of a trainer that is done."""
    count = trainer.batches.count
    if trainer.step != count:
        return trainer.history
    size = trainer.recipe.batch_size
    sizes = torch.full((count,), float(size))
    sizes[-1] = len(trainer.batches.labels) - (count - 1) * size
    losses, correct = trainer.epoch_losses.cpu(), trainer.epoch_correct.cpu()
    rows: list[Row] = []
    for steps in torch.split(torch.arange(count), -(-count // POINTS)):
        images, last = sizes[steps].sum(), int(steps[-1]) + 1
        rows.append(
            {
                "epoch": round(last / count, 4),
                "step": last,
                "split": "train",
                "loss": ((losses[steps] * sizes[steps]).sum() / images).item(),
                "accuracy": (correct[steps].sum() / images).item(),
                "seconds": round(trainer.seconds * last / count, 4),
            }
        )
    return rows + [row for row in trainer.history if row["split"] != "train"]
