"""Several networks that answer as one: the mean of their probabilities.

    p(class) = (p_1(class) + ... + p_K(class)) / K

`forward` gives ln p, so that a softmax of the outputs is exactly that mean, and the ensemble is used like a single
network of logits. The sum is taken in the logarithm, where nothing underflows. Members answer one after another, so
that memory is that of one member at a time. Nothing here knows of files or cards.
Hansen and Salamon 1990, doi:10.1109/34.58871.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.errors import UsageError
from inkwise.models.network import Network, Outputs, probabilities_of
from inkwise.models.shape import Shape

_PREFIX = "members"  # of the weights' names: "members.0.conv1.weight"


class Ensemble(nn.Module):
    """At least two networks of the same input shape and number of classes; they need not be built alike.

    Raises:
        UsageError: There are fewer than two, or they take images of different shapes. Of different numbers of classes
            the first answer tells.
    """

    def __init__(self, members: Iterable[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        shapes = {member.input_shape for member in self.networks}
        if len(self.members) < 2:
            raise UsageError(f"An ensemble has at least two networks, and was given {len(self.members)}.")
        if len(shapes) > 1:
            raise UsageError(
                f"The networks of an ensemble take images of one shape, and these take {_listed(sorted(shapes))}."
            )

    @property
    def networks(self) -> tuple[Network, ...]:
        """The members, in order."""
        return tuple(member for member in self.members if isinstance(member, Network))

    @property
    def input_shape(self) -> Shape:
        """The (channels, height, width) of one image."""
        return self.networks[0].input_shape

    @property
    def outputs(self) -> Outputs:
        """What `forward` returns, whatever the members give: logits."""
        return "logits"

    def forward(self, images: Tensor) -> Tensor:
        """Return ln of the mean probability, float32 (N, classes), for images as each member takes them.

        Raises:
            UsageError: The images are of another dtype or leave [0, 1], or the networks differ in their classes.
            ShapeError: The images are of another shape.
        """
        return self.combine([member(images) for member in self.networks])

    def combine(self, outputs: Sequence[Tensor]) -> Tensor:
        """Return ln of the mean probability, float32 (N, classes), for what each member gave, in order.

        Raises:
            UsageError: The networks differ in their number of classes, which only their outputs show.
        """
        counts = {each.shape[1] for each in outputs}
        if len(counts) > 1:
            raise UsageError(
                "The networks of an ensemble tell the same classes apart, and these give "
                f"{' and '.join(map(str, sorted(counts)))} outputs; use networks of one number of classes."
            )
        answers = [_log_probabilities(*pair) for pair in zip(self.networks, outputs, strict=True)]  # K x (N, classes)
        return torch.logsumexp(torch.stack(answers), dim=0) - math.log(len(answers))

    def probabilities(self, outputs: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        """Return what `forward` gave as probabilities: the mean of the members'."""
        return probabilities_of(self, outputs)


def split_weights(weights: Mapping[str, Tensor], count: int) -> tuple[dict[str, Tensor], ...] | None:
    """Return the weights of each of `count` members, named as in its own network; None where some belong to none."""
    starts = [f"{_PREFIX}.{number}." for number in range(count)]
    parts = tuple(
        {name.removeprefix(start): value for name, value in weights.items() if name.startswith(start)}
        for start in starts
    )
    return parts if sum(map(len, parts)) == len(weights) else None


def _log_probabilities(member: Network, outputs: Tensor) -> Tensor:
    """Return ln of a member's probabilities; of its logits without leaving the logarithm."""
    if member.outputs == "logits":
        return outputs.float().log_softmax(dim=1)
    return member.probabilities(outputs).log()


def _listed(shapes: Iterable[Shape]) -> str:
    return " and ".join(" x ".join(map(str, shape)) for shape in shapes)
