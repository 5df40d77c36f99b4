"""What a network answers to images, as scores that can be explained: one number for each output.

A probability near 1 hardly moves whatever the image does, so maps of importance ask for the score behind it: where
the last module is a softmax, a log-softmax or a sigmoid, the score is what went into it, the logit; otherwise it is
what the network gives. A network of one output answers yes or no, and its score 0 is that of yes. The network's
modes are left as they were. Nothing here knows of maps.
"""

from dataclasses import dataclass
from operator import index
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.convolution.window import spelled
from inkwise.errors import ShapeError, UsageError
from inkwise.explain.taps import home, hooked
from inkwise.models.network import probabilities_of

_LAST = (nn.Softmax, nn.LogSoftmax, nn.Sigmoid)


@dataclass(frozen=True)
class Scores:
    """Scores and probabilities of N images, (N, C) each; `behind` names the last module where scores went into it."""

    scores: Float[Tensor, "n c"]
    probabilities: Float[Tensor, "n c"]
    behind: str = ""


def one_image(image: Tensor, network: nn.Module) -> Float[Tensor, "1 c h w"]:
    """Return a copy of `image` as a batch of one, where the weights of `network` lie and of their dtype.

    Args:
        image: (H, W), (C, H, W) or (1, C, H, W): uint8, or floats in the range that the network takes.
        network: The network that is to read it.

    Raises:
        ShapeError: It is of another shape, or empty.
        UsageError: It holds other integers, nan or infinity.
    """
    wanted = "one image, (height, width), (channels, height, width) or (1, channels, height, width)"
    shape = tuple(image.shape)
    if image.ndim not in {2, 3, 4} or (image.ndim == 4 and shape[0] != 1) or not image.numel():
        raise ShapeError(f"The image has shape {shape}; give {wanted}.")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        kind = str(image.dtype).removeprefix("torch.")
        raise UsageError(f"The image is {kind}; give uint8, or floats in the range that the network takes.")
    if not bool(image.isfinite().all()):
        raise UsageError("The image holds nan or infinity; every value must be finite.")
    where, dtype = home(network)
    values = image.detach()[(None,) * (4 - image.ndim)].clone().to(where, dtype)
    return values / 255 if image.dtype == torch.uint8 else values


def check_target(target: object, outputs: int) -> int:
    """Return `target` as an int; raise UsageError unless it is one of `outputs` outputs, counted from 0."""
    accepted = (
        "one output, the score of yes; give target 0"
        if outputs == 1
        else f"{outputs} outputs; give a target from 0 to {outputs - 1}"
    )
    try:
        chosen = index(target)  # type: ignore[arg-type]  # what is no whole number raises TypeError
    except (TypeError, ValueError) as error:
        raise UsageError(f"{target!r} is not the number of an output: the network has {accepted}.") from error
    if not 0 <= chosen < outputs:
        raise UsageError(f"There is no output {chosen}: the network has {accepted}.")
    return chosen


def scores_of(network: nn.Module, images: Float[Tensor, "n c h w"]) -> Scores:
    """Return the scores and probabilities of `network` for `images`, with gradients where they are recorded.

    Args:
        network: Takes (N, C, H, W) and gives (N, outputs); its mode is the caller's affair, see `taps.at_rest`.
        images: Of the dtype of its weights, where its weights lie.

    Raises:
        ShapeError: torch refused the images inside the network.
        UsageError: The network gives something else than a tensor (N, outputs).
    """
    last: list[tuple[str, nn.Module, Tensor, Tensor]] = []

    def leave(name: str) -> Any:
        return lambda part, given, output: last.append((name, part, given[0], output))

    try:
        with hooked() as handles:
            handles += [
                part.register_forward_hook(leave(name))
                for name, part in network.named_modules()
                if isinstance(part, _LAST)
            ]
            outputs = network(images)
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        kind = str(images.dtype).removeprefix("torch.")
        raise ShapeError(
            f"The network cannot take an image of {spelled(tuple(images.shape[1:]))}, {kind}: {reason}"
        ) from error
    if not isinstance(outputs, Tensor) or outputs.ndim != 2 or outputs.shape[0] != len(images):
        given = f"shape {tuple(outputs.shape)}" if isinstance(outputs, Tensor) else type(outputs).__name__
        raise UsageError(
            f"The network gives {given} for {len(images)} images; a tensor (images, outputs) is needed to explain it."
        )
    if last and last[-1][3] is outputs:
        name, part, logits, _ = last[-1]
        probabilities = outputs.exp() if isinstance(part, nn.LogSoftmax) else outputs
        return Scores(logits, probabilities, name or type(part).__name__)
    return Scores(outputs, probabilities_of(network, outputs))
