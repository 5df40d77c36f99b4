"""A layer's kernels by name: what each of its channels multiplies with what it is given.

Convolutions have kernels of any rank. A linear layer has them where its input is a map laid flat: each row of its
weights is then one kernel as large as the map. The picture is that of `evaluation.sheets`.
"""

from dataclasses import dataclass
from math import prod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.convolution.window import spelled
from inkwise.errors import ShapeError, UnknownName, UsageError
from inkwise.evaluation.sheets import kernels_sheet
from inkwise.explain.stencil import CONVOLUTIONS, TRANSPOSED
from inkwise.explain.taps import ITSELF, at_rest, home, tapped
from inkwise.models.network import Network
from inkwise.models.sequence import MNIST
from inkwise.models.shape import Shape


@dataclass(frozen=True)
class Kernels:
    """The kernels of one layer, copies on the CPU.

    Attributes:
        layer: The layer's name.
        weights: (C_out, C_in, *space), real; C_in is the input channels of one group. Those of a transposed
            convolution are turned to this order: what an output channel takes from each input channel.
        bias: (C_out,), or None where the layer has none.
    """

    layer: str
    weights: Float[Tensor, "..."]
    bias: Float[Tensor, " c_out"] | None

    @property
    def sums(self) -> Float[Tensor, " c_out"]:
        """The sum of each kernel: its answer, without bias, where everything is ink."""
        return self.weights.flatten(1).sum(1)

    @property
    def norms(self) -> Float[Tensor, " c_out"]:
        """The L2 norm of each kernel: its largest answer to a patch of norm 1, which is the kernel itself, scaled."""
        return self.weights.flatten(1).square().sum(1).sqrt()


def kernels_of(network: nn.Module, layer: str, *, input_shape: Shape | None = None) -> Kernels:
    """Return the kernels of a layer.

    Args:
        network: Any module; it is left as it was.
        layer: A module's name, as in `network.named_modules()`.
        input_shape: (channels, height, width) of an image, which a linear layer's map depends on; that of a
            network of ours, or 1 x 28 x 28, unless given.

    Raises:
        ShapeError: The network cannot take images of `input_shape`.
        UnknownName: There is no such layer.
        UsageError: The layer has no kernels; the message names those that have.
    """
    parts = {name or ITSELF: part for name, part in network.named_modules()}
    if layer not in parts:
        raise UnknownName("layer", layer, parts)
    shapes = layers_with_kernels(network, input_shape=input_shape)
    if layer not in shapes:
        have = f"those of {', '.join(shapes)} can be shown" if shapes else "no layer of this network has any"
        raise UsageError(f"Layer {layer!r}, a {type(parts[layer]).__name__}, has no kernels to show; {have}.")
    part = parts[layer]
    assert isinstance(part, (*CONVOLUTIONS, *TRANSPOSED, nn.Linear))
    # The attribute, not the parameter: weights that are given are a buffer, and parametrised ones are made anew.
    weight, bias = part.weight.detach().cpu(), part.bias
    if isinstance(part, TRANSPOSED):
        weight = weight.reshape(part.groups, -1, *weight.shape[1:]).transpose(1, 2).flatten(0, 1)
    return Kernels(layer, weight.reshape(shapes[layer]).clone(), None if bias is None else bias.detach().cpu().clone())


def layers_with_kernels(network: nn.Module, *, input_shape: Shape | None = None) -> dict[str, Shape]:
    """Return the shape (C_out, C_in, *space) of the kernels of each layer that has some, in the order they ran.

    Args:
        network: Any module; it is left as it was.
        input_shape: (channels, height, width) of an image; that of a network of ours, or 1 x 28 x 28, unless
            given.

    Raises:
        ShapeError: The network cannot take images of that shape.
    """
    own = input_shape or (network.input_shape if isinstance(network, Network) else MNIST)
    shapes: dict[str, Shape] = {}
    laid: Shape = own  # the map that the values now are, laid flat or not; () once a linear layer has mixed them

    def listen(name: str, part: nn.Module, output: Tensor) -> None:
        nonlocal laid
        shape = tuple(output.shape[1:])
        if isinstance(part, CONVOLUTIONS):
            shapes[name] = tuple(part.weight.shape)
        elif isinstance(part, TRANSPOSED):
            shapes[name] = (part.out_channels, part.in_channels // part.groups, *part.kernel_size)
        elif isinstance(part, nn.Linear) and prod(laid) == part.in_features and prod(laid[1:]) > 1:
            shapes[name] = (part.out_features, *laid)
        if len(shape) > 1:
            laid = shape
        elif isinstance(part, nn.Linear):
            laid = ()

    where, dtype = home(network)
    with at_rest(network), torch.no_grad(), tapped(network, listen):
        try:
            network(torch.zeros(1, *own, device=where, dtype=dtype))
        except RuntimeError as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise ShapeError(
                f"The network cannot take an image of {spelled(own)}: {reason}; give its input_shape."
            ) from error
    return {name: shape for name, shape in shapes.items() if ":" not in name}  # a second run has the same kernels


def sheet(kernels: Kernels, *, channel: int | None = None, most: int = 64, dark: bool = False) -> bytes:
    """Return the kernels as pictures with a colour bar, PNG: zero is white, positive red, negative blue.

    A kernel of several input channels is one picture for each; one of three axes one for each plane.

    Args:
        kernels: What `kernels_of` gave.
        channel: The output channel whose kernel alone is shown, or None for all.
        most: How many pictures to show at most.
        dark: Light text on a dark ground.

    Raises:
        DataError: A weight is not finite.
        UsageError: There is no such channel, or `most` is below 1.
    """
    weights = kernels.weights
    if channel is not None and not 0 <= channel < len(weights):
        raise UsageError(
            f"There is no kernel {channel} in layer {kernels.layer!r}: its channels are 0 to {len(weights) - 1}."
        )
    if most < 1:
        raise UsageError(f"most is {most}; it must be at least 1.")
    if weights.ndim == 3:
        weights = weights[:, :, None]  # (C_out, C_in, m) -> (C_out, C_in, 1, m)
    chosen = weights if channel is None else weights[channel : channel + 1]
    return kernels_sheet(chosen.reshape(len(chosen), -1, *weights.shape[-2:]).float(), most=most, dark=dark)
