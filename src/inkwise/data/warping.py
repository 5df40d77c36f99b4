"""The geometry of augmentation: affine maps, elastic displacement and stroke thickness, on whole batches.

Positions are in pixels from the image's centre, x to the right and y down. An affine map and a displacement field
are joined into one field of sampling positions, and each image is sampled once, bilinearly, with zeros outside.
Each function works on every sample alone, by operations that round each element once, so that a sample's result
does not depend on the batch it is in, to the last bit. Draws nothing at random.

Source of elastic displacement: Simard, Steinkraus & Platt, "Best practices for convolutional neural networks
applied to visual document analysis", ICDAR 2003, doi:10.1109/ICDAR.2003.1227801.
"""

import math
from functools import cache

import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional

GRID = 7  # control points of the displacement field per axis


def affine_matrix(
    rotate: Float32[Tensor, " n"],
    shift: Float32[Tensor, "n 2"],
    scale: Float32[Tensor, "n 2"],
    shear: Float32[Tensor, " n"],
) -> Float32[Tensor, "n 2 3"]:
    """Return the map from positions of the result to positions of the source, one matrix per sample.

    The image is scaled, then slanted, then turned, then shifted; the matrix is the inverse of that, so that the
    result can be sampled from the source in one step.

    Args:
        rotate: degrees, counter-clockwise as seen, from -180 to 180.
        shift: pixels, (right, down).
        scale: factors above 0, (width, height); 2 doubles the size.
        shear: degrees of slant from -60 to 60; above 0 the top leans to the right, like italic type.
    """
    sine, cosine = sine_cosine(rotate * (math.pi / 180))
    slant_sine, slant_cosine = sine_cosine(shear * (math.pi / 180))
    slant = slant_sine / slant_cosine
    # Forward: p = R K S q + t, with K = [[1, -slant], [0, 1]] and R = [[cos, sin], [-sin, cos]] (y points down).
    # Backward: q = S^-1 K^-1 R^T (p - t).
    wide, high = scale.unbind(1)
    top = torch.stack([cosine + slant * sine, slant * cosine - sine], dim=1) / wide[:, None]
    bottom = torch.stack([sine, cosine], dim=1) / high[:, None]
    linear = torch.stack([top, bottom], dim=1)  # (n, 2, 2)
    moved = linear * shift[:, None, :]
    offset = -(moved[..., 0] + moved[..., 1])
    return torch.cat([linear, offset[..., None]], dim=2)


def elastic_field(control: Float32[Tensor, "n 2 7 7"], height: int, width: int) -> Float32[Tensor, "n 2 h w"]:
    """Return a smooth field through random control values, by cubic B-splines.

    Where the control values are independent with standard deviation s, so is each value of the field: the weights
    of every pixel are scaled to unit length. Control points lie a quarter of the image apart, which smooths about
    as much as the Gaussian of 4 pixels on 29x29 images in Simard et al.

    Args:
        control: displacements in pixels, (x, y) along the second axis.
        height: pixels of the field.
        width: pixels of the field.
    """
    # Products and sums one by one: a matrix product may add in another order for another batch size.
    down = _weighted_sum(control.unsqueeze(3), _spline_weights(height, control.device)[:, :, None], dim=2)
    return _weighted_sum(down.unsqueeze(4), _spline_weights(width, control.device), dim=3)


def warp(
    images: Float32[Tensor, "n 1 h w"],
    matrix: Float32[Tensor, "n 2 3"],
    field: Float32[Tensor, "n 2 h w"] | None = None,
) -> Float32[Tensor, "n 1 h w"]:
    """Return the images sampled bilinearly at matrix times position, plus the field; zero outside.

    Args:
        images: any values; those of the result lie between 0 and the largest of them.
        matrix: from `affine_matrix`.
        field: displacement of the sampling positions in pixels, (x, y) along the second axis.
    """
    height, width = images.shape[2:]
    x, y = positions(width, images.device), positions(height, images.device)
    along_x = matrix[:, :, 0, None] * x  # (n, 2, w)
    along_y = matrix[:, :, 1, None] * y + matrix[:, :, 2, None]  # (n, 2, h)
    where = along_x[:, :, None, :] + along_y[:, :, :, None]  # (n, 2, h, w)
    if field is not None:
        where += field
    size = torch.tensor([2 / width, 2 / height], device=images.device)  # grid_sample's unit is half an image
    where *= size[:, None, None]
    grid = where.permute(0, 2, 3, 1)  # (n, h, w, 2)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def thicken(images: Float32[Tensor, "n 1 h w"], amount: Float32[Tensor, " n"]) -> Float32[Tensor, "n 1 h w"]:
    """Return the images with strokes wider by `amount` pixels, or narrower where it is below 0.

    One dilation or erosion by a 3x3 square moves each side of a stroke by one pixel, thus its width by two; an
    amount between two whole steps blends the pictures before and after linearly. The image goes on beyond its edge
    as it is there, so a stroke that is cut off by the edge is not eroded from outside.
    """
    steps = amount.abs() / 2
    # Erosion is the dilation of the negative, so each step is one maximum for the whole batch.
    sign = torch.where(amount < 0, -1.0, 1.0).to(images.dtype)[:, None, None, None]
    current = images * sign
    result = current * _tent(steps, 0)
    for step in range(1, math.ceil(float(steps.max())) + 1 if len(steps) else 1):
        current = _dilate(current)
        result += current * _tent(steps, step)
    return result * sign


def sine_cosine(angle: Tensor) -> tuple[Tensor, Tensor]:
    """Return sine and cosine of -pi to pi, within 2e-7, by their series at half the angle.

    The library's own differ in the last bit between the vectorised part of a batch and its tail.
    """
    half = angle * 0.5
    square = half * half
    sine, cosine = torch.zeros_like(half), torch.zeros_like(half)
    for power in range(14, 1, -2):  # Horner, from half**14 / 14! down
        cosine = (1 - cosine) * square * (1 / ((power - 1) * power))
        sine = (1 - sine) * square * (1 / (power * (power + 1)))
    sine, cosine = half * (1 - sine), 1 - cosine
    return 2 * sine * cosine, 1 - 2 * sine * sine


@cache
def positions(length: int, device: torch.device) -> Tensor:
    """Return the positions of pixels along an axis, from its centre."""
    return torch.arange(length, dtype=torch.float32, device=device) - (length - 1) / 2


def _dilate(images: Tensor) -> Tensor:
    """Maximum over 3x3 neighbours, rows first: the same as a pool, several times faster on a CPU."""
    rows = images.clone()
    torch.maximum(rows[..., 1:, :], images[..., :-1, :], out=rows[..., 1:, :])
    torch.maximum(rows[..., :-1, :], images[..., 1:, :], out=rows[..., :-1, :])
    result = rows.clone()
    torch.maximum(result[..., 1:], rows[..., :-1], out=result[..., 1:])
    torch.maximum(result[..., :-1], rows[..., 1:], out=result[..., :-1])
    return result


def _tent(steps: Tensor, step: int) -> Tensor:
    """Share of the picture after `step` steps: 1 at that many, falling to 0 one step away."""
    return (1 - (steps - step).abs()).clamp(min=0)[:, None, None, None]


def _weighted_sum(values: Tensor, weights: Tensor, dim: int) -> Tensor:
    """Sum over `dim` of values times weights, whose second axis runs along `dim`, one product after the other."""
    terms = values.unbind(dim)
    total = terms[0] * weights[:, 0]
    product = torch.empty_like(total)
    for term, weight in zip(terms[1:], weights.unbind(1)[1:], strict=True):
        total += torch.mul(term, weight, out=product)
    return total


@cache
def _spline_weights(length: int, device: torch.device) -> Tensor:
    """Weights (length, GRID) of the control points for each pixel; each row has unit length."""
    spacing = max(length - 1, 1) / (GRID - 3)
    position = torch.arange(length, dtype=torch.float64)[:, None] / spacing + 1
    distance = (position - torch.arange(GRID, dtype=torch.float64)).abs()
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = (2 - distance).clamp(min=0) ** 3 / 6
    weights = torch.where(distance < 1, near, far)
    weights /= weights.square().sum(dim=1, keepdim=True).sqrt()
    return weights.to(torch.float32).to(device)
