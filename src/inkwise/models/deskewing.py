"""Deskewing: a digit's slant taken out by a shear, as part of a network.

The slope of the ink is b = s_xy / s_yy, the regression of x on y over the ink's second moments about its centre
(cx, cy); row y is then moved by -b (y - cy), between two pixels by linear interpolation. It is LeCun et al.'s deskewing
(1998, doi:10.1109/5.726791), here a layer with nothing to learn, so that training and use cannot differ. It assumes
ink on a background of 0.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

STEEPEST = 1.0  # columns a row: a slant of 45 degrees, more than people write
LEAST = 1e-3  # of s_yy, in pixels squared times ink: below it there is no height to lean


class Deskewing(nn.Module):
    """Shears each image by its own slope, so that its ink stands upright.

    Args:
        height: of the images, in pixels.
        width: of the images, in pixels.
    """

    y: Tensor  # (H,), rows from the middle
    moments: Tensor  # (5, H * W), what each pixel's ink is multiplied by

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width
        y = torch.arange(height, dtype=torch.float32) - (height - 1) / 2
        x = torch.arange(width, dtype=torch.float32) - (width - 1) / 2
        rows, columns = torch.meshgrid(y, x, indexing="ij")
        moments = torch.stack([torch.ones_like(rows), rows, columns, rows * rows, rows * columns])
        self.register_buffer("y", y, persistent=False)
        self.register_buffer("moments", moments.flatten(1), persistent=False)

    def slopes(self, images: Float[Tensor, "n 1 h w"]) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
        """Return each image's slope, columns a row, within [-1, 1], and its ink's centre, rows from the middle.

        An image without ink, or whose ink has no height, has slope 0.
        """
        kind = torch.promote_types(images.dtype, torch.float32)
        # In half precision, as under autocast, the differences below would be rounding.
        with torch.autocast(images.device.type, enabled=False):
            moments = functional.linear(images.flatten(1).to(kind), self.moments.to(kind))  # (N, 5)
        mass, s_y, s_x, s_yy, s_xy = moments.unbind(1)
        centre = s_y / mass.clamp_min(LEAST)
        height = s_yy - s_y * centre
        slope = (s_xy - s_x * centre) / height.clamp_min(LEAST)
        slope = torch.where(height > LEAST, slope, torch.zeros_like(slope))
        return slope.clamp(-STEEPEST, STEEPEST), centre

    def forward(self, images: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 1 h w"]:
        """Return the images with each row moved sideways; what comes from outside is background."""
        slope, centre = self.slopes(images)
        moved = slope[:, None] * (self.y.to(slope.dtype) - centre[:, None])  # (N, H), in columns
        whole = moved.floor()
        # A row that moves by more than the width shows background alone. Cut off as whole numbers, so that nan, which
        # becomes some number, reads from inside too.
        beyond = self.width + 1
        first = whole.long().clamp(-beyond, self.width) + beyond
        padded = functional.pad(images[:, 0], (beyond, beyond))  # (N, H, 3 W + 2)
        columns = first[:, :, None] + torch.arange(self.width + 1, device=images.device)
        row = padded.gather(2, columns)  # (N, H, W + 1)
        weight = (moved - whole)[:, :, None].to(row.dtype)
        return torch.lerp(row[..., :-1], row[..., 1:], weight)[:, None]

    def extra_repr(self) -> str:
        """Return the size for `repr`."""
        return f"height={self.height}, width={self.width}"
