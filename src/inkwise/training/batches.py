"""The batches of an epoch: which images, in which order, as floats.

The order of epoch e is one permutation seeded by (seed, e); batch b is a slice of it. Images stay uint8 in memory
and become float32 in [0, 1] a batch at a time, augmented where the recipe says so.
"""

from jaxtyping import Float, Int64
from torch import Generator, Tensor, arange, device, randperm

from inkwise.data.augmentation import augment
from inkwise.data.dataset import Split
from inkwise.recipes.recipe import Recipe
from inkwise.training.seeds import derive


class Batches:
    """The training split, cut into batches; the last one of an epoch may be smaller."""

    def __init__(self, split: Split, recipe: Recipe, where: device) -> None:
        self.recipe = recipe
        self.images = split.images.to(where)
        self.labels = split.labels.to(where)
        # A last batch of one image joins the one before it: batch statistics of a single image do not exist.
        whole, rest = divmod(len(split), recipe.batch_size)
        self.count = max(1, whole + (rest > (recipe.batch_size > 1)))

    def order(self, epoch: int) -> Int64[Tensor, " n"]:
        """Return the order of all samples in `epoch` (counted from 0)."""
        n = len(self.labels)
        if not self.recipe.shuffle:
            return arange(n, device=self.labels.device)
        generator = Generator().manual_seed(derive(self.recipe.seed, "order", epoch))
        return randperm(n, generator=generator).to(self.labels.device)

    def batch(
        self, order: Int64[Tensor, " n"], index: int, epoch: int
    ) -> tuple[Float[Tensor, "b 1 h w"], Int64[Tensor, " b"]]:
        """Return images, float32 (B, 1, H, W) in [0, 1], and labels (B,) of batch `index` of an epoch's `order`."""
        start = index * self.recipe.batch_size
        rows = order[start:] if index + 1 == self.count else order[start : start + self.recipe.batch_size]
        images = self.images.index_select(0, rows)
        if self.recipe.augmentation.active:
            floats = augment(images, rows, epoch=epoch, seed=self.recipe.seed, config=self.recipe.augmentation)
        else:
            floats = images.float().div_(255)
        return floats, self.labels.index_select(0, rows)
