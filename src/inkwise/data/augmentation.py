"""Batched augmentation: small random changes of digit images, drawn anew each epoch.

A sample's changes depend on the seed, the epoch and its index in the split alone, never on the batch it came in,
the batch's size or order, the number of threads or devices, or where training was resumed; on a CPU its pixels are
equal to the last bit. This file has the configuration and the order of the steps; numbers come from `draws`,
geometry from `warping`, ink from `inking`. The configuration is part of a recipe, so torch is imported only where
images are changed.
"""

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from inkwise.errors import DataError

if TYPE_CHECKING:
    import torch

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]

# Each quantity has its own numbers, so that switching one on leaves the draws of the others as they were.
_FIELDS = {"rotate": 0, "shift": 1, "scale": 2, "shear": 3, "thickness": 4, "elastic": 5}
_INK = {"tone": 6, "coarse": 7, "gaps": 8, "lines": 9, "neighbours": 10, "noise": 11}
_GEOMETRY = {"rotate", "shift", "scale", "shear", "elastic"}
_NOISE = 12  # field of the noise of each pixel
_ONE_SIDED = {"coarse", "gaps", "lines", "neighbours", "noise"}  # none of it for half of the samples
_BLOCK = 128  # images changed at a time on a CPU: their buffers stay in the second-level cache


class Augmentation(BaseModel):
    """How far each random change goes; 0 switches it off. Each amount is drawn uniformly from [-a, +a].

    Of `coarse` to `noise` half of the samples have none, and the others from 0 to a.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotate: Annotated[float, Field(ge=0, le=180)] = 0.0  # degrees
    shift: Annotated[float, Field(ge=0, le=14)] = 0.0  # pixels, each axis on its own
    scale: Annotated[float, Field(ge=0, le=0.9)] = 0.0  # fraction: 0.15 draws factors from 0.85 to 1.15, each axis
    shear: Annotated[float, Field(ge=0, le=60)] = 0.0  # degrees of slant
    thickness: Annotated[float, Field(ge=0, le=3)] = 0.0  # pixels by which strokes grow or shrink
    elastic: Annotated[float, Field(ge=0, le=10)] = 0.0  # pixels, standard deviation of a smooth displacement
    tone: Annotated[float, Field(ge=0, le=10)] = 0.0  # bend of the greys; 1 makes half ink a third or two thirds
    coarse: Annotated[float, Field(ge=0, le=1)] = 0.0  # resolution lost; 1 is half of it
    gaps: Annotated[float, Field(ge=0, le=5)] = 0.0  # pixels of a stripe without ink, where the pen failed
    lines: Annotated[float, Field(ge=0, le=1)] = 0.0  # ink left of a ruled line, across or upright
    neighbours: Annotated[float, Field(ge=0, le=1)] = 0.0  # ink left of a neighbour at the side
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0  # standard deviation, full ink being 1

    @property
    def active(self) -> bool:
        """Whether any change is switched on."""
        return any(getattr(self, name) > 0 for name in type(self).model_fields)


def augment(
    images: "torch.Tensor", indices: "torch.Tensor", *, epoch: int, seed: int, config: Augmentation
) -> "torch.Tensor":
    """Return each image under its own random changes.

    Strokes are thickened first and gaps torn into them; one bilinear sampling carries out scale, shear, rotation, shift
    and elastic displacement together; lines and neighbours are added; then come tone, resolution and noise. What comes
    from outside the image is background.

    Args:
        images: (N, 1, H, W), uint8 from 0 to 255 or floating point from 0 to 1, ink high.
        indices: (N,) int64, each image's position in its split.
        epoch: another epoch gives other changes.
        seed: another seed gives other changes.
        config: how far each change goes; with all at 0 the result is images / 255 exactly.

    Returns:
        float32 (N, 1, H, W) in [0, 1], on the device of `images`.

    Raises:
        DataError: the images and indices have shapes or dtypes that do not fit.
    """
    import torch

    _check(images, indices)
    source = images.to(torch.float32) if images.is_floating_point() else images / 255
    if not config.active or not len(images):
        return source
    result = torch.empty_like(source, memory_format=torch.contiguous_format)
    block = _BLOCK if images.device.type == "cpu" else len(images)
    indices = indices.to(images.device)
    for start in range(0, len(images), block):
        rows = slice(start, start + block)
        result[rows] = _change(source[rows].contiguous(), indices[rows], epoch, seed, config)
    return result


def parameters(keys: "torch.Tensor", config: Augmentation) -> dict[str, "torch.Tensor"]:
    """Return what is drawn for each sample, in the config's units: float32 tensors of N rows.

    `rotate`, `shear` and `thickness` are (N,); `shift` and `scale` (as a factor) are (N, 2), x then y; `elastic` is
    (N, 2, 7, 7), the control values of the displacement field. Changes of ink are (N, 4): the amount, and three
    numbers from -1 to 1 that say where. Only what is switched on is present.

    Args:
        keys: int64 (N,), from `draws.sample_keys`.
        config: how far each change goes.
    """
    from inkwise.data import draws, warping

    drawn = {}
    for name, field in _FIELDS.items():
        amount = getattr(config, name)
        if not amount:
            continue
        if name == "elastic":
            control = draws.normal(keys, field, 2 * warping.GRID**2) * amount
            drawn[name] = control.reshape(-1, 2, warping.GRID, warping.GRID)
        elif name in ("shift", "scale"):
            drawn[name] = draws.uniform(keys, field, 2) * amount + (1.0 if name == "scale" else 0.0)
        else:
            drawn[name] = draws.uniform(keys, field, 1)[:, 0] * amount
    for name, field in _INK.items():
        amount = getattr(config, name)
        if amount:
            values = draws.uniform(keys, field, 4)
            if name in _ONE_SIDED:
                values[:, 0].clamp_(min=0)
            values[:, 0] *= amount
            drawn[name] = values
    return drawn


def _change(
    images: "torch.Tensor", indices: "torch.Tensor", epoch: int, seed: int, config: Augmentation
) -> "torch.Tensor":
    """The changes themselves, on float32 images of one block."""
    from inkwise.data import draws, inking, warping

    keys = draws.sample_keys(seed, epoch, indices)
    drawn = parameters(keys, config)
    height, width = images.shape[2:]
    if "thickness" in drawn:
        images = warping.thicken(images, drawn["thickness"])
    if "gaps" in drawn:
        wide, turn, away, _ = drawn["gaps"].unbind(1)
        images = images * (1 - inking.band(height, width, turn * 180, away * (height / 4), wide))
    if drawn.keys() & _GEOMETRY:
        none = images.new_zeros(len(images))
        matrix = warping.affine_matrix(
            rotate=drawn.get("rotate", none),
            shift=drawn.get("shift", none[:, None].expand(-1, 2)),
            scale=drawn.get("scale", none[:, None].expand(-1, 2) + 1),
            shear=drawn.get("shear", none),
        )
        field = warping.elastic_field(drawn["elastic"], height, width) if "elastic" in drawn else None
        images = warping.warp(images, matrix, field)
    if "neighbours" in drawn:
        images = _beside(images, drawn["neighbours"])
    if "lines" in drawn:
        ink, which, away, slope = drawn["lines"].unbind(1)
        upright = (which > 0) * 90.0  # the normal's direction: a line across, or an upright one
        line = inking.band(height, width, upright + slope * 3, away * (height / 2), which.abs() * 2)
        images = images.maximum(line * ink[:, None, None, None])
    if "tone" in drawn:
        images = inking.tone(images.clamp(0, 1), drawn["tone"][:, 0])
    if "coarse" in drawn:
        images = inking.coarsen(images, drawn["coarse"][:, 0])
    if "noise" in drawn:
        noise = draws.normal(keys, _NOISE, height * width).reshape(-1, 1, height, width)
        images = inking.add_noise(images, noise * drawn["noise"][:, 0, None, None, None])
    return images.clamp_(0, 1)  # bilinear weights may add up to a last bit above 1


def _beside(images: "torch.Tensor", drawn: "torch.Tensor") -> "torch.Tensor":
    """Each image with a fainter copy of itself pushed almost out of view, as a neighbour would stand there."""
    import torch

    from inkwise.data import warping

    ink, side, down, _ = drawn.unbind(1)
    width = images.shape[3]
    away = torch.where(side < 0, -1.0, 1.0) * (0.55 + 0.2 * side.abs()) * width
    none = torch.zeros_like(ink)
    shift = torch.stack([away, down * 5], dim=1)
    matrix = warping.affine_matrix(rotate=none, shift=shift, scale=none[:, None].expand(-1, 2) + 1, shear=none)
    return images.maximum(warping.warp(images, matrix) * ink[:, None, None, None])


def _check(images: "torch.Tensor", indices: "torch.Tensor") -> None:
    """Refuse what would otherwise fail deep inside, or broadcast silently."""
    import torch

    if images.ndim != 4 or images.shape[1] != 1 or not (images.is_floating_point() or images.dtype == torch.uint8):
        raise DataError(
            f"Augmentation got images of shape {tuple(images.shape)} and dtype {images.dtype}; it takes (N, 1, H, W), "
            "uint8 or floating point: reshape or convert them."
        )
    if indices.dtype != torch.int64 or indices.shape != images.shape[:1]:
        raise DataError(
            f"Augmentation got indices of shape {tuple(indices.shape)} and dtype {indices.dtype} for "
            f"{images.shape[0]:,} images; it takes one int64 index per image, its position in the split."
        )
