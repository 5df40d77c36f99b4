"""One kernel of a trained model, from MODEL:LAYER:OUT,IN: the weights, and what they were learnt to look at.

The network is run once on an image to see what reaches the layer, the image itself or what layers before it make of
it. Knows no file of the user's own: what registers a network is run before.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.convolution.window import spelled
from inkwise.errors import ModelError, UnknownName, UsageError
from inkwise.models.ensemble import Ensemble
from inkwise.models.network import Network
from inkwise.recognizer import Recognizer


@dataclass(frozen=True)
class TrainedKernel:
    """One slice of a convolution's weights: what one output channel multiplies one input channel with."""

    values: Float[Tensor, "height width"]  # float64
    name: str
    layer: str
    deep: bool  # the layer is given feature maps, and not the image


def find_trained(model: str, layer: str, which: str) -> TrainedKernel:
    """Return a kernel of a model.

    Args:
        model: A model file, a run folder or a shipped model's name.
        layer: The name of a convolution over two axes.
        which: "OUT,IN": the output channel and the input channel within its group; "OUT" where there is one of these.

    Raises:
        UsageError: The model has no such layer, or the layer no such kernel.
        ModelError: The model cannot be loaded or has no convolution.
        RunError: A folder that is not a run.
    """
    network = _loaded(model)
    layers = {name: module for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}
    if not layers:
        raise ModelError(f"{model} has no convolution, so it has no kernels; name another model.")
    listed = ", ".join(f"{name} ({_shape(module)})" for name, module in layers.items())
    if not layer:
        raise UsageError(f"{model} has the convolutions {listed}; name a kernel as {model}:{next(iter(layers))}:0,0.")
    if layer not in layers:
        raise UsageError(f"{model} has no convolution {layer!r}; it has {listed}.")
    weight = layers[layer].weight.detach()  # (C_out, C_in / groups, height, width)
    out, _, into = which.partition(",")
    if not into and weight.shape[1] == 1:
        into = "0"
    places = [int(word) if word.strip().isdecimal() else -1 for word in (out, into)]
    if not all(0 <= place < count for place, count in zip(places, weight.shape[:2], strict=True)):
        wrong = f"{layer} of {model} has no kernel {which!r}" if which else f"No kernel of {layer} of {model} was named"
        raise UsageError(
            f"{wrong}; name one as {model}:{layer}:OUT,IN with OUT {_range(weight.shape[0])} and IN "
            f"{_range(weight.shape[1])}."
        )
    name = f"kernel {places[0]} of {layer} in {model}, for its input channel {places[1]}"
    values = weight[places[0], places[1]].double()
    return TrainedKernel(values, name, layer, deep=not _sees_image(network, layers[layer]))


def _loaded(model: str) -> Network | Ensemble:
    try:
        return Recognizer.load(model).network
    except ModelError as error:
        if isinstance(error.__cause__, UnknownName) and error.__cause__.kind == "registered network":
            raise ModelError(f"{error} Name the .py file that registers it with --register FILE.py.") from error
        raise


def _sees_image(network: Network | Ensemble, layer: nn.Conv2d) -> bool:
    """Return whether `layer` is given the network's image, shifted and scaled at most."""
    given: list[Tensor] = []

    def keep(_module: nn.Module, arguments: tuple[Any, ...]) -> None:
        given.extend(value for value in arguments[:1] if isinstance(value, Tensor))

    image = torch.rand((1, *network.input_shape), generator=torch.Generator().manual_seed(0))
    handle = layer.register_forward_pre_hook(keep)
    try:
        with torch.no_grad():
            network(image)
    finally:
        handle.remove()
    if not given or given[0].shape != image.shape:
        return False
    flat, seen = (value.double().flatten() - value.double().mean() for value in (image, given[0]))
    # Scaled and shifted alone: the correlation coefficient is 1 or -1.
    return bool((flat @ seen).abs() > (1 - 1e-6) * flat.norm() * seen.norm())


def exists(path: str) -> bool:
    """Return whether there is a file or folder of that name; there is none of a name that cannot be one."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long for a name, or a null byte in it
        return False


def split(text: str) -> tuple[str, str, str]:
    """Return model, layer and kernel of MODEL:LAYER:OUT,IN; a path may hold colons itself, and the rest may lack."""
    if exists(text):
        return text, "", ""
    parts = text.rsplit(":", 2)
    if len(parts) == 3 and not exists(text.rsplit(":", 1)[0]):
        return parts[0], parts[1], parts[2]
    model, _, layer = text.rpartition(":")
    return model, layer, ""


def _shape(module: nn.Conv2d) -> str:
    out, into, *space = module.weight.shape
    return f"{out} x {into} kernel{'' if out == into == 1 else 's'} of {spelled(space)}"


def _range(count: int) -> str:
    return "0" if count == 1 else f"from 0 to {count - 1}"
