"""A network's outputs for any number of images, in bounded memory: one batch at a time, into one result."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from inkwise.errors import UsageError
from inkwise.models.network import probabilities_of
from inkwise.models.prepared import Prepared


def outputs_of(
    network: nn.Module,
    images: Shaped[Tensor, "n 1 h w"],
    *,
    batch_size: int = 500,
    train_mode: bool = False,
) -> Float[Tensor, "n c"]:
    """Return the outputs of `network` for `images`, computed in float32 where the network lies, as CPU tensors.

    Args:
        network: Takes float32 (B, 1, H, W) in [0, 1] and gives (B, C). Its mode is set here and left so.
        images: uint8 (N, 1, H, W), ink high.
        batch_size: Images at a time; it bounds memory and, in evaluation mode, changes nothing else.
        train_mode: Leave dropout and batch statistics on, as one published route does while testing.

    Raises:
        UsageError: `images` are not uint8.
    """
    network.train(train_mode)
    where = next((weight.device for weight in network.parameters()), torch.device("cpu"))
    with torch.no_grad():
        return _in_batches(network, images, batch_size, where)


def probabilities_in_batches(
    prepared: Prepared, images: Shaped[Tensor, "n 1 h w"], *, batch_size: int | None = None
) -> Float[Tensor, "n c"]:
    """Return the probabilities of a prepared network for `images`, as CPU tensors.

    Args:
        prepared: The network, ready to answer.
        images: uint8 (N, 1, H, W), ink high.
        batch_size: Images at a time; None for as many as are answered fastest.

    Raises:
        UsageError: `images` are not uint8.
    """
    return probabilities_of(prepared.network, outputs_in_batches(prepared, images, batch_size=batch_size))


def outputs_in_batches(
    prepared: Prepared, images: Shaped[Tensor, "n 1 h w"], *, batch_size: int | None = None
) -> Float[Tensor, "n c"]:
    """Return the outputs of a prepared network for `images`, as CPU tensors; the rest as for its probabilities."""
    where, fastest = prepared.intake()
    return _in_batches(prepared.answer, images, batch_size or fastest, where)


def _in_batches(
    forward: Callable[[Tensor], Tensor], images: Tensor, batch_size: int, where: torch.device
) -> Float[Tensor, "n c"]:
    if images.dtype != torch.uint8:
        given = str(images.dtype).removeprefix("torch.")
        raise UsageError(
            f"Images in MNIST's form are uint8, ink 255 on background 0, and these are {given}; ink in [0, 1] becomes "
            "uint8 by .mul(255).round().byte()."
        )
    result: Tensor | None = None
    # No images at all are one batch of none, which tells how many outputs there are.
    for start in range(0, max(len(images), 1), batch_size):
        batch = images[start : start + batch_size]
        part = forward(batch.to(where).float().div_(255))  # (B, C)
        if result is None:
            result = torch.empty(len(images), part.shape[1], dtype=torch.float32, device="cpu")
        result[start : start + len(batch)] = part
    assert result is not None
    return result
