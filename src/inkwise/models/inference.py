"""A network's outputs for many images, in bounded memory."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn


@torch.no_grad()
def outputs_of(
    network: nn.Module,
    images: UInt8[Tensor, "n 1 h w"],
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
    """
    network.train(train_mode)
    where = next((weight.device for weight in network.parameters()), torch.device("cpu"))
    batches: list[Tensor] = list(torch.split(images, batch_size))
    parts = [network(batch.to(where).float().div_(255)).float().cpu() for batch in batches]
    return torch.cat(parts)
