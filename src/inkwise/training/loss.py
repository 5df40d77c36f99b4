"""From a recipe's loss by name to a function of outputs and labels."""

from collections.abc import Callable
from functools import partial

from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from inkwise.recipes.recipe import Recipe

Loss = Callable[[Tensor, Tensor], Tensor]


def make(recipe: Recipe, outputs: str) -> Loss:
    """Return the loss of `recipe` for a network that gives `outputs`, "logits" or "probabilities".

    Cross-entropy takes its input for logits whatever it is: a network that ends in a softmax is normalised twice,
    and its loss cannot fall below log(e + 9) - 1 = 1.461 for ten classes. That is dropout-cnn's published defect.
    """
    if recipe.loss == "cross-entropy":
        return partial(functional.cross_entropy, label_smoothing=recipe.label_smoothing)
    if recipe.loss == "mse":
        return _squared_error
    return _binary_of_probabilities if outputs == "probabilities" else _binary_of_logits


def correct(outputs: Float[Tensor, "b c"], labels: Int64[Tensor, " b"], middle: float) -> Int64[Tensor, ""]:
    """Return how many of the batch are right; `middle` is the one-output network's 50 % point (0 or 0.5)."""
    if outputs.shape[1] == 1:
        return ((outputs[:, 0] >= middle) == labels).sum()
    return (outputs.argmax(1) == labels).sum()


def _squared_error(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.mse_loss(outputs[:, 0], labels.float())


def _binary_of_logits(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())


def _binary_of_probabilities(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.binary_cross_entropy(outputs[:, 0], labels.float())
