"""The network as a torch module: named children in a row, from images in [0, 1] to outputs.

A `pixels` child first brings the image to the recipe's scale. The door checks what comes in: float32, (N, C, H, W)
of the network's shape, every value in [0, 1]. Weights start as torch initialises them. Nothing here knows how a
network is trained.
"""

from collections import OrderedDict
from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.errors import ShapeError, UsageError
from inkwise.models import kernels
from inkwise.models.registry import get
from inkwise.models.sequence import MNIST, require_blank, require_classes, trace
from inkwise.models.shape import Shape

Scale = Literal["unit", "signed", "standard"]
Outputs = Literal["logits", "probabilities"]

# What a scale subtracts from ink in [0, 1], and what it then divides by; 0.1307 and 0.3081 are MNIST's mean and
# standard deviation over its training pixels.
SCALES: Final[dict[str, tuple[float, float]]] = {"signed": (0.5, 0.5), "standard": (0.1307, 0.3081)}


class Pixels(nn.Module):
    """Brings ink from [0, 1] to (ink - mean) / deviation; it has nothing to learn."""

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self.mean, self.deviation = mean, deviation

    def forward(self, images: Tensor) -> Tensor:
        """Return the images scaled, shape and dtype unchanged."""
        return (images - self.mean) / self.deviation

    def extra_repr(self) -> str:
        """Return the scaling for `repr`."""
        return f"mean={self.mean}, deviation={self.deviation}"


class Network(nn.Sequential):
    """Children in a row; `build` makes one from a recipe's layers.

    Args:
        children: the modules by name, in order.
        input_shape: (channels, height, width) of one image.
        guarded: whether `forward` checks its input. The check reads every pixel once and waits for the device, so a
            training loop that feeds its own images switches it off: `network.guarded = False`.
    """

    def __init__(
        self, children: "OrderedDict[str, nn.Module]", *, input_shape: Shape = MNIST, guarded: bool = False
    ) -> None:
        super().__init__(children)
        self.input_shape, self.guarded = input_shape, guarded

    @property
    def outputs(self) -> Outputs:
        """What `forward` returns: "probabilities" where the last child is a softmax or sigmoid, "logits" otherwise."""
        last = self[-1]
        if isinstance(last, nn.Softmax | nn.Sigmoid) or getattr(last, "outputs", "logits") == "probabilities":
            return "probabilities"
        return "logits"

    def forward(self, images: Tensor) -> Tensor:
        """Return the outputs (N, classes) for images, float32 (N, channels, height, width) in [0, 1].

        Raises:
            UsageError: guarded, and the images are of another dtype or leave [0, 1].
            ShapeError: guarded, and the images are of another shape.
        """
        if self.guarded:
            check_images(images, self.input_shape)
        values = images
        for child, overwrite in kernels.steps(self):
            values = kernels.compute(child, values, overwrite)
        return values

    def probabilities(self, outputs: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        """Return what `forward` gave as probabilities; see `probabilities_of`."""
        return probabilities_of(self, outputs)


def probabilities_of(network: nn.Module, outputs: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
    """Return what `network` gave as probabilities, float32 (N, classes).

    A network of one output answers yes or no: the one column is the probability of yes. Outputs are logits unless
    the network's attribute `outputs` is "probabilities".
    """
    outputs = outputs.float()
    if getattr(network, "outputs", "logits") == "probabilities":
        return outputs
    return outputs.sigmoid() if outputs.shape[1] == 1 else outputs.softmax(dim=1)


def logits_of(network: nn.Module, outputs: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
    """Return finite logits, float32, of which `probabilities_of` would make the same probabilities as of `outputs`.

    Where the network gives probabilities itself, none counts as nearer to 0 or 1 than float32 tells them apart.
    """
    outputs = outputs.float()
    if getattr(network, "outputs", "logits") == "logits":
        return outputs
    return outputs.logit(eps=1e-7) if outputs.shape[1] == 1 else outputs.clamp(min=1e-12).log()


def check_images(images: Tensor, input_shape: Shape) -> None:
    """Raise unless `images` is float32 (N, *input_shape) with every value in [0, 1]; no images at all are fine."""
    wanted = f"float32 images in [0, 1] of shape (N, {', '.join(map(str, input_shape))})"
    if images.dtype != torch.float32:
        cure = "divide by 255 first" if images.dtype == torch.uint8 else "convert them with .float()"
        raise UsageError(
            f"The network takes {wanted}, and was given {str(images.dtype).removeprefix('torch.')}; {cure}."
        )
    if tuple(images.shape[1:]) != input_shape or images.ndim != len(input_shape) + 1:
        raise ShapeError(f"The network takes {wanted}, and was given shape {tuple(images.shape)}.")
    if not images.numel():
        return
    low, high = (bound.item() for bound in images.detach().aminmax())
    if not (low >= 0 and high <= 1):  # nan fails both comparisons
        raise UsageError(f"The network takes {wanted}, and was given values from {low:g} to {high:g}.")


def build(
    network: tuple[str, ...] | str, *, classes: int, pixels: Scale = "unit", input_shape: Shape = MNIST
) -> Network:
    """Return the module that `network` describes, with torch's initialisation from the global generator.

    Args:
        network: lines of layers, or the name of a registered builder, whose module becomes the child "body".
        classes: the number of outputs; 1 where the question is yes or no.
        pixels: "unit" leaves ink in [0, 1], "signed" brings it to [-1, 1], "standard" to (x - 0.1307) / 0.3081.
        input_shape: (channels, height, width) of one image.

    Raises:
        RecipeError: lines that cannot be read.
        ShapeError: a layer that cannot take what reaches it or the scale of the pixels, or a last layer without one
            value for each class.
        UnknownName: no builder of that name is registered.
        UsageError: a registered builder returned something else than a module.

    Example:
        >>> build(("conv 4 5x5", "relu", "flatten", "linear classes"), classes=10)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """
    children: OrderedDict[str, nn.Module] = OrderedDict()
    if pixels != "unit":
        children["pixels"] = Pixels(*SCALES[pixels])
    if isinstance(network, str):
        body = get(network)(classes, input_shape)
        if not isinstance(body, nn.Module):
            raise UsageError(
                f"The builder of network {network!r} returned {type(body).__name__}; it must return a torch.nn.Module."
            )
        children["body"] = body
    else:
        steps = trace(network, classes, input_shape)
        require_classes(steps, classes)
        require_blank(steps, pixels)
        children.update((step.name, step.layer.build(step.input_shape)) for step in steps)
    return Network(children, input_shape=input_shape, guarded=True)
