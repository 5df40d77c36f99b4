"""Digits as published routes read them: each becomes a PIL image, then a tensor, whenever it is asked for.

The transforms do what torchvision's ToTensor and Normalize do, line for line, since torchvision itself cannot be
installed beside the CPU build of torch.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset


class PilDigits(Dataset[tuple[Tensor, int]]):
    """A dataset for torch's DataLoader.

    Args:
        images: uint8 (N, 1, H, W).
        labels: int64 (N,).
        standard: The mean and deviation that pixels in [0, 1] are normalised with, or None to leave them so.
    """

    def __init__(self, images: Tensor, labels: Tensor, standard: tuple[float, float] | None) -> None:
        self.images, self.labels, self.standard = images[:, 0], labels, standard

    def __len__(self) -> int:
        """Return how many digits there are."""
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return a digit as float32 (1, H, W), and its label."""
        picture = Image.fromarray(self.images[index].numpy())
        tensor = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        tensor = tensor.view(picture.size[1], picture.size[0], 1).permute((2, 0, 1)).contiguous()
        tensor = tensor.to(dtype=torch.float32).div(255)
        if self.standard is not None:
            mean, deviation = (torch.as_tensor((v,), dtype=tensor.dtype).view(-1, 1, 1) for v in self.standard)
            tensor = tensor.clone().sub_(mean).div_(deviation)
        return tensor, int(self.labels[index])
