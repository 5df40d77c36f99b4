"""Which pixels an answer hangs on: three maps of the image's height and width.

`gradient` asks how a score would change with each pixel, `occlusion` how it does change when a square is covered,
`grad_cam` which places of a layer speak for it. All three explain one output of any torch module: its score, the
logit behind a last softmax or sigmoid (see `score`). Weights, their gradients and the modes of the network stay
as they were; dropout and batch statistics are off.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from inkwise.convolution.window import spelled
from inkwise.errors import ShapeError, UnknownName, UsageError
from inkwise.explain.score import check_target, one_image, scores_of
from inkwise.explain.taps import at_rest, tapped
from inkwise.models.network import Pixels

Kind = Literal["absolute", "signed", "times-input"]
Of = Literal["score", "probability"]
KINDS: Final[tuple[Kind, ...]] = ("absolute", "signed", "times-input")


def gradient(
    network: nn.Module, image: Tensor, target: int | object, *, kind: str = "absolute"
) -> Float[Tensor, "h w"]:
    """Return the gradient of a score with respect to each pixel.

    absolute      M[r, c] = max over channels k of |dS / dx[k, r, c]|    how much the score hangs on the pixel
    signed        M[r, c] = sum over channels k of dS / dx[k, r, c]      whether more ink would speak for it
    times-input   M[r, c] = sum over channels k of x[k, r, c] dS / dx[k, r, c]

    S is the score of output `target`. The last is exact for a linear network: the pixels' shares add up to S less
    the bias. Simonyan, Vedaldi and Zisserman 2013, arXiv:1312.6034; times input, Shrikumar et al., arXiv:1605.01713.

    Args:
        network: Takes (1, C, H, W) and gives (1, outputs).
        image: (H, W), (C, H, W) or (1, C, H, W): uint8, or floats in the range that the network takes.
        target: Which output, from 0.
        kind: "absolute", "signed" or "times-input".

    Returns:
        (H, W), of the weights' dtype, on the CPU.

    Raises:
        ShapeError: The image is not one image, or the network cannot take it.
        UsageError: There is no such output or kind, or the output has no gradient with respect to the image.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no kind of gradient {kind!r}; give {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    with at_rest(network), torch.inference_mode(False), torch.enable_grad():
        pixels = one_image(image, network).requires_grad_()
        score = _score(network, pixels.clone(), target)  # a copy: a network may overwrite what it is given
        (slope,) = torch.autograd.grad(score, pixels, materialize_grads=True)
    if kind == "absolute":
        return slope[0].abs().amax(0).cpu()
    return (slope if kind == "signed" else slope * pixels.detach())[0].sum(0).cpu()


def occlusion(
    network: nn.Module,
    image: Tensor,
    target: int | object,
    *,
    size: int | tuple[int, int] = 5,
    stride: int | tuple[int, int] = 1,
    value: int | float = 0,
    of: str = "score",
    batch_size: int = 256,
) -> Float[Tensor, "h w"]:
    """Return by how much the answer drops where a square covers the image.

    D(q) = S(x) - S(x covered by square q),    M[r, c] = mean of D(q) over the squares q that cover pixel (r, c)

    Positive where the covered ink, or paper, spoke for the answer. Squares start every `stride` pixels from the upper
    left corner, and a last one touches each far edge, so that every pixel is covered. Zeiler and Fergus 2014,
    arXiv:1311.2901, whose square is grey and whose map is of the probability.

    Args:
        network: Takes (N, C, H, W) and gives (N, outputs).
        image: (H, W), (C, H, W) or (1, C, H, W): uint8, or floats in the range that the network takes.
        target: Which output, from 0.
        size: Height and width of the square in pixels, or one number for both.
        stride: Pixels from square to square, down and across, or one number for both; at most the size.
        value: What the square is filled with; 0 is paper.
        of: "score", or "probability" for the drop of the probability.
        batch_size: Covered images at a time; it bounds memory and changes nothing else.

    Returns:
        (H, W), of the weights' dtype, on the CPU.

    Raises:
        ShapeError: The image is not one image, the network cannot take it, or the square is larger than it.
        UsageError: There is no such output, or a size, stride, value or batch size cannot be.
    """
    drops, tops, lefts, (high, wide) = _drops(
        network, image, target, size=size, stride=stride, value=value, of=of, batch_size=batch_size
    )
    total, covers = (torch.zeros(image.shape[-2:], dtype=drops.dtype) for _ in range(2))
    for row, top in enumerate(tops):
        for column, left in enumerate(lefts):
            total[top : top + high, left : left + wide] += drops[row, column]
            covers[top : top + high, left : left + wide] += 1
    return total / covers


def grad_cam(
    network: nn.Module, image: Tensor, target: int | object, layer: str | None = None, *, enlarged: bool = True
) -> Float[Tensor, "h w"]:
    """Return which places of a layer's maps speak for an answer.

    a[k] = mean over places (i, j) of dS / dA[k, i, j],    L[i, j] = max(0, sum over channels k of a[k] A[k, i, j])

    A are the layer's maps and S is the score of output `target`. Selvaraju et al. 2017, arXiv:1610.02391.

    Args:
        network: Takes (1, C, H, W) and gives (1, outputs).
        image: (H, W), (C, H, W) or (1, C, H, W): uint8, or floats in the range that the network takes.
        target: Which output, from 0.
        layer: A module's name as in `network.named_modules()`; the last that gives maps of more than one place,
            unless given. A module that runs twice counts by its last run.
        enlarged: Whether to bring the map to the image's size, between places by bilinear interpolation; otherwise
            it keeps the layer's own.

    Returns:
        (H, W), or the layer's own height and width, at least 0, of the weights' dtype, on the CPU.

    Raises:
        ShapeError: The image is not one image, or the network cannot take it.
        UnknownName: There is no such layer.
        UsageError: There is no such output, the layer has no maps, or no gradient reaches it.
    """
    heard: dict[str, Tensor] = {}
    shapes: dict[str, tuple[int, ...]] = {}

    def listen(name: str, part: nn.Module, output: Tensor) -> Tensor | None:
        shapes[name] = tuple(output.shape[1:])
        if output.ndim != 4 or output.shape[-2:].numel() < 2 or isinstance(part, Pixels):
            return None
        heard[name] = output
        return output.clone()  # the next layer may overwrite what it is given

    with at_rest(network), torch.inference_mode(False), torch.enable_grad():
        pixels = one_image(image, network)
        with tapped(network, listen):
            score = _score(network, pixels.clone().requires_grad_().clone(), target)
        name = _pick(layer, shapes, tuple(heard))
        maps = heard[name]  # (1, K, h, w)
        (slope,) = torch.autograd.grad(score, maps, allow_unused=True) if maps.requires_grad else (None,)
    if slope is None:
        raise UsageError(f"Output {target} does not hang on the maps of layer {name!r}; give another layer.")
    weights = slope.mean((2, 3), keepdim=True)  # (1, K, 1, 1)
    cam = (weights * maps.detach()).sum(1, keepdim=True).relu()  # (1, 1, h, w)
    if enlarged:
        cam = functional.interpolate(cam, size=tuple(pixels.shape[-2:]), mode="bilinear", align_corners=False)
    return cam[0, 0].cpu()


def _pick(layer: str | None, shapes: Mapping[str, tuple[int, ...]], maps: Sequence[str]) -> str:
    """Return the name of the layer to look at: `layer`, or the last that has maps."""
    if layer is not None and layer not in shapes:
        raise UnknownName("layer", layer, shapes)
    if maps and (layer is None or layer in maps):
        return layer or maps[-1]
    cure = f"give {', '.join(maps)}" if maps else "no layer of this network does, so use gradient or occlusion"
    given = "A layer" if layer is None else f"Layer {layer!r}, {spelled(shapes[layer])},"
    verb = "must give" if layer is None else "does not give"
    raise UsageError(f"{given} {verb} maps of more than one place for Grad-CAM; {cure}.")


def _score(network: nn.Module, pixels: Tensor, target: int | object) -> Tensor:
    scores = scores_of(network, pixels).scores
    chosen = check_target(target, scores.shape[1])
    if not scores.requires_grad:
        raise UsageError(
            f"Output {chosen} has no gradient with respect to the image: something in the network detaches it or "
            "rounds it; use occlusion, which needs none."
        )
    return scores[0, chosen]


def _drops(
    network: nn.Module,
    image: Tensor,
    target: int | object,
    *,
    size: int | tuple[int, int],
    stride: int | tuple[int, int],
    value: int | float,
    of: str,
    batch_size: int,
) -> tuple[Float[Tensor, "rows columns"], list[int], list[int], tuple[int, int]]:
    """Return the drop for each square, the rows and columns where squares start, and the square's size."""
    pixels = one_image(image, network)
    square, step = _pair(size), _pair(stride)
    _check_squares(square, step, tuple(pixels.shape[-2:]))
    if of not in {"score", "probability"}:
        raise UsageError(f"There is no drop of {of!r}; give score or probability.")
    if batch_size < 1:
        raise UsageError(f"batch_size is {batch_size}; it must be at least 1.")
    if not -float("inf") < value < float("inf"):
        raise UsageError(f"The square is filled with {value}; give a finite number, such as 0 for paper.")
    tops, lefts = (
        _starts(extent, side, step_) for extent, side, step_ in zip(pixels.shape[-2:], square, step, strict=True)
    )
    with at_rest(network), torch.no_grad():
        whole = _answer(network, pixels, target, of)
        places = torch.cartesian_prod(torch.tensor(tops), torch.tensor(lefts)).to(pixels.device)  # (squares, 2)
        batches: Sequence[Tensor] = torch.split(places, batch_size)
        covered = [_answer(network, _covered(pixels, batch, square, value), target, of) for batch in batches]
    return (whole - torch.cat(covered)).reshape(len(tops), len(lefts)).cpu(), tops, lefts, square


def _answer(network: nn.Module, images: Tensor, target: int | object, of: str) -> Tensor:
    answers = scores_of(network, images)
    values = answers.scores if of == "score" else answers.probabilities
    return values[:, check_target(target, values.shape[1])]


def _covered(image: Tensor, places: Tensor, square: tuple[int, int], value: int | float) -> Tensor:
    """Return a copy of the image for each place (row, column), with a square there filled with `value`."""
    rows, columns = (
        (torch.arange(extent, device=image.device) >= places[:, axis, None])
        & (torch.arange(extent, device=image.device) < places[:, axis, None] + side)
        for axis, (extent, side) in enumerate(zip(image.shape[-2:], square, strict=True))
    )  # (squares, H), (squares, W)
    inside = (rows[:, :, None] & columns[:, None, :])[:, None]  # (squares, 1, H, W)
    return torch.where(inside, torch.as_tensor(value, dtype=image.dtype, device=image.device), image)


def _starts(extent: int, side: int, step: int) -> list[int]:
    starts = list(range(0, extent - side + 1, step))
    return starts if starts[-1] == extent - side else [*starts, extent - side]


def _pair(given: int | tuple[int, int]) -> tuple[int, int]:
    return (given, given) if isinstance(given, int) else given


def _check_squares(square: tuple[int, int], step: tuple[int, int], extent: tuple[int, ...]) -> None:
    if min(square) < 1:
        raise UsageError(f"The covering square is {spelled(square)}; give a size of at least 1 pixel.")
    if any(side > room for side, room in zip(square, extent, strict=True)):
        raise ShapeError(
            f"The covering square, {spelled(square)}, is larger than the image, {spelled(extent)}; "
            "give a size that fits in it."
        )
    if min(step) < 1:
        raise UsageError(f"The stride is {spelled(step)}; give at least 1 pixel.")
    if any(far > side for far, side in zip(step, square, strict=True)):
        raise UsageError(
            f"A stride of {spelled(step)} is wider than the covering square, {spelled(square)}, and would leave pixels "
            "never covered; give a stride of at most the size."
        )
