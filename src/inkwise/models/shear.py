"""Deskewing of one image in a dozen calls of NumPy: a third of the time that as many of torch take.

The formulas are those of `deskewing`; the slope is computed in float64 from float32 moments.
"""

import numpy as np
import torch
from torch import Tensor

from inkwise.models.deskewing import LEAST, STEEPEST, Deskewing


class Shear:
    """`Deskewing` for one image, by the same formulas in a dozen calls of NumPy."""

    def __init__(self, module: Deskewing) -> None:
        height, width = module.height, module.width
        self._width = width
        self._moments = module.moments.numpy()  # (5, H * W)
        self._y = module.y.numpy()
        self._beyond = width + 1
        self._padded = np.zeros((height, width + 2 * self._beyond), np.float32)
        starts = (np.arange(height) * self._padded.shape[1] + self._beyond)[:, None]
        self._places = starts + np.arange(width + 1)  # (H, W + 1), where the rows lie unmoved

    def __call__(self, image: Tensor) -> Tensor:
        """Return the image (1, 1, H, W) with each row moved sideways."""
        width = self._width
        ink = image[0, 0].numpy()
        mass, s_y, s_x, s_yy, s_xy = self._moments.dot(ink.reshape(-1)).tolist()
        centre = s_y / max(mass, LEAST)
        tall = s_yy - s_y * centre
        slope = (s_xy - s_x * centre) / tall if tall > LEAST else 0.0
        moved = (self._y - centre) * min(max(slope, -STEEPEST), STEEPEST)  # (H,), in columns
        whole = np.floor(moved)
        self._padded[:, self._beyond : self._beyond + width] = ink
        first = np.minimum(np.maximum(whole.astype(np.int64), -self._beyond), width)
        row = self._padded.take(self._places + first[:, None])
        left, right = row[:, :-1], row[:, 1:]
        return torch.from_numpy(left + (right - left) * (moved - whole)[:, None])[None, None]
